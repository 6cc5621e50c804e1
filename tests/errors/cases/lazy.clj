(defn parse-port [text]
  (Long/parseLong text))

(defn ports [lines]
  (map parse-port lines))

(defn total []
  (reduce + (ports ["22" "80" "https"])))

(total)
