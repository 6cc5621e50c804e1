#include <bit>
#include <cstring>

#include "lang/codec/cbor.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/iterator.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/sorted_map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/number_big.hpp"
#include "lang/value/regex.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

void append_big_endian(std::string& out, uint64_t n, size_t bytes) {
  for (size_t i = bytes; i-- > 0;) out += static_cast<char>(n >> (8 * i));
}

// Of forms, which is what a compiler reads it from.
bool has_form_metadata(Value v) {
  return is<Symbol>(v) || is<List>(v) || is<Vector>(v) || is_plain_map(v) || is_set(v);
}

}  // namespace

std::string Unwritable::message() const {
  std::string way;
  for (size_t i = path.size(); i-- > 0;) way += (way.empty() ? "" : " ") + path[i];
  return way.empty() ? what : what + ", at [" + way + "]";
}

void CborWriter::head(Major major, uint64_t argument) {
  auto top = static_cast<uint8_t>(static_cast<uint8_t>(major) << 5);
  auto first = [&](uint64_t info) { out_ += static_cast<char>(top | info); };
  if (argument < 24) {
    first(argument);
  } else if (argument <= 0xFF) {
    first(24);
    append_big_endian(out_, argument, 1);
  } else if (argument <= 0xFFFF) {
    first(25);
    append_big_endian(out_, argument, 2);
  } else if (argument <= 0xFFFFFFFF) {
    first(26);
    append_big_endian(out_, argument, 4);
  } else {
    first(27);
    append_big_endian(out_, argument, 8);
  }
}

void CborWriter::integer(int64_t i) {
  if (i >= 0) {
    head(Major::positive, static_cast<uint64_t>(i));
  } else {
    head(Major::negative, ~static_cast<uint64_t>(i));
  }
}
void CborWriter::text(std::string_view s) {
  head(Major::text, s.size());
  out_ += s;
}
void CborWriter::bytes(std::string_view s) {
  head(Major::bytes, s.size());
  out_ += s;
}
void CborWriter::array(size_t n) { head(Major::array, n); }
void CborWriter::map(size_t n) { head(Major::map, n); }
void CborWriter::tag(CborTag t) { head(Major::tag, static_cast<uint64_t>(t)); }
void CborWriter::boolean(bool b) { head(Major::simple, b ? 21 : 20); }
void CborWriter::null() { head(Major::simple, 22); }
void CborWriter::undefined() { head(Major::simple, 23); }

void CborWriter::real(double d) {
  out_ += '\xfb';
  append_big_endian(out_, std::bit_cast<uint64_t>(d), 8);
}

void CborWriter::big(Value v) {
  IntegerView z(v);
  bool negative = mpz_sgn(static_cast<mpz_srcptr>(z)) < 0;
  Mpz magnitude(static_cast<mpz_srcptr>(z));
  if (negative) mpz_com(magnitude, magnitude);
  size_t size = magnitude.sign() == 0 ? 0 : (mpz_sizeinbase(magnitude, 2) + 7) / 8;
  std::string digits(size, '\0');
  mpz_export(digits.data(), nullptr, 1, 1, 1, 0, magnitude);
  tag(negative ? CborTag::big_negative : CborTag::big_positive);
  bytes(digits);
}

void CborWriter::name(Value named, CborTag t) {
  tag(t);
  if (has_ns(named)) {
    array(2);
    text(ns_of(named));
  }
  text(name_of(named));
}

void CborWriter::value(Value v) {
  if (v.is_object()) return object(v);
  if (v.is_fixnum()) return integer(v.as_fixnum());
  if (v.is_nil()) return null();
  if (v.is_char()) {
    tag(CborTag::character);
    return integer(static_cast<int64_t>(v.as_char()));
  }
  boolean(v.truthy());
}

void CborWriter::object(Value v) {
  if (keeps_metadata() && has_form_metadata(v)) {
    if (Ref data = meta(v); !data.is_nil()) metadata(data);
  }
  object_itself(v);
}

// A value counts for what it is: with metadata that cannot be written, it is written without.
void CborWriter::metadata(Value data) {
  size_t before = out_.size();
  try {
    tag(CborTag::with_metadata);
    array(2);
    value(data);
  } catch (const Unwritable&) {
    out_.resize(before);
  }
}

void CborWriter::object_itself(Value v) {
  switch (v.as_object()->kind) {
    case Kind::Int64:
      return integer(as<Int64>(v).value);
    case Kind::Double:
      return real(as<Double>(v).value);
    case Kind::BigInt:
      return big(v);
    case Kind::Ratio:
      tag(CborTag::ratio);
      array(2);
      big(as<Ratio>(v).numerator);
      return big(as<Ratio>(v).denominator);
    case Kind::BigDecimal:
      tag(CborTag::decimal);
      array(2);
      integer(-int64_t{as<BigDecimal>(v).scale});
      return big(as<BigDecimal>(v).unscaled);
    case Kind::String:
      return text(text_of(v));
    case Kind::ByteString:
      return bytes(as<ByteString>(v).view());
    case Kind::Keyword:
      return name(v, CborTag::keyword);
    case Kind::Symbol:
      return name(v, CborTag::symbol);
    case Kind::Regex:
      tag(CborTag::regex);
      return text(text_of(as<Regex>(v).pattern));
    case Kind::Uuid: {
      std::string both;
      append_big_endian(both, as<Uuid>(v).high, 8);
      append_big_endian(both, as<Uuid>(v).low, 8);
      tag(CborTag::uuid);
      return bytes(both);
    }
    case Kind::Inst: {
      int64_t ms = as<Inst>(v).milliseconds;
      tag(CborTag::epoch_time);
      return ms % 1000 == 0 ? integer(ms / 1000) : real(static_cast<double>(ms) / 1000);
    }
    case Kind::Vector:
    case Kind::SubVector:
      return elements(v);
    case Kind::MapEntry:
      tag(CborTag::map_entry);
      return elements(v);
    case Kind::ArrayMap:
      if (map_count(v) > k_array_map_limit) tag(CborTag::ordered_map);
      return entries(v);
    case Kind::HashMap:
      return entries(v);
    case Kind::SortedMap:
      if (!as<SortedMap>(v).comparator.is_nil()) return beyond(v);
      tag(CborTag::sorted_map);
      return entries(v);
    case Kind::Set:
      tag(CborTag::set);
      return members(v);
    case Kind::SortedSet:
      if (!as<SortedMap>(as<Set>(v).map).comparator.is_nil()) return beyond(v);
      tag(CborTag::sorted_set);
      return members(v);
    case Kind::TaggedLiteral:
      tag(CborTag::tagged_literal);
      array(2);
      value(as<TaggedLiteral>(v).tag);
      return value(as<TaggedLiteral>(v).form);
    case Kind::ReaderConditional:
      tag(CborTag::reader_conditional);
      array(2);
      value(as<ReaderConditional>(v).form);
      return value(as<ReaderConditional>(v).splicing);
    case Kind::Error:
      return error(v);
    default:
      if (is_seq(v)) return sequence(v);
      beyond(v);
  }
}

void CborWriter::check_size() const {
  if (out_.size() > most_bytes_) {
    throw Unwritable{"The value is larger than the " + std::to_string(most_bytes_) +
                         " bytes that it may have (perhaps a sequence without an end)",
                     {}};
  }
}

void CborWriter::entries(Value m) {
  check_stack();
  map(map_count(m));
  map_each(m, [&](Value key, Value val) {
    part(key, [&] { return "the key " + describe(key); });
    part(val, [&] { return is<Keyword>(key) || is<String>(key) ? pr_str(key) : describe(key); });
  });
}

void CborWriter::members(Value set) {
  check_stack();
  array(set_count(set));
  map_each(as<Set>(set).map,
           [&](Value member, Value) { part(member, [] { return std::string("(member)"); }); });
}

void CborWriter::elements(Value vector) {
  check_stack();
  size_t n = vector_count(vector);
  array(n);
  for (size_t i = 0; i < n; ++i) part(vector_at(vector, i), [&] { return std::to_string(i); });
}

// Its length is not asked for: that would hold all of a sequence that is made while it is walked.
void CborWriter::sequence(Value seq) {
  check_stack();
  tag(CborTag::list);
  out_ += '\x9f';
  size_t i = 0;
  for (SeqIterator it(seq); it.more(); it.step(), ++i) {
    if (i == most_elements_) {
      throw Unwritable{"a sequence of more than " + std::to_string(most_elements_) +
                           " elements (perhaps one without an end); a vector may be longer",
                       {}};
    }
    part(it.value(), [&] { return std::to_string(i); });
    if ((i & 1023) == 1023) poll();
  }
  out_ += '\xff';
}

void CborWriter::error(Value v) {
  const Error& e = as<Error>(v);
  check_stack();
  tag(CborTag::error);
  array(5);
  text(error_class_full_name(e.error_class));
  value(e.message);
  part(e.data, [] { return std::string("(ex-data)"); });
  part(e.cause, [] { return std::string("(ex-cause)"); });
  value(e.trace);
}

void CborWriter::beyond(Value v) {
  throw Unwritable{describe(v) + " has no meaning outside this program", {}};
}

void throw_unwritable(const Unwritable& reason) {
  static const Value k_type = keyword("type"), k_kind = keyword("reops.cbor", "unwritable"),
                     k_path = keyword("path");
  Ref path(empty_vector());
  for (size_t i = reason.path.size(); i-- > 0;) vector_push(path, make_string_lossy(reason.path[i]));
  throw_error(ErrorClass::illegal_argument, reason.message(), make_map({k_type, k_kind, k_path, path}));
}

std::string write_cbor(Value v, size_t most_bytes) {
  std::string out;
  try {
    CborWriter(out, most_bytes).value(v);
  } catch (const Unwritable& reason) {
    throw_unwritable(reason);
  }
  return out;
}

}  // namespace reops::lang
