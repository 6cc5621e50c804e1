(defn work [] (count (loop [i 0 v []] (if (< i 1000000) (recur (inc i) (conj v i)) v))))
(println (work))
