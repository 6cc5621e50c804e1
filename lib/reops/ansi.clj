(ns reops.ansi
  "Colours and styles for text at a terminal. Where nobody would see them (a pipe, a file, NO_COLOR in the environment) the
  text stays as it is."
  (:require [clojure.string :as str]))

(def ^:private codes
  {:bold 1, :dim 2, :italic 3, :underline 4, :blink 5, :reverse 7, :strike 9
   :black 30, :red 31, :green 32, :yellow 33, :blue 34, :magenta 35, :cyan 36, :white 37, :default 39
   :bright-black 90, :grey 90, :bright-red 91, :bright-green 92, :bright-yellow 93, :bright-blue 94, :bright-magenta 95,
   :bright-cyan 96, :bright-white 97
   :on-black 40, :on-red 41, :on-green 42, :on-yellow 43, :on-blue 44, :on-magenta 45, :on-cyan 46, :on-white 47})

(def ^:dynamic *enabled*
  "true or false: whether text is styled at all. nil: when *out* is a terminal and NO_COLOR is not set; CLICOLOR_FORCE in the
  environment means always."
  nil)

(defn enabled?
  "Whether style has an effect now."
  {:category :output}
  []
  (let [set-in-environment? #(not (str/blank? (System/getenv %)))]
    (boolean
     (cond
       (some? *enabled*) *enabled*
       (set-in-environment? "NO_COLOR") false
       (and (set-in-environment? "CLICOLOR_FORCE") (not= "0" (System/getenv "CLICOLOR_FORCE"))) true
       (= "dumb" (System/getenv "TERM")) false
       :else (reops.internal/terminal? *out*)))))

(defn styles
  "The names of all styles."
  {:category :output}
  []
  (sort (keys codes)))

(defn- code [style]
  (or (codes style)
      (throw (ex-info (str "There is no style " (pr-str style) ". There are: " (str/join ", " (styles)))
                      {:type :reops.ansi/unknown-style, :style style}))))

(defn style
  "text in the styles, when styles have an effect.

      (println (style \"failed\" :bold :red))"
  {:category :output}
  [text & styles]
  (let [numbers (mapv code styles)]
    (if (and (seq numbers) (enabled?))
      (str "\u001b[" (str/join ";" numbers) "m" text "\u001b[0m")
      (str text))))

(defn strip
  "text without any escape sequences of a terminal."
  {:category :output}
  [text]
  (str/replace text #"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])" ""))

(defn visible-width
  "How many characters of text are seen."
  {:category :output}
  [text]
  (count (strip text)))
