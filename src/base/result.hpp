#pragma once
// Result<T>: what a function returns that can fail for an operational reason (STYLE: rooms other than lang
// return results; exceptions are for the language alone).

#include <map>
#include <string>
#include <utility>
#include <variant>

namespace reops::base {

/// What went wrong, in a form that becomes an error map at the prompt.
/// `type` is a slash-joined keyword name without colon ("ssh/hostkey"); `message` is one full sentence that
/// names what and where and says what to do; `data` holds further fields, by keyword name.
struct Error {
  std::string type;
  std::string message;
  std::map<std::string, std::string> data;
};

/// Either a value or an Error. Test with `ok()` before reaching for either.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const Error& error() const { return std::get<1>(state_); }
  Error&& take_error() { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

/// A Result without a value.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return error_; }
  Error&& take_error() { return std::move(error_); }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace reops::base
