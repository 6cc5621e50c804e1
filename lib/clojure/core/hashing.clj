;; Hashes for types of programs that are collections, so that they hash as what they equal.

(in-ns 'clojure.core)

(defn hash-ordered-coll
  "The hash of a sequential collection with the elements of coll."
  [coll]
  (hash (or (seq coll) ())))

(defn hash-unordered-coll
  "The hash of a map with the entries of coll, or else of a set with its elements."
  [coll]
  (if (map-entry? (first coll))
    (hash (into {} coll))
    (hash (set coll))))

(defn mix-collection-hash
  "A number that depends on that hash, and on the count of the elements that went into it."
  [hash-basis count]
  (hash [hash-basis count]))

(defn hash-combine
  "A number that depends on the hash x, and on the hash of y."
  [x y]
  (hash [x (hash y)]))
