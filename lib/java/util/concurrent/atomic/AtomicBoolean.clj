(ns java.util.concurrent.atomic.AtomicBoolean
  "A boolean that threads share. New code has atoms."
  (:require [reops.host :refer [defclass]]))

(defclass java.util.concurrent.atomic.AtomicBoolean [cell]
  Object
  (toString [_] (str (deref cell)))
  AtomicBoolean
  (get [_] (deref cell))
  (set [_ x] (reset! cell x) nil)
  (getAndSet [_ x] (first (reset-vals! cell x)))
  (compareAndSet [_ expected x] (compare-and-set! cell expected x)))

(defn new
  "A boolean that threads share, at first x or else false."
  ([] (->AtomicBoolean (atom false)))
  ([x] (->AtomicBoolean (atom x))))
