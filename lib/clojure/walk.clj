(ns clojure.walk
  "Rebuilding nested data, form by form.")

(defn walk
  "Applies inner to each element of form, puts the results together as a collection of the same kind, and applies outer to
  that. What is no collection goes to outer as it is."
  [inner outer form]
  (cond
    (list? form) (outer (with-meta (apply list (map inner form)) (meta form)))
    (map-entry? form) (outer (reops.internal/map-entry (inner (key form)) (inner (val form))))
    (seq? form) (outer (with-meta (doall (map inner form)) (meta form)))
    (record? form) (outer (reduce (fn [r entry] (conj r (inner entry))) form form))
    (coll? form) (outer (into (empty form) (map inner form)))
    :else (outer form)))

(defn postwalk
  "Applies f to every part of form, from the inside out, and puts the results together."
  [f form]
  (walk (fn [part] (postwalk f part)) f form))

(defn prewalk
  "Applies f to form, then to every part of the result, from the outside in, and puts the results together."
  [f form]
  (walk (fn [part] (prewalk f part)) identity (f form)))

(defn postwalk-demo
  "Prints each part that `postwalk` visits, and returns form."
  [form]
  (postwalk (fn [part] (print "Walked: ") (prn part) part) form))

(defn prewalk-demo
  "Prints each part that `prewalk` visits, and returns form."
  [form]
  (prewalk (fn [part] (print "Walked: ") (prn part) part) form))

(defn- change-keys
  [change m]
  (postwalk (fn [part]
              (if (map? part)
                (with-meta (reduce-kv (fn [out k v] (assoc out (change k) v)) {} part) (meta part))
                part))
            m))

(defn keywordize-keys
  "The data with all string keys of its maps turned into keywords."
  [m]
  (change-keys (fn [k] (if (string? k) (keyword k) k)) m))

(defn stringify-keys
  "The data with all keyword keys of its maps turned into strings."
  [m]
  (change-keys (fn [k] (if (keyword? k) (name k) k)) m))

(defn- exchange
  [smap]
  (fn [part]
    (if-let [entry (find smap part)] (val entry) part)))

(defn prewalk-replace
  "form with every part that is a key of smap replaced by its value, from the outside in."
  [smap form]
  (prewalk (exchange smap) form))

(defn postwalk-replace
  "form with every part that is a key of smap replaced by its value, from the inside out."
  [smap form]
  (postwalk (exchange smap) form))

(defn macroexpand-all
  "form with every macro call in it expanded. It takes any list for a call, quoted ones too."
  [form]
  (prewalk (fn [part] (if (seq? part) (macroexpand part) part)) form))
