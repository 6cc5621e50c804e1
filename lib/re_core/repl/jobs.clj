(ns re-core.repl.jobs
  "Looking at jobs, cancelling them, trying them again."
  (:require [clojure.string :as string]
            [re-core.controller :as controller]
            [re-core.persistency.common :as store]
            [re-core.persistency.jobs :as jobs-store]
            [re-core.persistency.systems :as systems-store]
            [re-core.queue :as queue]
            [re-core.repl.base :refer [short-id systems table]]
            [re-core.repl.systems :as sys]))

(defn- job!
  "The one job whose id contains a text."
  [part]
  (let [found (jobs-store/matching (string/replace (str part) #"^\.\." ""))]
    (if (= 1 (count found))
      (first found)
      (throw (ex-info (str (if (empty? found) "There is no job " (str (count found) " jobs have ids with ")) (pr-str part))
                      {:type :re-core/no-job :part part :ids (mapv :id found)
                       :hint "(jobs) shows those that there are."})))))

(defn- seconds [ms] (format "%.1f s" (/ ms 1000.0)))

(defn- state-cell [state]
  (case state
    :done [(name state) :green]
    (:failed :lost) [(name state) :red]
    (name state)))

(defn- row [{:keys [id topic hostname system state step since start end direction message]}]
  (let [now (System/currentTimeMillis)]
    [(short-id id) topic (or hostname system) (state-cell state)
     (cond
       end (if start (seconds (- end start)) "")
       since (str (when (= :undo direction) "taking back ") (when step (name step)) " " (seconds (- now since)))
       :else "")
     (or message "")]))

(defn jobs
  "Shows the jobs that are under way and the twenty that were asked for last; with a number, so many. With :print? false it returns them,
  the latest first.

    (jobs)
    (jobs 100)
    (jobs 5 :print? false)"
  {:category :jobs}
  [& [n & {:keys [print?] :or {print? true}}]]
  (let [latest (jobs-store/latest (or n 20))
        shown (into (vec (remove (set latest) (rseq (vec (jobs-store/unended))))) latest)]
    (if print?
      (do (some-> (table ["ID" "TOPIC" "HOST" "STATE" "STEP OR TIME" "MESSAGE"] (map row (rseq shown))) print)
          (flush))
      shown)))

(defn job
  "Everything of one job, by its id or a part of it, with :log, what is written of its steps.

    (job \"5Nm\")"
  {:category :jobs}
  [part]
  (let [{:keys [id] :as found} (job! part)]
    (assoc found :log (jobs-store/steps id))))

(defn cancel-job
  "Ends a job. What it does now is interrupted, and what it has made is taken back.

    (cancel-job \"5Nm\")"
  {:category :jobs}
  [part]
  (let [{:keys [id] :as found} (job! part)]
    (when-not (jobs-store/ended? found)
      (controller/cancel found))
    (jobs-store/get id)))

(defn retry-job
  "Asks for a job again that failed, was cancelled or got lost, as a new one. Returns a future, as the verbs do.

    (retry-job \"5Nm\")"
  {:category :jobs}
  [part]
  (let [{:keys [topic system state args] :as found} (job! part)]
    (when-not (contains? #{:failed :cancelled :lost} state)
      (throw (ex-info (str "Only a job that failed, was cancelled or got lost is tried again; this one is " (name state))
                      {:type :re-core/not-retried :state state})))
    (let [there (systems-store/get system)
          m (queue/schedule {:options (:options args) :new (when-not there [system])} topic [[system (or there (:system args))]])]
      (sys/async-wait systems m sys/pretty-print (str topic " again")))))

(defn wait
  "Waits for a future that a verb returned, and returns its value; with ms, at most so many milliseconds, and then nil.

    (wait (create fake defaults small :redis))"
  {:category :jobs}
  ([f] (deref f))
  ([f ms] (deref f ms nil)))
