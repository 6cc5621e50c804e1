(ns re-mote.patterns
  "Host patterns: \"web[01-03,7].dc1,db1\" and back."
  (:require [clojure.string :as string]))

(defn- numbers
  "\"01-03\" as (\"01\" \"02\" \"03\"), zeros kept; any other text as itself."
  [text]
  (if-let [[_ from to] (re-matches #"(\d+)-(\d+)" text)]
    (let [first-number (parse-long from) last-number (parse-long to)]
      (when (> first-number last-number)
        (throw (ex-info (str "The range [" text "] of a host pattern runs backwards") {:type :re-mote/bad-pattern})))
      (for [n (range first-number (inc last-number))]
        (let [digits (str n)]
          (str (apply str (repeat (- (count from) (count digits)) "0")) digits))))
    [text]))

(defn- expand-one [pattern]
  (if-let [[_ before inside after] (re-matches #"([^\[\]]*)\[([^\[\]]*)\](.*)" pattern)]
    (for [choice (mapcat numbers (map string/trim (string/split inside #",")))
          rest (expand-one after)]
      (str before choice rest))
    (if (re-find #"[\[\]]" pattern)
      (throw (ex-info (str "The brackets of the host pattern \"" pattern "\" do not match")
                      {:type :re-mote/bad-pattern :hint "A range is written web[01-20]."}))
      [pattern])))

(defn- commas-outside
  "Splits at the commas that stand outside of brackets."
  [text]
  (loop [parts [] part "" depth 0 chars (seq text)]
    (if-let [c (first chars)]
      (cond
        (and (= \, c) (zero? depth)) (recur (conj parts part) "" depth (next chars))
        :else (recur parts (str part c) (case c \[ (inc depth) \] (dec depth) depth) (next chars)))
      (conj parts part))))

(defn expand
  "The names that a pattern stands for, in order and once each.

    (expand \"web[01-03].dc1,db1\") => [\"web01.dc1\" \"web02.dc1\" \"web03.dc1\" \"db1\"]"
  [pattern]
  (into [] (comp (map string/trim) (remove string/blank?) (mapcat expand-one) (distinct)) (commas-outside pattern)))

(defn- split-number [name]
  (when-let [[_ before digits after] (re-matches #"(.*?)(\d+)(\D*)" name)]
    [[before after (count digits)] digits]))

(defn- ranges [digits]
  (let [runs (reduce (fn [runs text]
                       (let [n (parse-long text) [from to] (peek runs)]
                         (if (and from (= n (inc (parse-long to))))
                           (conj (pop runs) [from text])
                           (conj runs [text text]))))
                     [] (sort-by parse-long digits))]
    (string/join "," (map (fn [[from to]] (if (= from to) from (str from "-" to))) runs))))

(defn fold
  "Names in one short text: the opposite of expand.

    (fold [\"web1\" \"web2\" \"db1\"]) => \"web[1-2],db1\""
  [names]
  (let [key-of (fn [name] (or (first (split-number name)) name))
        groups (group-by key-of names)]
    (string/join ","
                 (for [key (distinct (map key-of names))
                       :let [members (groups key)]]
                   (if (or (string? key) (= 1 (count members)))
                     (first members)
                     (let [[before after] key]
                       (str before "[" (ranges (map (comp second split-number) members)) "]" after)))))))
