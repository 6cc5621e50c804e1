(ns re-mote.repl.text
  "What hosts said as text that is fit for a terminal."
  (:require [clojure.pprint :as pprint]
            [clojure.string :as string]
            [re-mote.repl.results :refer [reason]]
            [reops.ansi :as ansi]))

(defn printable
  "Text from a host without what a terminal would obey: control characters, and those that turn the writing direction."
  [text]
  (reops.internal/terminal-text (str text)))

(defn one-line
  "Printable text in one line."
  [text]
  (string/trim (string/replace (printable text) #"\s+" " ")))

(defn cut
  "Text in no more than width columns."
  [text width]
  (if (> (count text) width) (str (subs text 0 (max 0 (dec width))) "…") text))

(defn columns
  "Rows of cells as lines of text, each column as wide as its widest cell."
  [rows]
  (let [shown (mapv #(mapv one-line %) rows)
        widths (when (seq shown) (apply mapv (fn [& cells] (apply max (map ansi/visible-width cells))) shown))
        pad (fn [cell width] (str cell (apply str (repeat (- width (ansi/visible-width cell)) " "))))]
    (mapv (fn [row] (string/trimr (string/join "  " (map pad row widths)))) shown)))

(defn rows-of-maps
  "The header and the rows of maps, their keys in the order of first appearance."
  [maps]
  (let [ks (into [] (comp (mapcat keys) (distinct)) maps)]
    (cons (map name ks) (map (fn [m] (map #(let [v (get m %)] (if (string? v) v (if (nil? v) "" (pr-str v)))) ks)) maps))))

(defn- maps? [x] (and (sequential? x) (seq x) (every? map? x) (every? keyword? (mapcat keys x))))

(defn data-text
  "Data as people read it: maps of one shape as a table, what is short in one line, the rest over several."
  [x]
  (cond
    (maps? x) (string/join "\n" (columns (rows-of-maps x)))
    (string? x) x
    :else (let [line (pr-str x)]
            (if (or (not (coll? x)) (< (count line) 100))
              line
              (string/trimr (with-out-str (pprint/pprint x)))))))

(defn said
  "What an entry's host said, or the data that was made of it, as text: standard output, or where there is none, standard
  error."
  [{:keys [result error] :as entry}]
  (let [{:keys [out err] :as output} (or error result)
        ;; A terminal ends lines so.
        plain (fn [text] (string/replace (str text) "\r\n" "\n"))
        one (fn [a b] (let [a (plain a)] (if (string/blank? a) (plain b) a)))]
    (cond
      (= :no-check (reason entry)) "not run: it cannot say what it would change (:no-check)"
      error (one err out)
      (:predicted entry) (if (:changed entry) "would change" "nothing to change")
      (and (map? output) (contains? output :out)) (one out err)
      :else (data-text result))))
