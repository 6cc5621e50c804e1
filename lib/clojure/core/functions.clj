;; Simple predicates, and functions that make functions.

(defn identity
  "Returns x."
  [x]
  x)

(defn true?
  "True when x is true itself."
  [x]
  (identical? x true))

(defn false?
  "True when x is false itself."
  [x]
  (identical? x false))

(defn some?
  "True unless x is nil."
  [x]
  (not (nil? x)))

(defn uri?
  "True when x is a java.net.URI: never, as there are none here."
  [x]
  false)

(defn any?
  "True, whatever x is."
  [x]
  true)

(defn boolean
  "false for false and nil, true for everything else."
  [x]
  (if x true false))

(defn boolean?
  "True for true and false."
  [x]
  (or (identical? x true) (identical? x false)))

(defn cast
  "x, when it is an instance of the class; otherwise a ClassCastException."
  [c x]
  (if (or (nil? x) (instance? c x))
    x
    (throw (new ClassCastException (str "Cannot cast " (pr-str x) " to " (pr-str c) ".")))))

(defn constantly
  "A function that takes any arguments and returns x."
  [x]
  (fn [& args] x))

(defn complement
  "A function that returns true where f returns false or nil, and false otherwise."
  [f]
  (fn
    ([] (not (f)))
    ([x] (not (f x)))
    ([x y] (not (f x y)))
    ([x y & more] (not (apply f x y more)))))

(defn comp
  "The composition of the functions: the last is called with the arguments, each earlier one with the result so far.
  (comp) is `identity`."
  ([] identity)
  ([f] f)
  ([f g]
   (fn
     ([] (f (g)))
     ([x] (f (g x)))
     ([x y] (f (g x y)))
     ([x y & more] (f (apply g x y more)))))
  ([f g & fs]
   (loop [composed (comp f g) fs fs]
     (if fs
       (recur (comp composed (first fs)) (next fs))
       composed))))

(defn partial
  "A function that calls f with these arguments followed by its own."
  ([f] f)
  ([f a]
   (fn
     ([] (f a))
     ([x] (f a x))
     ([x y] (f a x y))
     ([x y & more] (apply f a x y more))))
  ([f a b]
   (fn
     ([] (f a b))
     ([x] (f a b x))
     ([x y] (f a b x y))
     ([x y & more] (apply f a b x y more))))
  ([f a b & more]
   (fn [& args] (apply f a b (concat more args)))))

(defn juxt
  "A function that returns a vector of what each of the functions returns for its arguments."
  [f & fs]
  (let [fs (vec (cons f fs))]
    (fn
      ([] (collect (fn [g] (g)) fs))
      ([x] (collect (fn [g] (g x)) fs))
      ([x y] (collect (fn [g] (g x y)) fs))
      ([x y & more] (collect (fn [g] (apply g x y more)) fs)))))

(defn fnil
  "A function like f that is given a (and b, c) in place of a first (second, third) argument that is nil.

      (update counts :web (fnil inc 0))"
  ([f a]
   (fn
     ([x] (f (if (nil? x) a x)))
     ([x y] (f (if (nil? x) a x) y))
     ([x y & more] (apply f (if (nil? x) a x) y more))))
  ([f a b]
   (fn
     ([x y] (f (if (nil? x) a x) (if (nil? y) b y)))
     ([x y & more] (apply f (if (nil? x) a x) (if (nil? y) b y) more))))
  ([f a b c]
   (fn
     ([x y] (f (if (nil? x) a x) (if (nil? y) b y)))
     ([x y z] (f (if (nil? x) a x) (if (nil? y) b y) (if (nil? z) c z)))
     ([x y z & more] (apply f (if (nil? x) a x) (if (nil? y) b y) (if (nil? z) c z) more)))))

(defn trampoline
  "Calls f with the arguments, and calls what comes back for as long as that is a function. Mutually recursive functions
  that return thunks need no stack this way."
  ([f]
   (let [result (f)]
     (if (fn? result) (recur result) result)))
  ([f & args]
   (trampoline (fn [] (apply f args)))))

(defn vary-meta
  "obj with the metadata (f metadata args…)."
  [obj f & args]
  (with-meta obj (apply f (meta obj) args)))

(defn comparator
  "A function for `sort`, made of a predicate that says whether x comes before y."
  [pred]
  (fn [x y]
    (cond (pred x y) -1 (pred y x) 1 :else 0)))

(defn max-key
  "The x for which (k x), a number, is greatest; the last of several."
  ([k x] x)
  ([k x y] (if (> (k x) (k y)) x y))
  ([k x y & more]
   (loop [best x best-key (k x) s (cons y more)]
     (if s
       (let [candidate (first s)
             candidate-key (k candidate)]
         (if (>= candidate-key best-key)
           (recur candidate candidate-key (next s))
           (recur best best-key (next s))))
       best))))

(defn min-key
  "The x for which (k x), a number, is least; the last of several."
  ([k x] x)
  ([k x y] (if (< (k x) (k y)) x y))
  ([k x y & more]
   (loop [best x best-key (k x) s (cons y more)]
     (if s
       (let [candidate (first s)
             candidate-key (k candidate)]
         (if (<= candidate-key best-key)
           (recur candidate candidate-key (next s))
           (recur best best-key (next s))))
       best))))

(defn special-symbol?
  "True when s names a special form: one that the compiler knows and that is no function or macro."
  [s]
  (contains? '#{def if do let* loop* recur fn* letfn* quote var set! try catch finally throw new . case* & monitor-enter
                monitor-exit import* deftype* reify*}
             s))

(defn test
  "Runs the function that the var v carries as :test in its metadata. Returns :ok or :no-test."
  [v]
  (if-let [f (:test (meta v))]
    (do (f) :ok)
    :no-test))
