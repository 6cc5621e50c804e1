;; What code of Clojure's older days uses. Struct maps, which records have taken the place of, are maps that begin with
;; the same keys.

(in-ns 'clojure.core)

(defn create-struct
  "A description of maps that all have these keys, for `struct`, `struct-map` and `accessor`."
  [& keys]
  (when (empty? keys)
    (throw (new IllegalArgumentException "create-struct needs at least one key")))
  (with-meta (vec keys) {::struct true}))

(defmacro defstruct
  "Defines name as the description of maps that have these keys (see `create-struct`)."
  [name & keys]
  `(def ~name (create-struct ~@keys)))

(defn- keys-of-struct
  [description]
  (when-not (::struct (meta description))
    (throw (new ClassCastException (str "Expected what create-struct made, found " (pr-str description)))))
  description)

(defn struct
  "A map with the keys that were described and these values, in their order; the rest are nil."
  [description & vals]
  (let [keys (keys-of-struct description)]
    (when (> (count vals) (count keys))
      (throw (new IllegalArgumentException (str "The struct has " (count keys) " keys, but " (count vals) " values were given"))))
    (apply array-map (interleave keys (concat vals (repeat nil))))))

(defn struct-map
  "A map with the keys that were described, nil where the keys and values after it say nothing; they may name more keys."
  [description & keyvals]
  (when (odd? (count keyvals))
    (throw (new IllegalArgumentException (str "No value was given for the key " (pr-str (last keyvals))))))
  (reduce (fn [m [k v]] (assoc m k v))
          (struct description)
          (partition 2 keyvals)))

(defn accessor
  "A function that looks key up in a map of that description."
  [description key]
  (when-not (some (fn [k] (= k key)) (keys-of-struct description))
    (throw (new IllegalArgumentException (str (pr-str key) " is not a key of the struct"))))
  (fn [m] (get m key)))

(defmacro definline
  "Defines a function of the expression that its body makes of its parameters' names. It is called like any other: what
  compiles a call decides how."
  [name & decl]
  (let [[before [args expr]] (split-with (complement vector?) decl)]
    `(defn ~name ~@before ~args ~(apply (eval (list 'clojure.core/fn args expr)) args))))

(defn replicate
  "n times x. `repeat` is its successor."
  {:deprecated "1.3"}
  [n x]
  (take n (repeat x)))
