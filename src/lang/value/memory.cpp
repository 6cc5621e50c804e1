#include "lang/value/memory.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "lang/value/census.hpp"
#include "lang/value/error.hpp"
#include "lang/value/leaks.hpp"
#include "lang/value/out_of_memory.hpp"
#include "lang/vm/thread.hpp"

#if REOPS_SYSTEM_MALLOC
#define REOPS_MALLOC std::malloc
#define REOPS_FREE std::free
#else
#include <mimalloc.h>
#define REOPS_MALLOC mi_malloc
#define REOPS_FREE mi_free
#endif

#if !REOPS_SYSTEM_MALLOC
// Debian's mimalloc is compiled as C: its operators end the process when there is no memory. Ours throw, as
// the standard has it; what they return is freed by mimalloc's.
void* operator new(size_t bytes) {
  if (void* memory = mi_malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void* operator new[](size_t bytes) { return operator new(bytes); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  if (void* memory = mi_malloc_aligned(bytes, static_cast<size_t>(alignment))) return memory;
  throw std::bad_alloc();
}
void* operator new[](size_t bytes, std::align_val_t alignment) { return operator new(bytes, alignment); }
#endif

namespace reops::lang {
namespace {

// Asking the system how large we are costs microseconds, so it is done once per this many bytes of
// allocation.
constexpr size_t k_check_every = size_t{4} << 20;
// From this size on an allocation is checked before it is made; smaller ones raise the error at the next
// poll.
constexpr size_t k_large = size_t{1} << 20;

size_t half_of_machine() {
  return static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE)) / 2;
}

std::atomic<size_t> g_limit{half_of_machine()};
thread_local size_t t_since_check = 0;
thread_local bool t_exhausted = false;

size_t resident_bytes() {
  FILE* f = std::fopen("/proc/self/statm", "re");
  if (!f) return 0;
  unsigned long total = 0, resident = 0;
  int read = std::fscanf(f, "%lu %lu", &total, &resident);
  std::fclose(f);
  return read == 2 ? resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

[[noreturn]] void throw_out_of_memory() {
  throw_diagnostic(ErrorClass::out_of_memory, "reops/out-of-memory",
                   "Out of memory: this evaluation would pass the limit of " +
                       std::to_string(memory_limit() >> 20) + " MiB",
                   "Is an endless sequence being collected? The limit is --memory-limit.");
}

void note_allocation(size_t bytes) {
  t_since_check += bytes;
  if (t_since_check < k_check_every && bytes < k_large) [[likely]]
    return;
  t_since_check = 0;
  size_t limit = g_limit.load(std::memory_order_relaxed);
  if (limit == 0) return;
  size_t now = resident_bytes();
  if (now + (bytes < k_large ? 0 : bytes) <= limit) return;
  if (bytes >= k_large) throw_out_of_memory();
  t_exhausted = true;
  if (t_thread) t_thread->ask(Thread::memory);
}

// Objects whose count has reached zero and whose slots are still to be released. Mostly there are only a few.
class Dying {
 public:
  void push(Object* o) {
    if (count_ < k_few) {
      few_[count_++] = o;
    } else {
      push_more(o);
    }
  }
  /// Null when there are none.
  Object* pop() {
    if (more_ && !more_->empty()) [[unlikely]] {
      Object* o = more_->back();
      more_->pop_back();
      return o;
    }
    return count_ == 0 ? nullptr : few_[--count_];
  }

 private:
  [[gnu::noinline]] void push_more(Object* o) {
    if (!more_) more_ = std::make_unique<std::vector<Object*>>();
    more_->push_back(o);
  }

  static constexpr size_t k_few = 30;
  size_t count_ = 0;
  Object* few_[k_few];
  std::unique_ptr<std::vector<Object*>> more_;
};

}  // namespace

#if REOPS_CHECKS_LEAKS
std::atomic<int64_t> g_live_objects[static_cast<size_t>(Kind::k_count)];
#endif

Object* allocate(Kind kind, size_t bytes) {
  note_allocation(bytes);
  void* memory = REOPS_MALLOC(bytes);
  if (!memory) throw Thrown(Ref(out_of_memory_error()));
  Object* o = static_cast<Object*>(memory);
  o->count = 1;
  o->kind = kind;
  o->flags = 0;
  o->aux = 0;
  count_object(kind, 1);
  return o;
}

void destroy(Object* o) {
  Dying dying;
  do {
    for (Value slot : slots_of(*o)) {
      if (slot.is_object() && drop_count(slot.as_object())) dying.push(slot.as_object());
    }
    if (o->aux & k_cell_noted && info(*o).cell) forget_cell(*o);
    if (auto* finalize = info(*o).finalize) finalize(*o);
    count_object(o->kind, -1);
    REOPS_FREE(o);
    o = dying.pop();
  } while (o);
}

void prepare_memory() {
#if !REOPS_SYSTEM_MALLOC
  // The first segment of each thread is committed as a whole, which is only address space. Bit by bit,
  // mimalloc takes it for memory that was used before, and clears the segment's header: 44 KB that are then
  // there.
  mi_option_set_default(mi_option_eager_commit_delay, 0);
#endif
}

void set_memory_limit(size_t bytes) { g_limit.store(bytes, std::memory_order_relaxed); }
size_t memory_limit() { return g_limit.load(std::memory_order_relaxed); }

void check_memory(size_t bytes) {
  size_t limit = g_limit.load(std::memory_order_relaxed);
  if (bytes >= k_large && limit != 0 && resident_bytes() + bytes > limit) throw_out_of_memory();
}

bool take_memory_exhausted() { return std::exchange(t_exhausted, false); }

}  // namespace reops::lang
