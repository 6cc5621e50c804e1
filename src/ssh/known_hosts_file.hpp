#pragma once
// Writing known_hosts. Programs of ours that write at the same time wait for each other; OpenSSH's only ever
// add a line at the end.

#include <string>

#include "base/result.hpp"

namespace reops::ssh {

/// Adds a line at the end, in one write. The file, and its folder, are made for the user alone if need be.
base::Result<void> append_known_host(const std::string& file, const std::string& line);

/// Adds lines all at once: whoever reads sees none or all of them, and so does who comes after a power cut.
/// The file is the user's alone afterwards.
base::Result<void> add_known_hosts(const std::string& file, const std::string& lines);

}  // namespace reops::ssh
