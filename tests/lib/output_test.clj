(ns output-test
  "Results as tables, CSV, JSON, and what differs between them."
  (:require [clojure.string :as string]
            [clojure.test :refer [are deftest is testing]]
            [re-mote.repl.base :refer [hosts run |]]
            [re-mote.repl.comparison :refer [diff-text differences]]
            [re-mote.repl.lines :refer [diff-lines hunks]]
            [re-mote.repl.output :refer [diff table to-csv to-json]]
            [re-mote.repl.results :as results]
            [re-mote.repl.tables :refer [csv-text json-text rows table-text]]
            [reops.csv :as csv]
            [reops.fs :as fs]
            [reops.json :as json]))

(defn- yielded [host result] {:host host :code 0 :result result :profile {:start 1 :end 3 :time 2}})

(defn- said [host out] (yielded host {:out out :err ""}))

(defn- failed [host code reason err]
  {:host host :code code :profile {:time 9} :error {:reason reason :message (str host " is " (name reason)) :out "" :err err}})

(defn- of [& entries] (assoc (results/with-entries {} entries) :stage "exec"))

(def mixed (of (said "web1" "up\n") (failed "web2" 3 :exit "why\n") (failed "db1" -1 :refused "")))

(deftest rows-of-results
  (is (= [{:host "web1" :code 0 :out "up"}
          {:host "web2" :code 3 :reason :exit :message "web2 is exit" :out "why"}
          {:host "db1" :code -1 :reason :refused :message "db1 is refused"}]
         (rows mixed)))
  (is (= [{:host "web1" :code 0} {:host "web2" :code 3} {:host "db1" :code -1}] (rows mixed [:host :code])))
  (is (= [{:host "web1" :time 2} {:host "web2" :time 9} {:host "db1" :time 9}] (rows mixed [:host [:profile :time]])))
  (testing "of data"
    (is (= [{:host "a" :code 0 :free 7 :used 2}] (rows (of (yielded "a" {:free 7 :used 2 :host "lies"})))))
    (is (= [{:host "a" :code 0 :pid 1} {:host "a" :code 0 :pid 2}] (rows (of (yielded "a" [{:pid 1} {:pid 2}])))))
    (is (= [{:host "a" :code 0 :result 5}] (rows (of (yielded "a" 5)))))
    (is (= [] (rows (of (yielded "a" [])))))))

(deftest as-a-table
  (is (= ["HOST  CODE  OUT  REASON    MESSAGE"
          "web1  0     up"
          "web2  3     why  :exit     web2 is exit"
          "db1   -1         :refused  db1 is refused"]
         (string/split-lines (table-text mixed))))
  (is (= ["HOST  TIME" "web1  2" "web2  9" "db1   9"] (string/split-lines (table-text mixed [:host [:profile :time]]))))
  (is (= ["HOST  CODE  RESULT" "a     0     {:k [1]}"] (string/split-lines (table-text [{:host "a" :code 0 :result {:k [1]}}])))
      "of rows, too")
  (is (not (string/includes? (table-text (of (said "a" (str (char 27) "[2J")))) (str (char 27))))))

(deftest as-csv
  (is (= [{"host" "web1" "code" "0" "out" "up" "reason" "" "message" ""}
          {"host" "web2" "code" "3" "out" "why" "reason" "exit" "message" "web2 is exit"}
          {"host" "db1" "code" "-1" "out" "" "reason" "refused" "message" "db1 is refused"}]
         (csv/read-string (csv-text mixed) {:header true})))
  (is (= "host,out\na,\"one, \"\"two\"\"\nthree\"\n" (csv-text (of (said "a" "one, \"two\"\nthree\n")) [:host :out]))))

(deftest as-json
  (let [back (json/read-string (json-text mixed) {:keywords true})]
    (is (= ["web1" "web2" "db1"] (:hosts back)))
    (is (= ["web1"] (map :host (:successful back))))
    (is (= ["exit" "refused"] (map (comp :reason :error) (:failure back))))
    (is (= (json-text mixed) (json-text [(hosts "web1") mixed])) "of a pair too"))
  (is (string/includes? (json-text (of (said "a" (byte-array [-1 -2])))) "bytes")))

(deftest stages-that-show-pass-the-pair-on
  (let [hs (hosts "web[1-2],db1")]
    (are [stage] (= [hs mixed] (let [pair (atom nil)] (with-out-str (reset! pair stage)) @pair))
      (table hs mixed)
      (to-json hs mixed)
      (to-csv hs mixed)
      (diff hs mixed)
      (diff hs mixed "web1")
      (diff hs mixed [hs mixed])
      (run [hs mixed] | (table [:host]) | (to-csv [:host])))
    (is (= (csv-text mixed) (with-out-str (to-csv hs mixed))))
    (is (= ["web1"] (map :host (:successful (json/read-string (with-out-str (to-json hs mixed)) {:keywords true})))))
    (fs/with-temp-dir [folder]
      (let [file (fn [name] (fs/join folder name))]
        (is (= "" (with-out-str (to-json hs mixed (file "r.json")) (to-csv hs mixed (file "r.csv")) (to-csv hs mixed (file "c.csv") [:host]))))
        (is (= ["web1" "web2" "db1"] (get (json/read-string (slurp (file "r.json"))) "hosts")))
        (is (= (csv-text mixed) (slurp (file "r.csv"))))
        (is (= "host\nweb1\nweb2\ndb1\n" (slurp (file "c.csv"))))))))

(defn- applied
  "Both texts that edits are made of."
  [edits]
  (let [lines (fn [kinds] (map second (filter (comp kinds first) edits)))]
    [(lines #{:same :removed}) (lines #{:same :added})]))

(deftest lines-that-differ
  (are [a b edits] (= edits (diff-lines a b))
    "" "" []
    "a" "a" [[:same "a"]]
    "" "a" [[:added "a"]]
    "a\n" "" [[:removed "a"]]
    "a\nb\nc" "a\nc" [[:same "a"] [:removed "b"] [:same "c"]]
    "a\nc" "a\nb\nc" [[:same "a"] [:added "b"] [:same "c"]]
    "a\nb" "a\nx" [[:same "a"] [:removed "b"] [:added "x"]])
  (testing "any texts: the edits make one of the other"
    (doseq [seed (range 60)]
      (let [line (fn [i] (str (mod (* (inc seed) (+ i seed) 7919) 5)))
            a (map line (range (mod (* seed 7) 23)))
            b (map line (range (mod seed 3) (mod (* seed 11) 19)))]
        (is (= [a b] (applied (diff-lines (string/join "\n" a) (string/join "\n" b))))))))
  (testing "the fewest edits"
    (is (= 5 (count (remove (comp #{:same} first) (diff-lines "a\nb\nc\na\nb\nb\na" "c\nb\na\nb\na\nc"))))))
  (testing "texts that have nothing in common"
    (let [numbers (fn [from] (string/join "\n" (range from (+ from 1500))))]
      (is (= {:removed 1500 :added 1500} (frequencies (map first (diff-lines (numbers 0) (numbers 5000)))))))))

(deftest what-is-left-out-of-a-diff
  (is (= [[:skipped 2] [:same "2"] [:removed "3"] [:added "x"] [:same "4"] [:skipped 1]]
         (hunks (diff-lines "0\n1\n2\n3\n4\n5" "0\n1\n2\nx\n4\n5") 1)))
  (is (= [[:skipped 1]] (hunks (diff-lines "a" "a") 2))))

(deftest differences-between-hosts
  (let [results (of (said "a" "1\n2\n") (said "b" "1\n3\n") (said "c" "1\n2\n") (said "d" "1\n3\n") (said "e" "1\n2\n") (failed "f" 1 :exit ""))]
    (is (= {:reference ["a" "c" "e"]
            :groups [{:hosts ["b" "d"] :edits [[:same "1"] [:removed "2"] [:added "3"]]}]
            :failed ["f"]}
           (differences results)))
    (is (= {:reference ["b"] :groups [{:hosts ["a" "c" "e"] :edits [[:same "1"] [:removed "3"] [:added "2"]]}] :failed ["f"]}
           (differences results "b")))
    (is (= ["  = a,c,e (3 hosts)" "  ≠ b,d (2 hosts)" "        1" "      - 2" "      + 3" "  not compared, failed: f"]
           (string/split-lines (diff-text results))))
    (is (thrown-with-msg? clojure.lang.ExceptionInfo #"no output of f" (differences results "f")))
    (is (thrown-with-msg? clojure.lang.ExceptionInfo #"found 3" (differences results 3))))
  (is (= ["  = a,b (2 hosts)" "  no differences"] (string/split-lines (diff-text (of (said "a" "1") (said "b" "1"))))))
  (is (= [] (:groups (differences (of (failed "a" 1 :exit "")))))))

(deftest differences-between-runs
  (let [before (of (said "a" "1") (said "b" "1") (said "gone" "1"))
        now (of (said "a" "1") (said "b" "2") (said "new" "1"))]
    (is (= {:groups [{:hosts ["b"] :edits [[:removed "1"] [:added "2"]]}] :new ["new"] :missing ["gone"] :failed []}
           (differences now before)))
    (is (= (differences now before) (differences [(hosts "a") now] [(hosts "a") before])))
    (is (= ["  ≠ b" "      - 1" "      + 2" "  new: new" "  missing: gone"] (string/split-lines (diff-text now before))))))
