// The forms of the oracle's corpus, again and again in one process: what they made is gone afterwards. (What
// nothing points to any more, the leak checker finds at the end of every sanitized test; this finds what
// piles up in tables, caches and cells.) Only the address sanitizer's allocator can be asked how much is in
// use.

#include "lang/value/leaks.hpp"

#if REOPS_CHECKS_LEAKS

#include <sanitizer/allocator_interface.h>

#include <filesystem>

#include "lang/runtime/cycles.hpp"
#include "lang/vm/handshake.hpp"
#include "language_testing.hpp"

namespace reops::lang {
namespace {

class LeaksTest : public LanguageTest {
 protected:
  LeaksTest() {
    run(R"(
      (ns leaks)
      (defn run-file [file]
        (binding [*ns* (create-ns 'leaks.space) *print-length* 50 *print-level* 10]
          (refer 'clojure.core)
          (with-out-str
            (doseq [form (read-string {:read-cond :allow} (str "(" (slurp file) "\n)"))]
              (try (pr (eval form)) (catch Throwable _ nil))))
          (remove-ns 'leaks.space)
          nil)))");
  }
};

size_t in_use() {
  collect_cycles();
  drain_retired();
  return __sanitizer_get_current_allocated_bytes();
}

TEST_F(LeaksTest, TheCorpusLeavesNothingBehind) {
  for (const auto& entry : std::filesystem::directory_iterator(REOPS_CORPUS)) {
    const std::string form = "(leaks/run-file \"" + entry.path().string() + "\")";
    // The first times fill tables that stay: interned keywords, loaded libraries, caches.
    run(form);
    run(form);
    size_t before = in_use();
    for (int i = 0; i < 3; ++i) run(form);
    EXPECT_EQ(in_use(), before) << entry.path();
  }
}

}  // namespace
}  // namespace reops::lang

#endif
