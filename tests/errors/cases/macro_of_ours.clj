(defmacro for-host [[name] & body]
  `(let [host# ~name]
     (println "on" host#)
     ~@body))

(defn deploy [h]
  (for-host [h]
    (undefined-step h)))
