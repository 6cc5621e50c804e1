(ns clojure.spec.alpha
  "Descriptions of data: what values look like, by predicates and by what they are made of. A spec says whether a value
  conforms, what it means (which alternative was taken, what each part of a sequence is), and what is wrong with one that
  does not.

      (s/def ::port (s/int-in 1 65536))
      (s/def ::server (s/keys :req-un [::host ::port]))
      (s/explain ::server {:host \"web1\", :port \"eighty\"})

  The data of explanations has Clojure's shape; their text is our own. There are no generators."
  (:refer-clojure :exclude [+ * and assert cat def keys merge or])
  (:require [clojure.core :as c]
            [clojure.walk :as walk]))

(defprotocol Spec
  "What a spec can do. Values that are none (predicates, sets, keywords that name a spec) become one where one is needed."
  (conform* [spec x] "x conformed, or ::invalid.")
  (unform* [spec y] "The value that conforms to y.")
  (explain* [spec path via in x] "A sequence of problems, empty or nil when x conforms.")
  (describe* [spec] "The form that made the spec."))

;;; The registry.

(defonce ^:private registered (atom {}))

(defn registry
  "A map of all names (keywords, and symbols of functions) to their specs."
  []
  @registered)

(defn spec?
  "x when it is a spec object, else nil or false."
  [x]
  (when (satisfies? Spec x) x))

(defn regex?
  "x when it is an operation on sequences (cat, alt, *, +, ?, &), else nil or false."
  [x]
  (c/and (map? x) (::op x) x))

(defn- lookup
  "What the name stands for, through aliases; anything else stands for itself."
  [k]
  (if (ident? k)
    (let [found (get @registered k)]
      (if (ident? found) (recur found) found))
    k))

(defn- lookup!
  [k]
  (if (ident? k)
    (c/or (lookup k)
          (throw (ex-info (str "There is no spec " k ". Define it with (s/def " k " …).")
                          {:type :reops/unknown-spec, :spec k})))
    k))

(defn- name-of [spec]
  (cond
    (ident? spec) spec
    (regex? spec) (::name spec)
    :else (::name (meta spec))))

(defn- with-name [spec k]
  (cond
    (ident? spec) spec
    (regex? spec) (assoc spec ::name k)
    :else (vary-meta spec assoc ::name k)))

(declare regex-spec predicate-spec)

(defn- known-spec
  "The spec object that pred is or names; nil when it is a plain predicate."
  [pred]
  (let [found (if (ident? pred) (lookup! pred) pred)]
    (cond
      (map? found) (if (::op found) (regex-spec found) (when (satisfies? Spec found) found))
      (c/or (set? found) (fn? found)) nil
      :else (spec? found))))

(defn get-spec
  "The spec registered under a keyword or symbol, or nil."
  [k]
  (get @registered (if (keyword? k) k (symbol k))))

;;; Forms, as `form` and explanations show them.

(defn- resolved-symbol [sym]
  (let [found (resolve sym)]
    (cond
      (var? found) (symbol found)
      :else sym)))

(defn- readable-fn
  "#(f %) reads as a function of a parameter with a made-up name; its form calls that one %."
  [[_ params & body :as form]]
  (if (c/and (vector? params) (= 1 (count params)))
    (list `fn '[%] (walk/postwalk-replace {(first params) '%} (if (next body) (cons 'do body) (first body))))
    (list* `fn (rest form))))

(defn- resolved-form
  "form with its symbols in full."
  [form]
  (cond
    (c/and (seq? form) (= 'fn* (first form))) (resolved-form (readable-fn form))
    (symbol? form) (if (= '% form) form (resolved-symbol form))
    (seq? form) (doall (map resolved-form form))
    (c/and (coll? form) (not (record? form))) (walk/walk resolved-form identity form)
    :else form))

(defn- quoted [form]
  (list 'quote (resolved-form form)))

(defn form
  "The form that made the spec, its symbols in full."
  [spec]
  (let [found (c/or (known-spec spec) (predicate-spec ::unknown spec))]
    (describe* found)))

(defn abbrev
  "form without the namespaces of its symbols, and with (fn [%] …) as its body."
  [form]
  (cond
    (c/and (seq? form) (= `fn (first form)) (= '[%] (second form))) (abbrev (last form))
    (seq? form) (doall (map abbrev form))
    (c/and (coll? form) (not (record? form))) (walk/walk abbrev identity form)
    (symbol? form) (symbol (name form))
    :else form))

(defn describe
  "The form that made the spec, shortened."
  [spec]
  (abbrev (form spec)))

;;; Conforming.

(defn invalid?
  "True if ret is what conform answers for a value that does not conform."
  [ret]
  (identical? ::invalid ret))

(defn- conform-by [pred x]
  (if-let [spec (known-spec pred)]
    (conform* spec x)
    (if (pred x) x ::invalid)))

(defn- unform-by [pred y]
  (if-let [spec (known-spec pred)]
    (unform* spec y)
    y))

(defn- problem [path pred via in x]
  {:path path, :pred pred, :val x, :via via, :in in})

(defn- explain-by
  "The problems that pred, written as form, has with x."
  [form pred path via in x]
  (if-let [spec (known-spec pred)]
    (explain* spec path (if-let [k (name-of spec)] (conj via k) via) in x)
    (when-not (pred x)
      [(problem path form via in x)])))

(defn conform
  "x as the spec understands it, or :clojure.spec.alpha/invalid.

      (s/conform (s/or :id int? :name string?) 5)   ; [:id 5]"
  [spec x]
  (conform-by spec x))

(defn unform
  "The value that the spec conformed to y."
  [spec y]
  (unform-by spec y))

(defn valid?
  "True if x conforms to the spec (which may be a predicate; then form says how it is written)."
  ([spec x] (not (invalid? (conform-by spec x))))
  ([spec x form] (not (invalid? (conform* (c/or (known-spec spec) (predicate-spec form spec)) x)))))

(defn- valid-by? [pred x]
  (if-let [spec (known-spec pred)]
    (not (invalid? (conform* spec x)))
    (boolean (pred x))))

;;; Specs of single values.

(defn predicate-spec
  "A spec of a predicate, written as form. (What the macros of this namespace expand into.)"
  [form pred]
  (reify Spec
    (conform* [_ x] (if (pred x) x ::invalid))
    (unform* [_ y] y)
    (explain* [_ path via in x] (when-not (pred x) [(problem path form via in x)]))
    (describe* [_] form)))

(defn spec-of
  "pred as a spec object; a sequence operation becomes a spec of a sequence of its own. (What `spec` expands into.)"
  [form pred]
  (c/or (known-spec pred) (predicate-spec form pred)))

(defmacro spec
  "A spec object of a predicate, a set or another spec. Around a sequence operation it begins a nested sequence:

      (s/cat :name string? :args (s/spec (s/* int?)))   ; [\"f\" [1 2]]"
  [form & {:keys [gen]}]
  `(spec-of ~(quoted form) ~form))

(defn register
  "Makes spec (a spec, predicate or name, written as form) known as k; nil takes the name away. (What `def` expands into.)"
  [k form spec]
  (c/assert (c/and (ident? k) (namespace k))
            (str "A spec's name is a keyword or symbol with a namespace, and " (pr-str k) " is none"))
  (if (nil? spec)
    (swap! registered dissoc k)
    (swap! registered assoc k
           (with-name (if (c/or (ident? spec) (regex? spec) (spec? spec)) spec (predicate-spec form spec)) k)))
  k)

(defmacro def
  "Names a spec: k is a keyword with a namespace, or a symbol. nil as spec takes the name away.

      (s/def ::port (s/int-in 1 65536))"
  [k spec-form]
  (let [full (if (symbol? k) (resolved-symbol k) k)
        k (if (c/and (symbol? full) (nil? (namespace full))) (symbol (str *ns*) (name full)) full)]
    `(register '~k ~(quoted spec-form) ~spec-form)))

(defn and-spec
  "(What `and` expands into.)"
  [forms preds]
  (reify Spec
    (conform* [_ x]
      (reduce (fn [value pred]
                (let [value (conform-by pred value)]
                  (if (invalid? value) (reduced value) value)))
              x preds))
    (unform* [_ y] (reduce (fn [value pred] (unform-by pred value)) y (reverse preds)))
    (explain* [_ path via in x]
      (loop [value x, forms forms, preds preds]
        (when-first [pred preds]
          (let [next-value (conform-by pred value)]
            (if (invalid? next-value)
              (explain-by (first forms) pred path via in value)
              (recur next-value (rest forms) (rest preds)))))))
    (describe* [_] (list* `and forms))))

(defmacro and
  "A spec of what conforms to all of them; each is given what the one before it made of the value.

      (s/and int? even?)"
  [& pred-forms]
  `(and-spec ~(mapv quoted pred-forms) ~(vec pred-forms)))

(defn or-spec
  "(What `or` expands into.)"
  [ks forms preds]
  (let [by-key (zipmap ks preds)]
    (reify Spec
      (conform* [_ x]
        (loop [i 0]
          (if (< i (count preds))
            (let [value (conform-by (nth preds i) x)]
              (if (invalid? value)
                (recur (inc i))
                [(nth ks i) value]))
            ::invalid)))
      (unform* [_ [k y]] (unform-by (by-key k) y))
      (explain* [this path via in x]
        (when (invalid? (conform* this x))
          (mapcat (fn [k form pred] (explain-by form pred (conj path k) via in x))
                  ks forms preds)))
      (describe* [_] (list* `or (interleave ks forms))))))

(defn- checked-pairs
  "keys-and-forms as a sequence of pairs; an error when a key is none or something is left over."
  [operation keys-and-forms]
  (when-not (c/and (even? (count keys-and-forms)) (every? keyword? (take-nth 2 keys-and-forms)))
    (throw (IllegalArgumentException. (str "s/" operation " takes keywords, each followed by a spec"))))
  (partition 2 keys-and-forms))

(defmacro or
  "A spec of what conforms to one of them, tried in order; conforms to [key value].

      (s/or :id int? :name string?)"
  [& key-pred-forms]
  (let [pairs (checked-pairs "or" key-pred-forms)
        forms (mapv second pairs)]
    `(or-spec ~(mapv first pairs) ~(mapv quoted forms) ~forms)))

(defn nilable-spec
  "(What `nilable` expands into.)"
  [form pred]
  (reify Spec
    (conform* [_ x] (when (some? x) (conform-by pred x)))
    (unform* [_ y] (when (some? y) (unform-by pred y)))
    (explain* [this path via in x]
      (when (invalid? (conform* this x))
        (conj (vec (explain-by form pred (conj path ::pred) via in x))
              (problem (conj path ::nil) 'nil? via in x))))
    (describe* [_] (list `nilable form))))

(defmacro nilable
  "A spec of nil and of what conforms to pred."
  [pred]
  `(nilable-spec ~(quoted pred) ~pred))

(defn conformer-spec
  "(What `conformer` expands into.)"
  [form f unform-form unform-f]
  (reify Spec
    (conform* [_ x] (f x))
    (unform* [_ y]
      (if unform-f
        (unform-f y)
        (throw (IllegalStateException. "A conformer without an unform function cannot be turned back"))))
    (explain* [_ path via in x] (when (invalid? (f x)) [(problem path form via in x)]))
    (describe* [_] (if unform-form (list `conformer form unform-form) (list `conformer form)))))

(defmacro conformer
  "A spec that changes values: f answers the value conformed, or :clojure.spec.alpha/invalid; unform-f turns it back.

      (s/and string? (s/conformer parse-long str))"
  ([f] `(conformer-spec ~(quoted f) ~f nil nil))
  ([f unform-f] `(conformer-spec ~(quoted f) ~f ~(quoted unform-f) ~unform-f)))

(defn nonconforming
  "The spec, leaving values as they are when they conform."
  [spec]
  (let [inner (spec-of ::unknown spec)]
    (reify Spec
      (conform* [_ x] (if (invalid? (conform* inner x)) ::invalid x))
      (unform* [_ y] y)
      (explain* [_ path via in x] (explain* inner path via in x))
      (describe* [_] (list `nonconforming (describe* inner))))))

;;; Ranges.

(defn int-in-range?
  "True if x is an integer from start up to, and without, end."
  [start end x]
  (c/and (int? x) (<= start x) (< x end)))

(defmacro int-in
  "A spec of the integers from start up to, and without, end."
  [start end]
  `(and int? (fn [~'%] (int-in-range? ~start ~end ~'%))))

(defmacro double-in
  "A spec of doubles. Options: :min and :max (both included), :infinite? and :NaN? (true unless said otherwise)."
  [& {:keys [infinite? NaN? min max] :or {infinite? true NaN? true}}]
  `(and double?
        ~@(when-not infinite? `[(fn [~'%] (not (infinite? ~'%)))])
        ~@(when-not NaN? `[(fn [~'%] (not (NaN? ~'%)))])
        ~@(when max `[(fn [~'%] (<= ~'% ~max))])
        ~@(when min `[(fn [~'%] (<= ~min ~'%))])))

(defn inst-in-range?
  "True if inst is at or after start and before end."
  [start end inst]
  (c/and (inst? inst)
         (<= (inst-ms start) (inst-ms inst))
         (< (inst-ms inst) (inst-ms end))))

(defmacro inst-in
  "A spec of the instants from start up to, and without, end."
  [start end]
  `(and inst? (fn [~'%] (inst-in-range? ~start ~end ~'%))))

(load "alpha/collections")
(load "alpha/sequences")
(load "alpha/explanations")
(load "alpha/functions")
