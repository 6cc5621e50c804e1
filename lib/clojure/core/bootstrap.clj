;; The first steps: from special forms and natives to `fn`, `let`, `defn` and `defmacro` as programs use them.
;;
;; A name can be used only below its definition, so the beginning is written in special forms. `lazy-seq` and `concat`
;; open the file because what syntax quote reads is put together by `concat`.

(def ^{:macro true
       :arglists '([& body])
       :doc "A sequence whose elements are made when somebody first looks: body, which yields a sequence or nil, runs at
  most once, and its value is kept."}
  lazy-seq
  (fn* lazy-seq
    ([&form &env & body]
     (list 'reops.internal/lazy-seq* (list '^{:once true} fn* (cons [] body))))))

(def ^{:private true} concat-from
  ;; The rest of `coll`, then everything in the sequence of collections `more`.
  (fn* concat-from
    ([coll more]
     (lazy-seq
       (loop* [s (seq coll) more more]
         (if s
           (if (chunked-seq? s)
             (chunk-cons (chunk-first s) (concat-from (chunk-rest s) more))
             (cons (first s) (concat-from (rest s) more)))
           (let* [m (seq more)]
             (if m
               (recur (seq (first m)) (rest m))
               nil))))))))

(def ^{:arglists '([] [x] [x y] [x y & zs])
       :doc "A lazy sequence of the elements of all collections, one collection after the other."}
  concat
  (fn* concat
    ([] (lazy-seq nil))
    ([x] (lazy-seq x))
    ([x y]
     (lazy-seq
       (let* [s (seq x)]
         (if s
           (if (chunked-seq? s)
             (chunk-cons (chunk-first s) (concat (chunk-rest s) y))
             (cons (first s) (concat (rest s) y)))
           y))))
    ([x y & zs] (concat-from x (cons y zs)))))

(def ^{:macro true
       :arglists '([test & body])
       :doc "Runs body, and has its value, when test is true. Otherwise nil."}
  when
  (fn* when
    ([&form &env test & body]
     (list 'if test (cons 'do body)))))

(def ^{:arglists '([x])
       :doc "True for false and nil, false for everything else."}
  not
  (fn* not ([x] (if x false true))))

(def ^{:arglists '([x])
       :doc "True when x is nil."}
  nil?
  (fn* nil? ([x] (identical? x nil))))

(def ^{:private true} reject-form
  ;; Ends a macro that was given a form it cannot use.
  (fn* reject-form
    ([& parts]
     (throw (new IllegalArgumentException (apply str parts))))))

(def ^{:private true} cond-chain
  (fn* cond-chain
    ([clauses]
     (when clauses
       (when (not (next clauses))
         (reject-form "cond needs an expression for every test, and there is none for " (pr-str (first clauses)) "."))
       (list 'if (first clauses) (first (next clauses)) (cond-chain (next (next clauses))))))))

(def ^{:macro true
       :arglists '([& clauses])
       :doc "Takes tests and expressions in turn and has the value of the expression after the first test that is true;
  nil when none is. `:else` serves as a test that always is.

      (cond (neg? n) :below (pos? n) :above :else :zero)"}
  cond
  (fn* cond
    ([&form &env & clauses]
     (cond-chain (seq clauses)))))

(def ^{:macro true
       :arglists '([] [x] [x & next])
       :doc "Evaluates the expressions in order up to the first that is false or nil, whose value it has; otherwise the
  value of the last. (and) is true."}
  and
  (fn* and
    ([&form &env] true)
    ([&form &env x] x)
    ([&form &env x & next]
     (list 'let* ['and__value x]
           (list 'if 'and__value (cons 'clojure.core/and next) 'and__value)))))

(def ^{:macro true
       :arglists '([] [x] [x & next])
       :doc "Evaluates the expressions in order up to the first that is neither false nor nil, whose value it has;
  otherwise the value of the last. (or) is nil."}
  or
  (fn* or
    ([&form &env] nil)
    ([&form &env x] x)
    ([&form &env x & next]
     (list 'let* ['or__value x]
           (list 'if 'or__value 'or__value (cons 'clojure.core/or next))))))

;; Definitions. `fn-clause` turns ([params] body…) as people write it into what `fn*` takes. Until destructuring stands it
;; has nothing to do.

(def ^{:private true} fn-clause
  (fn* fn-clause
    ([clause] clause)))

(def ^{:private true} collect
  ;; A vector of (f x) for every x: what `mapv` will be.
  (fn* collect
    ([f coll]
     (loop* [out [] s (seq coll)]
       (if s
         (recur (conj out (f (first s))) (next s))
         out)))))

(def ^{:private true} clauses-of
  ;; What follows the name of a function, as a sequence of clauses: one clause may stand without its parentheses.
  (fn* clauses-of
    ([what tail]
     (cond
       (vector? (first tail)) (list tail)
       (seq tail) (do (collect (fn* ([clause]
                                     (when (not (and (seq? clause) (vector? (first clause))))
                                       (reject-form what " needs a vector of parameters or clauses such as ([x] …), and was given "
                                                    (pr-str clause) "."))))
                               tail)
                      tail)
       :else (reject-form what " needs a vector of parameters.")))))

(def ^{:private true} last-of
  (fn* last-of
    ([s]
     (if (next s) (recur (next s)) (first s)))))

(def ^{:private true} but-last-of
  (fn* but-last-of
    ([s]
     (loop* [out [] s (seq s)]
       (if (next s) (recur (conj out (first s)) (next s)) (seq out))))))

(def ^{:private true} definition
  ;; The def form for `defn` and `defmacro`: tail is [docstring] [attributes] clauses [attributes]; `implicit` are
  ;; parameters that every clause has before its own.
  (fn* definition
    ([form what name tail implicit attributes]
     (when (not (symbol? name))
       (reject-form what " needs a symbol to define, and was given " (pr-str name) "."))
     (let* [doc (if (string? (first tail)) (first tail) nil)
            tail (if doc (next tail) tail)
            attributes (if doc (assoc attributes :doc doc) attributes)
            given (first tail)
            tail (if (map? given) (next tail) tail)
            attributes (if (map? given) (conj attributes given) attributes)
            clauses (clauses-of (str what " " name) (if (and (map? (last-of tail)) (not (vector? (first tail))))
                                                      (but-last-of tail)
                                                      tail))
            attributes (if (and (map? (last-of tail)) (not (vector? (first tail))))
                         (conj attributes (last-of tail))
                         attributes)
            arglists (list 'quote (seq (collect first clauses)))
            attributes (conj {:arglists arglists} attributes)
            clauses (if implicit
                      (collect (fn* ([clause]
                                     (cons (with-meta (vec (concat implicit (first clause))) (meta (first clause)))
                                           (next clause))))
                               clauses)
                      clauses)]
       (with-meta
         (list 'def
               (with-meta name (conj (or (meta name) {}) attributes))
               (with-meta (cons 'fn* (if implicit
                                       (cons name (collect fn-clause clauses))
                                       (collect fn-clause clauses)))
                 (meta form)))
         (meta form))))))

(def ^{:macro true
       :arglists '([name doc-string? attr-map? [params*] body] [name doc-string? attr-map? ([params*] body) + attr-map?])
       :doc "Defines name as a macro: a function that is given the forms written in a call and yields the form to evaluate
  instead. In its body &form is the whole call and &env a map whose keys are the locals in sight."}
  defmacro
  (fn* defmacro
    ([&form &env name & tail]
     (definition &form "defmacro" name tail '[&form &env] {:macro true}))))

(defmacro defn
  "Defines name as a function. The docstring, the attributes and the parameter lists become metadata of the var. The
  function may have several clauses for different numbers of arguments. A map that starts a body with more after it may
  hold conditions: :pre, checked before, and :post, checked after, with the result as %.

      (defn area
        \"Area of a rectangle, or of a square.\"
        ([side] (area side side))
        ([width height] (* width height)))"
  {:arglists '([name doc-string? attr-map? [params*] prepost-map? body]
               [name doc-string? attr-map? ([params*] prepost-map? body) + attr-map?])}
  [name & tail]
  (definition &form "defn" name tail nil {}))

(defmacro defn-
  "Like `defn`, but the name is private to its namespace."
  {:arglists '([name & decls])}
  [name & tail]
  (definition &form "defn-" name tail nil {:private true}))

(defmacro definternal
  "Defines a function in `reops.internal`: one that expansions of macros call, and that is no part of the language."
  {:private true}
  [name doc & tail]
  (list 'clojure.core/intern ''reops.internal (list 'quote (with-meta name {:doc doc}))
        (cons 'fn* (cons name (collect fn-clause (clauses-of "definternal" tail))))))

;; Destructuring

(defn seq-to-map-for-destructuring
  "The map that keyword arguments make: keys and values in turn, and perhaps a map after the last pair, which wins over
  them. A single map stands for itself."
  [s]
  (cond
    (next s) (loop* [m {} s (seq s)]
               (cond
                 (not s) m
                 (next s) (recur (assoc m (first s) (first (next s))) (next (next s)))
                 (map? (first s)) (conj m (first s))
                 (nil? (first s)) m
                 :else (throw (new IllegalArgumentException
                                   (str "Keyword arguments come in pairs: there is no value for " (pr-str (first s)) ".")))))
    (seq s) (first s)
    :else {}))

(def ^{:private true} bind-pattern nil)

(defn- bind-sequential
  ;; Positions are read with nth, so that a short collection gives nil; a pattern with & walks the sequence instead.
  [out pattern init]
  (let* [whole (gensym "vec__")
         walks (loop* [s (seq pattern)]
                 (cond (not s) false (= '& (first s)) true :else (recur (next s))))
         rest-of (gensym "seq__")
         out (conj out whole init)]
    (loop* [out (if walks (conj out rest-of (list 'clojure.core/seq whole)) out)
            parts (seq pattern)
            i 0
            open true]
      (if parts
        (let* [part (first parts)]
          (cond
            (= '& part)
            (do
              (when (not (next parts))
                (reject-form "A name or pattern has to follow & in " (pr-str pattern) "."))
              (recur (bind-pattern out (first (next parts)) rest-of) (next (next parts)) i false))

            (= :as part)
            (do
              (when (not (symbol? (first (next parts))))
                (reject-form "A name has to follow :as in " (pr-str pattern) "."))
              (recur (conj out (first (next parts)) whole) (next (next parts)) i open))

            (not open)
            (reject-form "Only :as and a name may follow the pattern after & in " (pr-str pattern) ".")

            walks
            (let* [item (if (symbol? part) part (gensym "first__"))
                   out (conj out
                             item (list 'clojure.core/first rest-of)
                             rest-of (list 'clojure.core/next rest-of))]
              (recur (if (symbol? part) out (bind-pattern out part item)) (next parts) i open))

            :else
            (recur (bind-pattern out part (list 'clojure.core/nth whole i nil)) (next parts) (inc i) open)))
        out))))

(defn- bind-key
  ;; One local of an associative pattern, with its default where :or has one.
  [out target source defaults key]
  (let* [fallback (if (symbol? target) (find defaults target) nil)]
    (bind-pattern out target (if fallback
                               (list 'clojure.core/get source key (val fallback))
                               (list 'clojure.core/get source key)))))

(defn- key-maker
  ;; For a group such as :keys, :strs, :my.ns/keys or :syms: the function from a listed name to the form of its key.
  [group]
  (let* [ns (namespace group)
         kind (name group)]
    (cond
      (= "keys" kind) (fn* ([n] (keyword (or ns (namespace n)) (name n))))
      (= "syms" kind) (fn* ([n] (list 'quote (symbol (or ns (namespace n)) (name n)))))
      (and (= "strs" kind) (not ns)) str
      :else (reject-form "A map pattern knows :keys, :syms, :strs, :or and :as, not " group "."))))

(defn- bind-associative
  [out pattern init]
  (let* [source (gensym "map__")
         defaults (get pattern :or {})
         out (conj out
                   source init
                   source (list 'if (list 'clojure.core/seq? source)
                                (list 'clojure.core/seq-to-map-for-destructuring source)
                                source))
         out (if (contains? pattern :as) (conj out (get pattern :as) source) out)]
    (loop* [out out entries (seq pattern)]
      (if entries
        (let* [target (key (first entries))
               spec (val (first entries))]
          (recur
            (cond
              (or (= :as target) (= :or target)) out
              (keyword? target)
              (let* [make-key (key-maker target)]
                (loop* [out out names (seq spec)]
                  (if names
                    (let* [n (first names)]
                      (recur (bind-key out (with-meta (symbol (name n)) (if (symbol? n) (meta n) nil)) source defaults (make-key n))
                             (next names)))
                    out)))
              :else (bind-key out target source defaults spec))
            (next entries)))
        out))))

(def ^{:private true} bind-pattern
  (fn* bind-pattern
    ([out pattern init]
     (cond
       (symbol? pattern) (conj out pattern init)
       (vector? pattern) (bind-sequential out pattern init)
       (map? pattern) (bind-associative out pattern init)
       :else (reject-form "A name, a vector or a map can be bound, not " (pr-str pattern) ".")))))

(defn- every-second-symbol?
  [s]
  (cond
    (not s) true
    (symbol? (first s)) (recur (next (next s)))
    :else false))

(defn- check-bindings
  ;; Binding forms are vectors of pairs.
  [what bindings]
  (when (not (vector? bindings))
    (reject-form what " needs a vector of bindings, and was given " (pr-str bindings) "."))
  (when (odd? (count bindings))
    (reject-form what " needs a value for every name, and there is none for " (pr-str (peek bindings)) ".")))

(defn destructure
  "The bindings of a `let`, patterns and values in turn, as bindings of plain names only."
  [bindings]
  (if (every-second-symbol? (seq bindings))
    bindings
    (loop* [out [] s (seq bindings)]
      (if s
        (recur (bind-pattern out (first s) (first (next s))) (next (next s)))
        out))))

(defmacro let
  "Evaluates body with the names bound, one after the other, so that later values may use earlier names. In place of a
  name may stand a vector that takes a sequence apart, or a map that takes a map apart:

      (let [[x y & more :as all] [1 2 3 4]
            {:keys [host port] :or {port 22} :as options} {:host \"db1\"}]
        [x more host port])"
  {:arglists '([bindings & body])}
  [bindings & body]
  (check-bindings "let" bindings)
  (list* 'let* (destructure bindings) body))

;; Functions

(defn- condition-checks
  [conditions]
  (collect (fn* ([condition] (list 'clojure.core/assert condition))) conditions))

(defn- with-conditions
  ;; A body whose first form, with others after it, is a map of :pre and :post.
  [body]
  (let [conditions (if (and (map? (first body)) (next body)) (first body) nil)]
    (if (and conditions (or (contains? conditions :pre) (contains? conditions :post)))
      (let [body (next body)
            before (condition-checks (get conditions :pre))
            after (condition-checks (get conditions :post))
            body (if (seq after)
                   (list (list 'let* ['% (if (next body) (cons 'do body) (first body))]
                               (cons 'do after)
                               '%))
                   body)]
        (concat before body))
      body)))

(def ^{:private true} fn-clause
  (fn* fn-clause
    ([clause]
     (let [params (first clause)
           body (with-conditions (next clause))]
       (loop* [plain [] patterns [] s (seq params)]
         (cond
           (not s) (cons (with-meta plain (meta params))
                         (if (seq patterns)
                           (list (list* 'let* (destructure patterns) body))
                           body))
           (symbol? (first s)) (recur (conj plain (first s)) patterns (next s))
           :else (let [param (gensym "p__")]
                   (recur (conj plain param) (conj patterns (first s) param) (next s)))))))))

(defmacro fn
  "A function. Parameters may be patterns, as in `let`; & before the last one collects all further arguments. The optional
  name is bound to the function inside it.

      (fn [x & more] (count more))
      (fn sum ([] 0) ([x & more] (+ x (apply sum more))))"
  {:arglists '([name? [params*] exprs*] [name? ([params*] exprs*) +])}
  [& tail]
  (let [fn-name (if (symbol? (first tail)) (first tail) nil)
        clauses (collect fn-clause (clauses-of "fn" (if fn-name (next tail) tail)))]
    (with-meta (cons 'fn* (if fn-name (cons fn-name clauses) (seq clauses)))
      (meta &form))))

(defmacro loop
  "Like `let`, and the target of `recur`, which starts body again with new values for the names."
  {:arglists '([bindings & body])}
  [bindings & body]
  (check-bindings "loop" bindings)
  (if (every-second-symbol? (seq bindings))
    (list* 'loop* bindings body)
    ;; Each pattern's value gets a name of its own, which the loop carries; values may use what earlier patterns bind.
    (loop* [outer [] carried [] inner [] s (seq bindings)]
      (if s
        (let [pattern (first s)
              init (first (next s))
              held (if (symbol? pattern) pattern (gensym "loop__"))]
          (recur (if (symbol? pattern) (conj outer held init) (conj outer held init pattern held))
                 (conj carried held held)
                 (if (symbol? pattern) inner (conj inner pattern held))
                 (next (next s))))
        (list 'let* (destructure outer)
              (list 'loop* carried
                    (list* 'let* (destructure inner) body)))))))

(defmacro letfn
  "Evaluates body with local functions that may all call each other.

      (letfn [(even-count? [s] (or (empty? s) (odd-count? (rest s))))
              (odd-count? [s] (and (seq s) (even-count? (rest s))))]
        (even-count? [1 2]))"
  {:arglists '([fnspecs & body])}
  [fnspecs & body]
  (when (not (vector? fnspecs))
    (reject-form "letfn needs a vector of functions, and was given " (pr-str fnspecs) "."))
  (list* 'letfn*
         (loop [out [] s (seq fnspecs)]
           (if s
             (let [[fn-name & tail :as spec] (first s)]
               (recur (conj out fn-name
                            (with-meta (list* 'fn* fn-name (collect fn-clause (clauses-of "letfn" tail)))
                              (meta spec)))
                      (next s)))
             out))
         body))

(defmacro declare
  "Makes vars without values, so that functions can be written which call what is defined later."
  [& names]
  (cons 'do (collect (fn [n] (list 'def (with-meta n (assoc (meta n) :declared true)))) names)))
