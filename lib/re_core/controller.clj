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
            [reops.peer :as peer :refer [apart]]
            [reops.secrets.file :as secrets-file]))

(defonce ^:private owned
  ;; {:lock :socket} while this process is the controller
  (atom nil))

(defonce ^:private ending
  ;; Whether this process stops being the controller because it ends: who waits for jobs then need not wait for it to go on.
  (atom false))

(defonce ^:private resigned
  ;; Whether this process was the controller and has stopped being it: who waits for jobs does not make it the controller again.
  (atom false))

(defonce ^:private companions
  ;; What else runs while this process is the controller: {key {:go :stop :ops {op function of the request}}}
  (atom {}))

(defn accompany
  "Has something run in whichever process is the controller: :go is called when it becomes it, :stop when it stops being it, and :ops, functions by
  name, answer what other processes ask for. :live says, when the last prompt is left, what of it is under way (\"2 schedules are\"), or nil."
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

(defn- prompts-owner
  "The process that prompts attach to, or nil."
  []
  (store/lock-owner (fs/join (store/folder) "prompts.lock")))

(defn owner?
  "Whether this process is the controller."
  []
  (some? @owned))

(defn- await-here
  "Waits for jobs of this process; :paused when it stops before they have ended."
  [ids]
  (if (some #{:paused} (map workers/await-job ids)) :paused :ended))

(declare prompts-here)

(defn- handle
  "What others ask for."
  [{:keys [op ids id passphrase] :as request}]
  (case op
    :added (do (workers/add (jobs/all-of ids)) true)
    :await (let [how (await-here ids)]
             (if (and (= :paused how) @ending) :ending how))
    :prompts (prompts-here)
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
          (reset! ending false)
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

(defn resign-for-good
  "Stops being the controller because this process ends: another one, which waits for jobs, becomes it."
  {:no-doc true}
  []
  (reset! ending true)
  (resign))

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
        ;; When they pause, since the controller ends, they go on with the next: this process, unless it has ended its own.
        (call {:op :await :ids left} #(await-here left) become-again)
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

(defn- other-controller [pid]
  (ex-info (str "Another process is the controller of " (store/folder) ": " pid)
           {:type :re-core/other-controller :pid pid
            :hint "It goes on. End it first, or use another REOPS_HOME."}))

(defn refuse-second
  "What reops serve comes to when prompts have a controller already."
  {:no-doc true}
  []
  (throw (other-controller (prompts-owner))))

(defonce ^:private service
  ;; Whether this process goes on without prompts.
  (atom false))

(defn serve
  "What reops serve does first: becomes the controller, or throws when another process is."
  {:no-doc true}
  []
  (when-not (become)
    (throw (other-controller (owner))))
  (reset! service true)
  (println (str "Controller of " (store/folder) ", process " (owner) (taken-up-text (count (jobs/unended)))))
  (say-whether-unlocked)
  (flush))

;; --- prompts -----------------------------------------------------------------------------------------------------------

(defonce ^:private attached
  ;; {id {:user :uid :pid :tty :kind :id :since :surroundings :out :notices}}
  (atom (sorted-map)))

(defn announce
  "Says a line to everybody: at every attached prompt that has not turned it off, where this process itself speaks, and where out leads, unless that
  is nil."
  {:no-doc true}
  [out line]
  (let [prompts (vals @attached)
        deaf (into #{} (comp (remove :notices) (map :out)) prompts)
        own (reops.internal/call-conveyed {} (fn [] *out*))]
    (doseq [out (distinct (concat [own] (when out [out]) (filter reops.internal/terminal? (keep :out prompts))))
            :when (not (deaf out))]
      (binding [*out* out]
        (println line)
        (flush)))))

(defn everybody
  "A writer whose lines are announced."
  {:no-doc true}
  []
  (reops.internal/line-writer #(announce nil %)))

(defn notices
  "Whether this prompt is told what concerns everybody, such as a schedule that failed: at first it is. With true or false it is, or is not, from now
  on.

    (notices false)"
  {:category :prompt}
  ([] (boolean (get-in @attached [(:id (peer/peer)) :notices])))
  ([on]
   (let [{:keys [id]} (peer/peer)]
     (when-not (contains? @attached id)
       (throw (ex-info "Only a prompt is told what concerns everybody, and this is none" {:type :re-core/no-prompt})))
     (swap! attached update id assoc :notices (boolean on))
     (boolean on))))

(defonce ^:private left
  ;; Surroundings of prompts that were left while something of theirs was under way.
  (atom []))

(defn- prompts-here []
  (mapv (fn [{:keys [surroundings] :as prompt}]
          (cond-> (dissoc prompt :surroundings :out :notices)
            (not (reops.internal/person-attached? surroundings)) (assoc :gone true)))
        (vals @attached)))

(defn prompts
  "Who is attached to the controller, a vector: {:id 1 :user \"ann\" :uid 1000 :pid 4711 :tty \"/dev/pts/3\" :kind :prompt :since #inst …}. One with
  :gone true has lost its terminal while it evaluates, and goes on without.

    (prompts)"
  {:category :lifecycle}
  []
  (if (or (owner?) (seq @attached))
    (prompts-here)
    (let [[kind x] (control/ask {:op :prompts})]
      (cond
        (= :ok kind) x
        (= :error kind) (throw (ex-info x {:type :re-core/other-controller :pid (owner)}))
        (prompts-owner) (throw (ex-info (str "The controller, process " (prompts-owner) ", answers nobody but its prompts yet: there is nothing in its store")
                                        {:type :re-core/other-controller :pid (prompts-owner) :hint "Ask at one of its prompts."}))
        :else []))))

(defn attach-prompt
  "A prompt begins: what is bound in it."
  {:no-doc true}
  [{:keys [id] :as who} surroundings]
  (let [peer (-> who (dissoc :first) (assoc :kind :prompt))]
    (swap! attached assoc id (assoc peer :since (java.util.Date.) :surroundings surroundings :out *out* :notices true))
    {#'peer/*peer* peer}))

(defn- take-over-later
  "Becomes the controller when the process that runs the jobs, a script, has ended."
  []
  (apart
    (loop []
      (Thread/sleep 500)
      (when-not (become)
        (recur)))))

(defn- arrive
  "What the first prompt does when there is a store: it becomes the controller, and says which jobs go on, or says who runs them."
  []
  (when (fs/exists? (store/path))
    (if (become)
      (let [n (count (jobs/unended))]
        (when (pos? n)
          (println (str "Controller of " (store/folder) (taken-up-text n) " (jobs)"))))
      (do
        (println (str "Jobs run in another process, " (owner) ", until it ends."))
        (take-over-later)))))

(defn prompt-ready
  "A prompt has loaded what it was to load."
  {:no-doc true}
  [{first? :first}]
  (if first?
    (arrive)
    (let [others (dec (count @attached))]
      (println (str "Attached to the controller, process " (:pid (reops.internal/process-peer))
                    (case others 0 "." 1 ", with another prompt." (str ", with " others " other prompts."))))))
  (flush))

(defn- counted [n one many]
  (when (pos? n) (if (= 1 n) one (str n " " many))))

(defn- futures-under-way
  "How many futures of prompts are not done, also of those that were left."
  []
  (reduce + (map reops.internal/person-futures (distinct (into @left (map :surroundings) (vals @attached))))))

(defn- let-futures-end
  "Those that are just ending, such as the one that leaves the prompt, are nothing to ask about. On a machine that is busy that takes them a while."
  []
  (loop [tries 200]
    (when (and (pos? tries) (pos? (futures-under-way)))
      (Thread/sleep 10)
      (recur (dec tries)))))

(defn- working
  "What is under way here and ends by itself, in words; nil when nothing is."
  [own-surroundings]
  (swap! left (fn [known] (into [own-surroundings] (filter #(pos? (reops.internal/person-futures %))) (distinct known))))
  (or (counted (if (owner?) (count (jobs/unended)) 0) "1 job is" "jobs are")
      ;; After the jobs, because who waits for jobs is no work of its own.
      (counted (futures-under-way) "1 future is" "futures are")))

(defn- live
  "What is under way here, in words; nil when nothing is."
  [own-surroundings]
  (or (working own-surroundings)
      (some (fn [{:keys [live]}] (when live (live))) (vals @companions))))

(defn- wait-for-all [own-surroundings]
  (when-let [jobs (when (owner?) (seq (jobs/unended)))]
    (println (str "Waiting for " (count jobs) (if (next jobs) " jobs" " job") " …"))
    (flush)
    (await-jobs (mapv :id jobs)))
  (while (working own-surroundings)
    (Thread/sleep 50)))

(defn- gone? [surroundings] (not (reops.internal/person-attached? surroundings)))

(defn- ask-whether-to-go-on
  "What becomes of what is under way: whether the controller goes on by itself."
  [surroundings]
  (if-let [what (live surroundings)]
    (do
      (print (str what " under way. [w]ait, [h]and over to the background, or [s]top? "))
      (flush)
      (let [answer (read-line)]
        (case (if (gone? surroundings) \h (first (string/lower-case (str (string/trim (or answer "s")) "s"))))
          ;; Ctrl-C ends the waiting; and some, like schedules, never end.
          \w (do (try (wait-for-all surroundings) (catch InterruptedException _ nil))
                 (recur surroundings))
          \h (do (println "It goes on in the background, as this controller does: reops attaches to it again.") true)
          (do (resign-for-good)
              (println (if (string/includes? what "job") "They have paused, and go on when reops starts again." "Stopped."))
              false))))
    (do (resign-for-good) false)))

(defn detach-prompt
  "A prompt ends, because the person leaves it or is suddenly gone. The last one asks what is to become of what is under way: wait for it, hand
  it over to the background, or stop, which pauses jobs until there is a controller again. Whether the controller goes on."
  {:no-doc true}
  [{:keys [id]} gone]
  (let [[before now] (swap-vals! attached dissoc id)
        surroundings (get-in before [id :surroundings])]
    (cond
      @service true
      (seq now) (do (swap! left conj surroundings) false)
      gone (boolean (live surroundings))
      :else (do (let-futures-end)
                (ask-whether-to-go-on surroundings)))))

(defstate jobs-controller
  "Runs the jobs of the store, unless another process does."
  ;; Also when this process is the controller already: what could not go on for want of the store is tried again.
  :start (if (become) (do (workers/go) :here) :elsewhere)
  :stop (resign))
