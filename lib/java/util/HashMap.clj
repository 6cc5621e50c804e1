(ns java.util.HashMap
  "Maps that change. New code has maps, in an atom where threads share them."
  (:require [reops.host :refer [defclass]]))

(defclass java.util.HashMap [entries]
  java.util.Map
  (size [_] (count (deref entries)))
  (isEmpty [_] (empty? (deref entries)))
  (get [_ k] (get (deref entries) k))
  (getOrDefault [_ k otherwise] (get (deref entries) k otherwise))
  (containsKey [_ k] (contains? (deref entries) k))
  (containsValue [_ x] (boolean (some (fn [y] (= x y)) (vals (deref entries)))))
  (put [_ k v] (get (first (swap-vals! entries assoc k v)) k))
  (putIfAbsent [_ k v]
    (get (first (swap-vals! entries (fn [m] (if (some? (get m k)) m (assoc m k v))))) k))
  (putAll [_ m] (swap! entries into m) nil)
  (remove [_ k] (get (first (swap-vals! entries dissoc k)) k))
  (clear [_] (reset! entries {}) nil)
  (keySet [_] (set (keys (deref entries))))
  (values [_] (or (vals (deref entries)) ()))
  (entrySet [_] (set (deref entries)))
  clojure.lang.ILookup
  (valAt [_ k] (get (deref entries) k))
  (valAt [_ k otherwise] (get (deref entries) k otherwise))
  clojure.lang.Counted
  (count [_] (count (deref entries)))
  clojure.lang.Seqable
  (seq [_] (seq (deref entries)))
  Object
  (equals [_ other] (= (deref entries) (into {} other)))
  (hashCode [_] (hash (deref entries)))
  (toString [_] (str (deref entries))))

(defn new
  "An empty map, or one with the entries of another (a number is the room that the JVM would reserve)."
  ([] (->HashMap (atom {})))
  ([from] (->HashMap (atom (if (number? from) {} (into {} from))))))
