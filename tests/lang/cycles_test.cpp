// Cycles: what only holds itself is freed, and nothing else is.

#include "lang/runtime/cycles.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "lang/collection/vector.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/census.hpp"
#include "lang/value/handle.hpp"
#include "lang/vm/handshake.hpp"
#include "language_testing.hpp"

namespace reops::lang {
namespace {

std::atomic<int> g_live{0};

struct Counted : Resource {
  Counted() { ++g_live; }
  ~Counted() override { --g_live; }
  std::string describe() const override { return "Counted"; }
};

class CyclesTest : public LanguageTest {
 protected:
  CyclesTest() { collect_cycles(); }

  /// An atom that holds [itself handle].
  static Ref self_holding() {
    Ref atom = make_atom(Ref());
    Ref handle = make_handle(new Counted);
    cell_swap(*atom.object(), as<Atom>(atom).value, make_vector({atom, handle}));
    return atom;
  }
};

TEST_F(CyclesTest, AnAtomThatHoldsItselfIsFreed) {
  self_holding();
  EXPECT_EQ(g_live, 1);
  Collection c = collect_cycles();
  EXPECT_TRUE(c.ran);
  EXPECT_EQ(c.collected, 1u);
  EXPECT_EQ(g_live, 0);
}

TEST_F(CyclesTest, WhatSomebodyOwnsStaysWhole) {
  Ref atom = self_holding();
  EXPECT_EQ(collect_cycles().collected, 0u);
  EXPECT_EQ(g_live, 1);
  EXPECT_EQ(vector_at(deref(atom), 0), atom.get());
  atom = Ref();
  EXPECT_EQ(collect_cycles().collected, 1u);
  EXPECT_EQ(g_live, 0);
}

TEST_F(CyclesTest, WhatAStackBorrowsStaysWhole) {
  Thread& t = this_thread();
  *t.top++ = self_holding().get();
  EXPECT_EQ(collect_cycles().collected, 0u);
  EXPECT_EQ(g_live, 1);
  *--t.top = Value::nil();
  EXPECT_EQ(collect_cycles().collected, 1u);
  EXPECT_EQ(g_live, 0);
}

TEST_F(CyclesTest, WhatIsReachedFromALiveCellStays) {
  Ref holder = make_atom(Ref());
  cell_swap(*holder.object(), as<Atom>(holder).value, self_holding());
  EXPECT_EQ(collect_cycles().collected, 0u);
  EXPECT_EQ(g_live, 1);
  cell_swap(*holder.object(), as<Atom>(holder).value, Ref());
  EXPECT_EQ(collect_cycles().collected, 1u);
  EXPECT_EQ(g_live, 0);
}

TEST_F(CyclesTest, WhatHangsOffACycleGoesWithIt) {
  {
    Ref first = make_atom(Ref()), second = make_atom(Ref());
    Ref outside = make_atom(make_handle(new Counted));
    cell_swap(*first.object(), as<Atom>(first).value, make_vector({second, outside}));
    cell_swap(*second.object(), as<Atom>(second).value, make_vector({first}));
  }
  EXPECT_EQ(g_live, 1);
  collect_cycles();
  EXPECT_EQ(g_live, 0);
}

TEST_F(CyclesTest, CellsThatAreFreedByCountLeaveTheCensus) {
  size_t before = noted_cells();
  for (int i = 0; i < 100; ++i) {
    Ref atom = make_atom(Ref());
    cell_swap(*atom.object(), as<Atom>(atom).value, make_string("x"));
    EXPECT_EQ(noted_cells(), before + 1);
  }
  EXPECT_EQ(noted_cells(), before);
}

TEST_F(CyclesTest, CellsThatOnlyEverHeldWordsAreNotInTheCensus) {
  size_t before = noted_cells();
  Ref atom = make_atom(Ref());
  cell_swap(*atom.object(), as<Atom>(atom).value, Ref(Value::fixnum(1)));
  EXPECT_EQ(noted_cells(), before);
}

TEST_F(CyclesTest, InstancesWhoseFieldsChangeLeaveTheCensusAndTheirCyclesAreFound) {
  run("(deftype Changing [^:unsynchronized-mutable x ^:volatile-mutable y]"
      "  clojure.lang.IFn (invoke [_ v] (set! x v) (set! y v)))");
  collect_cycles();
  size_t before = noted_cells();
  run("(let [c (->Changing 1 2)] (c [3]) (c [4]))");
  EXPECT_EQ(noted_cells(), before);
  EXPECT_EQ(collect_cycles().collected, 0u);
  run("(let [c (->Changing 1 2)] (c c) nil)");
  EXPECT_EQ(collect_cycles().collected, 2u);
}

TEST_F(CyclesTest, ANamespaceThatWasRemovedIsFreedWithItsRecursiveFunctions) {
  EXPECT_EQ(
      shown(
          "(in-ns 'cycles-test) (clojure.core/refer-clojure)"
          "(defn f [n] (if (pos? n) (f (dec n)) :done)) (def state (atom {})) (swap! state assoc :self state)"
          "(f 3)"),
      ":done");
  run("(clojure.core/remove-ns 'cycles-test)");
  drain_retired();
  EXPECT_GE(collect_cycles().collected, 3u) << "the namespace, two vars, the atom";
  EXPECT_EQ(shown("(find-ns 'cycles-test)"), "nil");
  EXPECT_EQ(shown("(reduce + (map inc (range 10)))"), "55") << "the rest of the language is untouched";
}

TEST_F(CyclesTest, RunsWhileOthersWork) {
  EXPECT_EQ(shown("(let [stop (atom false)"
                  "      workers (doall (for [_ (range 2)] (future (loop [n 0] (if @stop n"
                  "        (let [a (atom nil)] (reset! a [a n]) (recur (if (= n (second @a)) (inc n) "
                  "-1000000)))))))) ]"
                  "  (dotimes [_ 5] (gc))"
                  "  (reset! stop true)"
                  "  (every? nat-int? (map deref workers)))"),
            "true");
}

TEST_F(CyclesTest, RunsByItselfWhenCellsPileUp) {
  set_collection_threshold(noted_cells() + 1000);
  size_t before = noted_cells();
  run("(dotimes [_ 3000] (let [a (atom nil)] (reset! a [a])))");
  EXPECT_LT(noted_cells(), before + 2900);
}

}  // namespace
}  // namespace reops::lang
