(ns tools-cli-test
  "clojure.tools.cli: options, defaults, validation, the summary that --help prints."
  (:require [clojure.string :as string]
            [clojure.test :refer [deftest is testing]]
            [clojure.tools.cli :as cli]))

(def options
  [["-p" "--port PORT" "Port to listen on"
    :default 80
    :parse-fn #(Integer/parseInt %)
    :validate [#(< 0 % 65536) "must be a number from 1 to 65535"]]
   ["-H" "--hosts LIST" "Hosts, with commas between" :parse-fn #(string/split % #",")]
   ["-v" nil "Says more; may be repeated" :id :verbosity :default 0 :update-fn inc]
   ["-t" "--tag TAG" "May be repeated" :default [] :assoc-fn (fn [m k v] (update m k conj v))]
   [nil "--[no-]colour" "With colours" :default true]
   ["-h" "--help"]])

(deftest parses
  (let [{:keys [options arguments errors]}
        (cli/parse-opts ["-vvp8080" "--hosts=web1,web2" "-t" "a" "--tag" "b" "--no-colour" "start" "-x"] options :in-order true)]
    (is (= {:port 8080 :hosts ["web1" "web2"] :verbosity 2 :tag ["a" "b"] :colour false} options))
    (is (= ["start" "-x"] arguments))
    (is (nil? errors))))

(deftest defaults
  (is (= {:port 80 :verbosity 0 :tag [] :colour true} (:options (cli/parse-opts [] options))))
  (is (= {} (:options (cli/parse-opts [] options :no-defaults true))))
  (is (= {:port 80 :verbosity 0 :tag [] :colour true} (cli/get-default-options options))))

(deftest reports-errors
  (testing "all of them, each in words"
    (is (= ["Failed to validate \"-p 70000\": must be a number from 1 to 65535"
            "Unknown option: \"--nope\""
            "Missing required argument for \"-H LIST\""]
           (map #(string/replace % "--hosts LIST" "LIST")
                (:errors (cli/parse-opts ["-p" "70000" "--nope" "-H"] options)))))
    (is (string/starts-with? (first (:errors (cli/parse-opts ["-p" "abc"] options)))
                             "Error while parsing option \"-p abc\": java.lang.NumberFormatException"))))

(deftest summarises
  (is (= ["  -p, --port PORT    80  Port to listen on"
          "  -H, --hosts LIST       Hosts, with commas between"
          "  -v                     Says more; may be repeated"
          "  -t, --tag TAG      []  May be repeated"
          "      --[no-]colour      With colours"
          "  -h, --help"]
         (map string/trimr (string/split-lines (:summary (cli/parse-opts [] options)))))))
