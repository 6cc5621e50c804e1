#pragma once
// Handles: resources of C++ (a file, a child process, a connection) as values of the language.

#include <string>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// What a handle holds. Subclass it; the destructor closes the resource, and runs when the last reference
/// goes.
class Resource {
 public:
  /// What a program may take the handle for, besides an opaque thing: decides its host classes.
  enum class Shape : uint8_t { other, reader, writer, string_writer };

  virtual ~Resource() = default;
  virtual Shape shape() const { return Shape::other; }
  /// Name for printing: `#<Process 4711>` prints "Process 4711". Must be thread-safe.
  virtual std::string describe() const = 0;
};

/// Its aux byte is the resource's shape.
struct Handle : Object {
  static constexpr Kind k_kind = Kind::Handle;
  Resource* resource;
};

/// Takes ownership of `resource`.
Ref make_handle(Resource* resource);

/// The resource of a handle if it is a T, else null.
template <class T>
T* resource_of(Value v) {
  return is<Handle>(v) ? dynamic_cast<T*>(as<Handle>(v).resource) : nullptr;
}

}  // namespace reops::lang
