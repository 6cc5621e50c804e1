(defn work []
  (throw (ex-info "lost" {:job 7})))

@(future (work))
