// The text of definitions, for `source`.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"
#include "lang/reader/sources.hpp"
#include "lang/runtime/loader.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

// What the file of that name says: as it was when it was loaded, if that is remembered, else as it is now.
std::optional<std::string> text_of_file(const std::string& name) {
  if (auto source = find_source(name)) return source->text;
  if (auto found = find_file(name)) return read_found(*found);
  return read_file(name);
}

size_t offset_of_line(std::string_view text, int64_t line) {
  size_t at = 0;
  for (int64_t i = 1; i < line; ++i) {
    at = text.find('\n', at);
    if (at == std::string_view::npos) return text.size();
    ++at;
  }
  return at;
}

// The end of the list that opens at `at`: past its closing parenthesis, whatever strings, characters and
// comments contain.
size_t end_of_list(std::string_view text, size_t at) {
  size_t depth = 0;
  for (; at < text.size(); ++at) {
    switch (text[at]) {
      case '(':
      case '[':
      case '{':
        ++depth;
        break;
      case ')':
      case ']':
      case '}':
        if (--depth == 0) return at + 1;
        break;
      case '\\':
        ++at;
        break;
      case ';':
        at = std::min(text.find('\n', at), text.size() - 1);
        break;
      case '"':
        for (++at; at < text.size() && text[at] != '"'; ++at) {
          if (text[at] == '\\') ++at;
        }
        break;
      default:
        break;
    }
  }
  return text.size();
}

Ref definition_text(Args args) {
  Ref m = meta(args[0]);
  Ref file = get(m, keyword("file"));
  Ref line = get(m, keyword("line"));
  if (!is<String>(file) || !line.get().is_fixnum()) return nil();
  std::optional<std::string> text = text_of_file(std::string(text_of(file)));
  if (!text) return nil();
  size_t start = text->find('(', offset_of_line(*text, line.get().as_fixnum()));
  if (start == std::string::npos) return nil();
  return make_string_lossy(std::string_view(*text).substr(start, end_of_list(*text, start) - start));
}

constexpr NativeDef k_defs[] = {
    {"reops.internal", "definition-text", definition_text, 1, 1, k_borrow_all, "([v])",
     "The text of the form that defined the var, nil when its file is not known."},
};

}  // namespace

extern const NativeModule k_natives_definitions;
const NativeModule k_natives_definitions = {"definitions", k_defs};

}  // namespace reops::lang
