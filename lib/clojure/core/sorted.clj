;; Stretches of sorted maps and sets.

(defn- key-tester
  "A function that tells whether an element of the sorted collection passes a test such as < against key."
  [sorted test key]
  (let [key-of (if (map? sorted) clojure.core/key identity)]
    (fn [element]
      (test (reops.internal/sorted-compare sorted (key-of element) key) 0))))

(defn- stretch
  "The elements, in one direction, from the first that passes the test against start."
  [sorted start-test start descending?]
  (let [begins? (key-tester sorted start-test start)
        found (reops.internal/sorted-seq-from sorted start descending?)]
    (if (or (nil? found) (begins? (first found)))
      found
      (next found))))

(defn subseq
  "The elements of a sorted map or set whose keys pass a test (one of <, <=, > and >=) against key, or both tests, as a
  sequence in order.

      (subseq (sorted-set 1 2 3 4) > 1 <= 3)   ; (2 3)"
  ([sorted test key]
   (if (or (= test >) (= test >=))
     (stretch sorted test key false)
     (take-while (key-tester sorted test key) sorted)))
  ([sorted start-test start-key end-test end-key]
   (when (reops.internal/sorted-seq-from sorted start-key false)
     (take-while (key-tester sorted end-test end-key)
                 (stretch sorted start-test start-key false)))))

(defn rsubseq
  "Like `subseq`, in descending order.

      (rsubseq (sorted-set 1 2 3 4) > 1 <= 3)   ; (3 2)"
  ([sorted test key]
   (if (or (= test <) (= test <=))
     (stretch sorted test key true)
     (take-while (key-tester sorted test key) (rseq sorted))))
  ([sorted start-test start-key end-test end-key]
   (when (reops.internal/sorted-seq-from sorted end-key true)
     (take-while (key-tester sorted start-test start-key)
                 (stretch sorted end-test end-key true)))))
