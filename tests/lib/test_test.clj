(ns test-test
  "clojure.test, tested by running tests that fail."
  (:require [clojure.string :as str]
            [clojure.test :as t :refer [deftest is testing]]))

(def ^:private events (atom []))

(defn- in-a-namespace
  "Evaluates the forms in a fresh namespace that refers clojure.test, runs its tests, and returns [counts output]."
  [& forms]
  (let [ns (create-ns (gensym "tried__"))
        counts (atom nil)
        out (with-out-str
              (binding [*ns* ns, t/*test-out* *out*, t/*report-counters* nil, t/*testing-vars* (), t/*testing-contexts* ()]
                (refer 'clojure.core)
                (refer 'clojure.test)
                (doseq [form forms] (eval form))
                (reset! counts (t/run-tests ns))))]
    (remove-ns (ns-name ns))
    [(dissoc @counts :type) out]))

(deftest counts-and-summary
  (let [[counts out] (in-a-namespace
                       '(deftest passes (is true) (is (= 1 1)))
                       '(deftest fails (is (= 1 (+ 1 1)) "sums") (is nil))
                       '(deftest breaks (/ 1 0)))]
    (is (= {:test 3 :pass 2 :fail 2 :error 1} counts))
    (is (not (t/successful? counts)))
    (doseq [part ["FAIL in (fails)" "sums" "expected: (= 1 (+ 1 1))" "actual: (not (= 1 2))" "ERROR in (breaks)"
                  "Ran 3 tests containing 5 assertions." "2 failures, 1 errors." "2 passed, 3 failed"]]
      (is (str/includes? out part)))))

(deftest contexts
  (let [[_ out] (in-a-namespace '(deftest nested (testing "outer" (testing "inner" (is false)))))]
    (is (str/includes? out "outer inner"))))

(deftest errors-expected
  (let [[counts _] (in-a-namespace
                     '(deftest right
                        (is (thrown? ArithmeticException (/ 1 0)))
                        (is (thrown-with-msg? Exception #"lost" (throw (ex-info "it is lost" {}))))
                        (is (instance? String "s")))
                     '(deftest wrong
                        (is (thrown? ArithmeticException 1))
                        (is (thrown-with-msg? Exception #"found" (throw (ex-info "it is lost" {}))))
                        (is (instance? String 1))
                        (is (thrown? ArithmeticException (throw (ex-info "other" {}))))))]
    (is (= {:test 2 :pass 3 :fail 3 :error 1} counts))))

(deftest rows
  (let [[counts _] (in-a-namespace '(deftest table (are [x y] (= y (inc x)) 1 2, 2 3, 3 5)))]
    (is (= {:test 1 :pass 2 :fail 1 :error 0} counts))))

(deftest fixtures-surround
  (reset! events [])
  (in-a-namespace
    '(use-fixtures :once (fn [f] (swap! @#'test-test/events conj :once) (f) (swap! @#'test-test/events conj :done)))
    '(use-fixtures :each (fn [f] (swap! @#'test-test/events conj :each) (f)))
    '(deftest a (swap! @#'test-test/events conj :a))
    '(deftest b (swap! @#'test-test/events conj :b)))
  (is (= [:once :each :a :each :b :done] @events)))

(deftest own-kinds-of-checks
  (let [[counts _] (in-a-namespace
                     '(defmethod assert-expr 'near? [msg [_ a b]]
                        `(t/do-report {:type (if (< (abs (- ~a ~b)) 0.1) :pass :fail) :message ~msg
                                     :expected '(~'near? ~a ~b) :actual nil}))
                     '(deftest approximately (is (near? 1.0 1.05)) (is (near? 1 2))))]
    (remove-method t/assert-expr 'near?)
    (is (= {:test 1 :pass 1 :fail 1 :error 0} counts))))
