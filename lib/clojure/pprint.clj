(ns clojure.pprint
  "Printing data so that people can read it: one line when it fits, else each part on a line of its own, indented. Tables,
  and Common Lisp's format (`cl-format`)."
  (:require [clojure.string :as str]))

(def ^:dynamic *print-right-margin*
  "The column that printed lines stay left of; nil for lines without a limit."
  72)

(def ^:dynamic *print-pretty*
  "false: `write` prints on one line."
  true)

(def ^:dynamic *print-suppress-namespaces*
  "true: symbols are printed without their namespace."
  nil)

;;; Layout. A value becomes a tree of strings and blocks. A block has a :prefix, :items, a :suffix and a :separator that
;;; comes before each place where a line may break; :width is that of all of it on one line. A block is broken at all of
;;; its places or at none.

(defn- width [part] (if (string? part) (count part) (:width part)))

(defn- block
  ([prefix items suffix separator]
   (block prefix items suffix separator 0))
  ([prefix items suffix separator indent]
   {:prefix prefix, :items items, :suffix suffix, :separator separator, :indent indent
    :width (+ (count prefix) (count suffix)
              (reduce + (map width items))
              (* (count separator) (max 0 (dec (count items)))))}))

(defn- print-flat [part]
  (if (string? part)
    (print part)
    (let [{:keys [prefix items suffix separator]} part]
      (print prefix)
      (loop [items (seq items)]
        (when items
          (print-flat (first items))
          (when (next items)
            (print separator)
            (recur (next items)))))
      (print suffix))))

(defn- new-line [indent]
  (newline)
  (print (str/join (repeat indent \space))))

(defn- print-part
  "Prints part from column on; trailing is the width of what follows it before the next place for a break. Answers [the
  column after it, whether a line was broken]."
  [part column trailing]
  (cond
    (string? part)
    (do (print part) [(+ column (count part)) false])

    (or (nil? *print-right-margin*) (< (+ column (width part) trailing) *print-right-margin*))
    (do (print-flat part) [(+ column (width part)) false])

    :else
    (let [{:keys [prefix items suffix separator indent]} part
          left (+ column (count prefix) indent)
          gap (count separator)
          after-last (+ (count suffix) trailing)]
      (print prefix)
      (loop [items (seq items), column (+ column (count prefix)), broken false,
             ;; The width of everything from here to the end of the block, on one line.
             ahead (- (width part) (count prefix) (count suffix))]
        (if (nil? items)
          (do (print suffix) [(+ column (count suffix)) broken])
          (let [item (first items)
                more (next items)
                [column item-broken] (print-part item column (if more gap after-last))
                broken (or broken item-broken)
                ahead (- ahead (width item) gap)]
            (if (nil? more)
              (recur nil column broken ahead)
              (if (or broken (<= *print-right-margin* (+ column gap ahead after-last)))
                (do (print (str/trimr separator))
                    (new-line left)
                    (recur more left true ahead))
                (do (print separator)
                    (recur more (+ column gap) broken ahead))))))))))

;;; What values are made of.

(def ^:private ^:dynamic *level* 0)

(declare part-of)

(defn- limited
  "The elements, as parts, up to *print-length*."
  [f xs]
  (if *print-length*
    (let [shown (mapv f (take *print-length* xs))]
      (if (seq (drop *print-length* xs)) (conj shown "...") shown))
    (mapv f xs)))

(defn- deeper [make]
  (if (and *print-level* (>= *level* *print-level*))
    "#"
    (binding [*level* (inc *level*)] (make))))

(def ^:private reader-macros
  {'quote "'", 'var "#'", 'clojure.core/deref "@", 'clojure.core/unquote "~"})

(defn- common-namespace
  "The namespace that all keys of a map have, when maps are printed with it in front."
  [m]
  (when (and *print-namespace-maps* (seq m) (not (record? m)))
    (let [namespaces (map #(when (ident? %) (namespace %)) (keys m))]
      (when (and (first namespaces) (apply = namespaces))
        (first namespaces)))))

(defn- map-part [m]
  (let [shared (common-namespace m)
        bare (fn [k] (cond
                       (nil? shared) k
                       (keyword? k) (keyword (name k))
                       :else (symbol (name k))))]
    (block (if shared (str "#:" shared "{") "{")
           (limited (fn [[k v]] (block "" [(part-of (bare k)) (part-of v)] "" " ")) m)
           "}" ", ")))

(defn- sequence-part [xs]
  (let [macro (when (= 2 (bounded-count 3 xs)) (reader-macros (first xs)))]
    (if macro
      (block macro [(part-of (second xs))] "" " ")
      (block "(" (limited part-of xs) ")" " "))))

(defn- leaf [x]
  (if (and *print-suppress-namespaces* (symbol? x))
    (name x)
    (pr-str x)))

(defn simple-dispatch
  "How data is laid out: maps, vectors, sets and sequences by their elements, all else as `pr` prints it."
  [x]
  (cond
    (map? x) (deeper #(map-part x))
    (vector? x) (deeper #(block "[" (limited part-of x) "]" " "))
    (set? x) (deeper #(block "#{" (limited part-of x) "}" " "))
    (seq? x) (deeper #(sequence-part x))
    :else (leaf x)))

(def ^:private body-after
  "How many forms stay on the first line with the name of a form with a body."
  '{def 1, defn 1, defn- 1, defmacro 1, defmethod 3, defmulti 1, defprotocol 1, defrecord 2, deftype 2, fn 1, let 1, loop 1,
    binding 1, when 1, when-not 1, when-let 1, when-first 1, if 1, if-let 1, if-not 1, doseq 1, dotimes 1, for 1, case 1,
    cond 0, do 0, try 0, catch 2, finally 0, ns 1, with-open 1, locking 1, ->, 1, ->> 1, cond-> 1, reify 1, extend-type 1})

(defn code-dispatch
  "How code is laid out: as data, but with the bodies of definitions, bindings and the like indented by two columns."
  [x]
  (let [operator (when (and (seq? x) (symbol? (first x))) (symbol (name (first x))))
        n (body-after operator)
        ;; The arguments of a definition without a docstring stay beside its name.
        n (if (and ('#{defn defn- defmacro} operator) (vector? (nth x 2 nil))) 2 n)]
    (if (and n (< (inc n) (count x)) (not (reader-macros (first x))))
      (deeper (fn []
                (let [[head body] (split-at (inc n) x)]
                  (block "(" (into [(block "" (mapv part-of head) "" " ")] (map part-of body)) ")" " " 1))))
      (simple-dispatch x))))

(def ^:dynamic *print-pprint-dispatch*
  "The function that lays values out: simple-dispatch or code-dispatch."
  simple-dispatch)

(defn- part-of [x]
  (*print-pprint-dispatch* x))

(defmacro with-pprint-dispatch
  "Evaluates body with values laid out by function."
  [function & body]
  `(binding [*print-pprint-dispatch* ~function] ~@body))

(defn set-pprint-dispatch
  "Has values laid out by function from now on."
  [function]
  (alter-var-root #'*print-pprint-dispatch* (constantly function))
  nil)

(defn pprint
  "Prints x over as many lines as it takes, to writer or to *out*."
  ([x]
   (print-part (part-of x) 0 0)
   (newline)
   (flush))
  ([x writer]
   (binding [*out* writer] (pprint x))))

(defmacro pp
  "Prints the last result of the prompt as pprint does."
  []
  `(pprint *1))

(defn write
  "Prints x like pprint, without the line end. Options: :stream (a writer, true for *out*, nil for a string as answer),
  :pretty, :right-margin, :length, :level, :dispatch, :suppress-namespaces."
  [x & {:keys [stream] :as options :or {stream true}}]
  (let [given (fn [k otherwise] (get options k otherwise))]
    (binding [*print-right-margin* (given :right-margin *print-right-margin*)
              *print-length* (given :length *print-length*)
              *print-level* (given :level *print-level*)
              *print-pretty* (given :pretty *print-pretty*)
              *print-suppress-namespaces* (given :suppress-namespaces *print-suppress-namespaces*)
              *print-pprint-dispatch* (given :dispatch *print-pprint-dispatch*)]
      (let [show #(if *print-pretty* (do (print-part (part-of x) 0 0) nil) (pr x))]
        (cond
          (nil? stream) (with-out-str (show))
          (true? stream) (show)
          :else (binding [*out* stream] (show)))))))

(defn print-table
  "Prints maps as a table, a row each, with a column for each of the keys (those of the first row by default).

      (print-table [:host :code] [{:host \"web1\" :code 0} {:host \"db1\" :code -1}])"
  ([rows] (print-table (keys (first rows)) rows))
  ([ks rows]
   (when (seq rows)
     (let [widths (mapv (fn [k] (apply max (count (str k)) (map #(count (str (get % k))) rows))) ks)
           right (fn [n x] (let [text (str x)] (str (str/join (repeat (- n (count text)) \space)) text)))
           line (fn [left cells between end] (println (str left (str/join between cells) end)))]
       (println)
       (line "| " (map right widths ks) " | " " |")
       (line "|-" (map #(str/join (repeat % \-)) widths) "-+-" "-|")
       (doseq [row rows]
         (line "| " (map (fn [n k] (right n (get row k))) widths ks) " | " " |"))))))

(load "pprint/directives")
(load "pprint/cl_format")
