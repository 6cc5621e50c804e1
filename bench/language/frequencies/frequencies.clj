(defn work []
  (let [kinds 1000]
    (get (frequencies (map (fn [x] (rem x kinds)) (range 1000000))) 7)))
(println (work))
