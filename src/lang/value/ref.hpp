#pragma once
// Ref: an owned value. The one RAII type through which C++ code holds language values.

#include <utility>

#include "lang/value/memory.hpp"

namespace reops::lang {

/// Owns one count of its value (nothing, for values that live in the word). Converts to `Value` to lend it.
class Ref {
 public:
  Ref() = default;
  /// Takes a count of its own of a borrowed value.
  explicit Ref(Value v) : v_(v) { retain(v_); }
  /// Takes over a count that the caller owned.
  static Ref adopt(Value v) {
    Ref r;
    r.v_ = v;
    return r;
  }
  static Ref adopt(Object* o) { return adopt(Value::object(o)); }

  Ref(const Ref& other) : v_(other.v_) { retain(v_); }
  Ref(Ref&& other) noexcept : v_(std::exchange(other.v_, Value())) {}
  Ref& operator=(const Ref& other) {
    Ref copy(other);
    std::swap(v_, copy.v_);
    return *this;
  }
  Ref& operator=(Ref&& other) noexcept {
    std::swap(v_, other.v_);
    return *this;
  }
  ~Ref() { release(v_); }

  operator Value() const { return v_; }
  Value get() const { return v_; }
  /// Gives the count away; this Ref is nil afterwards.
  Value take() { return std::exchange(v_, Value()); }

  bool is_nil() const { return v_.is_nil(); }
  bool truthy() const { return v_.truthy(); }
  Object* object() const { return v_.as_object(); }

 private:
  Value v_;
};

/// A Ref from values that need no count.
inline Ref boolean(bool b) { return Ref::adopt(Value::boolean(b)); }
inline Ref nil() { return Ref(); }

}  // namespace reops::lang
