// Natives on functions as such.

#include "lang/builtin/native.hpp"
#include "lang/collection/vector.hpp"
#include "lang/compiler/compiler.hpp"
#include "lang/compiler/fusion.hpp"
#include "lang/runtime/interfaces.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/code.hpp"
#include "lang/vm/interpreter.hpp"

namespace reops::lang {
namespace {

Ref native_apply(Args args) {
  auto fixed = args.from(1).first(args.size() - 2);
  return apply(args[0], fixed, args[args.size() - 1]);
}

const Proto& proto_of(Value v) {
  if (!is<Function>(v)) throw_class_cast(v, "a function written in Clojure");
  return as<Proto>(as<Function>(v).proto);
}

template <class F>
void each_code(const Proto& proto, F&& visit) {
  for (size_t i = 0; i <= proto.max_fixed; ++i) {
    if (is<Code>(proto.by_arity[i])) visit(as<Code>(proto.by_arity[i]));
  }
  if (is<Code>(proto.variadic)) visit(as<Code>(proto.variadic));
}

std::string listing(const Proto& proto) {
  std::string out;
  each_code(proto, [&](const Code& code) {
    out += function_name(proto) + "\n" + disassemble(code);
    for (size_t i = 0; i < code.length; ++i) {
      if (is<Proto>(code.constants[i])) out += listing(as<Proto>(code.constants[i]));
    }
  });
  return out;
}

Ref native_disassemble(Args args) { return make_string(listing(proto_of(args[0]))); }

Ref native_recompile(Args args) {
  proto_of(args[0]);
  Ref proto = recompile(args[0]);
  return make_string(listing(as<Proto>(proto)));
}

Ref native_fused(Args args) { return fuse(args.take(0)); }

Ref native_function_file(Args args) { return is<Function>(args[0]) ? Ref(proto_of(args[0]).source) : nil(); }

Ref native_arglists(Args args) { return is<Function>(args[0]) ? Ref(proto_of(args[0]).arglists) : nil(); }

bool is_function(Value v) { return is<Function>(v) || is<Native>(v) || is_kind(v, Kind::ProtocolFn); }

bool is_callable(Value v) {
  if (!v.is_object()) return false;
  switch (v.as_object()->kind) {
    case Kind::Keyword:
    case Kind::Symbol:
    case Kind::ArrayMap:
    case Kind::HashMap:
    case Kind::SortedMap:
    case Kind::Set:
    case Kind::SortedSet:
    case Kind::Vector:
    case Kind::SubVector:
    case Kind::MapEntry:
    case Kind::Transient:
    case Kind::Var:
    case Kind::MultiFn:
    case Kind::Promise:
      return true;
    case Kind::Record:
      return implements(v, Interface::i_fn);
    default:
      return is_function(v);
  }
}

Ref native_is_fn(Args args) { return boolean(is_function(args[0])); }
Ref native_is_ifn(Args args) { return boolean(is_callable(args[0])); }

const NativeDef k_functions[] = {
    {"clojure.core", "fn?", native_is_fn, 1, 1, k_borrow_all, "([x])",
     "True for a function: made by fn, or one of those written in C++."},
    {"clojure.core", "ifn?", native_is_ifn, 1, 1, k_borrow_all, "([x])",
     "True for whatever can be called: functions, keywords, symbols, maps, sets, vectors, vars, "
     "multimethods, records that\n"
     "implement IFn."},
    {"clojure.core", "apply", native_apply, 2, k_variadic, k_borrow_all,
     "([f args] [f x args] [f x y args] [f x y z & args])",
     "Calls f with the arguments given, followed by the elements of the last one, a sequence. A function "
     "with a rest\n"
     "parameter takes that sequence unrealised, so it may be endless.\n  (apply max 1 [5 3]) => 5"},
    {"reops.internal", "disassemble", native_disassemble, 1, 1, k_borrow_all, "([f])",
     "The instructions of every arity of f, and of the functions inside it, as text."},
    {"reops.internal", "function-file", native_function_file, 1, 1, k_borrow_all, "([f])",
     "The name of the file that a function written in Clojure comes from; nil for any other."},
    {"reops.internal", "recompile", native_recompile, 1, 1, k_borrow_all, "([f])",
     "Generates code for f anew from the resolved tree that it keeps; the instructions, as text (see "
     "disassemble)."},
    {"reops.internal", "fused", native_fused, 1, 1, k_own_all, "([f])",
     "A function that does what f does, quicker where f calls functions that it has captured, over and over: "
     "their code is\n"
     "then part of its own. Worth it for loops of some hundred rounds."},
    {"reops.internal", "arglists", native_arglists, 1, 1, k_borrow_all, "([f])",
     "The parameter vectors of the arities of f, as a list; nil for what is not written in Clojure."},
};

}  // namespace

extern const NativeModule k_natives_functions;
const NativeModule k_natives_functions = {"functions", k_functions};

}  // namespace reops::lang
