(ns re-core.persistency.schedules
  "Schedules in the store: those that are there again when the program is. One is a map:
    :key :period :call (the name of a function) :args :peer (who asked for it) :created :next (when it is due) :last (when it ran) :took :runs
    :errors :error (the last one) :skipped (how often it was still running) :missed"
  (:refer-clojure :exclude [get])
  (:require [re-core.persistency.common :as store :refer [now pack query unpack]]))

(def ^:private columns [:key :period :call :args :peer :created :next :last :took :runs :errors :error :skipped :missed])

(defn- schedule-of [row]
  (into {} (remove (comp nil? val))
        (-> (zipmap columns row)
            (update :key unpack)
            (update :period unpack)
            (update :call symbol)
            (update :args unpack)
            (update :peer unpack))))

(defn all
  "Every schedule, in the order of their making."
  []
  (mapv schedule-of (query "select key, period, call, args, peer, created, next, last, took, runs, errors, error, skipped, missed
                            from schedules order by created, rowid")))

(defn put
  "Adds a schedule, or puts it in the place of the one of that key."
  [{:keys [key period call args peer next]}]
  (store/commit [["delete from schedules where key = ?" [(pack key)]]
                 ["insert into schedules (key, period, call, args, peer, created, next) values (?, ?, ?, ?, ?, ?, ?)"
                  [(pack key) (pack period) (str call) (pack (vec args)) (pack peer) (now) next]]]))

(defn save
  "Writes what has become of a schedule since, if it is still there."
  [{:keys [key next last took runs errors error skipped missed]}]
  (store/note [["update schedules set next = ?, last = ?, took = ?, runs = ?, errors = ?, error = ?, skipped = ?, missed = ? where key = ?"
                [next last took (or runs 0) (or errors 0) error (or skipped 0) (or missed 0) (pack key)]]]))

(defn delete
  "Removes the schedules of these keys."
  [ks]
  (store/commit (mapv (fn [k] ["delete from schedules where key = ?" [(pack k)]]) ks)))
