#pragma once
// What libvirt says of a call that failed, as an Error: which call, on what, by which hypervisor.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reops::libvirt {

/// A call: its name in libvirt's library, what it is about ("domain web1"), and the hypervisor's URI.
struct Call {
  std::string name;
  std::string object;
  std::string uri;
};

/// The last error of this thread. Types are libvirt/no-domain, no-pool, no-volume, no-network, no-snapshot,
/// exists, unsupported, invalid, no-agent, denied, disconnected, unreachable and failed.
base::Error last_error(const Call& call);

/// An error that the library did not make.
base::Error own_error(std::string_view type, const Call& call, std::string_view reason);

/// Keeps the library from printing its errors: they are returned.
void silence();

}  // namespace reops::libvirt
