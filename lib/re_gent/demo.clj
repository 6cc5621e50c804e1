(ns re-gent.demo
  "Real agents on this machine, for trying things out: each with keys, a folder and processes of its own."
  (:require [clojure.string :as string]
            [re-gent.fleet :as fleet]
            [reops.fs :as fs]
            [reops.peer :refer [apart]]
            [reops.process :as process]))

(defonce ^:private fleets
  ;; [{:folder … :agents {name future}} …]
  (atom []))

(defn- program []
  (let [here (fs/parent (fs/read-link "/proc/self/exe"))
        places (remove nil? [(System/getenv "REGENT") (fs/join here "regent") (fs/join here ".." "lib" "reops" "regent")])]
    (or (first (filter fs/exists? places))
        (throw (ex-info (str "The agent, regent, is in none of " (string/join ", " places) "; REGENT in the environment can name it")
                        {:type :re-gent/no-program})))))

(defn- start
  "Keeps an agent running: a future that, when it is cancelled, ends it. One that was killed is started again."
  [folder name]
  (let [{:keys [server server-key]} (fleet/listening)
        home (fs/join folder name)
        command [(program) "--server" server "--server-key" server-key "--home" home "--name" name]
        token (fleet/invite-agent name)]
    (fs/mkdirs home)
    (apart
      (loop [{:keys [exit] :as ended} (process/run (conj command "--token" "-") {:in (str token "\n")})]
        ;; 128 and more: a signal. An agent that gives up by itself says why.
        (if (< 128 exit)
          (recur (process/run command))
          ended)))))

(def ^:private patience
  "Milliseconds for all agents of a fleet to come."
  60000)

(declare stop-fleet)

(defn demo-fleet
  "Starts n agents on this machine, agent-1 to agent-n, lets them in and returns them as hosts. (stop-fleet) ends them.

    (def hs (demo-fleet 3))
    (run-hosts hs (fn [] (+ 1 2)) [])"
  {:category :agents}
  [n]
  (let [folder (fs/temp-dir "reops-fleet")
        taken (set (keys (fleet/all-hosts)))
        names (vec (take n (remove taken (map #(str "agent-" %) (rest (range))))))
        started {:folder folder :agents (into {} (map (juxt identity (partial start folder))) names)}]
    (swap! fleets conj started)
    (when-let [missing (seq (fleet/await-agents names patience))]
      (let [said (deref (get-in started [:agents (first missing)]) 0 nil)]
        (stop-fleet)
        (throw (ex-info (str (count missing) " of " n " agents did not come, " (first missing) " among them"
                             (when said (str ", which said: " (string/trim (:err said)))))
                        {:type :re-gent/no-fleet :agents (vec missing)}))))
    (fleet/agent-hosts names)))

(defn stop-fleet
  "Ends the agents that demo-fleet started, and forgets them."
  {:category :agents}
  []
  (let [[ended _] (swap-vals! fleets (constantly []))]
    (doseq [{:keys [agents]} ended, [_ running] agents] (future-cancel running))
    (doseq [{:keys [folder agents]} ended]
      (doseq [name (keys agents)]
        (when (contains? (fleet/all-hosts) name) (fleet/revoke-agent name)))
      (fs/delete-tree folder))))
