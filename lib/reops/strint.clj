(ns reops.strint
  "String interpolation: values in the middle of a text, as command lines need them all the time."
  (:require [clojure.string :as str]))

(defn- read-form
  "The first form in s and the text after it; an error that shows the whole template when there is none."
  [s template]
  (try
    (let [s (str/triml s)
          [form text] (read+string (reops.internal/string-reader s))]
      [form (subs s (count text))])
    (catch RuntimeException e
      (throw (ex-info (str "There is no whole form after ~ in the template " (pr-str template) ": " (ex-message e))
                      {:type :reops/bad-template, :template template}
                      e)))))

(defn- after-brace
  "The text after the } that has to end ~{…}."
  [s template]
  (let [trimmed (str/triml s)]
    (if (str/starts-with? trimmed "}")
      (subs trimmed 1)
      (throw (ex-info (str "~{ takes one form and then a }, in the template " (pr-str template))
                      {:type :reops/bad-template, :template template})))))

(defn- opening
  "Where the next ~{ or ~( of s begins, or nil."
  [s]
  (let [brace (str/index-of s "~{")
        paren (str/index-of s "~(")]
    (if (and brace paren) (min brace paren) (or brace paren))))

(defn interpolate
  "The parts of a template: strings, and the forms of its ~{…} and ~(…), in order.

    (interpolate \"a ~{b} ~(inc c)\") ;=> [\"a \" b \" \" (inc c)]"
  [template]
  (loop [s template, parts []]
    (let [at (opening s)
          text (fn [end] (if (zero? end) parts (conj parts (subs s 0 end))))]
      (cond
        (nil? at) (text (count s))
        ;; ~~{ is a ~{ that is meant literally.
        (and (pos? at) (= \~ (nth s (dec at))))
        (recur (subs s (+ at 2)) (conj (text (dec at)) (subs s at (+ at 2))))

        (= \{ (nth s (inc at)))
        (let [[form after] (read-form (subs s (+ at 2)) template)]
          (recur (after-brace after template) (conj (text at) form)))

        :else
        (let [[form after] (read-form (subs s (inc at)) template)]
          (recur after (conj (text at) form)))))))

(defmacro <<
  "A string with values in it: ~{x} stands for the value of x (any one form), ~(f x) for that of the call. ~~{ and ~~( are
  the characters themselves. Several strings are one text.

    (let [host \"web1\", n 2]
      (<< \"~{host} has ~(inc n) disks\")) ;=> \"web1 has 3 disks\""
  [& strings]
  (let [template (apply str strings)]
    `(str ~@(interpolate template))))
