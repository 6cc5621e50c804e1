(ns re-mote.zero.facts
  "What hosts are, as data: over SSH or by their agents, in the same shape (docs/facts.md)."
  (:require [re-mote.zero.gathering :refer [gathered results? verb]])
  (:import [re_mote.repl.base Hosts]))

(defprotocol Facts
  "What hosts are. Nothing of this changes them. Options are those of all operations."
  (^{:category :facts} os-info [this] [this options] [this results options]
    "The operating system of every host: {:name :id :version :codename :pretty-name :kernel {:name :release :version} :architecture :hostname
  :vendor :product :uptime (ms) :booted (ms since 1970)}.

    (run (os-info hs) | (pretty \"systems\"))
    (run (os-info hs) | (sort-results :uptime) | (table [:host :pretty-name :uptime]))")
  (^{:category :facts} hardware-info [this] [this options] [this results options]
    "The hardware of every host: {:processor :memory :disks :networks :temperatures :machine {:vendor :product :architecture}}, as (reops.facts/groups)
  says of each.

    (run (hardware-info hs) | (aggregate [:processor :threads]) | (pretty))
    (run (hardware-info hs {:timeout 5000}) | (to-json))")
  (^{:category :facts} users [this] [this options] [this results options]
    "The users of every host: {:sessions [{:user :terminal :from :since}], who is logged in, :accounts [{:name :uid :gid :comment :home :shell :login}]}.

    (run (users hs) | (pretty))")
  (^{:category :facts} services [this] [this options] [this results options]
    "The services of every host: {:manager :services [{:name :state (:running :ended :stopped) :enabled}]}, as far as they can be seen without asking
  the manager.

    (run (services hs) | (pretty))")
  (^{:category :facts} packages [this] [this options] [this results options]
    "The packages of every host: {:manager :packages [{:name :version :architecture}]}.

    (run (packages hs) | (aggregate (comp count :packages :result) {:as :installed}) | (tee (constantly nil)))")
  (^{:category :facts} listening-ports [this] [this options] [this results options]
    "What listens on every host: [{:protocol :address :port :uid :pid :process}].

    (run (listening-ports hs) | (table))")
  (^{:category :facts} processes [this] [this name-or-options] [this results options]
    "The processes of every host: [{:pid :name :command :parent :uid :memory :threads}], all of them, or those whose name or command holds a
  text. The option :matching says the same.

    (run (processes hs \"sshd\") | (table [:host :pid :command]))"))

(defn- hardware [{:keys [system] :as facts}]
  (assoc (dissoc facts :system) :machine (select-keys system [:vendor :product :architecture])))

(defn- matching [text]
  (if text
    (fn [{all :processes}] (filterv (fn [{:keys [name command]}] (some #(.contains (str %) (str text)) [name command])) all))
    :processes))

(defn- processes-on [this results text-or-options]
  (let [{text :matching :as options} (if (string? text-or-options) {:matching text-or-options} text-or-options)]
    (gathered this results "processes" [:processes] (matching text) (dissoc options :matching))))

(extend Hosts
  Facts
  {:os-info (verb "os-info" [:system] :system)
   :hardware-info (verb "hardware-info" [:processor :memory :disks :networks :temperatures :system] hardware)
   :users (verb "users" [:users] :users)
   :services (verb "services" [:services] :services)
   :packages (verb "packages" [:packages] :packages)
   :listening-ports (verb "listening-ports" [:ports] :ports)
   :processes (fn
                ([this] (processes-on this {} {}))
                ([this x] (if (results? x) (processes-on this x {}) (processes-on this {} x)))
                ([this results x] (processes-on this results x)))})
