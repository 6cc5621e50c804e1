(ns clojure.lang.PersistentQueue
  "Queues: conj adds at the end, peek and pop take from the front."
  (:require [reops.host :refer [defclass]]))

;; The front is a sequence, taken from until it is empty; what is added gathers in the vector behind it.
(defclass clojure.lang.PersistentQueue [size front rear metadata]
  clojure.lang.IPersistentList
  (peek [_] (first front))
  (pop [this]
    (cond
      (zero? size) this
      (next front) (->PersistentQueue (dec size) (next front) rear metadata)
      :else (->PersistentQueue (dec size) (seq rear) [] metadata)))
  (count [_] size)
  (cons [_ x]
    (if (zero? size)
      (->PersistentQueue 1 (list x) [] metadata)
      (->PersistentQueue (inc size) front (conj rear x) metadata)))
  (empty [_] (->PersistentQueue 0 nil [] metadata))
  (seq [_] (seq (concat front rear)))
  (equiv [this other] (and (sequential? other) (= (seq this) (seq other))))
  clojure.lang.Counted
  clojure.lang.IObj
  (meta [_] metadata)
  (withMeta [_ m] (->PersistentQueue size front rear m))
  java.util.Collection
  (size [_] size)
  (isEmpty [_] (zero? size))
  (contains [this x] (boolean (some #{x} this)))
  Object
  (hashCode [this] (hash (vec this)))
  (toString [this] (str (vec this))))

(def EMPTY "The queue with nothing in it." (->PersistentQueue 0 nil [] nil))
