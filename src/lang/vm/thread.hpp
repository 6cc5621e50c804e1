#pragma once
// A thread of the interpreter: its stack of values, its frames, and the word through which others get its
// attention.
//
// The stacks are large reserved address ranges whose pages come into being when touched, so that they grow
// without ever moving and a deep recursion ends in an error of ours at `stack_end`, not in a crash. Slots
// above `top` never hold an owned object: whoever leaves a frame has emptied it. The interpreter relies on
// that and does not clear new frames. A slot that was never written reads as the bits 0.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "lang/value/ref.hpp"

namespace reops::lang {

struct Function;
struct Code;
struct Thread;

/// One activation. `fn` is borrowed: from the caller's register, or from a var root (kept by the handshake).
/// A frame without `code` stands for a native that C++ called: it only covers that native's arguments.
struct Frame {
  enum : uint8_t {
    k_entry = 1,  ///< C++ called this one: returning from it returns to C++
    k_owned = 2,  ///< the frame holds a count of `fn`: a method that only the call itself keeps alive
  };
  Function* fn;
  Code* code;
  const uint32_t* pc;  ///< the instruction to go on with; the word before it names where a call's result goes
  Value* base;         ///< register 0
  uint8_t flags;
  const void* resume =
      nullptr;  ///< the interpreter's code for the instruction at `pc`, while another frame runs
};

/// What a call of a protocol method found last, by method and kind of first argument. Of a thread, like all
/// its caches: none is ever written by two.
struct MethodCache {
  const Object* method = nullptr;
  uint64_t key = 0;
  uint32_t epoch = 0;
  Value found;  ///< borrowed from the method table, which is retired when replaced
};
/// How others know a thread: it stays when the thread has ended.
struct ThreadIdentity {
  uint64_t number;
  std::mutex lock;
  Thread* thread;  ///< guarded by lock; null once it has ended
};

/// Where a keyword's field stands in records of a type.
struct FieldCache {
  const Object* type = nullptr;
  const Object* key = nullptr;
  uint32_t epoch = 0;
  uint32_t field = 0;
};

/// One row of each for every thread. They lie before its frames, in memory that is only there once it is
/// touched: most threads that wait have called little.
struct Caches {
  static constexpr size_t k_rows = 64;
  MethodCache methods[k_rows];
  FieldCache fields[k_rows];
};

/// What fuse (compiler/fusion.hpp) has made: of functions of this shape, this prototype; nil where there was
/// nothing to make one of.
struct FusedShape {
  std::vector<Ref> shape;
  Ref proto;
};

struct Thread {
  /// Why a poll should not pass by: bits of Request, set by any thread.
  /// `insist`: interrupted again, while the interrupt before was still to be served.
  enum Request : uint32_t { interrupt = 1, handshake = 2, memory = 4, collect = 8, insist = 16 };
  std::atomic<uint32_t> requests{0};
  /// How many InterruptHolds there are.
  uint32_t interrupt_holds = 0;
  /// frames_end, or null since something was requested: so that a call, which must look whether there is room
  /// for one more frame, needs no poll besides.
  std::atomic<Frame*> frames_limit{nullptr};

  Value* stack = nullptr;
  Value* stack_end = nullptr;
  Value* top = nullptr;  ///< first slot not in use; exact whenever code outside the interpreter loop runs
  Frame* frames = nullptr;
  Frame* frames_end = nullptr;
  Frame* frame = nullptr;  ///< current, frames[0] being a sentinel

  Caches* caches = nullptr;
  MethodCache& method_cache(const Object* method, uint64_t key) {
    return caches->methods[(reinterpret_cast<uintptr_t>(method) >> 4 ^ key >> 3) % Caches::k_rows];
  }
  FieldCache& field_cache(const Object* type, const Object* key) {
    return caches->fields[(reinterpret_cast<uintptr_t>(type) >> 4 ^ reinterpret_cast<uintptr_t>(key) >> 4) %
                          Caches::k_rows];
  }

  std::vector<FusedShape> fused;
  size_t fused_next = 0;  ///< which of them the next one takes the place of

  /// Lowest address the native stack may reach (check_stack). Looked up when the thread begins, unless who
  /// started it knows it.
  uintptr_t native_limit = 0;

  Ref bindings;                    ///< persistent map Var → Box, or nil
  std::vector<Ref> binding_stack;  ///< what `bindings` was before each push that is still in effect
  Ref locals;                      ///< map of what thread-local gives (builtin/thread_locals.cpp), or nil
  Ref conveyed;                    ///< the bindings another thread handed us: their boxes are not ours to set

  /// Inside a blocking region: others may scan this thread's stack and acknowledge a handshake for it.
  bool blocked = false;       // guarded by the registry's lock (handshake.cpp)
  uint64_t acknowledged = 0;  // likewise

  const std::shared_ptr<ThreadIdentity> identity;

  std::mutex wake_lock;
  const std::function<void()>* wake =
      nullptr;  ///< guarded by wake_lock: gets this thread out of its blocking call

  /// Sets a request. By any thread.
  void ask(Request request) {
    requests.fetch_or(request);
    frames_limit.store(nullptr);
  }

  /// Reserves `stack_bytes` of address space for values and half as much for frames.
  explicit Thread(size_t stack_bytes);
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
};

extern thread_local Thread* t_thread;
/// The calling thread's. Precondition: it runs inside a ThreadScope.
inline Thread& this_thread() { return *t_thread; }

/// Makes the calling native thread an interpreter thread while in scope: registers it for handshakes and
/// interrupts. A scope within a scope has a stack of its own; the outer thread counts as blocked meanwhile.
class ThreadScope {
 public:
  ThreadScope();
  /// With stacks that were reserved beforehand, by who can still say that there is no room for them.
  explicit ThreadScope(std::unique_ptr<Thread> thread);
  ~ThreadScope();
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  Thread* thread_;
  Thread* outer_;
  bool outer_was_blocked_ = false;
};

/// The native_limit of a thread that has just begun, and whose native stack has `size` bytes.
uintptr_t native_limit_of_new_thread(size_t size);

/// The stacks of a thread that is about to begin, as large as the first thread's if `large`. Throws
/// out-of-memory when there is no room.
std::unique_ptr<Thread> reserve_thread(bool large = false);

/// Address space for the value stacks of threads that begin from now on: of the process' first thread, and of
/// others.
void set_stack_bytes(size_t main_thread, size_t other_threads);

/// Gives the memory of stack pages well above `top` back to the system. For the end of an evaluation: costs
/// two system calls, so that one deep recursion does not stay paid for.
void trim_stacks(Thread& thread);

/// Slow half of a poll: serves what `requests` asks for. May throw (interrupt, memory).
void serve_requests(Thread& thread);

/// While there is one, polls of the calling thread let a first interrupt wait, so that what was computed is
/// not lost half-way; waits are ended by it as ever, and a second one is thrown all the same. What waits when
/// the last hold goes is thrown at the next poll.
class InterruptHold {
 public:
  explicit InterruptHold(Thread& thread) : thread_(thread) { ++thread_.interrupt_holds; }
  ~InterruptHold();
  InterruptHold(const InterruptHold&) = delete;
  InterruptHold& operator=(const InterruptHold&) = delete;

 private:
  Thread& thread_;
};

/// Asks `thread` to stop what it evaluates: it throws InterruptedException at its next poll, or out of its
/// wait. Takes locks, so not for signal handlers: those go through interrupt.hpp. `thread` must live.
void interrupt_thread(Thread& thread);

/// Forgets an interrupt that was asked for and not yet served (a new prompt, a reused worker); true if there
/// was one.
bool clear_interrupt(Thread& thread);

}  // namespace reops::lang
