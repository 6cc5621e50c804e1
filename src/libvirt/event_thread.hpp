#pragma once
// The thread that serves all connections: it reads what hypervisors say between calls (events, signs of life,
// streams).

#include "base/result.hpp"

namespace reops::libvirt {

/// Starts it, once in a process. Must come before the first connection is opened.
base::Result<void> ensure_event_thread();

}  // namespace reops::libvirt
