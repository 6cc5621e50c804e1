(ns re-core.queue
  "Asking for jobs, and waiting for them."
  (:require [re-core.controller :as controller]
            [re-core.persistency.audit :as audit]
            [re-core.persistency.common :as store]
            [re-core.persistency.jobs :as jobs]
            [re-core.persistency.runs :as runs]
            [re-core.persistency.systems :as systems]
            [re-core.workflows :as workflows]
            [re-mote.patterns :as patterns]
            [reops.peer :refer [peer]]
            [reops.secrets :as secrets]))

(defn- run-of
  "What is asked for together, for the history."
  [topic {:keys [options]}]
  {:id (store/new-id) :topic topic :peer (peer) :start (store/now)
   :form (secrets/masked (str topic (when (seq options) (str " " (pr-str options)))))})

(defn- run-statements
  "The statements that add a run to the history, and to the audit trail what is asked for."
  [{:keys [peer form] :as run} hostnames]
  [(runs/jobs-insertion run (count hostnames))
   (audit/entry peer :jobs form (patterns/fold (map str hostnames)) nil)])

(defn schedule
  "Asks for a job of that topic for each of the systems, pairs [id system], all in one transaction, and returns m with :jobs and :topic. m may
  have :options, which the steps of the workflow get, and :new, the ids of systems that are not in the store yet: they are put there by the
  same transaction. Jobs go on when the program ends, as soon as it is there again.

    (schedule {} \"stop\" (:systems (second (ls systems))))
    (schedule {:options {:label \"before\"}} \"snapshot\" (:systems (second (ls systems))))"
  {:category :jobs}
  [m topic systems]
  (when-let [odd (first (remove #(and (vector? %) (= 2 (count %)) (string? (first %)) (map? (second %))) systems))]
    (throw (ex-info (str "schedule takes systems as pairs [id system], found " (pr-str odd))
                    {:type :re-core/bad-systems :found odd :hint "(:systems (second (ls systems))) are all of them."})))
  (let [steps (mapv :step (workflows/steps-of (name topic)))
        new? (set (:new m))
        run (run-of (name topic) m)
        made (mapv (fn [[id system]] (jobs/new-job run steps id system (new? id) (:options m))) systems)]
    (when (seq made)
      (store/commit (-> (run-statements run (map :hostname made))
                        (into (comp (filter (comp new? first)) (map (fn [[id system]] (systems/insertion id system)))) systems)
                        (into (map jobs/insertion) made)))
      (controller/run-jobs made))
    (assoc (dissoc m :new) :jobs made :topic (name topic) :systems (vec systems))))

(defn- succeeded? [{:keys [state]}] (= :done state))

(defn results
  "Waits for the jobs of m, which schedule returned, and returns it with :results {:successful [job …] :failure [job …]}. Those of systems that were
  refused before (:refused) are among the failures."
  [{:keys [jobs refused] :as m}]
  (let [ended (controller/await-jobs (mapv :id jobs))]
    (-> (dissoc m :refused)
        (assoc :jobs ended
               :results {:successful (filterv succeeded? ended)
                         :failure (into (vec refused) (remove succeeded?) ended)}))))

(defn now
  "m with its jobs as they are now."
  [{:keys [jobs] :as m}]
  (assoc m :jobs (jobs/all-of (map :id jobs))))
