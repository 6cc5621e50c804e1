;; Arrays as far as programs read them, java.util.Arrays, and *unchecked-math*.

[(alength (to-array [1 2 3])) (aget (to-array [1 2 3]) 1) (vec (to-array '(1 2))) (seq (to-array {:a 1}))]
[(vec (into-array [1 2])) (vec (into-array String ["a"])) (alength (object-array 3)) (vec (object-array [1 :a]))]
(aget (to-array [1]) 5)
(aget (to-array [(to-array [1 2]) (to-array [3 4])]) 1 0)
[(alength (byte-array 3)) (vec (byte-array [1 2 -3])) (vec (byte-array 3 [1 2])) (bytes? (byte-array 1))]
(areduce (to-array [1 2 3]) i sum 0 (+ sum (aget (to-array [1 2 3]) i)))
(vec (aclone (to-array [1 2])))
(apply + (to-array [1 2 3]))
(String/format "%s-%s" (to-array [1 2]))
(map inc (into-array [1 2]))
(reduce + (into-array [1 2 3]))
[(vec (java.util.Arrays/copyOfRange (to-array [1 2 3 4]) 1 3)) (vec (java.util.Arrays/copyOf (to-array [1 2]) 3)) (java.util.Arrays/asList (to-array [1 2])) (java.util.Arrays/equals (to-array [1]) (to-array [1])) (java.util.Arrays/toString (to-array [1 nil]))]
(vec (.toArray [1 2]))
(count (.getBytes "abc"))
(set! *unchecked-math* true)
(defn wraps [^long a ^long b] [(+ a b) (- a b) (* a b) (inc a) (dec b) (- b)])
(wraps Long/MAX_VALUE Long/MIN_VALUE)
(let [a Long/MAX_VALUE] (+ a 1))
(unchecked-int 4294967295)
(set! *unchecked-math* false)
(defn checked [^long a] (inc a))
(checked Long/MAX_VALUE)
(reduce + [Long/MAX_VALUE 1])
[(Long/reverse 1) (Long/reverseBytes 1) (Long/rotateLeft 1 63) (Long/rotateRight 1 1) (Long/lowestOneBit 12)]
(map str [(.shiftLeft (biginteger 1) 70) (.pow (biginteger 2) 100) (.shiftRight (biginteger 1024) 3) (.signum (biginteger -5))])
