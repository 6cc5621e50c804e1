#pragma once
// def_native: a C++ function with typed parameters as a function of the language.
//
//     std::optional<std::string> closest(std::string_view name, std::vector<std::string> known);
//
//     const NativeDef k_defs[] = {
//         def_native<closest>("my.text", "closest", "([name known])", "The one of known that is most like
//         name."),
//     };
//
// Arguments are converted, and what does not fit is an error that names the argument and what was expected.
// Parameters may be Value (anything, borrowed), bool, the integers, double, std::string, std::string_view
// (alive during the call), std::vector of those (of any sequence), std::optional of those (nil, or left out
// at the end) and, as the last, Rest. Results may be void (nil), the same types, Ref, maps from std::string,
// and base::Result of those, whose error becomes an error of the language with :type and fields as data. An
// exception that leaves the function becomes an error too.

#include <cstdint>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "lang/builtin/native.hpp"
#include "lang/builtin/system_arguments.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {

/// All arguments from here on, borrowed. Only as the last parameter.
using Rest = std::span<const Value>;

/// Where an argument stands, for errors: "argument 2 of my.text/closest".
struct ArgumentPlace {
  const char* ns;
  const char* name;
  size_t index;
  std::string text() const {
    return "argument " + std::to_string(index + 1) + " of " + std::string(ns) + "/" + name;
  }
};

/// From a value to a C++ type: specialise it for types of your own.
template <class T>
struct FromValue;

template <>
struct FromValue<Value> {
  static Value convert(Value v, const ArgumentPlace&) { return v; }
};
template <>
struct FromValue<bool> {
  static bool convert(Value v, const ArgumentPlace&) { return v.truthy(); }
};
template <class T>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) struct FromValue<T> {
  static T convert(Value v, const ArgumentPlace& place) {
    if (!is_number(v)) throw_class_cast(v, "an integer as " + place.text());
    int64_t number = to_int(v, place.text());
    if (!std::in_range<T>(number))
      throw_illegal_argument(std::to_string(number) + " is out of range for " + place.text());
    return static_cast<T>(number);
  }
};
template <>
struct FromValue<double> {
  static double convert(Value v, const ArgumentPlace& place) {
    if (!is_number(v)) throw_class_cast(v, "a number as " + place.text());
    return to_double(v);
  }
};
template <>
struct FromValue<std::string_view> {
  static std::string_view convert(Value v, const ArgumentPlace& place) {
    if (!is<String>(v)) throw_class_cast(v, "a string as " + place.text());
    return text_of(v);
  }
};
template <>
struct FromValue<std::string> {
  static std::string convert(Value v, const ArgumentPlace& place) {
    return std::string(FromValue<std::string_view>::convert(v, place));
  }
};
template <class T>
struct FromValue<std::optional<T>> {
  static std::optional<T> convert(Value v, const ArgumentPlace& place) {
    if (v.is_nil()) return std::nullopt;
    return FromValue<T>::convert(v, place);
  }
};
template <class T>
struct FromValue<std::vector<T>> {
  // The elements of a lazy sequence live no longer than the step they come in.
  static_assert(!std::is_same_v<T, std::string_view> && !std::is_same_v<T, Value>,
                "a vector holds what it is made of: use std::string");
  static std::vector<T> convert(Value v, const ArgumentPlace& place) {
    std::vector<T> items;
    for (SeqIterator it(v); it.more(); it.step()) items.push_back(FromValue<T>::convert(it.value(), place));
    return items;
  }
};

/// From a C++ type to a value: specialise it for types of your own.
template <class T>
struct ToValue;

template <>
struct ToValue<Ref> {
  static Ref convert(Ref v) { return v; }
};
template <>
struct ToValue<bool> {
  static Ref convert(bool b) { return boolean(b); }
};
template <class T>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) struct ToValue<T> {
  static Ref convert(T number) { return integer(static_cast<int64_t>(number)); }
};
template <>
struct ToValue<double> {
  static Ref convert(double number) { return real(number); }
};
template <>
struct ToValue<std::string> {
  static Ref convert(const std::string& text) { return make_string_lossy(text); }
};
template <class T>
struct ToValue<std::optional<T>> {
  static Ref convert(std::optional<T> value) {
    return value ? ToValue<T>::convert(std::move(*value)) : nil();
  }
};
template <class T>
struct ToValue<std::vector<T>> {
  static Ref convert(const std::vector<T>& items) {
    std::vector<Ref> made;
    for (const T& item : items) made.push_back(ToValue<T>::convert(item));
    std::vector<Value> values(made.begin(), made.end());
    return make_vector(values);
  }
};
template <class T>
struct ToValue<std::map<std::string, T>> {
  static Ref convert(const std::map<std::string, T>& entries) {
    Ref map(empty_map());
    for (const auto& [key, value] : entries) map_put(map, make_string_lossy(key), ToValue<T>::convert(value));
    return map;
  }
};
template <class T>
struct ToValue<base::Result<T>> {
  static Ref convert(base::Result<T> result) {
    if (!result) throw_result(result.error());
    if constexpr (std::is_void_v<T>) {
      return nil();
    } else {
      return ToValue<T>::convert(std::move(result).value());
    }
  }
};

namespace def_native_detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// What an error calls the function: its place in the language, as def_native was told.
template <auto function>
struct Named {
  static inline const char* ns = "";
  static inline const char* name = "";
};

template <auto function, class Signature>
struct Caller;

template <auto function, class Result, class... Parameters>
struct Caller<function, Result (*)(Parameters...)> {
  static constexpr size_t k_count = sizeof...(Parameters);
  static constexpr bool k_rest = (std::is_same_v<std::decay_t<Parameters>, Rest> || ...);

  template <size_t i>
  using Parameter = std::decay_t<std::tuple_element_t<i, std::tuple<Parameters...>>>;

  /// Up to the last that must be given.
  template <size_t... i>
  static constexpr int8_t least(std::index_sequence<i...>) {
    int8_t needed = 0;
    ((is_optional<Parameter<i>> || std::is_same_v<Parameter<i>, Rest> ? needed
                                                                      : needed = static_cast<int8_t>(i + 1)),
     ...);
    return needed;
  }

  template <size_t i>
  static decltype(auto) argument(Args args) {
    if constexpr (std::is_same_v<Parameter<i>, Rest>) {
      static_assert(i + 1 == k_count, "Rest is the last parameter");
      return args.from(i);
    } else {
      return FromValue<Parameter<i>>::convert(args.get(i), {Named<function>::ns, Named<function>::name, i});
    }
  }

  template <size_t... i>
  static Ref call(Args args, std::index_sequence<i...>) {
    if constexpr (std::is_void_v<Result>) {
      function(argument<i>(args)...);
      return nil();
    } else {
      return ToValue<std::decay_t<Result>>::convert(function(argument<i>(args)...));
    }
  }

  static Ref call(Args args) {
    try {
      return call(args, std::make_index_sequence<k_count>());
    } catch (const std::exception& e) {
      throw_error(ErrorClass::runtime,
                  std::string(Named<function>::ns) + "/" + Named<function>::name + " failed: " + e.what());
    }
  }
};

}  // namespace def_native_detail

/// The row of a table for `function`; see the head of this file.
template <auto function>
NativeDef def_native(const char* ns, const char* name, const char* arglists, const char* doc) {
  using Call = def_native_detail::Caller<function, decltype(function)>;
  def_native_detail::Named<function>::ns = ns;
  def_native_detail::Named<function>::name = name;
  return {ns,
          name,
          Call::call,
          Call::least(std::make_index_sequence<Call::k_count>()),
          Call::k_rest ? k_variadic : static_cast<int8_t>(Call::k_count),
          k_borrow_all,
          arglists,
          doc};
}

}  // namespace reops::lang
