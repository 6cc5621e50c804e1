#pragma once
// The basic types of the SSH protocol (RFC 4251, section 5).

#include <cstdint>
#include <string>
#include <string_view>

namespace reops::ssh {

/// Takes values from the beginning of bytes. What is not there is empty or 0, and the reader is not good any
/// more.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  bool is_good() const { return is_good_; }
  bool has_more() const { return !rest_.empty(); }
  std::string_view rest() const { return rest_; }

  std::string_view text() { return take(number()); }
  std::uint32_t number() { return static_cast<std::uint32_t>(number_of(take(4))); }
  std::uint64_t number64() { return number_of(take(8)); }
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      is_good_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

 private:
  static std::uint64_t number_of(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
  }

  std::string_view rest_;
  bool is_good_ = true;
};

inline std::string wire_number(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(number >> shift & 0xff));
  return bytes;
}

inline std::string wire_text(std::string_view text) {
  return wire_number(static_cast<std::uint32_t>(text.size())).append(text);
}

}  // namespace reops::ssh
