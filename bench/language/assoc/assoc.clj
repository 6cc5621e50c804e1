(defn work [] (count (loop [i 0 m {}] (if (< i 1000000) (recur (inc i) (assoc m i i)) m))))
(println (work))
