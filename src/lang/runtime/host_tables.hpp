#pragma once
// The method tables that host.cpp searches, and what their functions are made of.

#include <initializer_list>
#include <span>
#include <string_view>

#include "lang/runtime/host_methods.hpp"

namespace reops::lang {

/// A method that is a function of clojure.core under another name, called with the target and the arguments.
struct HostAlias {
  const char* name;
  const char* function;
  size_t least = 0;  ///< arguments after the target
  size_t most = 0;
};

/// Methods of the values whose kind_bit is among `kinds`.
struct HostMethods {
  uint64_t kinds;
  std::span<const HostMethod> methods;
  std::span<const HostAlias> aliases;
};

std::span<const HostMethods> collection_host_methods();
/// Readers and writers.
std::span<const HostMethods> stream_host_methods();
/// Numbers, names, functions, references, errors, and last those of every object.
std::span<const HostMethods> object_host_methods();

/// Calls a function of clojure.core.
Ref call_core(std::string_view name, std::span<const Value> args);
inline Ref call_core(std::string_view name, std::initializer_list<Value> args) {
  return call_core(name, std::span<const Value>(args.begin(), args.size()));
}
/// Throws arity unless `args` has from `least` to `most` values.
void expect_args(std::string_view method, std::span<const Value> args, size_t least, size_t most);

}  // namespace reops::lang
