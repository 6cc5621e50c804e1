// Calls from C++, and calls of what is not a bytecode function.

#include "lang/vm/call.hpp"

#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/interfaces.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/interpreter.hpp"

namespace reops::lang {
namespace {

// Arguments on the value stack above everything in use, for as long as the scope lives.
class Window {
 public:
  Window(Thread& t, std::span<const Value> args) : Window(t, args.size()) {
    for (size_t i = 0; i < count_; ++i) {
      retain(args[i]);
      start_[i] = args[i];
    }
  }
  /// Moves the arguments out of `args`.
  Window(Thread& t, Value* args, size_t count) : Window(t, count) {
    for (size_t i = 0; i < count_; ++i) start_[i] = std::exchange(args[i], Value());
  }
  ~Window() {
    for (size_t i = 0; i < count_; ++i) release(std::exchange(start_[i], Value()));
    thread_.top = start_;
  }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  Value* slots() const { return start_; }
  size_t count() const { return count_; }
  /// The callee takes the arguments over, and the place where they stand.
  void hand_over() {
    count_ = 0;
    thread_.top = start_;
  }

 private:
  Window(Thread& t, size_t count) : thread_(t), start_(t.top), count_(count) {
    check_stack();
    if (start_ + count_ + 1 > t.stack_end) throw_stack_overflow();
    t.top = start_ + count_;
  }

  Thread& thread_;
  Value* start_;
  size_t count_;
};

// Looking things up: keywords, maps, sets, vectors in the place of a function.
Ref call_as_lookup(Value callee, std::span<const Value> args) {
  auto arity = [&](size_t least, size_t most) {
    if (args.size() < least || args.size() > most) throw_arity(pr_str(callee), args.size());
  };
  switch (callee.as_object()->kind) {
    case Kind::Keyword:
    case Kind::Symbol:
      arity(1, 2);
      return get(args[0], callee, args.size() > 1 ? args[1] : Value::nil());
    case Kind::ArrayMap:
    case Kind::HashMap:
    case Kind::SortedMap:
    case Kind::Record:
      arity(1, 2);
      return get(callee, args[0], args.size() > 1 ? args[1] : Value::nil());
    case Kind::Set:
    case Kind::SortedSet:
      arity(1, 1);
      return get(callee, args[0]);
    case Kind::Transient:
      arity(1, 2);
      return get(callee, args[0], args.size() > 1 ? args[1] : Value::nil());
    default:
      arity(1, 1);
      return nth(callee, to_int(args[0], "an index"));
  }
}

bool is_lookup(Value v) {
  if (!v.is_object()) return false;
  switch (v.as_object()->kind) {
    case Kind::Keyword:
    case Kind::Symbol:
    case Kind::ArrayMap:
    case Kind::HashMap:
    case Kind::SortedMap:
    case Kind::Set:
    case Kind::SortedSet:
    case Kind::Transient:
    case Kind::Vector:
    case Kind::SubVector:
    case Kind::MapEntry:
      return true;
    case Kind::Record:
      return is_record(v) && !implements(v, Interface::i_fn);
    default:
      return false;
  }
}

// What the method runs for `target`, through this thread's cache. `hold` is set when only `target` keeps it
// alive.
Value cached_method(const ProtocolFn& fn, Value target, Ref& hold) {
  if (as<Protocol>(fn.protocol).via_metadata) {
    hold = Ref(protocol_method(fn, target));
    return hold;
  }
  Value found = protocol_lookup(fn, target);
  if (found.is_none()) throw_not_implemented(fn, target);
  if (!found.is_fixnum()) return found;
  // A reify: the method is a closure in a field of the instance, which the call itself may release.
  hold = Ref(as<Record>(target).fields[found.as_fixnum()]);
  return hold;
}

}  // namespace

Value resolve_callee(Value callee, std::span<const Value> args, Ref& hold) {
  for (int hops = 0; hops < 64; ++hops) {
    if (is<ProtocolFn>(callee)) {
      if (args.empty()) throw_arity(pr_str(callee), 0);
      callee = cached_method(as<ProtocolFn>(callee), args[0], hold);
    } else if (is<MultiFn>(callee)) {
      hold = multi_method(as<MultiFn>(callee), args);
      callee = hold;
    } else if (is<Var>(callee)) {
      hold = deref(as<Var>(callee));
      callee = hold;
    } else {
      return callee;
    }
  }
  throw_illegal_state("A chain of vars that refer to each other never reaches a function");
}

Ref call_native(const Native& native, Value* window, size_t count) {
  if (!native.takes(count)) throw_arity(full_name(native.name), count);
  return native.fn(Args(window, count));
}

Ref invoke(Thread& t, Value callee, Value* window, size_t count) {
  std::span<const Value> args{window, count};
  auto finish = [&](Ref result) {
    for (size_t i = 0; i < count; ++i) release(std::exchange(window[i], Value()));
    return result;
  };
  if (is<Native>(callee)) return finish(call_native(as<Native>(callee), window, count));
  if (is<Function>(callee)) {
    Value* saved = t.top;
    Ref result = call(callee, args);
    t.top = saved;
    return finish(std::move(result));
  }
  if (is_lookup(callee)) return finish(call_as_lookup(callee, args));
  if (Value method = callable_method(callee); !method.is_none()) {
    // Records and reifies that implement IFn, promises (delivered by calling them): the callee is the first
    // argument.
    std::vector<Value> all{callee};
    all.insert(all.end(), args.begin(), args.end());
    return finish(call(method, all));
  }
  throw_class_cast(callee, "a function");
}

Ref run_code(Thread& t, Function& fn, Code& code) {
  Value* base = t.top;
  try {
    check_stack();
    if (base + code.registers > t.stack_end || t.frame + 1 >= t.frames_end) throw_stack_overflow();
  } catch (const Thrown&) {
    for (size_t i = 0; i < code.params + (code.variadic ? 1u : 0u); ++i)
      release(std::exchange(base[i], Value()));
    throw;
  }
  Frame* f = ++t.frame;
  f->fn = &fn;
  f->code = &code;
  f->pc = code.instructions();
  f->base = base;
  f->flags = Frame::k_entry;
  return run(t);
}

namespace {

Ref call_in(Thread& t, Value f, Window& window) {
  Ref hold(f);
  if (!is<Function>(f) && !is<Native>(f)) {
    Ref found;
    f = resolve_callee(f, {window.slots(), window.count()}, found);
    if (!found.is_nil()) hold = std::move(found);
  }
  if (!is<Function>(f)) return invoke(t, f, window.slots(), window.count());
  Function& fn = as<Function>(f);
  Code* code = as<Proto>(fn.proto).code_for(window.count());
  if (!code) throw_wrong_arity(fn, window.count());
  if (code->variadic) gather_rest(*code, window.slots(), window.count(), window.slots());
  window.hand_over();
  return run_code(t, fn, *code);
}

}  // namespace

Ref call(Value f, std::span<const Value> args) {
  Thread& t = this_thread();
  Window window(t, args);
  return call_in(t, f, window);
}

Ref call_moving(Value f, Value* args, size_t count) {
  Thread& t = this_thread();
  Window window(t, args, count);
  return call_in(t, f, window);
}

Ref call(Value f, std::initializer_list<Value> args) {
  return call(f, std::span<const Value>(args.begin(), args.size()));
}

Ref call_once(Value f) {
  Code* code = is<Function>(f) ? as<Proto>(as<Function>(f).proto).code_for(0) : nullptr;
  if (!code || code->variadic) return call(f, {});
  Thread& t = this_thread();
  Window window(t, std::span<const Value>());
  return run_code(t, as<Function>(f), *code);
}

void gather_rest(const Code& code, Value* window, size_t count, Value* to) {
  size_t params = code.params;
  Ref rest;
  if (count > params) rest = make_list(std::span<const Value>(window + params, count - params));
  for (size_t i = params; i < count; ++i) release(std::exchange(window[i], Value()));
  if (to != window) {
    for (size_t i = 0; i < params; ++i) to[i] = std::exchange(window[i], Value());
  }
  to[params] = rest.take();
}

Ref apply(Value f, std::span<const Value> args, Value last) {
  std::vector<Ref> all;
  for (Value v : args) all.emplace_back(v);
  Ref remaining = seq(last);
  // A rest parameter takes the sequence as it is, so that it may be endless: only as many arguments are drawn
  // from it as there are fixed ones.
  Function* fn = try_as<Function>(f);
  const Proto* proto = fn ? &as<Proto>(fn->proto) : nullptr;
  size_t most = proto && proto->variadic.is_object()
                    ? std::max<size_t>(proto->max_fixed, as<Code>(proto->variadic).params)
                    : ~size_t{0};
  while (!remaining.is_nil() && all.size() <= most) {
    all.push_back(first(remaining));
    remaining = next_consuming(std::move(remaining));
    if (all.size() % 1024 == 0) poll();
  }
  std::vector<Value> values(all.begin(), all.end());
  if (remaining.is_nil()) return call(f, values);
  Code& code = as<Code>(proto->variadic);
  for (size_t i = values.size(); i-- > code.params;) remaining = cons(values[i], remaining);
  values.resize(code.params);
  values.push_back(remaining);
  Thread& t = this_thread();
  Ref hold(f);
  Window window(t, values);
  all.clear();
  remaining = nil();
  window.hand_over();
  return run_code(t, *fn, code);
}

void throw_wrong_arity(const Function& fn, size_t count) {
  throw_arity(function_name(as<Proto>(fn.proto)), count);
}

void throw_stack_overflow() {
  throw_diagnostic(ErrorClass::stack_overflow, "reops/stack-overflow",
                   "Stack overflow: calls are nested too deeply",
                   "Does a recursion never end? loop and recur need no stack.");
}

}  // namespace reops::lang
