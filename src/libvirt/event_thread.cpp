#include "libvirt/event_thread.hpp"

#include <mutex>
#include <system_error>
#include <thread>

#include "libvirt/error.hpp"
#include "libvirt/handles.hpp"

namespace reops::libvirt {
namespace {

base::Result<void> start() {
  const Call call{"virEventRegisterDefaultImpl", "", "libvirt"};
  silence();
  if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0) return last_error(call);
  try {
    // It ends with the process: the library has no way to unregister, and waits in poll() between events.
    std::thread([] {
      while (virEventRunDefaultImpl() == 0) {
      }
    }).detach();
  } catch (const std::system_error&) {
    return own_error("libvirt/failed", call, "no thread can be had");
  }
  return {};
}

}  // namespace

base::Result<void> ensure_event_thread() {
  static std::mutex mutex;
  static bool started = false;
  std::lock_guard lock(mutex);
  if (started) return {};
  auto result = start();
  started = result.ok();
  return result;
}

}  // namespace reops::libvirt
