(ns results-test
  "Results of hosts as data, and their summaries: what is folded, what stands where."
  (:require [clojure.string :as string]
            [clojure.test :refer [deftest is testing]]
            [re-mote.repl.base :as base]
            [re-mote.repl.results :as results]
            [re-mote.repl.summary :as summary]
            [re-mote.repl.text :as text]))

(defn- said [host out] {:host host :code 0 :result {:out out :err ""} :changed false})

(defn- failed
  ([host code reason] (failed host code reason ""))
  ([host code reason err]
   {:host host :code code :error {:reason reason :message (str host " is " (name reason)) :out "" :err err}}))

(defn- of [& entries] (assoc (results/with-entries {} entries) :stage "exec"))

(defn- lines [& args] (string/split-lines (apply summary/summary args)))

(deftest entries-in-order
  (let [mixed (of (said "b" "") (failed "a" 1 :exit) (said "c" ""))]
    (is (= ["b" "a" "c"] (map :host (results/entries mixed))))
    (is (= ["b" "a" "c"] (map :host (results/entries [(base/hosts "b") mixed]))) "of a pair too")
    (is (= ["c" "b"] (map :host (results/entries (assoc mixed :hosts ["c" "b" "d"])))) "as the hosts have it")
    (is (= [] (results/entries {})))))

(deftest one-entry-for-each-host
  (let [first-step (results/merge-results {} "one" [(said "a" "1") (failed "b" -1 :refused) (said "c" "1")])
        second-step (results/merge-results first-step "two" [(failed "a" 3 :exit) (said "d" "2")])]
    (is (= ["a" "b" "c" "d"] (:hosts second-step)))
    (is (= ["c" "d"] (map :host (:successful second-step))))
    (is (= [["a" 3] ["b" -1]] (map (juxt :host :code) (:failure second-step))))
    (is (= "two" (:stage second-step)))
    (is (= {[3 :exit] ["a"] [-1 :refused] ["b"]}
           (update-vals (results/failures-by second-step) #(map :host %))))))

(deftest entries-through-a-function
  (is (= [["a" true]] (map (juxt :host :seen) (:successful (results/map-entries #(assoc % :seen true) (of (said "a" "")))))))
  (is (= ["a"] (map :host (:failure (results/map-entries #(assoc % :code 1) (of (said "a" ""))))))
      "what has a code now is a failure"))

(deftest groups-of-identical-outcomes
  (let [groups (summary/groups (of (said "web1" "x\n") (failed "db1" -1 :refused) (said "web2" "y\n") (said "web3" "x\n")
                                   (failed "db2" 1 :exit "no") (failed "db3" -1 :refused) (failed "db4" 1 :exit "other")))]
    (is (= [["web1" "web3"] ["web2"] ["db1" "db3"] ["db2"] ["db4"]] (map :hosts groups)))
    (is (= [0 0 -1 1 1] (map :code groups)))
    (is (= [nil nil :refused :exit :exit] (map :reason groups)))
    (is (= "x\n" (:said (first groups)))))
  (is (= [["a" "b"]] (map :hosts (summary/groups (of (assoc (said "a" "") :result {:k [1 2]}) (assoc (said "b" "") :result {:k [1 2]})))))
      "data that is equal"))

(deftest the-summary
  (testing "one line said stands beside the names, more below"
    (is (= ["  ✔ web[01-03] (3 hosts) same" "  ✔ db1" "      one" "      two"]
           (lines (of (said "web01" "same\n") (said "web02" "same\n") (said "db1" "one\ntwo\n") (said "web03" "same\n"))))))
  (testing "failures last, by reason; alone with their message, several with what they share"
    (is (= ["  ✔ a ok"
            "  x b - -1, b is auth"
            "  x c,e (2 hosts) - -1, the connection was refused"
            "      c is refused"
            "      e is refused"
            "  x d,f (2 hosts) - 2, ended with exit code 2"
            "      no such file"]
           (lines (of (failed "b" -1 :auth) (failed "c" -1 :refused) (failed "d" 2 :exit "no such file\n") (said "a" "ok")
                      (failed "e" -1 :refused) (failed "f" 2 :exit "no such file\n"))))))
  (testing "of many messages a few"
    (is (= ["  x h[1-9] (9 hosts) - -1, no address was found" "      h1 is dns" "      h2 is dns" "      h3 is dns" "      … and 6 more"]
           (lines (apply of (for [i (range 1 10)] (failed (str "h" i) -1 :dns)))))))
  (testing "the last lines of an output"
    (let [long-one (of (said "a" (string/join "\n" (range 12))))]
      (is (= ["  ✔ a" "      … 2 lines before" "      2"] (take 3 (lines long-one))))
      (is (= ["  ✔ a" "      … 11 lines before" "      11"] (lines long-one {:lines 1})))
      (is (= 13 (count (lines long-one {:lines nil}))))))
  (testing "options"
    (let [mixed (of (said "a" "1") (said "b" "1") (failed "c" 1 :exit))]
      (is (= ["  x c - 1, c is exit"] (lines mixed {:only-failed true})))
      (is (= ["  ✔ a 1" "  ✔ b 1" "  x c - 1, c is exit"] (lines mixed {:fold false})))))
  (testing "what was only predicted has another mark"
    (is (= ["  ? a not run: it cannot say what it would change (:no-check)"]
           (lines (of {:host "a" :code 0 :result nil :predicted true :reason :no-check})))))
  (is (= "" (summary/summary {:hosts [] :successful [] :failure []}))))

(deftest a-host-cannot-drive-the-terminal
  (is (= ["  ✔ a x\\u001b[31m"] (lines (of (said "a" (str "x" (char 27) "[31m"))))))
  (is (= ["  x a - 1, \\u001b" "      \\u0007"]
         (lines (of {:host "a" :code 1 :error {:reason :exit :message (str (char 27)) :err (str (char 7))}})))))

(deftest data-as-text
  (is (= "{:a 1}" (text/data-text {:a 1})))
  (is (= "NAME  SIZE" (string/upper-case (first (string/split-lines (text/data-text [{:name "a" :size 1}]))))))
  (is (= ["name    size" "a       10" "longer"] (string/split-lines (text/data-text [{:name "a" :size 10} {:name "longer"}]))))
  (is (< 1 (count (string/split-lines (text/data-text (zipmap (range 60) (range 60))))))))

(deftest five-hundred-hosts
  (let [entries (for [i (range 500)]
                  (if (zero? (mod i 10)) (failed (format "web%03d" i) -1 :refused) (said (format "web%03d" i) "6.1.0\n")))
        results (apply of entries)]
    (is (= [450 50] (map (comp count :hosts) (summary/groups results))))
    (is (= 500 (count (results/entries results))))
    (is (string/includes? (summary/summary results) "(450 hosts) 6.1.0\n"))))
