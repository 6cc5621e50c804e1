(ns java.util.Arrays
  "What programs ask of arrays, which are vectors here, and byte strings for bytes."
  (:require [reops.host :refer [defclass]]))

(defclass java.util.Arrays [])

(defn copyOfRange
  "The elements from start up to, but not with, end; nils where the array has ended."
  [array start end]
  (if (bytes? array)
    (byte-array (- end start) (drop start array))
    (vec (take (- end start) (concat (drop start array) (repeat nil))))))

(defn copyOf
  "The first n elements; nils where the array has ended."
  [array n]
  (copyOfRange array 0 n))

(defn asList
  "The elements as a list."
  [& elements]
  (if (and (vector? (first elements)) (nil? (next elements))) (first elements) (vec elements)))

(defn equals
  "True if both have equal elements."
  [a b]
  (= a b))

(defn hashCode
  "A number that is the same for arrays of equal elements."
  [array]
  (hash array))

(defn toString
  "The elements in brackets, with commas between."
  [array]
  (str "[" (apply str (interpose ", " (map (fn [x] (if (nil? x) "null" x)) array))) "]"))
