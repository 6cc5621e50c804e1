(ns re-mote.grouping
  "Grouping for people, who read results from the top.")

(defn group-in-order
  "Groups of xs that share (f x), in the order of their first members: [[(f x) [x …]] …].

    (group-in-order odd? [2 1 4 3]) ;=> ([false [2 4]] [true [1 3]])"
  [f xs]
  (let [xs (vec xs)
        places (group-by (mapv f xs) (range (count xs)))]
    (map (fn [[k members]] [k (mapv xs members)])
         (sort-by (comp first val) places))))
