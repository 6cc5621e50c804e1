;; A million small strings, and one of all of them.
(defn work []
  (count (apply str (map (fn [i] (str "host-" i ",")) (range 1000000)))))
(println (work))
