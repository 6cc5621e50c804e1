(ns re-mote.repl.lines
  "What differs between two texts, line by line."
  (:require [clojure.string :as string]))

(def ^:private most-edits
  "Texts that differ in more lines are not aligned: the work grows with the square of this."
  1000)

(defn- snake
  "How far one gets from x on diagonal k without an edit."
  [a b x k]
  (let [n (count a) m (count b)]
    (loop [x x]
      (let [y (- x k)]
        (if (and (< x n) (< y m) (= (nth a x) (nth b y))) (recur (inc x)) x)))))

(defn- reach
  "One round more of Myers' algorithm: from how far one gets on each diagonal with d - 1 edits to that with d."
  [a b d v]
  (reduce (fn [v k]
            (let [down (get v (inc k) -1) right (get v (dec k) -1)
                  x (if (or (= k (- d)) (and (not= k d) (< right down))) down (inc right))]
              (assoc v k (snake a b x k))))
          v (range (- d) (inc d) 2)))

(defn- rounds
  "The states of all rounds up to the one that reaches the end; nil when there are too many."
  [a b]
  (let [n (count a) m (count b)]
    (loop [d 0 v {1 0} states []]
      (when (<= d most-edits)
        (let [v' (reach a b d v)
              states (conj states v)]
          (if (and (<= n (get v' (- n m) -1)) (<= m (- (get v' (- n m) -1) (- n m))))
            states
            (recur (inc d) v' states)))))))

(defn- walk-back
  "The edits that lead to the end, from the states of the rounds."
  [a b states]
  (loop [x (count a) y (count b) d (dec (count states)) edits ()]
    (let [v (nth states d)
          k (- x y)
          down? (or (= k (- d)) (and (not= k d) (< (get v (dec k) -1) (get v (inc k) -1))))
          k' (if down? (inc k) (dec k))
          x' (get v k') y' (- x' k')
          [px py] (if (zero? d) [0 0] (if down? [x' (inc y')] [(inc x') y']))
          same (map (fn [i] [:same (nth a (+ px i))]) (range (- x px)))
          edits (concat same edits)]
      (cond
        (zero? d) edits
        down? (recur x' y' (dec d) (cons [:added (nth b y')] edits))
        :else (recur x' y' (dec d) (cons [:removed (nth a x')] edits))))))

(defn- common [a b] (count (take-while true? (map = a b))))

(defn diff-lines
  "What makes text b of text a: [[:same line] [:removed line] [:added line] …].

    (diff-lines \"a\\nb\" \"a\\nc\") ;=> [[:same \"a\"] [:removed \"b\"] [:added \"c\"]]"
  [a b]
  (let [lines (fn [text] (if (string/blank? text) [] (string/split-lines text)))
        a (lines a) b (lines b)
        before (common a b)
        after (min (common (rseq a) (rseq b)) (- (min (count a) (count b)) before))
        middle (fn [v] (subvec v before (- (count v) after)))
        [ma mb] [(middle a) (middle b)]
        states (rounds ma mb)
        mark (fn [kind v] (map #(vector kind %) v))]
    (vec (concat (mark :same (subvec a 0 before))
                 (if states (walk-back ma mb states) (concat (mark :removed ma) (mark :added mb)))
                 (mark :same (subvec a (- (count a) after)))))))

(defn hunks
  "The edits with no more than n lines around each that are the same; [:skipped count] stands for what is left out.

    (hunks (diff-lines before after) 1)"
  [edits n]
  (let [edits (vec edits)
        changed (keep-indexed (fn [i [kind]] (when (not= :same kind) i)) edits)
        near (into #{} (mapcat (fn [i] (range (- i n) (+ i n 1)))) changed)]
    (into [] (mapcat (fn [part]
                       (if (near (ffirst part)) (map second part) [[:skipped (count part)]])))
          (partition-by (comp boolean near first) (map-indexed vector edits)))))
