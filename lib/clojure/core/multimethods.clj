;; Hierarchies of tags, and multimethods, which dispatch on what a function makes of their arguments. Finding the method is
;; native (reops.internal).

(in-ns 'clojure.core)

;; Hierarchies: {:parents {tag #{…}} :ancestors {tag #{…}} :descendants {tag #{…}}}

(defn- hierarchy-of
  "The hierarchy in which every tag has these direct parents."
  [parents]
  (let [above (fn above [tag]
                (let [direct (get parents tag)]
                  (into (set direct) (mapcat above) direct)))
        ancestors (into {} (map (fn [tag] [tag (above tag)])) (keys parents))
        descendants (reduce-kv (fn [all tag tags]
                                 (reduce (fn [all t] (assoc all t (conj (get all t #{}) tag))) all tags))
                               {}
                               ancestors)]
    {:parents parents :ancestors ancestors :descendants descendants}))

(defn make-hierarchy
  "An empty hierarchy for derive, isa? and the :hierarchy of a multimethod."
  []
  (hierarchy-of {}))

(def ^{:private true :doc "The hierarchy of tags that multimethods use unless told otherwise."}
  global-hierarchy
  (make-hierarchy))

(defn- named? [x] (or (symbol? x) (keyword? x)))

(defn- check-derivation
  [condition & parts]
  (when-not condition
    (throw (AssertionError. (apply str parts)))))

(defn derive
  "Makes tag a child of parent, in the hierarchy h (whose new value it has) or in the global one. A tag is a keyword or
  symbol, or a class; in the global hierarchy keywords and symbols need a namespace."
  ([tag parent]
   (check-derivation (and (named? parent) (namespace parent))
                     "The parent of derive has to be a keyword or symbol with a namespace, not " (pr-str parent) ".")
   (check-derivation (or (class? tag) (and (named? tag) (namespace tag)))
                     "The tag of derive has to be a class, or a keyword or symbol with a namespace, not " (pr-str tag) ".")
   (alter-var-root (var global-hierarchy) derive tag parent)
   nil)
  ([h tag parent]
   (check-derivation (not= tag parent) (pr-str tag) " cannot be derived from itself.")
   (check-derivation (named? parent)
                     "The parent of derive has to be a keyword or symbol, not " (pr-str parent) ".")
   (check-derivation (or (class? tag) (named? tag))
                     "The tag of derive has to be a class, a keyword or a symbol, not " (pr-str tag) ".")
   (cond
     (contains? (get (:parents h) tag #{}) parent) h
     (contains? (get (:ancestors h) tag #{}) parent)
     (throw (Exception. (str (pr-str tag) " has " (pr-str parent) " as an ancestor already.")))
     (contains? (get (:ancestors h) parent #{}) tag)
     (throw (Exception. (str (pr-str parent) " descends from " (pr-str tag) ", so the other way round would be a circle.")))
     :else (hierarchy-of (assoc (:parents h) tag (conj (get (:parents h) tag #{}) parent))))))

(defn underive
  "Takes back that tag was derived from parent, in the hierarchy h (whose new value it has) or in the global one."
  ([tag parent]
   (alter-var-root (var global-hierarchy) underive tag parent)
   nil)
  ([h tag parent]
   (let [known (:parents h)
         left (disj (get known tag #{}) parent)]
     (if (contains? (get known tag #{}) parent)
       (hierarchy-of (if (empty? left) (dissoc known tag) (assoc known tag left)))
       h))))

(defn parents
  "The set of what tag was directly derived from, or nil."
  ([tag] (parents global-hierarchy tag))
  ([h tag] (not-empty (get (:parents h) tag))))

(defn ancestors
  "The set of all that tag was derived from, directly or not, or nil. A class's ancestors are those of the host too."
  ([tag] (ancestors global-hierarchy tag))
  ([h tag]
   (let [derived (get (:ancestors h) tag)]
     (not-empty
       (if (class? tag)
         (let [above (supers tag)]
           (into (set derived) (concat above (mapcat (fn [c] (get (:ancestors h) c)) above))))
         derived)))))

(defn descendants
  "The set of all tags that were derived from tag, directly or not, or nil."
  ([tag] (descendants global-hierarchy tag))
  ([h tag]
   (if (class? tag)
     (throw (UnsupportedOperationException. "The descendants of a class are not known."))
     (not-empty (get (:descendants h) tag)))))

;; Multimethods

(defmacro defmulti
  "Defines a multimethod: a function whose methods (defmethod) are chosen by what the dispatch function makes of its
  arguments. Options are :default, the dispatch value of the method for everything else (:default), and :hierarchy, the
  var of the hierarchy to use. Defined anew, it keeps its methods.

      (defmulti area :shape)
      (defmethod area :circle [{:keys [r]}] (* Math/PI r r))"
  {:arglists '([name docstring? attr-map? dispatch-fn & options])}
  [multi-name & tail]
  (when-not (symbol? multi-name)
    (reject-form "defmulti needs a symbol as its name, and was given " (pr-str multi-name) "."))
  (let [doc (when (string? (first tail)) (first tail))
        tail (if doc (next tail) tail)
        attributes (when (map? (first tail)) (first tail))
        tail (if attributes (next tail) tail)
        [dispatch & options] tail
        options (apply hash-map options)]
    (when (empty? tail)
      (reject-form "defmulti " multi-name " needs a dispatch function."))
    (when-let [unknown (seq (remove #{:default :hierarchy} (keys options)))]
      (reject-form "defmulti " multi-name " knows the options :default and :hierarchy, not " (pr-str (first unknown)) "."))
    (list 'def
          (vary-meta multi-name merge (if doc {:doc doc} {}) attributes)
          (list 'reops.internal/make-multi
                (list 'quote (symbol (str (ns-name *ns*)) (name multi-name)))
                dispatch
                (get options :default :default)
                (get options :hierarchy '(var clojure.core/global-hierarchy))))))

(defmacro defmethod
  "Gives a multimethod its method for one dispatch value."
  {:arglists '([multifn dispatch-val & fn-tail])}
  [multifn dispatch-val & fn-tail]
  (list 'reops.internal/add-method multifn dispatch-val
        (with-meta
          (if (symbol? (first fn-tail))
            (cons 'clojure.core/fn fn-tail)
            (list* 'clojure.core/fn
                   (symbol (str (name multifn) "<" (if (or (coll? dispatch-val) (nil? dispatch-val)) "…" dispatch-val) ">"))
                   fn-tail))
          (meta &form))))
