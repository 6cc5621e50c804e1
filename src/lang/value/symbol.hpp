#pragma once
// Symbols and keywords.
//
// Keywords are interned and immortal, so that comparing two is comparing words. Symbols are not: every
// occurrence the reader meets is an object of its own, which is what lets the compiler know where each one
// stood in the file.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lang/value/ref.hpp"

namespace reops::lang {

struct Symbol : Object {
  static constexpr Kind k_kind = Kind::Symbol;
  uint32_t hash;
  uint32_t pad;
  Value ns;    ///< String or nil
  Value name;  ///< String
  Value meta;  ///< map or nil
};

struct Keyword : Object {
  static constexpr Kind k_kind = Kind::Keyword;
  uint32_t hash;
  uint32_t pad;
  Value ns;    ///< String or nil
  Value name;  ///< String
};

/// A new symbol. `full` may contain one slash that splits namespace from name ("/" alone is a name).
Ref make_symbol(std::string_view full);
Ref make_symbol(std::string_view ns, std::string_view name);
/// Same name, other metadata.
Ref symbol_with_meta(Value symbol, Ref meta);

/// The keyword of that name (no colon). Interned: borrowed, lives forever.
Value keyword(std::string_view full);
Value keyword(std::string_view ns, std::string_view name);
/// The keyword if somebody has made it already, else none().
Value find_keyword(std::string_view ns, std::string_view name);
/// The full names of all keywords there are that begin with `prefix`, in no order.
std::vector<std::string> keywords_that_begin(std::string_view prefix);

/// Name parts of a Symbol or Keyword.
std::string_view name_of(Value named);
std::string_view ns_of(Value named);  ///< empty when it has none
bool has_ns(Value named);
std::string full_name(Value named);  ///< "ns/name" or "name", without colon

/// A number that no other call returns: what gensyms are numbered with.
uint64_t next_id();
/// Numbers up to `last` are taken: by what came with an image.
void skip_ids(uint64_t last);

/// Every keyword there is, in a table that is searched as it lies (nil where no keyword is): for an image.
std::vector<Value> keyword_table();
/// The keywords that an image brought, in such a table, which must stay. Before any other keyword is made.
void adopt_keyword_table(std::span<const Value> table);

bool symbol_is(Value v, std::string_view name);  ///< a symbol without namespace of that name

}  // namespace reops::lang
