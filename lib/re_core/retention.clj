(ns re-core.retention
  "What is kept of jobs and runs that have ended, and for how long: the configuration's :history says it. The controller cleans the store from
  time to time, a little at a time, so that nobody waits for it. Nothing that is under way is touched. The audit trail is sealed, and pruned only if the
  configuration says so."
  (:require [clojure.string :as string]
            [re-core.controller :as controller]
            [re-core.persistency.audit :as audit]
            [re-core.persistency.common :as store :refer [now query]]
            [reops.config :refer [config]]
            [reops.peer :refer [apart]]))

(def ^:private at-a-time
  "How many jobs or runs go in one transaction."
  200)

(def ^:private pages-at-a-time
  "How many pages of the file are given back to the system in one transaction."
  200)

(def ^:private day-ms 86400000)

(defn- limits
  "The time before which, and the numbers up to which, jobs and runs go: {:before :jobs :runs}."
  []
  (let [{:keys [keep-days keep-runs]} (config :history)
        up-to (fn [table] (if keep-runs (- (or (ffirst (query (str "select max(seq) from " table))) 0) keep-runs) 0))]
    {:before (if keep-days (- (now) (* day-ms keep-days)) 0)
     :jobs (up-to "jobs")
     :runs (up-to "runs")}))

(defn- audit-limits []
  (let [{:keys [keep-audit-days keep-audit]} (config :history)]
    ;; Whole days, so that it is pruned once a day.
    {:before (when keep-audit-days (* day-ms (- (quot (now) day-ms) keep-audit-days)))
     :keep keep-audit}))

(defn- old-jobs [{:keys [before jobs]}]
  (mapv first (query "select id from jobs where state in ('done', 'failed', 'cancelled', 'lost') and (ended < ? or seq <= ?) limit ?"
                     [before jobs at-a-time])))

(defn- old-runs [{:keys [before runs]}]
  (mapv first (query "select id from runs where under_way = 0 and (started < ? or seq <= ?) limit ?" [before runs at-a-time])))

(defn- among [ids] (str " in (" (string/join ", " (repeat (count ids) "?")) ")"))

(defn- remove-all
  "Removes what find finds until there is no more; how many that were."
  [find statements]
  (loop [n 0]
    (let [ids (find)]
      (if (empty? ids)
        n
        (do (store/note (statements ids))
            (recur (+ n (count ids))))))))

(defn- give-back
  "Gives free pages of the file back to the system."
  []
  (loop [before nil]
    (let [[[free]] (query "pragma freelist_count")]
      ;; A file that was made before it could be shortened keeps its free pages, and uses them again.
      (when (and (pos? free) (not= free before))
        (store/note [[(str "pragma incremental_vacuum(" pages-at-a-time ")") []]])
        (recur free)))))

(defn clean
  "Removes jobs, runs and entries of the audit trail that are not kept any longer, and seals the trail. Returns how many: {:jobs 12 :runs 3 :audit 0}."
  {:no-doc true}
  []
  (let [limit (limits)
        removed {:jobs (remove-all #(old-jobs limit) (fn [ids] [[(str "delete from steps where job" (among ids)) ids]
                                                               [(str "delete from jobs where id" (among ids)) ids]]))
                 :runs (remove-all #(old-runs limit) (fn [ids] [[(str "delete from runs where id" (among ids)) ids]]))
                 :audit (audit/prune (audit-limits))}]
    (when (some pos? (vals removed))
      (give-back))
    (audit/seal)
    removed))

;; --- from time to time ---------------------------------------------------------------------------------------------------

(def ^:private pause-ms (* 10 60 1000))

(defonce ^:private stopping
  ;; A promise while this process cleans.
  (atom nil))

(defn- clean-until [stop]
  (try
    (clean)
    (catch InterruptedException e
      (throw e))
    (catch Exception e
      (controller/announce nil (str "The history is not cleaned: " (ex-message e)))))
  (when (= ::late (deref stop pause-ms ::late))
    (recur stop)))

(defn- go []
  (let [stop (promise)]
    (reset! stopping stop)
    (apart (clean-until stop))))

(defn- stop []
  (some-> @stopping (deliver :stop)))

(controller/accompany :retention {:go go :stop stop})
