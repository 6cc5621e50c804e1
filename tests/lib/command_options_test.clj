(ns command-options-test
  (:require [clojure.test :refer [are deftest is]]
            [re-mote.command.options :as options]))

(def table
  [{:title "Options"}
   {:key :hosts :names ["-H" "--hosts"] :value "HOSTS" :many true :read options/some-text :help "which"}
   {:key :fanout :names ["--fanout"] :value "N" :read options/whole-number :help "how many"}
   {:key :timeout :names ["-t" "--timeout"] :value "TIME" :read options/milliseconds :help "how long"}
   {:key :batch :names ["--batch"] :value "N" :read options/number-or-share :help "how many in a row, a text that is longer than a line"}
   {:key :fold :names ["--fold"] :help "fold"}
   {:key :fold :names ["--no-fold"] :is false :help "do not"}])

(defn- message [& arguments]
  (try (options/parse table arguments) nil
       (catch Exception e (is (= :re-mote/usage (:type (ex-data e)))) (ex-message e))))

(deftest what-is-read
  (are [arguments expected] (= expected (options/parse table arguments))
    [] {:options {} :rest []}
    ["a" "--fold"] {:options {} :rest ["a" "--fold"]}
    ["--fold" "--" "--fold"] {:options {:fold true} :rest ["--fold"]}
    ["--fold" "--no-fold"] {:options {:fold false} :rest []}
    ["-H" "a" "-Hb" "--hosts=c=d" "--hosts" "-e"] {:options {:hosts ["a" "b" "c=d" "-e"]} :rest []}
    ["--fanout" "3" "-" "x"] {:options {:fanout 3} :rest ["-" "x"]}
    ["-t5m"] {:options {:timeout 300000} :rest []}
    ["-t" "10" "--batch" "25%"] {:options {:timeout 10000 :batch "25%"} :rest []}))

(deftest times
  (are [text ms] (= ms (options/milliseconds "-t" text))
    "1" 1000, "1s" 1000, "250ms" 250, "2m" 120000, "1h" 3600000))

(deftest what-is-refused
  (are [arguments expected] (= expected (apply message arguments))
    ["--fanuot" "3"] "There is no option --fanuot"
    ["-q"] "There is no option -q"
    ["--fanout"] "--fanout needs a value: --fanout N"
    ["--fanout" "-3"] "--fanout takes a whole number from 1, found \"-3\""
    ["--fanout" "99999999999999999999"] "--fanout takes a whole number from 1, found \"99999999999999999999\""
    ["--fold=x"] "--fold takes no value, found \"x\""
    ["--fanout" "1" "--fanout=1"] "--fanout is given twice"
    ["-t" "0s"] "-t takes a time such as 30s, 5m or 500ms, found \"0s\""
    ["--batch" "0%"] "--batch takes a whole number from 1, or a share such as 25%, found \"0%\""
    ["-H" " "] "-H takes a name, found nothing"))

(deftest help
  (is (= (str "What it does.\nUsage: reops it [OPTIONS]\n\nOptions:\n"
              "  -H,--hosts HOSTS            which\n"
              "  --fanout N                  how many\n")
         (options/help-text {:name "reops it" :about "What it does." :usage "[OPTIONS]" :options (take 3 table)}))))
