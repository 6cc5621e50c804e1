(ns patterns-test
  "Host patterns, and back to one short text."
  (:require [clojure.test :refer [are deftest is testing]]
            [re-mote.patterns :refer [expand fold]]))

(deftest patterns-expand
  (are [pattern names] (= names (expand pattern))
    ""                       []
    " , "                    []
    "db1"                    ["db1"]
    "web1,db1"               ["web1" "db1"]
    " web1 , db1 "           ["web1" "db1"]
    "web[1-3]"               ["web1" "web2" "web3"]
    "web[8-11]"              ["web8" "web9" "web10" "web11"]
    "web[4-4]"               ["web4"]
    "web[1,3]"               ["web1" "web3"]
    "web[1-2, 7].dc1"        ["web1.dc1" "web2.dc1" "web7.dc1"]
    "[a,b]1"                 ["a1" "b1"]
    "r[1-2]n[1-2]"           ["r1n1" "r1n2" "r2n1" "r2n2"]
    "web[1-2],db[1-2].dc1"   ["web1" "web2" "db1.dc1" "db2.dc1"]
    "192.0.2.[9-10]"         ["192.0.2.9" "192.0.2.10"]))

(deftest zeros-before-a-number-are-kept
  (is (= ["web08" "web09" "web10"] (expand "web[08-10]")))
  (is (= ["web099" "web100"] (expand "web[099-100]")))
  (is (= ["web01" "web1"] (expand "web[01,1]")) "as written"))

(deftest every-name-comes-once
  (is (= ["web1" "web2"] (expand "web[1-2],web2,web[1,1]"))))

(deftest a-range-may-be-long
  (is (= 5000 (count (expand "n[0001-5000]"))))
  (is (= "n5000" (peek (expand "n[0001-5000]")))))

(deftest patterns-that-are-none
  (doseq [pattern ["web[3-1]" "web[1-3" "web1-3]" "web[1-3]]" "a[b[1-2]]" "web]1[" "web[1-99999999]"
                   "web[1-99999999999999999999]"]]
    (testing pattern
      (is (= :re-mote/bad-pattern
             (try (expand pattern)
                  (catch Exception e (:type (ex-data e)))))))))

(deftest names-fold
  (are [names text] (= text (fold names))
    []                                  ""
    ["db1"]                             "db1"
    ["gateway"]                         "gateway"
    ["web1" "web2" "db1"]               "web[1-2],db1"
    ["web1" "db1" "web2"]               "web[1-2],db1"
    ["web3" "web1" "web2"]              "web[1-3]"
    ["web1" "web2" "web4"]              "web[1-2,4]"
    ["web9" "web10"]                    "web[9-10]"
    ["web01.dc1" "web02.dc1" "web02.dc2"] "web01.dc1,web02.dc[1-2]"
    ["web01.dc1" "web02.dc1" "web03.dc1"] "web[01-03].dc1"
    ["web1" "web1"]                     "web1"
    ["web09" "web10" "web11"]           "web[09-11]"
    ["web9" "web09" "web10"]            "web[9,09-10]"
    ["192.0.2.1" "192.0.2.2"]           "192.0.2.[1-2]"
    ["10.0.0.1" "10.0.0.2" "10.0.1.1" "10.0.2.1"] "10.0.[0-2].1,10.0.0.2"
    ;; So many that only their last numbers are looked at.
    (for [i (range 1 65)] (str "10.0.0." i))      "10.0.0.[1-64]"
    (for [r (range 1 41) n [1 2]] (str "r" r "-" n)) "r[1-40]-1,r[1-40]-2"))

(deftest folding-is-the-opposite-of-expanding
  (doseq [names [["web01" "web02" "web10"]
                 ["web1" "web01" "web001"]
                 ["web9" "web10" "web11"]
                 ["web09" "web10"]
                 ["a" "b" "a1" "a2b" "a3b"]
                 ["r1n1" "r1n2" "r2n1"]
                 ["web01.dc1" "web02.dc1" "web01.dc2"]
                 ["10.0.0.1" "10.0.1.1" "10.0.1.2"]
                 ["2001:db8::1" "2001:db8::2"]
                 ["n99999999999999999999" "n99999999999999999998"]
                 (mapv #(str "n" %) (range 300))]]
    (testing (pr-str (take 5 names))
      (is (= (set names) (set (expand (fold names)))))
      (is (= (count names) (count (expand (fold names))))))))

(deftest folding-and-expanding-are-each-others-opposite-whatever-numbers-names-have
  (doseq [seed (range 40)]
    (let [random (java.util.Random. seed)
          pick (fn [n] (.nextInt random n))
          name (fn [] (case (pick 5)
                        0 (str "10." (pick 3) "." (pick 4) "." (pick 9))
                        1 (str "web" (pick 20) ".dc" (pick 3))
                        2 (format "r%d-n%03d" (pick 3) (pick 30))
                        3 (str "db" (pick 4))
                        (nth ["gateway" "x99999999999999999999y1" "n99999999999999999999"] (pick 3))))
          names (vec (repeatedly (pick 60) name))]
      (is (= (set names) (set (expand (fold names)))) (str "seed " seed)))))
