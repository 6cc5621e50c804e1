(ns re-mote.native-module
  "The SSH engine, loaded when it is first called: a prompt that talks to no host does not pay for it."
  (:require [reops.config :refer [config]]))

(def ^:private engine
  "The module, with the limits of the configuration: they hold until the program ends."
  (delay
    (reops.internal/load-module "ssh")
    (@(ns-resolve 're-mote.native 'set-limits) (config :ssh))))

(defn- native [name]
  @engine
  (deref (ns-resolve 're-mote.native name)))

(defn run-batch
  "re-mote.native/run-batch: many commands on many hosts, a vector of outcomes."
  [requests options]
  ((native 'run-batch) requests options))

(defn host-keys
  "re-mote.native/host-keys: the keys that hosts show now."
  [targets]
  ((native 'host-keys) targets))

(defn keep-host-keys
  "re-mote.native/keep-host-keys: adds keys of hosts to known_hosts."
  [keys]
  ((native 'keep-host-keys) keys))

(defn config-hosts
  "re-mote.native/config-hosts: the names of the hosts in the SSH configuration."
  []
  ((native 'config-hosts)))

(defn config-problems
  "re-mote.native/config-problems: what keeps hosts of the SSH configuration from being connected to."
  []
  ((native 'config-problems)))

(defn decrypt-vault
  "re-mote.native/decrypt-vault: what ansible-vault has encrypted."
  [text password]
  ((native 'decrypt-vault) text password))

(defn can-ask
  "re-mote.native/can-ask: whether there is a person at the terminal who can be asked."
  []
  ((native 'can-ask)))

(defn ask-secret
  "re-mote.native/ask-secret: asks the person at the terminal without showing the answer."
  [question]
  ((native 'ask-secret) question))

(defn await-killed
  "re-mote.native/await-killed: waits until commands that were given up have been ended on their hosts."
  [ms]
  ((native 'await-killed) ms))

(defn request-options
  "What of the options of an operation is for the engine, as keys of a request: :timeout is the deadline of the command in
  milliseconds, :stdin text or bytes for its standard input, :pty gives it a terminal, :keep is how many bytes
  of each output are kept, with :wrap false it goes to the host as it is, and :retry says how often it is tried again, or
  {:times 3 :pause 1000 :on #{:refused :timeout/connect} :repeat false} (see the documentation of SSH). What is left out is as the configuration has it."
  [{:keys [timeout stdin pty keep wrap retry]}]
  (let [{:keys [connect-timeout handshake-timeout login-timeout] :as defaults} (config :ssh)
        keep (or keep (:keep defaults))]
    (cond-> {:exec-ms (or timeout (:timeout defaults))
             :connect-ms connect-timeout
             :handshake-ms handshake-timeout
             :auth-ms login-timeout
             :retry (or retry (:retry defaults))}
      stdin (assoc :input stdin)
      pty (assoc :pty true)
      keep (assoc :keep keep)
      (false? wrap) (assoc :wrap false))))

(defn batch-options
  "What of the options of an operation is for the engine's whole batch: :fanout, how many hosts at a time, :within, the
  time of the whole run in milliseconds, and with :progress false, no live line on a terminal."
  [{:keys [fanout within progress]}]
  (cond-> {:fanout (or fanout (config :ssh :fanout))}
    (false? progress) (assoc :progress false)
    within (assoc :run-ms within)))

(defn details
  "What the entry of an outcome says beside code, result and error: :phases and :algorithms for its :profile, and of
  output that was cut, how many bytes are missing before it."
  [{:keys [phases algorithms out-dropped err-dropped reused attempts]}]
  {:profile (into {} (filter (comp some? val)) {:phases phases :reused reused :attempts attempts :algorithms algorithms})
   :truncated (cond-> nil
                out-dropped (assoc :out out-dropped)
                err-dropped (assoc :err err-dropped))})
