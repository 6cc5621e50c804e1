(ns cbor-test
  "reops.cbor."
  (:require [clojure.test :refer [are deftest is testing]]
            [reops.bytes :as bytes]
            [reops.cbor :as cbor]))

(defn- there-and-back [x] (cbor/read (cbor/write x)))

(deftest values-come-back-with-their-types
  (are [x] (let [y (there-and-back x)] (and (= x y) (= (class x) (class y)) (= (pr-str x) (pr-str y))))
    nil true false 0 23 24 255 256 65535 65536 4294967295 4294967296 -1 -24 -25 -256 -257
    9223372036854775807 -9223372036854775808 4611686018427387904 -4611686018427387905
    0N 1N -1N 255N -256N 18446744073709551616N -18446744073709551617N
    0.0 -0.0 1.5 1e300 ##Inf ##-Inf 1/3 -22/7 123456789012345678901234567890/7
    1.10M 1E+30M -0.001M 0M "" "häß€😀" \a \😀 \newline
    :a :a/b (keyword "a/b" "c d") 'a 'a/b '/ "a\u0000b" [] [1 [2 [3]]] {} #{} {:a 1} {nil nil} #{1 #{2}}
    {1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20} (array-map 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20)
    (sorted-map 3 1 1 2) (sorted-set "b" "a") () '(1 2 3) '(())
    #uuid "123e4567-e89b-12d3-a456-426614174000" #inst "2020-01-02T03:04:05.678-00:00" #inst "1969-12-31T23:59:59.000-00:00"
    (tagged-literal 'my/tag [1 2]) (first {:a 1}))
  (is (= "a+(b)" (str (there-and-back #"a+(b)"))))
  (is (NaN? (there-and-back ##NaN)))
  (is (= (bytes/bytes "x\u0000y") (there-and-back (bytes/bytes "x\u0000y"))))
  (is (map-entry? (first (there-and-back [(first {:a 1})])))))

(deftest sequences-come-back-as-lists
  (are [x] (let [y (there-and-back x)] (and (= x y) (list? y)))
    (map inc [1 2 3]) (range 3000) (cons 1 [2]) (lazy-seq nil) (seq {:a 1}) (seq "abc") (rseq [1 2]) (take 5 (iterate inc 1)))
  (is (vector? (there-and-back (subvec [1 2 3] 1)))))

(deftest errors-keep-message-data-cause-and-trace
  (let [e (try (try (/ 1 0) (catch Exception e (throw (ex-info "outer" {:a [1]} e)))) (catch Exception e e))
        back (there-and-back e)]
    (is (= "outer" (ex-message back)))
    (is (= {:a [1]} (ex-data back)))
    (is (instance? ArithmeticException (ex-cause back)))
    (is (= (:trace (Throwable->map e)) (:trace (Throwable->map back))))))

(deftest what-is-no-data-is-refused-with-the-way-to-it
  (are [x path] (= {:type :reops.cbor/unwritable :path path} (try (cbor/write x) (catch Exception e (ex-data e))))
    inc []
    (atom 1) []
    [1 {:a (list 2 (atom 1))}] ["1" ":a" "1"]
    {"k" [inc]} ["\"k\"" "0"]
    {:a {1 inc}} [":a" "1 (java.lang.Long)"]
    #{inc} ["(member)"]
    (sorted-map-by > 1 2) []
    (ex-info "" {:a inc}) ["(ex-data)" ":a"])
  (is (thrown-with-msg? IllegalArgumentException #"at \[1 :a\]" (cbor/write [0 {:a inc}]))))

(defn- hex [digits] (read-string (str "#bytes \"" digits "\"")))

(deftest other-programs-numbers
  (testing "the examples of RFC 8949, appendix A"
    (are [digits x] (= x (cbor/read (hex digits)))
      "00" 0, "17" 23, "1818" 24, "1903e8" 1000, "1a000f4240" 1000000, "1b000000e8d4a51000" 1000000000000
      "c249010000000000000000" 18446744073709551616N, "c349010000000000000000" -18446744073709551617N
      "20" -1, "3863" -100, "f90000" 0.0, "f93c00" 1.0, "f97bff" 65504.0, "fa47c35000" 100000.0
      "fb7e37e43c8800759c" 1.0e300, "f90001" 5.960464477539063e-8, "f9c400" -4.0, "f97c00" ##Inf, "f9fc00" ##-Inf
      "f4" false, "f6" nil, "f7" nil, "c11a514b67b0" #inst "2013-03-21T20:04:00.000-00:00"
      "c1fb41d452d9ec200000" #inst "2013-03-21T20:04:00.500-00:00"
      "4401020304" (hex "01020304"), "6449455446" "IETF", "62c3bc" "ü"
      "83010203" [1 2 3], "8301820203820405" [1 [2 3] [4 5]], "a201020304" {1 2 3 4}
      "9f018202039f0405ffff" [1 [2 3] [4 5]])))

(deftest malformed-texts-have-a-place
  (are [digits offset] (= {:type :reops.cbor/malformed :offset offset}
                          (try (cbor/read (hex digits)) (catch Exception e (ex-data e))))
    "" 0, "18" 1, "1c" 0, "ff" 1, "82" 1, "8201" 1, "a1" 1, "a101" 1, "61" 1, "61ff" 2, "5f" 1, "0000" 1
    "9bffffffffffffffff" 9, "bb7fffffffffffffff" 9, "5bffffffffffffffff" 9
    "1bffffffffffffffff" 9, "f800" 2, "f8ff" 2, "dae0000000" 5
    "a201020103" 5, "d90102820101" 6, "d825426869" 5, "d9e003190d00d800" 6
    "9f01" 2, "c482f50a" 4, "d81e820100" 5)
  (is (thrown? Exception (cbor/read (hex "d8236128"))) "a regular expression that is none")
  (is (thrown-with-msg? Exception #"bytes" (cbor/read "text"))))

(deftest deep-values-end-in-an-error
  (is (thrown? StackOverflowError (cbor/write (nth (iterate vector 1) 1000000))))
  (is (thrown? StackOverflowError (cbor/read (hex (apply str (repeat 1000000 "81")))))))
