(ns shelf
  "A provider of machines in forty lines: each machine is a folder below `room`, whose file `state` says what it does. Whatever can be
  called from here (a program, an HTTP API) takes the place of the files.

      (require '[shelf :refer [shelf]])
      (create shelf defaults small :redis)
      (conformance shelf defaults small :redis)    ; [] when it is as providers should be"
  (:require [clojure.string :as string]
            [re-core.core :as core]
            [re-core.model :as model]
            [re-core.presets.instance-types :refer [takes-sizes]]
            [reops.fs :as fs]))

(def room "Where the machines stand." (fs/join (or (System/getenv "SHELF") "/tmp/shelf")))

(defrecord Shelf [folder system]
  core/Vm
  (create [this]
    (when (core/status this)
      (throw (ex-info (str "There is a machine " folder " already") {:acted false})))
    (fs/mkdirs folder)
    (spit (fs/join folder "system.edn") (pr-str system))
    (spit (fs/join folder "state") "stopped")
    {:id (fs/file-name folder)})
  (start [this]
    (when-not (core/status this)
      (throw (ex-info (str "There is no machine " folder) {})))
    (spit (fs/join folder "state") "running"))
  (stop [this _how]
    (spit (fs/join folder "state") "stopped"))
  (delete [this]
    (when (fs/exists? folder) (fs/delete-tree folder)))
  (status [this]
    (when (fs/exists? (fs/join folder "state"))
      (keyword (string/trim (slurp (fs/join folder "state"))))))
  (addresses [this]
    (if (= :running (core/status this)) ["127.0.0.1"] [])))

(model/register :shelf)
(takes-sizes :shelf)

(defmethod model/vconstruct :shelf [{:keys [machine] :as system}]
  (->Shelf (fs/join room (:hostname machine)) system))

(def shelf "The base of machines on the shelf." {:machine {} :shelf {}})
