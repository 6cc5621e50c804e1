(defn halve [n]
  {:pre [(even? n)]}
  (/ n 2))

(halve 3)
