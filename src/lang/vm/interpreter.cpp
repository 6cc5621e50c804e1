#include "lang/vm/interpreter.hpp"

#include <new>

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/iterator.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/reduced.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/out_of_memory.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/operations.hpp"
#include "lang/vm/unwind.hpp"

namespace reops::lang {
namespace {

// Operands of a word, which is held in 64 bits so that they are indexes as they come.
inline uint64_t op_a(uint64_t w) { return w >> 8 & 255; }
inline uint64_t op_b(uint64_t w) { return w >> 16 & 255; }
inline uint64_t op_c(uint64_t w) { return w >> 24; }
inline int8_t op_sc(uint64_t w) { return static_cast<int8_t>(w >> 24); }
inline uint64_t op_bx(uint64_t w) { return w >> 16; }
inline int64_t op_sbx(uint64_t w) { return static_cast<int16_t>(w >> 16); }
inline int64_t op_j(uint64_t w) { return static_cast<int32_t>(w) >> 8; }
inline int64_t offset_of(uint32_t w) { return static_cast<int32_t>(w); }
// The word after a call's.
inline uint64_t callee_of(uint32_t w) { return w & 0xffffff; }
inline uint64_t target_of(uint32_t w) { return w >> 24; }

inline bool both_fixnum(Value a, Value b) { return a.bits() & b.bits() & 1; }
// Tagged integers compare as their words do.
inline int64_t word_of(Value v) { return static_cast<int64_t>(v.bits()); }

// Division where the processor neither traps nor overflows. Where both fit 32 bits it is twice as fast on
// those.
inline bool divides_plainly(Value a, Value b) {
  return both_fixnum(a, b) && b.as_fixnum() != 0 && b.as_fixnum() != -1;
}
inline bool fit_32(int64_t a, int64_t b) { return (a | b) >> 32 == 0; }
inline int64_t quick_quotient(int64_t a, int64_t b) {
  return fit_32(a, b) ? static_cast<int64_t>(static_cast<uint32_t>(a) / static_cast<uint32_t>(b)) : a / b;
}
inline int64_t quick_remainder(int64_t a, int64_t b) {
  return fit_32(a, b) ? static_cast<int64_t>(static_cast<uint32_t>(a) % static_cast<uint32_t>(b)) : a % b;
}
inline int64_t quick_modulo(int64_t a, int64_t b) {
  int64_t m = quick_remainder(a, b);
  return m != 0 && (m ^ b) < 0 ? m + b : m;
}

}  // namespace

// A computed goto does not run destructors: whatever an instruction's code owns in a Ref is given away, or in
// a scope of its own, before NEXT().
//
// The loop. Its state lives in local variables; whatever may throw, allocate much, poll or call back is
// preceded by SYNC(), which writes it to the thread, so that errors, traces and handshakes find it there.
// The instructions' code is in instructions/, a file for each family.
Ref run(Thread& t) {
#if !defined(__clang__)
  static const void* const k_labels[] = {
#define INSTRUCTION(name, words) &&op_##name,
#include "lang/vm/instructions.def"
#undef INSTRUCTION
  };
#endif
  // Arguments lent to the native that is running: not to be released when it throws.
  Value* lent_window = nullptr;
  uint32_t lent_mask = 0;

  for (;;) {
    Ref error;
    try {
      Frame* frame = t.frame;
      Value* R = frame->base;
      const uint32_t* pc = frame->pc;
      // The running code's constants: from here a call's way to the next code is shortest.
      const Value* K = frame->code->constants;
      uint64_t w;
      // Of the call that is being made.
      Value callee;
      Value* window = nullptr;
      uint64_t count = 0;
      uint32_t lent = 0;
      uint8_t frame_flags = 0;

#define SYNC() (frame->pc = pc, t.frame = frame, t.top = R + frame->code->registers)
#define KILLS(start) (frame->code->kills(static_cast<size_t>((start)-frame->code->instructions())))
#define POLL()                                                   \
  if (t.requests.load(std::memory_order_relaxed)) [[unlikely]] { \
    SYNC();                                                      \
    serve_requests(t);                                           \
  }
#if defined(__clang__)
// It refuses a computed goto out of a scope that owns something; what is built with it (fuzzers) need not be
// fast.
#define NEXT() goto next
#define RESUME_LATER() (void)0
#define RESUME() NEXT()
#else
#define NEXT()               \
  do {                       \
    w = *pc++;               \
    goto* k_labels[w & 255]; \
  } while (0)
// Where a return leads is hard to predict. The frame has the address, so that a wrong guess shows at once,
// not only when the instruction has been read.
#define RESUME_LATER() (frame->resume = k_labels[*pc & 255])
#define RESUME()          \
  do {                    \
    w = *pc++;            \
    goto * frame->resume; \
  } while (0)
#endif
#define CASE(name) op_##name:
#define A R[op_a(w)]
#define B R[op_b(w)]
#define C R[op_c(w)]

#if defined(__clang__)
    next:
      w = *pc++;
      switch (static_cast<Op>(w & 255)) {
#define INSTRUCTION(name, words) \
  case Op::name:                 \
    goto op_##name;
#include "lang/vm/instructions.def"
#undef INSTRUCTION
      }
      __builtin_unreachable();
#else
      NEXT();
#endif

#include "lang/vm/instructions/arithmetic.inc"
#include "lang/vm/instructions/calls.inc"
#include "lang/vm/instructions/jumps.inc"
#include "lang/vm/instructions/making.inc"
#include "lang/vm/instructions/moves.inc"
#include "lang/vm/instructions/reads.inc"
    } catch (const Thrown& thrown) {
      error = thrown.error();
    } catch (const std::bad_alloc&) {
      error = Ref(out_of_memory_error());
    } catch (const std::exception& e) {
      error = make_error(ErrorClass::error, std::string("Internal error: ") + e.what());
    }
    for (uint32_t m = lent_mask; m; m &= m - 1) lent_window[__builtin_ctz(m)] = Value();
    lent_mask = 0;
    attach_trace(t, error);
    Value* entry_base = t.frame->base;
    if (!unwind(t, error)) {
      t.top = entry_base;
      throw Thrown(std::move(error));
    }
  }
}

}  // namespace reops::lang
