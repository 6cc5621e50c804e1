;; Turns any value into plain data that can be written down, read back by another Clojure and compared there.
;;
;; The same code runs on both sides: in JVM Clojure when the answers are asked for, in ours when they are compared. It
;; therefore uses only what both certainly have: no host classes, and no printing of anything whose text is not the
;; language's own business (hash order, object addresses, names of compiled functions).
(ns oracle.canonical)

(def longest
  "How many elements of a sequence are written down; an infinite one ends in :oracle/more."
  100)

(defn simple-name
  "The last part of a class's name: what is left of java.lang.ArithmeticException on any host."
  [value]
  (last (re-seq #"[^ .$/]+" (str (class value)))))

(defn root-error
  "What was thrown, without the wrapper that the JVM's compiler puts around it."
  [error]
  (let [cause (ex-cause error)]
    (if (and cause (contains? #{"CompilerException" "ReaderException"} (simple-name error)))
      (recur cause)
      error)))

(defn- text-of-regex [text]
  (subs text 2 (dec (count text))))

(defn- plain-name?
  "Whether a symbol of this text is read back as that symbol, and not as a quote, a comment or several forms."
  [text]
  (boolean (re-matches #"[^\s\"()\[\]{}\\;@^`~',#%:]([^\s\"()\[\]{}\\;@^`~,:]|:[^:])*" text)))

(declare canonical)

(defn- canonical-seq [values]
  (let [some-values (doall (map canonical (take longest values)))]
    (if (seq (drop longest values))
      (concat some-values [:oracle/more])
      (if (empty? some-values) () some-values))))

(defn- canonical-map [m]
  (into {} (map (fn [[k v]] [(canonical k) (canonical v)]) m)))

(defn- canonical-other
  "Values without a readable notation, told apart by what they print as."
  [value]
  (let [text (pr-str value)]
    (if (re-find #"^#\"" text)
      [:oracle/regex (text-of-regex text)]
      (if (re-find #"^#(object|<|error)" text)
        :oracle/opaque
        value))))

(defn canonical
  "Plain data that stands for value: records, errors, regexes and functions become vectors marked with :oracle/… ."
  [value]
  (cond
    (nil? value) nil
    (boolean? value) value
    (and (float? value) (NaN? value)) :oracle/nan
    (number? value) value
    (string? value) value
    (keyword? value) value
    (symbol? value) (if (plain-name? (str value)) value [:oracle/symbol (str value)])
    (char? value) value
    (record? value) [:oracle/record (simple-name value) (canonical-map (into {} value))]
    (map? value) (canonical-map value)
    (set? value) (into #{} (map canonical value))
    (vector? value) (vec (canonical-seq value))
    (sequential? value) (canonical-seq value)
    (tagged-literal? value) [:oracle/tagged (:tag value) (canonical (:form value))]
    (var? value) [:oracle/var (str value)]
    (fn? value) :oracle/function
    (instance? Throwable value) [:oracle/error (simple-name value) (ex-message value) (canonical (ex-data value))]
    (class? value) [:oracle/class (last (re-seq #"[^ .$/]+" (str value)))]
    :else (canonical-other value)))

(defn same?
  "Whether two canonical values are the same: stricter than =, which takes (1) for [1] and 1 for 1N."
  [a b]
  (cond
    (and (map? a) (map? b))
    (and (= (count a) (count b))
         (every? (fn [[k v]] (let [other (find b k)] (and other (same? v (val other))))) a))

    (and (set? a) (set? b)) (= a b)
    (or (map? a) (map? b) (set? a) (set? b)) false

    (and (sequential? a) (sequential? b))
    (and (= (vector? a) (vector? b))
         (= (count a) (count b))
         (every? true? (map same? a b)))

    (and (float? a) (float? b)) (= a b)
    :else (and (= a b) (= (pr-str a) (pr-str b)))))
