(ns java.lang.ThreadLocal
  "A place that holds another value for each thread."
  (:require [reops.host :refer [defclass]]))

(defclass java.lang.ThreadLocal []
  ThreadLocal
  (initialValue [_] nil)
  (get [this]
    (let [value (reops.internal/thread-local this ::none)]
      (if (identical? ::none value)
        (reops.internal/set-thread-local! this (.initialValue this))
        value)))
  (set [this value]
    (reops.internal/set-thread-local! this value)
    nil)
  (remove [this] (reops.internal/remove-thread-local! this)))

(defn withInitial
  "A ThreadLocal whose first value in each thread is what f, of no arguments, answers."
  [f]
  (proxy [ThreadLocal] [] (initialValue [] (f))))
