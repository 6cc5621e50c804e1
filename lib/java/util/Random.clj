(ns java.util.Random
  "Numbers by chance: for the same seed always the same ones, which are the JVM's."
  (:require [reops.host :refer [defclass]]))

(def ^:private multiplier 0x5DEECE66D)
(def ^:private mask (dec (bit-shift-left 1 48)))

(defn- step
  "The state after this one: the linear congruence of 48 bits that Java's documentation prescribes."
  [state]
  (bit-and mask (unchecked-add 11 (unchecked-multiply state multiplier))))

(defn- bits
  "The next n bits, up to 32; 32 of them are a signed number."
  [state n]
  (let [drawn (unsigned-bit-shift-right (swap! state step) (- 48 n))]
    (if (and (= 32 n) (bit-test drawn 31)) (- drawn 0x100000000) drawn)))

(defn- below
  "A number from 0 up to, but not with, n."
  [state n]
  (if (zero? (bit-and n (dec n)))
    (bit-shift-right (* n (bits state 31)) 31)
    (loop []
      (let [drawn (bits state 31)
            number (rem drawn n)]
        ;; The last, incomplete stretch of n numbers would favour the small ones.
        (if (< 0x7FFFFFFF (+ (- drawn number) (dec n)))
          (recur)
          number)))))

(defclass java.util.Random [state]
  Random
  (setSeed [_ seed] (reset! state (bit-and mask (bit-xor seed multiplier))) nil)
  (nextInt [_] (bits state 32))
  (nextInt [_ n]
    (when-not (pos? n)
      (throw (IllegalArgumentException. "nextInt needs a positive bound")))
    (below state n))
  (nextLong [_] (unchecked-add (bit-shift-left (bits state 32) 32) (bits state 32)))
  (nextBoolean [_] (= 1 (bits state 1)))
  (nextDouble [_] (/ (double (+ (bit-shift-left (bits state 26) 27) (bits state 27))) (double (bit-shift-left 1 53))))
  (nextGaussian [this]
    (loop []
      (let [x (dec (* 2 (.nextDouble this)))
            y (dec (* 2 (.nextDouble this)))
            s (+ (* x x) (* y y))]
        (if (or (<= 1 s) (zero? s))
          (recur)
          (* x (Math/sqrt (/ (* -2 (Math/log s)) s))))))))

(defn new
  "A source of numbers with that seed, or with one of its own."
  ([] (->Random (atom (rand-int Integer/MAX_VALUE))))
  ([seed] (->Random (atom (bit-and mask (bit-xor seed multiplier))))))
