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
  "Where a name has numbers: [name before digits after] of each. What no range could count is text."
  [name]
  (loop [begin 0 parts (re-seq #"\d+|\D+" name) found []]
    (if-let [part (first parts)]
      (let [end (+ begin (count part))]
        (recur end (next parts)
               (cond-> found (parse-long part) (conj [name (subs name 0 begin) part (subs name end)]))))
      found)))

(defn- last-place
  "The place of the last number in a name; nil when it has none that a range could count."
  [name]
  (when-let [[_ _ digits :as place] (re-matches #"(.*\D)(\d+)(\D*)" name)]
    (when (parse-long digits) place)))

(defn- shared-last
  "The places of the last numbers of names, by name, when all are the same around them but for a few: then no other number is shared by more.
  Addresses are such names, and looking at every number of thousands of them takes long."
  [names]
  (let [found (into {} (map (juxt identity last-place)) names)]
    (when (and (seq found) (every? val found))
      (let [around (frequencies (map (fn [[_ before _ after]] [before after]) (vals found)))]
        ;; A number before the last can only be shared by names that agree after it, in their last number too.
        (when (<= (* 16 (count around)) (count found))
          (let [most (apply max (vals (frequencies (map (fn [[_ _ digits after]] [digits after]) (vals found)))))]
            (when (every? #(<= most %) (vals around))
              found)))))))

(defn- only-place
  "The place of the number in a name that has one, as most have; nil for any other."
  [name]
  (when-let [[_ _ digits :as place] (re-matches #"(\D*)(\d+)(\D*)" name)]
    (when (parse-long digits) place)))

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
  (let [around (fn [[_ before _ after]] [before after])
        last-places (shared-last (remove only-place names))
        shared (delay (frequencies (mapcat #(map around (places %)) (distinct names))))
        place (fn [name]
                (or (only-place name)
                    (get last-places name)
                    (when-let [found (seq (places name))]
                      (apply max-key (comp @shared around) found))))
        ;; A group is of what is around the number, or of the name itself; of each member [group number position].
        member (fn [position name]
                 (let [[_ before digits after] (place name)]
                   [(if digits [before after] name) digits position]))
        groups (group-by #(nth % 0) (into [] (map-indexed member) names))]
    (string/join ","
                 (for [[key members] (sort-by (comp peek first val) groups)]
                   (if (string? key)
                     key
                     (let [[before after] key
                           numbers (ranges (mapv #(nth % 1) members))]
                       (str before (if (= numbers (nth (first members) 1)) numbers (str "[" numbers "]")) after)))))))
