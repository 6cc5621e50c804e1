(ns spec-test
  "clojure.spec.alpha beyond what JVM Clojure answers too (tests/oracle/corpus/spec_ns.clj): the words of explanations,
  and sizes."
  (:require [clojure.spec.alpha :as s]
            [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]))

(s/def ::port (s/int-in 1 65536))
(s/def ::host string?)
(s/def ::level #{:debug :info :warn})
(s/def ::server (s/keys :req-un [::host] :opt-un [::port ::level]))
(s/def ::servers (s/coll-of ::server :min-count 1))
(s/def ::config (s/keys :req-un [::servers]))

(defn- lines [spec x]
  (str/split-lines (s/explain-str spec x)))

(deftest explanations-name-path-and-legal-values
  (is (= ["[:servers 0 :host] is 1, and has to be a string  (spec :spec-test/host)"
          "[:servers 0 :port] is \"eighty\", and has to be an integer  (spec :spec-test/port)"
          "[:servers 0 :level] is :debg, and has to be one of :debug, :info, :warn. Did you mean :debug?  (spec :spec-test/level)"
          "[:servers 1] is {:port 0}, and lacks the key :host  (spec :spec-test/server)"
          "[:servers 1 :port] is 0, and has to be an integer from 1 to 65535  (spec :spec-test/port)"
          "[:servers 2] is 5, and has to be a map  (spec :spec-test/server)"]
         (lines ::config {:servers [{:host 1 :port "eighty" :level :debg} {:port 0} 5]})))
  (are [spec x line] (= [line] (lines spec x))
    ::servers [] "The value is [], and has to have at least 1 element  (spec :spec-test/servers)"
    (s/coll-of int? :count 2) [1] "The value is [1], and has to have exactly 2 elements"
    (s/coll-of int? :min-count 1 :max-count 2) [1 2 3] "The value is [1 2 3], and has to have from 1 to 2 elements"
    (s/coll-of int? :distinct true) [1 1] "The value is [1 1], and has to have no element twice"
    (s/tuple int? int?) [1] "The value is [1], and has to have exactly 2 elements"
    (s/or :i int? :s string?) :k "The value is :k, and has to be an integer, or be a string"
    (s/nilable int?) "x" "The value is \"x\", and has to be an integer, or be nil"
    (s/and int? #(< 3 %)) 2 "The value is 2, and has to be more than 3"
    (s/spec #(<= 1 % 5)) 9 "The value is 9, and has to be from 1 to 5"
    (s/spec #(odd? (quot % 3))) 0 "The value is 0, and has to satisfy (odd? (quot % 3))"
    (s/keys :req [(or ::a (and ::b ::c))]) {} "The value is {}, and lacks the key (:spec-test/a or (:spec-test/b and :spec-test/c))"
    (s/cat :verb keyword? :n int?) [:a] "The value ends too early, and has to go on with an integer as :n"
    (s/cat :verb keyword? :n int?) [:a 1 :b] "[2] is :b, where nothing more may follow"
    (s/* int?) [1 :x] "[1] is :x, and has to be an integer"
    (s/* int?) 5 "The value is 5, and has to be a vector, list or sequence"
    int? :x "The value is :x, and has to be an integer"))

(deftest explanations-stay-short
  (is (> 200 (count (s/explain-str int? (range)))) "also of a value without an end")
  (is (> 250 (count (s/explain-str int? (vec (repeat 1000 "long")))))))

(deftest long-sequences-conform
  (let [n 20000]
    (is (= n (count (s/conform (s/* int?) (range n)))))
    (is (= n (count (s/conform (s/* (s/cat :k keyword? :v int?)) (mapcat #(vector :k %) (range n))))))
    (is (= n (count (:xs (s/conform (s/cat :xs (s/* int?) :end (s/? keyword?)) (range n))))))))

(deftest names-may-be-defined-later
  (s/def ::outer (s/coll-of ::inner))
  (testing "an unknown one is an error that names it"
    (is (thrown-with-msg? Exception #":spec-test/inner" (s/valid? ::outer [1]))))
  (s/def ::inner int?)
  (is (s/valid? ::outer [1]))
  (s/def ::inner string?)
  (is (not (s/valid? ::outer [1])) "and the newest definition counts"))

(deftest asserts-carry-the-explanation
  (s/check-asserts true)
  (try
    (let [e (is (thrown? Exception (s/assert ::port 0)))]
      (is (str/includes? (ex-message e) "has to be an integer from 1 to 65535"))
      (is (= :assertion-failed (::s/failure (ex-data e)))))
    (finally (s/check-asserts false))))
