(ns reops.json
  "JSON: text to values and back. Objects are maps, arrays vectors, whole numbers integers of any size. A text that is no
  JSON is an error whose data has :type :reops.json/syntax, :line and :column."
  (:refer-clojure :exclude [read read-string])
  (:require [reops.secrets :as secrets]))

(defn read-string
  "The value that a JSON text (or the bytes of one) spells. Options:
    :keywords  true: keys of objects become keywords. Those live for ever, so this is for texts whose keys are known.
    :decimals  true: numbers with a fraction become decimals (1.10M) instead of doubles

      (read-string \"{\\\"a\\\": [1, 2.5]}\" {:keywords true})   ; {:a [1 2.5]}"
  {:category :data}
  ([text] (read-string text nil))
  ([text options] (reops.internal/read-json text options 1)))

(defn read
  "The value of the JSON text that is left in a reader. Takes the options of read-string.

      (with-open [r (clojure.java.io/reader \"facts.json\")]
        (read r {:keywords true}))"
  {:category :data}
  ([reader] (read reader nil))
  ([reader options] (read-string (slurp reader) options)))

(defn read-lines
  "A lazy sequence of the values of a text with one JSON value a line (JSON Lines), which is read from a reader as far as
  the sequence is used. Blank lines are skipped. Errors name the line. Takes the options of read-string."
  {:category :data}
  ([reader] (read-lines reader nil))
  ([reader options]
   (sequence (comp (map-indexed (fn [i line]
                                  (when-not (re-matches #"\s*" line)
                                    [(reops.internal/read-json line options (inc i))])))
                   cat)
             (line-seq reader))))

(defn- secret-as-name [x]
  (if (secrets/secret? x)
    (str x)
    (throw (IllegalArgumentException.
            (str "JSON has no notation for this value: a " (.getName (class x)) ". Convert it first, or give a :default function that does")))))

(defn write-string
  "x as a JSON text. Keywords and symbols are written as strings, with their namespace (\"a/b\"); instants and UUIDs as
  their text, secrets as their names; sets and sequences as arrays. Options:
    :pretty   true: over several lines, indented
    :sorted   true: members of objects in the order of their keys
    :default  a function that answers something writable for what JSON has no notation for; without it that is an error

      (write-string {:host \"web1\" :ports [22 80]})"
  {:category :data}
  ([x] (write-string x nil))
  ([x {:keys [default] :as options}]
   (reops.internal/write-json x (if default
                                  (update options :default (fn [f] #(if (secrets/secret? %) (str %) (f %))))
                                  (assoc (or options {}) :default secret-as-name)))))

(defn write
  "Writes x as JSON to a writer. Takes the options of write-string."
  {:category :data}
  ([x writer] (write x writer nil))
  ([x writer options]
   (binding [*out* writer]
     (print (write-string x options)))))

(defn write-lines
  "Writes each of xs as JSON on a line of its own (JSON Lines) to a writer. Takes the options of write-string."
  {:category :data}
  ([xs writer] (write-lines xs writer nil))
  ([xs writer options]
   (binding [*out* writer]
     (doseq [x xs]
       (println (write-string x (dissoc options :pretty)))))))
