(ns reops.components
  "Parts of a system that are started and stopped: connections, servers, schedules.

      (defstate db
        \"Where we keep what we found.\"
        :start (open-store \"found.db\")
        :stop (close-store db))

  `(go)` starts all that are defined, each after those it needs; `(stop)` stops them the other way round; `(reset)` stops,
  loads changed files anew and starts again. A component needs those of the namespaces that its own requires, those
  defined before it in its own, and those named by :after."
  (:require [clojure.string :as str]
            [reops.config :refer [reload-config]]
            [reops.reload :as reload]
            [reops.reload.graph :as graph]))

(defrecord NotStarted [component])

(defmethod print-method NotStarted [{:keys [component]} writer]
  (.write writer (str "#<" component " is not started>")))

(def ^:private components
  "Qualified symbol → {:var :start :stop :after :number :running}."
  (atom {}))

(defn- var-symbol [v]
  (let [{:keys [ns name]} (meta v)]
    (symbol (str (ns-name ns)) (str name))))

(defn register
  "Makes known what a defstate defines. What runs goes on as it is; it is stopped as it is defined now."
  {:no-doc true}
  [v {:keys [start stop after]}]
  (let [component (var-symbol v)]
    (swap! components
           (fn [known]
             (let [numbers (map :number (vals known))]
               (update known component merge
                       {:var v :start start :stop stop :after (set (map var-symbol after))
                        :number (inc (apply max 0 numbers))}))))
    (when-not (bound? v)
      (alter-var-root v (constantly (->NotStarted component))))
    v))

(defmacro defstate
  "Defines a component: name is what :start makes once `(go)` has started it. :stop, in which name is that value, is
  evaluated by `(stop)`. :after is a vector of other components that it needs, for those its namespace does not require.
  Defined anew while it runs, it goes on until it is started again."
  {:category :lifecycle
   :arglists '([name doc? & {:keys [start stop after]}])}
  [name & tail]
  (let [doc (when (string? (first tail)) (first tail))
        options (if doc (rest tail) tail)
        {:keys [start stop after]} (apply hash-map options)]
    (when-not (and (symbol? name) (even? (count options)))
      (throw (ex-info "defstate needs a name, and pairs of :start, :stop and :after"
                      {:type :reops/bad-defstate :hint "(defstate conn :start (connect) :stop (disconnect conn))"})))
    (when-let [unknown (seq (remove #{:start :stop :after} (take-nth 2 options)))]
      (throw (ex-info (str "defstate knows :start, :stop and :after, not " (pr-str (first unknown)))
                      {:type :reops/bad-defstate})))
    (when-not (some #{:start} (take-nth 2 options))
      (throw (ex-info (str "defstate " name " has no :start") {:type :reops/bad-defstate})))
    `(do
       (def ~(vary-meta name merge (when doc {:doc doc})))
       (register (var ~name)
                 {:start (fn [] ~start)
                  :stop (fn [] ~stop)
                  :after [~@(map (fn [other] (list 'var other)) after)]}))))

;; Order

(defn- required-namespaces
  "The namespaces that ns uses, directly or not."
  [ns]
  (loop [seen #{} pending [ns]]
    (if-let [next-ns (peek pending)]
      (if (contains? seen next-ns)
        (recur seen (pop pending))
        (recur (conj seen next-ns)
               (into (pop pending)
                     (concat (vals (ns-aliases next-ns))
                             (map (comp :ns meta) (vals (ns-refers next-ns)))))))
      (disj seen ns))))

(defn- needs
  "The components that one has to be started after."
  [known component]
  (let [{:keys [after number] v :var} (get known component)
        own-ns (:ns (meta v))
        required (required-namespaces own-ns)]
    (into after
          (for [[other {other-var :var other-number :number}] known
                :let [ns (:ns (meta other-var))]
                :when (or (and (= ns own-ns) (< other-number number))
                          (contains? required ns))]
            other))))

(defn- in-start-order [known]
  (graph/in-order (into {} (map (fn [component] [component (needs known component)])) (keys known))
                  (keys known)
                  (comp :number known)))

(defn- still-defined?
  "Does the name of a component still mean it?"
  [component {v :var}]
  (identical? v (when-let [ns (find-ns (symbol (namespace component)))]
                  (get (ns-interns ns) (symbol (name component))))))

;; Starting and stopping

(defn- mark [component running]
  (swap! components assoc-in [component :running] running))

(defn- start-one [component]
  (let [{:keys [start] v :var} (get @components component)]
    (try
      (let [value (start)]
        (alter-var-root v (constantly value))
        (mark component true))
      (catch InterruptedException e
        (throw e))
      (catch Throwable e
        (throw (ex-info (str component " could not be started; what it needs is running")
                        {:type :reops/start-failed :component component :hint "Mend it and (go) again, or (stop)."}
                        e))))))

(defn- stop-one
  "Stops a component; the error if that failed. It counts as stopped in any case."
  [component]
  (let [{:keys [stop] v :var} (get @components component)]
    (try
      (stop)
      nil
      (catch InterruptedException e
        (throw e))
      (catch Throwable e
        e)
      (finally
        (alter-var-root v (constantly (->NotStarted component)))
        (mark component false)))))

(defn running
  "The components that are started, in the order in which they were to be."
  {:category :lifecycle}
  []
  (filterv (fn [component] (get-in @components [component :running])) (in-start-order @components)))

(defn go
  "Starts every component that is not running, each after those it needs, and returns their names. When one fails, those
  before it run."
  {:category :lifecycle}
  []
  (locking components
    (let [known @components
          to-start (filterv (fn [component]
                              (and (not (get-in known [component :running]))
                                   (still-defined? component (get known component))))
                            (in-start-order known))]
      (run! start-one to-start)
      to-start)))

(defn stop
  "Stops every component that runs, each before those it needs, and returns their names. One that fails to stop does not
  keep the others from it: the error comes at the end."
  {:category :lifecycle}
  []
  (locking components
    (let [to-stop (vec (rseq (running)))
          failures (into {} (keep (fn [component]
                                    (when-let [e (stop-one component)]
                                      [component e])))
                         to-stop)]
      ;; Those whose definitions are gone were kept to be stopped.
      (swap! components (fn [known] (into {} (filter (fn [[component c]] (still-defined? component c))) known)))
      (when-let [[component e] (first failures)]
        (throw (ex-info (str (str/join ", " (keys failures)) " failed to stop; everything counts as stopped")
                        {:type :reops/stop-failed :components (vec (keys failures))}
                        e)))
      to-stop)))

(defn reset
  "Stops everything, loads changed files anew (see reops.reload/refresh) and starts again, with the configuration as it is in its file by
  now. Returns what was loaded and what runs. A configuration that is not as it should be is an error before anything is stopped."
  {:category :lifecycle}
  []
  (reload-config)
  (stop)
  (let [loaded (reload/refresh)]
    (go)
    {:loaded loaded :running (running)}))
