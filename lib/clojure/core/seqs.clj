;; Lazy sequences: making them, and turning one into another. Without a collection, most of these functions return a
;; transducer that does the same.
;;
;; Where the source comes in chunks, map, filter, keep and their like work a chunk at a time.

;; Defined in core/transducers: here it serves `dedupe`.
(declare sequence)

(defmacro ^:private transducer
  "A transducer from its step: how the result so far goes on with one more element. State is made once for each reduction."
  [[rf result x] state step]
  `(fn [~rf]
     (let ~state
       (fn
         ([] (~rf))
         ([~result] (~rf ~result))
         ([~result ~x] ~step)))))

(defmacro ^:private mapped-chunk
  "The chunk of what body, given an element of the first chunk of s as x, appends to out."
  [[x s out] & body]
  `(let [it# (reops.internal/chunk-iterator ~s)
         ~out (reops.internal/buffer-for it#)]
     (loop []
       (when (reops.internal/iterator-step! it#)
         (let [~x (reops.internal/iterator-value it#)] ~@body)
         (recur)))
     ~out))

(defmacro ^:private def-by-chunks
  "Defines the lazy sequence of what f makes of coll: append puts that of x into out, for a whole chunk; one is the sequence of
  that of a single x, and more. After some chunks f becomes part of the loop over a chunk."
  [name [f x out more] append one]
  `(defn- ~name
     [~f run# left# coll#]
     (lazy-seq
       (let [s# (seq coll#)]
         (when s#
           (if (chunked-seq? s#)
             (let [run# (if (= 0 left#)
                          (reops.internal/fused (fn [s#] (mapped-chunk [~x s# ~out] ~append)))
                          run#)]
               (chunk-cons (if run# (run# s#) (mapped-chunk [~x s# ~out] ~append))
                           (~name ~f run# (dec left#) (chunk-rest s#))))
             (let [~x (first s#)
                   ~more (~name ~f run# left# (rest s#))]
               ~one)))))))

(def-by-chunks map-by-chunks
  [f x out more]
  (chunk-append out (f x))
  (cons (f x) more))

(defn map
  "The lazy sequence of (f x) for each element; with several collections, of f called with their first elements, their
  second ones, and so on up to the end of the shortest."
  ([f]
   (fn [rf]
     (fn
       ([] (rf))
       ([result] (rf result))
       ([result x] (rf result (f x)))
       ([result x & more] (rf result (apply f x more))))))
  ([f coll] (map-by-chunks f nil 8 coll))
  ([f c1 c2]
   (lazy-seq
     (let [s1 (seq c1) s2 (seq c2)]
       (when (and s1 s2)
         (cons (f (first s1) (first s2))
               (map f (rest s1) (rest s2)))))))
  ([f c1 c2 c3]
   (lazy-seq
     (let [s1 (seq c1) s2 (seq c2) s3 (seq c3)]
       (when (and s1 s2 s3)
         (cons (f (first s1) (first s2) (first s3))
               (map f (rest s1) (rest s2) (rest s3)))))))
  ([f c1 c2 c3 & colls]
   (let [rows (fn rows [colls]
                (lazy-seq
                  (let [seqs (mapv seq colls)]
                    (when (every? some? seqs)
                      (cons (mapv first seqs) (rows (mapv rest seqs)))))))]
     (map (fn [row] (apply f row)) (rows (list* c1 c2 c3 colls))))))

(def-by-chunks filter-by-chunks
  [pred x out more]
  (when (pred x) (chunk-append out x))
  (if (pred x) (cons x more) more))

(defn filter
  "The lazy sequence of the elements for which pred is true."
  ([pred]
   (transducer [rf result x] []
     (if (pred x) (rf result x) result)))
  ([pred coll] (filter-by-chunks pred nil 8 coll)))

(defn remove
  "The lazy sequence of the elements for which pred is false or nil."
  ([pred] (filter (complement pred)))
  ([pred coll] (filter (complement pred) coll)))

(def-by-chunks keep-by-chunks
  [f x out more]
  (let [value (f x)]
    (when (some? value) (chunk-append out value)))
  (let [value (f x)]
    (if (nil? value) more (cons value more))))

(defn keep
  "The lazy sequence of the values of (f x) that are not nil."
  ([f]
   (transducer [rf result x] []
     (let [value (f x)]
       (if (nil? value) result (rf result value)))))
  ([f coll] (keep-by-chunks f nil 8 coll)))

(defn- map-indexed-from
  [f i coll]
  (lazy-seq
    (let [s (seq coll)]
      (when s
        (if (chunked-seq? s)
          (let [in (chunk-first s)
                n (count in)
                out (chunk-buffer n)]
            (loop [k 0]
              (when (< k n)
                (chunk-append out (f (+ i k) (nth in k)))
                (recur (inc k))))
            (chunk-cons (chunk out) (map-indexed-from f (+ i n) (chunk-rest s))))
          (cons (f i (first s)) (map-indexed-from f (inc i) (rest s))))))))

(defn map-indexed
  "The lazy sequence of (f index x), indexes starting at 0."
  ([f]
   (transducer [rf result x] [index (volatile! -1)]
     (rf result (f (vswap! index inc) x))))
  ([f coll] (map-indexed-from f 0 coll)))

(defn keep-indexed
  "The lazy sequence of the values of (f index x) that are not nil, indexes starting at 0."
  ([f]
   (transducer [rf result x] [index (volatile! -1)]
     (let [value (f (vswap! index inc) x)]
       (if (nil? value) result (rf result value)))))
  ([f coll] (filter some? (map-indexed-from f 0 coll))))

(defn cat
  "A transducer that hands on the elements of each collection it is given."
  [rf]
  (let [rf-within (fn [result x]
                    (let [result (rf result x)]
                      ;; Unwrapped once by the inner reduction, once by the outer one.
                      (if (reduced? result) (reduced result) result)))]
    (fn
      ([] (rf))
      ([result] (rf result))
      ([result coll] (reduce rf-within result coll)))))

(defn mapcat
  "The elements of the collections that f returns, one collection after the other, as one lazy sequence."
  ([f] (comp (map f) cat))
  ([f coll] (concat-from nil (map f coll)))
  ([f coll & colls] (concat-from nil (apply map f coll colls))))

(defmacro lazy-cat
  "Like `concat`, but each collection is an expression that is evaluated when its first element is needed."
  [& colls]
  `(concat ~@(collect (fn [coll] `(lazy-seq ~coll)) colls)))

;; Endless ones

(defn iterate
  "The endless lazy sequence of x, (f x), (f (f x)) …"
  [f x]
  (cons x (lazy-seq (iterate f (f x)))))

(defn repeat
  "The lazy sequence of n times x, or endlessly x."
  ([x] (cons x (lazy-seq (repeat x))))
  ([n x]
   (lazy-seq
     (when (pos? n)
       (cons x (repeat (dec n) x))))))

(defn repeatedly
  "The lazy sequence of what n calls of f, or endlessly many, return."
  ([f] (lazy-seq (cons (f) (repeatedly f))))
  ([n f]
   (lazy-seq
     (when (pos? n)
       (cons (f) (repeatedly (dec n) f))))))

(defn cycle
  "The elements of coll over and over, as a lazy sequence."
  [coll]
  (lazy-seq
    (when-let [s (seq coll)]
      (concat s (cycle s)))))

;; Parts

(defn take
  "The lazy sequence of the first n elements, or of all if there are fewer."
  ([n]
   (transducer [rf result x] [left (volatile! n)]
     (let [before @left
           after (vreset! left (dec before))
           result (if (pos? before) (rf result x) result)]
       (if (pos? after) result (ensure-reduced result)))))
  ([n coll]
   (lazy-seq
     (when (pos? n)
       (when-let [s (seq coll)]
         (cons (first s) (take (dec n) (rest s))))))))

(defn take-while
  "The lazy sequence of the elements before the first one for which pred is false or nil."
  ([pred]
   (transducer [rf result x] []
     (if (pred x) (rf result x) (reduced result))))
  ([pred coll]
   (lazy-seq
     (when-let [s (seq coll)]
       (let [x (first s)]
         (when (pred x)
           (cons x (take-while pred (rest s)))))))))

(defn drop
  "The lazy sequence of all elements but the first n."
  ([n]
   (transducer [rf result x] [left (volatile! n)]
     (let [before @left]
       (if (pos? before)
         (do (vreset! left (dec before)) result)
         (rf result x)))))
  ([n coll]
   (lazy-seq
     (loop [n n s (seq coll)]
       (if (and s (pos? n))
         (recur (dec n) (next s))
         s)))))

(defn drop-while
  "The lazy sequence of the elements from the first one for which pred is false or nil."
  ([pred]
   (transducer [rf result x] [dropping (volatile! true)]
     (if (and @dropping (pred x))
       result
       (do (vreset! dropping false) (rf result x)))))
  ([pred coll]
   (lazy-seq
     (loop [s (seq coll)]
       (if (and s (pred (first s)))
         (recur (next s))
         s)))))

(defn take-nth
  "The lazy sequence of the first element and every nth after it."
  ([n]
   (transducer [rf result x] [index (volatile! -1)]
     (if (zero? (rem (vswap! index inc) n)) (rf result x) result)))
  ([n coll]
   (lazy-seq
     (when-let [s (seq coll)]
       (cons (first s) (take-nth n (drop n s)))))))

(defn drop-last
  "The lazy sequence of all elements but the last n, or but the last one."
  ([coll] (drop-last 1 coll))
  ([n coll] (map (fn [x _] x) coll (drop n coll))))

(defn take-last
  "A sequence of the last n elements; nil when there are none."
  [n coll]
  (loop [s (seq coll) ahead (seq (drop n coll))]
    (if ahead
      (recur (next s) (next ahead))
      s)))

(defn butlast
  "A sequence of all elements but the last; nil when there are none."
  [coll]
  (but-last-of (seq coll)))

(defn nthnext
  "A sequence of what follows the first n elements; nil when nothing does."
  [coll n]
  (loop [n n s (seq coll)]
    (if (and s (pos? n))
      (recur (dec n) (next s))
      s)))

(defn nthrest
  "What follows the first n elements, possibly an empty sequence; coll itself when n is 0."
  [coll n]
  (loop [n n coll coll]
    (if (and (pos? n) (seq coll))
      (recur (dec n) (rest coll))
      coll)))

(defn nfirst
  "Same as (next (first x))."
  [x]
  (next (first x)))

(defn split-at
  "[(take n coll) (drop n coll)]"
  [n coll]
  [(take n coll) (drop n coll)])

(defn split-with
  "[(take-while pred coll) (drop-while pred coll)]"
  [pred coll]
  [(take-while pred coll) (drop-while pred coll)])

(defn bounded-count
  "The count of coll when it is known, else of its elements up to n."
  [n coll]
  (if (counted? coll)
    (count coll)
    (loop [i 0 s (seq coll)]
      (if (and s (< i n))
        (recur (inc i) (next s))
        i))))

(defn not-empty
  "coll, or nil when it is empty."
  [coll]
  (when (seq coll) coll))

;; Together

(defn interleave
  "The lazy sequence of the first elements of the collections, their second ones, and so on up to the end of the shortest."
  ([] ())
  ([c1] (lazy-seq c1))
  ([c1 c2]
   (lazy-seq
     (let [s1 (seq c1) s2 (seq c2)]
       (when (and s1 s2)
         (cons (first s1)
               (cons (first s2)
                     (interleave (rest s1) (rest s2))))))))
  ([c1 c2 & colls]
   (concat-from nil (apply map list c1 c2 colls))))

(defn interpose
  "The lazy sequence of the elements with separator between them."
  ([separator]
   (transducer [rf result x] [started (volatile! false)]
     (if @started
       (let [result (rf result separator)]
         (if (reduced? result) result (rf result x)))
       (do (vreset! started true) (rf result x)))))
  ([separator coll]
   (lazy-seq
     (when-let [s (seq coll)]
       (cons (first s)
             (mapcat (fn [x] (list separator x)) (rest s)))))))

(defn distinct
  "The lazy sequence of the elements without repetitions."
  ([]
   (transducer [rf result x] [seen (volatile! #{})]
     (if (contains? @seen x)
       result
       (do (vswap! seen conj x) (rf result x)))))
  ([coll]
   (let [unseen (fn unseen [seen coll]
                  (lazy-seq
                    (loop [s (seq coll)]
                      (when s
                        (let [x (first s)]
                          (if (contains? seen x)
                            (recur (next s))
                            (cons x (unseen (conj seen x) (rest s)))))))))]
     (unseen #{} coll))))

(defn dedupe
  "The lazy sequence of the elements without those that equal the one before them."
  ([]
   (transducer [rf result x] [previous (volatile! ::none)]
     (if (= @previous x)
       result
       (do (vreset! previous x) (rf result x)))))
  ([coll] (sequence (dedupe) coll)))

(defn reductions
  "The lazy sequence of the intermediate results of reducing coll with f, the first being init or the first element."
  ([f coll]
   (lazy-seq
     (if-let [s (seq coll)]
       (reductions f (first s) (rest s))
       (list (f)))))
  ([f init coll]
   (if (reduced? init)
     (list @init)
     (cons init
           (lazy-seq
             (when-let [s (seq coll)]
               (reductions f (f init (first s)) (rest s))))))))

(defn tree-seq
  "The lazy sequence of the nodes of a tree, each before its children. Nodes for which branch? is true may have children,
  which are (children node)."
  [branch? children root]
  (let [walk (fn walk [node]
               (lazy-seq
                 (cons node
                       (when (branch? node)
                         (mapcat walk (children node))))))]
    (walk root)))

(defn flatten
  "The lazy sequence of the elements of nested sequential collections, down to what is none. Anything else gives ()."
  [x]
  (remove sequential? (rest (tree-seq sequential? seq x))))

(defn replace
  "The elements, each one that is a key of smap exchanged for its value. A vector gives a vector, else a lazy sequence."
  ([smap]
   (map (fn [x] (if-let [entry (find smap x)] (val entry) x))))
  ([smap coll]
   (let [exchange (fn [x] (if-let [entry (find smap x)] (val entry) x))]
     (if (vector? coll)
       (mapv exchange coll)
       (map exchange coll)))))

;; Chance

(defn shuffle
  "A vector of the elements in random order."
  [coll]
  (loop [v (vec coll) i (dec (count coll))]
    (if (pos? i)
      (let [j (rand-int (inc i))
            x (nth v i)]
        (recur (assoc v i (nth v j) j x) (dec i)))
      v)))

(defn rand-nth
  "An element chosen at random."
  [coll]
  (nth coll (rand-int (count coll))))

(defn random-sample
  "The lazy sequence of the elements, each one kept with probability prob."
  ([prob] (filter (fn [_] (< (rand) prob))))
  ([prob coll] (filter (fn [_] (< (rand) prob)) coll)))

(defn- matches-of
  "The matches of re in s from a byte offset on, found as they are asked for."
  [re s offset]
  (when-let [[found next-offset] (reops.internal/matches-from re s offset)]
    (chunk-cons found (when next-offset (lazy-seq (matches-of re s next-offset))))))

(defn re-seq
  "The lazy sequence of all matches of re in s, from left to right. Nil for none.

    (re-seq #\"[0-9]+\" \"10 apples, 20 pears\") ;=> (\"10\" \"20\")"
  [re s]
  (matches-of re s 0))

(defn iteration
  "The lazy sequence of values from repeated calls of step, as for an API that answers page by page. step is called with a
  key, :initk at first, and what it returns is asked for more:

    :somef  is it an answer with a value? (some?)
    :vf     the value in it (identity)
    :kf     the key for the next call, nil at the end (identity)"
  [step & {:keys [somef vf kf initk] :or {somef some? vf identity kf identity}}]
  (let [pages (fn pages [answer]
                (when (somef answer)
                  (cons (vf answer)
                        (when-some [k (kf answer)]
                          (lazy-seq (pages (step k)))))))]
    (lazy-seq (pages (step initk)))))
