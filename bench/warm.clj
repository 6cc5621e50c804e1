;; Measures a program in a JVM that has warmed up: loads it, calls its `work` for as long as it keeps getting faster,
;; and prints the best CPU time of one call, in seconds, of the calling thread alone (what the JVM's compiler and
;; collector do in other threads is not counted: to the JVM's advantage).
;;
;;     clojure bench/warm.clj FILE
(import 'java.lang.management.ManagementFactory)

(let [clock (ManagementFactory/getThreadMXBean)
      file (first *command-line-args*)
      _ (binding [*command-line-args* nil] (with-out-str (load-file file)))
      work (resolve 'user/work)
      once (fn [] (let [start (.getCurrentThreadCpuTime clock)]
                    (work)
                    (/ (- (.getCurrentThreadCpuTime clock) start) 1e9)))
      end (+ (System/nanoTime) (long 8e9))]
  (loop [best (once) calls 1 since-best 0]
    (if (or (and (>= calls 5) (> (System/nanoTime) end)) (> since-best 30))
      (println best)
      (let [t (once)]
        (if (< t (* 0.98 best)) (recur t (inc calls) 0) (recur (min t best) (inc calls) (inc since-best))))))
  (shutdown-agents))
