;; Reducing, and what is a reduction. An iterator walks any collection, chunk by chunk where it can, and holds no more of
;; it than the current position.

(defn ensure-reduced
  "x as a value that ends a reduction, unless it is one already."
  [x]
  (if (reduced? x) x (reduced x)))

(defn- reduce-on
  ;; What is long is worth a loop of its own, of which f is a part.
  [f acc it]
  (if (reduced? acc)
    (deref acc)
    (let* [run (reops.internal/fused
                 (fn* [acc]
                   (let* [it it]
                     (loop* [acc acc]
                       (if (reops.internal/iterator-step! it)
                         (let* [acc (f acc (reops.internal/iterator-value it))]
                           (if (reduced? acc) (deref acc) (recur acc)))
                         acc)))))]
      (run acc))))

(defn- reduce-rest
  [f init it]
  (if (reops.internal/iterator-step! it)
    (loop* [acc (f init (reops.internal/iterator-value it)) left 200]
      (if (reduced? acc)
        (deref acc)
        (if (reops.internal/iterator-step! it)
          (if (zero? left)
            (reduce-on f (f acc (reops.internal/iterator-value it)) it)
            (recur (f acc (reops.internal/iterator-value it)) (dec left)))
          acc)))
    init))

(defn reduce
  "Combines the elements of coll from the left: f is called with the result so far and the next element. The first result
  is init, or else the first element; an empty coll without init gives (f). A result wrapped by `reduced` ends it at once.

      (reduce + 10 [1 2 3])   ; 16"
  ([f coll]
   (let* [it (reops.internal/iterator coll)]
     (if (reops.internal/iterator-step! it)
       (reduce-rest f (reops.internal/iterator-value it) it)
       (f))))
  ([f init coll]
   (if (reops.internal/reduces-itself? coll)
     (reops.internal/host-call "reduce" coll f init)
     (reduce-rest f init (reops.internal/iterator coll)))))

(defn reduce-kv
  "Like `reduce` over a map, with f called as (f result key value). A vector counts as a map from indexes."
  [f init coll]
  (cond
    (reops.internal/reduces-pairs-itself? coll)
    (reops.internal/host-call "kvreduce" coll f init)

    (vector? coll)
    (let [n (count coll)]
      (loop [acc init i 0]
        (if (< i n)
          (let [acc (f acc i (nth coll i))]
            (if (reduced? acc) (deref acc) (recur acc (inc i))))
          acc)))

    :else
    (let [it (reops.internal/iterator coll)]
      (loop [acc init]
        (if (reops.internal/iterator-step! it)
          (let [entry (reops.internal/iterator-value it)
                acc (f acc (key entry) (val entry))]
            (if (reduced? acc) (deref acc) (recur acc)))
          acc)))))

(defn run!
  "Calls f with each element of coll, for its effects. Returns nil."
  [f coll]
  (let [it (reops.internal/iterator coll)]
    (loop []
      (when (reops.internal/iterator-step! it)
        (f (reops.internal/iterator-value it))
        (recur)))))

(defn transduce
  "Reduces coll with the reducing function that the transducer xform makes of f, then lets it complete the result."
  ([xform f coll] (transduce xform f (f) coll))
  ([xform f init coll]
   (let [rf (xform f)]
     (rf (reduce rf init coll)))))

(defn into
  "to with all elements of from added by `conj`, each through the transducer xform if there is one."
  ([] [])
  ([to] to)
  ([to from] (reduce conj to from))
  ([to xform from]
   (let [rf (xform conj)]
     (rf (reduce rf to from)))))

(defn mapv
  "A vector of what f returns for each element; with several collections, for their first elements, second ones, and so on
  up to the end of the shortest."
  ([f coll]
   (let [it (reops.internal/iterator coll)]
     (loop [out []]
       (if (reops.internal/iterator-step! it)
         (recur (conj out (f (reops.internal/iterator-value it))))
         out))))
  ([f c1 c2]
   (let [it1 (reops.internal/iterator c1)
         it2 (reops.internal/iterator c2)]
     (loop [out []]
       (if (and (reops.internal/iterator-step! it1) (reops.internal/iterator-step! it2))
         (recur (conj out (f (reops.internal/iterator-value it1) (reops.internal/iterator-value it2))))
         out))))
  ([f c1 c2 & colls]
   (let [its (mapv reops.internal/iterator (list* c1 c2 colls))]
     (loop [out []]
       (if (loop [i 0]
             (cond
               (= i (count its)) true
               (reops.internal/iterator-step! (nth its i)) (recur (inc i))
               :else false))
         (recur (conj out (apply f (mapv reops.internal/iterator-value its))))
         out)))))

(defn filterv
  "A vector of the elements for which pred is true."
  [pred coll]
  (let [it (reops.internal/iterator coll)]
    (loop [out []]
      (if (reops.internal/iterator-step! it)
        (let [x (reops.internal/iterator-value it)]
          (recur (if (pred x) (conj out x) out)))
        out))))

(defn some
  "The first true value of (pred x) for the elements x in order, else nil. A set serves as pred to look for its members.

      (some #{:failed} states)"
  [pred coll]
  (let [it (reops.internal/iterator coll)]
    (loop []
      (if (reops.internal/iterator-step! it)
        (let [found (pred (reops.internal/iterator-value it))]
          (if found found (recur)))
        nil))))

(defn every?
  "True when pred is true for every element; so it is for no elements."
  [pred coll]
  (let [it (reops.internal/iterator coll)]
    (loop []
      (if (reops.internal/iterator-step! it)
        (if (pred (reops.internal/iterator-value it)) (recur) false)
        true))))

(defn not-any?
  "True when pred is true for no element."
  [pred coll]
  (not (some pred coll)))

(defn not-every?
  "True when pred is false or nil for some element."
  [pred coll]
  (not (every? pred coll)))

(defn every-pred
  "A function that is true when every one of the predicates is true for every one of its arguments."
  [& preds]
  (fn [& args]
    (every? (fn [pred] (every? pred args)) preds)))

(defn some-fn
  "A function that returns the first true value which one of the functions gives for one of its arguments."
  [& fs]
  (fn [& args]
    (loop [fs (seq fs) result nil]
      (if fs
        (let [f (first fs)
              result (loop [args (seq args) result result]
                       (if args
                         (let [result (f (first args))]
                           (if result result (recur (next args) result)))
                         result))]
          (if result result (recur (next fs) result)))
        result))))

(defn sort-by
  "The elements sorted by (keyfn x), with `compare` or the given comparator. Equal ones keep their order."
  ([keyfn coll] (sort-by keyfn compare coll))
  ([keyfn comparator coll]
   (sort (fn [x y] (comparator (keyfn x) (keyfn y))) coll)))

(defn group-by
  "A map from each (f x) to the vector of the elements that gave it, in order."
  [f coll]
  (reduce (fn [groups x]
            (let [k (f x)
                  members (get groups k [])
                  ;; Nobody else has the members now, so they grow where they are.
                  groups (assoc groups k nil)]
              (assoc groups k (conj members x))))
          {}
          coll))

(defn frequencies
  "A map from each distinct element to how often it occurs."
  [coll]
  (reduce (fn [counts x] (assoc counts x (inc (get counts x 0)))) {} coll))

(defn distinct?
  "True when no two arguments are equal."
  ([x] true)
  ([x y] (not (= x y)))
  ([x y & more]
   (if (= x y)
     false
     (loop [seen #{x y} s more]
       (cond
         (not s) true
         (contains? seen (first s)) false
         :else (recur (conj seen (first s)) (next s)))))))
