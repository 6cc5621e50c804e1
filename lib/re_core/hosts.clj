(ns re-core.hosts
  "Systems as hosts to work on."
  (:require [re-mote.repl.base :as mote]))

(defn- login
  "What is to be known for logging in to a system's machine, as the :auth of hosts has it of one."
  [{:keys [machine]} k]
  (let [{:keys [ip user access]} machine]
    (cond-> (merge {:user user} access)
      (and ip (not= k :ip)) (assoc :address ip))))

(defn of-systems
  "Hosts of pairs [id system]: by their addresses, :ip, or their names, :hostname, which need no name server where the address is known. Those
  without are left out."
  [pairs k]
  (let [name-of (fn [[_ system]] (get-in system [:machine k]))
        chosen (filter name-of pairs)]
    (mote/->Hosts {:hosts (into {} (map (fn [[_ system :as pair]] [(name-of pair) (login system k)])) chosen)}
                  (into [] (comp (map name-of) (distinct)) chosen))))
