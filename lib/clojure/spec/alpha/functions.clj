;; Specs of functions: of their arguments, of what they return, and of how the two hang together.

(in-ns 'clojure.spec.alpha)

(defrecord FunctionSpec [args ret fn forms])

(extend-type FunctionSpec
  Spec
  (conform* [_ f] (if (ifn? f) f ::invalid))
  (unform* [_ f] f)
  (explain* [_ path via in f] (when-not (ifn? f) [(problem path 'ifn? via in f)]))
  (describe* [spec] (list* `fspec (mapcat c/identity (:forms spec)))))

(defn fspec-of
  "(What `fspec` expands into.)"
  [{:keys [args ret fn]} forms]
  (->FunctionSpec args ret fn forms))

(defmacro fspec
  "A spec of functions: :args, of the list of arguments (mostly a cat), :ret, of the value returned, and :fn, of the map
  {:args conformed, :ret conformed}. As there are no generators, a value conforms when it can be called; the parts are
  there for `clojure.spec.test.alpha/instrument`, and to be read."
  [& {:keys [args ret fn gen] :or {ret `any?}}]
  `(fspec-of {:args ~args, :ret ~ret, :fn ~fn}
             [[:args ~(quoted args)] [:ret ~(quoted ret)] [:fn ~(quoted fn)]]))

(defmacro fdef
  "Registers a spec of the function named by a symbol; takes what fspec takes.

      (s/fdef double-of :args (s/cat :n int?) :ret int?)"
  [fn-sym & specs]
  `(clojure.spec.alpha/def ~fn-sym (fspec ~@specs)))
