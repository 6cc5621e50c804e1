(ns time-test
  "reops.time."
  (:refer-clojure :exclude [format])
  (:require [clojure.test :refer [are deftest is testing]]
            [reops.time :as t]))

(deftest parsing-and-formatting-iso
  (are [inst text] (= inst (t/parse text))
    #inst "2024-05-17T00:00:00Z" "2024-05-17", #inst "2024-05-17T12:30:00Z" "2024-05-17T12:30Z"
    #inst "2024-05-17T12:30:05.123Z" "2024-05-17T12:30:05.123456Z", #inst "2024-05-17T10:30:00Z" "2024-05-17T12:30:00+02:00"
    #inst "2024-05-17T12:30:00Z" "2024-05-17 12:30:00", #inst "2024-05-17T17:30:00Z" "2024-05-17T12:30:00-05"
    #inst "1969-12-31T23:59:59.999Z" "1969-12-31T23:59:59.999Z")
  (are [text inst] (= text (t/format inst))
    "2024-05-17T12:30:05Z" #inst "2024-05-17T12:30:05Z", "1969-12-31T23:59:59.500Z" #inst "1969-12-31T23:59:59.500Z")
  (doseq [text ["" "now" "2024-5-17" "17.05.2024" "2024-05-17T" "2024-05-17T25:00Z" "2024-02-30" "2023-02-29" "2024-13-01"]]
    (is (thrown? clojure.lang.ExceptionInfo (t/parse text)) text)))

(deftest zones
  (let [inst #inst "2024-07-01T12:00:00Z"]
    (are [hour zone name] (= [hour name] ((juxt :hour :zone) (t/fields inst zone)))
      12 "UTC" "UTC", 14 "Europe/Berlin" "CEST", 8 "America/New_York" "EDT", 17 "Asia/Kolkata" "IST", 14 "+02:00" "+02:00"
      22 "Australia/Sydney" "AEST"))
  (testing "far in the future by the rule"
    (is (= "CEST" (:zone (t/fields #inst "2090-07-01T00:00:00Z" "Europe/Berlin"))))
    (is (= "CET" (:zone (t/fields #inst "2090-01-01T00:00:00Z" "Europe/Berlin"))))
    (is (= "AEDT" (:zone (t/fields #inst "2090-01-01T00:00:00Z" "Australia/Sydney")))))
  (testing "when the clocks change"
    (are [inst text] (= inst (t/parse text "yyyy-MM-dd HH:mm" "Europe/Berlin"))
      #inst "2024-03-31T00:59:00Z" "2024-03-31 01:59", #inst "2024-03-31T01:30:00Z" "2024-03-31 02:30"
      #inst "2024-03-31T01:00:00Z" "2024-03-31 03:00", #inst "2024-10-27T00:30:00Z" "2024-10-27 02:30"
      #inst "2024-10-27T02:00:00Z" "2024-10-27 03:00"))
  (is (thrown-with-msg? Exception #"no time zone `Europe/Nowhere`" (t/fields (t/now) "Europe/Nowhere")))
  (is (thrown-with-msg? Exception #"no name of a time zone" (t/fields (t/now) "../../etc/passwd")))
  (is (map? (t/fields (t/now) nil)) "the machine's own zone"))

(deftest calendar
  (are [n text] (= n (select-keys (t/fields (t/parse text)) (keys n)))
    {:weekday :thursday :day-of-year 1} "1970-01-01", {:weekday :thursday :day-of-year 60} "2024-02-29"
    {:weekday :monday :day-of-year 365} "1900-12-31", {:year 1600 :month 2 :day 29} "1600-02-29", {:year 1 :month 1 :day 1} "0001-01-01")
  (doseq [day (range -200000 200000 997)]
    (let [inst (t/from-ms (t/days day))]
      (is (= inst (t/from-fields (t/fields inst)))))))

(deftest arithmetic
  (are [text amount start] (= (t/parse text) (t/plus (t/parse start) amount))
    "2024-02-29" {:months 1} "2024-01-31", "2023-02-28" {:years -1} "2024-02-29", "2025-01-15" {:months 12} "2024-01-15"
    "2023-12-31" {:months -1} "2024-01-31", "2024-03-01" {:days 1} "2024-02-29", "2024-01-15T01:00Z" (t/hours 1) "2024-01-15"
    "2024-01-22T02:03:04.005Z" {:weeks 1 :hours 2 :minutes 3 :seconds 4 :millis 5} "2024-01-15")
  (testing "a day of 23 hours"
    (is (= (t/hours 23) (t/between (t/parse "2024-03-30T22:59Z") (t/plus (t/parse "2024-03-30T22:59Z") {:days 1} "Europe/Berlin"))
           (- (t/hours 24) (t/hours 1)))))
  (is (= (t/parse "2024-01-31") (t/minus (t/parse "2024-02-29") {:days 29})))
  (is (thrown? Exception (t/plus (t/now) {:month 1})))
  (is (t/before? #inst "2024" #inst "2025"))
  (is (t/after? #inst "2025" #inst "2024"))
  (is (= [#inst "2023" #inst "2024" #inst "2025"] (sort [#inst "2025" #inst "2023" #inst "2024"]))))

(deftest truncating
  (are [text unit] (= (t/parse text) (t/truncate (t/parse "2024-05-17T12:34:56.789Z") unit))
    "2024-05-17T12:34:56Z" :second, "2024-05-17T12:34Z" :minute, "2024-05-17T12:00Z" :hour, "2024-05-17" :day
    "2024-05-13" :week, "2024-05-01" :month, "2024-01-01" :year)
  (is (= (t/parse "2024-05-16T22:00Z") (t/truncate (t/parse "2024-05-17T12:34Z") :day "Europe/Berlin"))))

(deftest durations
  (are [text ms] (= text (t/humanize ms))
    "0s" 0, "250ms" 250, "1s 500ms" 1500, "1h 30m" 5400000, "2d" 172800000, "1w 1d" 691200000, "-5m" -300000, "1h" 3600007)
  (is (= "1h 1m 1s" (t/humanize 3661000 {:units 3})))
  (are [ms text] (= ms (t/parse-duration text))
    5400000 "1h30m", 90000 "90s", 250 "250ms", 187200000 "2d 4h", 5400000 "PT1H30M", 86400000 "P1D", 1500 "1.5s", 691200000 "1w1d")
  (doseq [text ["" "x" "1" "1x" "P" "1h x"]]
    (is (thrown? Exception (t/parse-duration text)) text))
  (are [text seconds] (= text (t/ago (t/from-ms 0) (t/from-ms (* 1000 seconds))))
    "now" 0, "1 second ago" 1, "3 minutes ago" 200, "1 hour ago" 3600, "2 days ago" 200000, "in 5 seconds" -5))

(deftest patterns
  (let [inst (t/parse "2024-05-07T15:04:05.678Z")]
    (are [text pattern] (= text (t/format inst pattern))
      "07.05.24" "dd.MM.yy", "7/5/2024" "d/M/yyyy", "Tue 7 May 2024" "EEE d MMM yyyy", "Tuesday May" "EEEE MMMM", "03:04 PM" "hh:mm a"
      "15:04:05.678" "HH:mm:ss.SSS", "it's 15 o'clock" "'it''s' H 'o''clock'", "128" "DDD", "+0000 Z UTC" "Z XXX z")
    (is (= "17:04 +02:00 CEST" (t/format inst "HH:mm XXX z" "Europe/Berlin"))))
  (are [inst text pattern] (= inst (t/parse text pattern))
    #inst "2024-05-07" "07.05.2024" "dd.MM.yyyy", #inst "2024-05-07T15:04:00Z" "7 May 2024 03:04 pm" "d MMM yyyy hh:mm a"
    #inst "2024-05-07T13:04:05.600Z" "2024-05-07 15:04:05,6 +0200" "yyyy-MM-dd HH:mm:ss,S Z"
    #inst "2000-10-10T20:55:36Z" "10/Oct/2000:13:55:36 -0700" "dd/MMM/yyyy:HH:mm:ss Z", #inst "2024-12-01" "Sun, 1 December 2024" "EEE, d MMMM yyyy")
  (is (thrown-with-msg? Exception #"stands for nothing" (t/format (t/now) "yyyy-QQ")))
  (is (thrown-with-msg? Exception #"should look like dd.MM" (t/parse "x" "dd.MM"))))
