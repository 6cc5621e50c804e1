;; Specs of sequences by what comes after what: a regular expression over elements. A sequence is consumed element by
;; element; after each, the operation is replaced by what may still follow (its derivative).

(in-ns 'clojure.spec.alpha)

;; An operation is a map with its kind under ::op:
;;   ::done    nothing more; :ret is the result, ::nothing when there is none
;;   ::leaf    one element: :pred, :form
;;   ::cat     :parts, one after another; :ks and :forms beside them; :ret what those already done gave
;;   ::alt     one of :parts, :ks (nil for a choice that leaves no trace) and :forms beside them
;;   ::rep     :part again and again (:at-least-one for +); :current is the round in progress, nil between rounds
;;   ::amp     :part, whose result has to conform to :preds

(def ^:private nothing {::op ::done, :ret ::nothing})

(defn- operation
  "What stands in the place of an operation as one: names are looked up, anything else is one element."
  [part form]
  (let [found (if (keyword? part) (lookup! part) part)]
    (if (regex? found)
      found
      {::op ::leaf, :pred part, :form form})))

(defn- parts-of [{:keys [parts forms]}]
  (map operation parts forms))

(declare nullable? result)

(defn- passed
  "The result of a ::amp whose part gave ret, conformed by its predicates."
  [ret preds]
  (reduce (fn [value pred]
            (let [value (conform-by pred value)]
              (if (invalid? value) (reduced value) value)))
          ret preds))

(defn- empty-result? [op ret]
  (c/or (= ::nothing ret)
        (c/and (contains? #{::cat ::rep} (::op op)) (empty? ret))))

(defn- nullable?
  "True if nothing has to follow."
  [op]
  (case (::op op)
    ::done true
    ::leaf false
    ::cat (every? nullable? (parts-of op))
    ::alt (boolean (some nullable? (parts-of op)))
    ::rep (cond
            (:current op) (nullable? (:current op))
            (:at-least-one op) (nullable? (operation (:part op) (:form op)))
            :else true)
    ::amp (let [part (operation (:part op) (:form op))]
            (c/and (nullable? part)
                   (let [ret (result part)]
                     (c/or (empty-result? part ret)
                           (not (invalid? (passed ret (:preds op))))))))))

(defn- add-result
  "What the parts of a ::cat gave, with what one more gave."
  [ret part k]
  (let [value (result part)]
    (if (empty-result? part value)
      ret
      (assoc ret k value))))

(defn- add-round [ret round]
  (let [value (result round)]
    (if (empty-result? round value)
      ret
      (conj ret value))))

(defn- result
  "What the operation, which is nullable?, gave."
  [op]
  (case (::op op)
    ::done (:ret op)
    ::leaf ::nothing
    ::cat (reduce (fn [ret [part k]] (add-result ret part k))
                  (:ret op)
                  (map vector (parts-of op) (:ks op)))
    ::alt (let [[k part] (first (filter (fn [[_ part]] (nullable? part)) (map vector (:ks op) (parts-of op))))
                ret (result part)]
            (if k [k (if (= ::nothing ret) nil ret)] ret))
    ::rep (if (:current op) (add-round (:ret op) (:current op)) (:ret op))
    ::amp (let [part (operation (:part op) (:form op))
                ret (result part)]
            (if (empty-result? part ret) ::nothing (passed ret (:preds op))))))

(declare derived)

(defn- choice
  "One of the operations (nil is none of them)."
  [operations]
  (let [possible (filterv some? operations)]
    (case (count possible)
      0 nil
      1 (first possible)
      {::op ::alt, :parts possible, :ks (repeat nil), :forms (repeat nil)})))

(defn- derived-cat
  "In the first part, or past it when nothing of it has to follow."
  [{:keys [parts ks forms ret] :as op} x]
  (when (seq parts)
    (let [part (operation (first parts) (first forms))
          within (derived part x)]
      (choice
       [(when within
          (if (= ::done (::op within))
            (assoc op :parts (rest parts) :ks (rest ks) :forms (rest forms) :ret (add-result ret within (first ks)))
            (assoc op :parts (cons within (rest parts)))))
        (when (nullable? part)
          (derived-cat (assoc op :parts (rest parts) :ks (rest ks) :forms (rest forms)
                              :ret (add-result ret part (first ks)))
                       x))]))))

(defn- derived-rep [{:keys [part form current ret] :as op} x]
  (let [next-round (fn [op]
                     (when-let [within (derived (operation part form) x)]
                       (if (= ::done (::op within))
                         (assoc op :current nil :ret (add-round (:ret op) within) :at-least-one false)
                         (assoc op :current within :at-least-one false))))]
    (if current
      (choice
       [(when-let [within (derived current x)]
          (if (= ::done (::op within))
            (assoc op :current nil :ret (add-round ret within))
            (assoc op :current within)))
        (when (nullable? current)
          (next-round (assoc op :current nil :ret (add-round ret current))))])
      (next-round op))))

(defn- derived-alt [{:keys [ks] :as op} x]
  (let [possible (keep (fn [[k part form]] (when-let [within (derived part x)] [k within form]))
                       (map vector ks (parts-of op) (:forms op)))]
    (when (seq possible)
      (if (next possible)
        (assoc op :parts (map second possible) :ks (map first possible) :forms (map #(nth % 2) possible))
        (let [[k within form] (first possible)]
          (cond
            (nil? k) within
            (= ::done (::op within)) (assoc within :ret [k (:ret within)])
            :else (assoc op :parts [within] :ks [k] :forms [form])))))))

(defn- derived
  "What may follow x where op was expected; nil when x may not stand there."
  [op x]
  (case (::op op)
    ::done nil
    ::leaf (let [value (conform-by (:pred op) x)]
             (when-not (invalid? value) {::op ::done, :ret value}))
    ;; What is left of a named operation no longer is what the name stands for.
    ::cat (derived-cat (dissoc op ::name) x)
    ::alt (derived-alt (dissoc op ::name) x)
    ::rep (derived-rep (dissoc op ::name) x)
    ::amp (when-let [within (derived (operation (:part op) (:form op)) x)]
            (if (= ::done (::op within))
              (let [ret (passed (:ret within) (:preds op))]
                (when-not (invalid? ret) {::op ::done, :ret ret}))
              (assoc (dissoc op ::name) :part within)))))

(defn- conform-sequence [op xs]
  (loop [op op, xs (seq xs)]
    (cond
      (nil? op) ::invalid
      xs (recur (derived op (first xs)) (next xs))
      (nullable? op) (let [ret (result op)] (if (= ::nothing ret) nil ret))
      :else ::invalid)))

;;; Back from results to sequences.

(defn- unform-sequence
  "The elements that conformed to y."
  [op y]
  (case (::op op)
    ::leaf [(unform-by (:pred op) y)]
    ::done [y]
    ::cat (mapcat (fn [k part] (when (contains? y k) (unform-sequence part (get y k))))
                  (:ks op) (parts-of op))
    ::alt (if (:maybe op)
            (when (some? y) (unform-sequence (first (parts-of op)) y))
            (let [[k value] y]
              (unform-sequence (get (zipmap (:ks op) (parts-of op)) k) value)))
    ::rep (mapcat #(unform-sequence (operation (:part op) (:form op)) %) y)
    ::amp (unform-sequence (operation (:part op) (:form op))
                           (reduce (fn [value pred] (unform-by pred value)) y (reverse (:preds op))))))

;;; Explaining.

(defn- described-operation [op]
  (case (::op op)
    ::leaf (:form op)
    ::done nil
    (:described op)))

(declare explain-operation)

(defn- explain-parts
  "What the first part that something has to follow in wanted."
  [{:keys [ks forms] :as op} path via in input]
  (let [rows (map vector (parts-of op) ks forms)
        [part k form] (if (= 1 (count rows))
                        (first rows)
                        (first (remove (fn [[part]] (nullable? part)) rows)))]
    (when part
      (explain-operation part form (if k (conj path k) path) via in input))))

(defn- explain-passing
  "What the predicates of a ::amp have against what its part gave."
  [{:keys [preds forms]} ret path via in]
  (loop [value ret, preds preds, forms forms]
    (when-first [pred preds]
      (let [value' (conform-by pred value)]
        (if (invalid? value')
          (explain-by (first forms) pred path via in value)
          (recur value' (rest preds) (rest forms)))))))

(defn- explain-operation
  "The problems with input, whose first element is the first that does not fit; an empty one ends too early."
  [op form path via in input]
  (let [via (if-let [k (::name op)] (conj via k) via)
        missing (fn [form] [(assoc (problem path form via in ()) :reason "Insufficient input")])]
    (case (::op op)
      ::done nil
      ::leaf (if (empty? input)
               (missing (:form op))
               (explain-by (:form op) (:pred op) path via in (first input)))
      ::cat (explain-parts op path via in input)
      ::alt (if (empty? input)
              (missing (described-operation op))
              (mapcat (fn [part k form] (explain-operation part form (if k (conj path k) path) via in input))
                      (parts-of op) (:ks op) (:forms op)))
      ::rep (let [part (c/or (:current op) (operation (:part op) (:form op)))]
              (explain-operation part (:form op) path via in input))
      ::amp (let [part (operation (:part op) (:form op))]
              (if (empty? input)
                (if (nullable? part)
                  (explain-passing op (result part) path via in)
                  (missing (:part-form op)))
                (if-let [within (derived part (first input))]
                  (when (nullable? within) (explain-passing op (result within) path via in))
                  (explain-operation part (:part-form op) path via in input)))))))

(defn- explain-sequence [whole path via in xs]
  (loop [op whole, xs (seq xs), i 0]
    (if (nil? xs)
      (when-not (nullable? op)
        (explain-operation op (described-operation op) path via in nil))
      (if-let [within (derived op (first xs))]
        (recur within (next xs) (inc i))
        (let [in (conj in i)
              extra [(assoc (problem path (described-operation whole) via in (apply list xs)) :reason "Extra input")]]
          (if (= ::done (::op op))
            extra
            (c/or (seq (explain-operation op (described-operation op) path via in xs))
                  extra)))))))

(defn regex-spec
  "The spec of sequences that an operation describes."
  [op]
  (with-meta
    (reify Spec
      (conform* [_ x]
        (if (c/or (nil? x) (sequential? x)) (conform-sequence op x) ::invalid))
      (unform* [_ y] (unform-sequence op y))
      (explain* [_ path via in x]
        (if (c/or (nil? x) (sequential? x))
          (explain-sequence op path via in x)
          [(problem path (list `fn '[%] (list `c/or (list `nil? '%) (list `sequential? '%))) via in x)]))
      (describe* [_] (described-operation op)))
    {::name (::name op)}))

;;; The operations.

(defn cat-of
  "(What `cat` expands into.)"
  [ks forms preds]
  {::op ::cat, :parts preds, :ks ks, :forms forms, :ret {}, :described (list* `cat (interleave ks forms))})

(defmacro cat
  "A sequence of parts, one after another, each with a name. Conforms to a map.

      (s/conform (s/cat :verb keyword? :args (s/* int?)) [:add 1 2])   ; {:verb :add, :args [1 2]}"
  [& key-pred-forms]
  (let [pairs (checked-pairs "cat" key-pred-forms)
        forms (mapv second pairs)]
    `(cat-of ~(mapv first pairs) ~(mapv quoted forms) ~forms)))

(defn alt-of
  "(What `alt` expands into.)"
  [ks forms preds]
  {::op ::alt, :parts preds, :ks ks, :forms forms, :described (list* `alt (interleave ks forms))})

(defmacro alt
  "One of several ways for a sequence to go on, each with a name. Conforms to [name value]."
  [& key-pred-forms]
  (let [pairs (checked-pairs "alt" key-pred-forms)
        forms (mapv second pairs)]
    `(alt-of ~(mapv first pairs) ~(mapv quoted forms) ~forms)))

(defn rep-of
  "(What `*` and `+` expand into.)"
  [form pred at-least-one]
  {::op ::rep, :part pred, :form form, :ret [], :at-least-one at-least-one,
   :described (list (if at-least-one `+ `*) form)})

(defmacro *
  "Any number of what matches pred, none too. Conforms to a vector."
  [pred-form]
  `(rep-of ~(quoted pred-form) ~pred-form false))

(defmacro +
  "One or more of what matches pred. Conforms to a vector."
  [pred-form]
  `(rep-of ~(quoted pred-form) ~pred-form true))

(defn maybe-of
  "(What `?` expands into.)"
  [form pred]
  {::op ::alt, :parts [pred nothing], :ks [nil nil], :forms [form nil], :maybe true, :described (list `? form)})

(defmacro ?
  "What matches pred, or nothing. Conforms to its value, or to nil."
  [pred-form]
  `(maybe-of ~(quoted pred-form) ~pred-form))

(defn amp-of
  "(What `&` expands into.)"
  [form part forms preds]
  {::op ::amp, :part part, :form form, :part-form form, :forms forms, :preds preds,
   :described (list* `& form forms)})

(defmacro &
  "What matches the sequence operation re and whose conformed value satisfies all preds.

      (s/& (s/* int?) #(even? (count %)))"
  [re & preds]
  `(amp-of ~(quoted re) ~re ~(mapv quoted preds) ~(vec preds)))

(defmacro keys*
  "Like keys, for keywords and values in a sequence: the options at the end of an argument list."
  [& options]
  `(assoc (clojure.spec.alpha/& (* (cat ::k keyword? ::v any?))
             (conformer (fn [pairs#] (into {} (map (juxt ::k ::v)) pairs#))
                        (fn [m#] (mapv (fn [[k# v#]] {::k k#, ::v v#}) m#)))
             (keys ~@options))
          :described '~(list* `keys* options)))
