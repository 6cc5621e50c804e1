(defmacro with-host [[name] & body]
  `(let [host# ~name]
     (println "on" host#)
     ~@body))

(defn deploy [h]
  (with-host [h]
    (undefined-step h)))
