;; Threads that share one big map: each looks keys up in it and derives small maps of its own from what it finds. The
;; first argument is the number of threads; 0 only builds the map, and -1 works on it in the main thread alone, where
;; nothing was ever shared.
(def threads (if-let [given (first *command-line-args*)] (parse-long given) 1))

(defn big-map [n] (loop [i 0 m {}] (if (< i n) (recur (inc i) (assoc m i [i (* 2 i)])) m)))

(defn visit [m rounds]
  (loop [i 0 sum 0]
    (if (< i rounds)
      (let [pair (get m (rem (* i 7919) 100000))]
        (recur (inc i) (+ sum (count (assoc {:pair pair} :i i)) (nth pair 0))))
      sum)))

(let [m (big-map 100000)
      rounds 2000000]
  (println (cond
             (neg? threads) (visit m rounds)
             (zero? threads) (count m)
             :else (reduce + (mapv deref (mapv (fn [_] (future (visit m rounds))) (range threads)))))))
(System/exit 0)
