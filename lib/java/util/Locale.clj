(ns java.util.Locale
  "Locales, of which this language has one: text is Unicode, and changes case as Unicode says."
  (:require [reops.host :refer [defclass]]))

(defclass java.util.Locale [tag]
  Object
  (toString [_] tag)
  (equals [_ other] (and (instance? Locale other) (= tag (str other))))
  (hashCode [_] (hash tag)))

(def ROOT "No language in particular." (->Locale ""))
(def ENGLISH "English." (->Locale "en"))
(def US "English as in the United States." (->Locale "en_US"))
(def UK "English as in the United Kingdom." (->Locale "en_GB"))

(defn getDefault
  "The locale that programs get which ask for none."
  []
  ROOT)
