(ns re-mote.repl.tables
  "Results as rows: for a table on the terminal, CSV and JSON."
  (:require [clojure.string :as string]
            [re-mote.repl.results :as results :refer [entries failed? reason]]
            [re-mote.repl.text :as text]
            [reops.csv :as csv]
            [reops.json :as json]))

(defn- row
  "A row for an entry, whose host and code go before what data calls so."
  [{:keys [host code]} data]
  (into (array-map :host host :code code) (dissoc data :host :code)))

(defn- out-of [entry] (let [out (string/trimr (text/said entry))] (when-not (string/blank? out) {:out out})))

(defn- entry-rows
  "The rows of an entry: one, or one for each map in its result."
  [{:keys [result predicted] :as entry}]
  (cond
    (failed? entry) [(row entry (merge {:reason (reason entry) :message (:message (:error entry))} (out-of entry)))]
    predicted [(row entry {:reason (:reason entry)})]
    (and (map? result) (contains? result :out)) [(row entry {:out (:out (out-of entry) "")})]
    (map? result) [(row entry result)]
    (and (sequential? result) (every? map? result)) (map #(row entry %) result)
    :else [(row entry {:result result})]))

(defn rows
  "The rows of results (or of a pair), maps with :host and :code. A result that is a map gives its keys, a sequence of maps a
  row for each, output :out; a failure gives :reason and :message. columns are keys of rows or of entries (:changed, :tries, what
  enrich has added), or paths into entries such as [:profile :time]; with a path there is one row for each host.

    (rows (ls hs \"/var/log\"))
    (rows (exec hs \"uptime\") [:host :code [:profile :time]])"
  {:category :output}
  ([x] (mapcat entry-rows (entries x)))
  ([x columns]
   (for [entry (entries x)
         row (cond->> (entry-rows entry) (some vector? columns) (take 1))]
     (into (array-map)
           (for [c columns]
             (if (vector? c) [(peek c) (get-in entry c)] [c (get row c (get entry c))]))))))

(defn- columns-of [some-rows] (into [] (comp (mapcat keys) (distinct)) some-rows))

(def ^:private widest-cell 60)

(defn- cell [x]
  (text/cut (text/one-line (cond (nil? x) "" (string? x) x :else (pr-str x))) widest-cell))

(defn table-text
  "Rows as a table for people: the header, then a line for each row. x is results, a pair, or rows.

    (print (table-text (exec hs \"uptime\") [:host :out]))"
  {:category :output}
  ([x] (table-text x nil))
  ([x columns]
   (let [some-rows (if (every? map? x) x (if columns (rows x columns) (rows x)))
         ks (columns-of some-rows)]
     (apply str (map #(str % "\n")
                     (text/columns (cons (map (comp string/upper-case name) ks)
                                         (map (fn [row] (map #(cell (get row %)) ks)) some-rows))))))))

(defn csv-text
  "Results (or a pair) as CSV with a header, a row as rows gives them.

    (print (csv-text (exec hs \"uptime\") [:host :code :out]))"
  {:category :output}
  ([x] (csv-text x nil))
  ([x columns]
   (let [some-rows (if columns (rows x columns) (rows x))
         plain (fn [v] (if (or (nil? v) (string? v) (keyword? v)) v (pr-str v)))]
     (csv/write-string (map #(update-vals % plain) some-rows) {:columns (columns-of some-rows)}))))

(defn json-text
  "Results (or a pair) as JSON: {\"hosts\" […] \"successful\" […] \"failure\" […] \"stage\" …}, as they are. What JSON cannot say,
  such as output that is no text, is written as the prompt shows it. Options are those of reops.json/write-string.

    (println (json-text (exec hs \"uptime\") {:pretty true}))"
  {:category :output}
  ([x] (json-text x {}))
  ([x options]
   (json/write-string (results/results-of x) (merge {:default pr-str} options))))
