(ns errors-test
  (:require [clojure.string :as str]
            [clojure.test :refer [are deftest is]]
            [reops.errors :refer [explain page]]))

(defn- said [& args]
  (with-out-str (apply explain args)))

(defn- error-of [form]
  (try (eval form) (catch Throwable e e)))

(deftest kinds-and-errors-are-explained
  (are [beginning asked] (str/starts-with? (said asked) beginning)
    "# reops/unresolved-symbol" :reops/unresolved-symbol
    "# reops/unresolved-symbol" (error-of 'no-such-name-anywhere)
    "# reops/bad-defstate" (error-of '(reops.components/defstate x :begin 1))
    "No page is about :no/kind" :no/kind
    "No page is about errors of this kind" (error-of '(/ 1 0))
    "There was no error yet" nil)
  (is (str/includes? (said (error-of '(reops.components/defstate x :begin 1))) "(explain :reops/macro-failed)")))

(deftest a-family-has-one-page
  (let [text (page :file/not-found)]
    (is (str/starts-with? text "# file\n"))
    (is (str/includes? text "## file/not-found"))
    (is (not (str/includes? text "## file/denied")))))
