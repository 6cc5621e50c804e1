(ns java.util.concurrent.atomic.AtomicInteger
  "A number that threads share. New code has atoms."
  (:require [reops.host :refer [defclass]]))

(defclass java.util.concurrent.atomic.AtomicInteger [cell]
  Object
  (toString [_] (str (deref cell)))
  AtomicInteger
  (get [_] (deref cell))
  (set [_ n] (reset! cell n) nil)
  (intValue [_] (deref cell))
  (longValue [_] (deref cell))
  (incrementAndGet [_] (swap! cell inc))
  (decrementAndGet [_] (swap! cell dec))
  (addAndGet [_ n] (swap! cell + n))
  (getAndIncrement [_] (first (swap-vals! cell inc)))
  (getAndDecrement [_] (first (swap-vals! cell dec)))
  (getAndAdd [_ n] (first (swap-vals! cell + n)))
  (getAndSet [_ n] (first (reset-vals! cell n)))
  (compareAndSet [_ expected n] (compare-and-set! cell expected n)))

(defn new
  "A shared number that starts at n, or at 0."
  ([] (->AtomicInteger (atom 0)))
  ([n] (->AtomicInteger (atom n))))
