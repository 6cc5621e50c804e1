// Threads as values, and the methods of java.lang.Thread that Clojure programs call on the one they run on.

#include "lang/runtime/host_tables.hpp"
#include "lang/runtime/type_kinds.hpp"
#include "lang/value/error.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/number.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

using HostArgs = std::span<const Value>;

class ThreadView : public Resource {
 public:
  explicit ThreadView(std::shared_ptr<ThreadIdentity> identity) : identity_(std::move(identity)) {}
  std::string describe() const override { return "Thread " + name(); }
  std::string name() const {
    std::lock_guard held(identity_->lock);
    return identity_->name;
  }
  ThreadIdentity& identity() const { return *identity_; }

 private:
  std::shared_ptr<ThreadIdentity> identity_;
};

const ThreadView& thread_argument(Value v) {
  if (const ThreadView* thread = resource_of<ThreadView>(v)) return *thread;
  throw_class_cast(v, "a thread");
}

// What `use` says of the thread, which cannot end meanwhile; false when it has ended.
template <class Use>
bool while_it_lives(Value v, Use use) {
  ThreadIdentity& identity = thread_argument(v).identity();
  std::lock_guard held(identity.lock);
  return identity.thread && use(*identity.thread);
}

Ref get_name(Value v, HostArgs args) {
  expect_args("getName", args, 0, 0);
  return make_string(thread_argument(v).name());
}
Ref set_name(Value v, HostArgs args) {
  expect_args("setName", args, 1, 1);
  if (!is<String>(args[0])) throw_class_cast(args[0], "a string to name the thread");
  ThreadIdentity& identity = thread_argument(v).identity();
  std::lock_guard held(identity.lock);
  identity.name = text_of(args[0]);
  return nil();
}
Ref get_id(Value v, HostArgs args) {
  expect_args("getId", args, 0, 0);
  return integer(static_cast<int64_t>(thread_argument(v).identity().number));
}
Ref interrupt(Value v, HostArgs args) {
  expect_args("interrupt", args, 0, 0);
  while_it_lives(v, [](Thread& thread) {
    interrupt_thread(thread);
    return true;
  });
  return nil();
}
Ref is_interrupted(Value v, HostArgs args) {
  expect_args("isInterrupted", args, 0, 0);
  return boolean(
      while_it_lives(v, [](Thread& thread) { return (thread.requests.load() & Thread::interrupt) != 0; }));
}
Ref is_alive(Value v, HostArgs args) {
  expect_args("isAlive", args, 0, 0);
  return boolean(while_it_lives(v, [](Thread&) { return true; }));
}

constexpr HostMethod k_thread[] = {{"getName", get_name},    {"setName", set_name},
                                   {"getId", get_id},        {"threadId", get_id},
                                   {"interrupt", interrupt}, {"isInterrupted", is_interrupted},
                                   {"isAlive", is_alive}};

constexpr HostMethods k_tables[] = {{kinds(Kind::Handle), k_thread, {}}};

}  // namespace

Ref current_thread() {
  Thread& thread = this_thread();
  if (thread.view.is_nil()) {
    thread.view = make_handle(new ThreadView(thread.identity));
    publish(thread.view);
  }
  return thread.view;
}

std::span<const HostMethods> thread_host_methods() { return k_tables; }

}  // namespace reops::lang
