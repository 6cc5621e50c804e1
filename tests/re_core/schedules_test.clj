(ns schedules-test
  "Schedules: when they are due, that they neither overlap nor stop, and that those of libraries are there after a restart."
  (:require [clojure.string :as string]
            [clojure.test :refer [are deftest is testing use-fixtures]]
            [re-core.controller :as controller]
            [re-core.persistency.schedules :as store]
            [re-share.schedule :refer [halt! schedules watch]]
            [re-share.schedule.periods :as periods :refer [at-day cron every-day every-nth-day]]
            [reops.peer :as peer]
            [reops.time :as time]))

(defn- fresh [f]
  (with-out-str (halt!))
  (f)
  (with-out-str (halt!)))

(use-fixtures :each fresh)

(defn- await-that
  "Waits until something is true."
  [true-now?]
  (let [until (+ (System/nanoTime) 60000000000)]
    (while (and (not (true-now?)) (< (System/nanoTime) until))
      (Thread/sleep 5))
    (is (true-now?))))

(defn- entry [key] (first (filter #(= key (:key %)) (schedules :print? false))))

(defn- times
  "The next n times of a period after one, as texts of its zone."
  [n period after]
  (let [zone (or (:zone period) "UTC")
        period (assoc period :zone zone)]
    (map #(time/format (time/from-ms %) "EEE dd MMM yyyy HH:mm" zone)
         (rest (take (inc n) (iterate #(periods/next-time period %) (inst-ms after)))))))

(deftest calendars
  (are [period after expected] (= expected (times (count expected) period after))
    (every-day 4) #inst "2024-02-28T04:00:00Z" ["Thu 29 Feb 2024 04:00" "Fri 01 Mar 2024 04:00"]
    (every-day 4 {:minute 30}) #inst "2024-02-28T04:00:00Z" ["Wed 28 Feb 2024 04:30"]
    (at-day :friday 4) #inst "2024-03-01T05:00:00Z" ["Fri 08 Mar 2024 04:00" "Fri 15 Mar 2024 04:00"]
    (every-nth-day 2 :friday 4) #inst "2024-03-01T00:00:00Z" ["Fri 01 Mar 2024 04:00" "Fri 15 Mar 2024 04:00"]
    (cron "*/20 9-10 * * mon-fri") #inst "2024-03-01T10:30:00Z" ["Fri 01 Mar 2024 10:40" "Mon 04 Mar 2024 09:00" "Mon 04 Mar 2024 09:20"]
    (cron "0 0 13 * fri") #inst "2024-09-01T00:00:00Z" ["Fri 06 Sep 2024 00:00" "Fri 13 Sep 2024 00:00"]
    (cron "0 0 29 feb *") #inst "2024-03-01T00:00:00Z" ["Tue 29 Feb 2028 00:00"]
    (cron "0 0 * * 7") #inst "2024-03-01T00:00:00Z" ["Sun 03 Mar 2024 00:00"]
    ;; Where the clocks are changed: a time that they skip comes with the gap, one that they show twice once.
    (every-day 2 {:minute 30 :zone "Europe/Berlin"}) #inst "2024-03-30T12:00:00Z" ["Sun 31 Mar 2024 03:30" "Mon 01 Apr 2024 02:30"]
    (every-day 2 {:minute 30 :zone "Europe/Berlin"}) #inst "2024-10-26T12:00:00Z" ["Sun 27 Oct 2024 02:30" "Mon 28 Oct 2024 02:30"]))

(deftest no-periods
  (are [make message] (thrown-with-msg? Exception message (periods/period (make)))
    #(cron "* * * *") #"The text of a cron time"
    #(cron "60 * * * *") #"The minute of a cron time cannot be \"60\""
    #(cron "* * * foo *") #"The month of a cron time cannot be \"foo\""
    #(cron "*/0 * * * *") #"The minute"
    #(cron "0 0 31 feb *") #"never a time"
    #(at-day :caturday 4) #"no day :caturday"
    (constantly 5) #"ten milliseconds or more"
    (constantly "often") #"No period"
    (constantly {:every 1000 :missed :twice}) #":missed is|No period"))

(def noted (atom []))

(defn note
  "What schedules call."
  [x]
  (swap! noted conj [x (:kind (peer/peer))]))

(deftest again-and-again
  (reset! noted [])
  (is (= :note (watch :note 20 #'note "x")))
  (await-that #(< 2 (count @noted)))
  (is (= #{["x" :schedule]} (set @noted)))
  (testing "the same key again replaces it"
    (watch :note 20 #'note "y")
    (reset! noted [])
    (await-that #(< 2 (count @noted)))
    (is (= #{["y" :schedule]} (disj (set @noted) ["x" :schedule]))))
  (is (< 2 (:runs (entry :note))))
  (is (:durable (entry :note)))
  (is (= [:note] (halt! :note)))
  (is (nil? (entry :note)))
  (is (thrown-with-msg? Exception #"There is no schedule :note" (halt! :note))))

(deftest one-that-throws-goes-on
  (let [said (with-out-str
               (watch :boom 20 (fn [] (throw (ex-info "no good" {}))))
               (await-that #(< 2 (:runs (entry :boom) 0)))
               (halt! :boom))]
    (is (string/includes? said "lives as long as this process") said)))

(deftest no-overlap
  (let [gate (promise)
        running (atom 0)
        most (atom 0)]
    (with-out-str
      (watch :slow 20 (fn []
                        (swap! most max (swap! running inc))
                        @gate
                        (swap! running dec)))
      (await-that #(< 2 (:skipped (entry :slow) 0))))
    (is (:running (entry :slow)))
    (is (= 0 (:runs (entry :slow) 0)))
    (deliver gate :go)
    (await-that #(< 0 (:runs (entry :slow) 0)))
    (is (= 1 @most))
    (is (string/includes? (with-out-str (schedules)) ":slow"))))

(deftest after-a-restart
  (reset! noted [])
  (with-out-str (watch :note 20 #'note "x") (watch :daily (every-day 4) #'note "daily") (watch :once (every-day 5 {:missed :once}) #'note "once"))
  (await-that #(seq @noted))
  (controller/resign)
  (is (= #{:note :daily :once} (set (map :key (store/all)))) "they are in the store while there is no controller")
  (let [count-then (do (Thread/yield) (count @noted))]
    (await-that #(<= count-then (count @noted)))
    ;; Three days without a controller.
    (let [earlier (- (System/currentTimeMillis) (* 3 86400000))]
      (doseq [kept (store/all)] (store/save (assoc kept :next earlier)))
      (reset! noted [])
      (let [said (with-out-str (controller/become))]
        (is (re-find #"Schedule :daily missed [34] times" said) said)
        (is (re-find #"Schedule :once missed [34] times.*it runs now" said) said)))
    (await-that #(every? (set (map first @noted)) ["x" "once"]))
    (is (not-any? #{"daily"} (map first @noted)) "what was missed is not made up for")
    (is (<= 3 (:missed (entry :daily)) 4))
    (is (= 1 (count (filter #{"once"} (map first @noted)))) "and no storm")))
