#include "lang/codec/cbor.hpp"
#include "lang/codec/cbor_heads.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {

using namespace cbor;

void CborItems::fail(const std::string& message) const {
  throw CborMalformed("CBOR, byte " + std::to_string(at_) + ": " + message, at_);
}

std::string_view CborItems::take(uint64_t n, std::string_view what) {
  if (n > text_.size() - at_) fail("the text ends within " + std::string(what));
  std::string_view taken = text_.substr(at_, n);
  at_ += n;
  return taken;
}

CborItems::Head CborItems::head() {
  auto first = static_cast<uint8_t>(take(1, "a value")[0]);
  Head h{static_cast<uint8_t>(first >> 5), static_cast<uint8_t>(first & 0x1F), 0};
  if (h.info < 24) {
    h.argument = h.info;
  } else if (h.info < 28) {
    h.argument = big_endian(take(size_t{1} << (h.info - 24), "a number"));
  } else if (h.info != k_indefinite) {
    --at_;
    fail("no item begins with the byte " + std::to_string(first));
  }
  return h;
}

CborItems::Head CborItems::peek() {
  size_t before = at_;
  Head h = head();
  at_ = before;
  return h;
}

size_t CborItems::count(const Head& h, size_t each) const {
  if (h.info == k_indefinite) fail("a length is expected");
  if (h.argument > (text_.size() - at_) / each) fail("the text ends before all that is announced");
  return h.argument;
}

int64_t CborItems::integer(std::string_view what) {
  Head h = head();
  if (h.major > k_negative || h.argument >> 63 != 0 || h.info == k_indefinite)
    fail("an integer is expected: " + std::string(what));
  return h.major == k_positive ? static_cast<int64_t>(h.argument) : ~static_cast<int64_t>(h.argument);
}

int64_t CborItems::integer(std::string_view what, int64_t least, int64_t most) {
  int64_t i = integer(what);
  if (i < least || i > most) fail(std::to_string(i) + " is out of range: " + std::string(what));
  return i;
}

CborItems::Item CborItems::next() {
  Head h = peek();
  switch (h.major) {
    case k_positive:
    case k_negative:
      return Item::integer;
    case k_bytes:
      return Item::bytes;
    case k_text:
      return Item::text;
    case k_array:
      return Item::array;
    case k_map:
      return Item::map;
    case k_tag:
      return Item::tag;
    default:
      return h.info == 23 ? Item::undefined : Item::other;
  }
}

std::string_view CborItems::text(std::string_view what) {
  Head h = head();
  if (h.major != k_text || h.info == k_indefinite) fail("a text is expected: " + std::string(what));
  std::string_view s = take(h.argument, what);
  if (!valid_utf8(s)) fail("this is no UTF-8: " + std::string(what));
  return s;
}

std::string_view CborItems::bytes(std::string_view what) {
  Head h = head();
  if (h.major != k_bytes || h.info == k_indefinite) fail("bytes are expected: " + std::string(what));
  return take(h.argument, what);
}

size_t CborItems::array(std::string_view what) {
  Head h = head();
  if (h.major != k_array) fail("an array is expected: " + std::string(what));
  return count(h, 1);
}

bool CborItems::boolean(std::string_view what) {
  Head h = head();
  if (h.major != k_simple || (h.info != 20 && h.info != 21))
    fail("true or false is expected: " + std::string(what));
  return h.info == 21;
}

bool CborItems::take_null() {
  Head h = peek();
  if (h.major != k_simple || h.info != 22) return false;
  ++at_;
  return true;
}

bool CborItems::take_undefined() {
  if (next() != Item::undefined) return false;
  ++at_;
  return true;
}

bool CborItems::take_break() {
  if (at_ == text_.size() || text_[at_] != '\xff') return false;
  ++at_;
  return true;
}

bool CborItems::take_tag(CborTag t) {
  Head h = peek();
  if (h.major != k_tag || h.argument != static_cast<uint64_t>(t)) return false;
  head();
  return true;
}

}  // namespace reops::lang
