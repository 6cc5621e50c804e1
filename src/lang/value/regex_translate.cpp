#include "lang/value/regex_translate.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "lang/value/error.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

struct PropertyName {
  std::string_view java;
  std::string_view pcre;  // a POSIX class when it begins with ':', else a Unicode property
};

constexpr PropertyName k_properties[] = {
    {"Lower", ":lower:"},
    {"Upper", ":upper:"},
    {"ASCII", ":ascii:"},
    {"Alpha", ":alpha:"},
    {"Digit", ":digit:"},
    {"Alnum", ":alnum:"},
    {"Punct", ":punct:"},
    {"Graph", ":graph:"},
    {"Print", ":print:"},
    {"Blank", ":blank:"},
    {"Cntrl", ":cntrl:"},
    {"XDigit", ":xdigit:"},
    {"Space", ":space:"},
    {"javaLowerCase", "Ll"},
    {"javaUpperCase", "Lu"},
    {"javaTitleCase", "Lt"},
    {"javaLetter", "L"},
    {"javaDigit", "Nd"},
    {"javaLetterOrDigit", "Xan"},
    {"javaWhitespace", "Xsp"},
    {"IsAlphabetic", "L"},
    {"IsLetter", "L"},
    {"IsDigit", "Nd"},
    {"IsLowercase", "Ll"},
    {"IsUppercase", "Lu"},
    {"IsPunctuation", "P"},
    {"IsWhite_Space", "Xsp"},
    {"IsControl", "Cc"},
    {"L1", "L"},
    {"all", "Any"},
};

std::string hex_escape(char32_t c) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "\\x{%x}", static_cast<unsigned>(c));
  return buffer;
}

bool is_ascii_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_ascii_digit(char32_t c) { return c >= '0' && c <= '9'; }

// A character class under translation. While nothing but plain members has been met it is the inside of one
// PCRE class; as soon as there is an intersection, or a part that excludes, it becomes an expression that
// looks ahead.
struct ClassPart {
  std::string members;                    // inside of [ ]
  std::vector<std::string> alternatives;  // expressions that match one character each
  bool after_set = false;  // the last member was a set such as \\w, after which a hyphen is a hyphen
  std::string expression() const {
    std::vector<std::string> all = alternatives;
    if (!members.empty()) all.insert(all.begin(), "[" + members + "]");
    if (all.empty()) return "(?!)";
    if (all.size() == 1) return all[0];
    std::string joined = "(?:";
    for (size_t i = 0; i < all.size(); ++i) joined += (i ? "|" : "") + all[i];
    return joined + ")";
  }
};

class Translator {
 public:
  explicit Translator(std::string_view java) : in_(java) {}

  TranslatedPattern run() {
    while (more()) {
      char c = peek();
      if (c == '\\') {
        escape_outside();
      } else if (c == '[') {
        ++at_;
        out_.pattern += read_class();
      } else if (c == '(') {
        group();
      } else if (c == '#' && comments_) {
        while (more() && peek() != '\n') out_.pattern += in_[at_++];
      } else if (c == '{' && !is_quantifier()) {
        fail("an unescaped { that begins no repetition");
      } else {
        out_.pattern += in_[at_++];
      }
    }
    return std::move(out_);
  }

 private:
  bool more() const { return at_ < in_.size(); }
  char peek(size_t ahead = 0) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
  bool looking_at(std::string_view s) const { return in_.substr(at_).starts_with(s); }

  [[noreturn]] void fail(std::string_view what) {
    throw_error(ErrorClass::pattern_syntax, "The regular expression " + std::string(in_) + " has " +
                                                std::string(what) + " (at offset " + std::to_string(at_) +
                                                ")");
  }

  bool is_quantifier() const {
    size_t i = 1;
    while (is_ascii_digit(static_cast<unsigned char>(peek(i)))) ++i;
    if (i == 1) return false;
    if (peek(i) == ',') ++i;
    while (is_ascii_digit(static_cast<unsigned char>(peek(i)))) ++i;
    return peek(i) == '}';
  }

  // ( and, if it sets flags, what follows up to : or ).
  void group() {
    if (looking_at("(*")) fail("a * that repeats nothing");
    out_.pattern += in_[at_++];
    if (peek() != '?') return;
    size_t i = 1;
    while (is_ascii_letter(static_cast<unsigned char>(peek(i))) || peek(i) == '-') ++i;
    if (i == 1 || (peek(i) != ':' && peek(i) != ')')) return;
    std::string flags;
    bool off = false;
    for (size_t j = 1; j < i; ++j) {
      char f = peek(j);
      if (f == '-') {
        off = true;
        flags += f;
      } else if (f == 'U') {
        if (!off) out_.unicode_classes = true;
      } else if (f == 'x') {
        comments_ = !off;
        flags += "xx";
      } else if (f == 'i' || f == 'm' || f == 's') {
        flags += f;
      } else if (f != 'd' && f != 'u') {
        fail(std::string("an unknown flag ") + f);
      }
    }
    if (flags == "-") flags.clear();
    out_.pattern += '?' + flags;
    at_ += i;
    // "(?)" with nothing left of its flags is an empty group of no consequence, but PCRE2 takes "(?:)" more
    // gladly.
    if (flags.empty() && peek() == ')') out_.pattern += ':';
  }

  // Text between \Q and \E, each character escaped.
  std::string quoted_text() {
    at_ += 2;
    size_t end = in_.find("\\E", at_);
    std::string_view text =
        in_.substr(at_, end == std::string_view::npos ? std::string_view::npos : end - at_);
    at_ = end == std::string_view::npos ? in_.size() : end + 2;
    std::string escaped;
    for (size_t i = 0; i < text.size();) {
      char32_t c = next_code_point(text, i);
      if (c < 0x80 && !is_ascii_letter(c) && !is_ascii_digit(c)) {
        escaped += hex_escape(c);
      } else {
        append_utf8(escaped, c);
      }
    }
    return escaped;
  }

  int hex_value(size_t from, size_t count) {
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      char c = peek(from + i);
      int digit = is_ascii_digit(static_cast<unsigned char>(c)) ? c - '0'
                  : (c >= 'a' && c <= 'f')                      ? c - 'a' + 10
                  : (c >= 'A' && c <= 'F')                      ? c - 'A' + 10
                                                                : -1;
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  }

  // \uXXXX (two of them for a character beyond the basic plane) and \0nnn; empty when something else stands
  // here.
  std::string coded_character() {
    if (peek(1) == 'u') {
      int unit = hex_value(2, 4);
      if (unit < 0) fail("a \\u without four hexadecimal digits");
      at_ += 6;
      auto c = static_cast<char32_t>(unit);
      if (c >= 0xD800 && c <= 0xDBFF && looking_at("\\u")) {
        int low = hex_value(2, 4);
        if (low >= 0xDC00 && low <= 0xDFFF) {
          at_ += 6;
          c = 0x10000 + ((c - 0xD800) << 10) + static_cast<char32_t>(low - 0xDC00);
        }
      }
      return hex_escape(c);
    }
    if (peek(1) == '0') {
      char32_t value = 0;
      size_t i = 2;
      for (; i < 5 && peek(i) >= '0' && peek(i) <= '7' &&
             value * 8 + static_cast<char32_t>(peek(i) - '0') <= 0377;
           ++i) {
        value = value * 8 + static_cast<char32_t>(peek(i) - '0');
      }
      if (i == 2) fail("a \\0 without octal digits");
      at_ += i;
      return hex_escape(value);
    }
    return {};
  }

  // \p{Name}, \P{Name}, \pL: the inside of a PCRE class. The cursor stands on the backslash.
  std::string property() {
    bool negated = peek(1) == 'P';
    std::string_view name;
    if (peek(2) == '{') {
      size_t end = in_.find('}', at_);
      if (end == std::string_view::npos) fail("a property without its closing }");
      name = in_.substr(at_ + 3, end - at_ - 3);
      at_ = end + 1;
    } else {
      name = in_.substr(at_ + 2, 1);
      at_ += 2 + name.size();
    }
    for (const PropertyName& p : k_properties) {
      if (p.java != name) continue;
      if (p.pcre[0] != ':') return std::string(negated ? "\\P{" : "\\p{") + std::string(p.pcre) + "}";
      return (negated ? "[:^" : "[:") + std::string(p.pcre.substr(1)) + "]";
    }
    for (std::string_view prefix : {"script=", "sc=", "IsScript=", "general_category=", "gc=", "Is"}) {
      if (name.starts_with(prefix)) {
        name.remove_prefix(prefix.size());
        break;
      }
    }
    if (name.starts_with("In") || name.starts_with("blk=") || name.starts_with("block=")) {
      fail("a Unicode block, which is not known here: use a script such as \\p{IsGreek}");
    }
    return std::string(negated ? "\\P{" : "\\p{") + std::string(name) + "}";
  }

  void escape_outside() {
    if (looking_at("\\Q")) {
      std::string text = quoted_text();
      // A quantifier after \E repeats the last character, as it does when every character stands escaped.
      out_.pattern += text;
    } else if (peek(1) == 'p' || peek(1) == 'P') {
      out_.pattern += "[" + property() + "]";
    } else if (std::string coded = coded_character(); !coded.empty()) {
      out_.pattern += coded;
    } else {
      bool may_have_braces = peek(1) == 'x' || peek(1) == 'N';
      out_.pattern += in_[at_++];
      if (more()) out_.pattern += in_[at_++];
      if (may_have_braces && peek() == '{') {
        while (more() && peek() != '}') out_.pattern += in_[at_++];
      }
    }
  }

  // From after [ to after ]. One expression that matches one character.
  std::string read_class() {
    check_stack();
    bool negated = peek() == '^';
    if (negated) ++at_;
    std::vector<ClassPart> parts(1);  // joined by &&
    bool first = true;
    for (;; first = false) {
      if (!more()) fail("a [ without its ]");
      ClassPart& part = parts.back();
      char c = peek();
      if (c == ']' && !(first && part.members.empty())) {
        ++at_;
        break;
      }
      if (looking_at("&&")) {
        while (peek() == '&') ++at_;
        parts.emplace_back();
        continue;
      }
      if (c == '[') {
        ++at_;
        add_nested(part, read_class());
      } else {
        add_member(part);
      }
    }
    if (parts.size() > 1)
      std::erase_if(parts, [](const ClassPart& p) { return p.members.empty() && p.alternatives.empty(); });
    if (parts.empty()) fail("an && with nothing on either side of it");
    if (parts.size() == 1 && parts[0].alternatives.empty()) {
      return (negated ? "[^" : "[") + parts[0].members + "]";
    }
    std::string expression = "(?:";
    for (size_t i = 0; i + 1 < parts.size(); ++i) expression += "(?=" + parts[i].expression() + ")";
    expression += parts.back().expression() + ")";
    return negated ? "(?:(?!" + expression + ")(?s:.))" : expression;
  }

  static void add_nested(ClassPart& part, const std::string& nested) {
    bool plain = nested.starts_with('[') && !nested.starts_with("[^");
    if (plain) {
      part.members += nested.substr(1, nested.size() - 2);
    } else {
      part.alternatives.push_back(nested);
    }
  }

  bool set_escape_at(size_t ahead) const {
    return peek(ahead) == '\\' && peek(ahead + 1) != '\0' &&
           std::string_view("wWdDsShHvVpPR").find(peek(ahead + 1)) != std::string_view::npos;
  }

  void add_member(ClassPart& part) {
    bool after_set = std::exchange(part.after_set, set_escape_at(0));
    if (peek() == '-' && (after_set || set_escape_at(1))) {
      part.members += "\\-";
      ++at_;
      return;
    }
    if (comments_ && (peek() == ' ' || peek() == '\t' || peek() == '\n')) {
      ++at_;
      return;
    }
    if (peek() != '\\') {
      size_t from = at_;
      next_code_point(in_, at_);
      std::string_view member = in_.substr(from, at_ - from);
      // These would mean something at some place inside a PCRE class, and nothing in Java's.
      if (std::string_view("^][:.=").find(member) != std::string_view::npos) part.members += '\\';
      part.members += member;
      return;
    }
    if (looking_at("\\Q")) {
      part.members += quoted_text();
    } else if (peek(1) == 'p' || peek(1) == 'P') {
      part.members += property();
    } else if (std::string coded = coded_character(); !coded.empty()) {
      part.members += coded;
    } else {
      part.members += in_[at_++];
      if (more()) {
        size_t from = at_;
        next_code_point(in_, at_);
        part.members += in_.substr(from, at_ - from);
      }
    }
  }

  std::string_view in_;
  size_t at_ = 0;
  bool comments_ = false;
  TranslatedPattern out_;
};

}  // namespace

TranslatedPattern translate_pattern(std::string_view java) { return Translator(java).run(); }

}  // namespace reops::lang
