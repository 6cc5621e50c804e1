(ns re-mote.targets
  "Whom to work on: hosts of inventories, and sets of hosts made of others."
  (:require [clojure.string :as string]
            [re-mote.inventory :as inventories]
            [re-mote.inventory.ansible :as ansible]
            [re-mote.patterns :as patterns]
            [re-mote.native-module :as ssh]
            [re-mote.repl.base :refer [->Hosts hosts]]
            [reops.config :refer [config]]
            [reops.fs :as fs]))

;; --- inventories ---------------------------------------------------------------------------------------------------------

(def ^:private default-names
  ["inventory.edn" "inventory.ini" "inventory.yml" "inventory.yaml" "inventory.json" "inventory"])

(defn default-inventory
  "The inventory that is meant when none is named: the file in REOPS_INVENTORY, else that of the configuration, else inventory.edn, .ini, .yml, .yaml, .json or
  inventory in the configuration's folder. An error when there is none."
  []
  (let [named (System/getenv "REOPS_INVENTORY")
        folder (reops.internal/config-folder)]
    (or (when-not (string/blank? named) named)
        (config :hosts :inventory)
        (first (filter fs/exists? (map #(fs/join folder %) default-names)))
        (throw (ex-info "There is no inventory"
                        {:type :re-mote/no-inventory
                         :hint (str "Name one with -i FILE, in REOPS_INVENTORY, or write " (fs/join folder "inventory.ini")
                                    "; at the prompt (inventory \"FILE\").")})))))

(defn- auth-of
  "What the record needs to know of hosts of an inventory: where and as whom to reach each, and its variables."
  [{:keys [source] :as inventory} names]
  {:hosts (into {}
                (keep (fn [host]
                        (when-let [variables (not-empty (get-in inventory [:hosts host]))]
                          [host (assoc (ansible/connection host variables source) :vars variables)])))
                names)})

(defn inventory
  "Hosts of an inventory, a file or a folder of files, or of a command that prints JSON (see re-mote.inventory/read-inventory): all, or
  those that a selection names (see re-mote.inventory/select). Connection variables in it, such as ansible_host, count.

    (inventory \"inventory.ini\")
    (inventory \"inventory.ini\" \"web:&dc1:!web3\")
    (inventory [\"terraform-inventory\" \"--list\"] \"web\")"
  {:category :hosts}
  ([file] (inventory file "all"))
  ([file selection]
   (let [inv (inventories/read-inventory file)
         names (inventories/select inv selection)]
     (->Hosts (auth-of inv names) names))))

(defn group
  "Hosts of a group of the default inventory (see re-mote.targets/default-inventory), by its name or any selection.

    (group :web)
    (group \"web:!web3\")"
  {:category :hosts}
  [selection]
  (inventory (default-inventory) (name selection)))

(defn hosts-in
  "Hosts of these names, a pattern, with what the inventory says of those of them that it knows.

    (hosts-in \"inventory.ini\" \"web1,db[1-2]\")"
  {:category :hosts}
  [file pattern]
  (let [names (patterns/expand pattern)]
    (->Hosts (auth-of (inventories/read-inventory file) names) names)))

(defn inventory-groups
  "The names of the groups of an inventory file, or of the default inventory.

    (inventory-groups \"inventory.ini\") ;=> (\"all\" \"db\" \"web\")"
  {:category :hosts}
  ([] (inventory-groups (default-inventory)))
  ([file] (let [{:keys [groups]} (inventories/read-inventory file)]
            (sort (keep (fn [[name names]] (when (seq names) name)) groups)))))

;; --- the SSH configuration ---------------------------------------------------------------------------------------------

(declare hosts-common)

(defn ssh-hosts
  "The hosts that ~/.ssh/config has a Host line for, or those of them that a pattern names (see hosts-common).

    (ssh-hosts)
    (ssh-hosts \"web*,db[1-3]\")"
  {:category :hosts}
  ([] (->Hosts {} (ssh/config-hosts)))
  ([pattern] (hosts-common (ssh-hosts) pattern)))

;; --- sets of hosts ---------------------------------------------------------------------------------------------------------

(defn- per-host
  "What the auth of a record says of one of its hosts."
  [{:keys [auth]} host]
  (not-empty (merge (dissoc auth :hosts) (get-in auth [:hosts host]))))

(defn host-details
  "What the record says of each of its hosts: [{:host \"web1\" :address \"192.0.2.7\" :vars {\"rack\" \"a\"}} …].

    (host-details (inventory \"inventory.ini\" \"web\"))"
  {:category :hosts}
  [hs]
  (mapv (fn [host] (merge (array-map :host host) (per-host hs host))) (:hosts hs)))

(defn hosts-with
  "The hosts with more said of all of them, as hosts takes it: :user :port :key :jump :password :host-keys :vars. What is said of one
  host goes before it.

    (hosts-with (group :web) {:host-keys {\"10.0.0.0/8\" :accept-new}})"
  {:category :hosts}
  [hs more]
  (update hs :auth merge (:auth (hosts [] more))))

(defn hosts-union
  "The hosts of all these, once each; of two records that know how to reach a host, the first counts.

    (hosts-union (group :web) (hosts \"db1\"))"
  {:category :hosts}
  [& sets]
  (let [names (into [] (comp (mapcat :hosts) (distinct)) sets)
        auth (into {} (keep (fn [host]
                              (some (fn [hs] (when (some #{host} (:hosts hs)) (when-let [a (per-host hs host)] [host a]))) sets)))
                   names)]
    (->Hosts (if (seq auth) {:hosts auth} {}) names)))

(defn- names-of
  "A predicate on host names: of a record, a pattern (also web* and ~regex), or a vector of names."
  [x]
  (cond
    (string? x) (let [terms (remove string/blank? (map string/trim (patterns/split-outside x #{\,})))
                      tests (map (fn [term]
                                   (cond
                                     (string/starts-with? term "~") (partial re-find (re-pattern (subs term 1)))
                                     (re-find #"[*?]" term) (partial re-find (inventories/glob term))
                                     :else (set (patterns/expand term))))
                                 terms)]
                  (fn [host] (some #(% host) tests)))
    (:hosts x) (set (:hosts x))
    :else (set x)))

(defn hosts-except
  "The hosts without some: others, a pattern, or names.

    (hosts-except (group :web) \"web[01-03],db*\")
    (hosts-except (group :web) (group :canary))"
  {:category :hosts}
  [hs others]
  (update hs :hosts (partial filterv (complement (names-of others)))))

(defn hosts-common
  "Those of the hosts that are also among others, a pattern, or names.

    (hosts-common (group :web) (group :dc1))"
  {:category :hosts}
  [hs others]
  (update hs :hosts (partial filterv (names-of others))))
