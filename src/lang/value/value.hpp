#pragma once
// The value word.
//
// Every value of the language is one 64-bit word. The low bits say what it is, so that the values a program
// touches most (integers, nil, true, false, characters) live in the word itself and cost no memory and no
// reference count:
//
//   ...xxx1   integer of 63 bits            ...x010   character (Unicode code point)
//   ...x000   pointer to an Object          ...x110   one of the singletons below
//
// A `Value` borrows: it says nothing about who keeps the object alive. What owns is a `Ref` (ref.hpp).

#include <cstddef>
#include <cstdint>

namespace reops::lang {

struct Object;

class Value {
 public:
  /// nil.
  constexpr Value() : bits_(k_nil) {}

  static constexpr Value from_bits(uint64_t bits) {
    Value v;
    v.bits_ = bits;
    return v;
  }
  static constexpr Value nil() { return Value(); }
  /// No value at all: "not found", "no argument". Never visible to a program.
  static constexpr Value none() { return from_bits(k_none); }
  static constexpr Value boolean(bool b) { return from_bits(b ? k_true : k_false); }
  static constexpr Value character(char32_t c) { return from_bits(uint64_t{c} << 8 | k_char_tag); }
  /// An integer that fits 63 bits (see fits_fixnum); `integer()` of number.hpp takes any.
  static constexpr Value fixnum(int64_t i) { return from_bits(static_cast<uint64_t>(i) << 1 | 1); }
  static constexpr bool fits_fixnum(int64_t i) { return i >= -(int64_t{1} << 62) && i < (int64_t{1} << 62); }
  static Value object(const Object* o) { return from_bits(reinterpret_cast<uint64_t>(o)); }

  constexpr bool is_nil() const { return bits_ == k_nil; }
  constexpr bool is_none() const { return bits_ == k_none; }
  constexpr bool is_true() const { return bits_ == k_true; }
  constexpr bool is_false() const { return bits_ == k_false; }
  constexpr bool is_boolean() const { return (bits_ | (k_true ^ k_false)) == (k_true | k_false); }
  constexpr bool truthy() const { return (bits_ & ~(k_nil ^ k_false)) != (k_nil & k_false); }
  constexpr bool is_fixnum() const { return bits_ & 1; }
  constexpr bool is_char() const { return (bits_ & 7) == k_char_tag; }
  constexpr bool is_object() const { return (bits_ & 7) == 0; }

  constexpr int64_t as_fixnum() const { return static_cast<int64_t>(bits_) >> 1; }
  constexpr char32_t as_char() const { return static_cast<char32_t>(bits_ >> 8); }
  Object* as_object() const { return reinterpret_cast<Object*>(bits_); }
  constexpr uint64_t bits() const { return bits_; }

  /// Identity, which is what `identical?` asks; equality of content is `equal()` (equality.hpp).
  friend constexpr bool operator==(Value, Value) = default;

 private:
  static constexpr uint64_t k_char_tag = 2;
  static constexpr uint64_t k_nil = 0x06;
  static constexpr uint64_t k_false = 0x0e;
  static constexpr uint64_t k_true = 0x1e;
  static constexpr uint64_t k_none = 0x26;

  uint64_t bits_;
};

static_assert(!Value::nil().truthy() && !Value::boolean(false).truthy());
static_assert(Value::boolean(true).truthy() && Value::fixnum(0).truthy() && Value::none().truthy());
static_assert(Value::boolean(true).is_boolean() && Value::boolean(false).is_boolean() &&
              !Value::nil().is_boolean());
static_assert(Value::fixnum(-5).as_fixnum() == -5 && Value::character(U'λ').as_char() == U'λ');

}  // namespace reops::lang
