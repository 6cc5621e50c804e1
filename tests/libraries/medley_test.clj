(ns medley-test
  "medley: functions that clojure.core leaves out."
  (:require [clojure.test :refer [deftest is]]
            [medley.core :as m]))

(deftest maps
  (is (= {:a 2 :b 3} (m/map-vals inc {:a 1 :b 2})))
  (is (= {"a" 1} (m/map-keys name {:a 1})))
  (is (= {1 :a} (m/map-kv (fn [k v] [v k]) {:a 1})))
  (is (= {:b 2} (m/filter-vals even? {:a 1 :b 2})))
  (is (= {:a 1} (m/remove-keys #{:b} {:a 1 :b 2})))
  (is (= {:a 1 :c {:d 1}} (m/dissoc-in {:a 1 :b {:x 1} :c {:d 1}} [:b :x])))
  (is (= {:a 1} (m/assoc-some {} :a 1 :b nil)))
  (is (= {:c 3} (m/remove-kv (fn [k v] (or (= k :a) (= v 2))) {:a 1 :b 2 :c 3})))
  (is (= {:b 2} (m/filter-kv (fn [k v] (and (= k :b) (even? v))) {:a 2 :b 2})))
  (is (= {:a 1} (m/filter-keys #{:a} {:a 1 :b 2})))
  (is (= [:k :v] (m/map-entry :k :v)))
  (is (map-entry? (m/map-entry :k :v)))
  (is (= [:a 1] (m/find-first (fn [[_ v]] (odd? v)) {:a 1 :b 2}))))

(deftest sequences
  (is (= [1 :a 2 :b 3 :c] (m/interleave-all [1 2 3] [:a :b :c])))
  (is (= [[0 :a] [1 :b]] (m/indexed [:a :b])))
  (is (= [1 2 3] (m/dedupe-by identity [1 1 2 3 3])))
  (is (= [-1 2] (m/distinct-by m/abs [-1 1 2 -2])))
  (is (= [1 2 4] (m/take-upto #(> % 3) [1 2 4 5])))
  (is (= [5 6] (m/drop-upto #(> % 3) [1 4 5 6])))
  (is (= [:a :b] (into [] (m/distinct-by identity) [:a :b :a]))))

(deftest the-rest
  (is (= [1 2] (seq (m/queue [1 2]))))
  (is (m/queue? (m/queue)))
  (is (m/uuid? (m/random-uuid)))
  (is (= #uuid "00000000-0000-0000-0000-000000000001" (m/uuid "00000000-0000-0000-0000-000000000001")))
  (is (= 3 (m/least 5 3 4)))
  (is (= 9 (m/greatest 5 9 4)))
  (is (= "m" (m/ex-message (ex-info "m" {}))))
  (is (m/boolean? true))
  (let [a (atom 1)]
    (is (= 1 (m/deref-swap! a inc)))
    (is (= 2 (m/deref-reset! a 9)))
    (is (= 9 @a)))
  (is (= :done (m/mapply (fn [& {:keys [x]}] x) {:x :done}))))
