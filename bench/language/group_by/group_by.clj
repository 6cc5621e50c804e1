(defn work []
  (let [groups 1000]
    (count (get (group-by (fn [x] (rem x groups)) (range 1000000)) 7))))
(println (work))
