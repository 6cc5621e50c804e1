// Errors as values.

#include <string>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

Ref ex_info(Args args) {
  if (!is<String>(args[0]) && !args[0].is_nil())
    throw_class_cast(args[0], "a string as the message of ex-info");
  if (args[1].is_nil()) throw_illegal_argument("The data of ex-info has to be a map, and was nil");
  if (!is_map(args[1])) throw_class_cast(args[1], "a map as the data of ex-info");
  Value cause = args.get(2);
  if (!cause.is_nil() && !is<Error>(cause)) throw_class_cast(cause, "an exception as the cause of ex-info");
  Ref error = make_error(ErrorClass::ex_info, args[0].is_nil() ? "" : text_of(args[0]), args[1], cause);
  if (args[0].is_nil()) release(std::exchange(as<Error>(error).message, Value::nil()));
  return error;
}

Ref ex_data(Args args) { return is<Error>(args[0]) ? Ref(as<Error>(args[0]).data) : nil(); }
Ref ex_message(Args args) { return is<Error>(args[0]) ? Ref(as<Error>(args[0]).message) : nil(); }
Ref ex_cause(Args args) { return is<Error>(args[0]) ? Ref(as<Error>(args[0]).cause) : nil(); }
Ref error_trace(Args args) { return is<Error>(args[0]) ? Ref(as<Error>(args[0]).trace) : nil(); }
Ref is_error(Args args) { return boolean(is<Error>(args[0])); }

Ref nearest(Args args) {
  std::string_view wanted = string_argument(args[0], "nearest-name");
  std::vector<Ref> held;
  std::vector<std::string_view> candidates;
  for (SeqIterator it(args[1]); it.more(); it.step()) {
    held.emplace_back(it.value());
    candidates.push_back(string_argument(held.back(), "nearest-name"));
  }
  std::string_view found = nearest_name(wanted, candidates);
  return found.empty() ? nil() : make_string(found);
}

constexpr const char* k_core = "clojure.core";

constexpr NativeDef k_defs[] = {
    {k_core, "ex-info", ex_info, 2, 3, k_borrow_all, "([msg map] [msg map cause])",
     "An exception that carries a map of data, to be thrown; ex-data gives the map back."},
    {k_core, "ex-data", ex_data, 1, 1, k_borrow_all, "([ex])",
     "The map of data an exception carries, else nil."},
    {k_core, "ex-message", ex_message, 1, 1, k_borrow_all, "([ex])",
     "The message of an exception, else nil."},
    {k_core, "ex-cause", ex_cause, 1, 1, k_borrow_all, "([ex])",
     "The exception that caused this one, else nil."},
    {"reops.internal", "error-trace", error_trace, 1, 1, k_borrow_all, "([ex])",
     "Where an exception was thrown: a vector of [name file line column end-column], innermost first."},
    {"reops.internal", "nearest-name", nearest, 2, 2, k_borrow_all, "([wanted candidates])",
     "The one of the strings that wanted is most likely a misspelling of, or nil."},
    {"reops.internal", "error?", is_error, 1, 1, k_borrow_all, "([x])", "True if x is an exception."},
};

}  // namespace

extern const NativeModule k_natives_errors;
const NativeModule k_natives_errors = {"errors", k_defs};

}  // namespace reops::lang
