(ns java.util.concurrent.atomic.AtomicReference
  "A value that threads share. New code has atoms."
  (:require [reops.host :refer [defclass]]))

(defclass java.util.concurrent.atomic.AtomicReference [cell]
  Object
  (toString [_] (str (deref cell)))
  AtomicReference
  (get [_] (deref cell))
  (set [_ x] (reset! cell x) nil)
  (getAndSet [_ x] (first (reset-vals! cell x)))
  (compareAndSet [_ expected x] (compare-and-set! cell expected x)))

(defn new
  "A value that threads share, at first x or else nil."
  ([] (->AtomicReference (atom nil)))
  ([x] (->AtomicReference (atom x))))
