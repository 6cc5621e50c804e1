(ns strint-test
  "String interpolation with <<."
  (:require [clojure.test :refer [deftest is testing]]
            [reops.strint :refer [<< interpolate]]))

(deftest values-and-calls
  (let [host "web1" n 2]
    (is (= "web1 has 3 disks" (<< "~{host} has ~(inc n) disks")))
    (is (= "3" (<< "~{(+ 1 n)}")) "any one form may stand in braces")
    (is (= "[2 :a]" (<< "~{ [n :a] }")) "with blanks around it")
    (is (= "" (<< "~{nil}")) "nil is nothing, as in str")
    (is (= "{:a 2}" (<< "~{{:a n}}")))
    (is (= "a)b" (<< "a~(str \")\")b")) "brackets in strings are not the form's end")))

(deftest texts-without-values
  (is (= "" (<< "")))
  (is (= "~ ~a ~" (<< "~ ~a ~")) "a tilde is a tilde unless a bracket follows")
  (is (= "~{host} ~(inc n)" (<< "~~{host} ~~(inc n)")) "twice the tilde means the characters themselves")
  (is (= "~{" (<< "~~{"))))

(deftest several-strings-are-one-template
  (let [x 1]
    (is (= "a1b1" (<< "a~{x}" "b~{x}")))))

(deftest parts
  (is (= '["a " b " " (inc c)] (interpolate "a ~{b} ~(inc c)"))))

(deftest templates-that-are-none
  (doseq [template ["~{" "~(" "~{a" "~(a" "~{a b}" "~{}"]]
    (testing template
      (is (= :reops/bad-template
             (try (interpolate template)
                  (catch Exception e (:type (ex-data e)))))))))
