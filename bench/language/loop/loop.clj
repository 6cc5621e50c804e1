(defn work [] (loop [i 0] (if (< i 100000000) (recur (inc i)) i)))
(println (work))
