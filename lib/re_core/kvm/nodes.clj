(ns re-core.kvm.nodes
  "The hypervisors that machines are on, by the names that the configuration gives them, and calls to them."
  (:require [reops.config :refer [config]]))

(defonce ^:private connections
  ;; By URI.
  (atom {}))

(def metadata-ns
  "The namespace of what we keep on a machine."
  "https://re-ops.dev/system")

(defn node
  "What the configuration says of a node; an error when it says nothing."
  [name]
  (or (get (config :kvm :nodes) name)
      (throw (ex-info (str "There is no node " (pr-str name) " for KVM: there are " (pr-str (vec (keys (config :kvm :nodes)))))
                      {:type :re-core/no-node :acted false :hint ":kvm {:nodes …} of the configuration names them."}))))

(defn- native [name]
  (reops.internal/load-module "libvirt")
  (deref (ns-resolve 'reops.libvirt.native name)))

(defn- connection [node-name]
  (let [{:keys [uri]} (node node-name)]
    (or (@connections uri)
        (locking connections
          (or (@connections uri)
              (get (swap! connections assoc uri ((native 'connect) uri)) uri))))))

(defn call
  "Calls a function of reops.libvirt.native, by its name, with the connection to a node."
  [node-name f & args]
  (apply (native f) (connection node-name) args))
