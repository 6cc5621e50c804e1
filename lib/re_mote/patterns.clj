(ns re-mote.patterns
  "Host patterns: \"web[01-03,7].dc1,db1\" and back."
  (:require [clojure.string :as string]
            [re-mote.grouping :refer [group-in-order]]))

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
  "Where a name has numbers: [name before digits after] of each. What no range could count is text."
  [name]
  (loop [begin 0 parts (re-seq #"\d+|\D+" name) found []]
    (if-let [part (first parts)]
      (let [end (+ begin (count part))]
        (recur end (next parts)
               (cond-> found (parse-long part) (conj [name (subs name 0 begin) part (subs name end)]))))
      found)))

(defn- last-place
  "The place of the last number in a name; nil when it has none, or one that no range could count."
  [name]
  (when-let [[_ before digits after] (re-matches #"(.*\D)?(\d+)(\D*)" name)]
    (when (parse-long digits) [name (or before "") digits after])))

(defn- member
  "A name in its group, [group digits]: a group is of what is around the number at that place, or of the name itself."
  [name [_ before digits after]]
  [(if digits [before after] name) digits])

(defn- last-shared?
  "Whether no number before the last of a name can be shared by more than its last one, in groups by the last. Those that share an earlier one
  agree in the last, so each is in another group: there are no more of them than groups."
  [groups]
  (let [several (filter (fn [[key]] (re-find #"\d" (if (string? key) key (first key)))) groups)]
    (every? (fn [[key members]] (and (vector? key) (<= (count several) (count members)))) several)))

(defn- most-shared
  "For each of names, the place of its number that most others share, or nil."
  [names]
  (let [all (mapv places names)
        around (fn [[_ before _ after]] [before after])
        shared (frequencies (mapcat #(map around %) all))]
    (mapv (fn [found] (when (seq found) (apply max-key (comp shared around) found))) all)))

(defn- goes-on?
  "Whether digits, of that many places, are the very text that expand makes of n in a range whose first number has width places."
  [n places width]
  (or (= places width)
      (and (> places width) (= places (count (str n))))))

(defn- ranges
  "\"1-3,7\" of [\"1\" \"2\" \"3\" \"7\"], whatever their order and however often they occur."
  [digits]
  (let [runs (reduce (fn [runs [n places text]]
                       (let [[from last-number to] (peek runs)]
                         (cond
                           (= text to) runs
                           (and to (= n (inc last-number)) (goes-on? n places (count from))) (conj (pop runs) [from n text])
                           :else (conj runs [text n text]))))
                     [] (sort (mapv (fn [text] [(parse-long text) (count text) text]) digits)))]
    (string/join "," (map (fn [[from _ to]] (if (= from to) from (str from "-" to))) runs))))

(defn fold
  "Names in one short text: the opposite of expand. Of the numbers in a name, the one is folded that most others share.

    (fold [\"web1\" \"web2\" \"db1\"]) => \"web[1-2],db1\""
  [names]
  (let [names (into [] (distinct) names)
        by-last (group-in-order first (mapv member names (mapv last-place names)))
        groups (if (last-shared? by-last)
                 by-last
                 (group-in-order first (mapv member names (most-shared names))))]
    (string/join ","
                 (for [[key members] groups]
                   (if (string? key)
                     key
                     (let [[before after] key
                           numbers (ranges (mapv peek members))]
                       (str before (if (= numbers (peek (first members))) numbers (str "[" numbers "]")) after)))))))
