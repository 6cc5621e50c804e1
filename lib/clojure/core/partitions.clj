;; Sequences of runs.

(defn- front
  ;; The first n elements in a vector, and what follows them.
  [n coll]
  (loop [run [] more coll]
    (if (< (count run) n)
      (let [s (seq more)]
        (if s
          (recur (conj run (first s)) (rest s))
          [run nil]))
      [run more])))

(defn- next-start
  ;; Where the run after this one begins: step elements behind the start of coll, of which n are before more.
  [n step coll more]
  (if (< step n)
    (nthrest coll step)
    (nthrest more (- step n))))

(defn partition
  "The lazy sequence of sequences of n elements each, starting step (or n) elements apart. Elements that do not fill the
  last one are left out, unless pad gives elements to fill it up, as far as they go."
  ([n coll] (partition n n coll))
  ([n step coll]
   (lazy-seq
     (when-let [s (seq coll)]
       (let [[run more] (front n s)]
         (when (= n (count run))
           (cons (sequence run) (partition n step (next-start n step s more))))))))
  ([n step pad coll]
   (lazy-seq
     (when-let [s (seq coll)]
       (let [[run more] (front n s)]
         (if (= n (count run))
           (cons (sequence run) (partition n step pad (next-start n step s more)))
           (list (take n (concat run pad)))))))))

(defn partition-all
  "Like `partition`, but the last run may be shorter."
  ([n]
   (fn [rf]
     (let [run (volatile! [])]
       (fn
         ([] (rf))
         ([result]
          (if (seq @run)
            (let [last-run @run]
              (vreset! run [])
              (rf (unreduced (rf result last-run))))
            (rf result)))
         ([result x]
          (let [full (vswap! run conj x)]
            (if (= n (count full))
              (do (vreset! run []) (rf result full))
              result)))))))
  ([n coll] (partition-all n n coll))
  ([n step coll]
   (lazy-seq
     (when-let [s (seq coll)]
       (let [[run more] (front n s)]
         (cons (sequence run) (partition-all n step (next-start n step s more))))))))

(defn partition-by
  "The lazy sequence of the longest runs of elements for which f returns equal values."
  ([f]
   (fn [rf]
     (let [run (volatile! [])
           previous (volatile! ::none)]
       (fn
         ([] (rf))
         ([result]
          (if (seq @run)
            (let [last-run @run]
              (vreset! run [])
              (rf (unreduced (rf result last-run))))
            (rf result)))
         ([result x]
          (let [value (f x)
                before @previous]
            (vreset! previous value)
            (if (or (identical? ::none before) (= before value))
              (do (vswap! run conj x) result)
              (let [full @run
                    result (rf result full)]
                (vreset! run (if (reduced? result) [] [x]))
                result))))))))
  ([f coll]
   (lazy-seq
     (when-let [s (seq coll)]
       (let [x (first s)
             value (f x)
             run (cons x (take-while (fn [y] (= value (f y))) (next s)))]
         (cons run (partition-by f (lazy-seq (drop (count run) s)))))))))
