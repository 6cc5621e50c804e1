(defn work []
  (let [by 3]
    (transduce (comp (map (fn [x] (+ x by)))
                     (filter (fn [x] (zero? (rem x by)))))
               (completing (fn [sum x] (+ sum x)))
               0
               (range 1000000))))
(println (work))
