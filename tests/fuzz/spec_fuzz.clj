;; What spec_fuzz.cpp calls with the bytes of an input: see there. Answers the function.
(ns spec-fuzz
  (:require [clojure.spec.alpha :as s]
            [clojure.walk :as walk]))

(def ^:dynamic *choices* nil)
;; Whether the spec has a part that may be nothing, which conforms to nil, as a nil that stands there may: then the value
;; cannot always be told from what was conformed.
(def ^:dynamic *optional* nil)

(defn choose
  "The next choice, from 0 to n-1; 0 when the input is used up."
  [n]
  (let [[c & more] @*choices*]
    (vreset! *choices* more)
    (if c (mod c n) 0)))

(defn some-value [depth]
  (case (choose (if (pos? depth) 9 6))
    0 (choose 5)
    1 (nth ["" "a" "b"] (choose 3))
    2 (nth [:a :b :c] (choose 3))
    3 nil
    4 (odd? (choose 2))
    5 'x
    6 (vec (repeatedly (choose 5) #(some-value (dec depth))))
    7 (apply list (repeatedly (choose 5) #(some-value (dec depth))))
    8 (into {} (repeatedly (choose 4) (fn [] [(nth [:a :b :c] (choose 3)) (some-value (dec depth))])))))

(declare some-spec)

(s/def ::a int?)
(s/def ::b (s/or :n int? :t string?))
(s/def ::c (s/* int?))

(defn some-sequence [depth]
  (let [part #(if (and (pos? depth) (zero? (choose 2))) (some-sequence (dec depth)) (some-spec (dec depth)))]
    (case (choose 7)
      0 (s/cat-of [:x] '[x] [(part)])
      1 (s/cat-of [:x :y] '[x y] [(part) (part)])
      2 (s/alt-of [:x :y] '[x y] [(part) (part)])
      3 (s/rep-of 'x (some-spec (dec depth)) false)
      4 (s/rep-of 'x (some-spec (dec depth)) true)
      5 (do (vreset! *optional* true) (s/maybe-of 'x (some-spec (dec depth))))
      6 (s/amp-of 'x (s/rep-of 'x (some-spec (dec depth)) false) '[y] [#(< (count %) 3)]))))

(defn some-spec [depth]
  (case (choose (if (pos? depth) 14 6))
    0 int?
    1 string?
    2 keyword?
    3 any?
    4 #{:a 1 "a"}
    5 ::b
    6 (s/or-spec [:l :r] '[l r] [(some-spec (dec depth)) (some-spec (dec depth))])
    7 (s/nilable-spec 'x (some-spec (dec depth)))
    8 (s/tuple-spec '[x y] [(some-spec (dec depth)) (some-spec (dec depth))])
    9 (s/elements-spec 'x (some-spec (dec depth)) {:kind vector? :kind-form `vector? :min-count (choose 2)})
    10 (s/keys :req-un [::a] :opt-un [::b ::c])
    11 (s/spec-of 'x (some-sequence (dec depth)))
    12 (some-sequence (dec depth))
    13 (s/elements-spec 'x (s/tuple-spec '[k v] [keyword? (some-spec (dec depth))]) {:kind map? :kind-form `map? :key-in true})))

(defn check [input]
  (binding [*choices* (volatile! (map #(bit-and % 255) (seq input)))
            *optional* (volatile! false)]
    (let [spec (some-spec 3)
          value (some-value 3)
          conformed (s/conform spec value)
          explanation (s/explain-data spec value)
          fail #(throw (ex-info % {:form (try (s/form spec) (catch Exception _ spec)), :value value, :conformed conformed, :explanation explanation}))]
      (when (not= (s/valid? spec value) (not (s/invalid? conformed))) (fail "valid? and conform disagree"))
      (when (= (nil? explanation) (s/invalid? conformed)) (fail "conform and explain-data disagree"))
      (when (and explanation (= "" (s/explain-str spec value))) (fail "no words for the problems"))
      (when-not (or (s/invalid? conformed) @*optional*)
        (let [back (s/unform spec conformed)]
          ;; nil conforms to a sequence operation as an empty sequence does.
          (when-not (= (walk/postwalk #(if (and (sequential? %) (empty? %)) nil %) back)
                       (walk/postwalk #(if (and (sequential? %) (empty? %)) nil %) value))
            (fail (str "unforms to something else: " (pr-str back)))))))))

check
