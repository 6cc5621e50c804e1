(ns java.util.ArrayList
  "Lists that change. New code has vectors, in an atom where threads share them."
  (:require [reops.host :refer [defclass]]))

(defclass java.util.ArrayList [items]
  java.util.List
  (size [_] (count (deref items)))
  (isEmpty [_] (empty? (deref items)))
  (get [_ i] (nth (deref items) i))
  (add [_ x] (swap! items conj x) true)
  (add [_ i x] (swap! items (fn [v] (into (conj (subvec v 0 i) x) (subvec v i)))) nil)
  (addAll [_ xs] (swap! items into xs) (boolean (seq xs)))
  (set [_ i x] (nth (first (swap-vals! items assoc i x)) i))
  (remove [_ i] (nth (first (swap-vals! items (fn [v] (into (subvec v 0 i) (subvec v (inc i)))))) i))
  (contains [_ x] (boolean (some (fn [y] (= x y)) (deref items))))
  (indexOf [_ x] (.indexOf (deref items) x))
  (clear [_] (reset! items []) nil)
  (toArray [_] (deref items))
  clojure.lang.Counted
  (count [_] (count (deref items)))
  clojure.lang.Indexed
  (nth [_ i] (nth (deref items) i))
  (nth [_ i otherwise] (nth (deref items) i otherwise))
  clojure.lang.Seqable
  (seq [_] (seq (deref items)))
  (iterator [_] (.iterator (deref items)))
  Object
  (equals [_ other] (= (deref items) (seq other)))
  (hashCode [_] (hash (deref items)))
  (toString [_] (str (deref items))))

(defn new
  "An empty list, or one of the elements of a collection (a number is the room that the JVM would reserve)."
  ([] (->ArrayList (atom [])))
  ([from] (->ArrayList (atom (if (number? from) [] (vec from))))))
