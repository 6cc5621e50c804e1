;; A million numbers in no order, by a comparator of our own.
(defn numbers [n]
  (loop [i 0 x 12345 out []]
    (if (< i n)
      (recur (inc i) (rem (+ (* x 1103515245) 12345) 2147483648) (conj out x))
      out)))
(defn work []
  (first (sort (fn [a b] (> a b)) (numbers 1000000))))
(println (work))
