(ns sorted-test
  "Sorted maps and sets: against models, at size, and with comparators that look at what they are given."
  (:require [clojure.test :refer [deftest is]]))

(defn- random-numbers [seed]
  (map #(bit-shift-right % 16)
       (rest (iterate #(bit-and (+ (* % 1103515245) 12345) 0x7fffffff) seed))))

(deftest sorted-collections-are-sorted
  (doseq [seed (range 1 7)]
    (let [ops (take 300 (partition 3 (random-numbers seed)))
          step (fn [m [op k v]] (if (pos? (mod op 3)) (assoc m (mod k 700) v) (dissoc m (mod k 700))))
          sorted (reduce step (sorted-map) ops)
          hashed (reduce step {} ops)
          reversed (reduce step (sorted-map-by >) ops)]
      (is (= (sort-by first (map vec hashed)) (map vec sorted)) (str "seed " seed))
      (is (= (reverse (map vec sorted)) (map vec reversed)) (str "seed " seed))
      (is (= (filter #(> % 100) (keys sorted)) (map key (subseq sorted > 100))) (str "seed " seed))
      (is (= (reverse (filter #(<= % 500) (keys sorted))) (map key (rsubseq sorted <= 500))) (str "seed " seed)))))

(deftest equal-however-they-came-about
  (doseq [seed (range 1 7)]
    (let [pairs (map vec (take 200 (partition 2 (random-numbers seed))))
          sorted (into (sorted-map) pairs)
          hashed (into {} pairs)]
      (is (= sorted hashed) (str "seed " seed))
      (is (= hashed sorted) (str "seed " seed))
      (is (= (hash sorted) (hash hashed)) (str "seed " seed))
      (is (= (set (keys hashed)) (into (sorted-set-by >) (keys hashed))) (str "seed " seed)))))

(deftest earlier-ones-stay
  (let [steps (reductions (fn [m k] (if (contains? m k) (dissoc m k) (assoc m k k)))
                          (sorted-map) (map #(mod % 50) (take 500 (random-numbers 3))))
        copies (doall (map #(into {} %) steps))]
    (is (= copies (map #(into {} %) steps)))
    (is (every? #(or (empty? %) (apply < (keys %))) steps))))

(deftest large-ones
  (is (= 100000 (count (into (sorted-map) (map vector (range 100000) (range))))))
  (is (= (range 100000) (seq (into (sorted-set) (reverse (range 100000))))))
  (is (= {} (reduce dissoc (into (sorted-map) (map vector (range 5000) (range))) (range 5000)))))

(deftest a-comparator-may-keep-what-it-is-given
  (let [kept (atom [])
        s (into (sorted-set-by (fn [a b] (swap! kept conj [a b]) (compare a b))) [3 1 2])]
    (is (= [1 2 3] (seq s)))
    (is (every? (fn [[a b]] (and (int? a) (int? b))) @kept))))

(deftest a-comparator-that-throws-leaves-the-collection-whole
  (let [m (into (sorted-map) (map vector (range 100) (range 100)))]
    (is (thrown? ClassCastException (assoc m "text" 1)))
    (is (= (range 100) (keys m)))
    (is (= 100 (count m)))))
