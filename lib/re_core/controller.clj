(ns re-core.controller
  "Who owns the store. One process at a time is the controller: it runs the jobs, also those that others ask for. Its lock is the system's:
  one that dies, in whatever way, has lost it at that moment, and one that lives keeps it."
  (:require [clojure.string :as string]
            [re-core.control :as control]
            [re-core.persistency.common :as store]
            [re-core.persistency.jobs :as jobs]
            [re-core.workers :as workers]
            [reops.components :refer [defstate]]
            [reops.config :refer [config]]
            [reops.fs :as fs]
            [reops.process :as process]
            [reops.secrets.file :as secrets-file]))

(defonce ^:private owned
  ;; {:lock :socket} while this process is the controller
  (atom nil))

(defonce ^:private resigned
  ;; Whether this process was the controller and has stopped being it: who waits for jobs does not make it the controller again.
  (atom false))

(defonce ^:private companions
  ;; What else runs while this process is the controller: {key {:go :stop :ops {op function of the request}}}
  (atom {}))

(defn accompany
  "Has something run in whichever process is the controller: :go is called when it becomes it, :stop when it stops being it, and :ops, functions by
  name, answer what other processes ask for."
  [key companion]
  (swap! companions assoc key companion)
  key)

(defonce ^{:doc "What the controller does first, before jobs go on: functions by name. Providers clean up what was left half-done when the
  one before it died."}
  beginnings
  (atom {}))

(defn- begin
  "Calls a function of that name. What fails is said, and keeps no job from going on."
  [[name f]]
  (try
    (f)
    (catch InterruptedException e
      (throw e))
    (catch Exception e
      (binding [*out* *err*]
        (println (str "The controller's " (clojure.core/name name) " failed: " (ex-message e)))
        (flush)))))

(defn- begin-companions []
  (run! begin (update-vals @companions :go)))

(defn- lock-file [] (fs/join (store/folder) "controller.lock"))

(defn owner?
  "Whether this process is the controller."
  []
  (some? @owned))

(defn- await-here
  "Waits for jobs of this process; :paused when it stops before they have ended."
  [ids]
  (if (some #{:paused} (map workers/await-job ids)) :paused :ended))

(defn- handle
  "What others ask for."
  [{:keys [op ids id passphrase] :as request}]
  (case op
    :added (do (workers/add (jobs/all-of ids)) true)
    :await (await-here ids)
    :cancel (do (some-> (jobs/get id) workers/cancel) true)
    :unlock (if passphrase (secrets-file/unlock-with passphrase) (secrets-file/unlock-by-key-file))
    (if-let [answer (some (fn [{:keys [ops]}] (get ops op)) (vals @companions))]
      (answer request)
      (throw (ex-info (str "The controller does not know what " (pr-str op) " is; it is of another release") {:type :re-core/other-controller})))))

(defn become
  "Becomes the controller, unless another process is; whether this one is now. Jobs that were under way when the last one ended are taken
  up where they were."
  []
  (locking owned
    (or (owner?)
        (when-let [lock (store/try-lock (lock-file))]
          (try
            (reset! owned {:lock lock :socket (control/listen handle)})
            (store/write-much)
            (run! begin @beginnings)
            (workers/go)
            (begin-companions)
            (reset! resigned false)
            true
            (catch Throwable e
              (some-> (:socket @owned) control/stop)
              (reset! owned nil)
              (store/unlock lock)
              (throw e))))
        false)))

(defn owner
  "The process that is the controller, by its number; nil when none is."
  {:category :lifecycle}
  []
  (store/lock-owner (lock-file)))

(defn resign
  "Stops being the controller: jobs pause before their next step. What acts longer than ms milliseconds (those of the configuration) is interrupted, and taken up
  as after a crash. When a step goes on for patience milliseconds (10,000) in spite of that, this is the controller as before, and that an error."
  ([] (resign (config :jobs :stop-within)))
  ([ms] (resign ms 10000))
  ([ms patience]
   (locking owned
     (when-let [{:keys [lock socket]} @owned]
       (control/stop socket)
       (run! #((:stop %)) (vals @companions))
       (try
         (workers/stop ms patience)
         (catch Exception e
           (reset! owned {:lock lock :socket (control/listen handle)})
           (workers/go)
           (begin-companions)
           (throw e)))
       (reset! owned nil)
       (reset! resigned true)
       (store/close)
       (store/unlock lock)
       nil))))

(def ^:private patience
  "How long a controller that is just ending or beginning is waited for, in milliseconds."
  30000)

(defn call
  "Has the controller do something: (f) when it is this process, else the request, which is its answer then. One that ends in the middle of it is
  replaced: by this process, or by whoever is faster. claim is what becomes the controller."
  ([request f] (call request f become))
  ([request f claim]
   (let [until (+ (System/nanoTime) (* 1000000 patience))]
     (loop []
       (if (claim)
         (f)
         (let [[kind x :as answered] (control/ask request)]
           (cond
             (= :ok kind) x
             (= :error kind) (throw (ex-info x {:type :re-core/other-controller :pid (owner)}))
             (and (nil? answered) (< (System/nanoTime) until)) (do (Thread/sleep 50) (recur))
             :else (throw (ex-info (str "The controller, process " (owner) ", does not answer")
                                   {:type :re-core/other-controller :pid (owner)
                                    :hint "End that process; jobs are taken up where they are."})))))))))

(defn run-jobs
  "Has jobs run that are in the store."
  [some-jobs]
  (when (seq some-jobs)
    (call {:op :added :ids (mapv :id some-jobs)} #(workers/add some-jobs))))

(defn- await-controller
  "Waits until some process is the controller."
  []
  ;; One that is just resigning still has the lock, and is none any more.
  (when-not (locking owned (owner))
    (Thread/sleep 50)
    (recur)))

(defn- become-again
  "Becomes the controller for jobs that are waited for, unless this process has stopped being it: then whoever comes is waited for."
  []
  (when @resigned
    (await-controller))
  (locking owned
    (and (not @resigned) (become))))

(defn await-jobs
  "Waits until jobs have ended; they are as they are then. While there is no controller, because this one was stopped, they do not go on."
  [ids]
  (loop []
    (let [left (jobs/unended-among ids)]
      (when (seq left)
        (when (= :paused (call {:op :await :ids left} #(await-here left) become-again))
          (await-controller))
        (recur))))
  (jobs/all-of ids))

(defn cancel
  "Ends a job: see re-core.workers/cancel."
  [{:keys [id] :as job}]
  (call {:op :cancel :id id} #(workers/cancel job)))

(defn- unlock-there
  "Has the controller, when it is another process, open the file of secrets too."
  [passphrase]
  (when-not (owner?)
    (let [[kind x] (control/ask {:op :unlock :passphrase passphrase})]
      (when (= :error kind)
        (throw (ex-info (str "Unlocked here, but not in the controller: " x) {:type :re-core/other-controller :pid (owner)}))))))

(swap! secrets-file/on-unlock assoc ::controller #'unlock-there)

(defn- say-whether-unlocked
  "Says, where there are secrets, whether jobs can have them."
  []
  (when (fs/exists? (secrets-file/path))
    (println (try
               (if (secrets-file/unlock-by-key-file)
                 (str "Secrets: unlocked by " (:file (secrets-file/key-source)))
                 "Secrets: locked; jobs that need one wait until somebody says (unlock) at a prompt")
               (catch Exception e
                 (str "Secrets: locked, and their key file cannot be used: " (ex-message e)))))))

(defn- taken-up-text [n]
  (cond
    (zero? n) ""
    (= 1 n) "; a job that was under way goes on"
    :else (str "; " n " jobs that were under way go on")))

(defn serve
  "What reops serve does first: becomes the controller, or throws when another process is."
  {:no-doc true}
  []
  (when-not (become)
    (throw (ex-info (str "Another process is the controller of " (store/folder) ": " (owner))
                    {:type :re-core/other-controller :pid (owner)
                     :hint "It goes on. End it first, or use another REOPS_HOME."})))
  (println (str "Controller of " (store/folder) ", process " (owner) (taken-up-text (count (jobs/unended)))))
  (say-whether-unlocked)
  (flush))

(defn arrive
  "What a prompt does first, when there is a store: it becomes the controller, and says which jobs go on, or says who is."
  {:no-doc true}
  []
  (when (fs/exists? (store/path))
    (if (become)
      (let [n (count (jobs/unended))]
        (when (pos? n)
          (println (str "Controller of " (store/folder) (taken-up-text n) " (jobs)"))))
      (println (str "Attached to the controller, process " (owner) ": jobs run there.")))))

(defn- wait-for-all []
  (when-let [left (seq (jobs/unended))]
    (println (str "Waiting for " (count left) (if (next left) " jobs" " job") " …"))
    (flush)
    (await-jobs (mapv :id left))))

(defn- hand-over
  "Has a process of its own go on as the controller."
  []
  (resign)
  (process/run ["sh" "-c" "setsid \"$0\" serve </dev/null >/dev/null 2>&1 &" (fs/read-link "/proc/self/exe")])
  (println "They go on in the background: reops serve. (owner) is its process."))

(defn leave
  "What a prompt does last. While jobs are under way here it asks: wait for them, hand them over to a process in the background, or stop, which
  pauses them until there is a controller again."
  {:no-doc true}
  []
  (when (owner?)
    (if-let [left (seq (jobs/unended))]
      (do
        (print (str (count left) (if (next left) " jobs are" " job is") " under way. [w]ait, [h]and over to the background, or [s]top? "))
        (flush)
        (case (first (string/lower-case (str (string/trim (or (read-line) "s")) "s")))
          \w (wait-for-all)
          \h (hand-over)
          (do (resign) (println "They have paused, and go on when reops starts again."))))
      (resign))))

(defstate jobs-controller
  "Runs the jobs of the store, unless another process does."
  ;; Also when this process is the controller already: what could not go on for want of the store is tried again.
  :start (if (become) (do (workers/go) :here) :elsewhere)
  :stop (resign))
