;; What is wrong with a value: as data, and in words.

(in-ns 'clojure.spec.alpha)

(defn- form-of-predicate
  "How a predicate that stands for a spec is written, as far as it can be told."
  [pred]
  (cond
    (set? pred) pred
    (fn? pred) (let [[_ written] (re-matches #"#<Fn (\S+/\S+)>" (pr-str pred))]
                 (if written (symbol written) ::unknown))
    :else ::unknown))

(defn explain-data
  "nil when x conforms; else a map with the :clojure.spec.alpha/problems, each {:path :pred :val :via :in} and perhaps
  :reason. :in leads to the faulty part of x, :path through the spec, :via names the specs on the way."
  [spec x]
  (let [k (name-of (if (keyword? spec) (lookup! spec) spec))
        problems (if-let [known (known-spec spec)]
                   (explain* known [] (if k [k] []) [] x)
                   (explain-by (form-of-predicate spec) spec [] [] [] x))]
    (when (seq problems)
      {::problems problems, ::spec spec, ::value x})))

;;; Words for predicates.

(def ^:private predicate-words
  {'any? "anything", 'some? "something other than nil", 'nil? "nil", 'true? "true", 'false? "false",
   'boolean? "true or false", 'number? "a number", 'int? "an integer", 'integer? "an integer",
   'pos-int? "a positive integer", 'neg-int? "a negative integer", 'nat-int? "an integer that is not negative",
   'pos? "positive", 'neg? "negative", 'zero? "zero", 'even? "even", 'odd? "odd", 'double? "a floating-point number",
   'float? "a floating-point number", 'decimal? "a decimal number", 'rational? "a rational number",
   'ratio? "a ratio", 'string? "a string", 'char? "a character", 'keyword? "a keyword", 'symbol? "a symbol",
   'ident? "a keyword or symbol", 'qualified-keyword? "a keyword with a namespace",
   'simple-keyword? "a keyword without a namespace", 'qualified-symbol? "a symbol with a namespace",
   'simple-symbol? "a symbol without a namespace", 'qualified-ident? "a keyword or symbol with a namespace",
   'simple-ident? "a keyword or symbol without a namespace", 'map? "a map", 'vector? "a vector", 'set? "a set",
   'list? "a list", 'seq? "a sequence", 'sequential? "a vector, list or sequence", 'coll? "a collection",
   'seqable? "something with elements", 'associative? "a map or vector", 'fn? "a function",
   'ifn? "something that can be called", 'uuid? "a UUID", 'inst? "an instant", 'bytes? "bytes", 'empty? "empty"})

(def ^:private comparisons
  {'< "less than ", '<= "at most ", '> "more than ", '>= "at least "})

(def ^:private turned {'< '>, '<= '>=, '> '<, '>= '<=})

(defn- elements [n] (str n (if (= 1 n) " element" " elements")))

(defn- shortened
  "x in print, cut where it is long."
  [x]
  (let [text (binding [*print-length* 10, *print-level* 5] (pr-str x))]
    (if (< 100 (count text)) (str (subs text 0 97) "...") text)))

(defn- enumerated [texts]
  (apply str (interpose ", " texts)))

(defn- size-words
  "Words for the tests of how many elements there are."
  [form]
  (let [sized? (fn [part] (= part '(count %)))
        [f a b c] form]
    (cond
      (c/and (= '= f) (sized? a)) (str "have exactly " (elements b))
      (c/and (= '= f) (sized? b)) (str "have exactly " (elements a))
      (c/and (= '<= f) (sized? b) c) (str "have from " a " to " (elements c))
      (c/and (= '<= f) (sized? b)) (str "have at least " (elements a))
      (c/and (= '<= f) (sized? a)) (str "have at most " (elements b)))))

(defn- call-words [form]
  (let [[f a b c] form]
    (cond
      (= 'int-in-range? f) (str "be an integer from " a " to " (if (int? b) (dec b) (str b " without it")))
      (c/and (comparisons f) (= 3 (count form)) (= '% a)) (str "be " (comparisons f) (pr-str b))
      (c/and (comparisons f) (= 3 (count form)) (= '% b)) (str "be " (comparisons (turned f)) (pr-str a))
      (c/and (= '<= f) (= '% b)) (str "be from " (pr-str a) " to " (pr-str c))
      (= '(or (nil? %) (sequential? %)) form) "be a vector, list or sequence"
      :else (size-words form))))

(defn- wanted
  "What a predicate's form asks for, as what a value \"has to\": \"be an integer\"."
  [pred]
  (let [form (abbrev pred)]
    (c/or (cond
            (set? form) (str "be " (when (next form) "one of ") (enumerated (sort (map pr-str form))))
            (= 'distinct? form) "have no element twice"
            (predicate-words form) (str "be " (predicate-words form))
            (= ::unknown pred) "satisfy the predicate"
            (keyword? form) (str "conform to " form)
            (seq? form) (call-words form))
          (str "satisfy " (pr-str form)))))

;;; Words for problems.

(defn- required-keys
  "The keys that the test of a map asks for, as text; nil when the form is no such test."
  [form]
  (when (seq? form)
    (let [[f a b] form]
      (cond
        (c/and (= 'contains? f) (= '% a)) (pr-str b)
        (contains? '#{or and} f) (let [parts (map required-keys (rest form))]
                                   (when (every? some? parts)
                                     (str "(" (apply str (interpose (str " " f " ") parts)) ")")))))))

(defn- nearest
  "The keyword or string of a set that x is most likely a misspelling of."
  [x allowed]
  (when (c/and (set? allowed) (c/or (keyword? x) (string? x)))
    (when-let [found (reops.internal/nearest-name (name x) (map name (filter #(= (type x) (type %)) allowed)))]
      (str ". Did you mean " (pr-str (if (keyword? x) (keyword found) found)) "?"))))

(defn- place [in]
  (if (empty? in) "The value" (pr-str in)))

(defn- following
  "What an operation on sequences would go on with."
  [form]
  (let [form (abbrev form)]
    (if (seq? form) (pr-str form) (subs (wanted form) 3))))

(defn- problem-text
  "One line for problems that share their place and value: any one of their wishes would do."
  [[{:keys [in val via pred reason]} :as problems]]
  (let [missing (required-keys (abbrev pred))
        spec (when (seq via) (str "  (spec " (peek via) ")"))]
    (str (cond
           (= "Insufficient input" reason)
           (str (place in) " ends too early, and has to go on with "
                (apply str (interpose " or " (distinct (map #(str (following (:pred %))
                                                                  (when (keyword? (peek (:path %))) (str " as " (peek (:path %)))))
                                                            problems)))))
           (= "Extra input" reason)
           (str (place in) " is " (shortened (first val)) ", where nothing more may follow")
           (= "no method" reason)
           (str (place in) " is " (shortened val) ", and there is no method of " (pr-str (abbrev pred)) " for it")
           missing
           (str (place in) " is " (shortened val) ", and lacks the key " missing)
           reason
           (str (place in) " is " (shortened val) ": " reason)
           :else
           (str (place in) " is " (shortened val) ", and has to "
                (apply str (interpose ", or " (distinct (map (comp wanted :pred) problems))))
                (nearest val pred)))
         spec)))

(defn- alternatives?
  "Whether two problems are two ways out of the same fault."
  [a b]
  (c/and (= (:in a) (:in b)) (= (:val a) (:val b)) (= (:reason a) (:reason b))
         (not= (:path a) (:path b))
         (not (required-keys (abbrev (:pred a))))
         (not (required-keys (abbrev (:pred b))))))

(defn- grouped
  "Problems in the order of their places, those that are alternatives together."
  [problems]
  (reduce (fn [groups problem]
            (if-let [i (first (keep-indexed (fn [i group] (when (alternatives? (first group) problem) i)) groups))]
              (update groups i conj problem)
              (conj groups [problem])))
          [] problems))

(defn explain-printer
  "Prints what explain-data answered in words, a line for each fault: where it is, what is there, and what may be there."
  [explanation]
  (if explanation
    (doseq [group (grouped (::problems explanation))]
      (println (problem-text group)))
    (println "Success!")))

(def ^:dynamic *explain-out*
  "The function that prints explanations. It is given what explain-data answered."
  explain-printer)

(defn explain-out
  "Prints an explanation by way of *explain-out*."
  [explanation]
  (*explain-out* explanation))

(defn explain
  "Prints why x does not conform to the spec, or Success!"
  [spec x]
  (explain-out (explain-data spec x)))

(defn explain-str
  "What explain prints, as a string."
  [spec x]
  (with-out-str (explain spec x)))

;;; Assertions.

(def ^:dynamic *compile-asserts*
  "false: `assert` expands into its value alone."
  true)

(defonce ^:private asserts-checked (atom false))

(defn check-asserts
  "Turns the checks of `assert` on or off; they are off at first."
  [flag]
  (reset! asserts-checked (boolean flag)))

(defn check-asserts?
  "True if `assert` checks."
  []
  @asserts-checked)

(defn assert*
  "x when it conforms; an error with the explanation when not. (What `assert` calls.)"
  [spec x]
  (if-let [explanation (explain-data spec x)]
    (throw (ex-info (str "Spec assertion failed\n" (with-out-str (explain-out explanation)))
                    (assoc explanation ::failure :assertion-failed)))
    x))

(defmacro assert
  "x. When (check-asserts true) is in force, an error if it does not conform to the spec."
  [spec x]
  (if *compile-asserts*
    `(let [x# ~x]
       (if (check-asserts?) (assert* ~spec x#) x#))
    x))
