(ns models-test
  "Collections against simple models: long runs of random operations, each applied to both. The random numbers come from
  a seed, which a failure names."
  (:require [clojure.test :refer [deftest is]]))

(defn- random-numbers
  "An endless sequence of small numbers out of a seed."
  [seed]
  (map #(bit-shift-right % 16)
       (rest (iterate #(bit-and (+ (* % 1103515245) 12345) 0x7fffffff) seed))))

(defn- operations
  "n triples of random numbers: which operation, on which key, with which value."
  [seed n]
  (take n (partition 3 (random-numbers seed))))

;; A map is modelled by a sorted sequence of pairs, built by code that shares nothing with hashing.
(defn- model-assoc [pairs k v] (conj (filterv #(not= k (first %)) pairs) [k v]))
(defn- model-dissoc [pairs k] (filterv #(not= k (first %)) pairs))
(defn- sorted-pairs [m] (sort-by first (map (fn [[k v]] [k v]) m)))

(defn- key-of
  "Keys of several kinds, many of which share their hash's lowest bits."
  [n]
  (case (int (mod n 5))
    0 (* 64 (mod n 97))
    1 (mod n 97)
    2 (- (* 1024 (mod n 31)))
    3 (+ 4611686018427387904 (mod n 13))
    4 (mod n 7)))

(deftest maps-behave-like-lists-of-pairs
  (doseq [seed (range 1 7)]
    (loop [m {} model [] left (operations seed 400)]
      (if-let [[[op k v] & more] (seq left)]
        (let [k (key-of k)
              add? (pos? (mod op 3))
              m2 (if add? (assoc m k v) (dissoc m k))
              model2 (if add? (model-assoc model k v) (model-dissoc model k))]
          (when-not (and (= (count m2) (count model2))
                         (= (contains? m2 k) add?)
                         (= (get m2 k :none) (if add? v :none)))
            (is (= model2 m2) (str "seed " seed)))
          (recur m2 model2 more))
        (is (= (sort-by first model) (sorted-pairs m)) (str "seed " seed))))))

(deftest earlier-maps-stay
  (doseq [seed (range 1 4)]
    (let [steps (reductions (fn [[m model] [op k v]]
                              (let [k (key-of k)]
                                (if (pos? (mod op 3))
                                  [(assoc m k v) (model-assoc model k v)]
                                  [(dissoc m k) (model-dissoc model k)])))
                            [{} []] (operations seed 150))]
      (is (every? (fn [[m model]] (= (sort-by first model) (sorted-pairs m))) (doall steps)) (str "seed " seed)))))

(deftest equal-maps-however-they-came-about
  (doseq [seed (range 1 7)]
    (let [pairs (map (fn [[_ k v]] [(key-of k) v]) (operations seed 200))
          forward (into {} pairs)
          one-by-one (reduce (fn [m [k v]] (assoc m k v)) {} pairs)
          backward (into {} (reverse (seq forward)))
          with-detours (reduce (fn [m k] (dissoc (assoc m [:detour k] 1) [:detour k])) forward (range 100))
          transient-one (persistent! (reduce (fn [m [k v]] (assoc! m k v)) (transient {}) pairs))]
      (is (= forward one-by-one backward with-detours transient-one) (str "seed " seed))
      (is (apply = (map hash [forward one-by-one backward with-detours transient-one])) (str "seed " seed)))))

(deftest sets-behave-like-sorted-lists
  (doseq [seed (range 1 7)]
    (let [[s model] (reduce (fn [[s model] [op k _]]
                              (let [k (key-of k)]
                                (if (pos? (mod op 3))
                                  [(conj s k) (conj (filterv #(not= k %) model) k)]
                                  [(disj s k) (filterv #(not= k %) model)])))
                            [#{} []] (operations seed 400))]
      (is (= (sort model) (sort (seq s))) (str "seed " seed))
      (is (every? s model) (str "seed " seed)))))

;; The model of a sorted map is sorted from scratch each time.
(deftest sorted-maps-behave-like-sorted-pairs
  (doseq [seed (range 1 7)
          [make order] [[sorted-map compare]
                        [#(sorted-map-by >) #(compare %2 %1)]
                        [#(sorted-map-by (fn [a b] (- b a))) #(compare %2 %1)]]]
    (loop [m (make) model [] left (operations seed 300) held nil]
      (if-let [[[op k v] & more] (seq left)]
        (let [k (mod k 61)
              add? (pos? (mod op 3))
              m2 (if add? (assoc m k v) (dissoc m k))
              model2 (if add? (model-assoc model k v) (model-dissoc model k))]
          (when-not (and (= (count m2) (count model2))
                         (= (contains? m2 k) add?)
                         (= (get m2 k :none) (if add? v :none)))
            (is (= model2 m2) (str "seed " seed)))
          (recur m2 model2 more (if (zero? (mod op 7)) m2 held)))
        (let [in-order (sort-by first order model)]
          (is (= in-order (map vec (seq m))) (str "seed " seed))
          (is (= (reverse in-order) (map vec (rseq m))) (str "seed " seed))
          (is (= m (into {} model)) (str "seed " seed))
          (is (or (nil? held) (= (map first (seq held)) (sort order (keys held)))) (str "seed " seed)))))))

(deftest stretches-of-sorted-sets
  (doseq [seed (range 1 5)]
    (let [items (map #(mod % 200) (take 60 (random-numbers seed)))
          s (into (sorted-set) items)
          down (into (sorted-set-by >) items)
          model (sort (distinct items))]
      (doseq [from [-1 0 17 50 99 150 199 250] to [-1 0 17 50 99 150 199 250]]
        (doseq [start [> >=] end [< <=]]
          (is (= (filter #(and (start % from) (end % to)) model) (or (subseq s start from end to) ())))
          (is (= (reverse (filter #(and (start % from) (end % to)) model)) (or (rsubseq s start from end to) ()))))
        (doseq [test [< <= > >=]]
          (is (= (filter #(test % from) model) (or (subseq s test from) ())))
          (is (= (reverse (filter #(test % from) model)) (or (rsubseq s test from) ()))))
        (is (= (filter #(<= % from) (reverse model)) (or (subseq down >= from) ())))))))

;; A vector is modelled by a list in reverse, whose last element is counted to.
(deftest vectors-behave-like-lists
  (doseq [seed (range 1 7)]
    (loop [v [] model () left (operations seed 1500)]
      (if-let [[[op k x] & more] (seq left)]
        (case (int (mod op 8))
          (0 1 2 3 4) (recur (conj v x) (conj model x) more)
          5 (if (seq model) (recur (pop v) (rest model) more) (recur v model more))
          (6 7) (if (seq model)
                  (let [i (mod k (count v))]
                    (recur (assoc v i x)
                           (let [at (- (count v) 1 i)] (concat (take at model) [x] (drop (inc at) model)))
                           (if (zero? (mod op 16)) more (rest more))))
                  (recur v model more)))
        (is (= (reverse model) v (map #(nth v %) (range (count v))) (reverse (rseq v))) (str "seed " seed))))))

(deftest vectors-at-the-borders-of-their-nodes
  (doseq [n [0 1 31 32 33 63 64 65 1023 1024 1025 1055 1056 1057 32767 32768 32769 33824]]
    (let [v (vec (range n))]
      (is (= n (count v)))
      (is (= (range n) v (map identity v)))
      (is (= (range (inc n)) (conj v n)))
      (when (pos? n)
        (is (= (range (dec n)) (pop v)))
        (is (= (dec n) (peek v) (nth v (dec n))))
        (is (= :x (nth (assoc v (dec n) :x) (dec n)) (nth (assoc v 0 :x) 0)))
        (is (= (dec n) (peek v)))))))

(deftest vectors-grow-and-shrink-over-a-border
  (let [up (reduce conj [] (range 1100))
        down (nth (iterate pop up) 1090)]
    (is (= (range 10) down))
    (is (= (range 1100) (into down (range 10 1100))))
    (is (= (range 1100) up))))

(deftest transients-do-what-persistent-ones-do
  (doseq [seed (range 1 5)]
    (let [ops (operations seed 500)
          persistent-map (reduce (fn [m [op k v]] (if (pos? (mod op 3)) (assoc m (key-of k) v) (dissoc m (key-of k)))) {} ops)
          transient-map (persistent! (reduce (fn [m [op k v]] (if (pos? (mod op 3)) (assoc! m (key-of k) v) (dissoc! m (key-of k))))
                                             (transient {}) ops))
          persistent-set (reduce (fn [s [op k _]] (if (pos? (mod op 3)) (conj s (key-of k)) (disj s (key-of k)))) #{} ops)
          transient-set (persistent! (reduce (fn [s [op k _]] (if (pos? (mod op 3)) (conj! s (key-of k)) (disj! s (key-of k))))
                                             (transient #{}) ops))]
      (is (= persistent-map transient-map) (str "seed " seed))
      (is (= persistent-set transient-set) (str "seed " seed)))))

;; Keys that are equal only by hash: strings, whose hash this test does not choose, and vectors of them.
(deftest many-keys-of-many-kinds
  (let [ks (concat (map str (range 500)) (map keyword (map #(str "k" %) (range 500))) (map #(symbol (str "s" %)) (range 500))
                   (map vector (range 500) (range 500)) (map #(/ % 7) (range 1 500)) (map #(* 0.5 %) (range 1 1000 2))
                   (map char (range 97 122)) [nil true false] (map #(list :l %) (range 100)) (map (fn [i] {i i}) (range 100))
                   (map hash-set (range 1000 1100)))
        ks (distinct ks)
        m (zipmap ks (range))]
    (is (= (count ks) (count m)))
    (is (= (range (count ks)) (map m ks)))
    (is (= {} (reduce dissoc m ks)))
    (is (= (set ks) (set (keys m))))))

(deftest arithmetic-agrees-with-big-arithmetic
  (doseq [[a b c] (take 400 (partition 3 (random-numbers 11)))]
    (let [x (- (* (bigint a) (bigint b) (bigint c)) (* 4611686018427387904N (bigint (mod c 5))))
          y (- (* (bigint b) (bigint b)) (bigint (* 65536 c)))]
      (is (= x (- (+ x y) y) (+ (- x y) y)))
      (when-not (zero? y)
        (is (= x (+ (* y (quot x y)) (rem x y))))
        (is (= x (+ (* y (bigint (quot (- x (mod x y)) y))) (mod x y))))
        (is (= (/ x y) (- (- (/ x y)))))
        (is (= x (* y (/ x y)))))
      (is (= x (bigint (bigdec x)) (read-string (pr-str x)) (bigint (str x))))
      (is (= (compare x y) (compare (- y) (- x)) (- (compare y x)))))))

(deftest small-and-big-integers-agree-at-the-borders
  (doseq [border [2147483647 2147483648 4294967296 4611686018427387903 4611686018427387904 9223372036854775806]
          a [(- border 1) border (- border) (- (- border) 1)]
          b [-2 -1 0 1 2 3]]
    (let [n (+ (bigint a) b) d (- (bigint a) b) p (* (bigint a) b)]
      (is (= n (+' a b)))
      (is (= d (-' a b)))
      (is (= p (*' a b)))
      (is (= (hash n) (hash (+' a b))))
      (is (= (<= -9223372036854775808N p 9223372036854775807N)
             (try (* a b) true (catch ArithmeticException _ false)))))))

(deftest sorting-sorts
  (doseq [seed (range 1 6)]
    (let [xs (take 500 (random-numbers seed))
          sorted (sort xs)]
      (is (= (frequencies xs) (frequencies sorted)))
      (is (or (empty? sorted) (apply <= sorted)))
      (is (= (reverse sorted) (sort > xs)))
      (let [tagged (map-indexed vector (map #(mod % 10) xs))
            by-key (sort-by second tagged)]
        (is (every? (fn [[[i a] [j b]]] (or (< a b) (and (= a b) (< i j)))) (partition 2 1 by-key)) "stable")))))

(deftest printing-and-reading-agree
  (letfn [(value [numbers depth]
            (let [[n & more] numbers]
              (case (int (mod n (if (pos? depth) 14 10)))
                0 n
                1 (- n)
                2 (/ n 7)
                3 (/ (double n) 8)
                4 (str "s" n "\"\\\n")
                5 (keyword (str "k" n))
                6 (symbol "ns" (str "s" n))
                7 (char (+ 33 (mod n 90)))
                8 (nth [nil true false] (mod n 3))
                9 (bigint (str n n n))
                10 (mapv #(value (random-numbers (+ n %)) (dec depth)) (range (mod n 5)))
                11 (apply list (map #(value (random-numbers (+ n %)) (dec depth)) (range (mod n 5))))
                12 (set (map #(value (random-numbers (+ n %)) (dec depth)) (range (mod n 5))))
                13 (into {} (map #(vec [(value (random-numbers (+ n %)) (dec depth)) (value more (dec depth))])) (range (mod n 5))))))]
    (doseq [seed (range 1 300)]
      (let [v (value (random-numbers seed) 4)]
        (is (= v (read-string (pr-str v))) (str "seed " seed))))))
