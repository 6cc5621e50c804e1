#include "repl/keys.hpp"

#include "repl/display.hpp"

namespace reops::repl {
namespace {

constexpr std::string_view k_paste_begin = "\x1b[200~";
constexpr std::string_view k_paste_end = "\x1b[201~";

Key named(KeyName name) {
  Key key;
  key.name = name;
  return key;
}

Key letter(char32_t c, bool ctrl = false) {
  Key key;
  key.name = KeyName::character;
  key.value = c;
  key.ctrl = ctrl;
  return key;
}

Key control_character(unsigned char c) {
  switch (c) {
    case '\r':
    case '\n':
      return named(KeyName::enter);
    case '\t':
      return named(KeyName::tab);
    case 0x7f:
    case 0x08:
      return named(KeyName::backspace);
    case 0:
      // What a terminal makes of a Ctrl-D that is typed while a program evaluates.
      return letter('d', true);
    default:
      return letter(static_cast<char32_t>(c < 0x1b ? c - 1 + 'a' : c + 0x40), true);
  }
}

KeyName by_final_letter(char final) {
  switch (final) {
    case 'A':
      return KeyName::up;
    case 'B':
      return KeyName::down;
    case 'C':
      return KeyName::right;
    case 'D':
      return KeyName::left;
    case 'H':
      return KeyName::home;
    case 'F':
      return KeyName::end;
    case 'Z':
      return KeyName::back_tab;
    default:
      return KeyName::unknown;
  }
}

KeyName by_number(int number) {
  switch (number) {
    case 1:
    case 7:
      return KeyName::home;
    case 3:
      return KeyName::remove;
    case 4:
    case 8:
      return KeyName::end;
    case 5:
      return KeyName::page_up;
    case 6:
      return KeyName::page_down;
    default:
      return KeyName::unknown;
  }
}

// How many bytes the character has that begins with this one.
size_t utf8_length(unsigned char first) {
  return first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
}

}  // namespace

Key KeyDecoder::take(size_t bytes, Key key) {
  pending_.erase(0, bytes);
  return key;
}

std::optional<Key> KeyDecoder::next() { return pending_.empty() ? std::nullopt : decode(); }

std::optional<Key> KeyDecoder::next_after_pause() {
  if (auto key = next()) return key;
  if (pending_.empty() || pending_.starts_with(k_paste_begin)) return std::nullopt;
  if (pending_[0] == '\x1b') return take(1, named(KeyName::escape));
  return take(1, named(KeyName::unknown));
}

std::optional<Key> KeyDecoder::decode() {
  auto first = static_cast<unsigned char>(pending_[0]);
  // A Ctrl-D typed while something was being evaluated reaches us as a zero byte.
  if (first == 0) return take(1, control_character(0x04));
  if (first == 0x1b) return escape_sequence();
  if (first < 0x20 || first == 0x7f) return take(1, control_character(first));
  size_t length = utf8_length(first);
  if (pending_.size() < length) return std::nullopt;
  CodePoint c = code_point_at(pending_, 0);
  return take(c.length, letter(c.value));
}

// ESC before a key is Alt with it.
std::optional<Key> KeyDecoder::escape_sequence() {
  if (pending_.size() < 2) return std::nullopt;
  char second = pending_[1];
  if (second == '[') return control_sequence();
  if (second == 'O') {
    if (pending_.size() < 3) return std::nullopt;
    return take(3, named(by_final_letter(pending_[2])));
  }
  if (second == '\x1b') return take(1, named(KeyName::escape));
  std::string rest = pending_.substr(1);
  std::swap(pending_, rest);
  std::optional<Key> key = decode();
  if (!key) {
    std::swap(pending_, rest);
    return std::nullopt;
  }
  key->alt = true;
  return key;
}

// ESC [ numbers final: 1;5C is Ctrl-Right, 3~ is Delete.
std::optional<Key> KeyDecoder::control_sequence() {
  if (pending_.starts_with(k_paste_begin)) {
    size_t end = pending_.find(k_paste_end, k_paste_begin.size());
    if (end == std::string::npos) return std::nullopt;
    Key key = named(KeyName::paste);
    key.text = pending_.substr(k_paste_begin.size(), end - k_paste_begin.size());
    return take(end + k_paste_end.size(), key);
  }
  size_t end = pending_.find_first_not_of("0123456789;?<>=", 2);
  if (end == std::string::npos) return std::nullopt;
  std::string_view numbers = std::string_view(pending_).substr(2, end - 2);
  int first = 0, second = 0;
  size_t at = 0;
  auto read_number = [&](int& number) {
    for (; at < numbers.size() && numbers[at] >= '0' && numbers[at] <= '9' && number < 1000; ++at)
      number = number * 10 + (numbers[at] - '0');
  };
  read_number(first);
  if (at < numbers.size() && numbers[at] == ';') {
    ++at;
    read_number(second);
  }
  Key key = named(pending_[end] == '~' ? by_number(first) : by_final_letter(pending_[end]));
  if (second > 1) {
    key.alt = ((second - 1) & 2) != 0;
    key.ctrl = ((second - 1) & 4) != 0;
  }
  return take(end + 1, key);
}

}  // namespace reops::repl
