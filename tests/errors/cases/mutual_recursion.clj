(declare ping)
(defn pong [n] (inc (ping n)))
(defn ping [n] (inc (pong n)))
(pong 1)
