#pragma once
// What the interpreter's larger instructions do, out of its loop.

#include "lang/value/ref.hpp"
#include "lang/vm/code.hpp"

namespace reops::lang {

struct Var;

[[noreturn]] void throw_unbound(const Var& var);
/// `identical?`: same word, or keywords, or equal small numbers; strings only if the same object.
inline bool identical(Value a, Value b) { return a == b; }
/// `nth` with an index of any integral number.
Ref nth_value(Value coll, Value index);
struct Thread;
/// `get`; where that was a record's field, it is remembered which.
Ref get_noting_field(Thread& t, Value coll, Value key);
/// Field `index` of a record, checked.
Ref record_field(Value record, uint32_t index);

struct Iterator;
Iterator& iterator_argument(Value v);
Ref iterator_element(Value iterator);
/// Moves to the next element; false when there is none.
bool advance_iterator(Iterator& it);
/// Puts `item` at the end of a chunk under construction. Throws when it is full.
void append_to_chunk(Value chunk, Ref item);

/// The functions below take over what stands in the window and leave nil there.
Ref make_function(Value proto, Value* captures, size_t count);
Ref make_sibling(const Function& of, size_t index);
Ref make_from_window(Kind kind, Value* window, size_t count);
/// window[0] is the collection, the `count` values after it are added.
void append_from_window(Value* window, size_t count);
/// window[0] the value (none leaves the var unbound), window[1] its metadata; window[0] becomes the var.
void define_var(Var& var, Value* window);

[[noreturn]] void throw_value(Ref error);
/// Whether a clause `(catch type …)` takes this error. An interrupt is taken only by name, so that Ctrl-C
/// ends a loop that catches everything.
bool catches(Value error, Value type);

}  // namespace reops::lang
