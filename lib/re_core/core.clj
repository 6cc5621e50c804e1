(ns re-core.core
  "What a provider of machines implements."
  (:refer-clojure :exclude [list]))

(defprotocol Vm
  "One machine of a provider. A record of it is made by re-core.model/vconstruct for each step of a job, so it holds what it
  needs to find the machine: the name, and the id that create has given. Every function may take as long as it takes: it is
  interrupted when its step's time is over or its job is cancelled. What fails throws, with a message for people.

  A provider over an API that answers before it has acted waits in create and start until status says so; one whose lists
  lag behind says so by :settle in its traits."
  (create [this]
    "Makes the machine, without starting it, and returns what of the system is to be known from now on, a map that is merged into
  its key of the provider: {:id \"i-0123\"}. Called again with the same :system-id it makes no second one, if traits has :idempotent. When
  the name is another system's it touches nothing, and throws an error with {:acted false} in its data: what is made half is deleted else.")
  (start [this] "Starts it, and waits until it runs.")
  (stop [this how] "Stops it: :graceful asks the machine to and waits, :force takes its power.")
  (delete [this] "Removes the machine and all that belongs to it; one that is not there is no error.")
  (status [this] "nil when there is no such machine, :running, :stopped, or another keyword of the provider's.")
  (addresses [this] "The addresses of a running machine, strings, the one to reach it at first; it may still have none."))

(defprotocol Snapshots
  "Of providers that can keep the state of a machine."
  (snapshot [this label] "Keeps the state of the machine under a label.")
  (revert [this label] "Puts the machine back to the state of that label.")
  (snapshots [this] "The labels, in the order in which they were made."))

(defprotocol Cloning
  "Of providers that can copy a machine."
  (clone-from [this source] "Makes the machine as a copy of another one, a record of the same provider; returns as create does."))

(defprotocol Sync
  "What a provider knows of machines that we may not know."
  (sync [this] "The systems that exist there, as far as they can be told."))

(defprotocol Access
  "Of providers whose machines are not logged in to as all others are."
  (access [this]
    "What is to be known for it of a running machine beside its address, a map: :port, :user, :key (a private key file), :known-hosts (files)."))

(defprotocol Traits
  "What a provider says of itself."
  (traits [this]
    "A map: :idempotent, create called again for the same system makes no second machine; :settle, how many milliseconds after create
  status may still say nil."))

(extend-type Object
  Traits
  (traits [_] {}))
