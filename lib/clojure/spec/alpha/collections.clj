;; Specs of maps, tuples, and collections of one kind of thing.

(in-ns 'clojure.spec.alpha)

;;; Maps by their keys.

(defn- requirement-form
  "The test that a required key, or an (or …) and (and …) of keys, makes of the map %."
  [requirement key-of]
  (if (keyword? requirement)
    (list `contains? '% (key-of requirement))
    (let [[operation & parts] requirement]
      (cons (symbol "clojure.core" (name operation))
            (map #(requirement-form % key-of) parts)))))

(defn- meets? [requirement key-of m]
  (if (keyword? requirement)
    (contains? m (key-of requirement))
    (let [[operation & parts] requirement]
      (if (= "or" (name operation))
        (boolean (some #(meets? % key-of m) parts))
        (every? #(meets? % key-of m) parts)))))

(defn- spec-of-key
  "The spec that a key of a map names, if it names one."
  [k]
  (when (ident? k) (lookup k)))

(defn- bare [k] (keyword (name k)))

(defn- keywords-in [requirements]
  (filter keyword? (flatten requirements)))

(defn- check-key-names [all-keys]
  (let [wrong (remove #(c/and (keyword? %) (namespace %)) all-keys)]
    (c/assert (empty? wrong)
              (str "s/keys takes keywords with a namespace, those of :req-un and :opt-un too, and was given "
                   (pr-str (first wrong))))))

(defn keys-spec
  "(What `keys` expands into.)"
  [{:keys [req opt req-un opt-un] :as given}]
  (let [unqualified (concat (keywords-in req-un) opt-un)
        spec-names (zipmap (map bare unqualified) unqualified)
        requirements (concat (map #(vector % identity) req) (map #(vector % bare) req-un))
        spec-name #(get spec-names % %)
        described (list* `keys (mapcat (fn [k] (when-let [v (seq (get given k))] [k (vec v)])) [:req :opt :req-un :opt-un]))]
    (check-key-names (concat (keywords-in req) opt unqualified))
    (reify Spec
      (conform* [_ m]
        (if (c/and (map? m) (every? (fn [[r key-of]] (meets? r key-of m)) requirements))
          (reduce-kv (fn [ret k v]
                       (if-let [spec (spec-of-key (spec-name k))]
                         (let [value (conform-by spec v)]
                           (cond
                             (invalid? value) (reduced ::invalid)
                             (identical? value v) ret
                             :else (assoc ret k value)))
                         ret))
                     m m)
          ::invalid))
      (unform* [_ m]
        (reduce-kv (fn [ret k v]
                     (if (spec-of-key (spec-name k))
                       (let [value (unform-by (spec-name k) v)]
                         (if (identical? value v) ret (assoc ret k value)))
                       ret))
                   m m))
      (explain* [_ path via in x]
        (if (map? x)
          (concat
           (for [[r key-of] requirements :when (not (meets? r key-of x))]
             (problem path (list `fn '[%] (requirement-form r key-of)) via in x))
           (mapcat (fn [[k v]]
                     (when (spec-of-key (spec-name k))
                       (explain-by (spec-name k) (spec-name k) (conj path k) via (conj in k) v)))
                   x))
          [(problem path `map? via in x)]))
      (describe* [_] described))))

(defmacro keys
  "A spec of maps: :req and :opt are vectors of keywords that are keys and name the specs of their values; :req-un and
  :opt-un are the same for maps whose keys are those keywords without their namespace. Required keys may be combined,
  [::a (or ::b (and ::c ::d))]. Every key of the map that names a spec is checked by it, listed or not.

      (s/keys :req-un [::host] :opt-un [::port])"
  [& {:keys [req opt req-un opt-un]}]
  `(keys-spec '~{:req req, :opt opt, :req-un req-un, :opt-un opt-un}))

(defn merge-spec
  "(What `merge` expands into.)"
  [forms preds]
  (reify Spec
    (conform* [_ x]
      (let [values (map #(conform-by % x) preds)]
        (if (some invalid? values) ::invalid (apply c/merge values))))
    (unform* [_ y] (apply c/merge (map #(unform-by % y) (reverse preds))))
    (explain* [_ path via in x]
      (mapcat (fn [form pred] (explain-by form pred path via in x)) forms preds))
    (describe* [_] (list* `merge forms))))

(defmacro merge
  "A spec of maps that conform to all of these specs of maps."
  [& pred-forms]
  `(merge-spec ~(mapv quoted pred-forms) ~(vec pred-forms)))

;;; Maps by their kind.

(defn multi-spec-of
  "(What `multi-spec` expands into.)"
  [form method-var retag]
  (let [dispatch-value #((reops.internal/multi-dispatch @method-var) %)
        chosen #(when (get-method @method-var (dispatch-value %)) (@method-var %))
        tagged (if (keyword? retag) #(assoc %1 retag %2) retag)]
    (reify Spec
      (conform* [_ x] (if-let [spec (chosen x)] (conform-by spec x) ::invalid))
      (unform* [_ y]
        (if-let [spec (chosen y)]
          (unform-by spec y)
          (throw (IllegalStateException. (str "There is no method of " form " for " (pr-str (dispatch-value y)))))))
      (explain* [_ path via in x]
        (let [value (dispatch-value x)
              path (conj path value)]
          (if-let [spec (chosen x)]
            (explain-by form spec path via in x)
            [(assoc (problem path form via in x) :reason "no method")])))
      (describe* [_] (list `multi-spec form retag)))))

(defmacro multi-spec
  "A spec whose spec is chosen by the value: mm is a multimethod that answers a spec for a value. retag is the key it
  dispatches on (or a function that puts a tag into a value).

      (defmulti event :type)
      (defmethod event :created [_] (s/keys :req-un [::id]))
      (s/def ::event (s/multi-spec event :type))"
  [mm retag]
  `(multi-spec-of ~(quoted mm) (var ~mm) ~retag))

;;; Tuples.

(defn tuple-spec
  "(What `tuple` expands into.)"
  [forms preds]
  (let [n (count preds)]
    (reify Spec
      (conform* [_ x]
        (if (c/and (vector? x) (= n (count x)))
          (reduce (fn [ret i]
                    (let [value (conform-by (nth preds i) (nth x i))]
                      (if (invalid? value) (reduced ::invalid) (assoc ret i value))))
                  x (range n))
          ::invalid))
      (unform* [_ y] (mapv unform-by preds y))
      (explain* [_ path via in x]
        (cond
          (not (vector? x)) [(problem path `vector? via in x)]
          (not= n (count x)) [(problem path (list `= (list `count '%) n) via in x)]
          :else (mapcat (fn [i form pred] (explain-by form pred (conj path i) via (conj in i) (nth x i)))
                        (range) forms preds)))
      (describe* [_] (list* `tuple forms)))))

(defmacro tuple
  "A spec of vectors of exactly this length, each element with a spec of its own.

      (s/tuple string? int?)   ; [\"a\" 1]"
  [& preds]
  `(tuple-spec ~(mapv quoted preds) ~(vec preds)))

;;; Collections of one kind of thing.

(def ^:dynamic *coll-error-limit*
  "How many faulty elements `every` and `every-kv` tell about."
  20)

(def ^:dynamic *coll-check-limit*
  "How many elements `every` and `every-kv` look at."
  101)

(defn- size-form [{:keys [count min-count max-count]}]
  (cond
    count (list `= count (list `c/count '%))
    (c/and min-count max-count) (list `<= min-count (list `c/count '%) max-count)
    min-count (list `<= min-count (list `c/count '%))
    max-count (list `<= (list `c/count '%) max-count)))

(defn- size-fits? [{:keys [min-count max-count] n :count} x]
  (if n
    (= n (bounded-count n x) (count x))
    (c/and (c/or (nil? min-count) (<= min-count (bounded-count min-count x)))
           (c/or (nil? max-count) (<= (bounded-count (inc max-count) x) max-count)))))

(defn- whole-collection-problem
  "What is wrong with the collection itself, or nil."
  [{:keys [kind kind-form distinct] :as options} path via in x]
  (cond
    (not (valid-by? (c/or kind coll?) x)) (explain-by (c/or kind-form `coll?) (c/or kind coll?) path via in x)
    (not (size-fits? options x)) [(problem path (size-form options) via in x)]
    (c/and distinct (seq x) (not (apply distinct? x))) [(problem path 'distinct? via in x)]))

(defn- conform-elements
  "x with every element conformed, as the kind of collection that :into or x itself is; ::invalid when one does not
  conform."
  [pred {:keys [into conform-keys]} x]
  (let [pick (fn [value] (if (invalid? value) (reduced ::invalid) value))
        keep-kind (c/and (nil? into) (c/or (vector? x) (map? x)))]
    (cond
      (c/and (vector? x) (c/or keep-kind (vector? into)))
      (reduce-kv (fn [ret i v]
                   (let [value (conform-by pred v)]
                     (cond
                       (invalid? value) (reduced ::invalid)
                       (identical? value v) ret
                       :else (assoc ret i value))))
                 x x)

      (c/and (map? x) (c/or keep-kind (map? into)))
      (reduce (fn [ret [k v :as entry]]
                (let [value (conform-by pred entry)]
                  (cond
                    (invalid? value) (reduced ::invalid)
                    conform-keys (assoc (dissoc ret k) (nth value 0) (nth value 1))
                    (identical? (nth value 1) v) ret
                    :else (assoc ret k (nth value 1)))))
              (if conform-keys x (if keep-kind x (c/into into x))) x)

      :else
      (let [ret (reduce (fn [ret v]
                          (let [value (pick (conform-by pred v))]
                            (if (reduced? value) value (conj ret value))))
                        (empty (c/or into x)) x)]
        (if (seq? ret) (reverse ret) ret)))))

(defn elements-spec
  "(What `every`, `coll-of` and the like expand into.)"
  [pred-form pred {:keys [into kind every key-in described] :as options}]
  (reify Spec
    (conform* [_ x]
      (cond
        (whole-collection-problem options [] [] [] x) ::invalid
        every (if (every? #(valid-by? pred %) (take *coll-check-limit* x)) x ::invalid)
        :else (conform-elements pred options x)))
    (unform* [_ y]
      (cond
        every y
        (map? y) (c/into (empty y) (map (fn [entry] (unform-by pred entry))) y)
        (vector? y) (mapv #(unform-by pred %) y)
        (c/or (seq? y) (list? y)) (map #(unform-by pred %) y)
        :else (c/into (empty y) (map #(unform-by pred %)) y)))
    (explain* [_ path via in x]
      (c/or (whole-collection-problem options path via in x)
            (let [limited (if every (comp (take *coll-error-limit*) c/cat) c/cat)]
              (sequence (comp (map-indexed (fn [i v]
                                             (explain-by pred-form pred path via
                                                         (conj in (if (c/and key-in (map? x)) (key v) i)) v)))
                              (filter seq)
                              limited)
                        x))))
    (describe* [_] described)))

(defn- options-forms
  "The options of `every` and the like, as the map that elements-spec takes."
  [operation pred-forms options]
  (let [{:keys [kind] :as options} (dissoc options :gen :gen-max)]
    `(assoc ~options
            :kind-form ~(when kind (quoted kind))
            :described (list* '~operation ~@(map quoted pred-forms)
                              '~(mapcat (fn [[k v]] [k (resolved-form v)]) options)))))

(defmacro every
  "Like coll-of, but looks at the first *coll-check-limit* elements only, and conforms nothing."
  [pred & {:as options}]
  `(elements-spec ~(quoted pred) ~pred (assoc ~(options-forms `every [pred] options) :every true)))

(defmacro coll-of
  "A spec of collections whose elements all conform to pred. Options: :kind (a predicate such as vector?), :count,
  :min-count, :max-count, :distinct true, :into (an empty collection that the conformed elements are put into).

      (s/coll-of ::port :kind vector? :distinct true :min-count 1)"
  [pred & {:as options}]
  `(elements-spec ~(quoted pred) ~pred ~(options-forms `coll-of [pred] options)))

(defn- entries-spec [operation kpred vpred options every]
  `(elements-spec '~(list `tuple (resolved-form kpred) (resolved-form vpred))
                  (tuple ~kpred ~vpred)
                  (assoc ~(options-forms operation [kpred vpred] options)
                         :key-in true :every ~every
                         :kind ~(:kind options `map?)
                         :kind-form ~(quoted (:kind options `map?)))))

(defmacro every-kv
  "Like map-of, but looks at the first *coll-check-limit* entries only, and conforms nothing."
  [kpred vpred & {:as options}]
  (entries-spec `every-kv kpred vpred options true))

(defmacro map-of
  "A spec of maps whose keys conform to kpred and whose values conform to vpred. Takes the options of coll-of, and
  :conform-keys true, without which keys stay as they are.

      (s/map-of string? ::port)"
  [kpred vpred & {:as options}]
  (entries-spec `map-of kpred vpred options false))
