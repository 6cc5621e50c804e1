(ns re-core.controller
  "Who owns the store. One process at a time is the controller: it runs the jobs. Its lock is the system's: one that dies, in whatever way,
  has lost it at that moment, and one that lives keeps it."
  (:require [re-core.persistency.common :as store]
            [re-core.workers :as workers]
            [reops.fs :as fs]))

(defonce ^:private owned (atom nil))

(defn- lock-file [] (fs/join (store/folder) "controller.lock"))

(defn owner?
  "Whether this process is the controller."
  []
  (some? @owned))

(defn become
  "Becomes the controller, unless another process is; whether this one is now. Jobs that were under way when the last one ended are taken
  up where they were."
  []
  (locking owned
    (or (owner?)
        (when-let [lock (store/try-lock (lock-file))]
          (reset! owned lock)
          (workers/go)
          true)
        false)))

(defn owner
  "The process that is the controller, by its number; nil when none is."
  []
  (if-let [lock (when-not (owner?) (store/try-lock (lock-file)))]
    (store/unlock lock)
    (store/lock-owner (lock-file))))

(defn become!
  "Becomes the controller; an error when another process is."
  []
  (or (become)
      (throw (ex-info (str "Another process is the controller of " (store/folder) ": " (owner))
                      {:type :re-core/other-controller :pid (owner)
                       :hint "Ask there, or end it; another REOPS_HOME has a store of its own."}))))

(defn resign
  "Stops being the controller: jobs pause before their next step, which is waited for at most ms milliseconds (30,000)."
  ([] (resign 30000))
  ([ms]
   (locking owned
     (when-let [lock @owned]
       (let [paused (workers/stop ms)]
         (reset! owned nil)
         (store/close)
         (store/unlock lock)
         paused)))))
