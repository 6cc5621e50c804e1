#pragma once
// What is in folders of this machine, for probes.

#include <functional>
#include <string>
#include <string_view>

namespace reops::facts {

/// Visits the names in a folder, in no order; none when it cannot be read.
void each_name(const std::string& folder, const std::function<void(std::string_view)>& visit);
/// A line for each, as `ls -1` prints them.
std::string names_in(const std::string& folder);
bool is_folder(const std::string& path);

}  // namespace reops::facts
