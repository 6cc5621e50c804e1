(ns command-output-test
  (:require [clojure.string :as string]
            [clojure.test :refer [deftest is]]
            [re-mote.command.output :refer [raw]]
            [re-mote.repl.base :refer [hosts]]
            [reops.bytes :as bytes]))

(defn- printed
  "What raw prints of entries: [standard output, standard error]."
  [entries options]
  (let [hs (hosts (mapv :host entries))
        {successful true failure false} (group-by (comp zero? :code) entries)
        err (java.io.StringWriter.)
        out (with-out-str
              (binding [*err* err]
                (raw hs {:hosts (:hosts hs) :successful (vec successful) :failure (vec failure)} options)))]
    [out (str err)]))

(defn- success [host out err & {:as more}] (merge {:host host :code 0 :result {:out out :err err}} more))

(deftest lines-with-the-name-before-each
  (is (= ["b: 1\nb: \nb: 2\na: x\r\n" "b: e\n"] (printed [(success "b" "1\n\n2" "e\n") (success "a" "x\r\n" "")] {})))
  (is (= ["" ""] (printed [(success "a" "" "")] {}))))

(deftest bytes-that-are-no-text
  (is (= ["a: A\na: \na: B\n" ""] (printed [(success "a" (bytes/encode "A\n\nB\n") nil)] {})))
  (is (= ["a: A\na: B\n" ""] (printed [(success "a" (bytes/encode "A\nB") nil)] {}))))

(deftest output-alone
  (is (= ["1\n2xy" "e"] (printed [(success "a" "1\n2" "e") (success "b" "xy" nil)] {:prefix false}))))

(deftest data-and-failures
  (let [failed {:host "f" :code 3 :error {:reason :exit :message "it\nended" :out "o\n" :err "why\n"}}]
    (is (= ["d: up\nf: o\n" "f: why\nf: 3, it ended\n"] (printed [{:host "d" :code 0 :result "up"} failed] {})))
    (is (= ["f: o\n" "f: why\nf: 3, it ended\n"] (printed [(success "a" "x" "") failed] {:only-failed true})))))

(deftest what-is-missing-is-told
  (let [[out err] (printed [(success "a" "end" "" :truncated {:out 1000})] {:prefix false})]
    (is (= "end" out))
    (is (string/includes? err "a: the first 1000 bytes of its output are missing"))))
