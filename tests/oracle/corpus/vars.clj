;; Vars: definition, roots, dynamic binding, alter-var-root, metadata.

(def v 1)
v
#'v
(def unbound)
unbound
(bound? #'unbound)
(bound? #'v)
(str #'v)
(var? #'v)
@#'v
(deref #'v)
(var-get #'v)
(#'+ 1 2)
(def documented "The doc." 5)
(:doc (meta #'documented))
(:name (meta #'documented))
(def ^{:a 1 :b [2]} with-meta-var 1)
[(:a (meta #'with-meta-var)) (:b (meta #'with-meta-var))]
(def ^:const pi-ish 3)
pi-ish
(defonce once 1)
(defonce once 2)
once
(alter-var-root #'v inc)
v
(alter-var-root #'v + 10 20)
(alter-var-root #'v (constantly :changed))
v
(def ^:dynamic *d* :root)
*d*
(binding [*d* 1] *d*)
(binding [*d* 1] (binding [*d* 2] *d*))
[(binding [*d* 1] *d*) *d*]
(binding [*d* 1] (set! *d* 2) *d*)
*d*
(set! *d* :outside)
(defn reads-d [] *d*)
(binding [*d* :seen] (reads-d))
(binding [*d* :seen] (map (fn [_] *d*) [1 2]))
(binding [*d* :seen] (doall (map (fn [_] *d*) [1 2])))
(let [f (binding [*d* :gone] (fn [] *d*))] (f))
(binding [v 1] v)
(def ^:dynamic *e* 10)
(binding [*d* 1 *e* (+ *e* 1)] [*d* *e*])
(binding [*d* 5 *e* *d*] *e*)
(thread-bound? #'*d*)
(binding [*d* 1] (thread-bound? #'*d*))
(with-bindings {#'*d* :via-map} *d*)
(with-bindings* {#'*d* :star} (fn [] *d*))
(get (binding [*d* :q] (get-thread-bindings)) #'*d*)
(with-redefs [v :redefined] v)
v
(with-redefs [reads-d (constantly :other)] (reads-d))
(reads-d)
(with-redefs-fn {#'v :by-fn} (fn [] v))
(try (with-redefs [v 1] (throw (Exception. "x"))) (catch Exception e v))
(with-local-vars [x 1 y 2] (var-set x 10) [(var-get x) @y])
(defn f1 [] :one)
(defn calls-f1 [] (f1))
(def captured f1)
(defn f1 [] :two)
[(calls-f1) (captured) (f1)]
(let [old #'f1] (defn f1 [] :three) (old))
(intern *ns* 'interned 42)
interned
(intern 'no.such.namespace 'x 1)
(let [x 1] (def from-let (+ x 1)) from-let)
(do (def in-do 1) (def in-do 2) in-do)
(if false (def never-run 1))
never-run
(:dynamic (meta #'*d*))
(meta (with-meta [1] {:a 1}))
(:extra (alter-meta! #'v assoc :extra 1))
(:extra (meta #'v))
(reset-meta! #'v {:only 1})
(meta #'v)
(defn ^:marked marked-fn "doc" {:attr 1} [x] x)
[(:marked (meta #'marked-fn)) (:attr (meta #'marked-fn)) (:doc (meta #'marked-fn)) (:arglists (meta #'marked-fn))]
(let [x #'v] [(= x #'v) (identical? x #'v)])
(ifn? #'v)
(map #'inc [1 2])
(add-watch #'documented :w (fn [k r o n] nil))
(let [log (atom [])] (def watched 1) (add-watch #'watched :k (fn [k _ o n] (swap! log conj [k o n]))) (alter-var-root #'watched inc) (remove-watch #'watched :k) @log)
(resolve 'v)
(def a-map {:k #'f1})
((:k a-map))
(def no-value-yet)
(fn? (def defined-fn (fn [] 1)))
(var? (def some-var 1))
(= #'some-var (def some-var 2))
(binding [*print-length* 1] *print-length*)
[*print-readably* *print-length* *print-level* *assert*]
(set! undefined-var 1)
(def other.ns/x 1)

;; A body that does not compile leaves no binding behind.
(def ^:dynamic *left-behind* :root)
(try (eval '(binding [*left-behind* :bound] (no-such-function))) (catch Throwable _ *left-behind*))
