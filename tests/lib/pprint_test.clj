(ns pprint-test
  "clojure.pprint beyond what JVM Clojure answers too (tests/oracle/corpus/pprint_ns.clj)."
  (:require [clojure.pprint :as pp]
            [clojure.string :as str]
            [clojure.test :refer [deftest is]]))

(deftest code-has-its-bodies-indented
  (is (= (str "(defn square-of-the-sum [a b]\n"
              "  (let [sum (+ a b)]\n"
              "    (println \"the sum is\" sum)\n"
              "    (* sum sum)))\n")
         (binding [pp/*print-right-margin* 40]
           (with-out-str
             (pp/with-pprint-dispatch pp/code-dispatch
               (pp/pprint '(defn square-of-the-sum [a b]
                             (let [sum (+ a b)] (println "the sum is" sum) (* sum sum))))))))))

(deftest what-is-printed-reads-back
  (let [data (vec (for [i (range 300)]
                    {:id i, :name (str "host-" i), :tags #{:a :b}, :nested {:list (list 1 i "x"), :v (vec (range (mod i 40)))}}))
        text (with-out-str (pp/pprint data))]
    (is (= data (read-string text)))
    (is (every? #(< (count %) 72) (str/split-lines text)))))

(deftest without-a-margin-everything-is-one-line
  (is (= (str (vec (range 200)) "\n")
         (binding [pp/*print-right-margin* nil] (with-out-str (pp/pprint (vec (range 200))))))))
