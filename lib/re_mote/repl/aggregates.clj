(ns re-mote.repl.aggregates
  "Many results as few: statistics of a number, and which hosts gave the same."
  (:require [clojure.string :as string]
            [re-mote.repl.results :as results :refer [entries succeeded? value-of]]))

(defn- number-of
  "A number, or the one that a text spells; nil for a value that is missing; an error for any other."
  [host x]
  (cond
    (or (nil? x) (number? x)) x
    (string? x) (let [text (string/trim x)] (or (parse-long text) (parse-double text) (number-of host [text])))
    :else (throw (ex-info (str "aggregate needs numbers, and " host " has " (pr-str (if (vector? x) (first x) x)))
                          {:type :re-mote/not-a-number
                           :hint "Give a function that makes a number of an entry, or use (aggregate) to group what is the same."}))))

(defn percentile
  "The smallest of sorted numbers that p % of them do not exceed."
  [sorted p]
  (nth sorted (max 0 (dec (long (Math/ceil (* (/ p 100.0) (count sorted))))))))

(defn statistics
  "What there is to say of numbers: {:count :sum :mean :min :max :percentiles {50 … 90 … 99 …}}; :count 0 alone of none.

    (statistics [3 1 2] [50])"
  ([numbers] (statistics numbers [50 90 99]))
  ([numbers percentiles]
   (if-let [sorted (seq (sort numbers))]
     (let [sorted (vec sorted) sum (reduce + sorted)]
       {:count (count sorted)
        :sum sum
        :mean (double (/ sum (count sorted)))
        :min (first sorted)
        :max (peek sorted)
        :percentiles (into (sorted-map) (map (fn [p] [p (percentile sorted p)])) percentiles)})
     {:count 0})))

(defn- of-numbers [results k percentiles]
  (let [valued (for [entry (entries results)
                     :when (succeeded? entry)
                     :let [n (number-of (:host entry) (value-of k entry))]
                     :when n]
                 [n (:host entry)])]
    (cond-> (statistics (map first valued) percentiles)
      (seq valued) (assoc :min-host (second (first (sort-by first valued)))
                          :max-host (second (last (sort-by first valued)))))))

(defn identical
  "Which hosts yielded the same: [{:value v :count n :hosts [h …]} …], the most frequent first."
  [x k]
  (let [ok (filter succeeded? (entries x))
        grouped (group-by (partial value-of k) ok)]
    (->> (distinct (map (partial value-of k) ok))
         (map (fn [v] {:value v :count (count (grouped v)) :hosts (mapv :host (grouped v))}))
         (sort-by (comp - :count))
         vec)))

(defn- name-of [k]
  (cond
    (keyword? k) k
    (vector? k) (keyword (string/join "-" (map #(if (keyword? %) (name %) (str %)) k)))
    :else :value))

(defn aggregate
  "Puts into the results, as :aggregate {name …}, what a number comes to over all hosts: :sum, :mean, :min and :max (and which
  hosts have those), :percentiles. The number is a keyword or path into the result or the entry, or a function of the entry; text
  that spells one will do. Without arguments: which hosts yielded the same result. Options: :as (the name), :percentiles
  ([50 90 99]), :same true (group equal values instead). Output stages show it.

    (run (exec hs \"nproc\") | (aggregate :out {:as :cores}) | (pretty))
    (run (exec hs \"true\") | (aggregate [:profile :time]) | (pretty))
    (run (exec hs \"uname -r\") | (aggregate) | (pretty))"
  {:category :pipeline}
  ([this results] (aggregate this results :result {:same true :as :result}))
  ([this results k] (aggregate this results k {}))
  ([this results k {:keys [as percentiles same] :or {percentiles [50 90 99]}}]
   [this (assoc-in results [:aggregate (or as (name-of k))]
                   (if same (identical results k) (of-numbers results k percentiles)))]))
