(ns re-gent.fleet
  "The agents of this controller: who waits to be let in, who is there. Agents connect to us, and stay; see docs/agents.md.

    (pending-agents)
    (accept-agent \"web1\")
    (registered-hosts)"
  (:require [re-gent.registry :as registry]
            [re-core.persistency.common :as store]
            [re-mote.repl.base :refer [hosts]]
            [re-mote.repl.tables :as tables]
            [reops.config :refer [config]]
            [reops.fs :as fs]
            [reops.peer :refer [apart]]))

(defn- native [name]
  (reops.internal/load-module "agents")
  (deref (ns-resolve 're-gent.native name)))

(defonce ^:private opened
  ;; {:fleet handle :watcher future} once agents are listened for
  (atom nil))

(defonce ^:private handlers
  ;; {key f}
  (atom {}))

(defn on-agent-event
  "Has f called with each thing that happens to agents, {:event :up, :down, :pending or :accepted, :name :key}; one of the same key is replaced,
  nil takes it away.

    (on-agent-event ::pager (fn [{:keys [event name]}] (when (= event :down) (page (str name \" is gone\")))))"
  {:category :agents}
  [key f]
  (if f (swap! handlers assoc key f) (swap! handlers dissoc key))
  key)

(defn- words [{:keys [event name key]}]
  (case event
    :pending (str "An agent on " name " waits to be let in: (accept-agent \"" name "\")    key " key)
    :accepted (str "The agent " name " was let in by its token")
    :up nil
    :down (str "The agent " name " is gone")))

(defn- handle-event [event]
  (when (= :accepted (:event event))
    (registry/add (:name event) (:key event)))
  (doseq [[k f] @handlers]
    (try
      (f event)
      (catch Exception e
        (println (str "The handler " k " of agents' events failed: " (ex-message e)))))))

(on-agent-event ::notice (fn [event] (some-> (words event) println)))

(defn- watch [fleet]
  (apart
    (try
      (loop []
        (let [events ((native 'next-events) fleet)]
          (run! handle-event events)
          (when @opened (recur))))
      (catch InterruptedException _ nil)
      (catch IllegalStateException _ nil))))

(defn- port-problem [e]
  (if (= :wire/socket (:type (ex-data e)))
    (ex-info (str (ex-message e) ". Another program has the port, perhaps another controller; (config :agents :listen) is where agents are listened for")
             (ex-data e) e)
    e))

(defn open
  "Begins to listen for agents, at endpoint or where the configuration says; nothing when it has begun."
  {:category :agents}
  ([] (open (config :agents :listen)))
  ([endpoint]
   (locking opened
     (when-not @opened
       (let [fleet (try
                     ((native 'open) {:endpoint (str "tcp://" endpoint)
                                      :keys (fs/join (store/folder) "controller.key")
                                      :heartbeat (config :agents :heartbeat)
                                      :accepted (vec (registry/accepted))})
                     (catch Exception e (throw (port-problem e))))]
         (reset! opened {:fleet fleet})
         (swap! opened assoc :watcher (watch fleet))))
     nil)))

(defn close
  "Stops listening for agents. They try to come back."
  {:category :agents}
  []
  (locking opened
    (when-let [{:keys [fleet watcher]} @opened]
      (reset! opened nil)
      (some-> watcher future-cancel)
      ((native 'close) fleet)))
  nil)

(defn fleet
  "What the natives know the agents by; listens for them when nobody does yet."
  {:no-doc true}
  []
  (or (:fleet @opened) (do (open) (:fleet @opened))))

(defn listening
  "Where agents find this controller, and the key by which they know it: {:server \"127.0.0.1:7450\" :server-key …}."
  {:category :agents}
  []
  {:server (subs ((native 'endpoint) (fleet)) (count "tcp://"))
   :server-key ((native 'key) (fleet))})

(defn all-hosts
  "All agents that were accepted or wait: {name {:state :up :key … :version … :machine … :heard …}}.

    (all-hosts)"
  {:category :agents}
  []
  (into (sorted-map) (map (juxt :name #(dissoc % :name))) ((native 'agents) (fleet))))

(defn- in-state [& states]
  (filterv (comp (set states) :state) ((native 'agents) (fleet))))

(defn registered?
  "Whether an agent of that name is connected.

    (registered? \"web1\")"
  {:category :agents}
  [name]
  (boolean (some #(= name (:name %)) (in-state :up))))

(defn agent-hosts
  "Hosts to work on by their agents: those that are connected, or of names, or of a pattern.

    (run-hosts (agent-hosts) (fn [] (+ 1 2)) [])
    (run-hosts (agent-hosts \"web[1-3]\") (fn [] (+ 1 2)) [])"
  {:category :agents}
  ([] (agent-hosts (mapv :name (in-state :up))))
  ([names] (hosts names {:via :agent})))

(defn- age [heard]
  (when heard (str (quot (- (System/currentTimeMillis) heard) 1000) " s ago")))

(defn- show [agents]
  (when (seq agents)
    (print (tables/table-text (map (fn [{:keys [name state machine version heard key]}]
                                     (array-map :name name :state (clojure.core/name state) :machine machine :version version
                                                :heard (age heard) :key key))
                                   agents)))
    (flush))
  (mapv :name agents))

(defn registered-hosts
  "Shows the agents that were accepted, and returns their names.

    (registered-hosts)"
  {:category :agents}
  []
  (show (in-state :up :down)))

(defn pending-agents
  "Shows the agents that wait to be let in, with their keys, and returns what is known of them. Compare the key with what `regent status` says on
  the machine.

    (pending-agents)"
  {:category :agents}
  []
  (let [agents (in-state :pending)]
    (show agents)
    agents))

(defn- the-pending
  "The one agent that waits under a name, or has a key."
  [name-or-key]
  (let [found (filter (fn [{:keys [name key]}] (contains? #{name key} name-or-key)) (in-state :pending :revoked))]
    (case (count found)
      1 (first found)
      0 (throw (ex-info (str "No agent waits under the name or the key " (pr-str name-or-key) ": (pending-agents) shows who does")
                        {:type :re-gent/unknown-agent :agent name-or-key}))
      (throw (ex-info (str (count found) " agents call themselves " name-or-key ": name the one that is meant by its key")
                      {:type :re-gent/several-agents :keys (mapv :key found)})))))

(defn accept-agent
  "Lets an agent in that waits, named by what it calls itself or by its key: from now on it is known under :name, or what it calls itself. A name that
  another key has is given to this one only with :replace true, for a machine that was installed anew.

    (accept-agent \"web1\")
    (accept-agent \"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID\" {:name \"web1\" :replace true})"
  {:category :agents}
  ([name-or-key] (accept-agent name-or-key {}))
  ([name-or-key {:keys [name replace]}]
   (let [{:keys [key] :as agent} (the-pending name-or-key)
         name (or name (:name agent))]
     ((native 'accept) (fleet) key name (boolean replace))
     (registry/add name key)
     name)))

(defn revoke-agent
  "Shuts an agent out, named by its name or its key: nothing it sends is looked at any more.

    (revoke-agent \"web1\")"
  {:category :agents}
  [name-or-key]
  (if-let [{:keys [key name]} (first (filter (fn [a] (contains? #{(:name a) (:key a)} name-or-key)) ((native 'agents) (fleet))))]
    (do ((native 'revoke) (fleet) key)
        (registry/remove-key key)
        name)
    (throw (ex-info (str "There is no agent with the name or the key " (pr-str name-or-key)) {:type :re-gent/unknown-agent :agent name-or-key}))))

(defn invite-agent
  "A token with which one agent is let in under a name, once and within fifteen minutes. The agent reads it from its standard input:

    (invite-agent \"web1\")   ; then there: regent --server … --server-key … --token -"
  {:category :agents}
  [name]
  ((native 'invite) (fleet) name))

(defn await-agents
  "Waits until agents of all these names are connected, at most ms milliseconds; the names of those that are not."
  {:category :agents}
  [names ms]
  (let [arrived (promise)
        missing (fn [] (vec (remove (set (map :name (in-state :up))) names)))
        handler (gensym "await")
        look (fn [] (when (empty? (missing)) (deliver arrived true)))]
    (on-agent-event handler (fn [_] (look)))
    (try
      (look)
      (deref arrived ms nil)
      (missing)
      (finally (on-agent-event handler nil)))))
