(ns re-core.steps
  "Runs the steps of one job. Each is written down before it acts and after, in the transaction that also changes the system and
  begins the next step, so that a job can be taken up again wherever the program died.

  When a step fails, what the steps before it made is taken back, the latest first, unless the option :keep is set."
  (:require [re-core.persistency.common :as store :refer [now]]
            [re-core.persistency.jobs :as jobs]
            [re-core.persistency.systems :as systems]
            [re-core.watchdog :as watchdog]
            [re-core.workflows :as workflows]
            [reops.config :refer [config]]
            [reops.secrets :as secrets]
            [reops.secrets.file :as secrets-file]))

(def ^:private active #{:queued :locked :running :waiting})

;; --- what steps return -------------------------------------------------------------------------------------------------

(defn- deep-merge [a b]
  (if (and (map? a) (map? b)) (merge-with deep-merge a b) b))

(defn- without [m [k & more]]
  (cond
    (not (contains? m k)) m
    (seq more) (update m k without more)
    :else (dissoc m k)))

(defn changed-by
  "The system after what a step returned."
  [system {:keys [merge remove]}]
  (reduce without (deep-merge system (or merge {})) remove))

(defn- system-statements
  "What a step's output does to the system in the store."
  [id {:keys [merge remove forget] :as output}]
  (cond
    forget [(systems/deletion id)]
    (or merge remove) (when-let [system (systems/get id)]
                        [(systems/change id (changed-by system output))])))

(defn- checked-output [step output]
  (when-not (or (nil? output) (map? output))
    (throw (ex-info (str "The step " step " returned " (pr-str output) ", where a map or nil is expected")
                    {:type :re-core/bad-workflow :step step})))
  ;; What cannot be kept is the step's failure, and known before anything is written.
  (store/encode output)
  output)

;; --- the context -------------------------------------------------------------------------------------------------------

(defn- system-now
  "The system of a job: as it is in the store, else as it was when the job was asked for."
  [{:keys [system args]}]
  (assoc (or (systems/get system) (:system args)) :system-id system))

(defn- context-of [{:keys [id system args] :as job} outputs]
  {:id system :system (system-now job) :options (:options args) :new (:new args) :job id :outputs outputs})

(defn- message-of [e]
  (or (not-empty (ex-message e)) (str (class e))))

(defn- data-of
  "The data of an error, as far as it can be kept."
  [e]
  (let [data (ex-data e)]
    (try
      (store/pack data)
      data
      (catch Exception _
        (select-keys data [:type :hint])))))

;; --- one step ----------------------------------------------------------------------------------------------------------

(defn- pause-of [{:keys [pause] :or {pause 500}} attempt]
  (min 60000 (* pause (bit-shift-left 1 (min 16 (dec attempt))))))

(defn- waiting [job step ms]
  (store/commit [(jobs/state-change (:id job) active :waiting {:since (now)})])
  (watchdog/pause (:id job) ms)
  (store/commit [(jobs/state-change (:id job) active :running {:since (now)})])
  step)

(defn- await-unlocked
  "What a step does that needs a secret which is locked: its job says so, and it waits, without losing time."
  [{:keys [id]} direction]
  (fn [message]
    (store/commit [(jobs/state-change id active :locked (cond-> {:since (now)} (= :do direction) (assoc :message message)))])
    (watchdog/suspended id secrets-file/await-unlocked)
    (store/commit [(jobs/state-change id active :running (cond-> {:since (now)} (= :do direction) (assoc :message nil)))])))

(defn- act
  "Calls a function of a step, which has its time and can be cancelled; tries again when that is allowed. Returns its output."
  [job n direction {:keys [step repeat retries within] :as definition} f context]
  (loop [attempt 1]
    (let [[outcome x] (try
                        [:returned (checked-output step (binding [secrets-file/*await* (await-unlocked job direction)]
                                                          (watchdog/within (:id job) step (or within (config :jobs :step-timeout)) (= :do direction)
                                                                           #(f context))))]
                        (catch Exception e
                          [:threw e]))]
      (cond
        (= :returned outcome) x
        (watchdog/interrupted? x) (throw x)
        (and repeat retries (<= attempt retries) (not (watchdog/cancelled? (:id job))))
        (do (waiting job step (pause-of definition attempt))
            (store/commit [(jobs/step-begun (:id job) n direction step (inc attempt))])
            (recur (inc attempt)))
        :else (throw x)))))

;; --- forwards ----------------------------------------------------------------------------------------------------------

(defn- begin-statements [{:keys [id]} n direction step]
  [(jobs/state-change id active :running {:step (name step) :since (now) :direction (name direction)})
   (jobs/step-begun id n direction step 1)])

(defn- end-statements [job state more]
  (jobs/end job active state more))

(defn- returned-statements [{:keys [id system]} n direction output]
  (into [(jobs/step-ended id n direction :done {:output output})]
        (system-statements system output)))

(defn- result-of
  "What a job comes to: what its steps returned that is no change of the system."
  [outputs]
  (not-empty (into {} (map #(dissoc % :merge :remove :forget)) (vals outputs))))

(declare take-back)

(defn- failed
  "Writes that a step failed, and takes back what was made, or ends the job."
  [job n step e]
  (let [cancelled (watchdog/cancelled? (:id job))
        message (str (name step) ": " (message-of e))
        state (if cancelled :cancelled :failed)
        keep? (get-in job [:args :options :keep])
        step-row (jobs/step-ended (:id job) n :do state {:message (message-of e)})
        error (store/pack (merge {:step step} (data-of e)))]
    (if keep?
      (store/commit (into [step-row] (end-statements job state {:message message :error error})))
      (do (store/commit [step-row
                         (jobs/state-change (:id job) active :running {:direction "undo" :message message :error error :since (now)})])
          ;; A step that says it did nothing has nothing to be taken back: what is there is somebody else's.
          (take-back (assoc job :message message) (if (false? (:acted (ex-data e))) (dec n) n) state)))))

(defn- forwards
  "Runs the steps from the nth on. before are statements that go with the beginning of the first. outputs are those of earlier steps."
  [{:keys [id topic steps] :as job} n outputs before]
  (if (or (watchdog/stopping?) (watchdog/cancelled? id))
    (do (when (seq before) (store/commit before))
        (if (watchdog/cancelled? id)
          (do (store/commit [(jobs/state-change id active :running {:direction "undo" :message "cancelled" :since (now)})])
              (take-back (assoc job :message "cancelled") (dec n) :cancelled))
          :paused))
    (if (= n (count steps))
      (store/commit (into (vec before) (end-statements job :done {:result (some-> (result-of outputs) store/pack)})))
      (let [step (nth steps n)
            begun (into (vec before) (begin-statements job n :do step))
            ;; What only looks is written down with what comes next: until then the job has not begun.
            looks (and (zero? n) (workflows/looks? topic step))]
        (when-not looks (store/commit begun))
        (let [[outcome x] (try
                            (let [definition (workflows/step-of topic step)]
                              [:returned (act job n :do definition (:run definition) (context-of job outputs))])
                            (catch Exception e
                              [:threw e]))]
          (cond
            (= :returned outcome) (recur job (inc n) (assoc outputs step x) (into (if looks begun []) (returned-statements job n :do x)))
            (watchdog/interrupted? x) :paused
            :else (do (when looks (store/commit begun))
                      (failed job n step x))))))))

;; --- backwards ---------------------------------------------------------------------------------------------------------

(defn- undo-of [topic step]
  (try
    (:undo (workflows/step-of topic step))
    (catch Exception _
      ;; The workflow has gone, or lost the step: nothing can take it back.
      nil)))

(defn- outputs-of [id]
  (into {} (keep (fn [{:keys [step direction state output]}]
                   (when (and (= :do direction) (= :done state)) [step output])))
        (jobs/steps id)))

(defn- take-back
  "Takes back what the steps up to the nth have made, the latest first, and ends the job in that state. What could not be taken back is
  said, and the rest is tried all the same."
  [{:keys [id topic steps message] :as job} n end-state]
  (let [left (reduce
              (fn [left n]
                (let [step (nth steps n)]
                  (if-let [undo (undo-of topic step)]
                    (do
                      (store/commit (begin-statements job n :undo step))
                      (try
                        (let [output (act job n :undo {:step step :repeat true} undo (context-of job (outputs-of id)))]
                          (store/commit (returned-statements job n :undo output))
                          left)
                        (catch Exception e
                          (when (watchdog/interrupted? e)
                            (throw e))
                          (store/commit [(jobs/step-ended id n :undo :failed {:message (message-of e)})])
                          (conj left (str "taking back " (name step) " failed: " (message-of e))))))
                    left)))
              []
              (range n -1 -1))]
    (store/commit (end-statements job end-state
                                  {:message (apply str message (map #(str "; " %) left))}))))

;; --- jobs whose program died -------------------------------------------------------------------------------------------

(defn- lost
  "Ends a job of which nobody can know whether its step has acted."
  [job n step]
  (let [message (str "the program ended in the middle of the step " (name step)
                     ", and nothing tells whether it acted: look, then retry or destroy")]
    (store/commit (into [(jobs/step-ended (:id job) n :do :lost {:message message})]
                        (end-statements job :lost {:message message})))))

(defn- probed
  "What the step that was interrupted comes to: [:done output], [:again], or [:unknown]."
  [{:keys [id] :as job} n {:keys [step probe repeat within]} outputs]
  (cond
    probe (let [found (watchdog/within id step (or within (config :jobs :step-timeout)) true #(probe (context-of job outputs)))]
            (if found [:done (checked-output step found)] [:again]))
    repeat [:again]
    :else [:unknown]))

(defn- resume
  "Goes on with a job whose program died while it ran."
  [{:keys [id topic steps direction message] :as job}]
  (let [written (jobs/steps id)
        forward (filter #(= :do (:direction %)) written)
        outputs (outputs-of id)
        {:keys [n step state]} (last (sort-by :n forward))]
    (if (= :undo direction)
      (take-back job (or n -1) (if (= "cancelled" message) :cancelled :failed))
      (if (not= :running state)
        (forwards job (count (filter #(= :done (:state %)) forward)) outputs [])
        (let [[outcome x] (try
                            (probed job n (workflows/step-of topic step) outputs)
                            (catch Exception e
                              [:threw e]))]
          (case outcome
            :done (forwards job (inc n) (assoc outputs step x) (returned-statements job n :do x))
            :again (forwards job n outputs [])
            :unknown (lost job n step)
            :threw (if (watchdog/interrupted? x) :paused (failed job n step x))))))))

(defn needs-unlocking
  "The secrets that a job was given and that somebody has to unlock before it runs, by their names; nil when there are none."
  [{:keys [id args]}]
  (let [names (secrets/names-in args)]
    (when (and (not (watchdog/cancelled? id)) (secrets-file/needs-unlocking? names))
      names)))

(defn run-job
  "Runs a job to its end, or takes it up where it was. Returns :paused when the program is about to stop: it is taken up again then."
  [{:keys [start system topic] :as job}]
  (cond
    start (resume job)
    ;; A job before it has removed the system.
    (and (not= "create" topic) (not (systems/exists? system)))
    (store/commit (end-statements job (if (= "destroy" topic) :done :failed)
                                  {:message "the system is no longer there"}))
    :else (forwards (assoc job :state :running) 0 {}
                    [(jobs/state-change (:id job) #{:queued :locked} :running {:started (now)})])))
