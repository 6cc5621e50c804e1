(ns json-test
  "reops.json."
  (:require [clojure.java.io :as io]
            [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]
            [reops.fs :as fs]
            [reops.json :as json]))

(deftest values
  (are [text value] (= value (json/read-string text))
    "null" nil, "true" true, "false" false, " 1 " 1, "-0" 0, "-12" -12, "[]" [], "{}" {}, "\"\"" ""
    "1.5" 1.5, "1e3" 1000.0, "-2.5E-1" -0.25, "0.1" 0.1, "1E400" ##Inf, "1e-400" 0.0
    "9223372036854775807" 9223372036854775807, "123456789012345678901234567890" 123456789012345678901234567890N
    "[1, [2, {\"a\": null}]]" [1 [2 {"a" nil}]]
    "{\"a\" : 1 , \"b\":[true]}" {"a" 1 "b" [true]}
    "{\"a\":1,\"a\":2}" {"a" 2}
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"" "\"\\/\b\f\n\r\tA"
    "\"\\ud83d\\ude00 \\ud83d\"" "😀 \uFFFD"
    "\"ä€😀\"" "ä€😀"
    "\uFEFF[1]" [1])
  (is (= {:a {:b/c 1}} (json/read-string "{\"a\":{\"b/c\":1}}" {:keywords true})))
  (is (= [1.10M 1E+3M 1] (json/read-string "[1.10, 1e3, 1]" {:decimals true})))
  (is (= [1] (json/read-string (reops.bytes/bytes "[1]"))) "bytes are read as UTF-8")
  (is (= (zipmap (map str (range 100)) (range 100))
         (json/read-string (str "{" (str/join "," (map #(str "\"" % "\":" %) (range 100))) "}")))))

(defn- fault [text]
  (try (json/read-string text)
       (catch Exception e
         (let [{:keys [type line column]} (ex-data e)]
           (is (= :reops.json/syntax type))
           [line column]))))

(deftest faults-have-a-place
  (are [text place] (= place (fault text))
    "" [1 1], "nul" [1 1], "[1," [1 4], "[1" [1 3], "[1,]" [1 4], "{\"a\":1,}" [1 8], "[1 2]" [1 4]
    "{a:1}" [1 2], "{\"a\" 1}" [1 6], "{\"a\":}" [1 6], "[1]\n x" [2 2], "\"a" [1 3], "\"\\x\"" [1 2], "\"\\u12G4\"" [1 4]
    "\"a\nb\"" [1 3], "01" [1 1], "1." [1 1], "1e" [1 1], "-" [1 1], "+1" [1 1], ".5" [1 1], "NaN" [1 1], "'a'" [1 1]
    "[\"ä\",\n  \"€\", x]" [2 8], "// c" [1 1])
  (is (= "JSON, line 2 column 3: A comma or ] is expected in the array that begins at line 1 column 1"
         (try (json/read-string "[1\n  2]") (catch Exception e (ex-message e)))))
  (testing "depth is limited by an error, not by a crash"
    (is (thrown? StackOverflowError (json/read-string (str/join (repeat 10000000 "[")))))))

(deftest writing
  (are [text value] (= text (json/write-string value))
    "null" nil, "true" true, "1" 1, "1.5" 1.5, "1.0E10" 1e10, "12345678901234567890" 12345678901234567890N, "1.10" 1.10M
    "0.5" 1/2, "\"a\"" "a", "\"a\"" :a, "\"a/b\"" :a/b, "\"s\"" 's, "\"c\"" \c, "[1,2]" [1 2], "[1,2]" '(1 2), "[0,1]" (range 2)
    "[1]" #{1}, "{}" {}, "[]" [], "[]" (), "[]" (map inc [])
    "{\"a\":1,\"b\":[null]}" (array-map :a 1 "b" [nil])
    "{\"a/b\":{\"1\":2}}" {:a/b {1 2}}
    "\"\\\"\\\\\\n\\t\\u0001ä😀\"" "\"\\\n\t\u0001ä😀"
    "\"2020-01-02T03:04:05.678-00:00\"" #inst "2020-01-02T03:04:05.678Z"
    "\"00000000-0000-0000-0000-000000000001\"" #uuid "00000000-0000-0000-0000-000000000001")
  (is (= "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}" (json/write-string (array-map :a [1 {}] :b []) {:pretty true})))
  (is (= "{\"a\":1,\"b\":2,\"c\":3}" (json/write-string (array-map :c 3 :a 1 "b" 2) {:sorted true})))
  (testing "what JSON cannot say is an error, or given to a function"
    (is (thrown-with-msg? Exception #"Infinity" (json/write-string ##Inf)))
    (is (thrown-with-msg? Exception #"no notation" (json/write-string [inc])))
    (is (thrown-with-msg? Exception #"key" (json/write-string {nil 1})))
    (is (thrown-with-msg? Exception #"key" (json/write-string {[1] 1})))
    (is (= "[\"atom\"]" (json/write-string [(atom 1)] {:default (constantly "atom")})))))

(defrecord Host [name port])

(deftest records-are-objects
  (is (= "{\"name\":\"web1\",\"port\":22}" (json/write-string (->Host "web1" 22)))))

(deftest there-and-back
  (let [data {"a" [1 2.5 nil true "x\n\"y\""] "b" {"c" (vec (range 100)) "d" {}} "e" (str/join (repeat 1000 "ä"))}]
    (is (= data (json/read-string (json/write-string data))))
    (is (= data (json/read-string (json/write-string data {:pretty true :sorted true}))))))

(deftest files-and-lines
  (fs/with-temp-dir [dir]
    (let [path (fs/join dir "x.jsonl")]
      (with-open [w (io/writer path)] (json/write-lines [{:a 1} [2] nil] w {:pretty true}))
      (is (= "{\"a\":1}\n[2]\nnull\n" (slurp path)))
      (with-open [r (io/reader path)] (is (= [{"a" 1} [2] nil] (doall (json/read-lines r)))))
      (spit path "1\n\n{\n")
      (with-open [r (io/reader path)]
        (let [values (json/read-lines r)
              e (is (thrown? Exception (doall values)))]
          (is (= 3 (:line (ex-data e))))))
      (spit path "[1,\n2]")
      (with-open [r (io/reader path)] (is (= [1 2] (json/read r))))
      (with-open [w (io/writer path)] (json/write {:a 1} w))
      (is (= "{\"a\":1}" (slurp path))))))
