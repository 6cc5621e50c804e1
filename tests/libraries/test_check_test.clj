(ns test-check-test
  "clojure.test.check: generators, properties, shrinking, defspec."
  (:require [clojure.string :as string]
            [clojure.test :refer [deftest is]]
            [clojure.test.check :as tc]
            [clojure.test.check.clojure-test :refer [defspec]]
            [clojure.test.check.generators :as gen]
            [clojure.test.check.properties :as prop]))

(defspec sort-is-idempotent 100
  (prop/for-all [v (gen/vector gen/small-integer)]
    (= (sort v) (sort (sort v)))))

(defspec join-undoes-split 50
  (prop/for-all [words (gen/not-empty (gen/vector (gen/not-empty gen/string-alphanumeric)))]
    (= words (string/split (string/join " " words) #" "))))

(defspec generated-data-reads-back 50
  (prop/for-all [x gen/any-printable-equatable]
    (= x (read-string (pr-str x)))))

(deftest shrinks-to-the-smallest-failure
  (let [result (tc/quick-check 200 (prop/for-all [v (gen/vector gen/nat)] (not-any? #(<= 42 %) v)) :seed 42)]
    (is (false? (:pass? result)))
    (is (= [[42]] (get-in result [:shrunk :smallest])))))

(deftest reports-what-was-thrown
  (let [result (tc/quick-check 100 (prop/for-all [n gen/nat] (if (< 10 n) (throw (ex-info "large" {:n n})) true)) :seed 1)]
    (is (= {:n 11} (ex-data (:result result))) "the first to fail is near the limit, or was shrunk to it")
    (is (= [11] (get-in result [:shrunk :smallest])))))

(deftest the-same-seed-gives-the-same-values
  (let [sample (fn [] (gen/generate (gen/vector (gen/tuple gen/keyword gen/large-integer gen/double)) 20 99))]
    (is (= (sample) (sample)))))

(deftest generators
  (let [all? (fn [pred generator] (every? pred (gen/sample generator 100)))]
    (is (all? #(<= 3 % 7) (gen/choose 3 7)))
    (is (all? #{:a :b} (gen/elements [:a :b])))
    (is (all? string? gen/string))
    (is (all? uuid? gen/uuid))
    (is (all? char? gen/char-alpha))
    (is (all? ratio? (gen/such-that ratio? gen/ratio 100)))
    (is (all? #(and (map? %) (every? keyword? (keys %))) (gen/map gen/keyword gen/boolean)))
    (is (all? #(apply distinct? nil %) (gen/vector-distinct gen/nat)))
    (is (all? #(= (sort %) (seq %)) (gen/fmap sort (gen/not-empty (gen/vector gen/nat)))))
    (is (all? (fn [[n v]] (= n (count v))) (gen/bind gen/nat (fn [n] (gen/tuple (gen/return n) (gen/vector gen/nat n))))))
    (is (all? (fn [{:keys [id tags]}] (and (nat-int? id) (set? tags))) (gen/hash-map :id gen/nat :tags (gen/set gen/keyword))))
    (is (all? bytes? gen/bytes))
    (is (all? #(and (sorted? %) (set? %)) (gen/sorted-set gen/nat)))
    (is (some vector? (gen/sample (gen/recursive-gen gen/vector gen/nat) 100)))
    (is (= [0 0] (first (gen/sample (gen/frequency [[9 (gen/return [0 0])] [1 (gen/return [0 0])]])))))))
