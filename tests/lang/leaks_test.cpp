// The forms of the oracle's corpus, again and again in one process: what they made is gone afterwards. (What
// nothing points to any more, the leak checker finds at the end of every sanitized test; this finds what
// piles up in tables, caches and cells.) Only the address sanitizer's allocator can be asked how much is in
// use.

#include "lang/value/leaks.hpp"

#if REOPS_CHECKS_LEAKS

#include <chrono>
#include <filesystem>
#include <vector>

#include "lang/runtime/cycles.hpp"
#include "lang/runtime/tasks.hpp"
#include "lang/vm/handshake.hpp"
#include "lang/vm/thread.hpp"
#include "language_testing.hpp"

namespace reops::lang {
namespace {

class LeaksTest : public LanguageTest {
 protected:
  LeaksTest() {
    run(R"clj(
      (ns leaks)
      (defn run-file [file]
        (binding [*ns* (create-ns 'leaks.space) *print-length* 50 *print-level* 10]
          (refer 'clojure.core)
          (with-out-str
            (doseq [{:keys [form]} (read-string (str "[" (slurp file) "]"))]
              (try (pr (eval (read-string {:read-cond :allow} form))) (catch Throwable _ nil))))
          (remove-ns 'leaks.space)
          nil)))clj");
  }
};

using Live = std::vector<int64_t>;

Live live_objects() {
  EXPECT_TRUE(end_tasks(std::chrono::seconds(60))) << "a thread does not end";
  // Twice, because what a cycle held may be part of the next one.
  for (int i = 0; i < 2; ++i) {
    collect_cycles();
    drain_retired();
  }
  // A cache of a few; which ones they are changes from run to run.
  this_thread().fused.clear();
  drain_retired();
  Live live;
  for (const auto& count : g_live_objects) live.push_back(count.load());
  return live;
}

std::string difference(const Live& before, const Live& now) {
  std::string text;
  for (size_t kind = 0; kind < now.size(); ++kind) {
    if (now[kind] == before[kind]) continue;
    text += " " + std::string(info(static_cast<Kind>(kind)).name) + " " +
            std::to_string(now[kind] - before[kind]);
  }
  return text;
}

TEST_F(LeaksTest, TheCorpusLeavesNothingBehind) {
  for (const auto& entry : std::filesystem::directory_iterator(REOPS_ORACLE_ANSWERS)) {
    if (entry.path().filename() == "topics.edn") continue;
    const std::string form = "(leaks/run-file \"" + entry.path().string() + "\")";
    // The first times fill tables that stay: interned keywords, loaded libraries, caches.
    run(form);
    run(form);
    Live before = live_objects();
    for (int i = 0; i < 3; ++i) run(form);
    EXPECT_EQ(difference(before, live_objects()), "") << entry.path();
  }
}

}  // namespace
}  // namespace reops::lang

#endif
