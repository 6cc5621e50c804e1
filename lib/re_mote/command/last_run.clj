(ns re-mote.command.last-run
  "What reops exec remembers of its last run, for --rerun-failed: which hosts were meant, what ran, and who failed. One file in the
  state folder, which only its owner may read, since commands may hold what others should not see."
  (:require [clojure.edn :as edn]
            [re-mote.command.options :refer [refuse]]
            [re-mote.repl.results :refer [entries failed?]]
            [reops.fs :as fs]))

(defn- file [] (fs/join (reops.internal/state-folder) "last-exec.edn"))

(defn save!
  "Remembers a run. Where nothing can be written, such as on a read-only system, nothing is remembered: the run itself is what
  matters."
  [options command results]
  (let [meant (cond-> (select-keys options [:hosts :groups :exclude :inventory])
                (:inventory options) (update :inventory fs/absolute-path))
        failed (mapv :host (filter failed? (entries results)))]
    (try
      (fs/spit-private (file) (pr-str {:meant meant :command command :failed failed}))
      (catch java.io.IOException _ nil))))

(defn recall
  "The last run: {:meant options :command \"…\" :failed [\"web3\" …]}; an error when there is none, or nobody failed in it."
  []
  (let [{:keys [failed] :as run} (when (fs/exists? (file)) (edn/read-string (slurp (file))))]
    (cond
      (nil? run) (refuse "There is no earlier run whose failed hosts could be run again")
      (empty? failed) (refuse "No host failed the last time")
      :else run)))
