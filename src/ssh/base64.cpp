#include "ssh/base64.hpp"

#include <cstdint>

namespace reops::ssh {
namespace {

constexpr std::string_view k_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = (group << 8) | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j)
      text += i + j > bytes.size() ? '=' : k_alphabet[(group >> (18 - 6 * j)) & 63];
  }
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::string bytes;
  std::uint32_t group = 0;
  int bits = 0;
  std::size_t symbols = 0;
  bool ended = false;
  for (const char symbol : text) {
    if (symbol == ' ' || symbol == '\n' || symbol == '\r' || symbol == '\t') continue;
    ++symbols;
    if (symbol == '=') {
      ended = true;
      continue;
    }
    const std::size_t value = k_alphabet.find(symbol);
    if (ended || value == std::string_view::npos) return std::nullopt;
    group = (group << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>((group >> bits) & 255);
    }
  }
  if (symbols % 4 != 0) return std::nullopt;
  return bytes;
}

}  // namespace reops::ssh
