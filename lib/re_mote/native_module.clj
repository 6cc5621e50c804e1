(ns re-mote.native-module
  "The SSH engine, loaded when it is first called: a prompt that talks to no host does not pay for it.")

(defn- native [name]
  (reops.internal/load-module "ssh")
  (deref (ns-resolve 're-mote.native name)))

(defn run-batch
  "re-mote.native/run-batch: many commands on many hosts, a vector of outcomes."
  [requests options]
  ((native 'run-batch) requests options))

(defn accept-host-key
  "re-mote.native/accept-host-key: adds a host's key to known_hosts."
  [target]
  ((native 'accept-host-key) target))
