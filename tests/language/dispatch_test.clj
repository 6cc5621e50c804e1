(ns dispatch-test
  "What is ours in records, protocols and multimethods: definitions that are evaluated again keep what is alive, errors
  say what is there, and the shapes in which Re-ops' own documents write them are understood. That the rest agrees with
  JVM Clojure is the oracle's to say (tests/oracle)."
  (:require [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]))

(defn- error-of
  "The innermost error that evaluating the form ends in."
  [form]
  (try
    (eval form)
    nil
    (catch Throwable e
      (last (take-while some? (iterate ex-cause e))))))

(defn- complaint [form]
  (if-let [e (error-of form)]
    (ex-message e)
    (str "no error in " (pr-str form))))

;; The shapes of Re-ops' introduction

(defrecord Hosts [auth hosts])
(defrecord Systems [])

(defprotocol Pkg
  "Packages"
  (update-packages
    [this]
    [this m])
  (remove-package [this pkg] "Takes it away."))

(extend-type Hosts
  Pkg
  (update-packages
    ([this] [:all (:hosts this)])
    ([this {:keys [only] :as m}] [only m]))
  (remove-package [this pkg] [this pkg]))

(extend-type Systems
  Pkg
  (update-packages [this] :once)
  (update-packages [this m] [:twice m]))

(deftest shapes-of-the-introduction
  (let [hs (->Hosts {:user "re-ops"} ["a" "b"])]
    (is (= [:all ["a" "b"]] (update-packages hs)))
    (is (= ["x" {:only "x"}] (update-packages hs {:only "x"})))
    (is (= [hs "vim"] (remove-package hs "vim"))))
  (is (= :once (update-packages (->Systems))))
  (is (= [:twice 1] (update-packages (->Systems) 1)))
  (is (= "Takes it away." (:doc (meta #'remove-package))))
  (is (= '([this] [this m]) (:arglists (meta #'update-packages)))))

;; Definitions evaluated again

(deftest a-protocol-defined-anew-keeps-its-implementations
  (eval '(do (ns dispatch-test.live)
             (defprotocol Live (stays [x]) (goes [x]))
             (extend-type Long Live (stays [x] [:stays x]) (goes [x] :goes))
             (def held stays)))
  (eval '(do (in-ns 'dispatch-test.live)
             (defprotocol Live (stays [x]) (comes [x]))))
  (is (= [:stays 1] (eval '(dispatch-test.live/stays 1))))
  (is (= [:stays 1] (eval '(dispatch-test.live/held 1))) "a function taken before dispatches as well")
  (is (str/includes? (complaint '(dispatch-test.live/comes 1)) "has no method comes")))

(deftest a-record-defined-anew-with-the-same-fields-is-the-same-type
  (eval '(do (ns dispatch-test.types)
             (defprotocol Say (say [x]))
             (defrecord Speaker [words] Say (say [_] [:first words]))
             (def old (->Speaker "a"))))
  (eval '(do (in-ns 'dispatch-test.types)
             (defrecord Speaker [words] Say (say [_] [:second words]))))
  (is (= [:second "a"] (eval '(dispatch-test.types/say dispatch-test.types/old))) "its instances get the new methods")
  (is (true? (eval '(= dispatch-test.types/old (dispatch-test.types/->Speaker "a")))))
  (testing "with other fields it is another type"
    (eval '(do (in-ns 'dispatch-test.types)
               (defrecord Speaker [words volume])))
    (is (false? (eval '(instance? dispatch_test.types.Speaker dispatch-test.types/old))))
    (is (= [:second "a"] (eval '(dispatch-test.types/say dispatch-test.types/old))))))

(deftest a-multimethod-defined-anew-takes-its-dispatch-function
  (eval '(do (ns dispatch-test.multi)
             (defmulti kind :a)
             (defmethod kind 1 [_] :one)))
  (is (= :one (eval '(dispatch-test.multi/kind {:a 1}))))
  (eval '(do (in-ns 'dispatch-test.multi) (defmulti kind :b)))
  (is (= :one (eval '(dispatch-test.multi/kind {:b 1}))))
  (is (str/includes? (complaint '(dispatch-test.multi/kind {:a 1})) "dispatch value: nil")))

;; Methods given inline

(defprotocol Shape (area [this]) (scaled [this k]) (sum [this k]))

(defrecord Square [side]
  Shape
  (area [_] (* side side))
  (scaled [this side] (assoc this :side (* side (:side this))))
  (sum [_ k] (if (pos? k) (recur (dec k)) [side k])))

(deftest parameters-hide-fields-and-recur-leaves-the-instance-out
  (is (= 9 (area (->Square 3))))
  (is (= (->Square 6) (scaled (->Square 3) 2)))
  (is (= [3 0] (sum (->Square 3) 4))))

(deftype Stack [^:unsynchronized-mutable items]
  Shape
  (area [_] (count items))
  (scaled [this x] (set! items (conj items x)) this)
  (sum [_ f] (let [before items
                   changed (set! items (map f items))]
               [before changed (let [items :hidden] items) (mapv (fn [items] items) items)])))

(deftest mutable-fields-are-read-where-they-stand
  (let [stack (->Stack ())]
    (is (= 2 (area (-> stack (scaled 1) (scaled 2)))))
    (is (= ['(2 1) '(3 2) :hidden [3 2]] (sum stack inc)))
    (is (= '(3 2) (.-items stack))))
  (testing "by several threads at once, each field holds what somebody wrote"
    (let [stack (->Stack (list 0))
          writers (mapv (fn [t] (future (dotimes [i 500] (scaled stack (str t "-" i))))) (range 4))
          seen (loop [n 0] (if (every? realized? writers) n (do (doall (.-items stack)) (recur (inc n)))))]
      (run! deref writers)
      (is (every? (fn [x] (or (string? x) (= 0 x))) (.-items stack)))
      (is (nat-int? seen)))))

(deftest each-reify-has-methods-of-its-own
  (let [shapes (mapv (fn [n] (reify Shape (area [_] n) (sum [this k] [n k (area this)]))) (range 100))]
    (is (= (range 100) (map area shapes)))
    (is (= [7 :k 7] (sum (nth shapes 7) :k))))
  (testing "and lives as long as its method runs, though nobody else holds it"
    (is (= [1 2 3] (area (let [v [1 2 3]] (reify Shape (area [_] (vec (map identity v))))))))))

(defrecord Printed [x])
(defmethod print-method Printed [p writer] (.write writer (str "<" (:x p) ">")))

(deftest types-say-how-they-print
  (is (= "[<1> {:a <2>}]" (pr-str [(->Printed 1) {:a (->Printed 2)}]))))

;; What errors say

(deftest errors-say-what-is-there
  (are [part form] (str/includes? (complaint form) part)
    "No implementation of method area of protocol dispatch-test/Shape for \"x\" (java.lang.String)"
    '(dispatch-test/area "x")
    "dispatch-test/Shape for nil" '(dispatch-test/area nil)
    "dispatch_test.Square has 1 fields, but 2 values were given" '(dispatch_test.Square. 1 2)
    "protocol dispatch-test/Shape has no method aera; it has area, scaled, sum"
    '(extend-type String dispatch-test/Shape (aera [s] 1))
    "dispatch-test/Shape has no method aera" '(reify dispatch-test/Shape (aera [s] 1))
    "Nonsense is neither a protocol nor an interface" '(reify Nonsense (f [_] 1))
    "has two fields of one name" '(defrecord Twice [a a])
    "needs a vector of symbols as its fields" '(defrecord NoFields 5)
    "needs methods such as" '(extend-type String dispatch-test/Shape (area))
    "needs a parameter for what it is called on" '(defprotocol Nothing (f []))
    "clojure.lang.PersistentVector has no method or field indexof" '(.indexof [1] 1)
    "Cannot call method length on nil" '(.length nil)
    "Math has no static member sqroot" '(Math/sqroot 4))
  (is (= "Did you mean `indexOf`?" (:hint (ex-data (error-of '(.indexof [1] 1))))))
  (is (= "It is extended to dispatch_test.Hosts, dispatch_test.Systems."
         (:hint (ex-data (error-of '(dispatch-test/update-packages "x")))))))

(deftest ambiguous-methods-are-named
  (eval '(do (ns dispatch-test.amb)
             (derive :dispatch-test.amb/both :dispatch-test.amb/left)
             (derive :dispatch-test.amb/both :dispatch-test.amb/right)
             (defmulti which identity)
             (defmethod which :dispatch-test.amb/left [_] :left)
             (defmethod which :dispatch-test.amb/right [_] :right)))
  (let [said (complaint '(dispatch-test.amb/which :dispatch-test.amb/both))]
    (is (str/includes? said "dispatch-test.amb/which"))
    (is (str/includes? said ":dispatch-test.amb/left"))
    (is (str/includes? said ":dispatch-test.amb/right")))
  (eval '(prefer-method dispatch-test.amb/which :dispatch-test.amb/right :dispatch-test.amb/left))
  (is (= :right (eval '(dispatch-test.amb/which :dispatch-test.amb/both)))))
