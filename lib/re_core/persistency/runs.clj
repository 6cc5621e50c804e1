(ns re-core.persistency.runs
  "Runs in the store: what was asked for and what it came to. A run is a map:
    :id :kind (:pipeline, :operation, :exec or :jobs) :form (text) :namespace :stage :start :end :hosts (how many) :failed (how many)
    :codes {code how many} :user :peer (see reops.peer/peer) :error (text) :under-way (how many jobs of it have not ended)
  and what is kept of its results is read apart, with results."
  (:refer-clojure :exclude [get])
  (:require [clojure.string :as string]
            [re-core.persistency.audit :as audit]
            [re-core.persistency.common :as store :refer [pack query unpack]]
            [reops.bytes :as bytes]))

(def ^:private columns
  [:id :kind :form :namespace :stage :started :ended :hosts :failed :codes :user :peer :error :under_way])

(def ^:private select-from (str "select " (string/join ", " (map name columns)) " from runs "))

(defn- run-of [row]
  (let [{:keys [started ended under_way] :as run} (zipmap columns row)]
    (into {} (remove (comp nil? val))
          (-> (dissoc run :started :ended :under_way)
              (assoc :start started :end ended :under-way (when (pos? under_way) under_way))
              (update :kind keyword)
              (update :codes unpack)
              (update :peer unpack)))))

(defn insertion
  "The statement that adds a run. results is data, kept apart; closed says that its form can be evaluated again."
  [{:keys [id kind form namespace stage start end hosts failed codes peer error closed]} results]
  (let [kept (some-> results pack)]
    ["insert into runs (id, kind, form, namespace, closed, stage, started, ended, hosts, failed, codes, user, peer, error, results, size)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
     [id (name kind) form namespace (boolean closed) stage start end hosts failed (some-> codes pack) (:user peer) (some-> peer pack) error
      kept (+ (count form) (if kept (bytes/length kept) 0))] 1]))

(defn jobs-insertion
  "The statement that adds the run of n jobs that are asked for together."
  [{:keys [id topic form peer start]} n]
  ["insert into runs (id, kind, form, stage, started, hosts, failed, user, peer, size, under_way) values (?, 'jobs', ?, ?, ?, ?, 0, ?, ?, ?, ?)"
   [id form topic start n (:user peer) (pack peer) (count form) n] 1])

(defn job-ended
  "The statements that note in its run that a job has ended, and in the audit trail when it was the last one of it."
  [run failed]
  (when run
    [["update runs set under_way = under_way - 1, failed = failed + ?, ended = case under_way when 1 then ? end where id = ?"
      [(if failed 1 0) (store/now) run]]
     (audit/jobs-entry run)]))

(defn latest
  "The runs that began last, the latest first, at most n."
  [n]
  (mapv run-of (query (str select-from "order by seq desc limit ?") [n])))

(defn matching
  "The runs whose id contains a text."
  [part]
  (mapv run-of (query (str select-from "where instr(id, ?) > 0 order by seq") [part])))

(defn results
  "What is kept of the results of a run, and whether its form can be evaluated again: {:results data :closed true}."
  [id]
  (let [[[kept closed]] (query "select results, closed from runs where id = ?" [id])]
    {:results (unpack kept) :closed (= 1 closed)}))
