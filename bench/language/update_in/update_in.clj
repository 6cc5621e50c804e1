(defn work []
  (let [racks 1000]
    (get-in (reduce (fn [m i] (update-in m [(rem i racks) :seen] (fn [n] (inc (or n 0)))))
                    {}
                    (range 1000000))
            [7 :seen])))
(println (work))
