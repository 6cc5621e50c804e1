;; Maps: nested ones, merged ones, and maps made from sequences.

(defn get-in
  "The value in nested associative structures at the path of keys, or not-found (nil)."
  ([m ks] (reduce get m ks))
  ([m ks not-found]
   (loop [m m ks (seq ks)]
     (if ks
       (let [inner (get m (first ks) ::absent)]
         (if (identical? ::absent inner)
           not-found
           (recur inner (next ks))))
       m))))

(defn assoc-in
  "m with the value at the path of keys in nested structures set to v. Missing levels become maps."
  [m [k & ks] v]
  (assoc m k (if ks (assoc-in (get m k) ks v) v)))

(defn update
  "m with the value at key k replaced by (f value args…)."
  ([m k f] (assoc m k (f (get m k))))
  ([m k f x] (assoc m k (f (get m k) x)))
  ([m k f x y] (assoc m k (f (get m k) x y)))
  ([m k f x y z] (assoc m k (f (get m k) x y z)))
  ([m k f x y z & more] (assoc m k (apply f (get m k) x y z more))))

(defn- update-path
  [m ks f]
  (let [k (first ks)
        more (next ks)]
    (assoc m k (if more
                 (update-path (get m k) more f)
                 (f (get m k))))))

(defn update-in
  "m with the value at the path of keys in nested structures replaced by (f value args…). Missing levels become maps.

      (update-in hosts [\"web1\" :tries] (fnil inc 0))"
  [m ks f & args]
  (update-path m (seq ks) (if args (fn [v] (apply f v args)) f)))

(defn- keeping-meta
  [m result]
  (with-meta result (meta m)))

(defn update-keys
  "m with each key replaced by (f key)."
  [m f]
  (keeping-meta m (reduce-kv (fn [out k v] (assoc out (f k) v)) {} m)))

(defn update-vals
  "m with each value replaced by (f value)."
  [m f]
  (keeping-meta m (reduce-kv (fn [out k v] (assoc out k (f v))) {} m)))

(defn select-keys
  "A map of the entries of m whose keys are among ks."
  [m ks]
  (keeping-meta m (reduce (fn [out k]
                            (if-let [entry (find m k)]
                              (conj out entry)
                              out))
                          {}
                          ks)))

(defn merge
  "The maps joined; a later map's entries win. nil counts as an empty map; nothing but nils gives nil."
  [& maps]
  (when (some identity maps)
    (reduce (fn [m other] (conj (or m {}) other)) maps)))

(defn merge-with
  "The maps joined; where several have a key, the value is (f earlier later)."
  [f & maps]
  (when (some identity maps)
    (reduce (fn [m other]
              (reduce-kv (fn [m k v]
                           (if-let [entry (find m k)]
                             (assoc m k (f (val entry) v))
                             (assoc m k v)))
                         (or m {})
                         other))
            maps)))

(defn zipmap
  "A map from each key to the value at the same place, as far as both go."
  [ks vs]
  (let [keys-in (reops.internal/iterator ks)
        vals-in (reops.internal/iterator vs)]
    (loop [m {}]
      (if (and (reops.internal/iterator-step! keys-in) (reops.internal/iterator-step! vals-in))
        (recur (assoc m (reops.internal/iterator-value keys-in) (reops.internal/iterator-value vals-in)))
        m))))

(declare swap!)

(defn memoize
  "A function like f that remembers, for ever, what f returned for each list of arguments."
  [f]
  (let [known (atom {})]
    (fn [& args]
      (if-let [entry (find @known args)]
        (val entry)
        (let [value (apply f args)]
          (swap! known assoc args value)
          value)))))
