#pragma once
// Errors of the language: the Error object, the one C++ exception type, and helpers that throw each common
// kind.

#include <span>
#include <string>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// The host classes that programs name in `catch`, each under its parent. ERROR_CLASS(enumerator, "simple
/// name", package, parent)
enum class ErrorClass : uint8_t {
#define ERROR_CLASS(id, name, package, parent) id,
#include "lang/value/errors.def"
#undef ERROR_CLASS
};

std::string_view error_class_name(ErrorClass c);       ///< "ArithmeticException"
std::string_view error_class_full_name(ErrorClass c);  ///< "java.lang.ArithmeticException"
ErrorClass error_class_parent(ErrorClass c);           ///< Throwable's is itself
/// True when an error of class `c` is caught by a clause that names `ancestor`.
bool error_class_is_a(ErrorClass c, ErrorClass ancestor);

/// An exception as a program sees it. `data` is the map of `ex-info` (nil for host errors, which may carry a
/// map too:
/// `:type :reops/…` names the diagnostic); `trace` is a vector of frames, `origin` where it was thrown.
struct Error : Object {
  static constexpr Kind k_kind = Kind::Error;
  ErrorClass error_class;
  uint8_t pad[7];
  Value message;  ///< string or nil
  Value data;     ///< map or nil
  Value cause;    ///< Error or nil
  Value trace;    ///< vector of [name file line column end-column], innermost first; nil until thrown
  Value meta;
};

Ref make_error(ErrorClass c, std::string_view message, Value data = Value::nil(), Value cause = Value::nil());

/// The only C++ exception that carries an error of the language. Its value is always an Error object.
class Thrown {
 public:
  explicit Thrown(Ref error) : error_(std::move(error)) {}
  const Ref& error() const { return error_; }

 private:
  Ref error_;
};

[[noreturn]] void throw_error(ErrorClass c, std::string_view message, Value data = Value::nil());

/// Diagnostics with a kind of their own ("reops/unresolved-symbol") and an optional hint ("Did you mean
/// `x`?"): an error whose data is {:type :reops/… :hint "…"}.
[[noreturn]] void throw_diagnostic(ErrorClass c, std::string_view type, std::string_view message,
                                   std::string_view hint = {});

[[noreturn]] void throw_arithmetic(std::string_view message);
[[noreturn]] void throw_illegal_argument(std::string_view message);
[[noreturn]] void throw_illegal_state(std::string_view message);
[[noreturn]] void throw_index_out_of_bounds(std::string_view message);
[[noreturn]] void throw_unsupported(std::string_view message);
/// "class java.lang.String cannot be cast to class java.lang.Number", in our words: expected what, found
/// what.
[[noreturn]] void throw_class_cast(Value found, std::string_view expected);
[[noreturn]] void throw_arity(std::string_view function, size_t found);

/// A value in a message: short values as they print ("abc", 42, :k), others by their type only, since
/// printing a large or lazy one could run for ever. `found 42 (java.lang.Long)`, `found nil`, `found a
/// clojure.lang.PersistentVector`.
std::string describe(Value v);

/// The one of `candidates` that `wanted` is most likely a misspelling of, empty when none is near.
std::string_view nearest_name(std::string_view wanted, std::span<const std::string_view> candidates);

/// Every recursion in C++ calls this on entry: throws StackOverflowError when the native stack is nearly used
/// up.
void check_stack();

}  // namespace reops::lang
