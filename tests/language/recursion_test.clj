(ns recursion-test
  "Recursion as deep as the language's own stack goes, whatever the calls go through: none of them may run on the native
  stack, which is smaller, and its end is an error that a program can catch and go on after."
  (:require [clojure.test :refer [deftest is]]))

(def deep
  "More levels than the native stack could hold."
  100000)

(defn- overflows? [f]
  (try (f) false (catch StackOverflowError _ true)))

(defmulti sum-below (fn [kind n] kind))
(defmethod sum-below :down [kind n] (if (zero? n) 0 (+ n (sum-below kind (dec n)))))
(defmethod sum-below :endless [kind n] (inc (sum-below kind (inc n))))

(deftest through-a-multimethod
  (is (= 5000050000 (sum-below :down deep)))
  (is (overflows? #(sum-below :endless 0)))
  (is (= 55 (sum-below :down 10)) "after the overflow"))

(deftest a-method-may-be-taken-away-while-it-runs
  (defmulti leaves identity)
  (defmethod leaves :once [_] (remove-method leaves :once) (str "still " "here"))
  (is (= "still here" (leaves :once)))
  (is (thrown? IllegalArgumentException (leaves :once))))

(defprotocol Sum (sum-of [this n]))

(deftest through-a-method-of-a-reify
  (let [by 1
        down (reify Sum (sum-of [this n] (if (zero? n) 0 (+ n (sum-of this (- n by))))))
        endless (reify Sum (sum-of [this n] (inc (sum-of this (+ n by)))))]
    (is (= 5000050000 (sum-of down deep)))
    (is (overflows? #(sum-of endless 0)))
    (is (= 55 (sum-of down 10)) "after the overflow")))

(deftest through-reifies-that-only-the-call-holds
  (letfn [(make [n] (reify Sum (sum-of [_ m] (if (zero? n) m (+ n (sum-of (make (dec n)) m))))))]
    (is (= 5000050000 (sum-of (make deep) 0)))
    (is (= [55 55] (map #(sum-of % 0) [(make 10) (make 10)])))))

(deftest errors-leave-methods-that-only-the-call-holds
  (letfn [(make [n] (reify Sum (sum-of [_ m] (if (zero? n) (throw (ex-info "down here" {:m m})) (sum-of (make (dec n)) m)))))]
    (dotimes [m 10]
      (is (= {:m m} (try (sum-of (make 1000) m) (catch Exception e (ex-data e))))))))

(defrecord Step [by])
(extend-protocol Sum
  Step (sum-of [this n] (if (zero? n) 0 (+ n (sum-of this (- n (:by this)))))))

(deftest through-a-method-of-a-record
  (is (= 5000050000 (sum-of (->Step 1) deep))))

(defmacro with-many-locals
  "A function of n that calls itself below many locals, all of which are read afterwards."
  [name]
  (let [locals (mapv #(symbol (str "x" %)) (range 200))]
    `(fn ~name [~'n]
       (if (zero? ~'n)
         0
         (let [~@(mapcat (fn [x i] [x `(+ ~'n ~i)]) locals (range))
               ~'below (~name (dec ~'n))]
           (+ ~'n ~'below (* 0 (+ ~@(map (fn [part] `(+ ~@part)) (partition 10 locals))))))))))

(def large (with-many-locals large))
(def large-and-variadic
  (fn again [& more]
    (if (zero? (count more)) 0 (+ 1 (apply again (rest more))))))

(deftest through-a-function-of-many-locals
  (is (= 50005000 (large 10000)))
  (is (overflows? #(large 100000000)))
  (is (= 55 (large 10)) "after the overflow")
  (is (= 50 (apply large-and-variadic (range 50)))))

(deftest through-a-var
  (def down-a-var (fn [n] (if (zero? n) 0 (+ n (#'down-a-var (dec n))))))
  (is (= 5000050000 (down-a-var deep)))
  (def down-a-var (fn [n] (inc (#'down-a-var n))))
  (is (overflows? #(down-a-var 0))))

(deftest calls-that-need-no-registers-of-their-own
  (letfn [(same [x] (same x))
          (turned [x y] (turned y x))]
    (is (overflows? #(same 1)))
    (is (overflows? #(turned 1 2)))))
