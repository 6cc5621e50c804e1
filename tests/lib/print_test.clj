(ns print-test
  "Printing as a program can change it, and streams of text."
  (:require [clojure.string :as str]
            [clojure.test :refer [deftest is]]
            [reops.bytes :as bytes]))

(defrecord Fleet [hosts])
(deftype Opaque [x] Object (toString [_] (str "opaque " x)))

(defmethod print-method Fleet [fleet writer]
  (.write writer (str "<fleet of " (count (:hosts fleet)) ">")))

(defmethod print-method ::loud [x writer]
  (.write writer (str/upper-case (with-out-str (print (vec x))))))

(deftest print-method-decides
  (is (= "<fleet of 2>" (pr-str (->Fleet [1 2]))))
  (is (= "[<fleet of 1> {:a <fleet of 0>}]" (pr-str [(->Fleet [1]) {:a (->Fleet [])}])) "inside of collections too")
  (is (= "[:A]" (pr-str (with-meta '(:a) {:type ::loud}))) "by :type in the metadata")
  (is (= "[1 \"a\" :b]" (pr-str [1 "a" :b])) "and leaves everything else alone")
  (is (= "<fleet of 1>" (with-out-str (print-method (->Fleet [1]) *out*)))))

(deftest to-string-of-ones-own
  (is (= "opaque 5" (str (Opaque. 5))))
  (is (str/includes? (pr-str (Opaque. 5)) "opaque 5")))

(deftest limits
  (binding [*print-length* 3]
    (is (= "(0 1 2 ...)" (pr-str (range)))))
  (binding [*print-level* 2]
    (is (= "[1 [2 #]]" (pr-str [1 [2 [3]]]))))
  (binding [*print-namespace-maps* true]
    (is (= "#:a{:b 1, :c 2}" (pr-str {:a/b 1 :a/c 2}))))
  (binding [*print-readably* false]
    (is (= "[a b]" (pr-str ["a" \b])))))

(deftest what-goes-where
  (is (= "1 2\n" (with-out-str (println 1 2))))
  (is (= "" (with-out-str (binding [*out* *err*] (print "")))))
  (is (= "inner" (with-out-str (print (with-out-str (print "inner"))))))
  (is (= [1 '(2 3) "" "line" nil]
         (with-in-str "1 (2 3)\nline" [(read) (read) (read-line) (read-line) (read-line)]))))

(deftest threads-print-whole-lines
  (let [out (with-out-str
              (run! deref (doall (for [i (range 4)]
                                   (future (dotimes [_ 200] (println (apply str (repeat 50 i)))))))))]
    (is (= 800 (count (str/split-lines out))))
    (is (every? #(and (= 50 (count %)) (apply = %)) (str/split-lines out)))))

(deftest byte-strings
  (let [b (bytes/bytes [0 255 128])]
    (is (= "#bytes \"00ff80\"" (pr-str b)))
    (is (= b (read-string (pr-str b)) (bytes/from-hex "00ff80")))
    (is (= [0 255 128] (bytes/to-vector b)))
    (is (thrown? IllegalArgumentException (bytes/decode b)))
    (is (= "\u0000\ufffd\ufffd" (bytes/decode b :lossy))))
  (is (= "héllo" (bytes/decode (bytes/encode "héllo"))))
  (is (= (bytes/bytes "bc") (bytes/slice (bytes/bytes "abcd") 1 3))))
