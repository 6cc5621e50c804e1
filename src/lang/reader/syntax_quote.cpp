#include "lang/reader/syntax_quote.hpp"

#include <map>
#include <string>
#include <vector>

#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

bool is_special(std::string_view name) {
  static constexpr std::string_view k_special[] = {
      "def",   "if",    "do",   "let*",    "loop*",         "recur",        "fn*",      "letfn*",
      "quote", "var",   "set!", "try",     "catch",         "finally",      "throw",    "new",
      ".",     "case*", "&",    "import*", "monitor-enter", "monitor-exit", "deftype*", "reify*"};
  for (std::string_view s : k_special) {
    if (s == name) return true;
  }
  return false;
}

Ref core(std::string_view name) { return make_symbol("clojure.core", name); }

Ref quote(Value form) { return make_list({make_symbol({}, "quote"), form}); }

// The argument of a call to clojure.core/`name`, none() when `form` is no such call.
Ref call_argument(Value form, std::string_view name) {
  const List* list = try_as<List>(form);
  if (!list || !is<Symbol>(list->first)) return Ref::adopt(Value::none());
  if (name_of(list->first) != name || ns_of(list->first) != "clojure.core") return Ref::adopt(Value::none());
  return first(rest(form));
}

class Template {
 public:
  Ref build(Value form) {
    check_stack();
    Ref built = build_bare(form);
    return with_meta_of(form, std::move(built));
  }

 private:
  Ref build_bare(Value form) {
    if (!form.is_object()) return Ref(form);
    switch (form.as_object()->kind) {
      case Kind::Symbol:
        return quote(resolve_symbol(form));
      case Kind::Vector:
      case Kind::SubVector:
      case Kind::MapEntry:
        return applied("vector", form);
      case Kind::Set:
      case Kind::SortedSet:
        return applied("hash-set", form);
      case Kind::ArrayMap:
      case Kind::HashMap:
      case Kind::SortedMap:
        return applied_map(form);
      case Kind::List:
      case Kind::EmptyList:
      case Kind::Cons:
      case Kind::LazySeq:
      case Kind::ChunkedCons:
        return build_sequence(form);
      case Kind::Keyword:
      case Kind::String:
      case Kind::Int64:
      case Kind::Double:
      case Kind::BigInt:
      case Kind::Ratio:
      case Kind::BigDecimal:
        return Ref(form);
      default:
        return quote(form);
    }
  }

  Ref build_sequence(Value form) {
    Ref unquoted = call_argument(form, "unquote");
    if (!unquoted.get().is_none()) return unquoted;
    if (!call_argument(form, "unquote-splicing").get().is_none()) {
      throw_illegal_state("~@ splices into a list, vector, map or set; here it stands in none");
    }
    Ref parts = concatenated(form);
    if (parts.is_nil()) return make_list({core("list")});
    return make_list({core("seq"), parts});
  }

  // (concat (list a) b …) of what `forms` contains; nil when it is empty.
  Ref concatenated(Value forms) {
    std::vector<Ref> parts;
    for (SeqIterator it(forms); it.more(); it.step()) add_part(parts, it.value());
    return concat_of(parts);
  }

  void add_part(std::vector<Ref>& parts, Value item) {
    Ref spliced = call_argument(item, "unquote-splicing");
    parts.push_back(spliced.get().is_none() ? make_list({core("list"), build(item)}) : std::move(spliced));
  }

  static Ref concat_of(const std::vector<Ref>& parts) {
    if (parts.empty()) return nil();
    Ref head = core("concat");
    std::vector<Value> items{head};
    items.insert(items.end(), parts.begin(), parts.end());
    return make_list(items);
  }

  Ref applied(std::string_view function, Value forms) {
    return make_list(
        {core("apply"), core(function), make_list({core("seq"), or_concat(concatenated(forms))})});
  }

  Ref applied_map(Value map) {
    std::vector<Ref> parts;
    map_each(map, [&](Value key, Value value) {
      add_part(parts, key);
      add_part(parts, value);
    });
    return make_list(
        {core("apply"), core("hash-map"), make_list({core("seq"), or_concat(concat_of(parts))})});
  }

  static Ref or_concat(Ref parts) { return parts.is_nil() ? make_list({core("concat")}) : parts; }

  Ref with_meta_of(Value form, Ref built) {
    if (!is<Symbol>(form) && !is_seq(form) && !is_vector(form) && !is_map(form) && !is_set(form))
      return built;
    if (is_seq(form) && !call_argument(form, "unquote").get().is_none()) return built;
    Ref m = meta(form);
    if (m.is_nil()) return built;
    static const Value k_line = keyword("line"), k_column = keyword("column");
    m = dissoc(dissoc(std::move(m), k_line), k_column);
    if (count(m) == 0) return built;
    return make_list({core("with-meta"), built, build(m)});
  }

  Ref resolve_symbol(Value symbol) {
    std::string_view name = name_of(symbol), ns = ns_of(symbol);
    Value here = current_ns();
    std::string_view here_name = name_of(as<Namespace>(here).name);
    if (ns.empty()) {
      if (is_special(name)) return Ref(symbol);
      if (name.size() > 1 && name.ends_with('#')) return gensym(name.substr(0, name.size() - 1));
      if (name.size() > 1 && name.ends_with('.') && name[0] != '.') {
        Ref type = resolve_plain(here, make_symbol({}, name.substr(0, name.size() - 1)));
        // A constructor call names a class; only a known class has a fuller name to put in its place.
        return make_symbol({}, full_name(type) + ".");
      }
      if (name[0] == '.') return Ref(symbol);
      return resolve_plain(here, Ref(symbol), here_name);
    }
    Ref aliased = namespace_for(here, ns);
    if (!aliased.is_nil()) return make_symbol(name_of(as<Namespace>(aliased).name), name);
    Ref class_symbol = make_symbol({}, ns);
    Value type = resolve(here, class_symbol);
    if (is<Type>(type)) return make_symbol(full_name(as<Type>(type).name), name);
    return Ref(symbol);
  }

  // A symbol without namespace: of a var its full name, of a class the class's, else in `otherwise` if that
  // is given.
  static Ref resolve_plain(Value here, Ref symbol, std::string_view otherwise = {}) {
    std::string_view name = name_of(symbol);
    size_t dot = name.find('.');
    if (dot != std::string_view::npos && dot > 0) return symbol;
    Value named = resolve(here, symbol);
    if (const Var* var = try_as<Var>(named))
      return make_symbol(name_of(as<Namespace>(var->ns).name), name_of(var->name));
    if (is<Type>(named)) return Ref(as<Type>(named).name);
    return otherwise.empty() ? symbol : make_symbol(otherwise, name);
  }

  Ref gensym(std::string_view stem) {
    std::string& name = gensyms_[std::string(stem)];
    if (name.empty()) name = std::string(stem) + "__" + std::to_string(next_id()) + "__auto__";
    return make_symbol({}, name);
  }

  std::map<std::string, std::string> gensyms_;
};

}  // namespace

Ref syntax_quote(Value form) { return Template().build(form); }

Ref namespace_for(Value ns, std::string_view name) {
  Namespace& from = as<Namespace>(ns);
  Ref aliases = cell_load(from, from.aliases);
  if (!aliases.is_nil()) {
    Ref symbol = make_symbol({}, name);
    Value aliased = map_get(aliases, symbol);
    if (!aliased.is_none()) return Ref(aliased);
  }
  return Ref(find_ns(name));
}

}  // namespace reops::lang
