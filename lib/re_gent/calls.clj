(ns re-gent.calls
  "Functions that run where the hosts are: sent to agents with all they need, answered with their values.

    (run-hosts (agent-hosts) (fn [] (+ 1 2)) [])
    (run (ship (agent-hosts) (fn [path] (count (reops.fs/list-dir path))) [\"/etc\"]) | (pretty))"
  (:require [re-gent.fleet :refer [fleet]]
            [re-mote.history :as history]
            [re-mote.repl.base :as base]
            [re-mote.repl.interrupts :refer [given-up? held]]
            [re-mote.repl.results :as results]))

(defn- native [name]
  (reops.internal/load-module "agents")
  (deref (ns-resolve 're-gent.native name)))

(def ^:private units
  {:ms 1 :millisecond 1 :second 1000 :seconds 1000 :minute 60000 :minutes 60000 :hour 3600000 :hours 3600000})

(def ^:private most-milliseconds (* 7 24 3600000))

(defn- milliseconds
  "A time as [5 :minute], or as a number of milliseconds."
  [within]
  (let [ms (cond
             (integer? within) within
             (and (vector? within) (= 2 (count within)) (number? (first within)) (units (second within)))
             (long (* (first within) (units (second within)))))]
    (when-not (and ms (<= 1 ms most-milliseconds))
      (throw (ex-info (str "A deadline is [number unit], such as [5 :minute], or milliseconds, up to a week; found " (pr-str within))
                      {:type :re-gent/bad-deadline})))
    ms))

(defn- entry
  "The entry of one host, of what its agent answered."
  [changed {:keys [host code value thrown reason message out err start time]}]
  (let [base {:host host
              :code code
              :changed (boolean (cond
                                  (= -1 code) false
                                  (and (map? value) (contains? value :changed)) (:changed value)
                                  :else changed))
              :uuid (results/new-uuid)
              :profile {:start start :end (when start (+ start (long time))) :time time}}]
    (case (long code)
      0 (assoc base :result value :raw {:out out :err err})
      256 (assoc base :error (cond-> {:reason :exception :message (or (ex-message thrown) (str (class thrown))) :exception thrown :out out :err err}
                               (ex-data thrown) (assoc :data (ex-data thrown))))
      (assoc base :error {:reason reason :message message :out out :err err}))))

(defn- unchecked [host]
  (base/unrun-entry host {:code 0 :result nil :predicted true :reason :no-check}))

(defn- function-name [f]
  (or (:name (meta f)) (str f)))

(defrecord Call [hosts handle changed]
  clojure.lang.IDeref
  (deref [_]
    (results/merge-results {} "call" (mapv (partial entry changed) ((native 'await-call) (fleet) handle)))))

(defmethod print-method Call [{:keys [hosts]} writer]
  (.write writer (str "#<Call on " (count hosts) " agents>")))

(defn call
  "Begins a call of f with args on the agents of hosts, and returns at once what deref waits on: its results. Options: :within, its deadline,
  [10 :second] unless said; :changed, whether hosts change by it, true unless said; a result that is a map with :changed says so itself.

    (def c (call (fn [] (reops.process/output [\"uptime\"])) [] (agent-hosts)))
    @c
    (cancel c)"
  {:category :agents}
  ([f args hs] (call f args hs {}))
  ([f args hs {:keys [within changed] :or {within [10 :second] changed true}}]
   (when-not (ifn? f)
     (throw (ex-info (str "A call needs a function, found " (pr-str f)) {:type :re-gent/bad-call})))
   (let [hosts (base/targets hs)]
     (->Call hosts ((native 'start-call) (fleet) hosts (into [f] args) (milliseconds within) false) changed))))

(defn cancel
  "Ends a call where it has not ended."
  {:category :agents}
  [{:keys [handle]}]
  ((native 'cancel-call) (fleet) handle)
  nil)

(defn- outcome
  "What became of a call on one host, as operations know it of any transport."
  [{:keys [thrown start time] :as answer}]
  (cond-> (assoc answer :end (when start (+ start (long time))))
    thrown (assoc :reason :exception :message (or (ex-message thrown) (str (class thrown))))))

(defmethod base/call-batch :agent [this requests {:keys [timeout] {:keys [f args]} :call}]
  (let [hosts (mapv :host requests)
        called (call f args (assoc this :hosts hosts) {:within (or timeout (:exec-ms (first requests)) [10 :second])})]
    (mapv outcome ((native 'await-call) (fleet) (:handle called)))))

(defn- results-map? [x] (and (map? x) (contains? x :successful) (contains? x :failure)))

(defn- ship-on [this results f args {:keys [changed check] :or {changed true} :as options}]
  (let [hosts (base/targets this)
        checking (and changed (or check (:check results) base/*check*))
        merged (fn [entries]
                 [this (cond-> (results/repeatable (results/merge-results results "ship" entries)
                                                   (fn [this results] (ship-on this results f args options)))
                         checking (assoc :check true))])]
    (cond
      (empty? hosts) [this (merge {:hosts [] :successful [] :failure [] :stage "ship"} results)]
      checking (merged (mapv unchecked hosts))
      :else (held
             (history/operation
              "ship" (str (function-name f))
              (fn []
                (merged (results/entries @(call f args this options)))))))))

(defprotocol Functions
  "Functions on hosts, by their agents."
  (^{:category :agents} ship [this f args] [this results-or-f f-or-args args-or-options] [this results f args options]
    "Calls f with args on every host and returns the pair; each result is what f returned there. f takes along what it needs. As a stage it goes on with
  the hosts that are left. Options are those of call.

    (run (ship (agent-hosts) (fn [] (slurp \"/etc/hostname\")) []) | (pick successful) | (pretty))"))

(extend-type re_mote.repl.base.Hosts
  Functions
  (ship
    ([this f args] (ship-on this {} f args {}))
    ([this a b c] (if (results-map? a) (ship-on this a b c {}) (ship-on this {} a b c)))
    ([this results f args options] (ship-on this results f args options))))

(defn run-hosts
  "Calls f with args on the agents of hosts, waits at most 10 seconds or within, and returns the results: {:hosts :successful :failure}, each entry with what f
  returned as its :result. With a callback it returns a future at once; the callback gets whether some were not over in time, and the
  results.

    (run-hosts (agent-hosts) (fn [a b] (+ a b)) [1 2])
    (run-hosts (agent-hosts) backup [\"/srv\"] [5 :minute])
    (run-hosts (agent-hosts) backup [\"/srv\"] [1 :hour] (fn [timeout? results] (println (count (:successful results)))))"
  {:category :agents}
  ([hs f args] (run-hosts hs f args [10 :second]))
  ([hs f args within]
   (held
    (let [results @(call f args hs {:within within})]
      (given-up?)
      results)))
  ([hs f args within callback]
   (let [c (call f args hs {:within within})]
     (future
       (let [results @c]
         (callback (boolean (some #(= :timeout/exec (results/reason %)) (:failure results))) results))))))
