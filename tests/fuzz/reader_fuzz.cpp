// Fuzzes the reader of the language.

#include "fuzz/reader_fuzzing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > reops::fuzz::k_largest_input) return 0;
  reops::fuzz::start();
  reops::fuzz::ReaderFuzzer(/*edn=*/false).read_all(data, size);
  return 0;
}
