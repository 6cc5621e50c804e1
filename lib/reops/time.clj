(ns reops.time
  "Points in time, durations, and what clocks and calendars show in a zone.

  A point in time is an instant (#inst \"…\"), to the millisecond. A duration is a number of milliseconds: (+ (hours 1)
  (minutes 30)). A zone is a name of the system's database (\"Europe/Berlin\"), \"UTC\", an offset (\"+02:00\"), or nil for the
  machine's own. Where no zone is given it is UTC."
  (:refer-clojure :exclude [format])
  (:require [clojure.string :as str]))

(defn now
  "This moment."
  {:category :time}
  []
  (java.util.Date. (System/currentTimeMillis)))

(defn from-ms
  "The instant that many milliseconds after 1970-01-01T00:00Z; inst-ms goes the other way."
  {:category :time}
  [ms]
  (java.util.Date. ms))

;;; Durations.

(defn millis "A duration of n milliseconds." {:category :time} [n] n)
(defn seconds "A duration of n seconds." {:category :time} [n] (* n 1000))
(defn minutes "A duration of n minutes." {:category :time} [n] (* n 60000))
(defn hours "A duration of n hours." {:category :time} [n] (* n 3600000))
(defn days "A duration of n times 24 hours." {:category :time} [n] (* n 86400000))
(defn weeks "A duration of n times 7 days." {:category :time} [n] (* n 604800000))

(def ^:private units
  [["w" 604800000] ["d" 86400000] ["h" 3600000] ["m" 60000] ["s" 1000] ["ms" 1]])

(def ^:private unit-names
  {"w" "week", "d" "day", "h" "hour", "m" "minute", "s" "second", "ms" "millisecond"})

(defn humanize
  "A duration in words for people: its two largest units. :units says how many units.

      (humanize 5400000)   ; \"1h 30m\""
  {:category :time}
  ([duration] (humanize duration nil))
  ([duration {n :units :or {n 2}}]
   (let [negative (neg? duration)
         parts (loop [left (long (if negative (- duration) duration)), units units, parts []]
                 (if-let [[unit ms] (first units)]
                   (recur (rem left ms) (rest units)
                          (if (or (>= left ms) (seq parts)) (conj parts [unit (quot left ms)]) parts))
                   parts))
         shown (remove (fn [[_ amount]] (zero? amount)) (take n parts))]
     (if (empty? shown)
       "0s"
       (str (when negative "-") (str/join " " (map (fn [[unit amount]] (str amount unit)) shown)))))))

(defn parse-duration
  "The duration that a text spells: \"1h30m\", \"90s\", \"2d 4h\", \"250ms\", or ISO 8601's \"PT1H30M\"."
  {:category :time}
  [text]
  (let [lower (str/lower-case (str/trim text))
        iso (re-matches #"p(?:(\d+)w)?(?:(\d+)d)?(?:t(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?)?" lower)
        parts (re-seq #"(\d+(?:\.\d+)?)\s*(ms|w|d|h|m|s)" lower)
        amount (fn [digits ms] (if digits (long (* (parse-double digits) ms)) 0))]
    (cond
      (and iso (some some? (rest iso)))
      (reduce + (map amount (rest iso) [604800000 86400000 3600000 60000 1000]))

      (and (seq parts) (re-matches #"(?:\s*\d+(?:\.\d+)?\s*(?:ms|w|d|h|m|s))+" lower))
      (reduce + (map (fn [[_ digits unit]] (amount digits (get (into {} units) unit))) parts))

      :else
      (throw (ex-info (str (pr-str text) " is no duration: one is written like 1h30m, 90s, 250ms or PT1H30M")
                      {:type :reops.time/duration, :text text})))))

;;; Zones.

(defn- fixed-offset
  "Seconds east of Greenwich of a zone that is an offset, or nil."
  [zone]
  (when (string? zone)
    (if (contains? #{"UTC" "Z" "GMT"} zone)
      0
      (when-let [[_ sign h m] (re-matches #"([+-])(\d\d):?(\d\d)" zone)]
        (* (if (= "-" sign) -1 1) (+ (* 3600 (parse-long h)) (* 60 (parse-long m))))))))

(defn- floor-div [a b] (let [q (quot a b)] (if (neg? (- a (* q b))) (dec q) q)))

(defn- offset-text [seconds separator]
  (let [minutes (quot (if (neg? seconds) (- seconds) seconds) 60)]
    (clojure.core/format "%s%02d%s%02d" (if (neg? seconds) "-" "+") (quot minutes 60) separator (rem minutes 60))))

(defn- offset-at
  "[seconds name] of a zone at a number of seconds since 1970."
  [zone unix-seconds]
  (if-let [fixed (fixed-offset zone)]
    [fixed (if (zero? fixed) "UTC" (offset-text fixed ":"))]
    (reops.internal/zone-offset zone unix-seconds)))

;;; Calendar. Days are counted from 1970-01-01; a year begins in March for the counting, so that its end is where the leap
;;; day is.

(defn- days-from-date [year month day]
  (let [y (if (<= month 2) (dec year) year)
        era (floor-div y 400)
        year-of-era (- y (* era 400))
        day-of-year (+ (quot (+ (* 153 (mod (+ month 9) 12)) 2) 5) (dec day))]
    (+ (* era 146097) (* year-of-era 365) (quot year-of-era 4) (- (quot year-of-era 100)) day-of-year -719468)))

(defn- date-from-days [n]
  (let [n (+ n 719468)
        era (floor-div n 146097)
        day-of-era (- n (* era 146097))
        year-of-era (quot (- day-of-era (quot day-of-era 1460) (- (quot day-of-era 36524)) (quot day-of-era 146096)) 365)
        day-of-year (- day-of-era (- (+ (* 365 year-of-era) (quot year-of-era 4)) (quot year-of-era 100)))
        shifted (quot (+ (* 5 day-of-year) 2) 153)
        month (if (< shifted 10) (+ shifted 3) (- shifted 9))]
    [(+ year-of-era (* era 400) (if (<= month 2) 1 0))
     month
     (inc (- day-of-year (quot (+ (* 153 shifted) 2) 5)))]))

(defn- month-length [year month]
  (- (days-from-date (if (= 12 month) (inc year) year) (if (= 12 month) 1 (inc month)) 1)
     (days-from-date year month 1)))

(def ^:private weekdays [:monday :tuesday :wednesday :thursday :friday :saturday :sunday])

(defn fields
  "What clock and calendar show at an instant in a zone: {:year :month :day :hour :minute :second :millisecond :weekday
  :day-of-year :offset (seconds east of Greenwich) :zone (its abbreviation)}."
  {:category :time}
  ([inst] (fields inst "UTC"))
  ([inst zone]
   (let [ms (inst-ms inst)
         unix (floor-div ms 1000)
         [offset abbreviation] (offset-at zone unix)
         local (+ unix offset)
         n (floor-div local 86400)
         second-of-day (- local (* n 86400))
         [year month day] (date-from-days n)]
     {:year year, :month month, :day day,
      :hour (quot second-of-day 3600), :minute (rem (quot second-of-day 60) 60), :second (rem second-of-day 60),
      :millisecond (- ms (* unix 1000)),
      :weekday (nth weekdays (mod (+ n 3) 7)), :day-of-year (inc (- n (days-from-date year 1 1))),
      :offset offset, :zone abbreviation})))

(defn- check-range [k value low high]
  (when-not (and (int? value) (<= low value high))
    (throw (ex-info (str "There is no " (name k) " " (pr-str value) ": it is from " low " to " high)
                    {:type :reops.time/field, :field k, :value value}))))

(defn from-fields
  "The instant at which clock and calendar of a zone show these fields (:year at least; others begin at their smallest
  value). A time that the clocks skip when they go forward is moved on by the gap; of one they show twice it is the first."
  {:category :time}
  ([m] (from-fields m "UTC"))
  ([{:keys [year month day hour minute millisecond] s :second
     :or {month 1 day 1 hour 0 minute 0 s 0 millisecond 0}} zone]
   (check-range :year year -9999 9999)
   (check-range :month month 1 12)
   (check-range :day day 1 (month-length year month))
   (check-range :hour hour 0 23)
   (check-range :minute minute 0 59)
   (check-range :second s 0 59)
   (check-range :millisecond millisecond 0 999)
   (let [local (+ (* 86400 (days-from-date year month day)) (* 3600 hour) (* 60 minute) s)
         offsets (map #(first (offset-at zone (+ local %))) [-86400 86400])
         ;; The offset before a change and the one after it; whichever is in force at the time it leads to is right.
         fitting (filter #(= % (first (offset-at zone (- local %)))) offsets)
         offset (if (seq fitting) (apply max fitting) (first offsets))]
     (from-ms (+ (* 1000 (- local offset)) millisecond)))))

;;; Arithmetic.

(defn plus
  "The instant a duration later; or, with a map of calendar units (:years :months :weeks :days :hours :minutes :seconds
  :millis), later by the calendar of a zone: a month after January 31 is the last of February, a day may have 23 hours.

      (plus (now) (hours 2))
      (plus (now) {:months 1} \"Europe/Berlin\")"
  {:category :time}
  ([inst amount] (plus inst amount "UTC"))
  ([inst amount zone]
   (if (number? amount)
     (from-ms (+ (inst-ms inst) amount))
     (let [known #{:years :months :weeks :days :hours :minutes :seconds :millis}
           _ (when-let [unknown (first (remove known (keys amount)))]
               (throw (ex-info (str "There is no calendar unit " unknown) {:type :reops.time/unit, :unit unknown})))
           of #(get amount % 0)
           {:keys [year month day] :as shown} (fields inst zone)
           months (+ (* 12 (+ year (of :years))) (dec month) (of :months))
           year (floor-div months 12)
           month (inc (- months (* 12 year)))
           n (+ (days-from-date year month (min day (month-length year month))) (of :days) (* 7 (of :weeks)))
           [year month day] (date-from-days n)
           moved (if (some #(not (zero? (of %))) [:years :months :weeks :days])
                   (from-fields (assoc shown :year year :month month :day day) zone)
                   inst)]
       (from-ms (+ (inst-ms moved) (hours (of :hours)) (minutes (of :minutes)) (seconds (of :seconds)) (of :millis)))))))

(defn minus
  "Like plus, backwards."
  {:category :time}
  ([inst amount] (minus inst amount "UTC"))
  ([inst amount zone]
   (plus inst (if (number? amount) (- amount) (update-vals amount -)) zone)))

(defn between
  "The duration from one instant to another."
  {:category :time}
  [start end]
  (- (inst-ms end) (inst-ms start)))

(defn before?
  "True if instant a is earlier than b."
  {:category :time}
  [a b]
  (< (inst-ms a) (inst-ms b)))

(defn after?
  "True if instant a is later than b."
  {:category :time}
  [a b]
  (> (inst-ms a) (inst-ms b)))

(defn truncate
  "The beginning of the :second, :minute, :hour, :day, :week (Monday), :month or :year that an instant is in, in a zone."
  {:category :time}
  ([inst unit] (truncate inst unit "UTC"))
  ([inst unit zone]
   (let [{:keys [weekday] :as shown} (fields inst zone)
         from (fn [& ks] (from-fields (select-keys shown ks) zone))]
     (case unit
       :second (from :year :month :day :hour :minute :second)
       :minute (from :year :month :day :hour :minute)
       :hour (from :year :month :day :hour)
       :day (from :year :month :day)
       :week (minus (from :year :month :day) {:days (.indexOf weekdays weekday)} zone)
       :month (from :year :month)
       :year (from :year)
       (throw (ex-info (str "There is no unit " (pr-str unit) " to truncate to") {:type :reops.time/unit, :unit unit}))))))

(defn ago
  "How long ago an instant was, or how long until it, for people: \"3 minutes ago\", \"in 2 hours\", \"now\"."
  {:category :time}
  ([inst] (ago inst (now)))
  ([inst reference]
   (let [duration (between inst reference)
         size (if (neg? duration) (- duration) duration)
         [unit ms] (first (filter (fn [[_ ms]] (>= size ms)) (butlast units)))]
     (if (nil? unit)
       "now"
       (let [n (quot size ms)
             text (str n " " (unit-names unit) (when (not= 1 n) "s"))]
         (if (neg? duration) (str "in " text) (str text " ago")))))))

;;; Text.

(def ^:private month-names
  ["January" "February" "March" "April" "May" "June" "July" "August" "September" "October" "November" "December"])

(defn- pattern-parts
  "A pattern as [:field letters] and [:text text]."
  [pattern]
  (let [parts (re-seq #"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'" pattern)]
    (mapv (fn [[whole quoted letter]]
            (cond
              (= "'" whole) (throw (ex-info (str "A quote is not closed in the pattern " (pr-str pattern))
                                            {:type :reops.time/pattern, :pattern pattern}))
              quoted [:text (if (= "" quoted) "'" (str/replace quoted "''" "'"))]
              letter [:field whole]
              :else [:text whole]))
          parts)))

(defn- unknown-letters [pattern letters]
  (throw (ex-info (str "The pattern " (pr-str pattern) " has " (pr-str letters) ", which stands for nothing: known are y M d H h"
                       " m s S a E D X x Z z, and text in quotes")
                  {:type :reops.time/pattern, :pattern pattern})))

(defn- padded [n value]
  (clojure.core/format (str "%0" n "d") value))

(defn- field-text [pattern letters {:keys [year month day hour minute millisecond weekday day-of-year offset zone] s :second}]
  (let [n (count letters)]
    (case (first letters)
      \y (if (= 2 n) (padded 2 (mod year 100)) (padded n year))
      \M (case n 3 (subs (nth month-names (dec month)) 0 3), 4 (nth month-names (dec month)), (padded n month))
      \d (padded n day)
      \H (padded n hour)
      \h (padded n (inc (mod (dec hour) 12)))
      \m (padded n minute)
      \s (padded n s)
      \S (subs (str (padded 3 millisecond) "000000") 0 (min n 9))
      \a (if (< hour 12) "AM" "PM")
      \E (let [text (str/capitalize (name weekday))] (if (< n 4) (subs text 0 3) text))
      \D (padded n day-of-year)
      \X (if (zero? offset) "Z" (offset-text offset (if (< n 3) "" ":")))
      \x (offset-text offset (if (< n 3) "" ":"))
      \Z (offset-text offset "")
      \z zone
      (unknown-letters pattern letters))))

(defn format
  "An instant as text: ISO 8601 by default (\"2024-05-17T12:30:00Z\"), or by a pattern, in a zone. Patterns have letters as
  in Java: yyyy MM dd HH mm ss SSS, MMM and EEE for names, XXX and Z for the offset, z for the zone, text in 'quotes'.

      (format (now) \"EEE d MMM yyyy, HH:mm z\" \"Europe/Berlin\")"
  {:category :time}
  ([inst]
   (format inst (if (zero? (mod (inst-ms inst) 1000)) "yyyy-MM-dd'T'HH:mm:ssXXX" "yyyy-MM-dd'T'HH:mm:ss.SSSXXX")))
  ([inst pattern] (format inst pattern "UTC"))
  ([inst pattern zone]
   (let [shown (fields inst zone)]
     (apply str (map (fn [[kind text]] (if (= :text kind) text (field-text pattern text shown)))
                     (pattern-parts pattern))))))

(defn- not-a-time [text expected]
  (throw (ex-info (str (pr-str text) " is no time: it should look like " expected) {:type :reops.time/text, :text text})))

(defn- parse-iso [text zone]
  (let [[_ year month day hour minute s fraction offset]
        (re-matches #"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([Zz]|[+-]\d\d(?::?\d\d)?)?)?" text)
        number #(if % (parse-long %) 0)]
    (when-not year (not-a-time text "2024-05-17, 2024-05-17T12:30:00Z or 2024-05-17T12:30:00.123+02:00"))
    (from-fields {:year (number year), :month (number month), :day (number day), :hour (number hour), :minute (number minute),
                  :second (number s), :millisecond (if fraction (number (subs (str fraction "00") 0 3)) 0)}
                 (cond
                   (nil? offset) zone
                   (contains? #{"Z" "z"} offset) "UTC"
                   (= 3 (count offset)) (str offset ":00")
                   :else offset))))

(def ^:private letter-patterns
  {\y "(\\d{4})", \M "(\\d{1,2})", \d "(\\d{1,2})", \H "(\\d{1,2})", \h "(\\d{1,2})", \m "(\\d{1,2})", \s "(\\d{1,2})",
   \S "(\\d{1,9})", \a "([AaPp][Mm])", \E "(\\p{L}+)", \X "([Zz]|[+-]\\d\\d:?\\d\\d)", \x "([+-]\\d\\d:?\\d\\d)",
   \Z "([+-]\\d\\d:?\\d\\d)"})

(defn- letter-pattern [pattern letters]
  (let [c (first letters)]
    (cond
      (and (= \M c) (>= (count letters) 3)) "(\\p{L}+)"
      (= "yy" letters) "(\\d{2})"
      :else (or (letter-patterns c) (unknown-letters pattern letters)))))

(defn- month-number [text]
  (let [lower (str/lower-case text)]
    (or (first (keep-indexed (fn [i full] (when (contains? #{(str/lower-case full) (str/lower-case (subs full 0 3))} lower) (inc i)))
                             month-names))
        (throw (ex-info (str "There is no month " (pr-str text)) {:type :reops.time/text, :text text})))))

(defn- parse-by [text pattern zone]
  (let [parts (pattern-parts pattern)
        regex (re-pattern (apply str (map (fn [[kind s]] (if (= :text kind) (reops.internal/regex-quote s) (letter-pattern pattern s)))
                                          parts)))
        groups (rest (or (re-matches regex text) (not-a-time text pattern)))
        read-field (fn [m letters value]
                     (case (first letters)
                       \y (assoc m :year (if (= 2 (count letters)) (+ 2000 (parse-long value)) (parse-long value)))
                       \M (assoc m :month (or (parse-long value) (month-number value)))
                       \d (assoc m :day (parse-long value))
                       \H (assoc m :hour (parse-long value))
                       \h (assoc m :hour (mod (parse-long value) 12))
                       \m (assoc m :minute (parse-long value))
                       \s (assoc m :second (parse-long value))
                       \S (assoc m :millisecond (parse-long (subs (str value "00") 0 3)))
                       \a (assoc m :afternoon (= "pm" (str/lower-case value)))
                       \E m
                       (assoc m :offset (if (contains? #{"Z" "z"} value) "UTC" value))))
        {:keys [offset afternoon] :as shown} (reduce (fn [m [letters value]] (read-field m letters value))
                                                     {:year 1970}
                                                     (map vector (map second (filter #(= :field (first %)) parts)) groups))]
    (from-fields (cond-> (dissoc shown :offset :afternoon)
                   afternoon (update :hour + 12))
                 (or offset zone))))

(defn parse
  "The instant that a text spells: ISO 8601 (a date alone is its midnight), or by a pattern as format has them. What says no
  offset is meant in zone.

      (parse \"2024-05-17T12:30:00+02:00\")
      (parse \"17.05.2024 12:30\" \"dd.MM.yyyy HH:mm\" \"Europe/Berlin\")"
  {:category :time}
  ([text] (parse-iso text "UTC"))
  ([text pattern] (parse text pattern "UTC"))
  ([text pattern zone] (if pattern (parse-by text pattern zone) (parse-iso text zone))))
