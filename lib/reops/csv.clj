(ns reops.csv
  "CSV as RFC 4180 has it: fields between commas, rows between line ends, and between double quotes what contains either. A
  text that is no CSV is an error whose data has :type :reops.csv/syntax, :line and :column."
  (:refer-clojure :exclude [read-string])
  (:require [clojure.string :as str]))

(defn- with-header
  "Rows as maps, by the names that the first one gives."
  [[header & rows] key-of]
  (let [columns (mapv key-of header)]
    (mapv #(zipmap columns %) rows)))

(defn read-string
  "A vector of the rows of a CSV text, each a vector of strings. Options:
    :separator  the character between fields (a comma)
    :quote      the character around fields (a double quote)
    :header     true: the first row has the names of the columns, and rows are maps by them
    :keywords   true, with :header: keys are keywords

      (read-string \"host,code\\nweb1,0\\n\" {:header true})   ; [{\"host\" \"web1\", \"code\" \"0\"}]"
  {:category :data}
  ([text] (read-string text nil))
  ([text {:keys [separator header keywords] quote-char :quote :or {separator \, quote-char \"}}]
   (let [rows (reops.internal/read-csv text separator quote-char)]
     (if header
       (with-header rows (if keywords keyword identity))
       rows))))

(defn- field-text [x]
  (cond
    (nil? x) ""
    (keyword? x) (subs (str x) 1)
    :else (str x)))

(defn- written-field [separator quote-char x]
  (let [text (field-text x)
        quoted (str quote-char)]
    (if (or (str/includes? text (str separator)) (str/includes? text quoted) (re-find #"[\r\n]|^\s|\s$" text))
      (str quoted (str/replace text quoted (str quoted quoted)) quoted)
      text)))

(defn write-string
  "Rows as a CSV text. Rows are sequences, or maps (those of :columns, or of the keys of the first one), which get a header.
  nil is written as an empty field, a keyword by its name. Options:
    :columns     the keys of maps to write, in this order
    :separator, :quote   as for read-string
    :line-end    \"\\n\" unless said otherwise

      (print (write-string [{:host \"web1\" :code 0}] {:columns [:host :code]}))"
  {:category :data}
  ([rows] (write-string rows nil))
  ([rows {:keys [separator columns line-end] quote-char :quote :or {separator \, quote-char \" line-end "\n"}}]
   (let [maps (map? (first rows))
         columns (or columns (when maps (keys (first rows))))
         table (if maps
                 (cons columns (map (fn [row] (map #(get row %) columns)) rows))
                 rows)]
     (apply str (mapcat (fn [row]
                          (concat (interpose separator (map #(written-field separator quote-char %) row)) [line-end]))
                        table)))))
