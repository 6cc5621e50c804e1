;; The place is that of the function that failed, however late it was called.
(defn checked [n]
  (if (odd? n)
    (throw (ex-info "an odd one" {:n n}))
    n))

(println (->> [2 4 5 6]
              (map inc)
              (map dec)
              (filter pos?)
              (mapv checked)))
