(ns loops-test
  "Loops whose test at the head is done at their end (jumps.inc): every kind of number, limits that are no small integers,
  counting that leaves the small integers, errors in the counting and in the test."
  (:require [clojure.test :refer [deftest is testing]]))

(defn- up [from limit] (loop [i from n 0] (if (< i limit) (recur (+ i 3) (inc n)) [i n])))
(defn- count-to [from limit] (loop [i from] (if (< i limit) (recur (inc i)) i)))
(defn- count-to-10 [from] (loop [i from] (if (< i 10) (recur (inc i)) i)))
(defn- by-twos-to-10 [from] (loop [n 0 i from] (if (< i 10) (recur (inc n) (+ i 2)) n)))
(defn- down [from] (loop [i from n 0] (if (> i 0) (recur (dec i) (inc n)) [i n])))
(defn- until-zero [from] (loop [i from n 0] (if (zero? i) n (recur (dec i) (inc n)))))

(deftest small-integers
  (is (= 10 (count-to-10 0) (count-to-10 -5) (count-to-10 10)))
  (is (= 11 (count-to-10 11)))
  (is (= 5 (by-twos-to-10 0) (by-twos-to-10 1)))
  (is (= 7 (count-to 0 7) (count-to 7 7) (count-to -3 7)))
  (is (= [12 4] (up 0 10)))
  (is (= [0 9] (down 9)))
  (is (= [-1 0] (down -1)))
  (is (= 9 (until-zero 9))))

(deftest other-numbers
  (is (= 10.5 (count-to-10 0.5)))
  (is (= 10N (count-to-10 0N)))
  (is (= 21/2 (count-to-10 1/2)))
  (is (= 3 (count-to 0 5/2) (count-to 0 2.5)))
  (is (= 3N (count-to 0N 3)))
  (is (= 10M (count-to-10 0M)))
  (is (= [0.0 3] (down 3.0)))
  (is (= 4 (until-zero 4N))))

(deftest at-the-ends-of-integers
  (let [small-max 4611686018427387903]
    (testing "of those that are in a word"
      (is (= (+ small-max 2) (count-to (- small-max 2) (+ small-max 2)))))
    (testing "of 64 bits, where counting is an error"
      (is (= Long/MAX_VALUE (count-to (- Long/MAX_VALUE 2) Long/MAX_VALUE)))
      (is (thrown-with-msg? ArithmeticException #"overflow" (count-to (- Long/MAX_VALUE 2) 9223372036854775808N))))))

(deftest errors-belong-to-their-place
  (is (thrown? ClassCastException (count-to 0 "ten")))
  (is (thrown? ClassCastException (count-to-10 :zero)))
  (is (= :caught (try (loop [i 0] (if (< i 3) (recur (if (= i 2) (throw (ex-info "x" {})) (inc i))) i))
                      (catch Exception _ :caught)))))

(deftest closures-keep-their-round
  (is (= [0 1 2 3 4] (map #(%) (loop [i 0 fs []] (if (< i 5) (recur (inc i) (conj fs (fn [] i))) fs)))))
  (is (= [0 1 2] (let [seen (atom [])] (dotimes [i 3] (swap! seen conj i)) @seen))))

(deftest loops-within-loops
  (is (= 285 (loop [i 0 sum 0]
               (if (< i 10)
                 (recur (inc i) (+ sum (loop [j 0 s 0] (if (< j i) (recur (inc j) (+ s i)) s))))
                 sum)))))

(deftest a-limit-that-changes
  (is (= [5 5] (loop [i 0 limit 10] (if (< i limit) (recur (inc i) (dec limit)) [i limit])))))
