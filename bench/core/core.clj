;; Re-core's ground floor, measured, with the disk's own rate beside: how many transactions it commits, one after the other and by
;; sixteen threads that commit at once.   Usage: bench/core/run [SYSTEMS] [JOBS]
(ns core
  (:require [re-core.controller :as controller]
            [re-core.persistency.common :as store]
            [re-core.persistency.systems :as systems-store]
            [re-core.presets.common :refer [materialise]]
            [re-core.presets.fake :refer [delays fake]]
            [re-core.presets.instance-types :refer [small]]
            [re-core.presets.systems :refer [defaults local]]
            [re-core.queue :as queue]
            [re-core.repl.base :as base]))

(def systems-wanted (parse-long (or (first *command-line-args*) "10000")))
(def jobs-wanted (parse-long (or (second *command-line-args*) "1000")))

(defn ms
  "Milliseconds that f takes, the best of n."
  [n f]
  (apply min (repeatedly n (fn [] (let [start (System/nanoTime)] (f) (/ (- (System/nanoTime) start) 1e6))))))

(defn row [what value unit]
  (println (format "%-58s %10.1f %s" what (double value) unit)))

(defn commits-per-second
  "How often threads, each one after the other, write a row durably."
  [threads each]
  (let [one (fn [] (dotimes [_ each]
                     (store/commit [["update types set updated = updated + 1 where id = 'bench'" []]])))
        took (ms 1 (fn [] (run! deref (doall (repeatedly threads #(future (one)))))))]
    (/ (* 1000.0 threads each) took)))

(store/commit [["insert into types (id, created, updated, data) values ('bench', 0, 0, '{}')" []]])
(def alone (commits-per-second 1 200))
(def together (commits-per-second 16 100))
(row "durable commits, one thread" alone "a second")
(row "durable commits, 16 threads" together "a second")

(def described (materialise fake [defaults (local) small :redis "bench" (delays 0) systems-wanted]))
(row (str "adding " systems-wanted " systems, one transaction") (ms 1 #(systems-store/create described)) "ms")
(row (str "list of " systems-wanted ", first time") (ms 1 #(systems-store/all)) "ms")
(row (str "list of " systems-wanted) (ms 5 #(systems-store/all)) "ms")
(row (str "list of " systems-wanted ", as a table (aim 50)") (ms 3 #(base/systems-text (systems-store/all))) "ms")
(row "selecting one by its name" (* 1000 (ms 20 #(systems-store/by :hostname (get-in (first described) [:machine :hostname])))) "µs")

(controller/become)
(def chosen (vec (take jobs-wanted (systems-store/all))))
(def m (atom nil))
(def begun (System/nanoTime))
(row (str "asking for " jobs-wanted " jobs, one call (aim 100 for 1,000)") (ms 1 #(reset! m (queue/schedule {} "create" chosen))) "ms")
(controller/await-jobs (mapv :id (:jobs @m)))
(def rate (/ jobs-wanted (/ (- (System/nanoTime) begun) 1e9)))
(row "fake create jobs, all steps recorded (aim 2,000)" rate "a second")
(row "of what 16 threads committed (or aim 0.5)" (/ rate together) "times")
