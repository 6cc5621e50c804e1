// Reading forms from text.

#include "lang/reader/reader.hpp"

#include <algorithm>
#include <iterator>

#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/value/number.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"

namespace reops::lang {
namespace {

// What the option map of read and read-string, or of clojure.edn's, asks for.
struct ReadRequest {
  ReaderOptions options;
  Ref eof = Ref::adopt(Value::none());  // none(): the end of the text is an error
};

ReadRequest core_request(Value map) {
  static const Value k_read_cond = keyword("read-cond"), k_allow = keyword("allow"),
                     k_preserve = keyword("preserve"), k_features = keyword("features"),
                     k_eof = keyword("eof"), k_eofthrow = keyword("eofthrow");
  ReadRequest request;
  request.options.line_metadata = false;
  request.options.conditionals = ReaderOptions::Conditionals::refuse;
  if (map.is_nil()) return request;
  if (!is_map(map)) throw_class_cast(map, "a map of options for reading");
  Ref conditionals = get(map, k_read_cond);
  if (conditionals.get() == k_allow) request.options.conditionals = ReaderOptions::Conditionals::allow;
  if (conditionals.get() == k_preserve) request.options.conditionals = ReaderOptions::Conditionals::preserve;
  request.options.features = get(map, k_features);
  Ref eof = get(map, k_eof, Value::none());
  if (eof.get() != k_eofthrow) request.eof = std::move(eof);
  return request;
}

ReadRequest edn_request(Value map) {
  static const Value k_readers = keyword("readers"), k_default = keyword("default"), k_eof = keyword("eof");
  ReadRequest request;
  request.options.line_metadata = false;
  request.options.edn = true;
  if (map.is_nil()) return request;
  if (!is_map(map)) throw_class_cast(map, "a map of options for reading");
  request.options.data_readers = get(map, k_readers);
  request.options.default_reader = get(map, k_default);
  request.eof = get(map, k_eof, Value::none());
  return request;
}

[[noreturn]] void throw_end_of_text() {
  throw_diagnostic(ErrorClass::reader, "reops/end-of-text", "There is no form to read: the text has ended");
}

Ref read_text(std::string_view text, const ReadRequest& request) {
  auto source = std::make_shared<Source>();
  source->name = "string";
  source->text = text;
  Reader reader(source, request.options);
  Ref form = reader.read();
  if (!form.get().is_none()) return form;
  if (request.eof.get().is_none()) throw_end_of_text();
  return request.eof;
}

Ref read_input(TextInput& input, const ReadRequest& request, std::string* consumed = nullptr) {
  Ref form = input.read_form(request.options, consumed);
  if (!form.get().is_none()) return form;
  if (request.eof.get().is_none()) throw_end_of_text();
  return request.eof;
}

Ref read_string(Args args) {
  bool with_options = args.size() == 2;
  ReadRequest request = core_request(with_options ? args[0] : Value::nil());
  return read_text(string_argument(args[with_options ? 1 : 0], "read-string"), request);
}

// ([] [stream] [opts stream] [stream eof-error? eof-value] [stream eof-error? eof-value recursive?])
Ref read_with(Args args, std::string* consumed) {
  if (args.size() == 2) {
    ReadRequest request = core_request(args[0]);
    return read_input(input_argument(args[1]), request, consumed);
  }
  ReadRequest request = core_request(Value::nil());
  if (args.size() >= 3 && !args[1].truthy()) request.eof = Ref(args[2]);
  return read_input(args.size() == 0 ? current_in() : input_argument(args[0]), request, consumed);
}

Ref read(Args args) { return read_with(args, nullptr); }

Ref read_and_text(Args args) {
  std::string consumed;
  Ref form = read_with(args, &consumed);
  // The text is without the space around it, as java.lang.String's trim leaves it.
  auto is_space = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  auto begin = std::find_if_not(consumed.begin(), consumed.end(), is_space);
  auto end = std::find_if_not(consumed.rbegin(), std::make_reverse_iterator(begin), is_space).base();
  Ref text = make_string(std::string(begin, end));
  return make_vector({form, text});
}

Ref edn_read_string(Args args) {
  bool with_options = args.size() == 2;
  Value text = args[with_options ? 1 : 0];
  ReadRequest request = edn_request(with_options ? args[0] : Value::nil());
  if (text.is_nil()) return nil();
  // An empty text reads as nil unless the options say otherwise.
  if (!with_options) request.eof = nil();
  return read_text(string_argument(text, "clojure.edn/read-string"), request);
}

Ref edn_read(Args args) {
  bool with_options = args.size() == 2;
  ReadRequest request = edn_request(with_options ? args[0] : Value::nil());
  return read_input(args.size() == 0 ? current_in() : input_argument(args[with_options ? 1 : 0]), request);
}

// Notes where a form stands that is at `path`, and all that is in it. What a tag stands before is one step
// below it, under the tag's symbol.
void note_places(Value form, Span span, const Ref& path, const PositionTable& table, Ref& places) {
  places = map_assoc(std::move(places), path, make_vector({integer(span.line), integer(span.column)}));
  const auto note = [&](Value child, size_t index, Value key) {
    Span where = table.of_child(form, index, child);
    if (!where.known()) where = span;
    note_places(child, where, vector_conj(path, Ref(key)), table, places);
  };
  if (is_map(form)) {
    size_t index = 0;
    map_each(form, [&](Value key, Value value) {
      note(value, index + 1, key);
      index += 2;
    });
  } else if (is_sequential(form)) {
    size_t index = 0;
    for (SeqIterator it(form); it.more(); it.step(), ++index)
      note(it.value(), index, integer(static_cast<int64_t>(index)).get());
  } else if (is<TaggedLiteral>(form)) {
    note(as<TaggedLiteral>(form).form, 0, as<TaggedLiteral>(form).tag);
  }
}

// Tags are left as tagged literals.
Ref read_with_places(Args args) {
  auto source = std::make_shared<Source>();
  source->text = string_argument(args[0], "read-with-places");
  source->name = string_argument(args[1], "read-with-places");
  ReaderOptions options;
  options.edn = true;
  options.default_reader = Ref(args[2]);
  Reader reader(source, options);
  Ref form = reader.read();
  if (form.get().is_none()) return nil();
  Ref places(empty_map());
  note_places(form, reader.positions().of(form), Ref(empty_vector()), reader.positions(), places);
  Ref more = reader.read();
  if (!more.get().is_none()) {
    throw_diagnostic(ErrorClass::reader, "reops/syntax", source->name + " holds more than one value",
                     "Write one map, with everything in it.");
  }
  return make_vector({form, places});
}

Ref tagged_literal(Args args) {
  if (!is<Symbol>(args[0])) throw_class_cast(args[0], "a symbol as the tag of tagged-literal");
  return make_tagged_literal(args[0], args[1]);
}
Ref is_tagged_literal(Args args) { return boolean(is<TaggedLiteral>(args[0])); }
Ref reader_conditional(Args args) { return make_reader_conditional(args[0], args[1].truthy()); }
Ref is_reader_conditional(Args args) { return boolean(is<ReaderConditional>(args[0])); }

constexpr const char* k_core = "clojure.core";
constexpr const char* k_edn = "clojure.edn";

constexpr NativeDef k_defs[] = {
    {k_core, "read-string", read_string, 1, 2, k_borrow_all, "([s] [opts s])",
     "The first form in the text s, unevaluated. Options: :read-cond (:allow or :preserve reader "
     "conditionals), :features (a set of "
     "keywords), :eof (what to return when there is no form)."},
    {k_core, "read", read, 0, 4, k_borrow_all,
     "([] [stream] [opts stream] [stream eof-error? eof-value] [stream eof-error? eof-value recursive?])",
     "The next form of a stream (default: *in*), unevaluated. At the end of the stream: an error, or "
     "eof-value."},
    {k_core, "read+string", read_and_text, 0, 4, k_borrow_all,
     "([] [stream] [opts stream] [stream eof-error? eof-value] [stream eof-error? eof-value recursive?])",
     "Like read, but returns a vector of the form and the text it was read from."},
    {k_core, "tagged-literal", tagged_literal, 2, 2, k_borrow_all, "([tag form])",
     "The value of #tag form where nobody interprets the tag."},
    {k_core, "tagged-literal?", is_tagged_literal, 1, 1, k_borrow_all, "([x])",
     "True if x is a tagged literal that nobody has interpreted."},
    {k_core, "reader-conditional", reader_conditional, 2, 2, k_borrow_all, "([form splicing?])",
     "A reader conditional as a value."},
    {k_core, "reader-conditional?", is_reader_conditional, 1, 1, k_borrow_all, "([x])",
     "True if x is a reader conditional as a value."},
    {k_edn, "read-string", edn_read_string, 1, 2, k_borrow_all, "([s] [opts s])",
     "The first value in s, as EDN: data only, nothing is evaluated. Options: :readers (map of tag to "
     "function), :default (function of "
     "tag and value, for other tags), :eof (what to return when there is none)."},
    {"reops.internal", "read-with-places", read_with_places, 3, 3, k_borrow_all, "([s name default])",
     "The one value in s, as EDN, and where everything in it stands: [value {path [line column]}]; nil when "
     "there is none. "
     "default is called with each tag and what follows it; errors name the source."},
    {k_edn, "read", edn_read, 0, 2, k_borrow_all, "([] [stream] [opts stream])",
     "The next value of a stream (default: *in*), as EDN. Options as for read-string."},
};

}  // namespace

extern const NativeModule k_natives_reader;
const NativeModule k_natives_reader = {"reader", k_defs};

}  // namespace reops::lang
