(ns re-core.watchdog
  "Sees to it that steps end: when their time is over, when their job is cancelled. One thread waits for the next deadline."
  (:require [reops.peer :refer [apart]]))

(defonce ^:private state
  ;; :acting {job {:thread :until :why (an atom)}}, :cancelled a set of jobs, :pauses {job promise}, :stopping
  (atom {:acting {} :cancelled #{} :pauses {} :stopping false}))

(defonce ^:private alarm (atom nil))

(defn- nano [ms] (+ (System/nanoTime) (* 1000000 ms)))

(defn cancelled?
  "Whether a job is to end."
  [job]
  (contains? (:cancelled @state) job))

(defn stopping?
  "Whether jobs are to pause before their next step."
  []
  (:stopping @state))

(defn set-stopping
  "Has jobs pause before their next step, or go on."
  [stopping]
  (swap! state assoc :stopping (boolean stopping))
  (when stopping
    (run! #(deliver % :stopping) (vals (:pauses @state)))))

(defn- interrupt
  "Interrupts the thread that acts for a job, if it still does and may be."
  [job reason]
  (locking state
    (when-let [{:keys [thread why cancellable]} (get-in @state [:acting job])]
      (when (and (or cancellable (not= :cancelled reason)) (compare-and-set! why nil reason))
        (.interrupt thread)))))

(defn- ring
  "Interrupts all whose time is over, and returns the next moment at which somebody's is, or nil when nobody acts."
  []
  (let [now (System/nanoTime)
        {:keys [acting]} @state]
    (doseq [[job {:keys [until]}] acting :when (<= until now)]
      (interrupt job :late))
    (when (seq acting)
      (transduce (keep (fn [[_ {:keys [until why]}]] (when-not @why until))) min (+ now 1000000000) acting))))

(defn- next-alarm
  "What to wait for next; nil, and nobody waits any more, when nobody acts."
  []
  (locking alarm
    (reset! alarm (when-let [until (ring)]
                    {:promise (promise) :until until}))))

(defn- watch-deadlines []
  (when-let [{wake :promise until :until} (next-alarm)]
    (deref wake (max 1 (quot (- until (System/nanoTime)) 1000000)) nil)
    (recur)))

(defn- see-to
  "Makes sure that a deadline is waited for."
  [until]
  (locking alarm
    (let [{known :until wake :promise} @alarm]
      (cond
        (nil? known) (do (reset! alarm {:promise (promise) :until until})
                         (apart (watch-deadlines)))
        (< until known) (deliver wake :earlier)))))

(defn- stopped
  "The error of a step that was interrupted, for a reason."
  [reason step ms]
  (case reason
    :late (ex-info (str "It took longer than " (quot ms 1000) " s, the time that the step " (name step) " has")
                   {:type :re-core/timeout :step step :within ms})
    :cancelled (ex-info "cancelled" {:type :re-core/cancelled :step step})
    :stopping (ex-info "The controller stops" {:type :re-core/interrupted :step step})
    nil))

(defn within
  "Calls f for a job's step and returns its value. It is interrupted when ms milliseconds are over, and, if it is cancellable, when the
  job is cancelled: those are errors."
  [job step ms cancellable f]
  (let [why (atom nil)
        until (nano ms)]
    (try
      (locking state
        (swap! state assoc-in [:acting job] {:thread (Thread/currentThread) :until until :why why :cancellable cancellable}))
      (see-to until)
      ;; Cancelled before anybody could interrupt it here.
      (when (and cancellable (cancelled? job))
        (throw (stopped :cancelled step ms)))
      (f)
      (catch InterruptedException e
        (throw (or (stopped @why step ms) e)))
      (finally
        ;; An interrupt that comes only now is nobody's, and keeps nothing of this from being done.
        (reops.internal/hold-interrupts
         (fn []
           (locking state
             (swap! state update :acting dissoc job))
           (Thread/interrupted)))))))

(defn suspended
  "Calls f, in the thread of a job's step, while the step's time stands still."
  [job f]
  (let [far (+ (System/nanoTime) (* 1000000 3600000 24 3650))
        left (locking state
               (let [until (get-in @state [:acting job :until])]
                 (swap! state assoc-in [:acting job :until] far)
                 (- until (System/nanoTime))))]
    (try
      (f)
      (finally
        (let [until (+ (System/nanoTime) left)]
          (locking state
            (swap! state assoc-in [:acting job :until] until))
          (see-to until))))))

(defn pause
  "Waits ms milliseconds, or until the job is cancelled."
  [job ms]
  (let [over (promise)]
    (swap! state assoc-in [:pauses job] over)
    (when-not (or (cancelled? job) (stopping?))
      (deref over ms nil))
    (swap! state update :pauses dissoc job)))

(defn interrupt-all
  "Interrupts every step that acts, because the controller stops: nothing is written of how they ended."
  []
  (run! #(interrupt % :stopping) (keys (:acting @state))))

(defn interrupted?
  "Whether an error says that a step was interrupted because the controller stops."
  [e]
  (= :re-core/interrupted (:type (ex-data e))))

(defn cancel
  "Has a job end: what it does now is interrupted, and it does nothing more than take back what it made."
  [job]
  (swap! state update :cancelled conj job)
  (some-> (get-in @state [:pauses job]) (deliver :cancelled))
  (interrupt job :cancelled))

(defn forget
  "A job has ended."
  [job]
  (swap! state update :cancelled disj job))
