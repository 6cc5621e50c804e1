(ns numbers-test
  (:require [clojure.math :as math]
            [clojure.test :refer [are deftest is]]))

(deftest arithmetic-as-functions-and-in-code-is-the-same
  (let [most 9223372036854775807]
    (are [form] (thrown? ArithmeticException form)
      (+ most 1)
      (apply + [most 1])
      (- (- most) 2)
      (apply - [(- most) 2])
      (* most 2)
      (apply * [most 2])
      (inc most)
      (dec (- -1 most))))
  (is (= 9223372036854775808N (+' 9223372036854775807 1) (inc' 9223372036854775807)))
  (is (= 93326215443944152681699238856266700490715968264381621468592963895217599993229915608941463976156518286253697920827223758251185210916864000000000000000000000000N
         (reduce *' (range 1 101)))))

(deftest equality-and-hashes-agree
  (is (= :found (get {1 :found} 1N) (get {1N :found} 1) (get {1.50M :found} 1.5M) (get {0.0 :found} -0.0)))
  (is (nil? (get {1 :found} 1.0)))
  (is (= 1 (count (hash-set 1 1N (long 1) (bigint 1)))))
  (is (= [1/3 0.5 1 3/2] (sort [3/2 1 0.5 1/3]))))

(deftest precision
  (is (= "0.33333M" (pr-str (with-precision 5 (/ 1M 3)))))
  (is (= "0.666M" (pr-str (with-precision 3 :rounding DOWN (/ 2M 3)))))
  (is (thrown? ArithmeticException (with-precision 3 (/ 1 0M))))
  (is (thrown? ArithmeticException (/ 1M 3)) "the precision ends with its scope, also when that throws"))

(deftest real-functions
  (is (= 2.0 (math/sqrt 4) (Math/sqrt 4)))
  (is (= 3.141592653589793 math/PI Math/PI)))
