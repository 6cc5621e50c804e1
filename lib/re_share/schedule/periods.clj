(ns re-share.schedule.periods
  "When something happens again and again. A period is a number of milliseconds, or a map:
    :every   so many milliseconds, by a clock that nobody sets
    :cron    the five fields of cron: minute hour day month weekday
    :nth     with :cron, only every so manieth of the days that it names (by weeks since 1970)
    :zone    the zone of :cron's clock; nil is the machine's own
    :jitter  milliseconds within which each time is put off, at random
    :missed  what is done about times at which nothing ran, because there was no controller: :skip them (and say so), or :once"
  (:require [clojure.string :as string]
            [reops.time :as time]))

(defn- bad-period [message hint]
  (throw (ex-info message {:type :re-core/bad-period :hint hint})))

;; --- cron ------------------------------------------------------------------------------------------------------------

(def ^:private weekday-names {"sun" 0 "mon" 1 "tue" 2 "wed" 3 "thu" 4 "fri" 5 "sat" 6})

(def ^:private month-names
  (zipmap ["jan" "feb" "mar" "apr" "may" "jun" "jul" "aug" "sep" "oct" "nov" "dec"] (range 1 13)))

(def ^:private field-ranges
  [["minute" 0 59 {}] ["hour" 0 23 {}] ["day" 1 31 {}] ["month" 1 12 month-names] ["weekday" 0 7 weekday-names]])

(defn- bad-field [field text]
  (bad-period (str "The " field " of a cron time cannot be " (pr-str text))
              "minute hour day month weekday, each *, numbers, ranges 1-5, steps */15, or several with commas between: \"30 4 * * mon-fri\"."))

(defn- field-number [text [field low high names]]
  (let [n (or (names (string/lower-case text)) (parse-long text))]
    (if (and n (<= low n high)) n (bad-field field text))))

(defn- field-part
  "The numbers that a part between commas stands for."
  [part [field low high :as of]]
  (let [[_ from to step] (or (re-matches #"(\*|[^-/]+)(?:-([^-/]+))?(?:/(\d+))?" part) (bad-field field part))
        step-size (if step (parse-long step) 1)
        first-number (if (= "*" from) low (field-number from of))
        last-number (cond to (field-number to of) (or (= "*" from) step) high :else first-number)]
    (when (or (zero? step-size) (< last-number first-number) (and (= "*" from) to)) (bad-field field part))
    (range first-number (inc last-number) step-size)))

(defn- field-set [text of]
  (into (sorted-set) (mapcat #(field-part % of)) (string/split text #"," -1)))

(defn- cron-fields
  "{:minutes :hours :days :months :weekdays}, sets; :days and :weekdays are nil for *."
  [text]
  (let [fields (string/split (string/trim text) #"\s+")]
    (when-not (= 5 (count fields))
      (bad-field "text" text))
    (let [[minutes hours days months weekdays] (mapv field-set fields field-ranges)
          star? (fn [i] (string/starts-with? (nth fields i) "*"))]
      {:minutes minutes :hours hours :months months
       :days (when-not (star? 2) days)
       :weekdays (when-not (star? 4) (into #{} (map #(mod % 7)) weekdays))})))

(def ^:private weekday-numbers {:sunday 0 :monday 1 :tuesday 2 :wednesday 3 :thursday 4 :friday 5 :saturday 6})

(defn- day-fits?
  "Whether a day is one of cron's: where both day and weekday are given, either is enough."
  [{:keys [days weekdays months]} nth-week {:keys [month day weekday]} day-number]
  (let [weekday (weekday-numbers weekday)]
    (and (months month)
         (cond
           (and days weekdays) (or (days day) (weekdays weekday))
           days (days day)
           weekdays (weekdays weekday)
           :else true)
         (or (nil? nth-week) (zero? (mod (quot (+ 3 day-number) 7) nth-week))))))

(def ^:private day-ms 86400000)
(def ^:private furthest-days (* 5 366))

(defn- next-cron
  "The first instant after one, in milliseconds, at which a clock shows what cron says; nil when there is none for years."
  [{:keys [cron zone] nth-week :nth} after]
  (let [{:keys [hours minutes] :as fields} (cron-fields cron)
        today (time/fields (time/from-ms after) zone)
        noon (inst-ms (time/from-fields (assoc (select-keys today [:year :month :day]) :hour 12) zone))]
    (first
     (for [n (range furthest-days)
           :let [at-noon (time/from-ms (+ noon (* n day-ms)))
                 day (time/fields at-noon zone)]
           :when (day-fits? fields nth-week day (quot (inst-ms at-noon) day-ms))
           hour hours
           minute minutes
           :let [ms (inst-ms (time/from-fields (assoc (select-keys day [:year :month :day]) :hour hour :minute minute) zone))]
           :when (< after ms)]
       ms))))

;; --- periods -------------------------------------------------------------------------------------------------------------

(defn period
  "What a period is, as a map, checked."
  [x]
  (let [{:keys [every cron jitter missed] :as m} (if (number? x) {:every x} x)]
    (when-not (and (map? m) (not= (some? every) (some? cron)))
      (bad-period (str "No period: " (pr-str x)) "(seconds 30), (minutes 5), (every-day 4), (at-day :friday 4), (cron \"30 4 * * *\")"))
    (when (and every (not (and (number? every) (<= 10 every))))
      (bad-period (str "A period is ten milliseconds or more, found " (pr-str every)) "(seconds 30)"))
    (when-not (and (or (nil? jitter) (nat-int? jitter)) (contains? #{nil :skip :once} missed))
      (bad-period (str "No period: " (pr-str x)) ":jitter is a number of milliseconds, :missed is :skip or :once"))
    (when (and cron (nil? (next-cron m (System/currentTimeMillis))))
      (bad-period (str "There is never a time " (pr-str cron)) "minute hour day month weekday"))
    m))

(defn next-time
  "The first time after one, in milliseconds since 1970; of an interval, which no clock shows, one interval later."
  [{:keys [every] :as m} after]
  (if every (+ after every) (next-cron m after)))

(defn missed-times
  "How many times there were after one instant and until another, at most a thousand."
  [m after until]
  (count (take 1000 (rest (take-while #(and % (<= % until)) (iterate #(next-time m %) after))))))

(defn text
  "A period in words."
  [{:keys [every cron zone jitter] nth-week :nth}]
  (str (if every (str "every " (time/humanize every)) cron)
       (when nth-week (str ", every " nth-week ". week"))
       (when zone (str " " zone))
       (when jitter (str " ± " (time/humanize jitter)))))

(defn every-day
  "At an hour, every day, or at an hour and a minute; by the machine's clock, or that of :zone. Options as in re-share.schedule.periods.

    (watch :upgrade (every-day 4) #'my.ops/upgrade)
    (watch :report (every-day 7 {:minute 30 :zone \"Europe/Berlin\" :missed :once}) #'my.ops/report)"
  {:category :schedules}
  ([hour] (every-day hour {}))
  ([hour {:keys [minute] :or {minute 0} :as options}] (merge {:cron (str minute " " hour " * * *")} (dissoc options :minute))))

(defn at-day
  "At an hour of a day of the week, :monday to :sunday.

    (watch :reboot (at-day :sunday 4) #'my.ops/reboot)"
  {:category :schedules}
  ([day hour] (at-day day hour {}))
  ([day hour {:keys [minute] :or {minute 0} :as options}]
   (when-not (weekday-numbers day)
     (bad-period (str "There is no day " (pr-str day)) ":monday :tuesday :wednesday :thursday :friday :saturday :sunday"))
   (merge {:cron (str minute " " hour " * * " (weekday-numbers day))} (dissoc options :minute))))

(defn every-nth-day
  "At an hour of every nth such day of the week: (every-nth-day 2 :friday 4) is every other Friday.

    (watch :snapshot (every-nth-day 2 :friday 4) #'my.ops/snapshots)"
  {:category :schedules}
  ([n day hour] (every-nth-day n day hour {}))
  ([n day hour options]
   (when-not (pos-int? n)
     (bad-period (str "Every nth day needs a number, found " (pr-str n)) "(every-nth-day 2 :friday 4)"))
   (assoc (at-day day hour options) :nth n)))

(defn cron
  "At the times that the five fields of cron name: minute hour day month weekday.

    (watch :probe (cron \"*/15 8-18 * * mon-fri\") #'my.ops/probe)"
  {:category :schedules}
  ([text] (cron text {}))
  ([text options] (period (assoc options :cron text))))
