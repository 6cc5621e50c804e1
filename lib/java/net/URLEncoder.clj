(ns java.net.URLEncoder
  "Text as forms of the web send it."
  (:require [reops.host :refer [defclass]]))

(defclass java.net.URLEncoder [])

(defn- percent
  [b]
  (format "%%%02X" (bit-and 0xFF b)))

(defn encode
  "The text with a + for each blank, and %XX for the UTF-8 bytes of what is neither a letter or digit of ASCII nor one
  of . - * _ (the one charset here is UTF-8)."
  ([text] (encode text "UTF-8"))
  ([text _charset]
   (apply str (map (fn [c]
                     (cond
                       (= \space c) "+"
                       (re-matches #"[A-Za-z0-9.*_-]" (str c)) c
                       :else (apply str (map percent (.getBytes (str c))))))
                   text))))
