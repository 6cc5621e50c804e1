// Symbols and keywords.

#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/codec/printer.hpp"
#include "lang/runtime/interfaces.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

bool is_ident(Value v) { return is<Symbol>(v) || is<Keyword>(v); }

// The namespace part of a two-argument constructor: a string, or nil for none.
std::string_view ns_argument(Value v, std::string_view what) {
  return v.is_nil() ? std::string_view{} : string_argument(v, what);
}

Ref make_keyword(Args args) {
  if (args.size() == 2)
    return Ref(keyword(ns_argument(args[0], "keyword"), string_argument(args[1], "keyword")));
  Value v = args[0];
  if (is<Keyword>(v)) return Ref(v);
  if (is<Symbol>(v)) return Ref(keyword(ns_of(v), name_of(v)));
  return is<String>(v) ? Ref(keyword(text_of(v))) : nil();
}

Ref find_existing_keyword(Args args) {
  Value found = Value::none();
  if (args.size() == 2) {
    found = find_keyword(ns_argument(args[0], "find-keyword"), string_argument(args[1], "find-keyword"));
  } else if (is<Keyword>(args[0])) {
    found = args[0];
  } else if (is<Symbol>(args[0])) {
    found = find_keyword(ns_of(args[0]), name_of(args[0]));
  } else if (is<String>(args[0])) {
    Ref split = make_symbol(text_of(args[0]));
    found = find_keyword(ns_of(split), name_of(split));
  }
  return found.is_none() ? nil() : Ref(found);
}

Ref make_symbol_of(Args args) {
  if (args.size() == 2)
    return make_symbol(ns_argument(args[0], "symbol"), string_argument(args[1], "symbol"));
  Value v = args[0];
  if (is<Symbol>(v)) return Ref(v);
  if (is<String>(v)) return make_symbol(text_of(v));
  if (is<Keyword>(v)) return make_symbol(ns_of(v), name_of(v));
  if (is<Var>(v)) return make_symbol(name_of(as<Namespace>(as<Var>(v).ns).name), name_of(as<Var>(v).name));
  throw_illegal_argument("symbol makes a symbol of a string, keyword or var; found " + describe(v));
}

Ref name(Args args) {
  Value v = args[0];
  if (is<String>(v)) return Ref(v);
  if (is<Keyword>(v)) return Ref(as<Keyword>(v).name);
  if (is<Symbol>(v)) return Ref(as<Symbol>(v).name);
  if (v.is_nil())
    throw_error(ErrorClass::null_pointer, "name needs a symbol, keyword or string and was given nil");
  if (Ref own = own_answer(v, "getName"); !own.get().is_none()) return own;
  throw_class_cast(v, "a symbol, keyword or string for name");
}

Ref namespace_of(Args args) {
  Value v = args[0];
  if (is<Keyword>(v)) return Ref(as<Keyword>(v).ns);
  if (is<Symbol>(v)) return Ref(as<Symbol>(v).ns);
  if (v.is_nil())
    throw_error(ErrorClass::null_pointer, "namespace needs a symbol or keyword and was given nil");
  if (Ref own = own_answer(v, "getNamespace"); !own.get().is_none()) return own;
  throw_class_cast(v, "a symbol or keyword for namespace");
}

Ref gensym(Args args) {
  std::string name;
  if (args.size() == 0) {
    name = "G__";
  } else {
    append_str(name, args[0]);
  }
  return make_symbol({}, name + std::to_string(next_id()));
}

Ref is_keyword(Args args) { return boolean(is<Keyword>(args[0])); }
Ref is_symbol(Args args) { return boolean(is<Symbol>(args[0])); }
Ref ident(Args args) { return boolean(is_ident(args[0])); }
Ref simple_ident(Args args) { return boolean(is_ident(args[0]) && !has_ns(args[0])); }
Ref qualified_ident(Args args) { return boolean(is_ident(args[0]) && has_ns(args[0])); }
Ref simple_symbol(Args args) { return boolean(is<Symbol>(args[0]) && !has_ns(args[0])); }
Ref qualified_symbol(Args args) { return boolean(is<Symbol>(args[0]) && has_ns(args[0])); }
Ref simple_keyword(Args args) { return boolean(is<Keyword>(args[0]) && !has_ns(args[0])); }
Ref qualified_keyword(Args args) { return boolean(is<Keyword>(args[0]) && has_ns(args[0])); }

constexpr const char* k_core = "clojure.core";

constexpr NativeDef k_defs[] = {
    {k_core, "keyword", make_keyword, 1, 2, k_borrow_all, "([name] [ns name])",
     "The keyword of a string, symbol or keyword, or of a namespace and a name. Nil for anything else."},
    {k_core, "find-keyword", find_existing_keyword, 1, 2, k_borrow_all, "([name] [ns name])",
     "The keyword of that name if there is one already, else nil."},
    {k_core, "symbol", make_symbol_of, 1, 2, k_borrow_all, "([name] [ns name])",
     "The symbol of a string, keyword or var, or of a namespace and a name."},
    {k_core, "name", name, 1, 1, k_borrow_all, "([x])",
     "The name of a symbol or keyword as a string; a string is its own name."},
    {k_core, "namespace", namespace_of, 1, 1, k_borrow_all, "([x])",
     "The namespace part of a symbol or keyword as a string, or nil."},
    {k_core, "gensym", gensym, 0, 1, k_borrow_all, "([] [prefix])",
     "A symbol that nobody has used yet: prefix and a number."},
    {k_core, "keyword?", is_keyword, 1, 1, k_borrow_all, "([x])", "True if x is a keyword."},
    {k_core, "symbol?", is_symbol, 1, 1, k_borrow_all, "([x])", "True if x is a symbol."},
    {k_core, "ident?", ident, 1, 1, k_borrow_all, "([x])", "True if x is a symbol or a keyword."},
    {k_core, "simple-ident?", simple_ident, 1, 1, k_borrow_all, "([x])",
     "True if x is a symbol or keyword without a namespace."},
    {k_core, "qualified-ident?", qualified_ident, 1, 1, k_borrow_all, "([x])",
     "True if x is a symbol or keyword with a namespace."},
    {k_core, "simple-symbol?", simple_symbol, 1, 1, k_borrow_all, "([x])",
     "True if x is a symbol without a namespace."},
    {k_core, "qualified-symbol?", qualified_symbol, 1, 1, k_borrow_all, "([x])",
     "True if x is a symbol with a namespace."},
    {k_core, "simple-keyword?", simple_keyword, 1, 1, k_borrow_all, "([x])",
     "True if x is a keyword without a namespace."},
    {k_core, "qualified-keyword?", qualified_keyword, 1, 1, k_borrow_all, "([x])",
     "True if x is a keyword with a namespace."},
};

}  // namespace

extern const NativeModule k_natives_names;
const NativeModule k_natives_names = {"names", k_defs};

}  // namespace reops::lang
