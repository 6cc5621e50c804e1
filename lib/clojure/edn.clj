(ns clojure.edn
  "Reading EDN: data without code. What is read is never evaluated, so text from anywhere may be given to it."
  (:refer-clojure :exclude [read read-string]))
