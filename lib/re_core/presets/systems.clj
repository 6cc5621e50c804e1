(ns re-core.presets.systems
  "Presets that systems on every hypervisor share: functions from a system to a system, or functions that make one."
  (:require [re-core.model :refer [figure-virt]]
            [reops.config :refer [config]]))

(defn os
  "A preset: the operating system, a keyword.

    (create fake defaults (os :debian-12) small :redis)"
  {:category :presets}
  [k]
  (fn [system] (assoc-in system [:machine :os] k)))

(def ^{:category :presets :arglists '([system])} ubuntu-22_04
  "A preset: Ubuntu 22.04."
  (os :ubuntu-22.04))

(def ^{:category :presets :arglists '([system])} debian-12
  "A preset: Debian 12."
  (os :debian-12))

(defn machine
  "A preset: the user to log in as, and the domain.

    (create fake (os :debian-12) (machine \"admin\" \"dc1.example\") small :redis)"
  {:category :presets}
  [user domain]
  (fn [system] (update system :machine merge {:user user :domain domain})))

(defn default-machine
  "A preset: the user and the domain of the configuration; without one, re-ops and local."
  {:category :presets}
  [system]
  ((machine (config :presets :user) (config :presets :domain)) system))

(defn defaults
  "A preset: the operating system, user and domain of the configuration; without one, Ubuntu 22.04, re-ops and local. What stands after
  it wins.

    (create fake defaults (local) small :redis)"
  {:category :presets}
  [system]
  (default-machine ((os (config :presets :os)) system)))

(defn node
  "A preset: the node of the hypervisor that the machine is on, a keyword."
  {:category :presets}
  [k]
  (fn [system]
    (assoc-in system [(figure-virt system) :node] k)))

(defn local
  "A preset: the node of the configuration; without one, this machine. It may be called or not.

    (create fake defaults (local) small :redis)
    (create fake defaults local small :redis)"
  {:category :presets}
  ([] local)
  ([system] ((node (config :presets :node)) system)))

(defn tags
  "A preset: tags of a system, keywords, besides those it has. (tagged :web) selects by them.

    (create fake defaults small :nginx (tags :web :dc1))"
  {:category :presets}
  [& ks]
  (fn [system] (update system :tags (fn [known] (into (set known) ks)))))

(defn volume
  "A preset: a further volume, of so many gigabytes. Devices are vdb, vdc … in order; options: :type (\"qcow2\"), :pool (:default),
  :name, :clear (false: it is kept when the machine is removed), :device.

    (create fake defaults small :postgres (volume 128) (volume 512 {:pool :big}))"
  {:category :presets}
  ([size] (volume size {}))
  ([size options]
   (fn [system]
     (let [hypervisor (figure-virt system)
           n (count (get-in system [hypervisor :volumes]))]
       (update-in system [hypervisor :volumes] (fnil conj [])
                  (merge {:device (str "vd" (char (+ (int \b) n))) :type "qcow2" :size size :pool :default :clear true} options))))))

(def ^{:category :presets :arglists '([system])} vol-128G "A preset: a further volume of 128 GB." (volume 128))
(def ^{:category :presets :arglists '([system])} vol-256G "A preset: a further volume of 256 GB." (volume 256))
(def ^{:category :presets :arglists '([system])} vol-512G "A preset: a further volume of 512 GB." (volume 512))
(def ^{:category :presets :arglists '([system])} vol-1T "A preset: a further volume of 1024 GB." (volume 1024))

(defn networks
  "A preset: the networks that the machine is on, by their names, in the order of its cards.

    (create fake defaults small :redis (networks \"default\" \"storage\"))"
  {:category :presets}
  [& names]
  (fn [system] (assoc-in system [(figure-virt system) :networks] (vec names))))

(defn cloud-init
  "A preset: what cloud-init is told at the machine's first start, a map as its user-data has it; several are merged.

    (create fake defaults small :redis (cloud-init {:packages [\"redis-server\"]}))"
  {:category :presets}
  [user-data]
  (fn [system] (update-in system [:machine :cloud-init] merge user-data)))

(defn ssh-keys
  "A preset: public keys that may log in, texts as in authorized_keys.

    (create fake defaults small :redis (ssh-keys (slurp \"/home/me/.ssh/id_ed25519.pub\")))"
  {:category :presets}
  [& keys]
  (fn [system] (update-in system [:machine :ssh-keys] (fnil into []) keys)))
