#include "lang/reader/tokens.hpp"

#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

bool begins_part(char c) { return !is_digit(c) && c != '/'; }

// [namespace "/"] name, where neither begins with a digit, and "/" itself is a name.
bool is_qualified(std::string_view s) {
  if (s.empty()) return false;
  std::string_view ns, name = s;
  if (s != "/") {
    size_t slash = s.ends_with('/') ? s.size() - 2 : s.rfind('/');
    if (s.ends_with('/') && (s.size() < 3 || s[slash] != '/')) return false;
    if (slash != std::string_view::npos) {
      ns = s.substr(0, slash);
      name = s.substr(slash + 1);
      if (ns.empty() || !begins_part(ns[0])) return false;
    }
    if (name != "/" && !begins_part(name[0])) return false;
  }
  return !ns.ends_with(':') && !name.ends_with(':');
}

}  // namespace

bool is_name_token(std::string_view token) {
  if (token.empty() || token.find("::", 1) != std::string_view::npos) return false;
  if (token[0] == ':') {
    // With the colon as a prefix, or as the first character of the name: the second is what makes :1 a
    // keyword.
    return token.size() > 1 && (is_qualified(token.substr(1)) || is_qualified(token));
  }
  return is_qualified(token);
}

int32_t parse_digits(std::string_view text, int base) {
  if (text.empty()) return -1;
  int32_t value = 0;
  for (char c : text) {
    int digit = is_digit(c)              ? c - '0'
                : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                         : 99;
    if (digit >= base) return -1;
    value = value * base + digit;
  }
  return value;
}

bool parse_character(std::string_view token, char32_t& result, std::string& problem) {
  struct Named {
    std::string_view name;
    char32_t value;
  };
  static constexpr Named k_named[] = {{"newline", '\n'}, {"space", ' '},     {"tab", '\t'},
                                      {"backspace", 8},  {"formfeed", 0x0C}, {"return", '\r'}};
  size_t end = 0;
  result = next_code_point(token, end);
  if (end == token.size()) return true;
  for (const Named& n : k_named) {
    if (token == n.name) {
      result = n.value;
      return true;
    }
  }
  if (token[0] == 'u') {
    int32_t value = token.size() == 5 ? parse_digits(token.substr(1), 16) : -1;
    if (value < 0) {
      problem = "\\" + std::string(token) + " is no character: \\u takes exactly four hexadecimal digits";
      return false;
    }
    result = static_cast<char32_t>(value);
    if (is_surrogate(result)) {
      problem = "\\" + std::string(token) +
                " is half of a surrogate pair, not a character; write the character itself";
      return false;
    }
    return true;
  }
  if (token[0] == 'o') {
    int32_t value = token.size() <= 4 ? parse_digits(token.substr(1), 8) : -1;
    if (value < 0 || value > 0377) {
      problem =
          "\\" + std::string(token) + " is no character: \\o takes one to three octal digits, up to 377";
      return false;
    }
    result = static_cast<char32_t>(value);
    return true;
  }
  problem = "\\" + std::string(token) +
            " is no character: expected one character, or newline, space, tab, backspace, " +
            "formfeed, return, uXXXX, oXXX";
  return false;
}

}  // namespace reops::lang
