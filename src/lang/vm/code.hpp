#pragma once
// Compiled code: what the interpreter runs.
//
// A Function is a prototype plus the values it captured. A Proto has one Code per arity and keeps the
// resolved tree they were made from, which is what travels to agents and what tools look at; code can always
// be made anew from it.

#include <cstdint>
#include <span>
#include <string>

#include "lang/value/ref.hpp"

namespace reops::lang {

enum class Op : uint8_t {
#define INSTRUCTION(name, words) name,
#include "lang/vm/instructions.def"
#undef INSTRUCTION
};
extern const char* const k_op_names[];
extern const uint8_t k_op_words[];

/// Where a `try` protects: an error in [start, end) goes on at `target` with the error in register `error`;
/// registers from `error` on, and far slots from `far` on, are released first.
struct Handler {
  uint32_t start, end, target;
  uint16_t error;
  uint16_t far;
};

/// From word `pc` on (until the next entry) code stands for this place of the source.
struct CodePosition {
  uint32_t pc, line, column, end_line, end_column;
};

/// Words [start, end) stand for a call, made at that place, of a function with prototype K[proto]
/// (fusion.hpp). Those within others come after them.
struct InlinedCall {
  uint32_t start, end, proto;
  uint32_t line, column, end_line, end_column;
};

/// One arity of a function. The constants are the value slots; instructions and tables follow them.
struct Code : Object {
  static constexpr Kind k_kind = Kind::Code;
  uint32_t length;  ///< constants
  uint32_t words;
  uint16_t registers;  ///< frame size in slots, far ones included
  uint8_t params;      ///< fixed parameters
  bool variadic;       ///< the rest follows in one more
  uint32_t handler_count;
  uint32_t position_count;
  uint32_t kills_at;  ///< bytes from here to the kill bytes
  __extension__ Value constants[];

  const uint32_t* instructions() const { return reinterpret_cast<const uint32_t*>(constants + length); }
  std::span<const Handler> handlers() const {
    return {reinterpret_cast<const Handler*>(instructions() + words), handler_count};
  }
  std::span<const CodePosition> positions() const {
    return {reinterpret_cast<const CodePosition*>(handlers().data() + handler_count), position_count};
  }
  std::span<const InlinedCall> inlined_calls() const {
    auto* first = reinterpret_cast<const InlinedCall*>(positions().data() + position_count);
    return {first, reinterpret_cast<const InlinedCall*>(reinterpret_cast<const char*>(this) + kills_at)};
  }
  /// Kill bits of the instruction at word `pc` (instructions.def).
  uint8_t kills(size_t pc) const { return reinterpret_cast<const uint8_t*>(this)[kills_at + pc]; }
  /// Place of the instruction that ends before word `pc`; null when unknown.
  const CodePosition* position_at(size_t pc) const;
};

struct Proto : Object {
  static constexpr Kind k_kind = Kind::Proto;
  uint32_t length;     ///< slots: 5 + fixed arities 0…max
  uint16_t max_fixed;  ///< largest fixed arity; by_arity[n] is Code or nil
  bool once;           ///< called at most once (lazy-seq's thunk): captures may be moved out
  bool is_macro;
  Value name;      ///< qualified Symbol, or nil
  Value source;    ///< String: name of the file
  Value tree;      ///< Node: the resolved `fn`
  Value arglists;  ///< list of vectors
  Value variadic;  ///< Code or nil
  __extension__ Value by_arity[];

  /// The code that takes `args` arguments, or null.
  Code* code_for(size_t args) const {
    if (args <= max_fixed) {
      Value code = by_arity[args];
      if (code.is_object()) [[likely]]
        return &as<Code>(code);
    }
    if (variadic.is_object() && args >= as<Code>(variadic).params) return &as<Code>(variadic);
    return nullptr;
  }
};

struct Function : Object {
  static constexpr Kind k_kind = Kind::Function;
  uint32_t length;  ///< slots: 2 + captures
  uint32_t pad;
  Value proto;
  Value meta;
  __extension__ Value captures[];
};

/// Everything a Code is made of, gathered by the code generator.
struct CodeParts {
  std::span<const Value> constants;
  std::span<const uint32_t> instructions;
  std::span<const Handler> handlers;
  std::span<const CodePosition> positions;
  std::span<const InlinedCall> inlined_calls;
  std::span<const uint8_t> kills;
  uint16_t registers;
  uint8_t params;
  bool variadic;
};
Ref make_code(const CodeParts& parts);

/// "my.ops/listing", or "fn" for one without a name.
std::string function_name(const Proto& proto);

/// The instructions in readable form, one a line.
std::string disassemble(const Code& code);

}  // namespace reops::lang
