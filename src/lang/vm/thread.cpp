#include "lang/vm/thread.hpp"

#include <pthread.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

#include "lang/runtime/cycles.hpp"
#include "lang/value/error.hpp"
#include "lang/value/leaks.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/handshake.hpp"
#include "lang/vm/registry.hpp"

namespace reops::lang {
namespace {

std::atomic<size_t> g_main_stack_bytes{size_t{256} << 20};
std::atomic<size_t> g_other_stack_bytes{size_t{64} << 20};

// Smallest stack worth having, when the system grants no more address space.
constexpr size_t k_least_stack_bytes = size_t{1} << 20;
// Address space that a new thread must leave to everybody's allocations: one that took the last of it would
// bring the process down.
constexpr size_t k_spare_bytes = size_t{128} << 20;
// Kept when trimming: touching the first pages again right away would cost more than they are worth.
constexpr size_t k_kept_bytes = size_t{256} << 10;
// What must remain of the native stack for the code that reports its exhaustion.
constexpr size_t k_native_reserve = size_t{256} << 10;
// A native stack without a limit of its own (ulimit -s unlimited) is used up to here.
constexpr size_t k_most_native_stack = size_t{64} << 20;

// More than the variables of a thread's own ever take.
constexpr size_t k_most_thread_locals = size_t{128} << 10;

void* reserve(size_t bytes) {
  void* range =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return range == MAP_FAILED ? nullptr : range;
}

bool is_main_thread() { return getpid() == static_cast<pid_t>(syscall(SYS_gettid)); }

struct NativeStack {
  uintptr_t end;  ///< one past its highest byte
  size_t size;
};

/// The stack that the system made for the process. Asking pthread for it reads all of /proc/self/maps, which
/// takes longer than everything else that starts a thread; but the program's name lies at its very end.
std::optional<NativeStack> find_main_stack() {
  uintptr_t name = getauxval(AT_EXECFN);
  rlimit limit;
  if (name == 0 || getrlimit(RLIMIT_STACK, &limit) != 0) return std::nullopt;
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  return NativeStack{(name + page) & ~(page - 1), limit.rlim_cur};
}

std::optional<NativeStack> find_stack_of_thread() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return std::nullopt;
  void* lowest = nullptr;
  size_t size = 0;
  pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  return NativeStack{reinterpret_cast<uintptr_t>(lowest) + size, size};
}

uintptr_t limit_of(NativeStack stack) {
  auto [end, size] = stack;
  size_t usable = size < k_most_native_stack ? size : k_most_native_stack;
  size_t reserved = usable / 4 < k_native_reserve ? usable / 4 : k_native_reserve;
  return end - usable + reserved;
}

uintptr_t find_native_limit() {
  std::optional<NativeStack> stack = is_main_thread() ? find_main_stack() : std::nullopt;
  if (!stack) stack = find_stack_of_thread();
  return stack ? limit_of(*stack) : 0;
}

void give_back(char* from, char* to) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  auto begin = (reinterpret_cast<uintptr_t>(from) + k_kept_bytes + page - 1) & ~(page - 1);
  auto end = reinterpret_cast<uintptr_t>(to) & ~(page - 1);
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

std::shared_ptr<ThreadIdentity> new_identity(Thread* thread) {
  static std::atomic<uint64_t> last{0};
  auto identity = std::make_shared<ThreadIdentity>();
  identity->number = ++last;
  identity->thread = thread;
  return identity;
}

}  // namespace

thread_local Thread* t_thread = nullptr;

Thread::Thread(size_t stack_bytes) : identity(new_identity(this)) {
  // Where address space is rationed (ulimit -v, strict overcommit) a smaller stack is better than none.
  for (size_t bytes = stack_bytes;; bytes /= 2) {
    void* values = reserve(bytes);
    void* calls = values ? reserve(bytes / 2) : nullptr;
    if (calls) {
      stack = top = static_cast<Value*>(values);
      stack_end = stack + bytes / sizeof(Value);
      caches = static_cast<Caches*>(calls);
      frames = frame = reinterpret_cast<Frame*>(caches + 1);
      frames_end = frames + (bytes / 2 - sizeof(Caches)) / sizeof(Frame);
      note_references_in(stack, bytes);
      frames_limit = frames_end;
      *frame = Frame{.fn = nullptr,
                     .code = nullptr,
                     .pc = nullptr,
                     .base = stack,
                     .flags = Frame::k_entry,
                     .resume = nullptr};
      break;
    }
    if (values) munmap(values, bytes);
    if (bytes / 2 < k_least_stack_bytes) {
      throw_error(
          ErrorClass::out_of_memory,
          std::string("Out of memory: no room for the stack of a new thread (") + std::strerror(errno) + ")");
    }
  }
}

Thread::~Thread() {
  {
    std::lock_guard held(identity->lock);
    identity->thread = nullptr;
  }
  const size_t stack_bytes = static_cast<size_t>(stack_end - stack) * sizeof(Value);
  forget_references_in(stack, stack_bytes);
  munmap(static_cast<void*>(stack), stack_bytes);
  size_t frame_bytes = static_cast<size_t>(stack_end - stack) * sizeof(Value) / 2;
  munmap(static_cast<void*>(caches), frame_bytes);
}

uintptr_t native_limit_of_new_thread(size_t size) {
  // At its upper end lie what the system keeps of the thread, and the variables that are the thread's own.
  return limit_of({reinterpret_cast<uintptr_t>(__builtin_frame_address(0)), size - k_most_thread_locals});
}

void set_stack_bytes(size_t main_thread, size_t other_threads) {
  g_main_stack_bytes = main_thread < k_least_stack_bytes ? k_least_stack_bytes : main_thread;
  g_other_stack_bytes = other_threads < k_least_stack_bytes ? k_least_stack_bytes : other_threads;
}

std::unique_ptr<Thread> reserve_thread(bool large) {
  auto thread = std::make_unique<Thread>((large ? g_main_stack_bytes : g_other_stack_bytes));
  void* spare = reserve(k_spare_bytes);
  if (!spare) throw_error(ErrorClass::out_of_memory, "Out of memory: no room for another thread");
  munmap(spare, k_spare_bytes);
  return thread;
}

ThreadScope::ThreadScope()
    : ThreadScope(is_main_thread() ? std::make_unique<Thread>(g_main_stack_bytes) : reserve_thread()) {}

ThreadScope::ThreadScope(std::unique_ptr<Thread> thread) : thread_(thread.release()), outer_(t_thread) {
  if (thread_->native_limit == 0) thread_->native_limit = find_native_limit();
  if (outer_) outer_was_blocked_ = enter_blocked(*outer_);
  t_thread = thread_;
  enter_registry(*thread_);
}

ThreadScope::~ThreadScope() {
  forget_interrupt_target(*thread_);
  // Bindings may hold the last count of anything, whose destruction may still want a thread.
  thread_->bindings = Ref();
  thread_->conveyed = Ref();
  thread_->binding_stack.clear();
  thread_->locals = Ref();
  thread_->fused.clear();
  leave_registry(*thread_);
  t_thread = outer_;
  delete thread_;
  if (outer_) leave_blocked(*outer_, outer_was_blocked_);
}

void trim_stacks(Thread& thread) {
  give_back(reinterpret_cast<char*>(thread.top), reinterpret_cast<char*>(thread.stack_end));
  give_back(reinterpret_cast<char*>(thread.frame + 1), reinterpret_cast<char*>(thread.frames_end));
}

namespace {

[[noreturn]] void throw_interrupt(Thread& thread) {
  clear_interrupt(thread);
  throw_error(ErrorClass::interrupted, "Interrupted");
}

}  // namespace

void serve_requests(Thread& thread) {
  // In this order: what is asked from here on takes the limit back.
  thread.frames_limit.store(thread.frames_end);
  uint32_t asked = thread.requests.load(std::memory_order_acquire);
  if (asked & Thread::handshake) acknowledge_handshake(thread);
  if (asked & Thread::collect) {
    thread.requests.fetch_and(~uint32_t{Thread::collect});
    collect_cycles();
  }
  if (asked & Thread::memory) {
    thread.requests.fetch_and(~uint32_t{Thread::memory});
    take_memory_exhausted();
    throw_diagnostic(ErrorClass::out_of_memory, "reops/out-of-memory",
                     "Out of memory: this evaluation would pass the limit of " +
                         std::to_string(memory_limit() >> 20) + " MiB",
                     "Is an endless sequence being collected? The limit is --memory-limit.");
  }
  const bool is_held = thread.interrupt_holds > 0 && !(asked & Thread::insist);
  if (asked & Thread::interrupt && !is_held) throw_interrupt(thread);
}

InterruptHold::~InterruptHold() {
  // Calls look at the limit alone.
  if (--thread_.interrupt_holds == 0 && thread_.requests.load()) thread_.frames_limit.store(nullptr);
}

void poll() {
  Thread* thread = t_thread;
  if (thread && thread->requests.load(std::memory_order_relaxed) != 0) [[unlikely]]
    serve_requests(*thread);
}

void poll_after_wait() {
  if (Thread* thread = t_thread; thread && thread->requests.load() & Thread::interrupt)
    throw_interrupt(*thread);
  poll();
}

void interrupt_thread(Thread& thread) {
  uint32_t seen = thread.requests.load();
  const auto again = [&] { return seen & Thread::interrupt ? uint32_t{Thread::insist} : 0; };
  while (!thread.requests.compare_exchange_weak(seen, seen | Thread::interrupt | again())) {
  }
  // Not asked for once more: the thread may have served it already, and would be interrupted a second time,
  // in the middle of its handler.
  thread.frames_limit.store(nullptr);
  std::lock_guard lock(thread.wake_lock);
  if (thread.wake) (*thread.wake)();
}

bool clear_interrupt(Thread& thread) {
  return thread.requests.fetch_and(~uint32_t{Thread::interrupt | Thread::insist}) & Thread::interrupt;
}

}  // namespace reops::lang
