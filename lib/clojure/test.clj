(ns clojure.test
  "Tests: `deftest` defines one, `is` and `are` check, `run-tests` runs those of a namespace.

      (deftest addition
        (testing \"small numbers\"
          (is (= 4 (+ 2 2)))
          (is (thrown? ArithmeticException (/ 1 0)))))

  From a shell: `reops -m clojure.test my.ops-test` loads the namespace, runs its tests, and exits with 1 when one failed."
  (:require [clojure.string :as str]
            [clojure.template :as template]))

(def ^:dynamic *load-tests*
  "While false, `deftest` and `with-test` define no tests."
  true)

(def ^:dynamic *stack-trace-depth*
  "How many frames of an unexpected error to print; nil for all."
  nil)

(def ^:dynamic *report-counters*
  "An atom with the counts of this run by kind of report; nil outside of one."
  nil)

(def ^:dynamic *initial-report-counters*
  "The counts that a run starts with."
  {:test 0 :pass 0 :fail 0 :error 0})

(def ^:dynamic *testing-vars*
  "The vars of the tests that are running, innermost first."
  ())

(def ^:dynamic *testing-contexts*
  "The descriptions of `testing` around this point, innermost first."
  ())

(def ^:dynamic *test-out*
  "Where reports are printed."
  *out*)

(defmacro with-test-out
  "Runs body with *out* bound to *test-out*."
  [& body]
  `(binding [*out* *test-out*] ~@body))

;; Reporting

(defn testing-contexts-str
  "The descriptions of `testing` around this point in one line, outermost first."
  []
  (str/join " " (reverse *testing-contexts*)))

(defn testing-vars-str
  "The names of the running tests, and the place of the report m: \"(inner outer) (file.clj:12)\"."
  [m]
  (let [{:keys [file line]} m
        names (map (fn [v] (:name (meta v))) (reverse *testing-vars*))]
    (str "(" (str/join " " names) ") (" file ":" line ")")))

(defn inc-report-counter
  "Counts one more report of the kind, when a run is counting."
  [kind]
  (when *report-counters*
    (swap! *report-counters* update kind (fnil inc 0))))

(defmulti ^:dynamic report
  "Tells about what happened, a map whose :type says what: :pass, :fail, :error, :summary, :begin-test-ns, :end-test-ns,
  :begin-test-var or :end-test-var. Methods for other types can be added, and another function can be bound instead."
  :type)

(defn do-report
  "Reports m, with the place of the running test when m has none."
  [m]
  (report (if (and (#{:fail :error} (:type m)) (not (:line m)))
            (merge (select-keys (meta (first *testing-vars*)) [:file :line]) m)
            m)))

(defn- print-headline
  [what m]
  (println (str "\n" what " in " (testing-vars-str m)))
  (when (seq *testing-contexts*) (println (testing-contexts-str)))
  (when-let [message (:message m)] (println message))
  (println "expected:" (pr-str (:expected m))))

(defn- print-error
  ;; What went wrong, and the errors behind it.
  [error]
  (println (str/trimr (if *stack-trace-depth*
                        (reops.internal/error-report error *stack-trace-depth*)
                        (reops.internal/error-report error)))))

(defmethod report :default
  [m]
  (with-test-out (prn m)))

(defmethod report :pass
  [_]
  (inc-report-counter :pass))

(defmethod report :fail
  [m]
  (with-test-out
    (inc-report-counter :fail)
    (print-headline "FAIL" m)
    (println "  actual:" (pr-str (:actual m)))))

(defmethod report :error
  [m]
  (with-test-out
    (inc-report-counter :error)
    (print-headline "ERROR" m)
    (print "  actual: ")
    (if (instance? Throwable (:actual m))
      (print-error (:actual m))
      (prn (:actual m)))))

(defmethod report :summary
  [m]
  (let [{:keys [test pass fail error] :or {test 0 pass 0 fail 0 error 0}} m]
    (with-test-out
      (println (str "\nRan " test " tests containing " (+ pass fail error) " assertions."))
      (println (str fail " failures, " error " errors."))
      (println (str pass " passed, " (+ fail error) " failed")))))

(defmethod report :begin-test-ns
  [m]
  (with-test-out
    (println (str "\nTesting " (ns-name (:ns m))))))

(defmethod report :end-test-ns [_])
(defmethod report :begin-test-var [_])
(defmethod report :end-test-var [_])

;; Checks

(def ^{:dynamic true :private true} *place*
  ;; Where the `is` stands whose code is being made: {:file :line}.
  {})

(defn- outcome
  ;; The map, as code, that reports a check of form; actual is code too.
  [type msg form actual]
  (merge {:type type :message msg :expected (list 'quote form) :actual actual}
         (when-not (= :pass type) *place*)))

(defn get-possibly-unbound-var
  "The value of a var, or nil when it has none."
  [v]
  (when (bound? v)
    (var-get v)))

(defn function?
  "True when x is a function, or a symbol that names one and no macro."
  [x]
  (if (symbol? x)
    (when-let [v (resolve x)]
      (and (var? v) (bound? v) (fn? @v) (not (:macro (meta v)))))
    (fn? x)))

(defn assert-predicate
  "The code that checks a form that calls a function, and shows its arguments when it fails."
  [msg form]
  (let [[f & args] form
        values (gensym "values__")]
    `(let [~values (list ~@args)
           result# (apply ~f ~values)]
       (do-report (if result#
                    ~(outcome :pass msg form `(cons '~f ~values))
                    ~(outcome :fail msg form `(list '~'not (cons '~f ~values)))))
       result#)))

(defn assert-any
  "The code that checks a form of any other kind."
  [msg form]
  (let [value (gensym "value__")]
    `(let [~value ~form]
       (do-report (if ~value
                    ~(outcome :pass msg form value)
                    ~(outcome :fail msg form value)))
       ~value)))

(defmulti assert-expr
  "The code that checks a form of `is`. The first symbol of the form chooses the method, so that new kinds of checks can be
  added."
  (fn [msg form]
    (cond
      (nil? form) :always-fail
      (seq? form) (first form)
      :else :default)))

(defmethod assert-expr :always-fail
  [msg form]
  `(do-report ~(outcome :fail msg nil nil)))

(defmethod assert-expr :default
  [msg form]
  (if (and (seq? form) (function? (first form)))
    (assert-predicate msg form)
    (assert-any msg form)))

(defmethod assert-expr 'instance?
  [msg [_ type object :as form]]
  (let [value (gensym "value__")]
    `(let [~value ~object
           result# (instance? ~type ~value)]
       (do-report (if result#
                    ~(outcome :pass msg form `(class ~value))
                    ~(outcome :fail msg form `(class ~value))))
       result#)))

(defmethod assert-expr 'thrown?
  [msg [_ type & body :as form]]
  `(try
     ~@body
     (do-report ~(outcome :fail msg form nil))
     (catch ~type ~'e__thrown
       (do-report ~(outcome :pass msg form 'e__thrown))
       ~'e__thrown)))

(defmethod assert-expr 'thrown-with-msg?
  [msg [_ type pattern & body :as form]]
  `(try
     ~@body
     (do-report ~(outcome :fail msg form nil))
     (catch ~type ~'e__thrown
       (do-report (if (re-find ~pattern (or (ex-message ~'e__thrown) ""))
                    ~(outcome :pass msg form 'e__thrown)
                    ~(outcome :fail msg form 'e__thrown)))
       ~'e__thrown)))

(defmacro try-expr
  "Used by `is`: checks the form, and reports an unexpected error."
  [msg form]
  (binding [*place* {:file *file* :line (:line (meta &form))}]
    `(try
       ~(assert-expr msg form)
       (catch Throwable ~'e__unexpected
         (do-report ~(outcome :error msg form 'e__unexpected))))))

(defmacro is
  "Checks that form is true, reports the outcome, and returns the value. Where form calls a function, a failure shows the
  arguments. Two kinds of forms check for errors:

      (is (thrown? ArithmeticException (/ 1 0)))
      (is (thrown-with-msg? Exception #\"no such host\" (connect \"nowhere\")))"
  ([form] (with-meta `(is ~form nil) (meta &form)))
  ([form msg] (with-meta `(try-expr ~msg ~form) (meta &form))))

(defmacro are
  "Checks expr once for each row of values that the symbols of argv stand for.

      (are [x y] (= x (inc y))
        2 1
        6 5)"
  [argv expr & values]
  (if (or (and (empty? argv) (empty? values))
          (and (seq argv) (seq values) (zero? (mod (count values) (count argv)))))
    `(do ~@(map (fn [row]
                  (with-meta `(is ~(template/apply-template argv expr row)) (meta &form)))
                (when (seq argv) (partition (count argv) values))))
    (throw (IllegalArgumentException. "The number of values of `are` has to be a multiple of the number of its symbols."))))

(defmacro testing
  "Runs body; reports of failures in it carry the description."
  [description & body]
  `(binding [*testing-contexts* (conj *testing-contexts* ~description)]
     ~@body))

;; Definitions

(defmacro deftest
  "Defines a test: a function of no arguments whose checks are counted when tests are run. Calling it runs it."
  [name & body]
  (when *load-tests*
    (with-meta
      `(def ~(vary-meta name assoc :test `(fn [] ~@body))
         (fn [] (test-var (var ~name))))
      (meta &form))))

(defmacro deftest-
  "Like `deftest`, but the var is private."
  [name & body]
  (with-meta `(deftest ~(vary-meta name assoc :private true) ~@body) (meta &form)))

(defmacro with-test
  "Evaluates definition, a def or defn, and makes body the test of the var that it defines."
  [definition & body]
  (if *load-tests*
    `(doto ~definition (alter-meta! assoc :test (fn [] ~@body)))
    definition))

(defmacro set-test
  "Makes body the test of the var of that name."
  [name & body]
  (when *load-tests*
    `(alter-meta! (var ~name) assoc :test (fn [] ~@body))))

;; Fixtures

(def ^:private fixtures
  ;; Namespace name → {:once [f …] :each [f …]}.
  (atom {}))

(defn use-fixtures
  "Sets the fixtures of this namespace's tests. A fixture is a function of a function: it sets up, calls that, and tears
  down. With :each they surround every test, with :once all of them together."
  [kind & fs]
  (when-not (#{:once :each} kind)
    (throw (IllegalArgumentException. (str "use-fixtures knows :once and :each, not " (pr-str kind) "."))))
  (swap! fixtures assoc-in [(ns-name *ns*) kind] (vec fs))
  nil)

(defn compose-fixtures
  "The fixture that has f1 around f2."
  [f1 f2]
  (fn [g] (f1 (fn [] (f2 g)))))

(defn join-fixtures
  "All the fixtures as one, the first outermost."
  [fs]
  (reduce compose-fixtures (fn [g] (g)) fs))

;; Running

(defn test-var
  "Runs the test of the var, if it has one, with reports before and after."
  [v]
  (when-let [t (:test (meta v))]
    (binding [*testing-vars* (conj *testing-vars* v)]
      (do-report {:type :begin-test-var :var v})
      (inc-report-counter :test)
      (try
        (t)
        (catch Throwable e
          (do-report {:type :error :message "Uncaught exception, not in assertion." :expected nil :actual e})))
      (do-report {:type :end-test-var :var v}))))

(defn test-vars
  "Runs the tests of the vars inside the fixtures of their namespaces."
  [vars]
  (doseq [[ns vars] (group-by (fn [v] (:ns (meta v))) vars)]
    (let [{:keys [once each]} (get @fixtures (ns-name ns))
          around-each (join-fixtures each)]
      ((join-fixtures once)
       (fn []
         (doseq [v vars :when (:test (meta v))]
           (around-each (fn [] (test-var v)))))))))

(defn test-all-vars
  "Runs all tests of a namespace inside its fixtures, in the order of their lines."
  [ns]
  (test-vars (sort-by (fn [v] [(or (:line (meta v)) 0) (str (:name (meta v)))])
                      (vals (ns-interns ns)))))

(defn test-ns
  "Runs the tests of a namespace, by its function test-ns-hook when it has one. Returns the counts."
  [ns]
  (binding [*report-counters* (atom *initial-report-counters*)]
    (let [ns (the-ns ns)
          hook (get (ns-interns ns) 'test-ns-hook)]
      (do-report {:type :begin-test-ns :ns ns})
      (if hook
        (@hook)
        (test-all-vars ns))
      (do-report {:type :end-test-ns :ns ns})
      @*report-counters*)))

(defn- summarized
  [counts]
  (let [summary (assoc (apply merge-with + *initial-report-counters* counts) :type :summary)]
    (do-report summary)
    summary))

(defn run-tests
  "Runs all tests of the namespaces, or of this one, prints what failed and a summary, and returns the counts."
  ([] (run-tests *ns*))
  ([& namespaces]
   (summarized (mapv test-ns namespaces))))

(defn run-all-tests
  "Runs the tests of all namespaces that are loaded, or of those whose names match the pattern."
  ([] (apply run-tests (all-ns)))
  ([pattern]
   (apply run-tests (filter (fn [ns] (re-matches pattern (name (ns-name ns)))) (all-ns)))))

(defn run-test-var
  "Runs the test of one var inside the fixtures of its namespace, prints a summary, and returns the counts."
  [v]
  (binding [*report-counters* (atom *initial-report-counters*)]
    (test-vars [v])
    (summarized [@*report-counters*])))

(defmacro run-test
  "Runs one test by its name, prints a summary, and returns the counts."
  [test-symbol]
  (let [v (resolve test-symbol)]
    (cond
      (nil? v) (throw (IllegalArgumentException. (str "There is no test named " test-symbol ".")))
      (not (:test (meta v))) (throw (IllegalArgumentException. (str test-symbol " is no test.")))
      :else `(run-test-var (var ~test-symbol)))))

(defn successful?
  "True when the counts tell of no failure and no error."
  [summary]
  (and (zero? (:fail summary 0))
       (zero? (:error summary 0))))

(defn -main
  "Loads the namespaces, runs their tests, and exits with 0 when all passed, else with 1."
  [& namespaces]
  (let [names (map symbol namespaces)]
    (apply require names)
    (let [summary (apply run-tests names)]
      (flush)
      (System/exit (if (successful? summary) 0 1)))))
