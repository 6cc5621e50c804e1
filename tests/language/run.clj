;; Runs the language's clojure.test namespaces, all or those named on the command line, and fails when a test does.
(require '[clojure.test :as t])

(def all '[aliasing-test models-test files-test deep-test namespaces-test concurrency-test agents-concurrency-test threads-test])

(let [chosen (or (seq (map symbol *command-line-args*)) all)]
  (apply require chosen)
  (let [{:keys [fail error]} (apply t/run-tests chosen)]
    (flush)
    (shutdown-agents)
    (System/exit (if (= 0 (+ fail error)) 0 1))))
