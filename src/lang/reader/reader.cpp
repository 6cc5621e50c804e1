#include "lang/reader/reader.hpp"

#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/reader/reader_impl.hpp"
#include "lang/reader/sources.hpp"
#include "lang/reader/syntax_error.hpp"
#include "lang/reader/syntax_quote.hpp"
#include "lang/reader/tokens.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

Value* meta_slot(Value v) {
  if (!v.is_object()) return nullptr;
  switch (v.as_object()->kind) {
    case Kind::Symbol:
      return &as<Symbol>(v).meta;
    case Kind::List:
      return &as<List>(v).meta;
    case Kind::Vector:
      return &as<Vector>(v).meta;
    case Kind::ArrayMap:
      return &as<ArrayMap>(v).meta;
    case Kind::HashMap:
      return &as<HashMap>(v).meta;
    case Kind::Set:
      return &as<Set>(v).meta;
    default:
      return nullptr;
  }
}

}  // namespace

bool can_carry_meta(Value form) {
  if (meta_slot(form)) return true;
  if (!form.is_object()) return false;
  switch (form.as_object()->kind) {
    case Kind::EmptyList:
    case Kind::Cons:
    case Kind::LazySeq:
    case Kind::SubVector:
    case Kind::Record:
      return true;
    default:
      return false;
  }
}

Ref attach_meta(Ref form, Ref meta) {
  Value* slot = meta_slot(form);
  if (!slot || !is_unique(form.get())) return with_meta(std::move(form), std::move(meta));
  Ref old = Ref::adopt(*slot);
  *slot = meta.take();
  return form;
}

Reader::Reader(std::shared_ptr<const Source> source, ReaderOptions options)
    : impl_(std::make_unique<Impl>(std::move(source), std::move(options))) {}
Reader::~Reader() = default;
Ref Reader::read() { return impl_->read(); }
const PositionTable& Reader::positions() const { return impl_->positions(); }
std::shared_ptr<const Source> Reader::source() const { return impl_->source(); }
size_t Reader::offset() const { return impl_->offset(); }
bool Reader::incomplete() const { return impl_->incomplete(); }

Reader::Impl::Impl(std::shared_ptr<const Source> source, ReaderOptions options)
    : source_(std::move(source)),
      options_(std::move(options)),
      in_(std::string_view(source_->text).substr(0, options_.to)),
      invalid_at_(first_invalid_utf8(in_.text())) {
  if (options_.line_metadata) remember_source(source_);
  in_.set_edn(options_.edn);
  positions_.keep(options_.line_metadata);
  constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
  // Files may begin with one; inside of other text it is a character.
  if (options_.line_metadata && in_.looking_at(k_byte_order_mark)) in_.skip_prefix(k_byte_order_mark.size());
  in_.advance_to(options_.from);
}

Ref Reader::Impl::read() {
  items_.clear();
  positions_.clear();
  kept_.clear();
  fn_literal_ = nullptr;
  suppressed_ = 0;
  syntax_quotes_ = 0;
  incomplete_ = false;
  if (invalid_at_ != std::string_view::npos) {
    // Checked before anything is read, so that nothing else here has to doubt the text.
    Scanner before(in_.text().substr(0, invalid_at_));
    before.advance_to(invalid_at_);
    fail(one_column(before.mark()), "reops/invalid-utf-8",
         "The text is not valid UTF-8: byte " + std::to_string(invalid_at_) + " belongs to no character",
         "Convert the file to UTF-8, for instance with iconv.");
  }
  for (;;) {
    Item item;
    switch (step(item, false)) {
      case Got::form:
        return std::move(item.form);
      case Got::nothing:
        continue;
      case Got::closer:
        fail_unmatched();
      case Got::end:
        return Ref::adopt(Value::none());
    }
  }
}

void Reader::Impl::fail(Span where, std::string_view type, std::string_view message, std::string_view hint,
                        ErrorClass error_class) {
  throw_syntax_error(*source_, where, type, message, hint, Value::nil(), error_class);
}

void Reader::Impl::fail_incomplete(Span where, std::string_view type, std::string_view message) {
  incomplete_ = true;
  fail(where, type, message);
}

void Reader::Impl::fail_unmatched() {
  Mark at = in_.mark();
  char c = in_.peek();
  in_.advance();  // so that a caller who goes on does not meet it again
  fail(one_column(at), "reops/unmatched-delimiter",
       "Unmatched delimiter: nothing is open that this " + std::string(1, c) + " could close");
}

void Reader::Impl::fail_edn(const Mark& start, std::string_view what) {
  fail(in_.span_from(start), k_syntax, std::string(what) + " is Clojure's, not part of EDN");
}

void Reader::Impl::check_depth() {
  try {
    check_stack();
  } catch (const Thrown&) {
    fail(one_column(in_.mark()), "reops/nested-too-deeply", "Forms are nested too deeply to be read");
  }
}

Ref Reader::Impl::reading(Span where, const std::function<Ref()>& f) {
  try {
    return f();
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    if (e.error_class == ErrorClass::interrupted || is_syntax_error(e)) throw;
    std::string message = e.message.is_nil() ? std::string("Unreadable") : std::string(text_of(e.message));
    // The message says all there is, unless there is more to the error than that.
    Value cause = e.data.is_nil() && e.cause.is_nil() ? Value::nil() : thrown.error().get();
    throw_syntax_error(*source_, where, k_syntax, message, {}, cause,
                       e.error_class == ErrorClass::stack_overflow ? ErrorClass::reader : e.error_class);
  }
}

std::vector<Value> Reader::Impl::values_from(size_t base) const {
  std::vector<Value> values;
  values.reserve(items_.size() - base);
  for (size_t i = base; i < items_.size(); ++i) values.push_back(items_[i].form);
  return values;
}

void Reader::Impl::adopt_children(Value parent, size_t base) {
  bool needed = false;
  for (size_t i = base; positions_.keeps() && i < items_.size() && !needed; ++i)
    needed = !PositionTable::has_identity(items_[i].form);
  if (needed && PositionTable::has_identity(parent)) {
    std::vector<Span> spans;
    spans.reserve(items_.size() - base);
    for (size_t i = base; i < items_.size(); ++i) spans.push_back(items_[i].span);
    positions_.add_children(parent, std::move(spans));
  }
  items_.resize(base);
}

// A map of many entries has an order of its own, and the children of a form are numbered in its order.
void Reader::Impl::order_as_in(Value map, size_t base) {
  if (!positions_.keeps()) return;
  std::vector<Value> keys;
  map_each(map, [&](Value key, Value) { keys.push_back(key); });
  bool same = true;
  for (size_t i = 0; i < keys.size() && same; ++i) same = keys[i] == items_[base + 2 * i].form.get();
  if (same) return;
  Ref numbers(empty_map());
  for (size_t i = base; i < items_.size(); i += 2)
    numbers = map_assoc(std::move(numbers), items_[i].form, integer(static_cast<int64_t>(i)));
  std::vector<Item> ordered;
  ordered.reserve(items_.size() - base);
  for (Value key : keys) {
    const auto i = static_cast<size_t>(map_get(numbers, key).as_fixnum());
    ordered.push_back(items_[i]);
    ordered.push_back(items_[i + 1]);
  }
  std::move(ordered.begin(), ordered.end(), items_.begin() + static_cast<std::ptrdiff_t>(base));
}

Ref Reader::Impl::list_of(std::vector<Value> items, const Mark& start) {
  Ref list = make_list(items);
  positions_.add(list, in_.span_from(start));
  return list;
}

Ref Reader::Impl::with_line(Ref list, const Mark& start) {
  if (!options_.line_metadata) return list;
  static const Value k_line = keyword("line"), k_column = keyword("column");
  return attach_meta(std::move(list),
                     make_map({k_line, Value::fixnum(start.line), k_column, Value::fixnum(start.column)}));
}

Reader::Impl::Got Reader::Impl::step(Item& out, bool splice) {
  in_.skip_blank();
  if (in_.at_end()) return Got::end;
  Mark start = in_.mark();
  char c = in_.peek();
  switch (c) {
    case ')':
    case ']':
    case '}':
      return Got::closer;
    case '#':
      check_depth();
      return read_dispatch(start, out, splice);
    case '^':
      check_depth();
      in_.advance();
      out = read_meta(start);
      return Got::form;
    default:
      out.form = read_form(start, c, out.span);
      return Got::form;
  }
}

Ref Reader::Impl::read_form(const Mark& start, char c, Span& span) {
  Ref form;
  if (options_.edn && (c == '@' || c == '~' || c == '`')) {
    in_.token();
    fail(in_.span_from(start), "reops/invalid-token",
         "Invalid leading character: nothing in EDN begins with " + std::string(1, c));
  }
  if (options_.edn && c == '\'') c = 'a';  // to EDN the quote is a character of symbols
  switch (c) {
    case '(':
      form = read_list(start);
      break;
    case '[':
      form = read_vector(start);
      break;
    case '{':
      form = read_map(start, {});
      break;
    case '"':
      form = read_string(start);
      break;
    case '\\':
      form = read_character(start);
      break;
    case '\'':
      form = read_wrapped(start, 1, {}, "quote");
      break;
    case '@':
      form = read_wrapped(start, 1, "clojure.core", "deref");
      break;
    case '~':
      form = in_.peek(1) == '@' ? read_wrapped(start, 2, "clojure.core", "unquote-splicing")
                                : read_wrapped(start, 1, "clojure.core", "unquote");
      break;
    case '`': {
      check_depth();
      in_.advance();
      if (syntax_quotes_ == k_most_syntax_quotes) {
        fail(in_.span_from(start), k_syntax,
             "Syntax quotes are nested too deeply: each level multiplies what the one inside has become");
      }
      ++syntax_quotes_;
      Item item = required(start, "`");
      --syntax_quotes_;
      form = suppressed_ ? item.form : reading(in_.span_from(start), [&] { return syntax_quote(item.form); });
      // The template itself must outlive the table that knows its parts by address.
      kept_.push_back(std::move(item.form));
      break;
    }
    case '%':
      form = fn_literal_ ? read_parameter(start) : read_name(start);
      break;
    default:
      form = is_digit(c) || ((c == '+' || c == '-') && is_digit(in_.peek(1))) ? read_number(start)
                                                                              : read_name(start);
  }
  span = in_.span_from(start);
  positions_.add(form, span);
  return form;
}

Reader::Impl::Item Reader::Impl::required(const Mark& prefix, std::string_view what) {
  Span where = in_.span_from(prefix);
  for (;;) {
    Item item;
    switch (step(item, false)) {
      case Got::form:
        return item;
      case Got::nothing:
        continue;
      case Got::closer:
        fail(where, k_syntax,
             quoted(what) + " is followed by " + quoted(std::string(1, in_.peek())) +
                 ": a form must follow it");
      case Got::end:
        fail_incomplete(where, k_unclosed, "The text ends after " + quoted(what) + ": a form must follow it");
    }
  }
}

void Reader::Impl::discard(const Mark& prefix, std::string_view what) {
  ++suppressed_;
  required(prefix, what);
  --suppressed_;
}

void Reader::Impl::read_items(const Mark& opened, std::string_view opening, char close) {
  check_depth();
  for (;;) {
    Item item;
    switch (step(item, true)) {
      case Got::form:
        items_.push_back(std::move(item));
        break;
      case Got::nothing:
        break;
      case Got::closer: {
        if (in_.peek() == close) {
          in_.advance();
          return;
        }
        Mark at = in_.mark();
        fail(one_column(at), "reops/unmatched-delimiter",
             "Unmatched delimiter " + std::string(1, in_.peek()) + ": the " + std::string(opening) +
                 " from " + at_position(opened) + " is closed by " + std::string(1, close));
      }
      case Got::end:
        fail_incomplete(
            {opened.line, opened.column, opened.line, opened.column + static_cast<uint32_t>(opening.size())},
            k_unclosed,
            "The text ends too early: this " + std::string(opening) + " from " + at_position(opened) +
                " is never closed");
    }
  }
}

Ref Reader::Impl::read_list(const Mark& opened) {
  in_.advance();
  size_t base = items_.size();
  read_items(opened, "(", ')');
  if (items_.size() == base) return Ref(empty_list());
  Ref list = with_line(make_list(values_from(base)), opened);
  adopt_children(list, base);
  return list;
}

Ref Reader::Impl::read_vector(const Mark& opened) {
  in_.advance();
  size_t base = items_.size();
  read_items(opened, "[", ']');
  Ref vector = make_vector(values_from(base));
  adopt_children(vector, base);
  return vector;
}

Ref Reader::Impl::read_map(const Mark& opened, std::string_view key_ns) {
  in_.advance();
  size_t base = items_.size();
  read_items(opened, "{", '}');
  if ((items_.size() - base) % 2 != 0) {
    fail(in_.span_from(opened), k_syntax,
         "A map literal needs pairs of key and value; this one has " + std::to_string(items_.size() - base) +
             " forms");
  }
  for (size_t i = base; !key_ns.empty() && i < items_.size(); i += 2) {
    Value key = items_[i].form;
    if (!is<Keyword>(key) && !is<Symbol>(key)) continue;
    std::string_view ns = key_ns;
    if (has_ns(key)) {
      if (ns_of(key) != "_") continue;
      ns = {};
    }
    Ref qualified = is<Keyword>(key) ? Ref(keyword(ns, name_of(key))) : make_symbol(ns, name_of(key));
    positions_.add(qualified, items_[i].span);
    items_[i].form = std::move(qualified);
  }
  return reading(in_.span_from(opened), [&] {
    Ref map = make_map(values_from(base));
    if (map_count(map) * 2 != items_.size() - base) {
      Ref seen(empty_set());
      for (size_t i = base; i < items_.size(); i += 2) {
        if (!set_get(seen, items_[i].form).is_none()) {
          fail(items_[i].span, "reops/duplicate-key", "Duplicate key: this map has the key twice", {},
               ErrorClass::illegal_argument);
        }
        seen = set_conj(std::move(seen), items_[i].form);
      }
    }
    order_as_in(map, base);
    adopt_children(map, base);
    return map;
  });
}

Ref Reader::Impl::read_set(const Mark& opened) {
  in_.advance();
  in_.advance();
  size_t base = items_.size();
  read_items(opened, "#{", '}');
  return reading(in_.span_from(opened), [&] {
    Ref set(empty_set());
    for (size_t i = base; i < items_.size(); ++i) {
      if (!set_get(set, items_[i].form).is_none()) {
        fail(items_[i].span, "reops/duplicate-key", "Duplicate key: this set has the member twice", {},
             ErrorClass::illegal_argument);
      }
      set = set_conj(std::move(set), items_[i].form);
    }
    adopt_children(set, base);
    return set;
  });
}

Ref Reader::Impl::read_wrapped(const Mark& start, size_t prefix, std::string_view ns,
                               std::string_view symbol) {
  check_depth();
  in_.advance_to(start.offset + prefix);
  Span where = in_.span_from(start);
  Item item = required(start, in_.since(start));
  Ref head = make_symbol(ns, symbol);
  positions_.add(head, where);
  Ref list = list_of({head, item.form}, start);
  if (!PositionTable::has_identity(item.form)) positions_.add_children(list, {where, item.span});
  return list;
}

Reader::Impl::Item Reader::Impl::read_meta(const Mark& start) {
  Item given = required(start, in_.since(start));
  static const Value k_tag = keyword("tag"), k_line = keyword("line"), k_column = keyword("column");
  Ref meta;
  if (is<Symbol>(given.form) || is<String>(given.form)) {
    meta = make_map({k_tag, given.form});
  } else if (is<Keyword>(given.form)) {
    meta = make_map({given.form, Value::boolean(true)});
  } else if (is_map(given.form)) {
    meta = given.form;
  } else {
    fail(given.span, k_syntax, "Metadata must be a symbol, keyword, string or map");
  }
  kept_.push_back(given.form);
  Item target = required(start, in_.since(start));
  if (!can_carry_meta(target.form)) {
    fail(target.span, k_syntax, "Metadata can be given to symbols, lists, vectors, maps and sets only");
  }
  bool is_list = is_seq(target.form);
  // What the form carries already stays: the innermost ^ was written last and is merged over by those before
  // it.
  Ref merged = lang::meta(target.form);
  if (merged.is_nil()) {
    merged = is_list && options_.line_metadata
                 ? make_map({k_line, Value::fixnum(start.line), k_column, Value::fixnum(start.column)})
                 : Ref(empty_map());
  }
  map_each(meta, [&](Value key, Value value) { merged = assoc(std::move(merged), Ref(key), Ref(value)); });
  Value before = target.form;
  target.form = attach_meta(std::move(target.form), std::move(merged));
  if (target.form.get() != before) positions_.add(target.form, target.span);
  return target;
}

std::string Reader::Impl::parameter_name(int number) {
  std::string& name = fn_literal_->parameters[number];
  if (name.empty()) {
    name =
        (number == k_rest ? "rest" : "p" + std::to_string(number)) + "__" + std::to_string(next_id()) + "#";
  }
  return name;
}

// Inside #(): % %1 %2 … %&.
Ref Reader::Impl::read_parameter(const Mark& start) {
  std::string_view token = in_.token();
  if (token == "%") return make_symbol({}, parameter_name(1));
  if (token == "%&") return make_symbol({}, parameter_name(k_rest));
  int number = 0;
  for (char c : token.substr(1)) {
    if (!is_digit(c) || number > k_most_parameters) {
      number = 0;
      break;
    }
    number = number * 10 + (c - '0');
  }
  if (number < 1 || number > k_most_parameters) {
    fail(in_.span_from(start), k_syntax,
         quoted(token) + " is no parameter of a function literal: expected %, %1 to %20 or %&");
  }
  return make_symbol({}, parameter_name(number));
}

}  // namespace reops::lang
