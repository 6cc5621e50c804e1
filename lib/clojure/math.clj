(ns clojure.math
  "Functions of real numbers. All of them are native; see (dir clojure.math).")

(def ^{:const true :doc "The ratio of a circle's circumference to its diameter."} PI Math/PI)

(def ^{:const true :doc "The base of natural logarithms."} E Math/E)
