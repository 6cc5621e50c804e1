#pragma once
// CBOR (RFC 8949): the one binary encoding of values, on the wire and where they are kept. docs/codec.md has
// the tags.
//
// Plain data needs no more than write_cbor and read_cbor. What has no meaning of its own elsewhere
// (functions, vars, types …) is left to a class derived from the writer and the reader (codec/shipping/).
// Debian's libcbor comes without a static archive, which the agent would need, and builds a tree of its own
// first; so the two are ours.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lang/codec/pending.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

/// Tags. Those below 1000 are registered with IANA; ours lie in the range that is first come, first served.
enum class CborTag : uint64_t {
  epoch_time = 1,              ///< seconds since 1970: an integer, or a double
  big_positive = 2,            ///< bytes, most significant first
  big_negative = 3,            ///< of -1 - n
  decimal = 4,                 ///< [exponent mantissa]
  ratio = 30,                  ///< [numerator denominator]
  regex = 35,                  ///< text
  uuid = 37,                   ///< 16 bytes
  set = 258,                   ///< array
  keyword = 57344,             ///< name, or [namespace name]
  symbol = 57345,              ///< the same
  list = 57346,                ///< array, perhaps of indefinite length: any sequence
  character = 57347,           ///< code point
  map_entry = 57348,           ///< [key value]
  sorted_map = 57349,          ///< map, ordered by `compare`
  sorted_set = 57350,          ///< array, the same
  ordered_map = 57351,         ///< map of more than eight entries that keeps their order
  tagged_literal = 57352,      ///< [tag form]
  with_metadata = 57353,       ///< [metadata value]
  error = 57354,               ///< [class message data cause trace]
  reader_conditional = 57355,  ///< [form splicing?]
  // codec/shipping/:
  function = 57360,     ///< [prototype captured …]
  record = 57361,       ///< [type extra field …]
  protocol_fn = 57362,  ///< [protocol method]
  reference = 57363,    ///< index in the list of what the surrounding text refers to
  name = 57364,         ///< [kind name]: of what both sides have
  node = 57365,         ///< [operation slot …]
  missing = 57366,      ///< text: says why what stood here does not travel, and throws that when it is called
};

/// A value that cannot be written: what it is, and the way to it, innermost step first.
struct Unwritable {
  std::string what;
  std::vector<std::string> path;
  /// "a.b/c → [:cache 0] is an atom": the sentence for people.
  std::string message() const;
};

/// Appends values to a text. Throws Unwritable, which is no error of the language yet.
class CborWriter {
 public:
  /// What passes `most_bytes` is refused; a sequence without end ends so, too, or when it passes
  /// `most_elements`.
  CborWriter(std::string& out, size_t most_bytes, size_t most_elements = SIZE_MAX)
      : out_(out), most_bytes_(most_bytes), most_elements_(most_elements) {}
  CborWriter(const CborWriter&) = delete;
  CborWriter& operator=(const CborWriter&) = delete;
  virtual ~CborWriter() = default;

  void value(Value v);

  // Single items.
  void integer(int64_t i);
  void text(std::string_view s);
  void bytes(std::string_view s);
  void array(size_t n);
  void map(size_t n);
  void tag(CborTag t);
  void boolean(bool b);
  void null();
  void undefined();

 protected:
  /// Writes what is no plain data. As it is, throws Unwritable.
  virtual void beyond(Value v);
  /// Whether metadata of symbols and collections goes along where it can be written. As it is, not.
  virtual bool keeps_metadata() const { return false; }
  /// Writes `v`, which `step` leads to from what is being written: part of the path when it cannot be.
  template <class Step>
  void part(Value v, Step&& step) {
    try {
      value(v);
    } catch (Unwritable& reason) {
      reason.path.push_back(step());
      throw;
    }
    check_size();
  }

 private:
  enum class Major : uint8_t { positive, negative, bytes, text, array, map, tag, simple };
  void head(Major major, uint64_t argument);
  void object(Value v);
  void object_itself(Value v);
  void metadata(Value data);
  void name(Value named, CborTag t);
  void real(double d);
  void big(Value v);
  void entries(Value map);
  void members(Value set);
  void elements(Value vector);
  void sequence(Value seq);
  void error(Value v);
  void check_size() const;

  std::string& out_;
  size_t most_bytes_;
  size_t most_elements_;
};

/// A text that is no CBOR, or not what was expected of it.
struct CborMalformed : std::runtime_error {
  CborMalformed(const std::string& message, size_t where) : std::runtime_error(message), offset(where) {}
  size_t offset;
};

/// Reads single items, without making values, from a text that anybody may have made. Throws CborMalformed
/// for all that is not well-formed and for anything else than what is asked for, whose error names `what`.
class CborItems {
 public:
  explicit CborItems(std::string_view text) : text_(text) {}
  CborItems(const CborItems&) = delete;
  CborItems& operator=(const CborItems&) = delete;

  bool at_end() const { return at_ == text_.size(); }

  enum class Item : uint8_t { integer, bytes, text, array, map, tag, undefined, other };
  /// What kind of item is next.
  Item next();

  int64_t integer(std::string_view what);
  int64_t integer(std::string_view what, int64_t least, int64_t most);
  std::string_view text(std::string_view what);
  std::string_view bytes(std::string_view what);
  size_t array(std::string_view what);
  bool boolean(std::string_view what);
  /// Takes a null, or an undefined, if one is next.
  bool take_null();
  bool take_undefined();
  /// Takes that tag if it is next.
  bool take_tag(CborTag t);
  [[noreturn]] void fail(const std::string& message) const;

 protected:
  struct Head {
    uint8_t major;
    uint8_t info;
    uint64_t argument;
  };
  Head head();
  Head peek();
  std::string_view take(uint64_t n, std::string_view what);
  /// How many items follow; `each` of them take at least that many bytes.
  size_t count(const Head& h, size_t each) const;
  /// Takes the end of an array of indefinite length if it is next.
  bool take_break();

 private:
  std::string_view text_;
  size_t at_ = 0;
};

/// Reads values as well; also throws CborMalformed for tags it does not know and for names that are none.
class CborReader : public CborItems {
 public:
  using CborItems::CborItems;
  virtual ~CborReader() = default;

  Ref value();

 protected:
  /// Reads what follows a tag that plain data does not have. As it is, an error.
  virtual Ref beyond(uint64_t tag);

 private:
  Ref of(const Head& h);
  Ref tagged(uint64_t tag);
  Ref named(bool keyword);
  Ref big(bool negative);
  Ref simple(const Head& h);
  Ref array_of(const Head& h, CborTag as);
  Ref map_of(const Head& h, CborTag as);
  Ref pair(CborTag as);
  Ref error();
  Ref metadata();

  size_t read_ = 0;
  Pending pending_;
};

inline constexpr size_t k_most_cbor_bytes = size_t{1} << 31;

/// Plain data as CBOR. Throws illegal-argument, with the way to it as :path, for what is none.
std::string write_cbor(Value v, size_t most_bytes = k_most_cbor_bytes);
/// The one value that `text` is. Throws illegal-argument with {:type :reops.cbor/malformed :offset …} when it
/// is none.
Ref read_cbor(std::string_view text);
/// The same as errors of the language.
[[noreturn]] void throw_unwritable(const Unwritable& reason);
[[noreturn]] void throw_malformed(const CborMalformed& fault);

}  // namespace reops::lang
