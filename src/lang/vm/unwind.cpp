#include "lang/vm/unwind.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "lang/vm/code.hpp"

namespace reops::lang {
namespace {

void release_registers(const Frame& f, size_t from, size_t far) {
  size_t n = f.code->registers;
  release_slots(f.base + from, f.base + std::min<size_t>(n, 256));
  if (n > 256) release_slots(f.base + 256 + far, f.base + n);
}

const Handler* find_handler(const Frame& f) {
  auto at = static_cast<uint32_t>(f.pc - f.code->instructions() - 1);
  for (const Handler& h : f.code->handlers()) {
    if (at >= h.start && at < h.end) return &h;
  }
  return nullptr;
}

}  // namespace

bool unwind(Thread& t, Ref& error) {
  for (;;) {
    Frame& f = *t.frame;
    if (const Handler* h = find_handler(f)) {
      release_registers(f, h->error, h->far);
      f.base[h->error] = error.take();
      f.pc = f.code->instructions() + h->target;
      return true;
    }
    release_registers(f, 0, 0);
    uint8_t flags = f.flags;
    --t.frame;
    if (flags & Frame::k_owned) release(f.fn);
    if (flags & Frame::k_entry) return false;
  }
}

void assert_dead(const Frame& f) {
  for (size_t i = 0; i < f.code->registers; ++i) {
    Value v = f.base[i];
    if (v.is_object() && v.bits() != 0) {
      std::fprintf(stderr, "register %zu of %s is not dead at return\n%s", i,
                   function_name(as<Proto>(f.fn->proto)).c_str(), disassemble(*f.code).c_str());
      std::abort();
    }
  }
}

}  // namespace reops::lang
