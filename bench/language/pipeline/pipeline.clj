;; The head of the sequence is held by nobody, so memory must not depend on the length, which is the first argument.
(def length (if-let [given (first *command-line-args*)] (parse-long given) 1000000))
(defn work []
  (let [by 3]
    (reduce (fn [sum x] (+ sum x)) 0
            (filter (fn [x] (zero? (rem x by)))
                    (map (fn [x] (+ x by)) (range length))))))
(println (work))
