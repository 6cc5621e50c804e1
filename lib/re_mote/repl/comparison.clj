(ns re-mote.repl.comparison
  "What differs: between hosts, against the majority of them, between two runs."
  (:require [clojure.string :as string]
            [re-mote.patterns :as patterns]
            [re-mote.repl.lines :as lines]
            [re-mote.repl.results :refer [entries failed? results-of succeeded?]]
            [re-mote.repl.summary :as summary]
            [re-mote.repl.text :as text]))

(defn- not-comparable [message hint]
  (throw (ex-info message {:type :re-mote/not-comparable :hint hint})))

(defn- outputs [x] (into {} (comp (filter succeeded?) (map (juxt :host text/said))) (entries x)))

(defn- grouped
  "Hosts that differ from what is expected of them in the same way: [{:hosts [h …] :edits [[:removed line] …]} …]."
  [hosts expected said]
  (let [differing (filter #(not= (expected %) (said %)) hosts)
        pairs (group-by (juxt expected said) differing)]
    (for [pair (distinct (map (juxt expected said) differing))]
      {:hosts (pairs pair) :edits (lines/diff-lines (first pair) (second pair))})))

(defn against-majority
  "How the hosts differ from what most of them said: {:reference [h …] :groups [{:hosts [h …] :edits […]} …] :failed [h …]}."
  [x]
  (let [[largest] (sort-by (comp - count :hosts) (filter (comp zero? :code) (summary/groups x)))
        said (outputs x)]
    {:reference (:hosts largest)
     :groups (vec (grouped (filter said (map :host (entries x))) (constantly (:said largest)) said))
     :failed (mapv :host (filter failed? (entries x)))}))

(defn against-host
  "How the hosts differ from one of them."
  [x host]
  (let [said (outputs x)]
    (when-not (said host)
      (not-comparable (str "There is no output of " host " to compare with")
                      (str "Output is there of " (text/cut (patterns/fold (keys said)) 200) ".")))
    {:reference [host]
     :groups (vec (grouped (filter said (map :host (entries x))) (constantly (said host)) said))
     :failed (mapv :host (filter failed? (entries x)))}))

(defn against-run
  "How what the hosts say differs from what they said in an earlier run. Hosts that only one run has are in :missing (earlier
  only) and :new."
  [x earlier]
  (let [before (outputs earlier) now (outputs x)
        hosts (map :host (entries x))]
    {:groups (vec (grouped (filter #(and (before %) (now %)) hosts) before now))
     :new (filterv #(and (now %) (not (before %))) hosts)
     :missing (filterv #(and (before %) (not (now %))) (map :host (entries earlier)))
     :failed (mapv :host (filter failed? (entries x)))}))

(defn differences
  "What differs between hosts, as data: against what most said, against one of the hosts, or against an earlier pair.

    (differences (exec hs \"cat /etc/resolv.conf\"))
    (differences pair \"web1\")
    (differences pair earlier-pair)"
  {:category :output}
  ([x] (against-majority x))
  ([x reference]
   (cond
     (string? reference) (against-host x reference)
     (map? (results-of reference)) (against-run x reference)
     :else (not-comparable (str "diff compares with a host or with an earlier pair, found " (text/cut (pr-str reference) 100))
                           "(diff \"web1\") or (diff earlier)"))))

(defn- line-of [[kind x]]
  (case kind
    :same (str "        " (text/printable x))
    :removed (str "      - " (text/printable x))
    :added (str "      + " (text/printable x))
    :skipped (str "        … " x " the same")))

(defn- names [hosts] (str (patterns/fold hosts) (when (next hosts) (str " (" (count hosts) " hosts)"))))

(defn diff-text
  "What differs as text: - stands before what is missing, + before what is there instead. Takes the arguments of differences.

    (print (diff-text (exec hs \"cat /etc/resolv.conf\")))"
  {:category :output}
  [x & more]
  (let [{:keys [reference groups new missing failed]} (apply differences x more)
        note (fn [hosts text] (when (seq hosts) [(str "  " text ": " (names hosts))]))]
    (apply str (map #(str (string/trimr %) "\n")
                    (concat (when (seq reference) [(str "  = " (names reference))])
                            (mapcat (fn [{:keys [hosts edits]}]
                                      (cons (str "  ≠ " (names hosts)) (map line-of (lines/hunks edits 2))))
                                    groups)
                            (when (empty? groups) ["  no differences"])
                            (note new "new")
                            (note missing "missing")
                            (note failed "not compared, failed"))))))
