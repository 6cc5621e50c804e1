(ns deep-test
  "Long and deep things that must neither exhaust a stack nor take more than linear time or memory."
  (:require [clojure.test :refer [deftest is]]))

(deftest loops-are-as-long-as-they-like
  (is (= 3000000 (loop [i 0] (if (< i 3000000) (recur (inc i)) i))))
  (is (= 1000000 ((fn [n acc] (if (zero? n) acc (recur (dec n) (inc acc)))) 1000000 0))))

(deftest trampolines
  (letfn [(ping [n] (if (zero? n) :done #(pong (dec n))))
          (pong [n] (if (zero? n) :done #(ping (dec n))))]
    (is (= :done (trampoline ping 500000)))))

(deftest long-sequences
  (is (= 1000000 (count (map inc (range 1000000)))))
  (is (= 1000000 (count (apply list (range 1000000)))))
  (is (= 999999 (last (take 1000000 (iterate inc 0)))))
  (is (= 499999500000 (reduce + (range 1000000)) (apply + (range 1000000))))
  (is (= 2000000 (count (concat (range 1000000) (range 1000000)))))
  (is (= 500000 (count (filter even? (range 1000000)))))
  (is (= 333334 (count (take-nth 3 (range 1000000)))))
  (is (= 1000000 (count (mapcat vector (range 1000000)))))
  (is (= 10 (count (partition-all 100000 (range 1000000))))))

(deftest sequences-of-a-million-lazy-cells
  (letfn [(from [n] (lazy-seq (cons n (from (inc n)))))]
    (is (= 1000000 (nth (from 0) 1000000)))
    (is (= 1000000 (count (take 1000000 (from 0)))))))

(deftest a-held-sequence-of-a-million-is-let-go
  (let [s (doall (map inc (apply list (range 1000000))))]
    (is (= 1000000 (count s))))
  (is (= :alive (do (reduce (fn [chain i] (lazy-seq (cons i chain))) nil (range 1000000)) :alive))))

(deftest deep-nesting-is-built-and-let-go
  (is (= :alive (do (reduce (fn [inner _] [inner]) nil (range 1000000)) :alive)))
  (is (= :alive (do (reduce (fn [inner _] {:in inner}) nil (range 1000000)) :alive)))
  (is (= :alive (do (reduce (fn [inner _] (list inner)) nil (range 1000000)) :alive)))
  (is (= :alive (do (reduce (fn [inner _] (fn [] inner)) nil (range 1000000)) :alive)))
  (is (= :alive (do (reduce (fn [inner _] (atom inner)) nil (range 1000000)) :alive)))
  (is (= :alive (do (reduce (fn [inner _] (with-meta [] {:in inner})) nil (range 1000000)) :alive))))

(deftest large-collections
  (is (= 300000 (count (reduce conj [] (range 300000)))))
  (is (= 300000 (count (reduce (fn [m i] (assoc m i i)) {} (range 300000)))))
  (is (= 300000 (count (into #{} (range 300000)))))
  (is (= 100000 (count (group-by identity (range 100000)))))
  (is (= {0 50000 1 50000} (frequencies (map #(mod % 2) (range 100000))))))

(deftest long-text
  (is (= 1000000 (count (apply str (repeat 1000000 "x")))))
  (is (= 588889 (count (apply str (interpose " " (range 100000))))))
  (is (= 100000 (count (read-string (str "[" (apply str (interpose " " (range 100000))) "]"))))))

(deftest many-arguments
  (is (= 100000 (count (apply vector (range 100000)))))
  (is (= 99999 (apply max (range 100000))))
  (is (= 100000 (apply (fn [& args] (count args)) (range 100000)))))

(deftest recursion-as-deep-as-people-write
  (letfn [(sum [n] (if (zero? n) 0 (+ n (sum (dec n)))))]
    (is (= 2001000 (sum 2000)))))

(deftest a-stack-overflow-is-an-error-like-others
  (letfn [(down [n] (inc (down n)))]
    (is (thrown? StackOverflowError (down 1)))
    (is (= :again (try (down 1) (catch StackOverflowError _ :again))))))

(deftest many-locals
  (is (= 30 (eval `(let [~@(mapcat (fn [i] [(symbol (str "x" i)) (list `inc i)]) (range 300))]
                     ~(symbol "x29")))))
  (is (= 44850 (eval `(let [~@(mapcat (fn [i] [(symbol (str "y" i)) i]) (range 300))]
                        (+ ~@(map #(symbol (str "y" %)) (range 300))))))))

(deftest many-branches
  (let [classify (eval `(fn [~'n] (case ~'n ~@(mapcat (fn [i] [i (str "is " i)]) (range 400)) :other)))]
    (is (= ["is 0" "is 399" :other] (map classify [0 399 400])))))

(deftest many-definitions-in-one-form
  (is (= 500 (count (eval `(do ~@(map (fn [i] `(def ~(symbol (str "made-" i)) ~i)) (range 500))
                               (vector ~@(map (fn [i] (symbol (str "made-" i))) (range 500)))))))))
