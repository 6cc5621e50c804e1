(ns java.net.URLDecoder
  "Text as forms of the web send it, taken back."
  (:require [clojure.string :as string]
            [reops.host :refer [defclass]]))

(defclass java.net.URLDecoder [])

(defn decode
  "The text with blanks for + and characters for %XX, in UTF-8."
  ([text] (decode text "UTF-8"))
  ([text _charset]
   (when (re-find #"%(?![0-9A-Fa-f]{2})" text)
     (throw (IllegalArgumentException. (str "URLDecoder: % without two hexadecimal digits after it: " text))))
   (string/replace (string/replace text "+" " ")
                   #"(?:%[0-9A-Fa-f]{2})+"
                   (fn [run] (reops.bytes/decode (reops.bytes/from-hex (string/replace run "%" "")) :lossy)))))
