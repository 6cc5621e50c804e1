(defn even-one? [n] (if (zero? n) true (odd-one? (dec n))))
