#include "repl/language_knowledge.hpp"

#include "lang/codec/printer.hpp"
#include "lang/codec/terminal_text.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::repl {
namespace {

using namespace lang;

constexpr const char* k_library = "reops.completion";

// Calls a function of the library.
Ref ask(const char* function, std::initializer_list<Value> args) {
  if (find_ns(k_library).is_nil()) load_lib(k_library);
  Ref symbol = make_symbol(function);
  Value found = resolve(find_ns(k_library), symbol);
  return is<Var>(found) ? call(found, args) : nil();
}

std::string text_at(Value map, const char* key) {
  Ref v = get(map, keyword(key));
  std::string text;
  if (!v.is_nil()) append_str(text, v);
  return terminal_text(text);
}

std::string signature_at(Value map) {
  Ref arglists = get(map, keyword("arglists"));
  if (arglists.is_nil()) return "";
  std::string text;
  for (SeqIterator it(arglists); it.more(); it.step()) text += (text.empty() ? "" : " ") + pr_str(it.value());
  return terminal_text(text);
}

}  // namespace

std::vector<Candidate> LanguageKnowledge::completions(std::string_view prefix, std::string_view before) {
  std::vector<Candidate> candidates;
  try {
    Ref typed = make_string_lossy(prefix), context = make_string_lossy(before);
    Ref options = make_map({keyword("context"), context});
    Ref found = ask("completions", {typed, options});
    for (SeqIterator it(found); it.more(); it.step()) {
      Value map = it.value();
      std::string type = text_at(map, "type");
      if (!type.empty()) type.erase(0, 1);
      candidates.push_back({text_at(map, "candidate"), type, signature_at(map), text_at(map, "doc")});
    }
  } catch (const Thrown&) {
    candidates.clear();
  }
  return candidates;
}

std::string LanguageKnowledge::signature(std::string_view symbol) {
  try {
    Ref name = make_string_lossy(symbol);
    Ref map = ask("describe", {name});
    if (map.is_nil()) return "";
    std::string arglists = signature_at(map), ns = text_at(map, "ns");
    if (arglists.empty()) return "";
    return (ns.empty() ? "" : ns + "/") + text_at(map, "name") + " " + arglists;
  } catch (const Thrown&) {
    return "";
  }
}

}  // namespace reops::repl
