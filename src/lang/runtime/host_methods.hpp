#pragma once
// Tables of what `(.method x …)` and `Class/NAME` mean, given by the file that knows the kind and read by
// host.cpp.

#include <span>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// One method of a host class. `args` are those after the target. `fn` throws arity when it takes no such
/// number.
struct HostMethod {
  const char* name;
  Ref (*fn)(Value target, std::span<const Value> args);
};

/// One constant of a host class: {"Long", "MAX_VALUE", make}. Made when first asked for, then kept.
struct HostConstant {
  const char* type;
  const char* name;
  Ref (*make)();
};

/// Methods of String, by the text files.
std::span<const HostMethod> string_host_methods();
/// Constants of the number classes and of Math, by the number files.
std::span<const HostConstant> number_host_constants();

}  // namespace reops::lang
