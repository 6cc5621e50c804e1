// Lazy sequences.
//
// `state` is unrealised, realised, or the number of the thread that is at it. While it is not realised,
// `thunk` is what makes it; when a thunk has answered with another lazy sequence, `thunk` is nil and `seq` is
// that other one, so that an error further down leaves what has been done already done. Once realised, `seq`
// never changes, and is read without a lock.

#include <cstddef>
#include <vector>

#include "lang/collection/seq.hpp"
#include "lang/collection/sequential.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/code.hpp"
#include "lang/vm/parking.hpp"

namespace reops::lang {
namespace {

uint32_t this_thread_number() {
  static std::atomic<uint32_t> last{k_lazy_realised};
  thread_local const uint32_t number = ++last;
  return number;
}

uint32_t state_of(const LazySeq& s) {
  return std::atomic_ref(const_cast<uint32_t&>(s.state)).load(std::memory_order_acquire);
}
void set_state(LazySeq& s, uint32_t state) {
  std::atomic_ref(s.state).store(state, std::memory_order_release);
}

// Makes the calling thread the one that realises `s`; false when it has been realised meanwhile.
bool claim(LazySeq& s) {
  const uint32_t me = this_thread_number();
  for (;;) {
    uint32_t state;
    {
      CellLock lock(s);
      state = state_of(s);
      if (state == k_lazy_unrealised) set_state(s, me);
    }
    if (state == k_lazy_unrealised) return true;
    if (state == k_lazy_realised) return false;
    if (state == me)
      throw_illegal_state("A lazy sequence asks for its own elements while it is being realised");
    park(&s, [&] { return state_of(s) != state; });
  }
}

// What a claimed sequence has come to: its seq (`state` realised), or another lazy one to go on with.
void store(LazySeq& s, Ref value, uint32_t state) {
  if (s.flags & k_shared) publish(value);
  Ref old_thunk, old_seq;
  {
    CellLock lock(s);
    old_thunk = Ref::adopt(std::exchange(s.thunk, Value::nil()));
    old_seq = Ref::adopt(std::exchange(s.seq, value.take()));
    set_state(s, state);
  }
  if (state == k_lazy_realised && s.flags & k_shared) unpark(&s);
}

void give_up(LazySeq& s) {
  set_state(s, k_lazy_unrealised);
  if (s.flags & k_shared) unpark(&s);
}

// The claimed sequences of one realisation: the one that was asked for, and those its thunk led to, each of
// which the one before keeps alive. A chain of them is followed in a loop, and a member that nobody else
// knows is dropped at once.
class Chain {
 public:
  explicit Chain(LazySeq& outer) : outer_(outer) {}
  ~Chain() {
    if (settled_) return;
    give_up(outer_);
    for (LazySeq* s : inner_) give_up(*s);
  }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  LazySeq& last() { return inner_.empty() ? outer_ : *inner_.back(); }

  void append(Ref next) {
    LazySeq& s = as<LazySeq>(next);
    bool mine = claim(s);
    if (!inner_.empty() && is_unique(inner_.back())) inner_.pop_back();
    store(last(), std::move(next), this_thread_number());
    if (mine) inner_.push_back(&s);
  }

  void settle(const Ref& seq) {
    settled_ = true;
    // From the far end: settling one may free those after it.
    for (size_t i = inner_.size(); i-- > 0;) store(*inner_[i], seq, k_lazy_realised);
    store(outer_, seq, k_lazy_realised);
  }

 private:
  LazySeq& outer_;
  std::vector<LazySeq*> inner_;
  bool settled_ = false;
};

// Whether calling the thunk uses up what it captured. What failed then cannot be tried again: it would find
// nil where its values were.
bool is_used_up_by_call(Value thunk) {
  const Function* f = try_as<Function>(thunk);
  constexpr uint32_t k_without_captures = 2;
  return f && is_unique(f) && f->length > k_without_captures && as<Proto>(f->proto).once;
}

// What the last link of a chain is made to: by its thunk, or the lazy sequence that an earlier attempt got
// to.
Ref make(LazySeq& s) {
  if (s.thunk.is_nil()) return Ref(s.seq);
  if (is<Error>(s.thunk)) throw Thrown(Ref(s.thunk));
  if (!is_used_up_by_call(s.thunk)) return call_once(s.thunk);
  try {
    return call_once(s.thunk);
  } catch (const Thrown& thrown) {
    cell_swap(s, s.thunk, thrown.error());
    throw;
  }
}

uint32_t hash_lazy(Value v) {
  LazySeq& s = as<LazySeq>(v);
  if (uint32_t h = kept_hash(s.hash)) return h;
  return keep_hash(s.hash, hash_sequential(v));
}

}  // namespace

const KindInfo k_info_LazySeq = {.name = "LazySeq",
                                 .slots_at = offsetof(LazySeq, thunk),
                                 .slots = 3,
                                 .cell = true,
                                 .hash = hash_lazy,
                                 .equal = equal_sequential};

Ref make_lazy_seq(Ref thunk) {
  LazySeq* s = allocate<LazySeq>();
  s->state = k_lazy_unrealised;
  s->hash = 0;
  s->thunk = thunk.take();
  s->seq = Value::nil();
  s->meta = Value::nil();
  return Ref::adopt(s);
}

void realise(LazySeq& s) {
  if (is_realised(s)) return;
  check_stack();
  if (!claim(s)) return;
  Chain chain(s);
  for (;;) {
    LazySeq& last = chain.last();
    Ref made = make(last);
    LazySeq* next = try_as<LazySeq>(made);
    if (next && !is_realised(*next)) {
      chain.append(std::move(made));
      continue;
    }
    chain.settle(next ? Ref(next->seq) : seq(made));
    return;
  }
}

}  // namespace reops::lang
