#pragma once
// Values that the reader writes with a tag: UUIDs, instants, tagged literals nobody interprets, preserved
// reader conditionals.

#include <optional>
#include <string>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

struct Uuid : Object {
  static constexpr Kind k_kind = Kind::Uuid;
  uint64_t high;
  uint64_t low;
};
/// A point in time, as java.util.Date: milliseconds since 1970 in UTC.
struct Inst : Object {
  static constexpr Kind k_kind = Kind::Inst;
  int64_t milliseconds;
};
struct TaggedLiteral : Object {
  static constexpr Kind k_kind = Kind::TaggedLiteral;
  Value tag;  ///< Symbol
  Value form;
};
struct ReaderConditional : Object {
  static constexpr Kind k_kind = Kind::ReaderConditional;
  Value form;      ///< the list of features and forms
  Value splicing;  ///< boolean
};

Ref make_uuid(uint64_t high, uint64_t low);
Ref random_uuid();
/// nil when `text` is not five groups of hexadecimal digits, 8-4-4-4-12 (shorter groups count as padded, as
/// in Java).
Ref parse_uuid(std::string_view text);
std::string uuid_text(const Uuid& u);

Ref make_inst(int64_t milliseconds);
/// RFC 3339 from a year down to fractions of a second, as `#inst` takes it; nullopt when it is none.
std::optional<int64_t> parse_instant(std::string_view text);
/// "2020-01-02T03:04:05.678-00:00"
std::string instant_text(int64_t milliseconds);

Ref make_tagged_literal(Value tag, Value form);
Ref make_reader_conditional(Value form, bool splicing);
/// What a tagged literal has under :tag and :form, a reader conditional under :form and :splicing?; none()
/// for others.
Value tagged_get(Value v, Value key);

}  // namespace reops::lang
