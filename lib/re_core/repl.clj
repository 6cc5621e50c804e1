(ns re-core.repl
  "The verbs on systems. f chooses systems: a predicate on a pair [id system] (see re-core.repl.selection). Those that work on machines return
  a future at once, whose value is the pair [systems {:systems … :jobs … :results {:successful [job …] :failure [job …]}}], and print a summary when
  they are done. With {:force true} nothing is asked; with {:check true} nothing is changed, and the summary says what would be done."
  (:refer-clojure :exclude [list sync])
  (:require [re-core.cog :as cog]
            [re-core.core :as core]
            [re-core.hosts :refer [of-systems]]
            [re-core.model :as model]
            [re-core.persistency.systems :as systems-store]
            [re-core.presets.types :as type-presets]
            [re-core.repl.base :refer [ack add- filter-by rm systems types valid?]]
            [re-core.repl.selection :refer [ip]]
            [re-core.repl.systems :as sys :refer [async-wait pretty-print]]
            [re-core.specs :as specs]
            [re-mote.repl.base :as mote :refer [ls pretty run |]]))

;; --- what verbs are made of ------------------------------------------------------------------------------------------------

(defn- with-options [this m options]
  [this (assoc m :options (dissoc options :force :check))])

(defn- predicted
  "What a verb would do, as results."
  [this {:keys [systems refused] :as m}]
  [this (-> (dissoc m :refused :new)
            (assoc :results {:successful (mapv (fn [[id system]] {:system id :hostname (get-in system [:machine :hostname]) :predicted true}) systems)
                             :failure (vec refused)}))])

(defn- submit
  "Asks for the jobs, or with :check says what would be asked for."
  [this m stage title {:keys [check]}]
  (if check
    (let [[this m] (predicted this m)]
      (pretty this m title)
      (future [this m]))
    (let [[this m] (stage this m)]
      (async-wait this m pretty-print title))))

(defn- on-systems
  "A verb on the systems that f chooses."
  [f stage title {:keys [asks] :as options}]
  (run (ls systems) | (filter-by f) | (with-options (dissoc options :asks))
       | (ack (cond-> options (not asks) (assoc :force true)))
       | (submit stage title options)))

;; --- making ----------------------------------------------------------------------------------------------------------------

(defn- create-type [base args]
  (let [type (type-presets/materialise base args)]
    (when-let [problem (specs/type-problem type)]
      (throw (ex-info (str "This is no type: " problem) {:type :re-core/bad-type :found type})))
    (when (:cog type)
      (cog/plan-of (get-in type [:cog :plan])))
    (run (add- types {:types [[(keyword (:type type)) type]]}) | (pretty))))

(defn create
  "Makes systems, and their machines, of a base and presets that are applied from left to right; a keyword is the type, text the
  description, a number how many. Those that are not as they should be are refused, and the others made. A machine that cannot be started is
  taken back, unless {:keep true} is among the arguments, a map of options. Of cog it makes a type.

    (create fake defaults (local) small :redis \"cache\" 3)
    (create fake defaults (local) small :redis {:check true})
    (create cog 'my.recipes/redis (src \"/srv/resources/\") :redis \"a cache\")"
  {:category :systems}
  [base & args]
  (let [options (apply merge (filter map? args))
        args (remove map? args)]
    (cond
      (:cog base) (create-type base args)
      (:machine base) (run (valid? systems base args) | (with-options options) | (submit sys/create "create" options))
      :else (throw (ex-info (str "create begins with a base such as fake, or cog for a type; found " (pr-str base))
                            {:type :re-core/bad-preset :base base :args (vec args)})))))

(defn add
  "Only records systems whose machines are there already; otherwise like create.

    (add fake defaults small :redis (with-host \"red1\"))"
  {:category :systems}
  [base & args]
  (let [[this {:keys [systems refused] :as m}] (valid? systems base args)
        [this m] (add- this (dissoc m :refused))]
    (pretty this
            (assoc m :results {:successful (mapv (fn [[id system]] {:system id :hostname (get-in system [:machine :hostname])}) systems)
                               :failure refused})
            "add")))

;; --- looking ---------------------------------------------------------------------------------------------------------------

(defn- shown-list [f on {:keys [print?] :or {print? true}}]
  (let [[this items] (case on
                       :systems (run (ls systems) | (filter-by f))
                       :types (run (ls types) | (filter-by f)))]
    (if print?
      (do (pretty this items) nil)
      [this items])))

(defn list
  "Lists systems, or types. With :print? false it returns the pair instead. What is no such list is what clojure.core/list makes.

    (list)                       ; all systems
    (list ip)                    ; those that have an address
    (list identity :types)       ; types
    (list ip :systems :print? false)"
  {:category :systems
   :arglists '([] [f] [f on & {:keys [print?]}])}
  [& [f on & {:as options} :as args]]
  (cond
    (empty? args) (shown-list identity :systems {})
    (and (nil? (next args)) (or (fn? f) (var? f))) (shown-list f :systems {})
    (and (contains? #{:systems :types} on) (ifn? f)) (shown-list f on (or options {}))
    :else (apply clojure.core/list args)))

;; --- working on machines -----------------------------------------------------------------------------------------------------

(defn start
  "Starts machines: of all systems that have no address, or of those that f chooses.

    (start)
    (start (typed :redis))"
  {:category :systems}
  ([] (start (comp not ip)))
  ([f] (start f {}))
  ([f options] (on-systems f sys/start "start" options)))

(defn halt
  "Stops machines: asks them to shut down, and takes their power when they do not within :grace milliseconds (30,000), or at once with
  {:power-off true}. Asks first.

    (halt ip)
    (halt (typed :redis) {:force true})"
  {:category :systems}
  ([] (halt ip))
  ([f] (halt f {}))
  ([f options] (on-systems f sys/stop "halt" (assoc options :asks true))))

(defn reload
  "Makes machines anew, under the same ids and names: what was on them is lost. Asks first.

    (reload (typed :lean))"
  {:category :systems}
  ([] (reload ip))
  ([f] (reload f {}))
  ([f options] (on-systems f sys/reload "reload" (assoc options :asks true))))

(defn destroy
  "Removes machines, and their systems from the store. Asks first.

    (destroy (matching (*id)))
    (destroy identity {:force true})"
  {:category :systems}
  ([] (destroy identity))
  ([f] (destroy f {}))
  ([f options] (on-systems f sys/destroy "destroy" (assoc options :asks true))))

(defn provision
  "Provisions machines as their types say.

    (provision (typed :redis))"
  {:category :systems}
  ([] (provision ip))
  ([f] (provision f {}))
  ([f options] (on-systems f sys/provision "provision" options)))

(defn clone
  "Makes a copy of each machine that f chooses, under a name of its own; presets are applied to the copies.

    (clone (named [\"red1\"]))
    (clone (named [\"red1\"]) (with-host \"red2\") large)"
  {:category :systems}
  [f & presets]
  (let [options (apply merge (filter map? presets))
        [this items] (run (ls systems) | (filter-by f) | (with-options options))]
    (submit this (assoc items :presets (remove map? presets)) sys/clone "clone" options)))

(defn snapshot
  "Keeps the state of machines under a label.

    (snapshot (typed :redis) \"before the upgrade\")"
  {:category :systems}
  ([f label] (snapshot f label {}))
  ([f label options] (on-systems f sys/snapshot "snapshot" (assoc options :label label))))

(defn revert
  "Puts machines back to a snapshot: what happened since is lost. Asks first.

    (revert (typed :redis) \"before the upgrade\")"
  {:category :systems}
  ([f label] (revert f label {}))
  ([f label options] (on-systems f sys/revert "revert" (assoc options :label label :asks true))))

;; --- the store ---------------------------------------------------------------------------------------------------------------

(defn- drift
  "What of a system in the store is otherwise on its hypervisor: {path [here there]}."
  [known found]
  (into {} (keep (fn [path]
                   (let [here (get-in known path) there (get-in found path)]
                     (when (not= here there) [path [here there]]))))
        [[:type] [:machine :os] [:machine :cpu] [:machine :ram] [:machine :ip]]))

(defn sync
  "Brings machines that a hypervisor has and the store does not into the store, by their names, and tells what is otherwise there than
  here. Returns the pair with the new ones as :systems, and :drift {hostname {path [here there]}}.

    (sync :fake)"
  {:category :systems}
  ([kind] (sync kind {}))
  ([kind options]
   (let [found (core/sync (model/sconstruct kind options))
         known (into {} (map (fn [[_ system]] [(get-in system [:machine :hostname]) system])) (systems-store/by :hyp kind))
         name-of (fn [system] (get-in system [:machine :hostname]))
         pairs (into [] (comp (remove (comp known name-of)) (map (fn [system] [(systems-store/new-id) system]))) found)
         drifted (into {} (keep (fn [system]
                                  (when-let [here (known (name-of system))]
                                    (when-let [d (not-empty (drift here system))] [(name-of system) d]))))
                       found)]
     (doseq [[hostname paths] drifted
             [path [here there]] paths]
       (println (str hostname ": " (pr-str path) " is " (pr-str here) " here and " (pr-str there) " there")))
     (when-not (:check options)
       (add- systems {:systems pairs}))
     (pretty systems {:systems pairs :drift drifted}))))

(defn fill
  "Puts a value at a path of every system that f chooses, in the store.

    (fill (typed :redis) [:description] \"caches of the shop\")"
  {:category :systems}
  [f path value]
  (let [[this {:keys [systems] :as items}] (run (ls systems) | (filter-by f))
        filled (mapv (fn [[id system]] [id (assoc-in system path value)]) systems)]
    (systems-store/put-all filled)
    [this (assoc items :systems filled)]))

(defn clear
  "Removes systems (or types) from the store; their machines stay as they are. Asks first.

    (clear (typed :redis))
    (clear identity :types {:force true})"
  {:category :systems}
  ([] (clear identity))
  ([f] (clear f :systems))
  ([f on] (clear f on {}))
  ([f on options]
   (case on
     :systems (run (ls systems) | (filter-by f) | (ack options) | (rm))
     :types (run (ls types) | (filter-by f) | (ack options) | (rm)))))

;; --- hosts -------------------------------------------------------------------------------------------------------------------

(defn hosts
  "Hosts to work on: of names or a pattern (see re-mote.repl.base/hosts), or of systems, which a predicate chooses: their addresses, or their
  names with :hostname. Users are those of the systems, and so are ports and keys where their provider says so. auth is what
  is said of all of them besides, as for names; its :via is another way to reach them than SSH.

    (hosts \"web[1-3],db1\")
    (hosts (typed :redis) :ip)"
  {:category :hosts
   :arglists '([] [names] [names auth] [f] [f k] [f k auth])}
  ([] (hosts ip :ip))
  ([names-or-f]
   (if (fn? names-or-f)
     (hosts names-or-f :ip)
     (mote/hosts names-or-f)))
  ([names-or-f k]
   (if (fn? names-or-f)
     (of-systems (filter names-or-f (systems-store/all)) k)
     (mote/hosts names-or-f k)))
  ([f k auth]
   (mote/via (update (hosts f k) :auth #(merge (dissoc auth :via) %)) auth)))
