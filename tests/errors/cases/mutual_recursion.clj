(declare ping)
(defn pong [n] (inc (ping n)))
(defn ping [n] (inc (pong n)))
(ping 1)
