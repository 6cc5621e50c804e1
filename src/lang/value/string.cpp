#include "lang/value/string.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {
namespace {

constexpr uint64_t k_high_bits = 0x8080808080808080u;

uint64_t load_word(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Length of the longest prefix that is ASCII, looked at eight bytes at a time; may stop up to seven bytes
// early.
size_t ascii_prefix(std::string_view s) {
  size_t i = 0;
  while (i + 8 <= s.size() && !(load_word(s.data() + i) & k_high_bits)) i += 8;
  return i;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Length of the well-formed sequence at s[at], 0 when there is none (Unicode's table 3-7: shortest form, no
// surrogates).
size_t sequence_length(std::string_view s, size_t at) {
  auto byte = [&](size_t i) { return at + i < s.size() ? static_cast<unsigned char>(s[at + i]) : 0u; };
  auto tail = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!tail(1) || !tail(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;
    if (lead == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

// How many bytes at s[at], where no well-formed sequence begins, one replacement character stands for: the
// beginning of a sequence that breaks off, else a single byte (as Unicode recommends and Java does).
size_t broken_length(std::string_view s, size_t at) {
  auto lead = static_cast<unsigned char>(s[at]);
  size_t expected = lead >= 0xC2 && lead <= 0xDF   ? 2
                    : lead >= 0xE0 && lead <= 0xEF ? 3
                    : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                   : 1;
  size_t n = 1;
  for (; n < expected && at + n < s.size() && is_continuation(s[at + n]); ++n) {
    auto c = static_cast<unsigned char>(s[at + n]);
    if (n == 1 && ((lead == 0xE0 && c < 0xA0) || (lead == 0xED && c > 0x9F) || (lead == 0xF0 && c < 0x90) ||
                   (lead == 0xF4 && c > 0x8F)))
      break;
  }
  return n;
}

uint32_t checked_size(size_t size) {
  if (size > std::numeric_limits<uint32_t>::max() - 64)
    throw_illegal_argument("A string cannot be longer than 4 GiB");
  return static_cast<uint32_t>(size);
}

size_t string_size(const Object& o) { return sizeof(String) + static_cast<const String&>(o).bytes; }
size_t bytes_size(const Object& o) { return sizeof(ByteString) + static_cast<const ByteString&>(o).length; }

uint32_t hash_string(Value v) {
  String& s = as<String>(v);
  // Two threads may both compute it; they store the same number.
  std::atomic_ref cached(s.hash);
  uint32_t h = cached.load(std::memory_order_relaxed);
  if (h == 0) {
    h = hash_bytes(s.data, s.bytes);
    if (h == 0) h = 1;
    cached.store(h, std::memory_order_relaxed);
  }
  return h;
}

bool equal_string(Value a, Value b) {
  const String* other = try_as<String>(b);
  return other && as<String>(a).view() == other->view();
}

uint32_t hash_byte_string(Value v) {
  const ByteString& b = as<ByteString>(v);
  return hash_combine(hash_bytes(b.data, b.length), 0xB17E5);
}

bool equal_byte_string(Value a, Value b) {
  const ByteString* other = try_as<ByteString>(b);
  return other && as<ByteString>(a).view() == other->view();
}

}  // namespace

const KindInfo k_info_String = {.name = "String",
                                .slots_at = sizeof(String),
                                .slots = 0,
                                .byte_size = string_size,
                                .hash = hash_string,
                                .equal = equal_string};

const KindInfo k_info_ByteString = {.name = "ByteString",
                                    .slots_at = sizeof(ByteString),
                                    .slots = 0,
                                    .byte_size = bytes_size,
                                    .hash = hash_byte_string,
                                    .equal = equal_byte_string};

Ref make_string(std::string_view text) {
  uint32_t size = checked_size(text.size());
  String* s = allocate<String>(size);
  s->bytes = size;
  s->code_points = static_cast<uint32_t>(count_code_points(text));
  s->hash = 0;
  s->pad = 0;
  if (size) std::memcpy(s->data, text.data(), size);
  return Ref::adopt(s);
}

Ref make_string_lossy(std::string_view bytes) {
  size_t bad = first_invalid_utf8(bytes);
  if (bad == std::string_view::npos) return make_string(bytes);
  std::string out;
  out.reserve(bytes.size() + 16);
  while (bad != std::string_view::npos) {
    out.append(bytes.substr(0, bad));
    append_utf8(out, 0xFFFD);
    bytes.remove_prefix(bad + broken_length(bytes, bad));
    bad = first_invalid_utf8(bytes);
  }
  out.append(bytes);
  return make_string(out);
}

size_t first_invalid_utf8(std::string_view bytes) {
  size_t i = 0;
  while (i < bytes.size()) {
    if (static_cast<unsigned char>(bytes[i]) < 0x80) {
      size_t skipped = ascii_prefix(bytes.substr(i));
      i += skipped ? skipped : 1;
      continue;
    }
    size_t length = sequence_length(bytes, i);
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

bool valid_utf8(std::string_view bytes) { return first_invalid_utf8(bytes) == std::string_view::npos; }

size_t count_code_points(std::string_view text) {
  size_t continuation = 0;
  for (char c : text) continuation += is_continuation(c);
  return text.size() - continuation;
}

size_t byte_offset(const String& s, size_t index) {
  if (s.ascii()) return index;
  if (index >= s.code_points) return s.bytes;
  // From the nearer end.
  if (index > s.code_points / 2) {
    size_t at = s.bytes;
    for (size_t left = s.code_points - index; left > 0; --left) {
      do --at;
      while (is_continuation(s.data[at]));
    }
    return at;
  }
  size_t at = 0;
  for (; index > 0; --index) {
    do ++at;
    while (is_continuation(s.data[at]));
  }
  return at;
}

size_t code_point_index(const String& s, size_t offset) {
  return s.ascii() ? offset : count_code_points(s.view().substr(0, offset));
}

Ref make_bytes(std::string_view bytes) {
  uint32_t size = checked_size(bytes.size());
  ByteString* b = allocate<ByteString>(size);
  b->length = size;
  b->pad = 0;
  if (size) std::memcpy(b->data, bytes.data(), size);
  return Ref::adopt(b);
}

std::string to_hex(std::string_view bytes) {
  static constexpr char k_digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    out += k_digits[byte >> 4];
    out += k_digits[byte & 15];
  }
  return out;
}

std::optional<std::string> parse_hex(std::string_view digits) {
  auto value = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(digits.size() / 2);
  for (size_t i = 0; i < digits.size(); i += 2) {
    int high = value(digits[i]), low = value(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

void append_utf8(std::string& out, char32_t c) {
  auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

char32_t next_code_point(std::string_view text, size_t& at) {
  auto byte = [&](size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[at + i])); };
  char32_t lead = byte(0);
  char32_t c;
  if (lead < 0x80) {
    c = lead;
    at += 1;
  } else if (lead < 0xE0) {
    c = (lead & 0x1F) << 6 | (byte(1) & 0x3F);
    at += 2;
  } else if (lead < 0xF0) {
    c = (lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    at += 3;
  } else {
    c = (lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
    at += 4;
  }
  return c;
}

}  // namespace reops::lang
