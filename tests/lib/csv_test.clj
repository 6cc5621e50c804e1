(ns csv-test
  "reops.csv."
  (:require [clojure.test :refer [are deftest is]]
            [reops.csv :as csv]))

(deftest reading
  (are [text rows] (= rows (csv/read-string text))
    "" [], "a" [["a"]], "a,b\nc,d\n" [["a" "b"] ["c" "d"]], "a,b\r\nc,d" [["a" "b"] ["c" "d"]], "a\rb" [["a"] ["b"]]
    ",\n" [["" ""]], "\n" [[""]], "a,\nb" [["a" ""] ["b"]]
    "\"a,b\",\"c\"\"d\"\n" [["a,b" "c\"d"]], "\"two\nlines\",x" [["two\nlines" "x"]], "\"\",x" [["" "x"]]
    "a \"quoted\" word,b" [["a \"quoted\" word" "b"]], "\uFEFFä,€" [["ä" "€"]])
  (is (= [["a,b" "c"]] (csv/read-string "a,b;c" {:separator \;})))
  (is (= [["a;b" "c"]] (csv/read-string "'a;b';c" {:separator \; :quote \'})))
  (is (= [{"host" "web1" "code" "0"} {"host" "db1" "code" "-1"}]
         (csv/read-string "host,code\nweb1,0\ndb1,-1\n" {:header true})))
  (is (= [{:host "web1"}] (csv/read-string "host\nweb1" {:header true :keywords true}))))

(deftest faults-have-a-place
  (are [text place] (= place (try (csv/read-string text)
                                  (catch Exception e (let [{:keys [type line column]} (ex-data e)]
                                                       (is (= :reops.csv/syntax type))
                                                       [line column]))))
    "a,\"b" [1 3], "x\n\"a\"b,c" [2 4])
  (is (thrown? ClassCastException (csv/read-string "" {:separator "ab"}))))

(deftest writing
  (are [text rows] (= text (csv/write-string rows))
    "" [], "a,b\n" [["a" "b"]], "1,,k,a/b\n" [[1 nil :k :a/b]], "\"a,b\",\"c\"\"d\",\"e\nf\",\" g\"\n" [["a,b" "c\"d" "e\nf" " g"]]
    "host,code\nweb1,0\n" [(array-map :host "web1" :code 0)])
  (is (= "code,gone\r\n0,\r\n" (csv/write-string [{:host "web1" :code 0}] {:columns [:code :gone] :line-end "\r\n"})))
  (let [rows [["plain" "a,b" "\"q\"" "line\nline" "" " blank " "ä"]]]
    (is (= rows (csv/read-string (csv/write-string rows))))
    (is (= rows (csv/read-string (csv/write-string rows {:separator \tab}) {:separator \tab})))))
