(ns reops.xml
  "XML as data, in the shape that clojure.xml has: {:tag :disk :attrs {:type \"file\"} :content [\"text\" {:tag …}]}. Names are keywords with
  their prefixes; text that is only layout is left out. Nothing outside of a text is read, and entities of its own are an error."
  (:require [clojure.string :as string]))

(defn parse-string
  "The element of an XML text. One that is no XML is an error with :type :xml/syntax, :line and :column.

    (parse-string \"<disk type='file'><target dev='vda'/></disk>\")"
  {:category :data}
  [text]
  (reops.internal/load-module "xml")
  (@(ns-resolve 'reops.xml.native 'parse) text))

(defn- escaped [x]
  (string/escape (str x) {\& "&amp;" \< "&lt;" \> "&gt;" \" "&quot;" \' "&apos;"}))

(defn- word [k] (subs (str k) 1))

(defn write-string
  "The XML text of an element, or of a text.

    (write-string {:tag :name :content [\"a & b\"]})   ; \"<name>a &amp; b</name>\""
  {:category :data}
  [x]
  (if-not (map? x)
    (escaped x)
    (let [{:keys [tag attrs content]} x
          opening (apply str (word tag) (map (fn [[k v]] (str " " (word k) "=\"" (escaped v) "\"")) attrs))]
      (if (seq content)
        (str "<" opening ">" (apply str (map write-string content)) "</" (word tag) ">")
        (str "<" opening "/>")))))

(defn element
  "An element, from a vector: its tag, perhaps its attributes, and what it contains; nil there is left out, and sequences are spliced.

    (element [:disk {:type \"file\"} [:target {:dev \"vda\"}]])"
  {:category :data}
  [[tag & more]]
  (let [[attrs more] (if (map? (first more)) [(first more) (rest more)] [nil more])
        child (fn child [x]
                (cond (nil? x) nil
                      (vector? x) [(element x)]
                      (seq? x) (mapcat child x)
                      :else [(str x)]))]
    {:tag tag :attrs attrs :content (not-empty (into [] (mapcat child) more))}))
