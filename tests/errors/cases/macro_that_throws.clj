(defmacro every [unit & body]
  (when-not (keyword? unit)
    (throw (ex-info (str "every needs a unit, and was given " (pr-str unit)) {:unit unit})))
  `(do ~@body))

(defn plan []
  (every "minute"
    (println "tick")))
