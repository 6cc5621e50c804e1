#include "lang/vm/code.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "lang/value/symbol.hpp"

namespace reops::lang {

const char* const k_op_names[] = {
#define INSTRUCTION(name, words) #name,
#include "lang/vm/instructions.def"
#undef INSTRUCTION
};
const uint8_t k_op_words[] = {
#define INSTRUCTION(name, words) words,
#include "lang/vm/instructions.def"
#undef INSTRUCTION
};

namespace {

size_t code_size(const Object& o) {
  const auto& c = static_cast<const Code&>(o);
  return c.kills_at + c.words;
}

template <class T>
char* append(char* at, std::span<const T> items) {
  if (!items.empty()) std::memcpy(at, items.data(), items.size_bytes());
  return at + items.size_bytes();
}

}  // namespace

const KindInfo k_info_Code = {
    .name = "Code", .slots_at = offsetof(Code, constants), .slots = k_counted, .byte_size = code_size};
const KindInfo k_info_Proto = {.name = "Proto", .slots_at = offsetof(Proto, name), .slots = k_counted};
const KindInfo k_info_Function = {
    .name = "Function", .slots_at = offsetof(Function, proto), .slots = k_counted};

Ref make_code(const CodeParts& p) {
  size_t kills_at = sizeof(Code) + p.constants.size_bytes() + p.instructions.size_bytes() +
                    p.handlers.size_bytes() + p.positions.size_bytes() + p.inlined_calls.size_bytes();
  Code* c = allocate<Code>(kills_at + p.kills.size() - sizeof(Code));
  c->length = static_cast<uint32_t>(p.constants.size());
  c->words = static_cast<uint32_t>(p.instructions.size());
  c->registers = p.registers;
  c->params = p.params;
  c->variadic = p.variadic;
  c->handler_count = static_cast<uint32_t>(p.handlers.size());
  c->position_count = static_cast<uint32_t>(p.positions.size());
  c->kills_at = static_cast<uint32_t>(kills_at);
  for (size_t i = 0; i < p.constants.size(); ++i) c->constants[i] = Ref(p.constants[i]).take();
  char* at = reinterpret_cast<char*>(c->constants + c->length);
  at = append(at, p.instructions);
  at = append(at, p.handlers);
  at = append(at, p.positions);
  at = append(at, p.inlined_calls);
  append(at, p.kills);
  return Ref::adopt(c);
}

const CodePosition* Code::position_at(size_t pc) const {
  auto table = positions();
  auto after = std::upper_bound(table.begin(), table.end(), pc == 0 ? 0 : pc - 1,
                                [](size_t at, const CodePosition& p) { return at < p.pc; });
  return after == table.begin() ? nullptr : &*(after - 1);
}

std::string function_name(const Proto& proto) {
  return is<Symbol>(proto.name) ? full_name(proto.name) : "fn";
}

std::string disassemble(const Code& code) {
  std::string out;
  const uint32_t* words = code.instructions();
  for (size_t pc = 0; pc < code.words;) {
    uint32_t w = words[pc];
    auto op = static_cast<Op>(w & 255);
    out += std::to_string(pc) + "\t" + k_op_names[w & 255];
    out += " " + std::to_string(w >> 8 & 255) + " " + std::to_string(w >> 16 & 255) + " " +
           std::to_string(w >> 24);
    size_t size = k_op_words[w & 255];
    if (op == Op::switch_on) size += words[pc + 1] + 1;
    for (size_t i = 1; i < size; ++i) out += " [" + std::to_string(static_cast<int32_t>(words[pc + i])) + "]";
    if (uint8_t kills = code.kills(pc)) out += " kill " + std::to_string(kills);
    out += "\n";
    pc += size;
  }
  for (const Handler& h : code.handlers()) {
    out += "handler " + std::to_string(h.start) + "-" + std::to_string(h.end) + " -> " +
           std::to_string(h.target) + " error in " + std::to_string(h.error) + "\n";
  }
  for (const InlinedCall& c : code.inlined_calls()) {
    out += "inlined " + std::to_string(c.start) + "-" + std::to_string(c.end) + " " +
           function_name(as<Proto>(code.constants[c.proto])) + "\n";
  }
  return out;
}

}  // namespace reops::lang
