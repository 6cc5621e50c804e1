#pragma once
// Small helpers on forms, shared by the analyser's files.

#include <string_view>
#include <vector>

#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {

/// A list form: anything `seq?`.
inline bool is_list_form(Value v) { return is_seq(v); }

/// The elements of a list or vector form.
inline std::vector<Ref> parts_of(Value form) {
  std::vector<Ref> parts;
  for (SeqIterator it(form); it.more(); it.step()) parts.emplace_back(it.value());
  return parts;
}

// Metadata that the program wrote, as opposed to what the reader noted about the place.
inline Ref user_meta(Value form) {
  Ref m = meta(form);
  if (m.is_nil()) return m;
  for (const char* key : {"line", "column", "end-line", "end-column", "file"})
    m = dissoc(std::move(m), keyword(key));
  return count(m) == 0 ? nil() : std::move(m);
}

inline Ref node_number(int64_t n) { return Ref::adopt(Value::fixnum(n)); }

}  // namespace reops::lang
