(ns reops.facts
  "What this machine is, and how it does: its system, processors, memory, disks, networks, users, services, packages, ports, and what they do
  at the moment. No program is started for it. It is part of every agent, so functions that travel may call it; machines that are reached
  by SSH are asked by script, and parse makes the same facts of what they said.

    (gather :memory)   ;=> {:total 16630575104 :used 5321011200 …}

  Sizes are bytes, times milliseconds, rates of one second, shares percent. What is not known is left out, or :unknown where all depends on it."
  (:require [clojure.string :as string]))

(defn- native [name]
  (reops.internal/load-module "facts")
  (deref (ns-resolve 'reops.facts.native name)))

(defn- names [groups] (mapv name groups))

(def ^:private one-second 1000)

(defn groups
  "What can be asked for: {:memory \"Memory in bytes: {:total …\" …}.

    (:memory (groups))"
  {:category :facts}
  []
  (into (sorted-map) (map (juxt keyword (native 'description))) ((native 'groups))))

(defn takes-time?
  "Whether some of these are rates, for which a machine is looked at twice.

    (takes-time? [:memory :usage]) ;=> true"
  [groups]
  ((native 'takes-time?) (names groups)))

(defn gather-all
  "The facts of several groups, {group facts}, as they are at one moment. Rates are those between two readings, :over milliseconds apart (1000).

    (gather-all [:load :memory])
    (gather-all [:usage :traffic] {:over 200})"
  {:category :facts}
  ([groups] (gather-all groups {}))
  ([groups {:keys [over] :or {over one-second}}]
   (let [wanted (names groups)
         before ((native 'read-now) wanted)
         after (if (takes-time? groups)
                 (do (Thread/sleep over) ((native 'read-now) wanted))
                 before)]
     ((native 'facts-of) wanted before after))))

(defn gather
  "The facts of one group.

    (gather :load)                ;=> {:one 0.31 :five 0.27 :fifteen 0.2 :cores 4 …}
    (gather :usage {:over 200})"
  {:category :facts}
  ([group] (gather group {}))
  ([group options] (get (gather-all [group] options) group)))

(defn script
  "Shell that has another machine say what groups are about, for parse. mark is a word that nobody there can guess; rates are those over
  :over milliseconds, which are rounded up to seconds."
  ([groups mark] (script groups mark {}))
  ([groups mark {:keys [over] :or {over one-second}}]
   ((native 'script) (names groups) mark (max 1 (quot (+ over 999) 1000)))))

(defn parse
  "The facts, {group facts}, in what the shell of script printed there."
  [groups mark output]
  ((native 'facts-in) (names groups) mark output))
