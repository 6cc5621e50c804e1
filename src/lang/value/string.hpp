#pragma once
// Strings (UTF-8, counted in code points) and byte strings (what a command printed is not always text).

#include <optional>
#include <string>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// Immutable text: valid UTF-8. Index operations are O(1) when all is ASCII (bytes == code points).
struct String : Object {
  static constexpr Kind k_kind = Kind::String;
  uint32_t bytes;
  uint32_t code_points;
  uint32_t hash;  ///< 0: not computed yet
  uint32_t pad;
  __extension__ char data[];

  std::string_view view() const { return {data, bytes}; }
  bool ascii() const { return bytes == code_points; }
};

/// Precondition of make_string: `text` is valid UTF-8. make_string_lossy replaces what is not with U+FFFD.
Ref make_string(std::string_view text);
Ref make_string_lossy(std::string_view bytes);
bool valid_utf8(std::string_view bytes);
/// Offset of the first byte that belongs to no well-formed sequence, npos when all is valid.
size_t first_invalid_utf8(std::string_view bytes);
/// Precondition: valid UTF-8.
size_t count_code_points(std::string_view text);

/// The text of a String value. Precondition: is<String>(v).
inline std::string_view text_of(Value v) { return as<String>(v).view(); }

/// Byte offset of code point `index` (0 ≤ index ≤ code_points).
size_t byte_offset(const String& s, size_t index);
/// The other way round: which code point begins at byte `offset`.
size_t code_point_index(const String& s, size_t offset);

/// Immutable bytes.
struct ByteString : Object {
  static constexpr Kind k_kind = Kind::ByteString;
  uint32_t length;
  uint32_t pad;
  __extension__ char data[];

  std::string_view view() const { return {data, length}; }
};
Ref make_bytes(std::string_view bytes);
/// "c0ffee", as `#bytes` writes it; nullopt when `digits` are not pairs of hexadecimal digits.
std::string to_hex(std::string_view bytes);
std::optional<std::string> parse_hex(std::string_view digits);

/// Appends one code point as UTF-8.
void append_utf8(std::string& out, char32_t c);
/// Decodes the code point at `text[at]`, moves `at` past it. Precondition: valid UTF-8, at < size.
char32_t next_code_point(std::string_view text, size_t& at);

}  // namespace reops::lang
