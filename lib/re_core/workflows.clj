(ns re-core.workflows
  "Workflows: vectors of named steps that jobs run, one after the other.

  A step is a map:
    :step    its name, a keyword
    :run     a function of the context; or a var of one, so that a new definition is used at once
    :undo    what takes back what :run did, or may have done; it can be called again. Without it a step is left as it is
    :probe   after the program died in the middle of the step: what says whether it has acted. A map (what :run would have
             returned) when it has, nil when it has not
    :repeat  true: the step may act twice
    :looks   true: the step changes nothing. As the first one it is written down only together with what comes next
    :retries how often a step that may act twice is tried again when it fails, :pause milliseconds later, then twice as much …
    :within  the time it has, in milliseconds
  The context is {:id (of the system) :system :options :job :new :outputs {step what it returned}}; the system has its id under :system-id,
  :new is true when it came into the store with this job. A step that throws an error with {:acted false} in its data has certainly done
  nothing, and is not taken back.
  What :run returns is kept, and may say what to change of the system in the store, in the same transaction that says that the step has
  ended: :merge, a nested map, :remove, paths; :forget true removes the system from the store. It is data, or nil."
  (:refer-clojure :exclude [reload])
  (:require [re-core.core :as core]
            [re-core.model :as model]
            [re-core.persistency.systems :as systems]
            [re-core.persistency.types :as types]
            [reops.config :refer [config]]))

(def ^:private minute 60000)

(defn- vm [{:keys [system]}] (model/vconstruct system))

(defn wait-until
  "Calls ready? until it is true, every :every milliseconds (250), for at most :within milliseconds (a minute); then an error that
  says what was waited for.

    (wait-until #(= :running (status vm)) \"the machine runs\" {:within 10000})"
  ([ready? what] (wait-until ready? what {}))
  ([ready? what {:keys [every within] :or {every 250 within minute}}]
   (let [until (+ (System/nanoTime) (* 1000000 within))]
     (loop []
       (or (ready?)
           (if (< (System/nanoTime) until)
             (do (Thread/sleep every) (recur))
             (throw (ex-info (str "It took longer than " (quot within 1000) " s until " what)
                             {:type :re-core/timeout :within within}))))))))

;; --- steps -----------------------------------------------------------------------------------------------------------

(defn- settled-status
  "The status of a machine, asked again for as long as its provider's answers lag behind."
  [vm]
  (let [{:keys [settle] :or {settle 0}} (core/traits vm)
        until (+ (System/nanoTime) (* 1000000 settle))]
    (loop []
      (or (core/status vm)
          (when (< (System/nanoTime) until)
            (Thread/sleep 250)
            (recur))))))

(defn no-machine-yet
  "Makes sure that there is no machine of the name of a system: it would be another's."
  [{:keys [system] :as context}]
  (when-let [found (core/status (vm context))]
    (throw (ex-info (str "There is a machine " (get-in system [:machine :hostname]) " already; it is " (name found))
                    {:type :re-core/exists :status found})))
  nil)

(defn create-machine
  "Makes the machine of a system."
  [{:keys [system] :as context}]
  {:merge {(model/figure-virt system) (or (core/create (vm context)) {})}})

(defn machine-made
  "After the program died while a machine was made: whether it is there. A provider that makes no second one for the same
  system is asked again, which also tells what it calls the machine."
  [{:keys [system] :as context}]
  (let [machine (vm context)]
    (cond
      (:idempotent (core/traits machine)) {:merge {(model/figure-virt system) (or (core/create machine) {})}}
      (settled-status machine) {:merge {(model/figure-virt system) {}}})))

(defn start-machine
  "Starts a machine, unless it runs, and finds its address."
  [context]
  (let [machine (vm context)]
    (when-not (core/status machine)
      (throw (ex-info "There is no such machine any more" {:type :re-core/no-machine
                                                            :hint "(reload f) makes it anew, (destroy f) forgets it."})))
    (when-not (= :running (core/status machine))
      (core/start machine))
    (wait-until #(= :running (core/status machine)) "the machine runs")
    {:merge {:machine (merge {:ip (wait-until #(first (core/addresses machine)) "the machine has an address")}
                             (when (satisfies? core/Access machine)
                               (when-let [access (core/access machine)] {:access access})))}}))

(defn stop-machine
  "Stops a machine: asks it to, and takes its power when that does not end in :grace milliseconds (those of the configuration), or with :power-off."
  [{:keys [options] :as context}]
  (let [machine (vm context)
        running? #(= :running (core/status machine))
        {:keys [grace power-off] :or {grace (config :jobs :grace)}} options]
    (when (and (running?) (not power-off))
      (try
        (core/stop machine :graceful)
        (wait-until (complement running?) "the machine has shut down" {:within grace})
        (catch InterruptedException e
          (throw e))
        (catch Exception _
          ;; It did not listen; the power is next.
          nil)))
    (let [forced (running?)]
      (when forced
        (core/stop machine :force)
        (wait-until (complement running?) "the machine is off"))
      (cond-> {:remove [[:machine :ip] [:machine :access]]}
        forced (assoc :forced true)))))

(defn power-off
  "Takes the power of a machine that runs."
  [context]
  (let [machine (vm context)]
    (when (= :running (core/status machine))
      (core/stop machine :force)
      (wait-until #(not= :running (core/status machine)) "the machine is off"))
    {:remove [[:machine :ip] [:machine :access]]}))

(defn delete-machine
  "Removes the machine; one that is not there is none to remove."
  [context]
  (let [machine (vm context)]
    (core/delete machine)
    (wait-until #(nil? (core/status machine)) "the machine is gone")
    nil))

(defn- delete-what-was-made [context]
  (let [machine (vm context)]
    (when (settled-status machine)
      (power-off context)
      (delete-machine context))
    {:remove [[:machine :ip] [:machine :access]]}))

(defn forget-new
  "Removes a system from the store that came there with this job."
  [{:keys [new]}]
  (when new
    {:forget true}))

(defn- delete-and-forget [context]
  (merge (delete-what-was-made context) (forget-new context)))

(defn forget
  "Removes the system from the store."
  [_]
  {:forget true})

(defn clone-machine
  "Makes the machine of a system as a copy of the system of the option :source; where the provider copies none, as a new one like it."
  [{:keys [system options] :as context}]
  (let [machine (vm context)
        source (systems/get (:source options))]
    (cond
      (and source (satisfies? core/Cloning machine))
      {:merge {(model/figure-virt system) (or (core/clone-from machine (model/vconstruct (assoc source :system-id (:source options)))) {})}}
      :else (create-machine context))))

(defn- snapshots-of [context]
  (let [machine (vm context)]
    (when-not (satisfies? core/Snapshots machine)
      (throw (ex-info (str "The provider " (model/figure-virt (:system context)) " keeps no snapshots") {:type :re-core/unsupported})))
    machine))

(defn take-snapshot
  "Keeps the state of the machine under the label of the option :label."
  [{:keys [options] :as context}]
  (core/snapshot (snapshots-of context) (:label options))
  {:label (:label options)})

(defn snapshot-taken
  "Whether there is the snapshot of the option :label."
  [{:keys [options] :as context}]
  (when (some #{(:label options)} (core/snapshots (snapshots-of context)))
    {:label (:label options)}))

(defn revert-machine
  "Puts the machine back to the snapshot of the option :label."
  [{:keys [options] :as context}]
  (let [machine (snapshots-of context)]
    (core/revert machine (:label options))
    {:label (:label options)
     :merge {:machine {:ip (first (core/addresses machine))}}}))

(defn type-known
  "The type of the system, which has to be defined by now."
  [{:keys [system]}]
  (types/get! (:type system))
  nil)

(defonce ^{:doc "How a type is put on a machine, by the key that its description has: functions of the context and the type."} provisioners
  (atom {}))

(defn provision-machine
  "Has the machine provisioned as its type says."
  [{:keys [system] :as context}]
  (let [type (types/get! (:type system))
        [kind provision] (first (filter #(contains? type (key %)) @provisioners))]
    (when-not kind
      (throw (ex-info (str "Nothing here knows how to provision the type " (:type system)
                           ": its description has none of " (pr-str (vec (keys @provisioners))))
                      {:type :re-core/no-provisioner})))
    (provision context type)))

;; --- the workflows ---------------------------------------------------------------------------------------------------

(def ^:private making
  {:step :create :run #'create-machine :probe #'machine-made :within (* 15 minute)})

(def ^:private starting
  {:step :start :run #'start-machine :repeat true :within (* 10 minute)})

(def ^:private looking
  {:step :absent :run #'no-machine-yet :undo #'forget-new :looks true :repeat true :within minute})

(def create
  "Makes a machine and starts it. When that fails half-way, all is as before, without the system."
  [looking
   (assoc making :undo #'delete-and-forget)
   starting])

(def clone
  "Makes a machine as a copy of the one that the option :source names, and starts it. When that fails half-way, all is as before."
  [looking
   (assoc making :step :clone :run #'clone-machine :undo #'delete-and-forget)
   starting])

(def start
  "Starts a machine."
  [starting])

(def stop
  "Stops a machine: asks it to, then takes its power."
  [{:step :stop :run #'stop-machine :repeat true :within (* 10 minute)}])

(def reload
  "Makes a machine anew, as its system says, under the same id and name."
  [{:step :power-off :run #'power-off :repeat true :within (* 5 minute)}
   {:step :delete :run #'delete-machine :repeat true :within (* 10 minute)}
   (assoc making :undo #'delete-what-was-made)
   starting])

(def destroy
  "Removes a machine, and its system from the store."
  [{:step :power-off :run #'power-off :repeat true :within (* 5 minute)}
   {:step :delete :run #'delete-machine :repeat true :within (* 10 minute)}
   {:step :forget :run #'forget :repeat true :within minute}])

(def snapshot
  "Keeps the state of a machine under a label."
  [{:step :snapshot :run #'take-snapshot :probe #'snapshot-taken :within (* 15 minute)}])

(def revert
  "Puts a machine back to a snapshot."
  [{:step :revert :run #'revert-machine :repeat true :within (* 15 minute)}])

(def provision
  "Provisions a machine as its type says."
  [{:step :type :run #'type-known :looks true :repeat true :within minute}
   {:step :provision :run #'provision-machine :within (* 60 minute)}])

(defonce ^:private known
  ;; The vars of workflows, by topic.
  (atom {}))

(swap! known merge
       {"create" #'create "start" #'start "stop" #'stop "reload" #'reload "destroy" #'destroy
         "snapshot" #'snapshot "revert" #'revert "provision" #'provision "clone" #'clone})

(defn- problem-of [steps]
  (cond
    (not (and (vector? steps) (seq steps))) "it is no vector of steps"
    (not-every? (fn [{:keys [step run]}] (and (keyword? step) (ifn? run))) steps) "every step has :step, a keyword, and :run, a function"
    (not (apply distinct? (map :step steps))) "two steps have the same name"))

(defn workflow
  "Makes a workflow known under a topic: name is a var whose value is a vector of steps. A new definition of the var is used by jobs
  that are under way, from their next step on.

    (def patch [{:step :upgrade :run upgrade} {:step :restart :run restart :repeat true}])
    (workflow \"patch\" #'patch)
    (schedule {} \"patch\" (second (ls systems)))"
  {:category :jobs}
  [topic name]
  (when-not (var? name)
    (throw (ex-info (str "A workflow is given by its var, found " (pr-str name))
                    {:type :re-core/bad-workflow :hint (str "(workflow " (pr-str topic) " #'name)")})))
  (when-let [problem (problem-of @name)]
    (throw (ex-info (str "The workflow " name " cannot be run: " problem) {:type :re-core/bad-workflow})))
  (swap! known assoc topic name)
  topic)

(def ^:private found-good
  "The vector of steps in which no problem was found last, of each topic."
  (atom {}))

(defn steps-of
  "The steps of the workflow of a topic, as it is defined now."
  [topic]
  (let [name (or (@known topic)
                 (throw (ex-info (str "There is no workflow " (pr-str topic))
                                 {:type :re-core/no-workflow
                                  :hint (str "There are " (apply str (interpose ", " (sort (keys @known))))
                                             "; (workflow " (pr-str topic) " #'name) makes one known.")})))
        steps @name]
    (when-not (identical? steps (@found-good topic))
      (when-let [problem (problem-of steps)]
        (throw (ex-info (str "The workflow " name " cannot be run: " problem) {:type :re-core/bad-workflow})))
      (swap! found-good assoc topic steps))
    steps))

(defn step-of
  "One step of the workflow of a topic, as it is defined now; an error when it has gone."
  [topic step]
  (or (first (filter #(= step (:step %)) (steps-of topic)))
      (throw (ex-info (str "The workflow " (pr-str topic) " has no step " step " any more")
                      {:type :re-core/no-step :topic topic :step step}))))

(defn looks?
  "Whether a step of the workflow of a topic, as it is defined now, changes nothing."
  [topic step]
  (boolean (some (fn [definition] (and (= step (:step definition)) (:looks definition))) (some-> (@known topic) deref))))
