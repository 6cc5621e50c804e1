// Fuzzes the reader of data, clojure.edn: what comes from elsewhere is read with it.

#include "fuzz/reader_fuzzing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > reops::fuzz::k_largest_input) return 0;
  reops::fuzz::start();
  reops::fuzz::ReaderFuzzer(/*edn=*/true).read_all(data, size);
  return 0;
}
