#include "lang/codec/shipping/unit.hpp"

#include <sha2.h>

#include <algorithm>

#include "lang/codec/cbor.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {

UnitHash UnitHash::of(std::string_view content) {
  UnitHash h;
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, reinterpret_cast<const uint8_t*>(content.data()), content.size());
  SHA256Final(reinterpret_cast<uint8_t*>(h.bytes.data()), &context);
  return h;
}

UnitHash UnitHash::from(std::string_view bytes) {
  UnitHash h;
  std::copy_n(bytes.data(), h.bytes.size(), h.bytes.begin());
  return h;
}

std::string UnitHash::text() const { return to_hex(view().substr(0, 6)); }

namespace {

void write_reference(CborWriter& out, const UnitReference& r) {
  switch (r.form) {
    case UnitReference::outside:
      out.array(2);
      out.bytes(r.hash.view());
      return out.integer(r.index);
    case UnitReference::inside:
      return out.integer(r.index);
    case UnitReference::missing:
      return out.text(r.why);
  }
}

UnitReference read_reference(CborItems& in, size_t members) {
  UnitReference r{};
  switch (in.next()) {
    case CborItems::Item::array: {
      r.form = UnitReference::outside;
      if (in.array("a reference") != 2) in.fail("a reference is a hash and an index");
      std::string_view hash = in.bytes("a hash");
      if (hash.size() != r.hash.bytes.size()) in.fail("a hash has 32 bytes");
      r.hash = UnitHash::from(hash);
      r.index = static_cast<uint32_t>(in.integer("an index", 0, UINT32_MAX));
      return r;
    }
    case CborItems::Item::text:
      r.form = UnitReference::missing;
      r.why = in.text("a reason");
      return r;
    default:
      r.form = UnitReference::inside;
      r.index = static_cast<uint32_t>(in.integer("an index", 0, static_cast<int64_t>(members) - 1));
      return r;
  }
}

}  // namespace

std::string write_unit(const std::vector<UnitMember>& members) {
  std::string content;
  CborWriter out(content, k_most_cbor_bytes);
  out.array(1 + members.size());
  out.integer(k_unit_format);
  for (const UnitMember& m : members) {
    out.array(4);
    out.integer(static_cast<int64_t>(m.kind));
    out.text(m.name);
    out.array(m.references.size());
    for (const UnitReference& r : m.references) write_reference(out, r);
    out.bytes(m.body);
  }
  return content;
}

std::vector<UnitMember> read_unit(std::string_view content) {
  CborItems in(content);
  size_t count = in.array("a unit");
  if (count < 2) in.fail("a unit has a format and members");
  if (int64_t format = in.integer("the format of a unit"); format != k_unit_format)
    in.fail("format " + std::to_string(format) + " of units is not known here; this program is older");
  std::vector<UnitMember> members(count - 1);
  for (UnitMember& m : members) {
    if (in.array("a member") != 4) in.fail("a member has four parts");
    m.kind = static_cast<MemberKind>(
        in.integer("the kind of a member", 0, static_cast<int64_t>(MemberKind::value)));
    m.name = in.text("the name of a member");
    m.references.resize(in.array("references"));
    for (UnitReference& r : m.references) r = read_reference(in, members.size());
    m.body = in.bytes("the body of a member");
  }
  if (!in.at_end()) in.fail("more follows the unit");
  return members;
}

std::vector<UnitHash> needs_of(const std::vector<UnitMember>& members) {
  std::vector<UnitHash> needs;
  for (const UnitMember& m : members) {
    for (const UnitReference& r : m.references) {
      if (r.form == UnitReference::outside && std::find(needs.begin(), needs.end(), r.hash) == needs.end())
        needs.push_back(r.hash);
    }
  }
  return needs;
}

}  // namespace reops::lang
