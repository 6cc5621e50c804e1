(ns re-core.workers
  "Who runs jobs: threads for each topic, as many as there is work, up to a limit. Jobs of one system run one after the other, in the
  order in which they were asked for; those of different systems at the same time.

  Only the process that owns the store runs jobs (re-core.controller)."
  (:require [clojure.string :as string]
            [re-core.persistency.common :as store :refer [now]]
            [re-core.persistency.jobs :as jobs]
            [re-core.steps :as steps]
            [re-core.watchdog :as watchdog]
            [reops.config :refer [config]]
            [reops.peer :refer [apart]]
            [reops.secrets.file :as secrets-file]))

(defonce ^:private board
  ;; Under `locking`: :ready {topic queue of jobs}, :busy {topic threads}, :held {system job}, :blocked {system queue of jobs},
  ;; :broken {job outcome}, of jobs of which the store could not be told how they went on,
  ;; :parked jobs that need secrets which are locked, :promises {job promise}: every job that is here and has not ended.
  (atom {}))

(def ^:private empty-queue clojure.lang.PersistentQueue/EMPTY)

(defn- push [queue x] (conj (or queue empty-queue) x))

(defn- place
  "The board with a further job: ready if its system is free."
  [{:keys [held] :as board} {:keys [id topic system] :as job}]
  (let [known (-> (assoc-in board [:promises id] (promise))
                  (update :broken dissoc id))]
    (if (contains? held system)
      (update-in known [:blocked system] push (assoc job :blocked true))
      (-> known
          (assoc-in [:held system] id)
          (update-in [:ready topic] push job)))))

(defn- release
  "The board when the job that had a system has ended: the next one of it is ready."
  [board {:keys [id system]}]
  (let [{:keys [topic] :as next-job} (peek (get-in board [:blocked system]))
        left (some-> (get-in board [:blocked system]) pop)]
    (cond-> (update board :promises dissoc id)
      (nil? next-job) (update :held dissoc system)
      next-job (-> (assoc-in [:held system] (:id next-job))
                   (update-in [:ready topic] push next-job))
      (seq left) (assoc-in [:blocked system] left)
      (empty? left) (update :blocked dissoc system))))

(declare work)

(defn- start-threads
  "Starts threads for what is ready. Called under the lock."
  []
  (when-not (watchdog/stopping?)
    (doseq [[topic queue] (:ready @board)
            :let [busy (get-in @board [:busy topic] 0)
                  limits (config :jobs :at-a-time)
                  limit (get limits topic (:default limits))]]
      (dotimes [_ (min (count queue) (- limit busy))]
        (swap! board update-in [:busy topic] (fnil inc 0))
        (apart (work topic))))))

(defn- take-job
  "The next job of a topic; nil when its thread is to end."
  [topic]
  (locking board
    (let [job (when-not (watchdog/stopping?)
                (peek (get-in @board [:ready topic])))]
      (if job
        (swap! board update-in [:ready topic] pop)
        (swap! board (fn [b]
                       (if (= 1 (get-in b [:busy topic]))
                         (update b :busy dissoc topic)
                         (update-in b [:busy topic] dec)))))
      job)))

(defn- ended
  "A job has ended, or cannot go on for now: the next of its system comes, and whoever waits is told."
  [{:keys [id] :as job} outcome]
  (let [waited-for (locking board
                     (let [p (get-in @board [:promises id])]
                       (swap! board release job)
                       (when (map? outcome)
                         (swap! board assoc-in [:broken id] outcome))
                       (start-threads)
                       p))]
    (watchdog/forget id)
    (some-> waited-for (deliver outcome))))

(defn- park
  "Puts a job aside that needs secrets which are locked, and keeps its system for it; whether it does."
  [{:keys [id] :as job}]
  (locking board
    (when-let [names (steps/needs-unlocking job)]
      (store/commit [(jobs/state-change id #{:queued :locked :running :waiting} :locked
                                        {:since (now) :message (str "it needs the secret" (when (next names) "s") " " (string/join ", " names)
                                                                    ", and secrets are locked: (unlock)")})])
      (swap! board update :parked (fnil conj []) job)
      true)))

(defn- unpark
  "Has jobs run that were put aside: those that f is true of."
  [f]
  (locking board
    (let [{chosen true others false} (group-by (comp boolean f) (:parked @board))]
      (swap! board assoc :parked (vec others))
      (doseq [{:keys [topic] :as job} chosen]
        (swap! board update-in [:ready topic] push job))
      (start-threads))))

(swap! secrets-file/on-unlock assoc ::parked (fn [_] (unpark any?)))

(defn- work
  "What a thread of a topic does, until there is nothing left of it."
  [topic]
  (when-let [{:keys [id] :as job} (take-job topic)]
    (let [outcome (try
                    (if (park job)
                      :parked
                      (reops.internal/call-conveyed (::asked (meta job) {}) steps/run-job job))
                    (catch Throwable e
                      ;; Else the store itself failed: what it says of the job still holds when it works again.
                      (if (watchdog/interrupted? e) :paused {:error e})))]
      (when-not (= :parked outcome)
        (ended job (cond
                     (= :paused outcome) :paused
                     (:error outcome) outcome
                     :else :ended))))
    (recur topic)))

;; --- for others --------------------------------------------------------------------------------------------------------

(defn add
  "Has jobs run that are in the store, and those again of which the store could not be told how they went on. Those whose system another job
  has are :locked."
  [some-jobs]
  (locking board
    (doseq [job (jobs/all-of (keys (:broken @board))) :when (not (jobs/ended? job))]
      (swap! board place job))
    (doseq [job some-jobs :when (not (get-in @board [:promises (:id job)]))]
      ;; What steps print is for whoever asked.
      (swap! board place (vary-meta job assoc ::asked (reops.internal/binding-frame))))
    (let [blocked (filter (fn [{:keys [id system state]}] (and (= :queued state) (not= id (get-in @board [:held system])))) some-jobs)]
      (when (seq blocked)
        (store/commit (mapv (fn [{:keys [id]}] (jobs/state-change id #{:queued} :locked {:since (now)})) blocked))))
    (start-threads))
  nil)

(defn await-job
  "Waits until a job of this process has ended, or has paused because the controller stops: :paused then. Throws what kept the store from
  writing down how it went on; it does that when it is added again."
  [id]
  (let [[p broken] (locking board [(get-in @board [:promises id]) (get-in @board [:broken id])])
        outcome (if p @p broken)]
    (when (map? outcome)
      (throw (:error outcome)))
    outcome))

(defn- unqueued
  "The board without a job that has not begun; nil when it has."
  [board {:keys [id topic system] :as job}]
  (let [without (fn [queue] (into empty-queue (remove #(= id (:id %))) queue))]
    (cond
      (some #(= id (:id %)) (get-in board [:blocked system]))
      (-> board (update-in [:blocked system] without) (update :promises dissoc id))
      (some #(= id (:id %)) (get-in board [:ready topic]))
      (release (update-in board [:ready topic] without) job))))

(defn cancel
  "Ends a job: one that has not begun at once, one that runs after it has taken back what it made."
  [{:keys [id] :as job}]
  (let [waiting (locking board
                  (when-let [left (unqueued @board job)]
                    (let [p (get-in @board [:promises id])]
                      (reset! board left)
                      (start-threads)
                      p)))]
    (if waiting
      (do (store/commit (jobs/end job #{:queued :locked :running :waiting} :cancelled {:message "cancelled before it began"}))
          (deliver waiting :ended))
      (do (watchdog/cancel id)
          (unpark #(= id (:id %)))))
    nil))

(defn idle?
  "Whether no job is at work."
  []
  (empty? (:busy @board)))

(defn- await-idle
  "Waits until no job is at work, at most ms milliseconds; whether none is."
  [ms]
  (let [until (+ (System/nanoTime) (* 1000000 ms))]
    (loop []
      (cond
        (idle?) true
        (< (System/nanoTime) until) (do (Thread/sleep 10) (recur))
        :else false))))

(defn stop
  "Has every job pause before its next step, and waits for that, at most ms milliseconds; steps that still act are interrupted then, as if the
  program had died. An error when one goes on for another patience milliseconds in spite of that."
  [ms patience]
  (watchdog/set-stopping true)
  (when-not (await-idle ms)
    (watchdog/interrupt-all)
    (when-not (await-idle patience)
      (throw (ex-info "A step of a job does not end, although it was interrupted" {:type :re-core/still-acting}))))
  (locking board
    (run! #(deliver % :paused) (vals (:promises @board)))
    (reset! board {})))

(defn go
  "Has jobs run again, beginning with those in the store with which something is still to happen."
  []
  (watchdog/set-stopping false)
  (add (jobs/unended)))
