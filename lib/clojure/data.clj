(ns clojure.data
  "What differs between two values."
  (:require [clojure.set :as set]))

(declare diff)

(defn- diff-at
  "The three parts of a difference at one key, each a map of that key or nil."
  [a b k]
  (let [in-a (contains? a k), in-b (contains? b k)
        va (get a k), vb (get b k)
        [only-a only-b both] (diff va vb)
        same (and in-a in-b (or (some? both) (and (nil? va) (nil? vb))))]
    [(when (and in-a (or (some? only-a) (not same))) {k only-a})
     (when (and in-b (or (some? only-b) (not same))) {k only-b})
     (when same {k both})]))

(defn- diff-keys [a b ks]
  (reduce (fn [parts k] (mapv merge parts (diff-at a b k)))
          [nil nil nil] ks))

(defn- by-index
  "A vector of what a map from index to value holds, nil in its gaps."
  [m]
  (when (seq m)
    (mapv m (range (inc (apply max (keys m)))))))

(defn- kind
  "Values of one kind are compared part by part."
  [x]
  (cond
    (map? x) :map
    (set? x) :set
    (sequential? x) :sequential
    :else :atom))

(defn diff
  "Compares a with b and answers [only-in-a only-in-b in-both]. Maps are compared key by key, vectors, lists and
  sequences element by element, sets by their members; all else is equal or not. What is in no part is nil.

      (diff {:a 1 :b 2} {:a 1 :b 3})   ; [{:b 2} {:b 3} {:a 1}]"
  [a b]
  (if (= a b)
    [nil nil a]
    (let [a-kind (kind a)]
      (if (not= a-kind (kind b))
        [a b nil]
        (case a-kind
          :map (seq (diff-keys a b (set/union (set (keys a)) (set (keys b)))))
          :set [(not-empty (set/difference a b)) (not-empty (set/difference b a)) (not-empty (set/intersection a b))]
          :sequential (let [a (vec a), b (vec b)]
                        (mapv by-index (diff-keys a b (range (max (count a) (count b))))))
          :atom [a b nil])))))
