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
