// Atoms, delays, promises, futures and locks, as programs use them and under contention.

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "lang/runtime/tasks.hpp"
#include "lang/vm/call.hpp"
#include "language_testing.hpp"

namespace reops::lang {
namespace {

class ConcurrencyTest : public LanguageTest {};

TEST_F(ConcurrencyTest, AtomsChange) {
  EXPECT_EQ(shown("(let [a (atom 1)] [(swap! a inc) (swap! a + 1 2) (swap! a + 1 2 3) (reset! a 9) @a])"),
            "[2 5 11 9 9]");
  EXPECT_EQ(shown("(let [a (atom 1)] [(swap-vals! a inc) (reset-vals! a 0)])"), "[[1 2] [2 0]]");
  EXPECT_EQ(shown("(let [a (atom 1)] [(compare-and-set! a 2 3) (compare-and-set! a 1 3) @a])"),
            "[false true 3]");
}

TEST_F(ConcurrencyTest, AtomsHaveValidatorsAndMetadata) {
  EXPECT_EQ(shown("(meta (atom 1 :meta {:x 1}))"), "{:x 1}");
  EXPECT_EQ(
      shown("(let [a (atom 1 :validator pos?)] [(try (swap! a -) (catch IllegalStateException e :no)) @a])"),
      "[:no 1]");
  EXPECT_EQ(shown("(atom -1 :validator pos?)").substr(0, 22), "!IllegalStateException");
  EXPECT_EQ(shown("(let [a (atom 1)] (set-validator! a neg?))").substr(0, 22), "!IllegalStateException");
}

TEST_F(ConcurrencyTest, WatchesSeeEveryChange) {
  EXPECT_EQ(shown("(let [log (atom []) a (atom 1)]"
                  "  (add-watch a :k (fn [k r old new] (swap! log conj [k (= r a) old new])))"
                  "  (swap! a inc) (reset! a 5) (remove-watch a :k) (swap! a inc) @log)"),
            "[[:k true 1 2] [:k true 2 5]]");
}

TEST_F(ConcurrencyTest, AWatchMayChangeWhatItWatches) {
  EXPECT_EQ(shown("(let [a (atom 0)] (add-watch a :up (fn [_ r _ n] (when (< n 5) (swap! r inc)))) (swap! a "
                  "inc) @a)"),
            "5");
}

TEST_F(ConcurrencyTest, NoUpdateOfAnAtomIsLost) {
  EXPECT_EQ(shown("(let [a (atom {})]"
                  "  (run! deref (doall (for [t (range 4)] (future (dotimes [i 300] (swap! a update i (fnil "
                  "inc 0)))))))"
                  "  [(count @a) (reduce + (vals @a))])"),
            "[300 1200]");
}

TEST_F(ConcurrencyTest, ADelayRunsOnceHoweverManyAsk) {
  EXPECT_EQ(shown("(let [runs (atom 0) d (delay (swap! runs inc) (Thread/sleep 20) :value)"
                  "      asked (doall (for [_ (range 8)] (future @d)))]"
                  "  [(set (map deref asked)) @runs])"),
            "[#{:value} 1]");
}

TEST_F(ConcurrencyTest, AFailedDelayFailsAgainTheSameWay) {
  EXPECT_EQ(shown("(let [runs (atom 0) d (delay (swap! runs inc) (throw (ex-info \"bad\" {})))"
                  "      ask (fn [] (try @d (catch Exception e (ex-message e))))]"
                  "  [(ask) (ask) @runs (realized? d)])"),
            "[\"bad\" \"bad\" 1 true]");
}

TEST_F(ConcurrencyTest, ADelayThatNeedsItselfIsAnError) {
  EXPECT_EQ(shown("(let [d (promise)] (deliver d (delay (force @d))) (force @d))").substr(0, 22),
            "!IllegalStateException");
}

TEST_F(ConcurrencyTest, PromisesAreDeliveredOnce) {
  EXPECT_EQ(shown("(let [p (promise)] [(realized? p) (deref p 1 :late) (some? (deliver p 1)) (deliver p 2) "
                  "@p (realized? p)])"),
            "[false :late true nil 1 true]");
}

TEST_F(ConcurrencyTest, FuturesGiveTheirValueOrThrowTheirError) {
  EXPECT_EQ(shown("@(future (+ 1 2))"), "3");
  EXPECT_EQ(shown("@(future (/ 1 0))"), "!ExecutionException: java.lang.ArithmeticException: Divide by zero");
  EXPECT_EQ(
      shown("(try @(future (throw (ex-info \"x\" {:a 1}))) (catch Exception e (ex-data (ex-cause e))))"),
      "{:a 1}");
  EXPECT_EQ(shown("(deref (future (Thread/sleep 60000)) 5 :late)"), ":late");
}

TEST_F(ConcurrencyTest, FuturesSeeTheBindingsOfTheirStarter) {
  EXPECT_EQ(shown("(def ^:dynamic *c* 1) (binding [*c* 2] [@(future *c*) @(future @(future *c*))])"),
            "[2 2]");
  EXPECT_EQ(shown("*c*"), "1");
  EXPECT_EQ(shown("@(future *c*)"), "1") << "a thread that is used again remembers nothing";
}

TEST_F(ConcurrencyTest, ACancelledFutureStops) {
  EXPECT_EQ(
      shown(
          "(let [begun (promise) ended (promise)"
          "      f (future (deliver begun 1) (try (Thread/sleep 60000) (finally (deliver ended :stopped))))]"
          "  @begun [(future-cancel f) (deref ended 20000 :still-asleep) (future-cancelled? f) (future-done? "
          "f)"
          "          (future-cancel f)])"),
      "[true :stopped true true false]");
  EXPECT_EQ(shown("(let [f (future (Thread/sleep 60000))] (future-cancel f) @f)").substr(0, 22),
            "!CancellationException");
}

TEST_F(ConcurrencyTest, ACancelledLoopStops) {
  EXPECT_EQ(shown("(let [begun (promise) ended (promise)"
                  "      f (future (try (deliver begun 1) (loop [i 0] (recur (inc i))) (finally (deliver "
                  "ended :stopped))))]"
                  "  @begun (future-cancel f) (deref ended 20000 :still-running))"),
            ":stopped");
}

TEST_F(ConcurrencyTest, WhatAFutureMadeIsSharedSafely) {
  EXPECT_EQ(shown("(let [parts (doall (for [t (range 4)] (future (reduce (fn [m i] (assoc m [t i] (str i))) "
                  "{} (range 500)))))"
                  "      whole (reduce merge (map deref parts))]"
                  "  [(count whole) (whole [3 499])])"),
            "[2000 \"499\"]");
}

TEST_F(ConcurrencyTest, ALazySequenceIsRealisedOnceAmongThreads) {
  EXPECT_EQ(shown("(let [runs (atom 0) s (map (fn [x] (swap! runs inc) x) (iterate inc 0))"
                  "      sums (doall (for [_ (range 4)] (future (reduce + (take 1000 s)))))]"
                  "  [(set (map deref sums)) @runs])"),
            "[#{499500} 1000]");
}

TEST_F(ConcurrencyTest, LockingExcludesOthersAndIsReentrant) {
  EXPECT_EQ(shown("(let [lock (Object.) n (atom 0)]"
                  "  (run! deref (doall (for [_ (range 4)] (future (dotimes [_ 300]"
                  "    (locking lock (locking lock (let [v @n] (reset! n (inc v))))))))))"
                  "  @n)"),
            "1200");
  EXPECT_EQ(shown("(let [lock (Object.)] (try (locking lock (throw (ex-info \"x\" {}))) (catch Exception _))"
                  "  @(future (locking lock :free)))"),
            ":free");
}

TEST_F(ConcurrencyTest, RootsAreRedefinedWhileOthersCall) {
  EXPECT_EQ(shown("(defn target [] (vector 1 1))"
                  "(let [stop (atom false)"
                  "      wrong (doall (for [_ (range 2)] (future (loop [n 0] (if @stop n"
                  "              (let [[a b] (target)] (recur (if (= a b) n (inc n)))))))))]"
                  "  (dotimes [i 2000] (alter-var-root #'target (constantly (fn [] (vector i i)))))"
                  "  (reset! stop true)"
                  "  (reduce + (map deref wrong)))"),
            "0");
}

TEST_F(ConcurrencyTest, WithRedefsReachesOrdinaryFunctionsAndPutsThemBack) {
  EXPECT_EQ(shown("(defn fetch [] :real) (defn report [] [(fetch)])"
                  "[(with-redefs [fetch (fn [] :stub)] (report)) (report)"
                  " (try (with-redefs [fetch (fn [] (throw (ex-info \"x\" {})))] (report)) (catch Exception "
                  "_ :threw)) (report)]"),
            "[[:stub] [:real] :threw [:real]]");
  EXPECT_EQ(shown("(declare later) (with-redefs [later 1] later)"), "1");
  EXPECT_EQ(shown("(bound? #'later)"), "false");
}

TEST_F(ConcurrencyTest, ParallelMapKeepsOrder) {
  EXPECT_EQ(shown("(pmap inc (range 100))"), shown("(map inc (range 100))"));
  EXPECT_EQ(shown("(pmap + [1 2 3] [10 20 30])"), "(11 22 33)");
  EXPECT_EQ(shown("(pmap inc [])"), "()");
  EXPECT_EQ(shown("(take 3 (pmap inc (range)))"), "(1 2 3)");
}

TEST_F(ConcurrencyTest, BoundFunctionsTakeTheirBindingsAlong) {
  EXPECT_EQ(shown("(def ^:dynamic *d* 1) (let [f (binding [*d* 2] (bound-fn [x] [x *d*]))] [(f :a) "
                  "(with-bindings {#'*d* 3} *d*)])"),
            "[[:a 2] 3]");
}

TEST_F(ConcurrencyTest, AnInterruptEndsAWaitForAFuture) {
  Thread& self = this_thread();
  std::thread interrupter([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    interrupt_thread(self);
  });
  EXPECT_EQ(shown("@(promise)").substr(0, 21), "!InterruptedException");
  interrupter.join();
  EXPECT_EQ(shown("(+ 1 2)"), "3");
}

TEST_F(ConcurrencyTest, ManyFuturesAtOnce) {
  EXPECT_EQ(shown("(let [gate (promise) fs (doall (for [i (range 200)] (future @gate i)))] (deliver gate 1) "
                  "(reduce + (map deref fs)))"),
            "19900");
}

TEST_F(ConcurrencyTest, DeepRecursionInAFutureEndsInAnError) {
  EXPECT_EQ(
      shown(
          "(defn deep [n] (inc (deep n))) (try @(future (deep 1)) (catch Exception e (class (ex-cause e))))"),
      "java.lang.StackOverflowError");
  EXPECT_EQ(shown("@(future :fine)"), ":fine");
}

}  // namespace
}  // namespace reops::lang
