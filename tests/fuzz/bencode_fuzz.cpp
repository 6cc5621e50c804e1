// Fuzzes the bencode decoder: whatever the bytes are, and however they are cut, it answers with values or
// with an error; and what it has read, written again, reads as the same.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "repl/nrepl/bencode.hpp"

namespace {

using namespace reops::repl;

struct Decoded {
  std::vector<Bencode> values;
  bool failed = false;
  bool operator==(const Decoded& other) const = default;
};

Decoded decode(std::string_view bytes, size_t piece) {
  BencodeLimits limits;
  limits.message_bytes = 4096;
  limits.message_items = 256;
  limits.depth = 8;
  BencodeDecoder decoder(limits);
  Decoded result;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    decoder.feed(bytes.substr(at, piece));
    for (;;) {
      auto next = decoder.next();
      if (!next) {
        result.failed = true;
        return result;
      }
      if (!next.value()) break;
      result.values.push_back(*next.value());
    }
  }
  return result;
}

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Decoded whole = decode(bytes, size + 1);
  if (whole != decode(bytes, 1)) give_up("the answer depends on where the bytes are cut");
  std::string again;
  for (const Bencode& value : whole.values) encode_bencode(again, value);
  if (decode(again, 7).values != whole.values) give_up("what was written does not read back");
  return 0;
}
