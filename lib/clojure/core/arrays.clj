;; Arrays, as far as programs read them. An array is a vector here, and an array of bytes a byte string: neither changes.

(in-ns 'clojure.core)

(defn to-array
  "The elements of coll as what stands for an array: a vector."
  [coll]
  (vec coll))

(defn into-array
  "The elements of coll as what stands for an array of that class: a vector."
  ([coll] (vec coll))
  ([_type coll] (vec coll)))

(defn object-array
  "The elements of coll (or that many nils) as what stands for an array: a vector."
  [size-or-coll]
  (if (number? size-or-coll)
    (vec (repeat size-or-coll nil))
    (vec size-or-coll)))

(defn byte-array
  "The numbers of coll (-128 to 255), or that many zeros, or with both coll filled up with zeros, as a byte string."
  ([size-or-coll]
   (reops.bytes/bytes (if (number? size-or-coll) (repeat size-or-coll 0) size-or-coll)))
  ([size init-or-coll]
   (reops.bytes/bytes (if (number? init-or-coll)
                        (repeat size init-or-coll)
                        (take size (concat init-or-coll (repeat 0)))))))

(defn alength
  "How many elements an array has."
  [array]
  (count array))

(defn aget
  "The element of an array at an index; with more of them, of the array at that index, and so on."
  ([array i] (nth array i))
  ([array i & more] (apply aget (nth array i) more)))

(defn aclone
  "The array itself: it does not change."
  [array]
  array)

(defmacro areduce
  "Evaluates expr for each index idx of the array a, with ret bound to init at first and then to what expr was before."
  [a idx ret init expr]
  `(let [array# ~a
         length# (alength array#)]
     (loop [~idx 0 ~ret ~init]
       (if (< ~idx length#)
         (recur (inc ~idx) ~expr)
         ~ret))))

(defn aset
  "Refused: an array does not change here."
  [& _]
  (throw (UnsupportedOperationException.
           "aset would change an array, and arrays are vectors here. Use assoc on the vector, or a transient.")))
