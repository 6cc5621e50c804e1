(defn connect [port]
  (throw (ex-info "connection refused" {:port port})))

(defn connect-carefully [port]
  (try
    (connect port)
    (catch Exception e
      (println "could not connect")
      (throw e))))

(connect-carefully 22)
