(ns re-mote.repl.history
  "What was run before: on which hosts, by whom, and what came of it; and running it again."
  (:require [clojure.string :as string]
            [re-core.persistency.audit :as audit-store]
            [re-core.persistency.jobs :as jobs-store]
            [re-core.persistency.runs :as runs-store]
            [re-core.repl.base :refer [short-id table]]
            [re-mote.history :as history]
            [re-mote.history.results :refer [restored]]
            [re-mote.repl.base :as base]
            [re-mote.repl.results :refer [entries failed?]]
            [re-mote.repl.text :as text]
            [reops.time :as time]))

(defn- when-text [ms] (time/format (time/from-ms ms) "yyyy-MM-dd HH:mm:ss" nil))

(defn- row [{:keys [id start end form hosts failed peer error under-way]}]
  [(short-id id)
   (when-text start)
   (str (:user peer))
   (str hosts)
   (if (pos? failed) [(str failed) :red] "0")
   (if end (format "%.1f s" (/ (- end start) 1000.0)) (str under-way " under way"))
   (text/cut (text/one-line (str form (when error (str " - " error)))) 100)])

(defn runs
  "Shows what ran last on hosts, and what jobs were asked for: twenty runs, or so many; what reops exec and scripts ran is among them. With
  :print? false it returns them, the latest first.

    (runs)
    (runs 100)
    (runs 5 :print? false)"
  {:category :history}
  [& [n & {:keys [print?] :or {print? true}}]]
  (let [found (runs-store/latest (or n 20))]
    (if print?
      (do (some-> (table ["ID" "WHEN" "WHO" "HOSTS" "FAILED" "TIME" "WHAT"] (map row (rseq found))) print)
          (flush))
      found)))

(defn run-of
  "Everything that is known of one run but its results: by its id or a part of it, or by a number, how many runs ago it was: 1 is the last one.

    (run-of 1)"
  {:category :history}
  [which]
  (let [found (if (number? which)
                (drop (dec which) (runs-store/latest which))
                (runs-store/matching (string/replace (str which) #"^\.\." "")))]
    (if (= 1 (count found))
      (first found)
      (throw (ex-info (str (if (empty? found) "There is no run " (str (count found) " runs have ids with ")) (pr-str which))
                      {:type :re-mote/no-run :which which :ids (mapv :id found) :hint "(runs) shows those that there are."})))))

(defn- of-hosts
  "A run on hosts; an error for one of jobs."
  [which]
  (let [{:keys [id kind] :as found} (run-of which)]
    (when (= :jobs kind)
      (throw (ex-info (str "The run " (short-id id) " is one of jobs, not one on hosts")
                      {:type :re-mote/no-run :which which :hint "(jobs-of id) are its jobs; (retry-job id) tries one again."})))
    found))

(defn jobs-of
  "The jobs of a run: what one verb on systems asked for.

    (filter (comp #{:failed} :state) (jobs-of 1))"
  {:category :history}
  [which]
  (jobs-store/of-run (:id (run-of which))))

(defn- replay
  "The pipeline of a run, a function."
  [{:keys [id form namespace]}]
  (or (history/replay-of id)
      (when (:closed (runs-store/results id))
        (fn []
          (binding [*ns* (or (some-> namespace symbol find-ns) (the-ns 'user))]
            (eval (read-string form)))))
      (throw (ex-info (str "The run " (short-id id) " cannot be run again by itself: its form uses what only it knew")
                      {:type :re-mote/not-repeatable :form form
                       :hint "(failed-of id) are the hosts that failed, to run something else on."}))))

(defn- about [{:keys [id form namespace]}]
  {:form form :namespace namespace :closed (:closed (runs-store/results id))})

(defn result
  "The pair of an earlier run, as far as its outputs are kept: for diff, aggregate and whatever else takes a pair. which is as for run-of.

    (run (exec hs \"dpkg -l\") | (diff (result 1)))
    (run (result 1) | (pretty))"
  {:category :history}
  [which]
  (let [{:keys [id] :as run} (of-hosts which)
        kept (:results (runs-store/results id))
        results (restored kept)
        again (fn [] ((replay run)))]
    [(base/->Hosts (or (:auth kept) {}) (mapv :host (entries results)))
     (with-meta results {:replay again :about (about run) :run id})]))

(defn failed-of
  "The hosts that failed in an earlier run.

    (run (exec (failed-of 1) \"uptime\") | (pretty))"
  {:category :history}
  [which]
  (let [[this results] (result which)]
    (assoc this :hosts (mapv :host (filter failed? (entries results))))))

(defn rerun
  "Runs an earlier run again: the same form, as it is understood now. One whose form used names of a function around it can be run again
  only by the process that ran it.

    (rerun 1)"
  {:category :history}
  [which]
  (let [run (of-hosts which)]
    (base/piped (replay run) (about run))))

(defn audit
  "Shows the last entries of the audit trail, twenty, or so many: who had what done, on what, and what came of it. Nothing can be changed in it
  or taken out of it unnoticed (verify-audit). With :print? false it returns them, the latest first.

    (audit)
    (audit 100 :print? false)"
  {:category :history}
  [& [n & {:keys [print?] :or {print? true}}]]
  (let [found (audit-store/latest (or n 20))
        shown (fn [{:keys [n at peer kind what targets outcome]}]
                [(str n) (when-text at) (str (:user peer) " " (name (:kind peer :script))) (name kind) (text/cut (text/one-line (str what)) 60)
                 (text/cut (text/one-line (str targets)) 40) (str outcome)])]
    (if print?
      (do (some-> (table ["N" "WHEN" "WHO" "KIND" "WHAT" "ON" "OUTCOME"] (map shown (rseq found))) print)
          (flush))
      found)))

(defn verify-audit
  "Examines the audit trail: {:sound true :entries n :hash digest of the last one}, or {:sound false :broken n}, the first entry that is not as it was
  written, or before which one is missing; that or the seals beside the store (:seal), whose entry is another one or gone. Of the entries, :exported
  are in the file audit.exported, if the configuration has them pruned.

    (verify-audit)"
  {:category :history}
  []
  (let [broken (audit-store/first-broken)
        seal (when-not broken (audit-store/first-unsealed))
        {:keys [n hash]} (audit-store/end)
        {exported :n} (audit-store/beginning)]
    (cond
      broken {:sound false :broken broken}
      seal {:sound false :broken (:n seal) :seal seal}
      :else (cond-> {:sound true :entries (or n 0)}
              (pos? exported) (assoc :exported exported)
              hash (assoc :hash hash)))))
