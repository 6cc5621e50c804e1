;; Loops over collections: dotimes, doseq, for, and what forces a lazy sequence.

(defmacro dotimes
  "Runs body n times, for its effects, with the name bound to 0, 1, … n-1.

      (dotimes [i 3] (println i))"
  [bindings & body]
  (let [[i n] (one-binding "dotimes" bindings)]
    `(let* [n# (long ~n)]
       (loop* [~i 0]
         (if (< ~i n#)
           (do ~@body (recur (inc ~i)))
           nil)))))

(defn- binding-groups
  ;; The bindings of `for` and `doseq`: a vector of [pattern collection modifiers], modifiers being a vector of pairs.
  [what bindings]
  (check-bindings what bindings)
  (loop [groups [] s (seq bindings)]
    (if s
      (let [[k v] s
            more (next (next s))]
        (cond
          (not (keyword? k)) (recur (conj groups [k v []]) more)
          (not (contains? #{:let :when :while} k)) (reject-form what " knows :let, :when and :while, not " k ".")
          (not (seq groups)) (reject-form what " starts with a name and a collection, not with " k ".")
          :else (let [[pattern coll modifiers] (peek groups)]
                  (recur (conj (pop groups) [pattern coll (conj modifiers [k v])]) more))))
      groups)))

(defn- modified
  ;; The form inner behind the modifiers; skip and stop are the forms for an element left out and for the end.
  [modifiers inner skip stop]
  (loop [inner inner left modifiers]
    (if (seq left)
      (let [[kind form] (peek left)]
        (recur (cond
                 (= :let kind) `(let ~form ~inner)
                 (= :when kind) `(if ~form ~inner ~skip)
                 :else `(if ~form ~inner ~stop))
               (pop left)))
      inner)))

(defn- doseq-level
  [groups body]
  (if groups
    (let [[pattern coll modifiers] (first groups)
          it (gensym "it__")]
      `(let* [~it (reops.internal/iterator ~coll)]
         (loop* []
           (if (reops.internal/iterator-step! ~it)
             (let [~pattern (reops.internal/iterator-value ~it)]
               ~(modified modifiers `(do ~(doseq-level (next groups) body) (recur)) '(recur) nil))
             nil))))
    `(do ~@body)))

(defmacro doseq
  "Runs body for each element of the collections, for its effects; the last collection turns fastest. :let, :when and
  :while work as in `for`. Returns nil.

      (doseq [host hosts :when (up? host) port [22 80]] (probe host port))"
  [bindings & body]
  (doseq-level (seq (binding-groups "doseq" bindings)) (concat body '(nil))))

;; `for` turns each level into a function of one element. It returns the value for the element (on the last level) or the
;; sequence of its values (on the others), or one of two marks: left out, or end.

(definternal for-each
  "Joins the sequences that f returns for the elements."
  [f coll]
  (lazy-seq
    (loop [s (seq coll)]
      (when s
        (let [inner (f (first s))]
          (cond
            (identical? :reops.internal/skip inner) (recur (next s))
            (identical? :reops.internal/stop inner) nil
            :else (if-let [inner (seq inner)]
                    (concat inner (for-each f (rest s)))
                    (recur (next s)))))))))

(definternal for-last
  "The values that f returns for the elements, chunk by chunk where coll has chunks."
  [f coll]
  (lazy-seq
    (loop [s (seq coll)]
      (when s
        (if (chunked-seq? s)
          (let [in (chunk-first s)
                n (count in)
                out (chunk-buffer n)
                ended (loop [i 0]
                        (if (< i n)
                          (let [x (f (nth in i))]
                            (cond
                              (identical? :reops.internal/skip x) (recur (inc i))
                              (identical? :reops.internal/stop x) true
                              :else (do (chunk-append out x) (recur (inc i)))))
                          false))]
            (chunk-cons (chunk out) (if ended nil (for-last f (chunk-rest s)))))
          (let [x (f (first s))]
            (cond
              (identical? :reops.internal/skip x) (recur (next s))
              (identical? :reops.internal/stop x) nil
              :else (cons x (for-last f (rest s))))))))))

(defn- for-level
  [groups body]
  (let [[pattern coll modifiers] (first groups)
        deeper (next groups)]
    `(~(if deeper 'reops.internal/for-each 'reops.internal/for-last)
      (fn [~pattern]
        ~(modified modifiers (if deeper (for-level deeper body) body) :reops.internal/skip :reops.internal/stop))
      ~coll)))

(defmacro for
  "A lazy sequence of the value of body for each element of the collections; the last collection turns fastest. After a
  collection may stand :let [bindings], :when test (leaves out what fails it) and :while test (ends there).

      (for [x (range 4) :when (odd? x) y [:a :b]] [x y])"
  [bindings body]
  (let [groups (seq (binding-groups "for" bindings))]
    (when-not groups
      (reject-form "for needs a name and a collection at least."))
    (for-level groups body)))

(defn dorun
  "Makes the elements of a lazy sequence, or its first n, for their effects. Returns nil."
  ([coll]
   (let [it (reops.internal/iterator coll)]
     (loop []
       (when (reops.internal/iterator-step! it) (recur)))))
  ([n coll]
   (loop [n n s (seq coll)]
     (when (and s (pos? n))
       (recur (dec n) (next s))))))

(defn doall
  "Makes the elements of a lazy sequence, or its first n, and returns the sequence."
  ([coll]
   (dorun coll)
   coll)
  ([n coll]
   (dorun n coll)
   coll))
