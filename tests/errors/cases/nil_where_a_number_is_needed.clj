(defn add-port [m]
  (update m :port inc))

(add-port {:host "web1"})
