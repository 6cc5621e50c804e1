#pragma once
// Messages as data of the language, and back.

#include "lang/value/ref.hpp"
#include "repl/nrepl/bencode.hpp"

namespace reops::repl {

/// Strings, integers, vectors, and maps with strings as keys.
lang::Ref to_value(const Bencode& message);
/// Names for symbols and keywords, lists for whatever can be walked, text for the rest. Entries that are nil
/// are left out of maps.
Bencode from_value(lang::Value value);

}  // namespace reops::repl
