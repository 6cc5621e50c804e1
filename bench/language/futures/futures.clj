;; A thousand futures that all wait for one promise.
(let [go (promise)
      waiting (doall (map (fn [i] (future (+ @go i))) (range 1000)))]
  (Thread/sleep 500)
  (deliver go 1)
  (println (reduce + (map deref waiting)))
  (shutdown-agents))
