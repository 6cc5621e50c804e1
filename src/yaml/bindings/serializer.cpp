#include <algorithm>
#include <limits>

#include "lang/codec/printer.hpp"
#include "lang/collection/iterator.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"
#include "lang/vm/call.hpp"
#include "yaml/bindings/values.hpp"
#include "yaml/events.hpp"

namespace reops::yaml {

using namespace lang;

namespace {

[[noreturn]] void throw_unwritable(const std::string& message) {
  static const Value k_type = keyword("type"), k_unwritable = keyword("reops.yaml", "unwritable");
  throw_error(ErrorClass::ex_info, message, make_map({k_type, k_unwritable}));
}

class Serializer {
 public:
  void document(Value v, bool explicit_start) {
    writer_.start_document(explicit_start);
    node(v);
    writer_.end_document();
  }
  std::string finish() {
    base::Result<std::string> text = writer_.finish();
    if (!text.ok()) throw_unwritable("YAML could not be written: " + text.error().message);
    return std::move(text).value();
  }

 private:
  void node(Value v, std::string_view tag = {}) {
    check_stack();
    if ((++steps_ & 1023) == 0) poll();
    if (v.is_nil()) return writer_.scalar("null", ScalarStyle::plain);
    if (v.is_char()) return text_scalar(shown(v), tag);
    if (!v.is_object() || is_number(v)) return number_or_boolean(v);
    switch (v.as_object()->kind) {
      case Kind::String:
        return text_scalar(text_of(v), tag);
      case Kind::Keyword:
      case Kind::Symbol:
        return text_scalar(full_name(v), tag);
      case Kind::Uuid:
        return text_scalar(uuid_text(as<Uuid>(v)), tag);
      case Kind::Inst:
        return text_scalar(instant_text(as<Inst>(v).milliseconds), tag);
      case Kind::TaggedLiteral:
        return node(as<TaggedLiteral>(v).form, "!" + full_name(as<TaggedLiteral>(v).tag));
      default:
        break;
    }
    if (is_map(v)) return mapping(v, tag);
    if (is_vector(v) || is_set(v) || is_seq(v)) return sequence(v, tag);
    throw_unwritable("YAML has no notation for this value: " + describe(v));
  }

  static std::string shown(Value v) {
    std::string text;
    append_str(text, v);
    return text;
  }

  void number_or_boolean(Value v) {
    if (is<Double>(v) || is<Ratio>(v)) {
      double d = to_double(v);
      if (d != d) return writer_.scalar(".nan", ScalarStyle::plain);
      if (d == std::numeric_limits<double>::infinity()) return writer_.scalar(".inf", ScalarStyle::plain);
      if (d == -std::numeric_limits<double>::infinity()) return writer_.scalar("-.inf", ScalarStyle::plain);
      return writer_.scalar(double_text(d), ScalarStyle::plain);
    }
    writer_.scalar(shown(v), ScalarStyle::plain);
  }

  /// Without quotes only when it then still is a string; the emitter adds quotes where YAML's syntax needs
  /// them. What YAML 1.1, which many programs speak, takes for a boolean is quoted as well.
  void text_scalar(std::string_view text, std::string_view tag) {
    bool lines = text.find('\n') != std::string_view::npos &&
                 text.find_first_of("\r\t\x7f") == std::string_view::npos && text.front() != ' ' &&
                 text.front() != '\n';
    bool confusing = !resolve_plain(text).get().is_none() || is_old_boolean(text) || text == "<<";
    writer_.scalar(text,
                   lines       ? ScalarStyle::literal
                   : confusing ? ScalarStyle::quoted
                               : ScalarStyle::plain,
                   tag);
  }

  static bool is_old_boolean(std::string_view text) {
    for (std::string_view word : {"y", "n", "yes", "no", "on", "off"}) {
      if (text.size() == word.size() &&
          std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) { return (a | 0x20) == b; }))
        return true;
    }
    return false;
  }

  void sequence(Value v, std::string_view tag) {
    SeqIterator it(v);
    writer_.start_sequence(!it.more(), tag);
    for (; it.more(); it.step()) node(it.value());
    writer_.end_sequence();
  }

  void mapping(Value v, std::string_view tag) {
    SeqIterator it(v);
    writer_.start_mapping(!it.more(), tag);
    for (; it.more(); it.step()) {
      node(vector_at(it.value(), 0));
      node(vector_at(it.value(), 1));
    }
    writer_.end_mapping();
  }

  EventWriter writer_;
  size_t steps_ = 0;
};

}  // namespace

std::string serialize(Value documents) {
  Serializer s;
  bool several = false;
  for (SeqIterator it(documents); it.more(); it.step()) {
    s.document(it.value(), several);
    several = true;
  }
  return s.finish();
}

}  // namespace reops::yaml
