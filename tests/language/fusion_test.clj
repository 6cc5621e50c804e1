(ns fusion-test
  "A reduction or lazy sequence that goes on for long runs in a loop of its own, in which the functions it is made of are
  written out. It must answer like one that calls them, leave alone what others hold, name them in traces, and end when
  asked to."
  (:require [clojure.string :as str]
            [clojure.test :refer [deftest is testing]]))

(def long-enough 1000)

(defn- called
  "What f comes to over coll when every call is made."
  [f init coll]
  (loop [acc init s (seq coll)]
    (cond
      (reduced? acc) @acc
      s (recur (f acc (first s)) (next s))
      :else acc)))

(defn- same?
  "Whether `reduce` answers as calls do. `make` returns a function with fresh state."
  [make init]
  (let [coll (range long-enough)]
    (= (called (make) init coll)
       (reduce (make) init coll)
       (reduce (make) init (vec coll))
       (reduce (make) init (map identity coll)))))

(defn- iterate-to
  "0 up to n, not in chunks."
  [n]
  (take-while #(< % n) (iterate inc 0)))

(deftest functions-and-what-they-have-captured
  (let [a 1 b [2 3] c {:k 4}]
    (is (same? (fn [] (fn [acc x] (+ acc x a (count b) (:k c)))) 0))
    (is (same? (fn [] +) 0))
    (is (same? (fn [] max) 0))
    (is (same? (fn [] conj) []))
    (is (same? (fn [] (partial + 1)) 0))
    (is (same? (fn [] (comp inc +)) 0))
    (is (same? (fn [] (let [f (fn [x] (* 2 x)) g (fn [x y] (- (f x) (f y)))] (fn [acc x] (mod (g acc (f x)) 1009)))) 0))
    (is (same? (fn [] (let [f {1 2, 3 4}] (fn [acc x] (+ acc (get f x 0) (f (mod x 2) 7))))) 0))
    (is (same? (fn [] (let [f :a] (fn [acc x] (+ acc (f {:a x}) (f {} 1))))) 0))
    (is (same? (fn [] (let [f (fn ([x] x) ([x & more] (apply + x more)))] (fn [acc x] (+ (f acc) (f x x x))))) 0))
    (is (same? (fn [] (let [f (with-meta (fn [x] (inc x)) {:m 1})] (fn [acc x] (+ acc (f x))))) 0))))

(deftest functions-that-loop
  (is (same? (fn []
               (let [digits (fn [n sum] (if (zero? n) sum (recur (quot n 10) (+ sum (rem n 10)))))
                     up-to (fn [n] (loop [i 0 out []] (if (< i n) (recur (inc i) (conj out i)) out)))
                     until (fn [n] (if (< n 5) n (recur (- n 5))))]
                 (fn [acc x] (+ acc (digits x 0) (count (up-to (mod x 7))) (until x)))))
             0)))

(deftest functions-that-call-themselves-or-one-another
  (is (same? (fn []
               (let [fact (fn fact [n] (if (< n 2) 1 (* n (fact (dec n)))))]
                 (fn [acc x] (+ acc (fact (mod x 10))))))
             0))
  (is (same? (fn []
               (letfn [(even [n] (if (zero? n) true (odd (dec n)))) (odd [n] (if (zero? n) false (even (dec n))))]
                 (fn [acc x] (if (even (mod x 9)) (+ acc x) acc))))
             0))
  (is (same? (fn []
               (let [f (fn [x] (letfn [(up [n] (if (< n 3) (up (inc n)) n))] (up x)))]
                 (fn [acc x] (+ acc (f x)))))
             0))
  (is (same? (fn [] (let [twice (fn [f x] (f (f x))) up (fn [x] (inc x))] (fn [acc x] (+ acc (twice up x))))) 0))
  (testing "a function that is handed itself"
    (is (same? (fn []
                 (let [self (fn [f n] (if (zero? n) 0 (inc (f f (dec n)))))]
                   (fn [acc x] (+ acc (self self (mod x 4))))))
               0))))

(deftest functions-that-make-functions
  (is (same? (fn [] (let [f (fn [x] (let [y (inc x)] (fn [z] (+ x y z))))] (fn [acc x] (+ acc ((f x) 1))))) 0))
  (let [by 7
        make (fn [x] (fn [] (+ x by)))
        fs (reduce (fn [fs x] (conj fs (make x))) [] (range long-enough))]
    (is (= (range by (+ by long-enough)) (map #(%) fs)))))

(deftest functions-that-try
  (is (same? (fn []
               (let [log (atom [])
                     f (fn [x] (try (if (zero? (mod x 3)) (throw (ex-info "three" {:x x})) x)
                                    (catch Exception e (:x (ex-data e)))
                                    (finally (swap! log conj x))))]
                 (fn [acc x] (+ acc (f x) (count @log)))))
             0)))

(deftest functions-that-choose-and-destructure
  (is (same? (fn []
               (let [f (fn [x] (case (mod x 4) 0 :a 1 "b" (2 3) 'c))
                     g (fn [{:keys [k] [p q] :v :or {k 5}}] (+ k p q))]
                 (fn [acc x] (conj acc [(f x) (g {:v [x 1]})]))))
             [])))

(deftest transducers
  (let [xforms [(map inc) (filter odd?) (remove even?) (comp (map inc) (filter even?) (map str))
                (keep #(when (odd? %) (* % %))) (map-indexed vector) (keep-indexed #(when (odd? %1) %2))
                (mapcat #(range (mod % 4))) (comp (map range) (take 40) cat) (take 500) (take-while #(< % 600)) (drop 300)
                (drop-while #(< % 300)) (take-nth 3) (partition-all 7) (partition-by #(quot % 11)) (distinct)
                (comp (map #(quot % 3)) (dedupe)) (interpose :and) (replace {1 :one}) (map :none) (map {5 :five})
                (comp (filter even?) (map inc) (partition-all 3) (map #(reduce + %)) (take 50)) cat]]
    (doseq [xform (butlast xforms)]
      (let [coll (vec (range long-enough))
            expected (let [rf (xform (fn ([r] r) ([r x] (conj r x))))] (rf (called rf [] coll)))]
        (is (= expected
               (into [] xform coll)
               (into [] xform (apply list coll))
               (transduce xform conj coll)
               (sequence xform coll)
               (eduction xform coll)))
        (is (= (count expected) (transduce xform (completing (fn [n _] (inc n))) 0 (range long-enough))))))
    (is (= (range 2000) (into [] (last xforms) (partition-all 5 (range 2000)))))
    (is (= [5] (transduce (halt-when #(= 700 %) (fn [_ x] [5])) conj (range long-enough))))))

(deftest lazy-sequences-chunk-by-chunk
  (let [by 3
        made (atom 0)
        f (fn [x] (swap! made inc) (+ x by))
        seen (map f (range long-enough))]
    (is (= (range by (+ by long-enough)) (map f (range long-enough)) (map f (vec (range long-enough)))))
    (is (= (take-nth 3 (range long-enough)) (filter (fn [x] (zero? (rem x by))) (range long-enough))))
    (is (= (remove odd? (range long-enough)) (filter even? (range long-enough))))
    (is (= (map #(* 2 %) (range 500)) (keep (fn [x] (when (even? x) x)) (range long-enough))))
    (testing "no more of which is made than a chunk ahead"
      (reset! made 0)
      (is (= (+ 640 by) (nth seen 640)))
      (is (= 672 @made)))
    (testing "also where the source changes from chunks to single elements and back"
      (let [mixed (concat (range 300) (iterate-to 400) (range 300))]
        (is (= (mapv f mixed) (map f mixed)))
        (is (= (filterv odd? mixed) (filter odd? mixed) (keep (fn [x] (when (odd? x) x)) mixed)))))
    (testing "an error in a late chunk can be met again"
      (let [s (map (fn [x] (if (= x 700) (throw (ex-info "here" {:x x})) x)) (range long-enough))]
        (dotimes [_ 2]
          (is (= {:x 700} (try (doall s) (catch Exception e (ex-data e))))))
        (is (= (range 600) (take 600 s)))))))

(deftest what-others-hold-is-left-alone
  (let [kept (atom [])
        result (reduce (fn [acc x] (when (zero? (mod x 100)) (swap! kept conj acc)) (conj acc x)) [] (range long-enough))]
    (is (= (range long-enough) result))
    (is (= (map range (range 0 long-enough 100)) @kept)))
  (let [pair (fn [acc x] [acc (conj acc x)])
        result (reduce (fn [acc x] (let [[before after] (pair acc x)] (assert (= (count after) (inc (count before)))) after))
                       [] (range long-enough))]
    (is (= (range long-enough) result)))
  (let [m {:a 1}
        grow (fn [m x] (assoc m x x))
        result (reduce (fn [acc x] (let [other (grow m x)] (+ acc (count other) (count m)))) 0 (range long-enough))]
    (is (= (* 3 long-enough) result))
    (is (= {:a 1} m))))

(deftest arguments-are-evaluated-once-and-in-order
  (let [log (atom [])
        note (fn [k x] (when (> x 995) (swap! log conj [k x])) x)
        f (fn [a b c] (+ c (* 0 a b)))]
    (reduce (fn [acc x] (f (note :a x) (note :b x) (note :c x))) 0 (range long-enough))
    (is (= (for [x (range 996 1000) k [:a :b :c]] [k x]) @log)))
  (testing "also those that nobody reads"
    (let [seen (atom 0)
          f (fn [_ x] x)]
      (reduce (fn [acc x] (f (swap! seen inc) x)) 0 (range long-enough))
      (is (= long-enough @seen)))))

(defn ^:dynamic step [x] x)

(deftest what-is-called-by-its-var-can-be-defined-anew-meanwhile
  (let [result (reduce (fn [acc x]
                         (when (= x 700) (alter-var-root #'step (fn [_] (fn [x] 0))))
                         (+ acc (step x)))
                       0 (range long-enough))]
    (alter-var-root #'step (fn [_] (fn [x] x)))
    (is (= (reduce + (range 700)) result))))

(defn- places-in
  "Name, line and column of the frames of this file that were there when the thunk failed, innermost first."
  [thunk]
  (try
    (thunk)
    (catch Exception e
      (for [[name file line column] (.getStackTrace e) :when (str/ends-with? (str file) "fusion_test.clj")]
        [name line column]))))

(defn- failing-at [n]
  (let [fail (fn fail [x] (if (= x n) (throw (ex-info "here" {:x x})) x))
        outer (fn outer [x] (inc (fail x)))]
    (fn add [acc x] (+ acc (outer x)))))

(deftest traces-name-every-function
  (let [run (fn [n] (places-in #(reduce (failing-at n) 0 (range long-enough))))]
    (is (= ["fail" "outer" "add"] (take 3 (map first (run 900)))))
    (is (apply = (map run [3 900])))))

(deftest arity-errors-stay-errors
  (is (thrown? IllegalArgumentException
               (reduce (let [f (fn [x] x)] (fn [acc x] (if (= x 900) (f acc x) x))) 0 (range long-enough))))
  (is (thrown? IllegalArgumentException (reduce (fn [acc] acc) 0 (range long-enough)))))

(deftest an-endless-reduction-is-ended-from-outside
  (let [running (promise)
        f (future (try (reduce (fn [acc x] (when (= x 5000) (deliver running true)) (+ acc 1)) 0 (range))
                       (catch Throwable _ :ended)))]
    (is (deref running 60000 false))
    (is (future-cancel f))
    (is (future-cancelled? f))))

(deftest functions-of-one-shape-share-the-loop-but-not-their-values
  (let [adder (fn [by] (fn [acc x] (+ acc by)))]
    (is (= (map #(* long-enough %) (range 20))
           (map #(reduce (adder %) 0 (range long-enough)) (range 20))
           (map deref (mapv #(future (reduce (adder %) 0 (range long-enough))) (range 20))))))
  (testing "the same code over captured values of other kinds"
    (let [over (fn [f] (reduce (fn [acc x] (+ acc (f x))) 0 (map (fn [x] {:k x}) (range long-enough))))
          by-k (fn [m] (get m :k))
          sum (reduce + (range long-enough))]
      (is (= sum (over :k) (over by-k) (over (comp :k)) (over #(:k %))))
      (is (= long-enough (over count) (over (constantly 1)) (over #'count)))))
  (testing "more shapes than a thread remembers"
    (doseq [_ (range 2) n (range 150)]
      (is (= (* n long-enough) (reduce (eval `(fn [acc# x#] (+ acc# ~n))) 0 (range long-enough)))))))

(deftest what-is-too-large-to-be-one-function-stays-several
  (let [big (eval (list 'fn '[x] (list* '+ 'x (map (fn [i] (list 'let ['y (list '+ 'x i)] '(if (odd? y) (inc y) y))) (range 600)))))
        deep (nth (iterate (fn [f] (fn [x] (inc (f x)))) identity) 100)]
    (is (= (called (fn [acc x] (+ acc (big x))) 0 (range long-enough))
           (reduce (fn [acc x] (+ acc (big x))) 0 (range long-enough))))
    (is (= (+ (* 100 long-enough) (reduce + (range long-enough)))
           (reduce (fn [acc x] (+ acc (deep x))) 0 (range long-enough))))))
