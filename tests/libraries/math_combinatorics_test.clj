(ns math-combinatorics-test
  "clojure.math.combinatorics: what it generates, counts and finds without generating."
  (:require [clojure.math.combinatorics :as c]
            [clojure.test :refer [deftest is]]))

(deftest generates
  (is (= [[1 2] [1 3] [1 4] [2 3] [2 4] [3 4]] (c/combinations [1 2 3 4] 2)))
  (is (= [[1 1] [1 2] [2 2]] (distinct (c/combinations [1 1 2 2] 2))))
  (is (= [[] [1] [2] [3] [1 2] [1 3] [2 3] [1 2 3]] (c/subsets [1 2 3])))
  (is (= [[:a 1] [:a 2] [:b 1] [:b 2]] (c/cartesian-product [:a :b] [1 2])))
  (is (= [[:x :x] [:x :y] [:y :x] [:y :y]] (c/selections [:x :y] 2)))
  (is (= [[1 2 3] [1 3 2] [2 1 3] [2 3 1] [3 1 2] [3 2 1]] (c/permutations [1 2 3])))
  (is (= [[1 1 2] [1 2 1] [2 1 1]] (c/permutations [1 1 2])))
  (is (= [[:a :b :c] [:a :c :b] [:b :a :c] [:b :c :a] [:c :a :b] [:c :b :a]] (c/permutations [:a :b :c])))
  (is (= [[[1 2 3]] [[1 2] [3]] [[1 3] [2]] [[1] [2 3]] [[1] [2] [3]]] (c/partitions [1 2 3])))
  (is (= #{[[1 1 2]] [[1 1] [2]] [[1 2] [1]] [[1] [1] [2]]} (set (c/partitions [1 1 2])))))

(deftest counts-without-generating
  (is (= 2598960 (c/count-combinations (range 52) 5)))
  (is (= 2432902008176640000 (c/count-permutations (range 20))))
  (is (= 51090942171709440000N (c/count-permutations (range 21))))
  (is (= 1024 (c/count-subsets (range 10)))))


(deftest finds-without-generating
  (is (= [2 7 8 3 9 1 5 6 0 4] (c/nth-permutation (range 10) 1000000)))
  (is (= (nth (c/combinations (range 10) 4) 100) (c/nth-combination (range 10) 4 100)))
  (is (= [3 4] (c/nth-subset [1 2 3 4] 10)))
  (is (= 999999 (c/permutation-index (c/nth-permutation (range 10) 999999))))
  (is (= [:d :c :b :a] (last (c/permutations [:a :b :c :d]))))
  (is (= 23 (count (c/drop-permutations [1 2 3 4] 1)))))
