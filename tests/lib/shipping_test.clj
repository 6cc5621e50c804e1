(ns shipping-test
  "Functions that travel, without a wire: what another machine makes of what is sent of them. (The oracle's corpus is run
  in that way as well: tests/oracle/compare.clj --shipped.)"
  (:require [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]
            [reops.strint :as strint]))

(defn- there
  "What another machine that has nothing yet makes of x."
  [x]
  (reops.internal/unpack (reops.internal/pack x)))

(defn- units [x] (map (fn [[hash]] (str hash)) (:units (reops.internal/pack x))))

(def factor 10)
(defn- scaled [x] (* factor x))
(defn one-more [x] (+ 1 (scaled x)))
(declare odd-number?)
(defn even-number? [n] (or (zero? n) (odd-number? (dec n))))
(defn odd-number? [n] (and (pos? n) (even-number? (dec n))))

(deftest functions-take-along-what-they-need
  (is (= 41 ((there one-more) 4)))
  (is (= [5 7] ((there (let [a 4] (fn [& bs] (mapv #(+ a %) bs)))) 1 3)) "captured values")
  (is (= [true false] (map (there even-number?) [10 11])) "in a circle")
  (is (= 24 ((there (fn fact [n] (if (zero? n) 1 (* n (fact (dec n)))))) 4)))
  (is (= [:b :a] ((there (fn [] (letfn [(a [n] (if (pos? n) (b (dec n)) :a)) (b [n] (if (pos? n) (a (dec n)) :b))]
                                  [(a 3) (a 4)]))))))
  (is (= :b ((there (letfn [(a [n] (if (pos? n) (b (dec n)) :a)) (b [n] (if (pos? n) (a (dec n)) :b))] a)) 3)))
  (is (= 17 ((there (comp inc (partial + 5) one-more)) 1)) "combinators")
  (is (= [2 3] ((there (fn [] (into [] (map inc) [1 2]))))))
  (is (= "web1" ((there (fn [host] (strint/<< "~{host}"))) "web1")) "macros are expanded before"))

(defprotocol Area (area [this]) (label [this suffix]))
(defrecord Square [side] Area (area [_] (* side side)) (label [_ suffix] (str "square" suffix)))
(deftype Circle [r] Object (toString [_] (str "circle " r)))
(extend-type Circle Area (area [c] (* 3 (.-r c) (.-r c))))
(extend-protocol Area
  nil (area [_] 0)
  String (area [s] (count s)))
(defmulti kind :type)
(defmethod kind :a [_] (scaled 1))
(defmethod kind :default [x] [:other (:type x)])
(defmethod print-method Circle [c w] (.write w (str "#circle " (.-r c))))

(deftest types-protocols-and-multimethods-travel
  (is (= [25 12 0 3 "square!"] ((there (fn [] [(area (->Square 5)) (area (->Circle 2)) (area nil) (area "abc")
                                               (label (->Square 1) "!")])))))
  (is (= ["circle 1" "#circle 1"] ((there (fn [] [(str (->Circle 1)) (pr-str (->Circle 1))])))))
  (is (= {:side 3 :more 1} (into {} (there (assoc (->Square 3) :more 1)))))
  (is (= 9 ((there (fn [s] (area s))) (there (->Square 3))))
      "a type that came twice is one type only for the machine that keeps it")
  (is (= [10 [:other :b]] ((there (fn [] [(kind {:type :a}) (kind {:type :b})])))))
  (is (= 42 ((there (fn [] (area (reify Area (area [_] 42)))))))))

(def ^:dynamic *depth* 3)

(deftest dynamic-vars-are-bound-where-the-code-runs
  (is (= [3 4] ((there (fn [] [*depth* (binding [*depth* 4] *depth*)])))))
  (is (= "out" (with-out-str ((there (fn [] (print "out"))))))))

(deftest data-travels-exactly
  (are [x] (= x (there x))
    1 nil [1 {:a #{2}}] '(a "b" \c) 1/3 1.50M (sorted-map 1 2) #inst "2020-01-01" (list) {:a (range 5)})
  (is (= {:doc "d"} (meta (there (with-meta [1] {:doc "d"})))))
  (is (= [1] (there (with-meta [1] {:open (atom 1)}))) "metadata that cannot travel stays"))

(defn- refusal [x]
  (try (there x) nil
       (catch IllegalArgumentException e
         (is (= :reops/cannot-travel (:type (ex-data e))))
         (:path (ex-data e)))))

(def cache (atom {}))
(defn cached [x] (swap! cache assoc x 1))
(defn lookup [x] (cached x))
(def endless (iterate inc 0))

(deftest what-cannot-travel-is-named-with-the-way-to-it
  (are [way x] (str/starts-with? (str (refusal x)) way)
    "shipping-test/lookup → shipping-test/cached → shipping-test/cache → an atom" lookup
    "an atom, which both sides would have to share, at [(captured)]" (let [a (atom 1)] (fn [] @a))
    "an open resource" *out*
    "a promise or a future" (promise)
    "fn/fn → shipping-test/cache → an atom" (fn [] @cache)
    "fn/fn → shipping-test/endless → a sequence of more than 1000000 elements" (fn [] (take 3 endless))
    "a sorted collection with an order of its own" (sorted-map-by > 1 2))
  (is (str/includes? (refusal {:a [1 (atom 2)]}) "at [:a 1]")))

(defprotocol Store (put [this]))
(extend-protocol Store
  String (put [s] (swap! cache assoc s 1))
  Long (put [n] (inc n)))

(deftest an-implementation-that-cannot-travel-throws-when-it-is-called
  (let [f (there (fn [x] (put x)))]
    (is (= 2 (f 1)))
    (is (thrown-with-msg? Exception #"did not travel: put<String> → shipping-test/cache → an atom" (f "a")))))

(deftest the-same-definition-is-the-same-unit
  (let [f (fn [x] (one-more x))]
    (is (= (units f) (units f)))
    (is (= 1 (count (distinct (repeatedly 3 #(units (eval '(fn [{:keys [a]}] [a (shipping-test/one-more 1)])))))))
        "names that macros make up are no part of it"))
  (is (= (units even-number?) (take 1 (units (fn [] (odd-number? 1))))) "a circle is one unit, whoever leads to it"))

(deftest a-call-is-a-snapshot
  (let [before (reops.internal/pack (fn [] (scaled 2)))]
    (with-redefs [factor 100]
      (is (= 200 ((there (fn [] (scaled 2)))))))
    (is (= 20 ((reops.internal/unpack before))))
    (is (= 20 ((there (fn [] (scaled 2))))))))

(deftest errors-point-into-the-source
  (let [f (there (fn [] (scaled "a")))
        frame (try (f) (catch Exception e (first (:trace (Throwable->map e)))))]
    (is (= "shipping-test/scaled" (first frame)))
    (is (str/ends-with? (second frame) "shipping_test.clj"))
    (is (= (:line (meta #'scaled)) (nth frame 2)))))

(deftest results-come-back-as-data
  (are [form] (= form (reops.internal/there-and-back (fn [] form)))
    [1 "a" {:b #{2.5}}] nil 1/3)
  (let [square (reops.internal/there-and-back (fn [] (assoc (->Square 5) :more 1)))]
    (is (= (assoc (->Square 5) :more 1) square))
    (is (= 25 (area square)) "a record is of the type that was sent"))
  (is (= (tagged-literal 'reops/elsewhere "a clojure.lang.Atom") (reops.internal/there-and-back (fn [] (atom 1)))))
  (is (= [1 (tagged-literal 'reops/elsewhere "a clojure.lang.AFunction")] (reops.internal/there-and-back (fn [] [1 (fn [] 1)]))))
  (let [e (reops.internal/there-and-back (fn [] (try (scaled "x") (catch Exception e e))))]
    (is (instance? ClassCastException e))
    (is (= "shipping-test/scaled" (ffirst (:trace (Throwable->map e)))))))

(defn- damaged [parcel i f] (update-in parcel [:units i] f))

(deftest damaged-units-are-refused
  (let [parcel (reops.internal/pack one-more)
        [[hash content places]] (:units parcel)]
    (is (thrown-with-msg? IllegalArgumentException #"damaged on the way"
          (reops.internal/unpack (damaged parcel 0 (fn [[h c p]] [h (reops.bytes/bytes "x") p])))))
    (is (thrown-with-msg? IllegalStateException #"has not come"
          (reops.internal/unpack (update parcel :units (comp vec next)))))))
