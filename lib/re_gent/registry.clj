(ns re-gent.registry
  "Which agents were accepted, under which name: a file beside the store that a person can read."
  (:require [clojure.edn :as edn]
            [re-core.persistency.common :as store]
            [reops.fs :as fs]))

(defn- file [] (fs/join (store/folder) "agents.edn"))

(defn accepted
  "The accepted agents: {name key}."
  []
  (if (fs/exists? (file))
    (let [known (try (edn/read-string (slurp (file))) (catch Exception e e))]
      (when-not (and (map? known) (every? string? (mapcat identity known)))
        (throw (ex-info (str "The list of accepted agents in " (file) " cannot be read: mend it, or move it away and accept your agents again")
                        {:type :re-gent/bad-registry :file (file)})))
      known)
    {}))

(defn- write [agents]
  (fs/spit-private (file) (str ";; Accepted agents and their keys. (accept-agent …) and (revoke-agent …) write this file.\n"
                               (pr-str (into (sorted-map) agents)) "\n")))

(defn add
  "Notes that the agent with this key was accepted under a name; what had the name or the key before has it no longer."
  [name key]
  (locking add
    (write (assoc (into {} (remove (fn [[_ k]] (= k key))) (accepted)) name key))))

(defn remove-key
  "Notes that a key is accepted no longer."
  [key]
  (locking add
    (write (into {} (remove (fn [[_ k]] (= k key))) (accepted)))))
