(ns re-mote.repl.results
  "Results of hosts as data: {:hosts [h …] :successful [entry …] :failure [entry …] :stage \"exec\"}, with exactly one entry, the
  latest, for every host first targeted. Nothing here knows of records or transports."
  (:require [clojure.string :as string]))

(defn results-of
  "The results of a pair [record results]; results themselves as they are."
  [x]
  (if (and (vector? x) (= 2 (count x))) (second x) x))

(defn succeeded?
  "Whether an entry is a success."
  [entry]
  (zero? (:code entry)))

(defn failed?
  "Whether an entry is a failure."
  [entry]
  (not (succeeded? entry)))

(defn- by-host [entries] (into {} (map (fn [entry] [(:host entry) entry])) entries))

(defn entries
  "All entries of results (or of a pair), in the order in which the hosts were first targeted."
  [x]
  (let [{:keys [hosts successful failure]} (results-of x)
        all (into (vec successful) failure)]
    (if (or (nil? hosts) (= hosts (mapv :host all)))
      all
      (into [] (keep (by-host all)) hosts))))

(defn with-entries
  "Results with these entries, sorted into :successful and :failure; the rest stays."
  [results entries]
  (assoc results
         :hosts (mapv :host entries)
         :successful (filterv succeeded? entries)
         :failure (filterv failed? entries)))

(defn map-entries
  "Results whose entries went through f, which keeps the host."
  [f results]
  (with-entries results (mapv f (entries results))))

(defn merge-results
  "The results of a further step: its entries take the place of earlier ones of the same hosts, in the order in which the
  hosts were first targeted."
  [results stage new-entries]
  (let [targeted (into (vec (:hosts results)) (remove (set (:hosts results))) (map :host new-entries))
        latest (merge (by-host (:successful results)) (by-host (:failure results)) (by-host new-entries))]
    (assoc (with-entries results (into [] (keep latest) targeted))
           :hosts targeted
           :stage stage)))

(defn reason
  "Why an entry is a failure (:refused, :exit …), or why nothing ran (:no-check); nil for a success."
  [entry]
  (or (:reason entry) (:reason (:error entry))))

(defn failures-by
  "The failed entries, grouped by code and reason: {[-1 :refused] [entry …] …}."
  [x]
  (group-by (juxt :code reason) (filter failed? (entries x))))

(defn new-uuid
  "A name for one run on one host: 32 hexadecimal digits."
  []
  (string/replace (str (random-uuid)) "-" ""))

(defn repeatable
  "Results that know how the operation which made them is done again: again gets the record and the results, and returns a
  pair, as a stage does. Operations say so for retry."
  [results again]
  (vary-meta results assoc :again again))

(defn value-of
  "A value of an entry: of a keyword or a path, what the entry's result has there, or else the entry itself; of a function,
  what it makes of the entry.

    (value-of :used {:host \"a\" :code 0 :result {:used 3}}) ;=> 3
    (value-of [:profile :time] entry)"
  [k {:keys [result] :as entry}]
  (cond
    (vector? k) (if (and (map? result) (contains? result (first k))) (get-in result k) (get-in entry k))
    (keyword? k) (value-of [k] entry)
    :else (k entry)))
