(ns java.time.Instant
  "Points in time to the nanosecond. New code has #inst and reops.time."
  (:require [clojure.string :as string]
            [reops.host :refer [defclass]]))

(declare of)

(defclass java.time.Instant [seconds nanos]
  Comparable
  (compareTo [_ other] (compare [seconds nanos] [(.getEpochSecond other) (.getNano other)]))
  Object
  (equals [_ other] (and (instance? Instant other)
                         (= seconds (.getEpochSecond other))
                         (= nanos (.getNano other))))
  (hashCode [_] (hash [seconds nanos]))
  (toString [this]
    (let [text (pr-str (reops.internal/inst (* 1000 seconds)))
          [_ whole] (re-find #"\"(.*?)\.000" text)
          digits (format "%09d" nanos)]
      (str whole
           (cond
             (zero? nanos) ""
             (string/ends-with? digits "000000") (str "." (subs digits 0 3))
             (string/ends-with? digits "000") (str "." (subs digits 0 6))
             :else (str "." digits))
           "Z")))
  Instant
  (getEpochSecond [_] seconds)
  (getNano [_] nanos)
  (toEpochMilli [_] (+ (* 1000 seconds) (quot nanos 1000000)))
  (plusSeconds [_ n] (->Instant (+ seconds n) nanos))
  (minusSeconds [_ n] (->Instant (- seconds n) nanos))
  (plusMillis [_ n] (of seconds (+ nanos (* 1000000 n))))
  (minusMillis [_ n] (of seconds (- nanos (* 1000000 n))))
  (plusNanos [_ n] (of seconds (+ nanos n)))
  (isBefore [this other] (neg? (compare this other)))
  (isAfter [this other] (pos? (compare this other))))

(extend-protocol Inst
  Instant
  (inst-ms* [instant] (.toEpochMilli instant)))

(defn- of
  "The instant so many seconds and nanoseconds (of any number) after the beginning of 1970."
  [seconds nanos]
  (->Instant (+ seconds (Math/floorDiv nanos 1000000000)) (Math/floorMod nanos 1000000000)))

(defn ofEpochMilli
  "The instant so many milliseconds after the beginning of 1970."
  [milliseconds]
  (of (Math/floorDiv milliseconds 1000) (* 1000000 (Math/floorMod milliseconds 1000))))

(defn ofEpochSecond
  "The instant so many seconds (and nanoseconds) after the beginning of 1970."
  ([seconds] (of seconds 0))
  ([seconds nanos] (of seconds nanos)))

(defn now
  "The instant that it is."
  []
  (ofEpochMilli (System/currentTimeMillis)))

(defn parse
  "The instant that the text spells, as 2020-01-02T03:04:05.678Z."
  [text]
  (let [[_ whole fraction] (re-matches #"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?Z" text)]
    (when-not whole
      (throw (RuntimeException. (str "Text '" text "' could not be parsed as an instant, such as 2020-01-02T03:04:05Z"))))
    (of (quot (inst-ms (reops.internal/read-instant (str whole "Z"))) 1000)
        (parse-long (subs (str fraction "000000000") 0 9)))))

(def EPOCH "The beginning of 1970." (->Instant 0 0))
