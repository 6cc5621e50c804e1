(ns re-share.schedule
  "Calling functions again and again: after intervals, and at times that clocks show. A schedule whose function has a name in a library is kept in
  the store, runs in the process that is the controller, and is there again after a restart; any other lives as long as the process
  that made it. A schedule never overlaps itself: a time at which it still runs is skipped, counted and said. Errors are counted and
  said, and it goes on."
  (:require [clojure.string :as string]
            [re-core.controller :as controller]
            [re-core.persistency.common :as common]
            [re-core.persistency.schedules :as store]
            [re-core.repl.base :refer [table]]
            [re-mote.repl.text :as text]
            [re-share.schedule.periods :as periods]
            [reops.peer :as peer]
            [reops.time :as time]))

(defonce ^:private entries
  ;; {key {:key :id :period :f or :call :args :durable :out (where it was made) :person (whose prompt that was) :due (see due-in)
  ;;       :running :last :took :runs :errors :error :skipped :missed :failing (how, the last time) :skipping (since it began to run)}}
  (atom {}))

(defonce ^:private alarm
  ;; What the thread that waits is woken by; nil when there is none. Under its lock.
  (atom nil))

(defn- now [] (System/currentTimeMillis))
(defn- ticks [] (quot (System/nanoTime) 1000000))

(defn- say
  "Tells everybody, and whoever made the schedule elsewhere than at a prompt."
  [{:keys [out person]} & words]
  (controller/announce (when-not person out) (apply str words)))

(defn- output-of
  "Where what a schedule prints is seen: where it was made, as long as somebody is there, and else everywhere."
  [{:keys [out person]}]
  (if (and out (or (nil? person) (reops.internal/person-attached? person)))
    out
    (controller/everybody)))

;; --- when --------------------------------------------------------------------------------------------------------------------

(defn- put-off [{:keys [jitter]}]
  (if jitter (rand-int (inc jitter)) 0))

(defn- due-after
  "A schedule that is due once more: an interval later than it was due, by a clock that nobody sets, or at the next time of its calendar. What has
  passed meanwhile, because the machine slept, does not come again."
  [{:keys [due] {:keys [every] :as period} :period :as entry}]
  (if every
    (let [next-due (+ (or due (ticks)) every)]
      (assoc entry :due (+ (if (< next-due (ticks)) (+ every (ticks)) next-due) (put-off period))))
    (assoc entry :due (+ (periods/next-time period (now)) (put-off period)))))

(defn- due-in
  "Milliseconds until a schedule is due."
  [{:keys [due] {:keys [every]} :period}]
  (- due (if every (ticks) (now))))

(defn- next-at
  "When it is due, as a clock shows it."
  [entry]
  (+ (now) (due-in entry)))

(defn- described [entry]
  (-> entry
      (assoc :next (next-at entry))
      (dissoc :due :f :id :out :person :failing :skipping)))

;; --- running -----------------------------------------------------------------------------------------------------------------

(defn- change
  "Changes a schedule, if it is still the one that it was; the schedule as it is then."
  [{:keys [key id]} f & args]
  (get (swap! entries (fn [all] (if (= id (:id (all key))) (apply update all key f args) all))) key))

(defn- keep-record [{:keys [durable] :as entry}]
  (when durable
    (store/save (described entry))))

(defn- function-of [{:keys [f call]}]
  (or f
      (requiring-resolve call)
      (throw (ex-info (str "There is no function " call) {:type :re-core/no-function :call call}))))

(defn- run-once [{:keys [key args] asked-by :peer :as entry}]
  (let [begun (ticks)
        at (now)
        message (binding [peer/*peer* (assoc asked-by :kind :schedule)
                          *out* (output-of entry)]
                  (try
                    (apply (function-of entry) args)
                    nil
                    (catch Throwable e
                      (or (not-empty (ex-message e)) (str (class e))))
                    (finally
                      (flush))))]
    ;; What goes on failing in the same way is said once; the table counts.
    (when (and message (not= message (:failing entry)))
      (say entry "Schedule " (pr-str key) " failed: " (text/one-line message)))
    (some-> (change entry (fn [entry]
                            (-> (dissoc entry :running :skipping)
                                (assoc :failing message :last at :took (- (ticks) begun))
                                (update :runs (fnil inc 0))
                                (cond-> message (-> (update :errors (fnil inc 0)) (assoc :error message))))))
            keep-record)))

(defn- due-now
  "A schedule is due: it runs, unless it still does."
  [{:keys [key running skipping] :as entry}]
  (if running
    (do (when-not skipping
          (say entry "Schedule " (pr-str key) " is skipped: it is still running."))
        (keep-record (change entry #(-> (due-after %) (assoc :skipping true) (update :skipped (fnil inc 0))))))
    (let [entry (change entry #(-> (due-after %) (assoc :running true)))]
      (future (run-once entry)))))

(def ^:private longest-wait
  "Milliseconds after which a clock that was set is noticed."
  20000)

(defn- next-alarm
  "Has everything run that is due; what to wait for next, and how long. nil, and nobody waits any more, when there are no schedules."
  []
  (locking alarm
    (run! due-now (filter #(<= (due-in %) 0) (vals @entries)))
    (reset! alarm (when (seq @entries) (promise)))
    (when-let [wake @alarm]
      [wake (max 1 (apply min longest-wait (map due-in (vals @entries))))])))

(defn- watch-clocks []
  (when-let [[wake ms] (try
                         (next-alarm)
                         (catch Exception e
                           ;; The store did not take what has become of one: that is said, and the rest goes on.
                           (say nil "Schedules: " (text/one-line (ex-message e)))
                           [(promise) 1000]))]
    (deref wake ms nil)
    (recur)))

(defn- wake
  "Has the thread look again which schedule is due first; starts it when there is none."
  []
  (locking alarm
    (if-let [waiting @alarm]
      (deliver waiting :changed)
      (do (reset! alarm (promise))
          (peer/apart (watch-clocks))))))

(defn- put-entry [{:keys [key] :as entry}]
  (swap! entries assoc key (assoc entry :id (Object.)))
  (wake))

;; --- those of the store ------------------------------------------------------------------------------------------------------

(defn- taken-up
  "A schedule of the store, due when it was to be. Times at which there was no controller are counted."
  [{:keys [key next] {:keys [every missed] :as period} :period :as kept}]
  (let [late (and next (<= next (now)))
        n (if (and late (not every)) (inc (periods/missed-times period next (now))) 0)
        entry (cond-> (assoc (dissoc kept :next) :durable true)
                (pos? n) (update :missed (fnil + 0) n))]
    (when (pos? n)
      (say {:out *out*} "Schedule " (pr-str key) " missed " n (if (= 1 n) " time" " times") ", when there was no controller"
           (if (= :once missed) "; it runs now." ".")))
    (cond
      every (assoc entry :due (+ (ticks) (if next (max 0 (min every (- next (now)))) every)))
      (and late (= :once missed)) (assoc entry :due (now))
      :else (due-after entry))))

(defn- take-up
  "Makes the schedules of the store those of this process."
  []
  (let [kept (store/all)
        known (into #{} (keep (fn [{:keys [key durable created]}] (when durable [key created]))) (vals @entries))
        there (set (map :key kept))]
    (swap! entries #(into {} (remove (fn [[key {:keys [durable]}]] (and durable (not (there key))))) %))
    (run! #(put-entry (taken-up %)) (remove #(known [(:key %) (:created %)]) kept))
    true))

(defn- let-go []
  (swap! entries #(into {} (remove (comp :durable val)) %)))

(defn- live
  "What would end with this process, or not be done without it."
  []
  (let [n (count @entries)]
    (when (pos? n)
      (if (= 1 n) "1 schedule is" (str n " schedules are")))))

(controller/accompany :schedules {:go take-up :stop let-go :live live :ops {:schedules (fn [_] (take-up))}})

;; --- for people --------------------------------------------------------------------------------------------------------------

(defn- name-of
  "The name under which a function can be found again when the program is started anew; nil of one that has none."
  [f]
  (let [var (if (var? f)
              f
              (when-let [[_ name] (re-matches #"#<Fn (.+)>" (str f))]
                (let [found (try (resolve (symbol name)) (catch Exception _ nil))]
                  (when (and (var? found) (identical? f (deref found))) found))))
        {:keys [ns name file]} (meta var)]
    (when (and ns (not= 'user (ns-name ns)) (string? file) (re-find #"\.cljc?$" file))
      (symbol (str (ns-name ns)) (str name)))))

(defn- data? [args]
  (try
    (common/pack (vec args))
    true
    (catch Exception _ false)))

(defn watch
  "Calls a function again and again, with arguments: after a number of milliseconds, (seconds 5), or at the times of (every-day 4), (at-day
  :friday 4), (every-nth-day 2 :friday 4), (cron \"*/15 * * * *\"). A schedule of the same key is replaced. A function of a library, given as
  its var, has its schedule kept: it runs in the controller, also after a restart. Returns the key.

    (watch :ram (seconds 5) (fn [] (run (exec hs \"free -m\") | (pretty \"ram\"))))
    (watch :upgrade (every-day 4) #'my.ops/upgrade \"web\")
    (watch :probe {:every 60000 :jitter 5000} #'my.ops/probe)"
  {:category :schedules}
  [key period f & args]
  (let [period (periods/period period)
        call (name-of f)
        entry {:key key :period period :args (vec args) :peer (peer/peer) :created (now)}
        maker {:out *out* :person reops.internal/*surroundings*}]
    (when-not (ifn? f)
      (throw (ex-info (str "A schedule calls a function, found " (pr-str f)) {:type :re-core/bad-schedule :found f})))
    (if (and call (data? args))
      (do (store/put (assoc entry :call call :next (next-at (due-after entry))))
          (swap! entries dissoc key)
          (controller/call {:op :schedules} take-up)
          (swap! entries (fn [all] (cond-> all (contains? all key) (update key merge maker)))))
      (do (put-entry (due-after (merge entry maker {:f f})))
          (println (str "Schedule " (pr-str key) " lives as long as this process: "
                        (if call "its arguments are no data" "its function has no name in a library") "."))
          (flush)))
    key))

(defn- all-entries
  "Every schedule, those of the store as they are there when another process runs them."
  []
  (let [here @entries
        kept (remove (comp here :key) (store/all))]
    (sort-by :created (concat (map described (vals here)) (map #(assoc % :durable true) kept)))))

(defn halt!
  "Ends a schedule, or all: what runs now goes on to its end. Returns the keys.

    (halt! :ram)
    (halt!)"
  {:category :schedules}
  ([] (let [ks (mapv :key (all-entries))]
        (run! halt! ks)
        ks))
  ([key]
   (let [entry (first (filter #(= key (:key %)) (all-entries)))]
     (when-not entry
       (throw (ex-info (str "There is no schedule " (pr-str key)) {:type :re-core/no-schedule :key key :hint "(schedules) shows those that there are."})))
     (swap! entries dissoc key)
     (when (:durable entry)
       (store/delete [key])
       (controller/call {:op :schedules} take-up))
     (wake)
     [key])))

(defn- row [{:keys [key period next last took runs errors error skipped missed durable running]}]
  (let [clock (fn [ms] (if ms (time/format (time/from-ms ms) "yyyy-MM-dd HH:mm:ss" nil) ""))]
    [(pr-str key) (periods/text period) (if running "now" (clock next)) (clock last) (if took (format "%.1f s" (/ took 1000.0)) "")
     (str (or runs 0)) (if (and errors (pos? errors)) [(str errors) :red] "0") (str (or skipped 0)) (str (or missed 0))
     (if durable "kept" "this process") (text/cut (text/one-line (str error)) 60)]))

(defn schedules
  "Shows the schedules: when each is due, when it ran and how long, how often, how often with an error and the last one, how often it was skipped
  because it still ran, or missed because there was no controller. With :print? false it returns them.

    (schedules)"
  {:category :schedules}
  [& {:keys [print?] :or {print? true}}]
  (let [found (vec (all-entries))]
    (if print?
      (do (some-> (table ["KEY" "PERIOD" "NEXT" "LAST" "TOOK" "RUNS" "ERRORS" "SKIPPED" "MISSED" "LIVES" "LAST ERROR"] (mapv row found)) print)
          (flush))
      found)))
