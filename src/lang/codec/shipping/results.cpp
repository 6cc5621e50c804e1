#include "lang/codec/shipping/results.hpp"

#include "lang/codec/cbor.hpp"
#include "lang/codec/shipping/shared_names.hpp"
#include "lang/collection/map.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"

namespace reops::lang {
namespace {

class ResultWriter : public CborWriter {
 public:
  ResultWriter(std::string& out, const Library& library, size_t most_bytes)
      : CborWriter(out, most_bytes), library_(library) {}

 protected:
  void beyond(Value v) override {
    if (is_record(v)) return record(v);
    tag(CborTag::missing);
    text(describe(v));
  }

 private:
  // [type name entries]
  void record(Value v) {
    const Record& r = as<Record>(v);
    tag(CborTag::record);
    array(3);
    type(r.type);
    text(full_name(type_of_record(r).name));
    value(record_to_map(r));
  }

  void type(Value t) {
    UnitHash hash;
    uint32_t index;
    if (shared_name_of(t)) return boolean(true);
    if (!library_.find_type(t, hash, index)) return null();
    array(2);
    bytes(hash.view());
    integer(index);
  }

  const Library& library_;
};

class ResultReader : public CborReader {
 public:
  ResultReader(std::string_view text, Packer& packer) : CborReader(text), packer_(packer) {}

 protected:
  Ref beyond(uint64_t tag) override {
    check_stack();
    switch (static_cast<CborTag>(tag)) {
      case CborTag::missing:
        return make_tagged_literal(make_symbol("reops", "elsewhere"), make_string(text("what it is")));
      case CborTag::record:
        return record();
      default:
        return CborReader::beyond(tag);
    }
  }

 private:
  Ref record() {
    if (array("a record") != 3) fail("a record has a type, a name and entries");
    UnitHash hash;
    uint32_t index = 0;
    bool shared = false, sent = false;
    if (next() == Item::array) {
      sent = true;
      if (array("a type") != 2) fail("a type is a hash and an index");
      std::string_view raw = bytes("a hash");
      if (raw.size() != hash.bytes.size()) fail("a hash has 32 bytes");
      hash = UnitHash::from(raw);
      index = static_cast<uint32_t>(integer("an index", 0, UINT32_MAX));
    } else if (!take_null()) {
      shared = boolean("whether both sides have the type");
    }
    std::string_view name = text("a type's name");
    Ref entries = value();
    if (!is_map(entries)) fail("a record's entries are a map");
    Value type = sent ? packer_.type_called(hash, index) : shared ? defined_type(name) : Value::none();
    if (!is<Type>(type) || as<Type>(type).form != Type::record)
      return make_tagged_literal(make_symbol({}, name), entries);
    return make_record_of(type, entries);
  }

  Packer& packer_;
};

}  // namespace

std::string write_results(Value v, const Library& library, size_t most_bytes) {
  std::string out;
  try {
    ResultWriter(out, library, most_bytes).value(v);
  } catch (const Unwritable& reason) {
    throw_unwritable(reason);
  }
  return out;
}

Ref read_results(std::string_view bytes, Packer& packer) {
  try {
    ResultReader reader(bytes, packer);
    Ref v = reader.value();
    if (!reader.at_end()) reader.fail("more follows the result");
    return v;
  } catch (const CborMalformed& fault) {
    throw_malformed(fault);
  }
}

}  // namespace reops::lang
