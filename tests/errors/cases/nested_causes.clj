(defn read-config []
  (/ 1 0))

(defn load-config []
  (try
    (read-config)
    (catch ArithmeticException e
      (throw (ex-info "the configuration cannot be read" {:file "a.edn"} e)))))

(defn begin []
  (try
    (load-config)
    (catch Exception e
      (throw (IllegalStateException. "cannot start" e)))))

(begin)
