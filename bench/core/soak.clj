;; Many jobs, one thousand after the other, with few of them kept: memory and the store's file must not grow.
;;   bench/core/soak [JOBS]
(ns soak
  (:require [clojure.string :as string]
            [re-core.controller :as controller]
            [re-core.persistency.common :as store]
            [re-core.persistency.systems :as systems-store]
            [re-core.presets.common :refer [materialise]]
            [re-core.presets.fake :refer [delays fake]]
            [re-core.presets.instance-types :refer [small]]
            [re-core.presets.systems :refer [defaults local]]
            [re-core.queue :as queue]
            [re-core.retention :as retention]
            [reops.config :as config]
            [reops.fs :as fs]))

(def wanted (parse-long (or (first *command-line-args*) "100000")))
(def at-a-time 1000)

(spit (doto (config/config-file) (-> fs/parent fs/mkdirs)) "{:history {:keep-runs 5000 :keep-days 1}}")
(config/reload-config)

(defn megabytes [bytes] (format "%.1f MB" (/ bytes 1e6)))
(defn resident [] (* 4096 (parse-long (nth (string/split (slurp "/proc/self/statm") #" ") 1))))
(defn file-size [] (reduce + (map #(fs/size (str (store/path) %)) ["" "-wal"])))

(controller/become)
(def systems (systems-store/create (materialise fake [defaults (local) small :redis "soak" (delays 0) at-a-time])))
(controller/await-jobs (map :id (:jobs (queue/schedule {} "create" (systems-store/with-ids systems)))))
(loop [done at-a-time]
  (controller/await-jobs (map :id (:jobs (queue/schedule {} (if (even? (quot done at-a-time)) "start" "stop") (systems-store/with-ids systems)))))
  (retention/clean)
  (let [done (+ done at-a-time)]
    (when (zero? (mod done (* 10 at-a-time)))
      (println (format "%7d jobs: %s resident, %s of store, %d jobs kept" done (megabytes (resident)) (megabytes (file-size))
                       (ffirst (store/query "select count(*) from jobs"))))
      (flush))
    (when (< done wanted)
      (recur done))))
