;; Transducers: running them lazily, and the pieces that have no sequence of their own.

(defn completing
  "The reducing function f with an arity of one argument, cf or `identity`, which completes the result."
  ([f] (completing f identity))
  ([f cf]
   (fn
     ([] (f))
     ([result] (cf result))
     ([result x] (f result x)))))

(defn halt-when
  "A transducer that ends the whole reduction when pred is true for an element. The result is then that element, or
  (retf result element), where result is what was complete so far."
  ([pred] (halt-when pred nil))
  ([pred retf]
   (fn [rf]
     (fn
       ([] (rf))
       ([result]
        (if (and (map? result) (contains? result ::halt))
          (::halt result)
          (rf result)))
       ([result x]
        (if (pred x)
          (reduced {::halt (if retf (retf (rf result) x) x)})
          (rf result x)))))))

(def ^:private k-run 32)

(defn- emit-run
  [run more]
  (let [out (chunk-buffer (count run))]
    (doseq [x run] (chunk-append out x))
    (chunk-cons (chunk out) more)))

(defn- transformed
  ;; Collects what the reducing function lets through in runs of k-run elements and perhaps some more. A run is the result
  ;; of a reduction of its own, so that it grows in place; only the state inside the transducer goes on from run to run.
  ;; The first element of a run is looked for at once, as Clojure does, the others when it is needed.
  [rf it]
  (let [grow (fn [run size emit]
               (loop [run run]
                 (cond
                   (<= size (count run)) (emit run true)
                   (reops.internal/iterator-step! it) (let [run (rf run (reops.internal/iterator-value it))]
                                                        (if (reduced? run)
                                                          (emit (rf @run) false)
                                                          (recur run)))
                   :else (emit (rf run) false))))]
    ((fn runs []
       (grow [] 1 (fn [run more]
                    (cond
                      more (lazy-seq (grow run k-run (fn [run more]
                                                       (emit-run run (when more (runs))))))
                      ;; A transducer that replaces the result, as halt-when does, leaves no sequence.
                      (vector? run) (seq run)
                      :else nil)))))))

(defn sequence
  "coll as a sequence, () when it is empty. With a transducer, the lazy sequence of what it lets through; of several
  collections it is given their first elements, their second ones, and so on up to the end of the shortest."
  ([coll]
   (if (seq? coll) coll (or (seq coll) ())))
  ([xform coll]
   (sequence (transformed (xform conj) (reops.internal/iterator coll))))
  ([xform coll & colls]
   (let [rf (xform conj)]
     (sequence (transformed (fn ([run] (rf run)) ([run row] (apply rf run row)))
                            (reops.internal/iterator (apply map vector coll colls)))))))

(defn eduction
  "The lazy sequence of what the transducers, the first one first, let through of coll, the last argument."
  [& xforms+coll]
  (let [xform (apply comp (butlast xforms+coll))
        coll (last xforms+coll)]
    (lazy-seq (sequence xform coll))))

(def ^:dynamic *clojure-version*
  "The version of Clojure whose core library this one follows."
  {:major 1 :minor 11 :incremental 1 :qualifier nil})

(defn clojure-version
  "The version of Clojure that this language follows, as text."
  []
  (let [{:keys [major minor incremental]} *clojure-version*]
    (str major "." minor "." incremental)))
