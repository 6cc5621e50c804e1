;; Agents: values that change by actions, one after another, on other threads. An agent's state is an atom of
;;
;;   :queue    the actions to come, the one that runs first; each is [executor frame f args]
;;   :error    what made the agent fail, or nil
;;   :handler  what is told of errors, or nil
;;   :mode     :continue after an error, or :fail

(in-ns 'clojure.core)

;; Queues: [front back length]. There is no front only when there is nothing.

(def ^:private no-queue [nil [] 0])

(defn- queue-add
  [[front back length] x]
  (if front
    [front (conj back x) (inc length)]
    [(list x) back 1]))

(defn- queue-drop
  "The queue without its first element."
  [[front back length]]
  (if-let [more (next front)]
    [more back (dec length)]
    [(seq back) [] (count back)]))

(defn- queue-first
  [[front]]
  (first front))

(defn- queue-length
  [[_ _ length]]
  length)

(defn- queued?
  "True when something is in the queue."
  [[front]]
  (some? front))

(def ^:dynamic *agent*
  "The agent whose action this thread runs; nil elsewhere."
  nil)

;; What an action sends is held until the action has ended: [thread number, atom of what is held]. The number tells the
;; action's own thread from others that its bindings were handed to.
(def ^:dynamic ^:private *held-sends* nil)

(defn- own-held-sends
  []
  (when *held-sends*
    (let [[thread held] *held-sends*]
      ;; An action that has ended holds nothing any more, though its bindings may live on in a future.
      (when (and (= thread (reops.internal/thread-number)) (deref held)) held))))

;; Executors: functions that have a function of no arguments called on another thread.

(def ^:private pool
  "The threads of `send`: how many work, and what waits for one of them."
  (atom {:working 0 :waiting no-queue}))

(defn- work-off
  "Runs what waits for the pool's threads until nothing does."
  []
  (let [[before _] (swap-vals! pool (fn [{:keys [waiting] :as state}]
                                      (if (queued? waiting)
                                        (update state :waiting queue-drop)
                                        (update state :working dec))))]
    (when-let [work (queue-first (:waiting before))]
      (work)
      (recur))))

(defn- run-on-own-thread
  "The executor of `send-off`."
  [work]
  (future-call work))

(defn- run-in-pool
  "The executor of `send`: at most two threads more than there are processors."
  [work]
  (let [most (+ 2 (reops.internal/processors))
        [before after] (swap-vals! pool (fn [state]
                                          (let [state (update state :waiting queue-add work)]
                                            (if (< (:working state) most)
                                              (update state :working inc)
                                              state))))]
    (when (< (:working before) (:working after))
      (run-on-own-thread work-off))))

(def ^:private executors
  "What runs the actions of `send` and of `send-off`; :ended once shutdown-agents has been called."
  (atom {:send run-in-pool :send-off run-on-own-thread :ended false}))

(defn set-agent-send-executor!
  "Makes executor, a function that has a function of no arguments called on some thread, run the actions of `send`."
  [executor]
  (swap! executors assoc :send executor)
  nil)

(defn set-agent-send-off-executor!
  "Makes executor, a function that has a function of no arguments called on some thread, run the actions of `send-off`."
  [executor]
  (swap! executors assoc :send-off executor)
  nil)

(defn shutdown-agents
  "Takes no more actions for any agent; those that were sent before still run. A program that ends does not need it:
  threads never keep one from ending."
  []
  (swap! executors assoc :ended true)
  nil)

;; Running

(declare run-next)

(defn- start-next
  "Has the first action of the agent's queue run by its executor."
  [agent]
  (let [[executor] (queue-first (:queue (deref (reops.internal/agent-state agent))))]
    (executor (fn [] (run-next agent)))))

(defn- enqueue
  "Adds an action to the agent's queue; starts it when none is before it."
  [agent action]
  (let [state (reops.internal/agent-state agent)
        [before _] (swap-vals! state (fn [{:keys [error] :as now}]
                                       (when error
                                         (throw (new RuntimeException "Agent is failed, needs restart" error)))
                                       (update now :queue queue-add action)))]
    (when-not (queued? (:queue before))
      (start-next agent))))

(defn release-pending-sends
  "Inside an action: sends at once what the action has sent so far, which otherwise waits for its end. Returns how many
  that were."
  []
  (if-let [held (own-held-sends)]
    (let [[sends _] (reset-vals! held [])]
      (doseq [[agent action] sends]
        (enqueue agent action))
      (count sends))
    0))

(defn- act
  "Performs one action: the new value of the agent is (f value args…). Returns what it threw, or nil."
  [agent [_ frame f args]]
  (reops.internal/call-conveyed
    frame
    (fn []
      (let [held (atom [])]
        (binding [*agent* agent
                  *held-sends* [(reops.internal/thread-number) held]]
          (try
            (reops.internal/set-agent-value! agent (apply f (deref agent) args))
            (release-pending-sends)
            nil
            (catch Throwable error error)
            (finally (reset! held nil))))))))

(defn- tell-handler
  "Tells the agent's error handler, whose own errors count for nothing."
  [agent error]
  (when-let [handler (:handler (deref (reops.internal/agent-state agent)))]
    (try (handler agent error) (catch Throwable _ nil))))

(defn- run-next
  "Performs the first action of the agent's queue, and starts the next one unless the agent failed."
  [agent]
  (let [state (reops.internal/agent-state agent)
        error (act agent (queue-first (:queue (deref state))))]
    (when error (tell-handler agent error))
    (let [now (swap! state (fn [{:keys [mode] :as now}]
                             (cond-> (update now :queue queue-drop)
                               (and error (= :fail mode)) (assoc :error error))))]
      (when (and (queued? (:queue now)) (not (:error now)))
        (start-next agent)))))

;; What programs call

(defn agent
  "An agent that holds value, and changes it by the actions sent to it. Options: :meta, :validator, :error-handler (a
  function of agent and error), :error-mode (:continue or :fail; without it, :continue if there is a handler).

      (def log (agent []))
      (send log conj :started)"
  [value & {:keys [meta validator error-handler error-mode]}]
  (let [mode (or error-mode (if error-handler :continue :fail))
        a (reops.internal/new-agent value (atom {:queue no-queue :error nil :handler error-handler :mode mode}))]
    (when meta (reset-meta! a meta))
    (when validator (set-validator! a validator))
    a))

(defn send-via
  "Sends an action to the agent, to be run by executor: a function that has a function of no arguments called on some
  thread. See `send`."
  [executor agent f & args]
  (when (:ended (deref executors))
    (throw (new IllegalStateException "The agents were shut down: no action is taken any more")))
  (reops.internal/agent-state agent)
  (let [action [executor (reops.internal/binding-frame) f args]]
    (if-let [held (own-held-sends)]
      (swap! held conj [agent action])
      (enqueue agent action))
    agent))

(defn send
  "Sends an action to the agent and returns it at once. Later, on a thread of a pool, the agent's value becomes
  (f value args…), with the bindings that are in effect here. Actions that wait for something belong to `send-off`."
  [agent f & args]
  (apply send-via (:send (deref executors)) agent f args))

(defn send-off
  "Like `send`, for actions that may wait: they run on threads of their own."
  [agent f & args]
  (apply send-via (:send-off (deref executors)) agent f args))

(defn- countdown
  "[promise action]: the promise is delivered once the action has run in n agents."
  [n]
  (let [done (promise)
        left (atom n)]
    (when (zero? n) (deliver done true))
    [done (fn [value]
            (when (zero? (swap! left dec)) (deliver done true))
            value)]))

(defn- after-actions
  "A promise that is delivered when all actions sent to the agents so far have run."
  [agents]
  (when *agent*
    (throw (new IllegalStateException "An action cannot await agents: what it sends waits for its own end")))
  (let [[done action] (countdown (count agents))]
    (doseq [a agents]
      (send a action))
    done))

(defn await
  "Waits until all actions sent from this thread, and by the actions themselves, to the agents so far have run. For ever,
  when one of them fails."
  [& agents]
  (deref (after-actions agents))
  nil)

(defn await1
  "Waits as `await` does, if the agent has anything to do; returns it."
  [a]
  (when (queued? (:queue (deref (reops.internal/agent-state a))))
    (await a))
  a)

(defn await-for
  "Like `await`, at most so long; nil when the time was up, else true."
  [timeout-ms & agents]
  (deref (after-actions agents) timeout-ms nil))

(defn agent-error
  "What made the agent fail, or nil."
  [a]
  (:error (deref (reops.internal/agent-state a))))

(defn restart-agent
  "Makes an agent that failed hold new-state and go on with the actions that are left; with :clear-actions true, without
  them. Returns new-state."
  [a new-state & {:keys [clear-actions]}]
  (let [state (reops.internal/agent-state a)]
    ;; Of two who restart it at once, the second finds it restarted.
    (locking a
      (when-not (:error (deref state))
        (throw (new RuntimeException "Agent does not need a restart")))
      (reops.internal/set-agent-value! a new-state)
      (let [now (swap! state (fn [now]
                               (cond-> (assoc now :error nil)
                                 clear-actions (assoc :queue no-queue))))]
        (when (queued? (:queue now))
          (start-next a))))
    new-state))

(defn set-error-handler!
  "Makes handler, a function of agent and error, be told of errors in the agent's actions; nil for none."
  [a handler]
  (swap! (reops.internal/agent-state a) assoc :handler handler)
  nil)

(defn error-handler
  "The agent's error handler, or nil."
  [a]
  (:handler (deref (reops.internal/agent-state a))))

(defn set-error-mode!
  "What becomes of the agent after an action's error: :continue as if the action had not been sent, or :fail until
  `restart-agent`."
  [a mode]
  (when-not (#{:continue :fail} mode)
    (throw (new IllegalArgumentException (str "An agent's error mode is :continue or :fail, not " (pr-str mode)))))
  (swap! (reops.internal/agent-state a) assoc :mode mode)
  nil)

(defn error-mode
  "The agent's error mode, :continue or :fail."
  [a]
  (:mode (deref (reops.internal/agent-state a))))

(defn agent-errors
  "The error that made the agent fail, in a sequence; nil when there is none. `agent-error` is its successor."
  {:deprecated "1.2"}
  [a]
  (when-let [error (agent-error a)]
    (list error)))

(defn clear-agent-errors
  "Makes an agent that failed go on from the value it has. `restart-agent` is its successor."
  {:deprecated "1.2"}
  [a]
  (restart-agent a (deref a)))

;; Taps: functions that are handed what `tap>` is given, away from the thread that gives it.

(def ^:private taps (atom #{}))

(def ^:private tap-queue
  "What waits to be handed to the taps, which one thread does as long as there is something."
  (atom no-queue))

(def ^:private most-tapped 1024)

(defn- hand-out-taps
  []
  (let [x (queue-first (deref tap-queue))]
    (doseq [tap (deref taps)]
      (try (tap x) (catch Throwable _ nil)))
    (when (queued? (swap! tap-queue queue-drop))
      (recur))))

(defn add-tap
  "From now on hands everything that `tap>` is given to f, a function of one argument, on a thread of its own."
  [f]
  (swap! taps conj f)
  nil)

(defn remove-tap
  "Ends what `add-tap` began."
  [f]
  (swap! taps disj f)
  nil)

(defn tap>
  "Hands x to every function that `add-tap` was given, without waiting for them. False when so much waits for them
  already that x is dropped."
  [x]
  (let [[before after] (swap-vals! tap-queue (fn [waiting]
                                               (if (< (queue-length waiting) most-tapped)
                                                 (queue-add waiting x)
                                                 waiting)))]
    (when-not (queued? before)
      (run-on-own-thread hand-out-taps))
    (< (queue-length before) (queue-length after))))

;; Sequences that another thread realises ahead.

(defn- realise-next
  "[:element first rest] of s, [:end], or [:error e] when realising it throws."
  [s]
  (try
    (if-let [s (seq s)]
      [:element (first s) (rest s)]
      [:end])
    (catch Throwable error [:error error])))

(defn- fill
  "Realises elements of s into the buffer until it is full or s ends. `state` holds the buffer as :items, the rest of s
  as :source, whether somebody is :filling, and a promise for who is :waiting."
  [state limit s]
  (let [[what _ more :as item] (realise-next s)
        [before after] (swap-vals! state (fn [{:keys [items] :as now}]
                                           (assoc now
                                                  :items (queue-add items item)
                                                  :source more
                                                  :filling (and (= :element what) (< (inc (queue-length items)) limit))
                                                  :waiting nil)))]
    (when-let [waiting (:waiting before)] (deliver waiting true))
    (when (:filling after)
      (recur state limit more))))

(defn- take-next
  "The next item of the buffer; waits until there is one. Lets somebody fill it when nobody does."
  [state limit]
  (let [something (promise)
        [before _] (swap-vals! state (fn [{:keys [items source filling] :as now}]
                                       (cond
                                         (not (queued? items)) (assoc now :waiting something)
                                         (or filling (nil? source)) (assoc now :items (queue-drop items))
                                         :else (assoc now :items (queue-drop items) :filling true))))
        {:keys [items source filling]} before]
    (if (queued? items)
      (do (when-not (or filling (nil? source))
            (future (fill state limit source)))
          (queue-first items))
      (do (deref something)
          (recur state limit)))))

(defn seque
  "The elements of s, which another thread realises ahead of their use: at most n (100) of them, the next ones as those
  are taken."
  ([s] (seque 100 s))
  ([n s]
   (when-not (and (integer? n) (pos? n))
     (throw (new IllegalArgumentException (str "seque needs how many elements to be ahead, not " (pr-str n)))))
   (let [state (atom {:items no-queue :source nil :filling true :waiting nil})
         drain (fn drain []
                 (lazy-seq
                   (let [[what x] (take-next state n)]
                     (case what
                       :element (cons x (drain))
                       :error (throw x)
                       :end nil))))]
     (future (fill state n s))
     (drain))))
