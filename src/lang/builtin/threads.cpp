// Threads as others see them: what lib/java/lang/Thread.clj is made of.

#include <thread>

#include "lang/builtin/native.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/number.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

class ThreadView : public Resource {
 public:
  explicit ThreadView(std::shared_ptr<ThreadIdentity> identity) : identity_(std::move(identity)) {}
  std::string describe() const override { return "Thread " + std::to_string(identity_->number); }
  ThreadIdentity& identity() const { return *identity_; }

 private:
  std::shared_ptr<ThreadIdentity> identity_;
};

// What `use` says of the thread, which cannot end meanwhile; false when it has ended.
template <class Use>
bool while_it_lives(Value v, Use use) {
  const ThreadView* view = resource_of<ThreadView>(v);
  if (!view) throw_class_cast(v, "a thread's handle");
  std::lock_guard held(view->identity().lock);
  return view->identity().thread && use(*view->identity().thread);
}

Ref this_thread_handle(Args) { return make_handle(new ThreadView(this_thread().identity)); }
Ref thread_number(Args) { return integer(static_cast<int64_t>(this_thread().identity->number)); }
Ref interrupt(Args args) {
  return boolean(while_it_lives(args[0], [](Thread& thread) {
    interrupt_thread(thread);
    return true;
  }));
}
Ref is_interrupted(Args args) {
  return boolean(while_it_lives(
      args[0], [](Thread& thread) { return (thread.requests.load() & Thread::interrupt) != 0; }));
}
Ref is_alive(Args args) {
  return boolean(while_it_lives(args[0], [](Thread&) { return true; }));
}
Ref interrupt_task(Args args) {
  auto* future = try_as<Promise>(args[0]);
  if (!future || future->form != Promise::future) throw_class_cast(args[0], "a future");
  interrupt_future(*future);
  return {};
}

Ref hold_interrupts(Args args) {
  const InterruptHold hold(this_thread());
  return call(args[0], {});
}

Ref interrupted(Args) { return boolean(clear_interrupt(this_thread())); }
Ref yield(Args) {
  std::this_thread::yield();
  poll();
  return {};
}

constexpr const char* k_internal = "reops.internal";

constexpr NativeDef k_defs[] = {
    {k_internal, "this-thread", this_thread_handle, 0, 0, k_borrow_all, "([])",
     "A handle to the thread that runs this."},
    {k_internal, "thread-number", thread_number, 0, 0, k_borrow_all, "([])",
     "The number of the thread that runs this: 1 for the program's first."},
    {k_internal, "interrupt-thread!", interrupt, 1, 1, k_borrow_all, "([handle])",
     "Asks the thread to stop what it does; false when it has ended."},
    {k_internal, "thread-interrupted?", is_interrupted, 1, 1, k_borrow_all, "([handle])",
     "True while the thread was asked to stop and has not noticed."},
    {k_internal, "thread-alive?", is_alive, 1, 1, k_borrow_all, "([handle])",
     "True until the thread has ended."},
    {k_internal, "interrupt-future!", interrupt_task, 1, 1, k_borrow_all, "([future])",
     "Asks the thread that computes the future to stop what it does, if one still does. Unlike "
     "future-cancel, "
     "leaves the value to it."},
    {k_internal, "hold-interrupts", hold_interrupts, 1, 1, k_borrow_all, "([f])",
     "Calls f. A first interrupt waits meanwhile: it ends what blocks, and is thrown when f has ended, "
     "unless "
     "Thread/interrupted takes it before. A second one is thrown at once."},
    {"Thread", "interrupted", interrupted, 0, 0, k_borrow_all, "([])",
     "True when this thread was asked to stop and had not noticed; forgets it."},
    {"Thread", "yield", yield, 0, 0, k_borrow_all, "([])", "Lets other threads run first."},
};

}  // namespace

extern const NativeModule k_natives_threads;
const NativeModule k_natives_threads = {"threads", k_defs};

}  // namespace reops::lang
