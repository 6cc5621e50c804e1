#include "repl/display.hpp"

#include <utf8proc.h>

namespace reops::repl {

CodePoint code_point_at(std::string_view text, size_t at) {
  utf8proc_int32_t value = 0;
  auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                 static_cast<utf8proc_ssize_t>(text.size() - at), &value);
  if (length <= 0) return {0xfffd, 1};
  return {static_cast<char32_t>(value), static_cast<size_t>(length)};
}

void append_utf8(std::string& out, char32_t c) {
  utf8proc_uint8_t bytes[4];
  auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
}

int width_of(char32_t c) {
  // A control character is shown as its name in the editor's own text, or not at all.
  if (c < 0x20 || c == 0x7f) return 0;
  return utf8proc_charwidth(static_cast<utf8proc_int32_t>(c));
}

size_t width_of(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) {
    CodePoint c = code_point_at(text, at);
    width += static_cast<size_t>(width_of(c.value));
    at += c.length;
  }
  return width;
}

size_t next_place(std::string_view text, size_t at) {
  if (at >= text.size()) return text.size();
  at += code_point_at(text, at).length;
  while (at < text.size()) {
    CodePoint c = code_point_at(text, at);
    if (c.value == '\n' || width_of(c.value) != 0) break;
    at += c.length;
  }
  return at;
}

size_t previous_place(std::string_view text, size_t at) {
  while (at > 0) {
    do {
      --at;
    } while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
    CodePoint c = code_point_at(text, at);
    if (c.value == '\n' || width_of(c.value) != 0) break;
  }
  return at;
}

std::string cut_to_width(std::string_view text, size_t columns) {
  if (width_of(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  size_t width = 0, at = 0;
  while (at < text.size()) {
    CodePoint c = code_point_at(text, at);
    size_t more = static_cast<size_t>(width_of(c.value));
    if (width + more > columns - 1) break;
    width += more;
    at += c.length;
  }
  return std::string(text.substr(0, at)) + "…";
}

}  // namespace reops::repl
