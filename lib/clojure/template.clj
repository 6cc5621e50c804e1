(ns clojure.template
  "Expressions with holes."
  (:require [clojure.walk :as walk]))

(defn apply-template
  "expr with each symbol of argv replaced by the value at the same place."
  [argv expr values]
  (when-not (and (vector? argv) (every? symbol? argv))
    (throw (IllegalArgumentException. (str "A template needs a vector of symbols, and was given " (pr-str argv) "."))))
  (walk/postwalk-replace (zipmap argv values) expr))

(defmacro do-template
  "Evaluates expr again and again, each time with the symbols of argv replaced by the next values."
  [argv expr & values]
  (let [n (count argv)]
    `(do ~@(map (fn [row] (apply-template argv expr row))
                (partition n values)))))
