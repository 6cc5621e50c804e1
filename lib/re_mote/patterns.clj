(ns re-mote.patterns
  "Host patterns: \"web[01-03,7].dc1,db1\" and back."
  (:require [clojure.string :as string]))

(def ^:private longest-range 100000)

(defn- bad-pattern [message hint]
  (throw (ex-info message {:type :re-mote/bad-pattern :hint hint})))

(defn- padded [n width]
  (let [digits (str n)]
    (str (apply str (repeat (- width (count digits)) "0")) digits)))

(defn- numbers
  "\"01-03\" as (\"01\" \"02\" \"03\"), zeros kept; any other text as itself."
  [text]
  (if-let [[_ from to] (re-matches #"(\d+)-(\d+)" text)]
    (let [first-number (parse-long from) last-number (parse-long to)]
      (when-not (and first-number last-number (< (- last-number first-number) longest-range))
        (bad-pattern (str "The range [" text "] of a host pattern stands for more than " longest-range " names")
                     "Is a digit too many in it?"))
      (when (> first-number last-number)
        (bad-pattern (str "The range [" text "] of a host pattern runs backwards") "A range is written web[01-20]."))
      (map #(padded % (count from)) (range first-number (inc last-number))))
    [text]))

(defn- expand-one [pattern]
  (if-let [[_ before inside after] (re-matches #"([^\[\]]*)\[([^\[\]]*)\](.*)" pattern)]
    (for [choice (mapcat numbers (map string/trim (string/split inside #",")))
          rest (expand-one after)]
      (str before choice rest))
    (if (re-find #"[\[\]]" pattern)
      (bad-pattern (str "The brackets of the host pattern \"" pattern "\" do not match") "A range is written web[01-20].")
      [pattern])))

(defn split-outside
  "Splits at those characters, a set, that stand outside of brackets."
  [text separators]
  (loop [parts [] part "" depth 0 chars (seq text)]
    (if-let [c (first chars)]
      (cond
        (and (separators c) (zero? depth)) (recur (conj parts part) "" depth (next chars))
        :else (recur parts (str part c) (case c \[ (inc depth) \] (dec depth) depth) (next chars)))
      (conj parts part))))

(defn expand
  "The names that a pattern stands for, in order and once each.

    (expand \"web[01-03].dc1,db1\") => [\"web01.dc1\" \"web02.dc1\" \"web03.dc1\" \"db1\"]"
  [pattern]
  (into [] (comp (map string/trim) (remove string/blank?) (mapcat expand-one) (distinct))
        (split-outside pattern #{\,})))

(defn- places
  "Where a name has numbers: [before digits after] of each. What no range could count is text."
  [name]
  (loop [before "" rest name found []]
    (if-let [[_ text digits after] (re-matches #"(\D*)(\d+)(.*)" rest)]
      (recur (str before text digits) after
             (cond-> found (parse-long digits) (conj [(str before text) digits after])))
      found)))

(defn- ranges
  "\"1-3,7\" of [\"1\" \"2\" \"3\" \"7\"]. A run goes on only with the very text that expand would make of it."
  [digits]
  (let [next-of (fn [[from to]] (padded (inc (parse-long to)) (count from)))
        runs (reduce (fn [runs text]
                       (let [run (peek runs)]
                         (if (and run (= text (next-of run)))
                           (conj (pop runs) [(first run) text])
                           (conj runs [text text]))))
                     [] (sort-by (juxt parse-long count) digits))]
    (string/join "," (map (fn [[from to]] (if (= from to) from (str from "-" to))) runs))))

(defn fold
  "Names in one short text: the opposite of expand. Of the numbers in a name, the one is folded that most others share.

    (fold [\"web1\" \"web2\" \"db1\"]) => \"web[1-2],db1\""
  [names]
  (let [names (vec (distinct names))
        around (fn [[before _ after]] [before after])
        shared (frequencies (mapcat #(map around (places %)) names))
        ;; A name's group: what is around its number, and the number's digits.
        place (fn [name]
                (when-let [found (seq (places name))]
                  (apply max-key (comp shared around) found)))
        chosen (zipmap names (map place names))
        key-of (fn [name] (if-let [found (chosen name)] (around found) name))
        groups (group-by key-of names)]
    (string/join ","
                 (for [key (distinct (map key-of names))
                       :let [members (groups key)]]
                   (if (= 1 (count members))
                     (first members)
                     (let [[before after] key]
                       (str before "[" (ranges (map (comp second chosen) members)) "]" after)))))))
