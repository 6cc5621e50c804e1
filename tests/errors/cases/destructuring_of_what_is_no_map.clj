(defn first-of [[a b]]
  (+ a b))

(first-of 42)
