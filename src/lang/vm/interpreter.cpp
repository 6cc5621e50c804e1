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
#include "lang/vm/call.hpp"
#include "lang/vm/operations.hpp"

namespace reops::lang {
namespace {

// Operands of a word.
inline uint32_t op_a(uint32_t w) { return w >> 8 & 255; }
inline uint32_t op_b(uint32_t w) { return w >> 16 & 255; }
inline uint32_t op_c(uint32_t w) { return w >> 24; }
inline uint32_t op_bx(uint32_t w) { return w >> 16; }
inline int64_t op_sbx(uint32_t w) { return static_cast<int16_t>(w >> 16); }
inline int32_t op_j(uint32_t w) { return static_cast<int32_t>(w) >> 8; }

inline bool both_fixnum(Value a, Value b) { return a.bits() & b.bits() & 1; }
// Tagged integers compare as their words do.
inline int64_t word_of(Value v) { return static_cast<int64_t>(v.bits()); }

// Releases registers [from, to) that still hold something.
void release_slots(Value* from, Value* to) {
  for (; from < to; ++from) {
    Value v = *from;
    *from = Value();
    if (v.is_object() && v.bits() != 0) release(v);
  }
}

void release_registers(const Frame& f, size_t from, size_t far) {
  size_t n = f.code->registers;
  release_slots(f.base + from, f.base + std::min<size_t>(n, 256));
  if (n > 256) release_slots(f.base + 256 + far, f.base + n);
}

const Handler* find_handler(const Frame& f) {
  auto at = static_cast<uint32_t>(f.pc - f.code->instructions() - 1);
  for (const Handler& h : f.code->handlers()) {
    if (at >= h.start && at < h.end) return &h;
  }
  return nullptr;
}

#ifndef NDEBUG
void assert_dead(const Frame& f, const Value* except) {
  for (size_t i = 0; i < f.code->registers; ++i) {
    Value v = f.base[i];
    if (&f.base[i] != except && v.is_object() && v.bits() != 0) {
      std::fprintf(stderr, "register %zu of %s is not dead at return\n%s", i,
                   function_name(as<Proto>(f.fn->proto)).c_str(), disassemble(*f.code).c_str());
      std::abort();
    }
  }
}
#endif

// An error on its way up: leaves every frame that does not handle it, down to and including the entry frame.
// Returns true when a handler took it; the thread's frame then says where to go on.
bool unwind(Thread& t, Ref& error) {
  for (;;) {
    Frame& f = *t.frame;
    if (const Handler* h = find_handler(f)) {
      release_registers(f, h->error, h->far);
      f.base[h->error] = error.take();
      f.pc = f.code->instructions() + h->target;
      return true;
    }
    release_registers(f, 0, 0);
    bool entry = f.entry;
    --t.frame;
    if (entry) return false;
  }
}

}  // namespace

// A computed goto does not run destructors: whatever an instruction's code owns in a Ref is given away, or in
// a scope of its own, before NEXT().
//
// The loop. Its state lives in local variables; whatever may throw, allocate much, poll or call back is
// preceded by SYNC(), which writes it to the thread, so that errors, traces and handshakes find it there.
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
      const Value* K = frame->code->constants;
      uint32_t w;

#define SYNC() (frame->pc = pc, t.frame = frame, t.top = R + frame->code->registers)
#define KILLS() (frame->code->kills(static_cast<size_t>(start - frame->code->instructions())))
#if defined(__clang__)
// It refuses a computed goto out of a scope that owns something; what is built with it (fuzzers) need not be
// fast.
#define NEXT() goto next
#else
#define NEXT()               \
  do {                       \
    w = *pc++;               \
    goto* k_labels[w & 255]; \
  } while (0)
#endif
#define CASE(name) op_##name:
#define A R[op_a(w)]
#define B R[op_b(w)]
#define C R[op_c(w)]

#if defined(__clang__)
      Value callee;  // of the calls below: no jump may pass over its making
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

      CASE(move) {
        Value v = B;
        B = Value();
        A = v;
        NEXT();
      }
      CASE(copy) {
        Value v = B;
        retain(v);
        A = v;
        NEXT();
      }
      CASE(lend) {
        A = B;
        NEXT();
      }
      CASE(drop) {
        Value v = A;
        A = Value();
        if (v.is_object() && v.bits() != 0) release(v);
        NEXT();
      }
      CASE(nil) {
        A = Value();
        NEXT();
      }
      CASE(load_true) {
        A = Value::boolean(true);
        NEXT();
      }
      CASE(load_false) {
        A = Value::boolean(false);
        NEXT();
      }
      CASE(load_int) {
        A = Value::fixnum(op_sbx(w));
        NEXT();
      }
      CASE(constant) {
        Value v = K[op_bx(w)];
        retain(v);
        A = v;
        NEXT();
      }
      CASE(lend_constant) {
        A = K[op_bx(w)];
        NEXT();
      }
      CASE(var) {
        Var& var = as<Var>(K[op_bx(w)]);
        Value v = var.load_root();
        if (v.is_none()) [[unlikely]] {
          SYNC();
          throw_unbound(var);
        }
        retain(v);
        A = v;
        NEXT();
      }
      CASE(lend_var) {
        Var& var = as<Var>(K[op_bx(w)]);
        Value v = var.load_root();
        if (v.is_none()) [[unlikely]] {
          SYNC();
          throw_unbound(var);
        }
        A = v;
        NEXT();
      }
      CASE(dynamic_var) {
        SYNC();
        A = deref(as<Var>(K[op_bx(w)])).take();
        NEXT();
      }
      CASE(capture) {
        Value v = frame->fn->captures[op_bx(w)];
        retain(v);
        A = v;
        NEXT();
      }
      CASE(lend_capture) {
        A = frame->fn->captures[op_bx(w)];
        NEXT();
      }
      CASE(take_capture) {
        Value& slot = frame->fn->captures[op_bx(w)];
        Value v = slot;
        if (is_unique(frame->fn)) {
          slot = Value();
        } else {
          retain(v);
        }
        A = v;
        NEXT();
      }
      CASE(self) {
        Value v = Value::object(frame->fn);
        retain(v);
        A = v;
        NEXT();
      }
      CASE(lend_self) {
        A = Value::object(frame->fn);
        NEXT();
      }
      CASE(sibling) {
        SYNC();
        A = make_sibling(*frame->fn, op_bx(w)).take();
        NEXT();
      }
      CASE(far_store) {
        Value v = A;
        A = Value();
        R[256 + op_bx(w)] = v;
        NEXT();
      }
      CASE(far_copy) {
        Value v = R[256 + op_bx(w)];
        retain(v);
        A = v;
        NEXT();
      }
      CASE(far_move) {
        Value v = R[256 + op_bx(w)];
        R[256 + op_bx(w)] = Value();
        A = v;
        NEXT();
      }
      CASE(far_drop) {
        release_slots(R + 256 + op_bx(w), R + 256 + op_bx(w) + 1);
        NEXT();
      }

// An arithmetic instruction: `fast` on the words of two integers, else the function, which takes any numbers.
#define SLOW2(function)                   \
  {                                       \
    const uint32_t* start = pc - 1;       \
    SYNC();                               \
    Ref made = function(B, C);            \
    uint8_t k = KILLS();                  \
    if (k & 2) release_slots(&B, &B + 1); \
    if (k & 4) release_slots(&C, &C + 1); \
    A = made.take();                      \
    NEXT();                               \
  }
#define SLOW1(function)                         \
  {                                             \
    const uint32_t* start = pc - 1;             \
    SYNC();                                     \
    Ref r = function(B);                        \
    if (KILLS() & 2) release_slots(&B, &B + 1); \
    A = r.take();                               \
    NEXT();                                     \
  }
      CASE(add) {
        Value x = B, y = C;
        int64_t r;
        if (both_fixnum(x, y) && !__builtin_add_overflow(word_of(x), word_of(y) - 1, &r)) [[likely]] {
          A = Value::from_bits(static_cast<uint64_t>(r));
          NEXT();
        }
        SLOW2(add)
      }
      CASE(subtract) {
        Value x = B, y = C;
        int64_t r;
        if (both_fixnum(x, y) && !__builtin_sub_overflow(word_of(x), word_of(y) - 1, &r)) [[likely]] {
          A = Value::from_bits(static_cast<uint64_t>(r));
          NEXT();
        }
        SLOW2(subtract)
      }
      CASE(multiply) {
        Value x = B, y = C;
        int64_t r;
        if (both_fixnum(x, y) && !__builtin_mul_overflow(x.as_fixnum(), y.as_fixnum(), &r) &&
            Value::fits_fixnum(r)) {
          A = Value::fixnum(r);
          NEXT();
        }
        SLOW2(multiply)
      }
      CASE(add_int) {
        Value x = B;
        int64_t r;
        if (x.is_fixnum() &&
            !__builtin_add_overflow(word_of(x), int64_t{static_cast<int8_t>(op_c(w))} * 2, &r)) [[likely]] {
          A = Value::from_bits(static_cast<uint64_t>(r));
          NEXT();
        }
        const uint32_t* start = pc - 1;
        SYNC();
        Ref sum = add(x, Value::fixnum(static_cast<int8_t>(op_c(w))));
        if (KILLS() & 2) release_slots(&B, &B + 1);
        A = sum.take();
        NEXT();
      }
#define COMPARE(fast, function)                                     \
  {                                                                 \
    Value x = B, y = C;                                             \
    if (both_fixnum(x, y)) {                                        \
      A = Value::boolean(word_of(x) fast word_of(y));               \
      NEXT();                                                       \
    }                                                               \
    SLOW2([](Value a, Value b) { return boolean(function(a, b)); }) \
  }
      CASE(less)
      COMPARE(<, number_less)
      CASE(less_equal) COMPARE(<=, number_less_equal) CASE(num_equal) COMPARE(==, number_equivalent)
          CASE(equal) COMPARE(==, equal) CASE(identical)
              SLOW2([](Value a, Value b) { return boolean(identical(a, b)); }) CASE(is_nil)
                  SLOW1([](Value a) { return boolean(a.is_nil()); }) CASE(logical_not)
                      SLOW1([](Value a) { return boolean(!a.truthy()); })

                          CASE(get) SLOW2([](Value coll, Value key) { return get(coll, key); })
                              CASE(get_constant) {
        const uint32_t* start = pc - 1;
        Value key = K[*pc++];
        SYNC();
        Ref r = get(B, key);
        if (KILLS() & 2) release_slots(&B, &B + 1);
        A = r.take();
        NEXT();
      }
      CASE(nth) {
        Value coll = B, index = C;
        if (is<Chunk>(coll) && index.is_fixnum() &&
            static_cast<uint64_t>(index.as_fixnum()) < as<Chunk>(coll).length) {
          const uint32_t* start = pc - 1;
          Value item = as<Chunk>(coll).items[index.as_fixnum()];
          retain(item);
          if (KILLS() & 2) release_slots(&B, &B + 1);
          A = item;
          NEXT();
        }
        SLOW2(nth_value)
      }
      CASE(element) {
        Value it = B;
        if (is<Iterator>(it)) [[likely]] {
          const uint32_t* start = pc - 1;
          Value item = as<Iterator>(it).walk.value();
          if (item.is_none()) item = Value();
          retain(item);
          if (KILLS() & 2) release_slots(&B, &B + 1);
          A = item;
          NEXT();
        }
        SLOW1(iterator_element)
      }
      CASE(chunk_append) {
        const uint32_t* start = pc - 1;
        SYNC();
        uint8_t k = KILLS();
        Value item = C;
        if (k & 4) {
          C = Value();
        } else {
          retain(item);
        }
        append_to_chunk(B, Ref::adopt(item));
        if (k & 2) release_slots(&B, &B + 1);
        A = Value();
        NEXT();
      }
      CASE(first) SLOW1(first) CASE(next) {
        const uint32_t* start = pc - 1;
        SYNC();
        if (KILLS() & 2) {
          Ref s = Ref::adopt(B);
          B = Value();
          A = next_consuming(std::move(s)).take();
        } else {
          A = next(B).take();
        }
        NEXT();
      }
      CASE(rest) SLOW1(rest) CASE(seq) {
        const uint32_t* start = pc - 1;
        SYNC();
        Ref r = seq(B);
        if (KILLS() & 2) release_slots(&B, &B + 1);
        A = r.take();
        NEXT();
      }
      CASE(field) {
        const uint32_t* start = pc - 1;
        SYNC();
        Ref r = record_field(B, op_c(w));
        if (KILLS() & 2) release_slots(&B, &B + 1);
        A = r.take();
        NEXT();
      }

      CASE(jump) {
        pc += op_j(w);
        NEXT();
      }
      CASE(loop) {
        // Before the jump: an interrupt belongs to the body that ends here, and to the handlers around it,
        // which may begin where the loop does.
        if (t.requests.load(std::memory_order_relaxed)) [[unlikely]] {
          SYNC();
          serve_requests(t);
        }
        pc += op_j(w);
        NEXT();
      }
// Ends a conditional jump: the register's value is tested, released if it dies here, and the jump taken or
// not.
#define JUMP1(condition)                             \
  {                                                  \
    Value x = A;                                     \
    bool taken = (condition);                        \
    if (x.is_object()) {                             \
      const uint32_t* start = pc - 1;                \
      if (KILLS() & 1) release_slots(&A, &A + 1);    \
    }                                                \
    pc += taken ? static_cast<int32_t>(*pc) + 1 : 1; \
    NEXT();                                          \
  }
      CASE(jump_false)
      JUMP1(!x.truthy())
      CASE(jump_nil) JUMP1(x.is_nil()) CASE(jump_not_nil) JUMP1(!x.is_nil()) CASE(jump_exhausted) {
        const uint32_t* start = pc - 1;
        SYNC();
        bool exhausted = iterator_next(iterator_argument(A)).is_none();
        if (KILLS() & 1) release_slots(&A, &A + 1);
        pc += exhausted ? static_cast<int32_t>(*pc) + 1 : 1;
        NEXT();
      }
      CASE(jump_not_reduced)
      JUMP1(!is<Reduced>(x))
#define JUMP2(fast, function)                        \
  {                                                  \
    Value x = A, y = B;                              \
    bool holds;                                      \
    if (both_fixnum(x, y)) [[likely]] {              \
      holds = word_of(x) fast word_of(y);            \
    } else {                                         \
      const uint32_t* start = pc - 1;                \
      SYNC();                                        \
      holds = function(x, y);                        \
      uint8_t k = KILLS();                           \
      if (k & 1) release_slots(&A, &A + 1);          \
      if (k & 2) release_slots(&B, &B + 1);          \
    }                                                \
    pc += holds ? 1 : static_cast<int32_t>(*pc) + 1; \
    NEXT();                                          \
  }
      CASE(jump_not_less)
      JUMP2(<, number_less) CASE(jump_not_less_equal) JUMP2(<=, number_less_equal) CASE(jump_not_num_equal)
          JUMP2(==, number_equivalent) CASE(jump_not_equal) JUMP2(==, equal)
#define JUMP_INT(fast, function)                               \
  {                                                            \
    Value x = A, y = Value::fixnum(static_cast<int32_t>(*pc)); \
    bool holds;                                                \
    if (x.is_fixnum()) [[likely]] {                            \
      holds = word_of(x) fast word_of(y);                      \
    } else {                                                   \
      const uint32_t* start = pc - 1;                          \
      SYNC();                                                  \
      holds = function;                                        \
      if (KILLS() & 1) release_slots(&A, &A + 1);              \
    }                                                          \
    pc += holds ? 2 : static_cast<int32_t>(pc[1]) + 2;         \
    NEXT();                                                    \
  }
              CASE(jump_not_less_int) JUMP_INT(<, number_less(x, y)) CASE(jump_not_greater_int)
                  JUMP_INT(>, number_less(y, x)) CASE(jump_not_num_equal_int)
                      JUMP_INT(==, number_equivalent(x, y)) CASE(switch_on) {
        const uint32_t* start = pc - 1;
        SYNC();
        uint32_t n = *pc++;
        Value chosen = map_get(K[op_bx(w)], A);
        if (KILLS() & 1) release_slots(&A, &A + 1);
        uint32_t index = chosen.is_none() ? n : static_cast<uint32_t>(chosen.as_fixnum());
        pc += n + 1 + pc[index];
        NEXT();
      }

      {
#if !defined(__clang__)
        Value callee;
#endif
        CASE(call_var) {
          callee = as<Var>(K[*pc++]).load_root();
          goto call;
        }
        CASE(call_register) {
          callee = R[*pc++];
          goto call;
        }
        CASE(call_capture) {
          callee = frame->fn->captures[*pc++];
          goto call;
        }
        CASE(call_self) {
          callee = Value::object(frame->fn);
          goto call;
        }
        CASE(call_constant) {
          callee = K[*pc++];
          goto call;
        }
      call:
        Value* window = &A;
        uint32_t count = op_b(w);
        uint32_t lent = op_c(w);
        if (is<Function>(callee)) [[likely]] {
        call_function:
          Function& fn = as<Function>(callee);
          for (uint32_t m = lent; m; m &= m - 1) retain(window[__builtin_ctz(m)]);
          Code* code = as<Proto>(fn.proto).code_for(count);
          if (!code || window + code->registers > t.stack_end || frame + 1 >= t.frames_end) [[unlikely]] {
            SYNC();
            if (!code) throw_wrong_arity(fn, count);
            throw_stack_overflow();
          }
          frame->pc = pc;
          if (code->variadic) {
            SYNC();
            gather_rest(*code, window, count);
          }
          ++frame;
          frame->fn = &fn;
          frame->code = code;
          frame->base = window;
          frame->entry = false;
          R = window;
          K = code->constants;
          pc = code->instructions();
          if (t.requests.load(std::memory_order_relaxed)) [[unlikely]] {
            SYNC();
            serve_requests(t);
          }
          NEXT();
        }
        SYNC();
        // Should anything throw from here on, what is only lent must not be released with the frame's
        // registers.
        lent_window = window;
        lent_mask = lent;
        if (callee.is_none()) [[unlikely]]
          throw_unbound(as<Var>(K[pc[-1]]));
        if (is<Native>(callee)) [[likely]] {
          const Native& native = as<Native>(callee);
          // What the native only reads stays lent; all else is owned from here on.
          for (uint32_t m = lent & ~native.borrowed; m; m &= m - 1) retain(window[__builtin_ctz(m)]);
          lent_mask = lent & native.borrowed;
          Value result = call_native(native, window, count).take();
          for (uint32_t i = 0; i < count; ++i) {
            Value v = std::exchange(window[i], Value());
            if (v.is_object() && (i >= 8 || !(lent_mask >> i & 1))) release(v);
          }
          lent_mask = 0;
          *window = result;
          NEXT();
        }
        for (uint32_t m = lent; m; m &= m - 1) retain(window[__builtin_ctz(m)]);
        lent = lent_mask = 0;
        {
          Ref hold;
          callee = resolve_callee(t, callee, {window, count}, hold);
          // A method found in a table is kept by the table; one that only `hold` keeps must run nested.
          if (is<Function>(callee) && hold.is_nil()) goto call_function;
          *window = invoke(t, callee, window, count).take();
        }
        NEXT();
      }
      CASE(call_above) {
        Value called = R[*pc++];
        Value* window = &A;
        for (uint32_t m = op_c(w); m; m &= m - 1) retain(window[__builtin_ctz(m)]);
        SYNC();
        *window = call_moving(called, window, op_b(w)).take();
        NEXT();
      }
      CASE(leave) {
        Value v = A;
        A = Value();
#ifndef NDEBUG
        assert_dead(*frame, nullptr);
#endif
        if (frame->entry) {
          t.frame = frame - 1;
          t.top = R;
          return Ref::adopt(v);
        }
        R[0] = v;
        --frame;
        R = frame->base;
        pc = frame->pc;
        K = frame->code->constants;
        NEXT();
      }

      CASE(closure) {
        Value proto = K[*pc++];
        SYNC();
        Value* window = &A;
        *window = make_function(proto, window, op_b(w)).take();
        NEXT();
      }
      CASE(vector) {
        SYNC();
        Value* window = &A;
        *window = make_from_window(Kind::Vector, window, op_b(w)).take();
        NEXT();
      }
      CASE(map) {
        SYNC();
        Value* window = &A;
        *window = make_from_window(Kind::ArrayMap, window, op_b(w)).take();
        NEXT();
      }
      CASE(set) {
        SYNC();
        Value* window = &A;
        *window = make_from_window(Kind::Set, window, op_b(w)).take();
        NEXT();
      }
      CASE(append) {
        SYNC();
        append_from_window(&A, op_b(w));
        NEXT();
      }
      CASE(define) {
        SYNC();
        Value* window = &A;
        define_var(as<Var>(K[op_bx(w)]), window);
        NEXT();
      }
      CASE(throw_error) {
        SYNC();
        throw_value(Ref::adopt(std::exchange(A, Value())));
      }
      CASE(catches) {
        bool taken = !catches(A, K[op_bx(w)]);
        pc += taken ? static_cast<int32_t>(*pc) + 1 : 1;
        NEXT();
      }
    } catch (const Thrown& thrown) {
      error = thrown.error();
    } catch (const std::bad_alloc&) {
      error = make_error(ErrorClass::out_of_memory, "Out of memory");
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
