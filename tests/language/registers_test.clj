(ns registers-test
  "What the generator's handling of registers must keep: values in far slots (more locals than instructions can name),
  arguments that are only lent while another one fails."
  (:require [clojure.test :refer [deftest is]]))

(defmacro with-many-locals
  "A function of a depth and a function, with n locals that are read after it has called itself and the function."
  [n]
  (let [names (mapv #(symbol (str "x" %)) (range n))]
    `(fn ~'again [~'depth ~'f]
       (let [~@(mapcat (fn [x i] [x (list 'str "v" i "-" 'depth)]) names (range n))]
         (let [~'before (if (= 0 ~'depth) "" (~'f (~'again (- ~'depth 1) ~'f)))]
           (str ~'before ~@(map #(cons 'str %) (partition 20 names))))))))

(def far (with-many-locals 220))

(defn- far-answer [depth]
  (apply str (for [d (range (inc depth)) i (range 220)] (str "v" i "-" d))))

(defn- far-right?
  "A predicate, since the strings are too long to be shown."
  [depth f]
  (= (far-answer depth) (far depth f)))

(defprotocol Echo (echo [x]))
(extend-protocol Echo String (echo [x] x))

(deftest far-slots-outlive-calls
  (is (far-right? 0 identity))
  (is (far-right? 3 identity))
  (is (far-right? 3 (fn [x] (str x))))
  (is (far-right? 3 (fn [x & more] (apply str x more))))
  (is (far-right? 3 echo))
  (is (far-right? 3 #'identity))
  (is (= "stop" (try (far 3 (fn [x] (throw (ex-info "stop" {})))) (catch Exception e (ex-message e)))))
  (is (far-right? 2 identity) "after an error has gone through such frames"))

(deftest endless-recursion-through-far-slots-is-an-error
  (is (instance? StackOverflowError (try (far 1000000 identity) (catch Throwable e e))))
  (is (far-right? 1 identity)))

(deftest what-a-loop-binds-is-there-for-its-later-initial-values
  (let [in-order (fn [v] (loop [v v first-one (v 0) i 0] (if (== i 2) v (recur (assoc v i first-one) first-one (inc i)))))
        last-of-all (fn [v] (loop [v v i 0 n (count v)] (if (== i n) v (recur (assoc v i n) (inc i) n))))]
    (is (= [7 7] (in-order [7 9])))
    (is (= [2 2] (last-of-all [7 9])))
    (is (= [[3 3 3] [1 2 3]] (let [v [1 2 3]] [(last-of-all v) v])))))

(declare never-defined never-defined-either)

(defn- fails? [f]
  (boolean (try (f) false (catch Throwable e true))))

(deftest lent-arguments-survive-a-call-that-cannot-be-made
  (let [kept (vec (range 40))
        text (str "kept" (count kept))]
    (dotimes [_ 100]
      (is (fails? #(never-defined kept text "constant")))
      (is (fails? #(list kept text never-defined)))
      (is (fails? #(list identity never-defined)))
      (is (fails? #(list kept never-defined-either never-defined)))
      (is (fails? #((fn [x] x) kept text)))
      (is (fails? #(5 kept text))))
    (is (= (range 40) kept))
    (is (= "kept40" text))))

(deftest a-value-that-a-later-argument-takes-over-is-not-updated-under-an-earlier-one
  (let [pairs (fn [m] (lazy-seq (list (reduce conj m [1 2]) m)))
        both (fn [m] (lazy-seq (list (vector m (conj m 3)) (vector m m))))]
    (is (= [[0 1 2] [0]] (pairs [0])))
    (is (= [[[0] [0 3]] [[0] [0]]] (both [0])))))

(deftest arguments-that-stand-in-their-place-already
  ;; A call takes a local that ends there from where it is: every neighbour must be where it was.
  (let [three (fn [a b c] [a b c])
        plus (fn [x] (str x "+"))]
    (letfn [(in-order [a b c] (three a b c))
            (inner [a b c] (three a (plus b) c))
            (both [a b] (three a (plus b) (plus b)))
            (again [a b] (three a b a))
            (turned [a b c] (three c b a))
            (nested [a b] (plus (plus (three a (plus b) nil))))
            (kept [a b] (let [made (three a b 1)] [made a b]))
            (branch [a b c] (three a (if b (plus b) :none) c))
            (called [f x] (f f x))
            (caught [a b] (try (three a b (throw (ex-info "no" {}))) (catch Exception _ [a b])))
            (later [a b] (let [x (plus a) y (plus b)] (three x (let [z (plus y)] (str z x)) y)))]
      (is (= ["a" "b" "c"] (in-order "a" "b" "c")))
      (is (= ["a" "b+" "c"] (inner "a" "b" "c")))
      (is (= ["a" "b+" "b+"] (both "a" "b")))
      (is (= ["a" "b" "a"] (again "a" "b")))
      (is (= ["c" "b" "a"] (turned "a" "b" "c")))
      (is (= (plus (plus ["a" "b+" nil])) (nested "a" "b")))
      (is (= [["a" "b" 1] "a" "b"] (kept "a" "b")))
      (is (= [["a" "b+" "c"] ["a" :none "c"]] [(branch "a" "b" "c") (branch "a" nil "c")]))
      (is (= "x" (called (fn [_ x] x) "x")))
      (is (= ["a" "b"] (caught "a" "b")))
      (is (= ["a+" "b++a+" "b+"] (later "a" "b"))))))

(deftest loops-over-iterators
  (let [xs (mapv str (range 100))]
    (is (= xs (map identity xs) (filter string? xs) (reduce conj [] xs) (mapv identity xs)))
    (is (= (apply str xs) (reduce str "" xs) (reduce str xs)))
    (is (= :end (reduce (fn [_ x] (if (= x "50") (reduced :end) x)) nil xs)))
    (is (= [] (map identity []) (filter identity [nil false]) (reduce conj [] nil)))
    (is (= (range 10) (map + (range 10)) (map identity (range 10))))
    (is (= [-4611686018427387905 -4611686018427387904 -4611686018427387903]
           (map identity (range -4611686018427387905 -4611686018427387902))))
    (is (= [4611686018427387903 4611686018427387904 4611686018427387905]
           (map identity (range 4611686018427387903 4611686018427387906))))))

(deftest division
  (is (= [2 -2 -2 2] (map quot [7 -7 7 -7] [3 3 -3 -3])))
  (is (= [1 -1 1 -1] (map rem [7 -7 7 -7] [3 3 -3 -3])))
  (is (= [1 2 -2 -1] (map mod [7 -7 7 -7] [3 3 -3 -3])))
  (let [divide (fn [f x y] (f x y))]
    (doseq [[x y] [[7 3] [-7 3] [7 -3] [-7 -3] [7 -1] [0 5] [4294967296 3] [4294967295 2] [-4294967297 4294967296]
                   [4611686018427387903 -1] [9223372036854775807 2] [7.5 2] [7N 3] [7/2 3]]]
      (is (= (divide quot x y) (quot x y)))
      (is (= (divide rem x y) (rem x y)))
      (is (= (divide mod x y) (mod x y)))
      (is (== x (+ (* y (quot x y)) (rem x y)))))
    (is (thrown? ArithmeticException (quot 1 (identity 0))))
    (is (thrown? ArithmeticException (rem 1 (identity 0))))
    (is (thrown? ArithmeticException (mod 1 (identity 0))))))
