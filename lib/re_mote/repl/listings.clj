(ns re-mote.repl.listings
  "Files of hosts as data: what find is asked to print, and what is made of it."
  (:require [clojure.string :as string]
            [re-mote.repl.words :as words]))

(def ^:private fields
  ["%y" "%s" "%m" "%u" "%g" "%T@" "%l"])

(def ^:private types
  {"f" :file "d" :directory "l" :link "p" :pipe "s" :socket "b" :block-device "c" :character-device})

(defn- printed
  "The action of find that prints the fields of a file and its name, each ended by the character 0, which no name can hold."
  [name]
  (str "-printf " (words/quoted (apply str (map #(str % "\\0") (conj fields name))))))

(defn folder-script
  "Shell that prints what is in a folder, or one file."
  [target]
  (let [path (words/path target)]
    (str "if [ -d " path " ]; then find -H " path " -mindepth 1 -maxdepth 1 " (printed "%f")
         "; else find " path " -maxdepth 0 " (printed "%f") "; fi")))

(def ^:private units {:min-size "+%sc" :max-size "-%sc"})

(defn- criteria
  "The tests of find for options."
  [{:keys [name type max-depth older-than newer-than] :as options}]
  (let [minutes (fn [ms] (max 1 (quot ms 60000)))]
    (string/join " "
                 (concat (when max-depth ["-maxdepth" (words/word max-depth)])
                         (when name ["-name" (words/quoted name)])
                         (when type
                           ["-type" (or (some (fn [[letter k]] (when (= k type) letter)) types)
                                        (throw (ex-info (str "find-files knows no type of file " (pr-str type))
                                                        {:type :re-mote/bad-argument
                                                         :hint (str "There are " (string/join ", " (map str (vals types))) ".")})))])
                         (mapcat (fn [[k text]] (when-let [size (k options)]
                                                  ["-size" (format text ((if (= k :min-size) dec inc) size))]))
                                 units)
                         (when older-than ["-mmin" (str "+" (minutes older-than))])
                         (when newer-than ["-mmin" (str "-" (minutes newer-than))])))))

(defn find-script
  "Shell that prints the files below a folder which the options name."
  [target options]
  (str "find -H " (words/path target) " -mindepth 1 " (criteria options) " " (printed "%p")))

(defn parse
  "What such shell printed: [{:name :type :size :mode :owner :group :modified :link} …], sorted by name."
  [out]
  (let [parts (string/split out #"\u0000" -1)]
    (->> (partition 8 parts)
         (map (fn [[type size mode owner group modified link name]]
                (cond-> {:name name
                         :type (types type :other)
                         :size (parse-long size)
                         :mode mode
                         :owner owner
                         :group group
                         :modified (long (* 1000 (parse-double modified)))}
                  (= "l" type) (assoc :link link))))
         (sort-by :name)
         vec)))
