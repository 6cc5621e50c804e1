;; Conditions, threading and the other small forms that shape control.

(defmacro comment
  "Ignores its forms, which must be readable, and has the value nil."
  [& body]
  nil)

(definternal assertion-failed
  "Throws what `assert` throws."
  [form message]
  (throw (new AssertionError (str "Assert failed: " (if (nil? message) "" (str message "\n")) (pr-str form)))))

(defmacro assert
  "Throws an AssertionError that shows the form, after message, when x is false or nil. Left out of code that is compiled
  while *assert* is false."
  ([x] `(assert ~x nil))
  ([x message]
   (when *assert*
     `(if ~x nil (reops.internal/assertion-failed '~x ~message)))))

(defmacro if-not
  "Like `if` with its branches exchanged."
  ([test then] `(if-not ~test ~then nil))
  ([test then else] `(if (not ~test) ~then ~else)))

(defmacro when-not
  "Runs body, and has its value, when test is false or nil. Otherwise nil."
  [test & body]
  `(if ~test nil (do ~@body)))

(defn- one-binding
  ;; The pattern and the value of a binding form such as [x (f)].
  [what bindings]
  (when-not (and (vector? bindings) (= 2 (count bindings)))
    (reject-form what " needs a vector of one name and one value, and was given " (pr-str bindings) "."))
  bindings)

(defmacro if-let
  "Evaluates the value, and then, with it bound, when it is true; else, without it, otherwise.

      (if-let [port (:port options)] (connect port) (connect 22))"
  ([bindings then] `(if-let ~bindings ~then nil))
  ([bindings then else]
   (let [[pattern value] (one-binding "if-let" bindings)]
     `(let* [value# ~value]
        (if value#
          (let [~pattern value#] ~then)
          ~else)))))

(defmacro when-let
  "Runs body with the value bound when it is true."
  [bindings & body]
  (let [[pattern value] (one-binding "when-let" bindings)]
    `(let* [value# ~value]
       (if value# (let [~pattern value#] ~@body) nil))))

(defmacro if-some
  "Like `if-let`, but only nil counts as no value."
  ([bindings then] `(if-some ~bindings ~then nil))
  ([bindings then else]
   (let [[pattern value] (one-binding "if-some" bindings)]
     `(let* [value# ~value]
        (if (nil? value#)
          ~else
          (let [~pattern value#] ~then))))))

(defmacro when-some
  "Runs body with the value bound unless it is nil."
  [bindings & body]
  (let [[pattern value] (one-binding "when-some" bindings)]
    `(let* [value# ~value]
       (if (nil? value#) nil (let [~pattern value#] ~@body)))))

(defmacro when-first
  "Runs body with the name bound to the first element of a collection that has one."
  [bindings & body]
  (let [[pattern coll] (one-binding "when-first" bindings)]
    `(let* [s# (seq ~coll)]
       (if s# (let [~pattern (first s#)] ~@body) nil))))

(defmacro while
  "Runs body again and again as long as test is true."
  [test & body]
  `(loop* [] (when ~test ~@body (recur))))

;; case and condp

(definternal no-matching-clause
  "Throws what `case` and `condp` throw when nothing matches."
  [x]
  (throw (new IllegalArgumentException (str "No matching clause: " (pr-str x)))))

(defmacro case
  "Compares the value of x with constants, which are not evaluated, and has the value of the expression after the one that
  is equal. A list stands for any of its elements. A single expression at the end is the default; without one, no match is
  an error.

      (case code 0 :ok (1 2) :warning :failed)"
  [x & clauses]
  (let [value (gensym "case__")
        default (if (odd? (count clauses)) (last-of clauses) `(reops.internal/no-matching-clause ~value))]
    (loop [table [] seen #{} s (seq clauses)]
      (if (and s (next s))
        (let [constants (if (seq? (first s)) (first s) (list (first s)))]
          (recur (conj table constants (first (next s)))
                 (loop [seen seen cs (seq constants)]
                   (if cs
                     (do
                       (when (contains? seen (first cs))
                         (reject-form "case has the constant " (pr-str (first cs)) " twice."))
                       (recur (conj seen (first cs)) (next cs)))
                     seen))
                 (next (next s))))
        `(let* [~value ~x]
           ~(if (seq table)
              `(case* ~value ~default ~@table)
              default))))))

(defn- condp-chain
  [pred value clauses]
  (let [[test then result] clauses]
    (cond
      (nil? clauses) `(reops.internal/no-matching-clause ~value)
      (nil? (next clauses)) test
      (= :>> then) `(let* [found# (~pred ~test ~value)]
                      (if found#
                        (~result found#)
                        ~(condp-chain pred value (next (next (next clauses))))))
      :else `(if (~pred ~test ~value)
               ~then
               ~(condp-chain pred value (next (next clauses)))))))

(defmacro condp
  "Tries (pred test value) for each clause `test result` in turn, and has the result of the first that is true. A clause
  `test :>> f` calls f with what pred returned. A single expression at the end is the default; without one, no match is an
  error.

      (condp = (:os host) \"Linux\" :apt \"FreeBSD\" :pkg :unknown)"
  [pred value & clauses]
  (let [pred-name (gensym "pred__")
        value-name (gensym "value__")]
    `(let* [~pred-name ~pred
            ~value-name ~value]
       ~(condp-chain pred-name value-name (seq clauses)))))

;; Threading

(defn- thread-first
  [x form]
  (if (seq? form)
    (with-meta `(~(first form) ~x ~@(next form)) (meta form))
    (list form x)))

(defn- thread-last
  [x form]
  (if (seq? form)
    (with-meta `(~(first form) ~@(next form) ~x) (meta form))
    (list form x)))

(defn- thread-through
  ;; Nests the forms into one another, innermost first.
  [place x forms]
  (loop [x x forms (seq forms)]
    (if forms
      (recur (place x (first forms)) (next forms))
      x)))

(defmacro ->
  "Threads x through the forms as their first argument. A form that is no list is called.

      (-> host :options (assoc :port 22) keys)"
  [x & forms]
  (thread-through thread-first x forms))

(defmacro ->>
  "Threads x through the forms as their last argument.

      (->> hosts (filter up?) (map :name))"
  [x & forms]
  (thread-through thread-last x forms))

(defmacro ..
  "Calls a method, and the next ones on what it returns: (.. x (trim) (length)) is (. (. x (trim)) (length))."
  ([x form] (list '. x form))
  ([x form & more] (list* '.. (list '. x form) more)))

(defmacro as->
  "Binds name to the value of expr, then to that of each form, which may use it anywhere.

      (as-> 5 n (- n 1) (/ 8 n))"
  [expr name & forms]
  (loop [bindings [name expr] s (seq forms)]
    (if (next s)
      (recur (conj bindings name (first s)) (next s))
      `(let ~bindings ~(if s (first s) name)))))

(defn- thread-while-some
  [place expr forms]
  (let [value (gensym "value__")]
    (loop [bindings [value expr] s (seq forms)]
      (let [step (if s `(if (nil? ~value) nil ~(place value (first s))) value)]
        (if (next s)
          (recur (conj bindings value step) (next s))
          `(let* ~bindings ~step))))))

(defmacro some->
  "Like `->`, but stops with nil as soon as a value is nil."
  [expr & forms]
  (thread-while-some thread-first expr forms))

(defmacro some->>
  "Like `->>`, but stops with nil as soon as a value is nil."
  [expr & forms]
  (thread-while-some thread-last expr forms))

(defn- thread-when
  [what place expr clauses]
  (when (odd? (count clauses))
    (reject-form what " needs a form for every test, and there is none for " (pr-str (last-of clauses)) "."))
  (let [value (gensym "value__")]
    (loop [bindings [value expr] s (seq clauses)]
      (if s
        (recur (conj bindings value `(if ~(first s) ~(place value (first (next s))) ~value))
               (next (next s)))
        `(let* ~bindings ~value)))))

(defmacro cond->
  "Threads expr as the first argument through each form whose test is true. The tests do not see the value.

      (cond-> options verbose? (assoc :log true) user (assoc :user user))"
  [expr & clauses]
  (thread-when "cond->" thread-first expr clauses))

(defmacro cond->>
  "Threads expr as the last argument through each form whose test is true."
  [expr & clauses]
  (thread-when "cond->>" thread-last expr clauses))

(defmacro doto
  "Evaluates x, then each form with it as the first argument, and returns it."
  [x & forms]
  (let [value (gensym "doto__")]
    `(let* [~value ~x]
       ~@(collect (fn [form] (thread-first value form)) forms)
       ~value)))

;; Names

(defmacro defonce
  "Defines name unless it has a value already; the expression is not evaluated then."
  [name expr]
  `(let* [v# (def ~name)]
     (if (bound? v#) nil (def ~name ~expr))))

(defmacro memfn
  "A function that calls the method of that name: (map (memfn toUpperCase) names). Arguments of the method are listed."
  [method & args]
  `(fn [target# ~@args] (. target# (~method ~@args))))

(defmacro with-open
  "Runs body with the names bound, then calls .close on their values, the last first, however body ended."
  [bindings & body]
  (check-bindings "with-open" bindings)
  (if (seq bindings)
    (let [[pattern value & more] bindings]
      (when-not (symbol? pattern)
        (reject-form "with-open binds plain names only, not " (pr-str pattern) "."))
      `(let* [~pattern ~value]
         (try
           (with-open ~(vec more) ~@body)
           (finally (.close ~pattern)))))
    `(do ~@body)))

(defmacro vswap!
  "Sets the volatile to (f current args…) and returns that. Not atomic: for state that one thread at a time touches."
  [vol f & args]
  `(let* [vol# ~vol]
     (vreset! vol# (~f (deref vol#) ~@args))))
