#include <bit>
#include <cmath>

#include "lang/codec/cbor.hpp"
#include "lang/codec/cbor_heads.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/sorted_map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/number_decimal.hpp"
#include "lang/value/regex.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {

using namespace cbor;

namespace {

ErrorClass error_class_called(std::string_view full_name) {
  constexpr ErrorClass k_all[] = {
#define ERROR_CLASS(id, ...) ErrorClass::id,
#include "lang/value/errors.def"
#undef ERROR_CLASS
  };
  for (ErrorClass c : k_all)
    if (error_class_full_name(c) == full_name) return c;
  // Of a newer program.
  return ErrorClass::runtime;
}

double half(uint64_t bits) {
  int exponent = static_cast<int>(bits >> 10 & 0x1F);
  double mantissa = static_cast<double>(bits & 0x3FF);
  double magnitude = exponent == 0    ? std::ldexp(mantissa, -24)
                     : exponent == 31 ? (mantissa == 0 ? INFINITY : NAN)
                                      : std::ldexp(mantissa + 1024, exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

}  // namespace

Ref CborReader::value() { return of(head()); }

Ref CborReader::of(const Head& h) {
  if (h.info == k_indefinite && h.major != k_array) fail("an item without a length is not read here");
  switch (h.major) {
    case k_positive:
      if (h.argument >> 63 == 0) return lang::integer(static_cast<int64_t>(h.argument));
      fail("an integer beyond 64 bits is written with tag 2");
    case k_negative:
      if (h.argument >> 63 == 0) return lang::integer(~static_cast<int64_t>(h.argument));
      fail("an integer beyond 64 bits is written with tag 3");
    case k_bytes:
      return make_bytes(take(h.argument, "bytes"));
    case k_text: {
      std::string_view s = take(h.argument, "a text");
      if (!valid_utf8(s)) fail("a text is no UTF-8");
      return make_string(s);
    }
    case k_array:
      return array_of(h, CborTag{});
    case k_map:
      return map_of(h, CborTag{});
    case k_tag:
      return tagged(h.argument);
    default:
      return simple(h);
  }
}

Ref CborReader::simple(const Head& h) {
  switch (h.info) {
    case 20:
    case 21:
      return lang::boolean(h.info == 21);
    case 22:
    case 23:
      return nil();
    case 25:
      return real(half(h.argument));
    case 26:
      return real(std::bit_cast<float>(static_cast<uint32_t>(h.argument)));
    case 27:
      return real(std::bit_cast<double>(h.argument));
    default:
      fail("there is no simple value " + std::to_string(h.argument));
  }
}

Ref CborReader::array_of(const Head& h, CborTag as) {
  check_stack();
  size_t base = pending_.size();
  size_t left = h.info == k_indefinite ? SIZE_MAX : count(h, 1);
  for (; left > 0; --left) {
    if (h.info == k_indefinite && take_break()) break;
    pending_.push(value());
    if ((++read_ & 1023) == 0) poll();
  }
  std::span<const Value> items = pending_.from(base);
  Ref made;
  switch (as) {
    case CborTag::list:
      made = make_list(items);
      break;
    case CborTag::set:
      made = make_set(items);
      if (set_count(made) != items.size()) fail("a set has the same member twice");
      break;
    case CborTag::sorted_set:
      made = make_sorted_set(nil());
      for (Value item : items) set_put(made, Ref(item));
      break;
    default:
      made = make_vector(items);
  }
  pending_.drop_from(base);
  return made;
}

Ref CborReader::map_of(const Head& h, CborTag as) {
  check_stack();
  size_t n = count(h, 2);
  size_t base = pending_.size();
  for (size_t i = 0; i < n; ++i) {
    pending_.push(value());
    pending_.push(value());
    if ((++read_ & 1023) == 0) poll();
  }
  std::span<const Value> items = pending_.from(base);
  Ref made;
  if (as == CborTag::sorted_map) {
    made = make_sorted_map(nil());
    for (size_t i = 0; i < items.size(); i += 2) map_put(made, Ref(items[i]), Ref(items[i + 1]));
  } else {
    made = as == CborTag::ordered_map ? make_array_map(items) : make_map(items);
  }
  if (map_count(made) != n) fail("a map has the same key twice");
  pending_.drop_from(base);
  return made;
}

Ref CborReader::named(bool keyword_wanted) {
  std::string_view ns;
  if (peek().major == k_array) {
    if (array("a name") != 2) fail("a name is a text, or a namespace and a name");
    ns = text("a namespace");
  }
  std::string_view name = text("a name");
  return keyword_wanted ? Ref(keyword(ns, name)) : make_symbol(ns, name);
}

Ref CborReader::big(bool negative) {
  std::string_view digits = bytes("a big integer");
  check_bits(static_cast<double>(digits.size()) * 8);
  Mpz z;
  mpz_import(z, digits.size(), 1, 1, 1, 0, digits.data());
  if (negative) mpz_com(z, z);
  return make_big(z);
}

Ref CborReader::pair(CborTag as) {
  if (array("a pair") != 2) fail("two items are expected");
  Ref a = value();
  Ref b = value();
  switch (as) {
    case CborTag::map_entry:
      return make_map_entry(a, b);
    case CborTag::ratio:
      if (!is_integer(a) || !is_integer(b) || is_zero(b)) fail("this is no fraction");
      return divide(a, b);
    case CborTag::decimal: {
      if (!is_int(a) || !is_integer(b)) fail("this is no decimal fraction");
      Decimal d;
      d.unscaled = Mpz(static_cast<mpz_srcptr>(IntegerView(b)));
      // Of the lowest 64-bit number there is no opposite; it is out of a decimal's range either way.
      d.scale = as_int(a) == INT64_MIN ? INT64_MAX : -as_int(a);
      return make_decimal(d);
    }
    case CborTag::tagged_literal:
      if (!is<Symbol>(a)) fail("a tag is a symbol");
      return make_tagged_literal(a, b);
    default:
      return make_reader_conditional(a, b.truthy());
  }
}

Ref CborReader::metadata() {
  if (array("a value with metadata") != 2) fail("metadata and a value are expected");
  Ref data = value();
  Ref carrier = value();
  if (!is_map(data)) fail("metadata is a map");
  if (is<Symbol>(carrier)) return symbol_with_meta(carrier, std::move(data));
  return with_meta(std::move(carrier), std::move(data));
}

Ref CborReader::error() {
  if (array("an error") != 5) fail("an error has five parts");
  ErrorClass c = error_class_called(text("an error's class"));
  Ref message = value(), data = value(), cause = value(), trace = value();
  if (!message.is_nil() && !is<String>(message)) fail("an error's message is a text");
  if (!data.is_nil() && !is_map(data)) fail("an error's data is a map");
  if (!cause.is_nil() && !is<Error>(cause)) fail("an error's cause is an error");
  if (!trace.is_nil() && !is_vector(trace)) fail("an error's trace is a vector");
  Ref made = make_error(c, {}, data, cause);
  Error& e = as<Error>(made);
  release(std::exchange(e.message, message.take()));
  release(std::exchange(e.trace, trace.take()));
  return made;
}

Ref CborReader::tagged(uint64_t number) {
  switch (auto t = static_cast<CborTag>(number)) {
    case CborTag::keyword:
      return named(true);
    case CborTag::symbol:
      return named(false);
    case CborTag::list:
    case CborTag::set:
    case CborTag::sorted_set: {
      Head h = head();
      if (h.major != k_array) fail("an array is expected");
      return array_of(h, t);
    }
    case CborTag::sorted_map:
    case CborTag::ordered_map: {
      Head h = head();
      if (h.major != k_map || h.info == k_indefinite) fail("a map is expected");
      return map_of(h, t);
    }
    case CborTag::map_entry:
    case CborTag::ratio:
    case CborTag::decimal:
    case CborTag::tagged_literal:
    case CborTag::reader_conditional:
      check_stack();
      return pair(t);
    case CborTag::big_positive:
    case CborTag::big_negative:
      return big(t == CborTag::big_negative);
    case CborTag::character: {
      int64_t c = integer("a character");
      if (c < 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) fail("there is no such character");
      return Ref::adopt(Value::character(static_cast<char32_t>(c)));
    }
    case CborTag::epoch_time: {
      Ref seconds = value();
      if (is_int(seconds) && std::abs(as_int(seconds)) < INT64_MAX / 1000)
        return make_inst(as_int(seconds) * 1000);
      double ms = is<Double>(seconds) ? to_double(seconds) * 1000 : NAN;
      if (!(std::abs(ms) < 9e18)) fail("this is no time");
      return make_inst(std::llround(ms));
    }
    case CborTag::uuid: {
      std::string_view both = bytes("a UUID");
      if (both.size() != 16) fail("a UUID has 16 bytes");
      return make_uuid(big_endian(both.substr(0, 8)), big_endian(both.substr(8)));
    }
    case CborTag::regex:
      return make_regex(text("a regular expression"));
    case CborTag::with_metadata:
      check_stack();
      return metadata();
    case CborTag::error:
      check_stack();
      return error();
    default:
      return beyond(number);
  }
}

Ref CborReader::beyond(uint64_t tag) { fail("nothing is known of tag " + std::to_string(tag)); }

void throw_malformed(const CborMalformed& fault) {
  static const Value k_type = keyword("type"), k_malformed = keyword("reops.cbor", "malformed"),
                     k_offset = keyword("offset");
  throw_error(ErrorClass::illegal_argument, fault.what(),
              make_map({k_type, k_malformed, k_offset, Value::fixnum(static_cast<int64_t>(fault.offset))}));
}

Ref read_cbor(std::string_view text) {
  try {
    CborReader reader(text);
    Ref v = reader.value();
    if (!reader.at_end()) reader.fail("more follows the value");
    return v;
  } catch (const CborMalformed& fault) {
    throw_malformed(fault);
  }
}

}  // namespace reops::lang
