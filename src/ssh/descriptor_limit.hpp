#pragma once
// How many connections the process may have open.

#include <cstddef>

namespace reops::ssh {

/// How many hosts can be worked on at a time, `wanted` at the most and 1 at the least, with the descriptors
/// that the process may still open. Raises the process's soft limit, up to the hard one, when it is too low
/// for `wanted`.
std::size_t hosts_that_fit(std::size_t wanted);

}  // namespace reops::ssh
