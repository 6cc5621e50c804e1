// The reader macros that begin with #.

#include <algorithm>
#include <limits>

#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/reader/reader_impl.hpp"
#include "lang/reader/syntax_error.hpp"
#include "lang/reader/syntax_quote.hpp"
#include "lang/reader/tokens.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/regex.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {

Reader::Impl::Got Reader::Impl::read_dispatch(const Mark& start, Item& out, bool splice) {
  char c = in_.peek(1);
  auto skip_prefix = [&] {
    in_.advance();
    in_.advance();
  };
  switch (c) {
    case '_':
      skip_prefix();
      discard(start, "#_");
      return Got::nothing;
    case '!':
      refuse_in_edn(start, "The comment #!");
      in_.skip_line();
      return Got::nothing;
    case '?':
      if (options_.edn) fail_edn(start, "The reader conditional #?");
      return read_conditional(start, out, splice);
    case '^':
      skip_prefix();
      out = read_meta(start);
      return Got::form;
    case '{':
      out.form = read_set(start);
      break;
    case '(':
      refuse_in_edn(start, "The function literal #()");
      out.form = read_fn_literal(start);
      break;
    case '"':
      refuse_in_edn(start, "The regular expression #\"\"");
      out.form = read_regex(start);
      break;
    case '\'':
      refuse_in_edn(start, "The var quote #'");
      out.form = read_wrapped(start, 2, {}, "var");
      break;
    case '#':
      out.form = read_symbolic(start);
      break;
    case ':':
      out.form = read_namespaced_map(start);
      break;
    case '=':
      skip_prefix();
      fail(in_.span_from(start), k_syntax, "#= would run code while reading: Re-ops does not",
           "Write the expression itself, or a macro.");
    case '<':
      skip_prefix();
      fail(in_.span_from(start), k_syntax,
           "#<…> is how something without a literal was printed: it cannot be read back");
    case '\0':
      if (in_.mark().offset + 1 >= in_.text().size()) {
        in_.advance();
        fail_incomplete(in_.span_from(start), "reops/unclosed", "The text ends after #");
      }
      [[fallthrough]];
    default:
      out.form = read_tagged(start);
  }
  out.span = in_.span_from(start);
  positions_.add(out.form, out.span);
  return Got::form;
}

Ref Reader::Impl::read_fn_literal(const Mark& start) {
  if (fn_literal_) {
    fail(in_.span_from(start), k_syntax, "Function literals #() cannot be nested",
         "Use (fn [x] …) for the inner one.", ErrorClass::illegal_state);
  }
  in_.advance();
  fn_literal_ = std::make_unique<FnLiteral>();
  Mark body_start = in_.mark();
  Ref body = read_list(body_start);
  positions_.add(body, in_.span_from(body_start));

  auto& named = fn_literal_->parameters;
  int last = named.empty() ? 0 : std::max(0, named.rbegin()->first);
  bool rest = named.contains(k_rest);
  std::vector<Ref> parameters;
  for (int i = 1; i <= last; ++i) parameters.push_back(make_symbol({}, parameter_name(i)));
  if (rest) {
    parameters.push_back(make_symbol({}, "&"));
    parameters.push_back(make_symbol({}, parameter_name(k_rest)));
  }
  fn_literal_ = nullptr;
  Ref vector = make_vector(std::vector<Value>(parameters.begin(), parameters.end()));
  Ref head = make_symbol({}, "fn*");
  Span where = in_.span_from(start);
  for (const Ref& p : parameters) positions_.add(p, where);
  positions_.add(vector, where);
  positions_.add(head, where);
  return make_list({head, vector, body});
}

Ref Reader::Impl::read_regex(const Mark& start) {
  in_.advance();
  Mark quote = in_.mark();
  in_.advance();
  Mark from = in_.mark();
  for (;;) {
    if (in_.at_end()) {
      fail_incomplete({quote.line, quote.column, quote.line, quote.column + 1}, "reops/unclosed",
                      "The text ends too early: this regular expression from line " +
                          std::to_string(start.line) + " column " + std::to_string(start.column) +
                          " is never closed");
    }
    char c = in_.peek();
    if (c == '"') break;
    in_.advance();
    if (c == '\\') in_.advance();
  }
  std::string_view pattern = in_.since(from);
  in_.advance();
  return reading(in_.span_from(start), [&] { return make_regex(pattern); });
}

Ref Reader::Impl::read_symbolic(const Mark& start) {
  in_.advance();
  in_.advance();
  std::string_view token = in_.token();
  if (token == "Inf") return real(std::numeric_limits<double>::infinity());
  if (token == "-Inf") return real(-std::numeric_limits<double>::infinity());
  if (token == "NaN") return real(std::numeric_limits<double>::quiet_NaN());
  fail(in_.span_from(start), k_syntax,
       quoted("##" + std::string(token)) + " is no symbolic value: there are ##Inf, ##-Inf and ##NaN");
}

// #:ns{…}, #::{…}, #::alias{…}
Ref Reader::Impl::read_namespaced_map(const Mark& start) {
  in_.advance();
  std::string_view token = in_.token();  // ":ns", "::", "::alias"
  std::string ns;
  if (token == "::") {
    if (options_.edn) fail_edn(start, "The map prefix #::");
    ns = suppressed_ ? "suppressed" : std::string(name_of(as<Namespace>(current_ns()).name));
  } else {
    bool named = token.size() > 1 && is_name(token) && is_name_token(token.substr(1)) &&
                 token.find('/') == std::string_view::npos;
    if (!named)
      fail(in_.span_from(start), k_syntax, "A namespaced map is written #:name{…}, #::{…} or #::alias{…}");
    // ::alias of the map is that of any keyword in it.
    ns = token.starts_with("::") ? std::string(ns_of(keyword_of_token(std::string(token) + "/x", start)))
                                 : std::string(token.substr(1));
  }
  in_.skip_blank();
  if (in_.at_end())
    fail_incomplete(in_.span_from(start), "reops/unclosed",
                    "The text ends before the map of this namespaced map");
  if (in_.peek() != '{')
    fail(in_.span_from(start), k_syntax, "A namespaced map needs a map in braces after its namespace");
  return read_map(in_.mark(), ns);
}

bool Reader::Impl::has_feature(Value feature) const {
  if (!has_ns(feature)) {
    std::string_view name = name_of(feature);
    if (name == "reops" || name == "clj" || name == "default") return true;
  }
  return is_set(options_.features) && contains(options_.features, feature);
}

Reader::Impl::Got Reader::Impl::read_conditional(const Mark& start, Item& out, bool splice) {
  in_.advance();
  in_.advance();
  bool splicing = in_.peek() == '@';
  if (splicing) in_.advance();
  Span where = in_.span_from(start);
  if (options_.conditionals == ReaderOptions::Conditionals::refuse && !suppressed_) {
    fail(where, k_syntax, "Reader conditionals are not allowed here",
         "Pass {:read-cond :allow} to read-string.");
  }
  in_.skip_blank();
  Mark opened = in_.mark();
  if (in_.at_end())
    fail_incomplete(where, "reops/unclosed", "The text ends before the branches of this reader conditional");
  if (in_.peek() != '(') fail(where, k_syntax, "A reader conditional is written #?(:feature form …)");
  if (options_.conditionals == ReaderOptions::Conditionals::preserve) {
    // Nothing is chosen, so nothing in it is interpreted either.
    Ref branches = read_list(opened);
    out.form = make_reader_conditional(branches, splicing);
    out.span = in_.span_from(start);
    positions_.add(out.form, out.span);
    return Got::form;
  }
  if (splicing && !splice && !suppressed_)
    fail(where, k_syntax, "#?@ splices into a list, vector, map or set; here it stands in none");
  in_.advance();
  Item chosen;
  bool found = false;
  for (;;) {
    Mark feature_start = in_.mark();
    Item feature;
    Got got = step(feature, false);
    if (got == Got::nothing) continue;
    if (got == Got::end) {
      fail_incomplete(where, "reops/unclosed",
                      "The text ends too early: this reader conditional is never closed");
    }
    if (got == Got::closer) {
      if (in_.peek() == ')') break;
      fail_unmatched();
    }
    if (!is<Keyword>(feature.form))
      fail(feature.span, k_syntax, "A feature of a reader conditional is a keyword, such as :clj");
    if (found || !has_feature(feature.form)) {
      discard(feature_start, full_name(feature.form));
      continue;
    }
    chosen = required(feature_start, full_name(feature.form));
    found = true;
  }
  in_.advance();
  if (!found) return Got::nothing;
  if (splicing && splice) {
    splice_items(chosen);
    return Got::nothing;
  }
  out = std::move(chosen);
  return Got::form;
}

void Reader::Impl::splice_items(const Item& item) {
  if (!is_sequential(item.form)) fail(item.span, k_syntax, "#?@ can only splice a list or a vector");
  size_t index = 0;
  for (SeqIterator it(item.form); it.more(); it.step()) {
    Span span = positions_.of_child(item.form, index++, it.value());
    items_.push_back({Ref(it.value()), span.known() ? span : item.span});
  }
  kept_.push_back(item.form);
}

Ref Reader::Impl::read_tagged(const Mark& start) {
  in_.advance();
  check_depth();
  Item tag = required(start, "#");
  if (!is<Symbol>(tag.form)) fail(in_.span_from(start), k_syntax, "A tag after # is a symbol, as in #inst");
  std::string name = full_name(tag.form);
  Item form = required(start, "#" + name);
  kept_.push_back(form.form);
  if (suppressed_) return nil();
  if (options_.conditionals == ReaderOptions::Conditionals::preserve)
    return make_tagged_literal(tag.form, form.form);
  Span where = in_.span_from(start);
  return interpret_tag(tag.form, form, where);
}

Ref Reader::Impl::interpret_tag(Value tag, const Item& form, Span where) {
  auto from_map = [&](Value readers) -> Ref {
    if (readers.is_nil()) return nil();
    return get(readers, tag);
  };
  Ref reader = from_map(options_.data_readers);
  if (reader.is_nil() && !options_.edn) reader = from_map(deref(*core_vars().data_readers));
  if (!reader.is_nil()) return reading(where, [&] { return call(reader, {form.form}); });

  std::string name = full_name(tag);
  if (name == "inst") {
    std::optional<int64_t> instant;
    if (is<String>(form.form)) instant = parse_instant(text_of(form.form));
    if (!instant)
      fail(form.span, k_syntax,
           "#inst takes a string with a date and time such as \"2024-05-06T07:08:09.000-00:00\"");
    return make_inst(*instant);
  }
  if (name == "uuid") {
    Ref uuid = is<String>(form.form) ? parse_uuid(text_of(form.form)) : nil();
    if (uuid.is_nil())
      fail(form.span, k_syntax, "#uuid takes a string such as \"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\"");
    return uuid;
  }
  if (name == "bytes") {
    if (!is<String>(form.form)) fail(form.span, k_syntax, "#bytes takes a string of hexadecimal digits");
    std::optional<std::string> bytes = parse_hex(text_of(form.form));
    if (!bytes) fail(form.span, k_syntax, "#bytes takes a string of hexadecimal digits, two for each byte");
    return make_bytes(*bytes);
  }
  if (!has_ns(tag) && name.find('.') != std::string::npos && !options_.edn)
    return read_record(tag, form, where);

  Ref fallback = options_.default_reader;
  if (fallback.is_nil() && !options_.edn) fallback = deref(*core_vars().default_data_reader_fn);
  if (!fallback.is_nil()) return reading(where, [&] { return call(fallback, {tag, form.form}); });
  fail(where, "reops/unknown-tag", "No reader is known for the tag #" + name,
       "Bind *data-readers*, or *default-data-reader-fn*, to read it.");
}

// #my.ns.Name{…} and #my.ns.Name[…]: what defrecord's own functions make of it.
Ref Reader::Impl::read_record(Value tag, const Item& form, Span where) {
  std::string full(name_of(tag));
  size_t dot = full.rfind('.');
  std::string ns = full.substr(0, dot), type = full.substr(dot + 1);
  for (char& c : ns) {
    if (c == '_') c = '-';
  }
  bool from_map = is_map(form.form);
  if (!from_map && !is_vector(form.form))
    fail(form.span, k_syntax, "A record literal takes a map or a vector");
  Value home = find_ns(ns);
  Ref maker = make_symbol({}, (from_map ? "map->" : "->") + type);
  Value var = home.is_nil() ? Value::nil() : resolve(home, maker);
  if (!is<Var>(var))
    fail(where, "reops/unknown-tag", "There is no record " + full + " (is its namespace loaded?)");
  return reading(where, [&] {
    Ref function = deref(as<Var>(var));
    if (from_map) return call(function, {form.form});
    std::vector<Value> fields;
    for (size_t i = 0; i < vector_count(form.form); ++i) fields.push_back(vector_at(form.form, i));
    return call(function, fields);
  });
}

}  // namespace reops::lang
