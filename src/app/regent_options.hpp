#pragma once
// Options of regent that stand in a file of EDN: {:server ["reops.example:7450"] :server-key "…" :memory 512}

#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace reops::app {

/// By name, without colon; of a vector each element.
using FileOptions = std::vector<std::pair<std::string, std::string>>;

/// Reads them in a process of its own, since the one that asks is not to have the language in it.
base::Result<FileOptions> read_options(const std::string& path);

}  // namespace reops::app
