(defn port-of [{:keys [host port]} & [protocol]]
  (+ port (count protocol)))

(port-of {:host "web1"} "ssh")
