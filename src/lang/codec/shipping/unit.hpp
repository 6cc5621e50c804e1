#pragma once
// Functions that travel: what travels.
//
// A function is sent as its resolved tree, with the values it has captured and the definitions it refers to.
// Each definition (the prototype of a function, a var with its value, a type, a protocol, a multimethod) is a
// member of a unit, which is called by the SHA-256 of its content: whoever has a unit never needs it again,
// and what was redefined is another unit. Definitions that refer to each other in a circle are members of
// one. docs/shipping.md has the format.

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reops::lang {

struct UnitHash {
  std::array<char, 32> bytes{};
  friend auto operator<=>(const UnitHash&, const UnitHash&) = default;
  std::string_view view() const { return {bytes.data(), bytes.size()}; }
  static UnitHash of(std::string_view content);
  /// Precondition: 32 bytes.
  static UnitHash from(std::string_view bytes);
  /// The first digits, for people.
  std::string text() const;
};

struct Unit {
  UnitHash hash;
  std::string content;
  /// Where in the source each node stood, and the names of parameters: travels along, is no part of the hash.
  std::string places;
  /// The units that `content` refers to itself.
  std::vector<UnitHash> needs;
};

/// What a member of a unit is: the first item of its content.
enum class MemberKind : uint8_t { code, variable, type, protocol, multimethod, value };

/// What a name stands for that is not sent since both sides have it: the letter after CborTag::name.
enum class SharedName : char {
  native = 'n',
  function = 'f',
  variable = 'v',
  type = 't',
  protocol = 'p',
  multimethod = 'm'
};

/// Of units' contents; advances when older programs could not read them.
inline constexpr int64_t k_unit_format = 1;

/// What a member refers to: a member of another unit, one of its own, or something that does not travel.
struct UnitReference {
  enum Form : uint8_t { outside, inside, missing } form;
  uint32_t index;   ///< of the member
  UnitHash hash;    ///< outside
  std::string why;  ///< missing
  friend auto operator<=>(const UnitReference&, const UnitReference&) = default;
};

struct UnitMember {
  MemberKind kind;
  std::string name;
  std::vector<UnitReference> references;
  std::string_view body;
};

std::string write_unit(const std::vector<UnitMember>& members);
/// The members, whose bodies are parts of `content`. Throws CborMalformed for what is no unit of a format
/// that is known.
std::vector<UnitMember> read_unit(std::string_view content);
/// The units that those members refer to.
std::vector<UnitHash> needs_of(const std::vector<UnitMember>& members);

}  // namespace reops::lang

template <>
struct std::hash<reops::lang::UnitHash> {
  size_t operator()(const reops::lang::UnitHash& h) const noexcept {
    size_t n;
    static_assert(sizeof n <= sizeof h.bytes);
    __builtin_memcpy(&n, h.bytes.data(), sizeof n);
    return n;
  }
};
