(ns java.util.concurrent.CountDownLatch
  "A gate that opens when it has been counted down to zero."
  (:require [reops.host :refer [defclass]]))

(defclass java.util.concurrent.CountDownLatch [left opened]
  CountDownLatch
  (countDown [_]
    (when (zero? (swap! left (fn [n] (max 0 (dec n)))))
      (deliver opened true))
    nil)
  (getCount [_] (deref left))
  (await [_] (deref opened) nil)
  (await [_ n unit] (deref opened (.toMillis unit n) false)))

(defn new
  "A gate that opens after n calls of countDown."
  [n]
  (let [opened (promise)]
    (when (zero? n) (deliver opened true))
    (->CountDownLatch (atom n) opened)))
