// Methods of everything that is not a collection or a string, as on the JVM.

#include <string>

#include "lang/codec/printer.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/host_tables.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/type_kinds.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
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

constexpr HostMethod k_error[] = {{"getMessage", message},  {"getLocalizedMessage", message},
                                  {"getCause", cause},      {"getData", data},
                                  {"getStackTrace", trace}, {"printStackTrace", print_trace}};
constexpr HostMethod k_class[] = {
    {"getName", type_full_name}, {"getSimpleName", type_simple_name}, {"isInstance", type_is_instance}};
constexpr HostMethod k_function[] = {
    {"invoke", invoke}, {"call", invoke}, {"run", run}, {"compare", compare_values}, {"applyTo", apply_to}};
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
                                  {"mod", "mod", 1, 1},
                                  {"remainder", "rem", 1, 1}};
constexpr HostAlias k_char[] = {{"charValue", "char"}};
constexpr HostAlias k_boolean[] = {{"booleanValue", "boolean"}};
constexpr HostAlias k_named[] = {{"getName", "name"}, {"getNamespace", "namespace"}};
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
constexpr HostAlias k_multi[] = {{"getMethod", "get-method", 1, 1},
                                 {"addMethod", "add-method", 2, 2},
                                 {"removeMethod", "remove-method", 1, 1}};
constexpr HostAlias k_comparable[] = {{"compareTo", "compare", 1, 1}};

constexpr HostMethods k_tables[] = {
    {kinds(Kind::Error), k_error, {}},
    {kinds(Kind::Type), k_class, {}},
    {k_functions | kinds(Kind::MultiFn, Kind::Keyword, Kind::Var), k_function, {}},
    {kinds(Kind::MultiFn), {}, k_multi},
    {k_numbers, {}, k_number},
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
    {kinds(Kind::Inst), {}, k_date},
    {~(k_opaque_bit | kinds(Kind::Record, Kind::Error)), {}, k_comparable},
    {~uint64_t{0}, k_object, {}},
};

}  // namespace

std::span<const HostMethods> object_host_methods() { return k_tables; }

}  // namespace reops::lang
