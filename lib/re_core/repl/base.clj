(ns re-core.repl.base
  "The records that stand for all systems and for all types, and what pipelines do with them. Results of systems are
  {:systems [[id system] …]}, and after verbs :jobs, :topic and :results {:successful [job …] :failure [job …]}; those of types are
  {:types [[id type] …]}."
  (:refer-clojure :exclude [list])
  (:require [clojure.string :as string]
            [re-core.model :refer [figure-virt]]
            [re-core.persistency.systems :as systems-store]
            [re-core.persistency.types :as types-store]
            [re-core.presets.common :as presets]
            [re-core.specs :as specs]
            [re-mote.repl.base :as base :refer [Concluding Report Shell Shown Specified]]
            [re-mote.repl.stages :refer [agreed?]]
            [re-mote.repl.text :as text]
            [reops.ansi :as ansi]))

(defrecord Systems [])
(defrecord Types [])

(def ^{:category :systems} systems
  "All systems, where a pipeline begins.

    (run (ls systems) | (filter-by ip) | (pretty))"
  (->Systems))

(def ^{:category :systems} types
  "All types, where a pipeline begins.

    (run (ls types) | (pretty))"
  (->Types))

(defprotocol Repl
  "Choosing and changing what is in the store."
  (^{:category :systems} filter-by [this items f]
    "Goes on with the systems (or types) for which f is true: a predicate on a pair [id system].

    (run (ls systems) | (filter-by (typed :redis)) | (pretty))")
  (ack [this items options]
    "Asks whether to go on, and goes on with nothing unless the answer is y or yes; the option :force answers for you.")
  (add- [this items] "Puts what is in items into the store, under new ids.")
  (valid? [this base args] "What a base and arguments of create stand for: those that are as they should be, and :refused, the others.")
  (rm [this items] "Removes items from the store; machines are not touched."))

;; --- showing -------------------------------------------------------------------------------------------------------------

(defn short-id
  "An id as tables show it: its last four characters, by which matching finds it."
  [id]
  (str ".." (subs id (max 0 (- (count id) 4)))))

(defn- system-row [[id {:keys [machine type description tags] :as system}]]
  (let [{:keys [hostname ip os]} machine]
    [(short-id id) (str hostname) (str ip) (str type) (str os) (str (figure-virt system)) (string/join " " (sort tags)) (str description)]))

(defn- type-row [[id {:keys [description] :as type}]]
  [(str id) (string/join " " (map pr-str (vals (:cog type)))) (str description)])

(defn- cell-text [cell]
  (if (vector? cell) (first cell) cell))

(defn- plain?
  "Whether texts can stand in a table as they are: most can, and there may be many of them, so they are looked at together."
  [texts]
  (not (re-find #"[^ -~\x01]|  |\x01 | \x01" (string/join "\u0001" texts))))

(defn table
  "Rows of texts under a header as text for a terminal; nil when there are none. A cell may be [text style …], in the words of reops.ansi/style."
  [header rows]
  (when (seq rows)
    (let [rows (into [header] rows)
          styled? (some #(some vector? %) rows)
          texts (if styled? (mapv #(mapv cell-text %) rows) rows)
          texts (if (every? plain? texts) texts (mapv #(mapv text/one-line %) texts))
          styled (fn [cell t] (if (vector? cell) (apply ansi/style t (rest cell)) t))]
      (reops.internal/table-text texts (if styled? (mapv #(mapv styled %1 %2) rows texts) texts)))))

(defn- without-blank
  "A table without the columns in which nothing stands."
  [header rows]
  (let [used (filterv (fn [i] (some #(not (string/blank? (nth % i))) rows)) (range (count header)))
        pick (fn [row] (mapv #(nth row %) used))]
    (if (= (count used) (count header))
      (table header rows)
      (table (pick header) (map pick rows)))))

(defn systems-text
  "Systems, pairs [id system], as a table."
  [pairs]
  (when (seq pairs)
    (without-blank ["ID" "HOSTNAME" "IP" "TYPE" "OS" "HYP" "TAGS" "DESCRIPTION"] (map system-row pairs))))

(defn- outcome-line [{:keys [hostname system message predicted]} mark]
  (string/trimr (str "  " mark " " (text/one-line (or hostname system "-"))
                     (when message (str " - " (text/one-line message)))
                     (when predicted " (only checked)"))))

(defn summary-text
  "What jobs came to: a line for each, failures last."
  [title {{:keys [successful failure]} :results}]
  (str "\n" (ansi/style (str "Running " title " summary:") :blue) "\n\n"
       (apply str (map #(str % "\n")
                       (concat (map #(outcome-line % (if (:predicted %) (ansi/style "?" :yellow) (ansi/style "✔" :green))) successful)
                               (map #(outcome-line % (ansi/style "x" :red)) failure))))
       (when (and (empty? successful) (empty? failure)) "  nothing done\n")))

(defn- show-systems [this {:keys [systems results topic declined] :as m} title]
  (cond
    declined nil
    results (println (summary-text (or title topic) m))
    (seq systems) (do (print (systems-text systems)) (flush)))
  [this m])

(extend-type Systems
  Report
  (pretty
    ([this m] (show-systems this m nil))
    ([this m title] (show-systems this m (when (string? title) title)))
    ([this m title _] (show-systems this m title)))

  Shown
  (line [_ {:keys [systems results] :as m}]
    (when (or (contains? m :systems) results)
      (if-let [{:keys [successful failure]} results]
        (str "Systems: " (count successful) " ✔ " (count failure) " x")
        (str "Systems: " (count systems)))))

  Specified
  (problem [_ m]
    (when-not (and (map? m) (every? #(and (vector? %) (= 2 (count %)) (string? (first %))) (:systems m)))
      "Results of systems are a map with :systems, pairs [id system]."))

  Concluding
  (conclude [this m] [this m])

  Shell
  (ls [this] [this {:systems (systems-store/all)}]))

(extend-type Types
  Report
  (pretty
    ([this m]
     (when (seq (:types m))
       (print (without-blank ["ID" "COG" "DESCRIPTION"] (map type-row (:types m))))
       (flush))
     [this m])
    ([this m _] (base/pretty this m))
    ([this m _ _] (base/pretty this m)))

  Shown
  (line [_ m]
    (when (contains? m :types)
      (str "Types: " (count (:types m)))))

  Specified
  (problem [_ m]
    (when-not (and (map? m) (every? #(and (vector? %) (= 2 (count %))) (:types m)))
      "Results of types are a map with :types, pairs [id type]."))

  Concluding
  (conclude [this m] [this m])

  Shell
  (ls [this] [this {:types (types-store/all)}]))

;; --- choosing and changing -------------------------------------------------------------------------------------------------

(defn- asked
  "Shows what will be affected and asks; whether to go on."
  [lines]
  (println "This is about:")
  (run! #(println (str "  " %)) lines)
  (print "Go on? [y/N] ")
  (flush)
  (or (agreed?)
      (do (println "nothing done") false)))

(defn- refusal [system message]
  {:hostname (get-in system [:machine :hostname]) :state :refused :message message :args {:system system}})

(extend-type Systems
  Repl
  (filter-by [this items f]
    [this (update items :systems (fn [pairs] (filterv f pairs)))])
  (ack [this {:keys [systems] :as items} {:keys [force check]}]
    [this (if (or force check (empty? systems)
                  (asked (map (fn [[id system]] (str (short-id id) " " (get-in system [:machine :hostname]))) systems)))
            items
            (assoc items :systems [] :declined true))])
  (add- [this {:keys [systems] :as items}]
    (systems-store/add systems)
    [this (dissoc items :new)])
  (valid? [this base args]
    (let [made (presets/materialise base args)
          judged (map (juxt identity specs/system-problem) made)
          pairs (into [] (keep (fn [[system problem]] (when-not problem [(systems-store/new-id) system]))) judged)]
      [this {:systems pairs
             :new (mapv first pairs)
             :refused (into [] (keep (fn [[system problem]] (when problem (refusal system problem)))) judged)}]))
  (rm [this {:keys [systems] :as items}]
    (systems-store/delete (map first systems))
    [this items]))

(extend-type Types
  Repl
  (filter-by [this items f]
    [this (update items :types (fn [pairs] (filterv f pairs)))])
  (ack [this {:keys [types] :as items} {:keys [force check]}]
    [this (if (or force check (empty? types) (asked (map (comp str first) types)))
            items
            (assoc items :types []))])
  (add- [this {:keys [types] :as items}]
    (run! (comp types-store/put second) types)
    [this items])
  (rm [this {:keys [types] :as items}]
    (types-store/delete (map first types))
    [this items]))
