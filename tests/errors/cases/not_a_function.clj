(defn shout [x]
  ("loud" x))

(shout 1)
