(require '[clojure.string :as str])
(defn names [hosts]
  (str/joim ", " hosts))
