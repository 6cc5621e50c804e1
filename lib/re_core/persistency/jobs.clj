(ns re-core.persistency.jobs
  "Jobs and their steps in the store. A job is a map:
    :id :topic :system (its id) :hostname :state :step :since :created :start :end :asked-by :run :steps (names, in order)
    :args {:system … :options … :new true (when the system came into the store with the job)} :direction (:do, or :undo while it is rolled back) :message :error :result
  Its states are :queued, :locked (another job has its system, or secrets that it needs are locked: :message says so then), :running, :waiting (before a step is tried again), and at the end :done,
  :failed, :cancelled or :lost."
  (:refer-clojure :exclude [get])
  (:require [clojure.string :as string]
            [re-core.persistency.common :as store :refer [now pack query unpack]]
            [re-core.persistency.runs :as runs]))

(def ended-states
  "The states in which nothing more happens to a job."
  #{:done :failed :cancelled :lost})

(defn ended?
  "Whether nothing more happens to a job."
  [{:keys [state]}]
  (contains? ended-states state))

(def ^:private columns
  [:id :topic :system :hostname :state :step :since :direction :created :started :ended :asked_by :run :steps :args :message :error :result])

(def ^:private select-from (str "select " (string/join ", " (map name columns)) " from jobs "))

(def ^:private under-way
  ;; Word for word as the index has it.
  "state in ('queued', 'locked', 'running', 'waiting')")

(defn- job-of [row]
  (let [{:keys [started ended asked_by step] :as job} (zipmap columns row)
        shaped (-> (dissoc job :started :ended :asked_by)
                   (assoc :start started :end ended :asked-by asked_by)
                   (update :state keyword)
                   (update :direction keyword)
                   (update :steps unpack)
                   (update :args unpack)
                   (update :error unpack)
                   (update :result unpack))]
    (into {} (remove (comp nil? val)) (cond-> shaped step (assoc :step (keyword step))))))

(defn new-job
  "A job of a run for a system, not yet in the store. new says that the system comes into the store with it."
  [{run :id :keys [peer topic]} step-names system-id system new options]
  {:id (store/new-id)
   :topic topic
   :run run
   :system system-id
   :hostname (get-in system [:machine :hostname])
   :state :queued
   :direction :do
   :created (now)
   :steps (vec step-names)
   :asked-by (str (:user peer))
   :args (cond-> {:system system :options (or options {})}
           new (assoc :new true))})

(defn insertion
  "The statement that adds a job."
  [{:keys [id topic system hostname state created steps args asked-by run]}]
  ["insert into jobs (id, topic, system, hostname, state, created, steps, args, asked_by, run) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
   [id topic system hostname (name state) created (pack steps) (pack args) asked-by run] 1])

(def ^:private state-changes
  "The texts of statements that change the state of a job, by the states before and the further columns: there are few."
  (atom {}))

(defn- state-change-text [from columns]
  (let [shape [from columns]]
    (or (@state-changes shape)
        (let [text (str "update jobs set state = ?" (apply str (map #(str ", " (name %) " = ?") columns))
                        " where id = ? and state in (" (string/join ", " (map #(str "'" (name %) "'") (sort from))) ")")]
          (swap! state-changes assoc shape text)
          text))))

(defn state-change
  "The statement that puts a job, which is in one of the states from, into another one, with further columns, a map."
  [id from to more]
  [(state-change-text from (keys more)) (-> [(name to)] (into (vals more)) (conj id)) 1])

(defn end
  "The statements that end a job, which is in one of the states from, in a state with further columns, a map."
  [{:keys [id run]} from state more]
  (into [(state-change id from state (assoc more :ended (now) :step nil :since nil))]
        (runs/job-ended run (not= :done state))))

(defn step-begun
  "The statement that says that a step is about to act."
  [job-id n direction step attempt]
  ["insert into steps (job, n, direction, name, state, attempt, started) values (?, ?, ?, ?, 'running', ?, ?)
    on conflict (job, n, direction) do update set state = 'running', attempt = excluded.attempt, started = excluded.started, ended = null"
   [job-id n (name direction) (name step) attempt (now)] 1])

(defn step-ended
  "The statement that says how a step ended: state is :done, :failed, :cancelled or :lost."
  [job-id n direction state {:keys [output message]}]
  ["update steps set state = ?, ended = ?, output = ?, message = ? where job = ? and n = ? and direction = ?"
   [(name state) (now) (when (some? output) (pack output)) message job-id n (name direction)] 1])

(defn get
  "The job of that id, or nil."
  [id]
  (some-> (first (query (str select-from "where id = ?") [id])) job-of))

(defn matching
  "The jobs whose id contains a text."
  [part]
  (mapv job-of (query (str select-from "where instr(id, ?) > 0 order by seq") [part])))

(defn of-run
  "The jobs of a run."
  [run]
  (mapv job-of (query (str select-from "where run = ? order by seq") [run])))

(defn states-of
  "How many jobs of a run are in which state: {:done 3 :running 1}."
  [run]
  (into {} (map (fn [[state n]] [(keyword state) n])) (query "select state, count(*) from jobs where run = ? group by state" [run])))

(defn longest-of
  "The job of a run that has been at its step for the longest; nil when none is at work."
  [run]
  (some-> (first (query (str select-from "where run = ? and state = 'running' and since is not null order by since limit 1") [run])) job-of))

(defn unended
  "The jobs with which something is still to happen, in the order in which they were asked for."
  []
  (mapv job-of (query (str select-from "where " under-way " order by seq"))))

(defn unended-among
  "Those of these ids whose jobs have not ended."
  [ids]
  (into [] (mapcat (fn [ids]
                     (map first (query (str "select id from jobs where " under-way " and id in (" (string/join ", " (repeat (count ids) "?")) ")") ids))))
        (partition-all 500 ids)))

(defn latest
  "The jobs that were asked for last, the latest first, at most n."
  [n]
  (mapv job-of (query (str select-from "order by seq desc limit ?") [n])))

(defn all-of
  "The jobs of these ids, in that order."
  [ids]
  (let [found (into {} (mapcat (fn [ids]
                                 (map (comp (juxt :id identity) job-of)
                                      (query (str select-from "where id in (" (string/join ", " (repeat (count ids) "?")) ")") ids))))
                    (partition-all 500 ids))]
    (into [] (keep found) ids)))

(defn steps
  "What is written of the steps of a job, in their order, those that were taken back after the others: [{:n :step :direction :state :attempt :start :end :output :message} …]."
  [id]
  (mapv (fn [[n step direction state attempt start end output message]]
          (into {} (remove (comp nil? val))
                {:n n :step (keyword step) :direction (keyword direction) :state (keyword state) :attempt attempt
                 :start start :end end :output (unpack output) :message message}))
        (query "select n, name, direction, state, attempt, started, ended, output, message from steps where job = ?
                order by direction, case direction when 'do' then n else -n end" [id])))
