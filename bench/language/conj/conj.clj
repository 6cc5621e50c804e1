(defn work []
  (count (reduce (fn [v i] (conj v i)) [] (range 1000000))))
(println (work))
