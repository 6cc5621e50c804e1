(ns slingshot-test
  "slingshot: throwing anything, catching by what it is."
  (:require [clojure.test :refer [deftest is]]
            [slingshot.slingshot :refer [get-thrown-object throw+ try+]]))

(defn- caught
  "What the clauses make of what f throws."
  [f]
  (try+
    (f)
    (catch [:type :denied] {:keys [host]} [:denied host])
    (catch [:code 404 :kind :http] _ :not-found)
    (catch integer? n [:number n])
    (catch (and (map? %) (> (:level % 0) 5)) {:keys [level]} [:level level])
    (catch IllegalArgumentException e [:illegal (.getMessage e)])
    (catch Object o [:other o])))

(deftest catches-by-what-it-is
  (is (= :value (caught (constantly :value))))
  (is (= [:denied "web1"] (caught #(throw+ {:type :denied :host "web1"}))))
  (is (= :not-found (caught #(throw+ {:code 404 :kind :http}))))
  (is (= [:number 5] (caught #(throw+ 5))))
  (is (= [:level 9] (caught #(throw+ {:level 9}))))
  (is (= [:illegal "bad"] (caught #(throw (IllegalArgumentException. "bad")))))
  (is (= [:other "text"] (caught #(throw+ "text"))))
  (is (= :nil (try+ (throw+ nil) (catch nil? _ :nil)))))

(deftest binds-context-and-cause
  (try+
    (throw+ {:a 1} (IllegalStateException. "cause") "message: %s" (:a %))
    (catch Object _
      (is (= "message: 1" (:message &throw-context)))
      (is (= "cause" (.getMessage ^Throwable (:cause &throw-context))))
      (is (= {:a 1} (:object &throw-context)))
      (is (seq (:stack-trace &throw-context))))))

(deftest rethrows-else-finally
  (let [log (atom [])]
    (is (= {:a 2}
           (try+
             (try+
               (throw+ {:a 1})
               (catch :a m (swap! log conj :inner) (throw+ (update m :a inc)))
               (finally (swap! log conj :finally)))
             (catch map? m m))))
    (is (= [:inner :finally] @log)))
  (let [log (atom [])]
    (is (= 1 (try+ 1 (catch Object _ :caught) (else (swap! log conj :else)))))
    (is (= [:else] @log))))

(deftest passes-through-plain-code
  (is (= {:x 1} (try (throw+ {:x 1}) (catch clojure.lang.ExceptionInfo e (ex-data e)))))
  (is (= "s" (try (throw+ "s") (catch Exception e (get-thrown-object e)))))
  (is (= {:y 2} (try+ (throw (ex-info "plain" {:y 2})) (catch :y m m)))))
