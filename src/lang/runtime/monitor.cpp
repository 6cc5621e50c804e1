#include "lang/runtime/monitor.hpp"

#include <mutex>
#include <unordered_map>

#include "lang/value/error.hpp"
#include "lang/vm/parking.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

struct Holder {
  const Thread* thread;
  size_t times;
};

// Monitors exist only while they are held: almost no object ever has one.
struct Monitors {
  std::mutex lock;
  std::unordered_map<uint64_t, Holder> held;
};

Monitors& monitors() {
  static auto& the = *new Monitors;
  return the;
}

bool try_enter(uint64_t key) {
  Monitors& m = monitors();
  std::lock_guard lock(m.lock);
  auto [at, free] = m.held.try_emplace(key, Holder{t_thread, 0});
  if (!free && at->second.thread != t_thread) return false;
  ++at->second.times;
  return true;
}

}  // namespace

void enter_monitor(Value object) {
  if (object.is_nil()) throw_error(ErrorClass::null_pointer, "nil has no monitor: locking needs an object");
  uint64_t key = object.bits();
  park(reinterpret_cast<const void*>(key), [key] { return try_enter(key); });
}

void leave_monitor(Value object) {
  Monitors& m = monitors();
  {
    std::lock_guard lock(m.lock);
    auto at = m.held.find(object.bits());
    if (at == m.held.end() || at->second.thread != t_thread) {
      throw_illegal_state("monitor-exit of an object whose monitor this thread does not hold");
    }
    if (--at->second.times > 0) return;
    m.held.erase(at);
  }
  unpark(reinterpret_cast<const void*>(object.bits()));
}

}  // namespace reops::lang
