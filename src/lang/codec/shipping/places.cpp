#include "lang/codec/shipping/places.hpp"

#include "lang/codec/cbor.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

// Seven bits a byte, the lowest first, all but the last byte with the eighth bit set; of a difference, the
// sign is the lowest bit.
void append_number(std::string& out, uint64_t n) {
  for (; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
  out += static_cast<char>(n);
}
uint64_t signed_bits(int64_t n) { return static_cast<uint64_t>(n) << 1 ^ static_cast<uint64_t>(n >> 63); }
int64_t from_signed_bits(uint64_t n) { return static_cast<int64_t>(n >> 1) ^ -static_cast<int64_t>(n & 1); }

}  // namespace

void PlacesWriter::add(const Span& span) {
  if (!span.known()) return append_number(spans_, 0);
  append_number(spans_, 1 + signed_bits(int64_t{span.line} - line_));
  append_number(spans_, span.column);
  append_number(spans_, signed_bits(int64_t{span.end_line} - span.line));
  append_number(spans_, span.end_column);
  line_ = span.line;
}

std::string PlacesWriter::finish() && {
  std::string out;
  CborWriter writer(out, k_most_cbor_bytes);
  writer.array(3);
  writer.value(source_);
  writer.array(arglists_.size());
  for (const Ref& lists : arglists_) {
    size_t before = out.size();
    try {
      writer.value(lists);
    } catch (const Unwritable&) {
      // A parameter's default that is no data. It is documentation only.
      out.resize(before);
      writer.null();
    }
  }
  writer.bytes(spans_);
  return out;
}

PlacesReader::PlacesReader(std::string_view bytes) {
  CborReader reader(bytes);
  if (reader.array("places") != 3) reader.fail("places have three parts");
  source_ = reader.value();
  arglists_ = reader.value();
  spans_ = reader.value();
  if (!(source_.is_nil() || is<String>(source_)) || !is_vector(arglists_) || !is<ByteString>(spans_))
    reader.fail("these are no places");
  left_ = as<ByteString>(spans_).view();
}

uint64_t PlacesReader::number() {
  uint64_t n = 0;
  for (unsigned shift = 0; !left_.empty() && shift < 64; shift += 7) {
    auto byte = static_cast<uint8_t>(left_[0]);
    left_.remove_prefix(1);
    n |= uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) break;
  }
  return n;
}

Span PlacesReader::next() {
  uint64_t first = number();
  if (first == 0) return {};
  Span span;
  line_ = static_cast<uint32_t>(line_ + from_signed_bits(first - 1));
  span.line = line_;
  span.column = static_cast<uint32_t>(number());
  span.end_line = static_cast<uint32_t>(line_ + from_signed_bits(number()));
  span.end_column = static_cast<uint32_t>(number());
  return span;
}

Ref PlacesReader::next_arglists() {
  size_t i = functions_++;
  return is_vector(arglists_) && i < vector_count(arglists_) ? Ref(vector_at(arglists_, i)) : nil();
}

}  // namespace reops::lang
