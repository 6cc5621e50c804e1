;; Atoms, bindings, delays and futures: what is built in the language itself on the natives of builtin/atoms.cpp,
;; vars.cpp and concurrency.cpp.

;; Atoms

(defn swap!
  "Replaces the value of an atom by (f value args…), where f may be called again if another thread was faster: it should
  have no side effects. Returns the new value."
  ([atom f]
   (let [old (reops.internal/atom-value atom)
         new (f old)]
     (if (compare-and-set! atom old new) new (recur atom f))))
  ([atom f x]
   (let [old (reops.internal/atom-value atom)
         new (f old x)]
     (if (compare-and-set! atom old new) new (recur atom f x))))
  ([atom f x y]
   (let [old (reops.internal/atom-value atom)
         new (f old x y)]
     (if (compare-and-set! atom old new) new (recur atom f x y))))
  ([atom f x y & args]
   (loop []
     (let [old (reops.internal/atom-value atom)
           new (apply f old x y args)]
       (if (compare-and-set! atom old new) new (recur))))))

(defn swap-vals!
  "Like swap!, and returns [old new]."
  [atom f & args]
  (loop []
    (let [old (reops.internal/atom-value atom)
          new (apply f old args)]
      (if (compare-and-set! atom old new) [old new] (recur)))))

;; Bindings

(defn- binding-pairs
  "The bindings of a macro as [name value] pairs; an error names the macro when they are no pairs."
  [what bindings]
  (when-not (and (vector? bindings) (even? (count bindings)))
    (reject-form what " needs a vector of names and values in pairs, and was given " (pr-str bindings) "."))
  (partition 2 bindings))

(defn- vars-to-values
  "The form of a map from the vars named in `pairs` to their values."
  [pairs]
  (cons 'clojure.core/hash-map
        (mapcat (fn [[name value]] [(list 'var name) value]) pairs)))

(defmacro binding
  "Evaluates body with dynamic vars bound to other values in this thread, and in futures started inside. All values are
  computed before the first var is bound.

      (binding [*print-length* 3] (prn (range)))"
  [bindings & body]
  (let [pairs (binding-pairs "binding" bindings)]
    ;; One form to the compiler, which evaluates those of a `do` one by one: were the body refused after the push, nothing
    ;; would ever pop.
    `(let []
       (push-thread-bindings ~(vars-to-values pairs))
       (try ~@body (finally (pop-thread-bindings))))))

(defmacro with-local-vars
  "Evaluates body with names for vars of no namespace, which this thread alone sees: var-get, deref and var-set read and
  change them.

      (with-local-vars [n 0] (dotimes [i 4] (var-set n (+ @n i))) @n)   ; 6"
  [bindings & body]
  (let [pairs (binding-pairs "with-local-vars" bindings)]
    `(let [~@(mapcat (fn [[name _]] [name (list 'reops.internal/local-var (list 'quote name))]) pairs)]
       (push-thread-bindings (hash-map ~@bindings))
       (try ~@body (finally (pop-thread-bindings))))))

(defn with-bindings*
  "Calls f with args while the vars of a map are bound to its values in this thread."
  [binding-map f & args]
  (push-thread-bindings binding-map)
  (try (apply f args) (finally (pop-thread-bindings))))

(defmacro with-bindings
  "Evaluates body while the vars of a map are bound to its values in this thread."
  [binding-map & body]
  `(with-bindings* ~binding-map (fn [] ~@body)))

(defn bound-fn*
  "A function that calls f with the bindings in effect now, in whatever thread it is called."
  [f]
  (let [bindings (get-thread-bindings)]
    (fn [& args] (apply with-bindings* bindings f args))))

(defmacro bound-fn
  "Like fn; the function runs with the bindings in effect where it was made."
  [& fntail]
  `(bound-fn* (fn ~@fntail)))

(defn with-redefs-fn
  "Calls f while the vars of a map have its values as their roots, for all threads."
  [binding-map f]
  (let [before (reops.internal/swap-roots! binding-map)]
    (try (f) (finally (reops.internal/swap-roots! before)))))

(defmacro with-redefs
  "Evaluates body while vars, dynamic or not, have other roots; every thread sees them. For tests.

      (with-redefs [fetch (fn [_] :stubbed)] (report))"
  [bindings & body]
  `(with-redefs-fn ~(vars-to-values (binding-pairs "with-redefs" bindings)) (fn [] ~@body)))

;; Delays and futures

(defn- once-fn
  "The form of a function of no arguments that is called at most once, and so need not keep what it captured."
  [body]
  (list* '^{:once true} fn* [] body))

(defmacro delay
  "A value that body computes when somebody first asks for it with deref or force; once, even if many threads ask."
  [& body]
  (list 'reops.internal/delay* (once-fn body)))

(defmacro future
  "Evaluates body on another thread, with the bindings of this one. deref waits for its value, and throws what it threw."
  [& body]
  (list 'clojure.core/future-call (once-fn body)))

(defmacro io!
  "Evaluates body. Where there are transactions it is refused inside of one, as a transaction may run several times; there
  are none yet. A string before the body says what would be refused."
  [& body]
  (cons 'do (if (string? (first body)) (rest body) body)))

(defmacro locking
  "Evaluates body while this thread alone holds the monitor of x."
  [x & body]
  `(let [monitor# ~x]
     (reops.internal/monitor-enter monitor#)
     (try ~@body (finally (reops.internal/monitor-exit monitor#)))))

(defn- in-order
  "The values of the futures `started`, in order; for each one taken the next of `waiting` is started."
  [started waiting]
  (lazy-seq
    (when (seq started)
      (let [waiting (seq waiting)
            later (vec (rest started))
            later (if waiting (conj later (first waiting)) later)]
        (cons (deref (first started))
              (in-order later (when waiting (rest waiting))))))))

(defn pmap
  "Like map, but calls f on several threads, a few elements ahead of what is asked for. For work that outweighs the cost
  of handing it over."
  ([f coll]
   (let [ahead (+ 2 (reops.internal/processors))
         futures (map (fn [x] (future (f x))) coll)]
     (in-order (vec (take ahead futures)) (drop ahead futures))))
  ([f coll & colls]
   (pmap (fn [args] (apply f args)) (apply map vector coll colls))))

(defn pcalls
  "The values of functions of no arguments, called on several threads."
  [& fns]
  (pmap (fn [f] (f)) fns))

(defmacro pvalues
  "The values of expressions, evaluated on several threads."
  [& exprs]
  (cons 'clojure.core/pcalls (map (fn [expr] (list 'clojure.core/fn [] expr)) exprs)))

(defmacro time
  "Evaluates expr, prints how long that took, and has its value."
  [expr]
  `(let [start# (System/nanoTime)
         value# ~expr]
     (prn (str "Elapsed time: " (/ (- (System/nanoTime) start#) 1e6) " msecs"))
     value#))
