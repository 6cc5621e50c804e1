(ns grouping-test
  (:require [clojure.test :refer [deftest is]]
            [re-mote.grouping :refer [group-in-order]]))

(deftest groups-stand-in-the-order-of-their-first-members
  (is (= [[false [2 4]] [true [1 3]]] (group-in-order odd? [2 1 4 3])))
  (is (= [[0 [9 3]] [1 [4 1]] [2 [5]]] (group-in-order #(mod % 3) '(9 4 3 5 1))))
  (is (= [[nil [{} {:b 1}]] [1 [{:a 1}]]] (group-in-order :a [{} {:a 1} {:b 1}])))
  (is (empty? (group-in-order identity nil))))
