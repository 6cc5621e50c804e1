(ns re-core.conformance
  "What every provider of machines must do, tried on a machine of it. The providers that come with us pass it, and those of users should."
  (:require [clojure.string :as string]
            [re-core.core :as core]
            [re-core.model :as model]
            [re-core.presets.common :as presets]
            [re-core.specs :as specs]
            [re-core.workflows :refer [wait-until]]))

(def ^:dynamic ^:private *problems* nil)

(defn- expect
  "Notes what does not hold."
  [holds & words]
  (when-not holds
    (swap! *problems* conj (apply str words)))
  holds)

(defn- attempt
  "Calls f; an error is a problem with the words, and nil."
  [words f]
  (try
    (f)
    (catch InterruptedException e
      (throw e))
    (catch Exception e
      (expect false words " failed: " (ex-message e))
      nil)))

(defn- must
  "Calls f; an error is a problem with the words, and the end: what follows would only fail for the same reason."
  [words f]
  (let [before (count @*problems*)
        value (attempt words f)]
    (when (< before (count @*problems*))
      (throw (ex-info words {::ended true})))
    value))

(defn- error-of
  "The error that f throws, or nil."
  [f]
  (try
    (f)
    nil
    (catch InterruptedException e
      (throw e))
    (catch Exception e
      e)))

(defn- fails?
  "Whether f throws an error with a message for people."
  [f]
  (not (string/blank? (some-> (error-of f) ex-message))))

(defn- refuses?
  "Whether f throws an error that says that nothing was done."
  [f]
  (false? (:acted (ex-data (error-of f)))))

(defn- with-what-create-said [system said]
  (update system (model/figure-virt system) merge said))

(defn- eventually
  "Whether the status of a machine becomes one that is as it should be."
  [vm ok? what]
  (must what #(wait-until (fn [] (ok? (core/status vm))) what {:within 60000})))

(defn- try-out [system vm-of]
  (let [vm (vm-of system)]
    (expect (satisfies? core/Vm vm) "vconstruct makes a " (pr-str (type vm)) ", which does not implement Vm")
    (expect (nil? (core/status vm)) "status of a machine that was never made is " (pr-str (core/status vm)) ", not nil")
    (attempt "delete of a machine that was never made" #(core/delete vm))
    (expect (fails? #(core/start vm)) "start of a machine that was never made is no error")
    (let [said (must "create" #(core/create vm))
          made (with-what-create-said system said)
          vm (vm-of made)]
      (expect (or (nil? said) (map? said)) "create returned " (pr-str said) ", not a map or nil")
      (eventually vm some? "the machine that was made has a status")
      (expect (not= :running (core/status vm)) "create has started the machine")
      (when (:idempotent (core/traits vm))
        (expect (= said (attempt "create once more" #(core/create (vm-of system))))
                "create once more for the same system did not return the same"))
      (expect (refuses? #(core/create (vm-of (assoc system :system-id "another"))))
              "create under the name of another system's machine is no error with {:acted false}")
      (expect (some? (core/status vm)) "create under the name of another system's machine removed that")
      (must "start" #(core/start vm))
      (eventually vm #{:running} "the machine runs")
      (let [addresses (must "addresses" #(wait-until (fn [] (seq (core/addresses vm))) "the machine has an address"))]
        (expect (every? string? addresses) "addresses returned " (pr-str addresses) ", not strings"))
      (attempt "start of a machine that runs" #(core/start vm))
      (expect (= :running (core/status vm)) "after start of a machine that ran it is " (pr-str (core/status vm)))
      (attempt "stop, graceful" #(core/stop vm :graceful))
      (eventually vm #{:stopped} "the machine has shut down")
      (attempt "stop of a machine that is stopped" #(core/stop vm :force))
      (expect (= :stopped (core/status vm)) "after stop of a machine that was stopped it is " (pr-str (core/status vm)))
      (must "start again" #(core/start vm))
      (eventually vm #{:running} "the machine runs again")
      (attempt "stop, force" #(core/stop vm :force))
      (eventually vm #{:stopped} "the machine is off")
      (expect (empty? (attempt "addresses of a stopped machine" #(core/addresses vm))) "a machine that is stopped has an address")
      (when (satisfies? core/Snapshots vm)
        (attempt "snapshot" #(core/snapshot vm "conformance"))
        (expect (= ["conformance"] (vec (attempt "snapshots" #(core/snapshots vm)))) "snapshots does not list the one that was made")
        (attempt "revert" #(core/revert vm "conformance"))
        (expect (fails? #(core/revert vm "never made")) "revert to a snapshot that was never made is no error"))
      (attempt "delete" #(core/delete vm))
      (eventually vm nil? "the machine is gone")
      (attempt "delete once more" #(core/delete vm)))))

(defn conformance
  "Tries a provider out on one machine, which is made and removed: base and arguments as for create. Returns what it does otherwise than it
  should, sentences in a vector; empty is good.

    (conformance fake defaults small :redis (delays 0))"
  {:category :providers}
  [base & args]
  (let [[system] (presets/materialise base args)
        system (assoc system :system-id (str "conformance" (System/nanoTime)))
        vm-of model/vconstruct]
    (if-let [problem (specs/system-problem (dissoc system :system-id))]
      [problem]
      (binding [*problems* (atom [])]
        (try
          (try-out system vm-of)
          (catch Exception e
            (when-not (::ended (ex-data e))
              (throw e)))
          (finally
            (attempt "cleaning up" #(core/delete (vm-of system)))))
        @*problems*))))
