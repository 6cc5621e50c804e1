// Methods of everything that is not a collection or a string, as on the JVM.

#include <string>

#include "lang/codec/printer.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/host.hpp"
#include "lang/runtime/host_tables.hpp"
#include "lang/runtime/multimethod.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/type_kinds.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

using Args = std::span<const Value>;

Ref to_string(Value target, Args args) {
  expect_args("toString", args, 0, 0);
  std::string out;
  append_str(out, target);
  return make_string(out);
}
Ref equals(Value target, Args args) {
  expect_args("equals", args, 1, 1);
  return boolean(equal(target, args[0]));
}
Ref hash_code(Value target, Args args) {
  expect_args("hashCode", args, 0, 0);
  return integer(static_cast<int32_t>(hash(target)));
}
Ref get_class(Value target, Args args) {
  expect_args("getClass", args, 0, 0);
  return Ref(type_of(target));
}

Ref message(Value target, Args args) {
  expect_args("getMessage", args, 0, 0);
  return Ref(as<Error>(target).message);
}
Ref cause(Value target, Args args) {
  expect_args("getCause", args, 0, 0);
  return Ref(as<Error>(target).cause);
}
Ref data(Value target, Args args) {
  expect_args("getData", args, 0, 0);
  return Ref(as<Error>(target).data);
}
Ref trace(Value target, Args args) {
  expect_args("getStackTrace", args, 0, 0);
  return Ref(as<Error>(target).trace);
}
// An error's trace is where it was thrown, whatever a program would have it be.
Ref set_trace(Value, Args args) {
  expect_args("setStackTrace", args, 1, 1);
  return nil();
}
Ref print_trace(Value target, Args args) {
  expect_args("printStackTrace", args, 0, 0);
  CoreVars& vars = core_vars();
  Ref err = deref(*vars.err);
  ScopedBindings to_err(make_map({Value::object(vars.out), err}));
  for (Value e = target; !e.is_nil(); e = as<Error>(e).cause) {
    if (e != target) call_core("print", {make_string("Caused by: ")});
    call_core("println", {to_string(e, {})});
    for (SeqIterator frame(as<Error>(e).trace); frame.more(); frame.step()) call_core("prn", {frame.value()});
  }
  return nil();
}

Ref type_full_name(Value target, Args args) {
  expect_args("getName", args, 0, 0);
  return make_string(type_name(target));
}
Ref type_simple_name(Value target, Args args) {
  expect_args("getSimpleName", args, 0, 0);
  std::string name = type_name(target);
  return make_string(name.substr(name.find_last_of(".$") + 1));
}
Ref type_is_instance(Value target, Args args) {
  expect_args("isInstance", args, 1, 1);
  return boolean(is_instance(target, args[0]));
}

Ref invoke(Value target, Args args) { return call(target, args); }
Ref run(Value target, Args args) {
  expect_args("run", args, 0, 0);
  call(target, {});
  return nil();
}
Ref compare_values(Value target, Args args) {
  expect_args("compare", args, 2, 2);
  Ref answer = call(target, args);
  if (answer.get().is_boolean())
    return integer(answer.truthy() ? -1 : call(target, {args[1], args[0]}).truthy() ? 1 : 0);
  return answer;
}
Ref apply_to(Value target, Args args) {
  expect_args("applyTo", args, 1, 1);
  return call_core("apply", {target, args[0]});
}

Ref high_bits(Value target, Args args) {
  expect_args("getMostSignificantBits", args, 0, 0);
  return integer(static_cast<int64_t>(as<Uuid>(target).high));
}
Ref low_bits(Value target, Args args) {
  expect_args("getLeastSignificantBits", args, 0, 0);
  return integer(static_cast<int64_t>(as<Uuid>(target).low));
}
Ref is_before(Value target, Args args) {
  expect_args("before", args, 1, 1);
  return boolean(compare(target, args[0]) < 0);
}
Ref is_after(Value target, Args args) {
  expect_args("after", args, 1, 1);
  return boolean(compare(target, args[0]) > 0);
}

// As BigInteger has it: without overflow.
Ref power(Value base, int64_t exponent) {
  if (exponent < 0) throw_error(ErrorClass::arithmetic, "The exponent is negative");
  Ref result(Value::fixnum(1)), square(base);
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = call_core("*'", {result, square});
    if (exponent > 1) square = call_core("*'", {square, square});
  }
  return result;
}
Ref pow(Value target, Args args) {
  expect_args("pow", args, 1, 1);
  return power(target, to_int(args[0], "an exponent"));
}
Ref shift(Value target, int64_t places) {
  Ref factor = power(Value::fixnum(2), places < 0 ? -places : places);
  if (places >= 0) return call_core("*'", {target, factor});
  Ref left_over = call_core("mod", {target, factor});
  Ref whole = call_core("-'", {target, left_over});
  return call_core("quot", {whole, factor});
}
Ref shift_left(Value target, Args args) {
  expect_args("shiftLeft", args, 1, 1);
  return shift(target, to_int(args[0], "a number of places"));
}
Ref shift_right(Value target, Args args) {
  expect_args("shiftRight", args, 1, 1);
  return shift(target, -to_int(args[0], "a number of places"));
}
Ref signum(Value target, Args args) {
  expect_args("signum", args, 0, 0);
  return Ref(Value::fixnum(compare(target, Value::fixnum(0))));
}

constexpr HostMethod k_arithmetic[] = {
    {"pow", pow}, {"shiftLeft", shift_left}, {"shiftRight", shift_right}, {"signum", signum}};
constexpr HostMethod k_uuid[] = {{"getMostSignificantBits", high_bits},
                                 {"getLeastSignificantBits", low_bits}};
Ref to_instant(Value target, Args args) {
  expect_args("toInstant", args, 0, 0);
  Value make = host_static(resolve_host_class("java.time.Instant"), "ofEpochMilli");
  Ref milliseconds = integer(as<Inst>(target).milliseconds);
  return call(make, {milliseconds});
}

constexpr HostMethod k_date_methods[] = {
    {"toInstant", to_instant}, {"before", is_before}, {"after", is_after}};
constexpr HostMethod k_error[] = {{"getMessage", message},
                                  {"getLocalizedMessage", message},
                                  {"getCause", cause},
                                  {"getData", data},
                                  {"getStackTrace", trace},
                                  {"setStackTrace", set_trace},
                                  {"printStackTrace", print_trace}};

Ref add_method_to(Value target, Args args) {
  expect_args("addMethod", args, 2, 2);
  add_method(as<MultiFn>(target), args[0], args[1]);
  return Ref(target);
}

constexpr HostMethod k_class[] = {
    {"getName", type_full_name}, {"getSimpleName", type_simple_name}, {"isInstance", type_is_instance}};
constexpr HostMethod k_function[] = {
    {"invoke", invoke}, {"call", invoke}, {"run", run}, {"compare", compare_values}, {"applyTo", apply_to}};
constexpr HostMethod k_multimethod[] = {{"addMethod", add_method_to}};
constexpr HostMethod k_object[] = {
    {"toString", to_string}, {"equals", equals}, {"hashCode", hash_code}, {"getClass", get_class}};

constexpr HostAlias k_number[] = {{"longValue", "long"},
                                  {"intValue", "int"},
                                  {"shortValue", "short"},
                                  {"byteValue", "byte"},
                                  {"doubleValue", "double"},
                                  {"floatValue", "float"},
                                  {"toBigInteger", "biginteger"},
                                  {"isNaN", "NaN?"},
                                  {"isInfinite", "infinite?"},
                                  {"negate", "-"},
                                  {"abs", "abs"},
                                  {"add", "+", 1, 1},
                                  {"subtract", "-", 1, 1},
                                  {"multiply", "*", 1, 1},
                                  {"divide", "quot", 1, 1},
                                  {"mod", "mod", 1, 1},
                                  {"remainder", "rem", 1, 1}};
constexpr HostAlias k_char[] = {{"charValue", "char"}};
constexpr HostAlias k_boolean[] = {{"booleanValue", "boolean"}};
constexpr HostAlias k_named[] = {{"sym", "symbol"}, {"getName", "name"}, {"getNamespace", "namespace"}};
constexpr HostAlias k_namespace[] = {{"getName", "ns-name"}, {"name", "ns-name"}};
constexpr HostAlias k_deref[] = {{"deref", "deref", 0, 2}};
constexpr HostAlias k_future[] = {{"get", "deref"},
                                  {"isDone", "realized?"},
                                  {"isRealized", "realized?"},
                                  {"isCancelled", "future-cancelled?"},
                                  {"cancel", "future-cancel", 0, 1}};
constexpr HostAlias k_pattern[] = {{"pattern", "str"}, {"matcher", "re-matcher", 1, 1}};
constexpr HostAlias k_matcher[] = {{"find", "re-find"}, {"group", "re-groups"}};
constexpr HostAlias k_date[] = {{"getTime", "inst-ms"}};
constexpr HostAlias k_multi[] = {{"getMethod", "get-method", 1, 1}, {"removeMethod", "remove-method", 1, 1}};
constexpr HostAlias k_comparable[] = {{"compareTo", "compare", 1, 1}};

constexpr HostMethods k_tables[] = {
    {kinds(Kind::Error), k_error, {}},
    {kinds(Kind::Type), k_class, {}},
    {k_functions | kinds(Kind::MultiFn, Kind::Keyword, Kind::Var), k_function, {}},
    {kinds(Kind::MultiFn), k_multimethod, k_multi},
    {k_numbers, k_arithmetic, k_number},
    {k_char_bit, {}, k_char},
    {k_boolean_bit, {}, k_boolean},
    {kinds(Kind::Keyword, Kind::Symbol), {}, k_named},
    {kinds(Kind::Namespace), {}, k_namespace},
    {kinds(Kind::Atom, Kind::Agent, Kind::Var, Kind::Volatile, Kind::Delay, Kind::Promise, Kind::Reduced),
     {},
     k_deref},
    {kinds(Kind::Promise, Kind::Delay), {}, k_future},
    {kinds(Kind::Regex), {}, k_pattern},
    {kinds(Kind::Matcher), {}, k_matcher},
    {kinds(Kind::Inst), k_date_methods, k_date},
    {kinds(Kind::Uuid), k_uuid, {}},
    {~(k_opaque_bit | kinds(Kind::Record, Kind::Error)), {}, k_comparable},
    {~uint64_t{0}, k_object, {}},
};

}  // namespace

std::span<const HostMethods> object_host_methods() { return k_tables; }

}  // namespace reops::lang
