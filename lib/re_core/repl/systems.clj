(ns re-core.repl.systems
  "What systems can be made to do, as stages of pipelines: each asks for one job per system, and goes on at once."
  (:require [re-core.model :refer [figure-virt]]
            [re-core.persistency.systems :as systems-store]
            [re-core.queue :as queue :refer [schedule]]
            [re-core.repl.base :as base]
            [re-core.repl.progress :refer [with-progress]]
            [re-core.repl.results :refer [keep-results]]
            [re-mote.repl.base :as mote])
  (:import [re_core.repl.base Systems]))

(defprotocol Jobs
  "Jobs of systems."
  (stop [this items] "Stops the machines.")
  (start [this items] "Starts the machines.")
  (create [this items] "Makes the machines, and starts them.")
  (provision [this items] "Provisions the machines as their types say.")
  (destroy [this items] "Removes the machines, and the systems from the store.")
  (reload [this items] "Makes the machines anew.")
  (snapshot [this items] "Keeps the state of the machines under the label of the option :label.")
  (revert [this items] "Puts the machines back to the snapshot of the option :label.")
  (clone [this items] "Makes a copy of the machine of each system, under new ids and names; items may have :presets, applied to the copies.")
  (status [this items] "The jobs of items as they are now.")
  (block-wait [this items] "Waits for the jobs of items, and goes on with their :results.")
  (async-wait [this items f title] "Waits for the jobs of items in the background and then calls (f this items title). Returns a future of the pair.")
  (pretty-print [this items title] "Prints what the jobs came to."))

(defn- copy-of
  "What a copy of a system is to be: without the address and what its provider calls it, and with a name of its own."
  [system presets]
  (let [kind (figure-virt system)
        copied (-> system
                   (update :machine dissoc :ip)
                   (update :machine update :hostname str "-" (subs (systems-store/new-id) 0 4))
                   (update kind dissoc :id))]
    (reduce (fn [system preset] (preset system)) copied presets)))

(extend-type Systems
  Jobs
  (stop [this {:keys [systems] :as m}] [this (schedule m "stop" systems)])
  (start [this {:keys [systems] :as m}] [this (schedule m "start" systems)])
  (create [this {:keys [systems] :as m}] [this (schedule m "create" systems)])
  (provision [this {:keys [systems] :as m}] [this (schedule m "provision" systems)])
  (destroy [this {:keys [systems] :as m}] [this (schedule m "destroy" systems)])
  (reload [this {:keys [systems] :as m}] [this (schedule m "reload" systems)])
  (snapshot [this {:keys [systems] :as m}] [this (schedule m "snapshot" systems)])
  (revert [this {:keys [systems] :as m}] [this (schedule m "revert" systems)])
  (clone [this {:keys [systems presets] :as m}]
    (let [copies (mapv (fn [[id system]] [id (systems-store/new-id) (copy-of system presets)]) systems)]
      [this (reduce (fn [m [source id system]]
                      (let [{:keys [jobs]} (schedule {:new [id] :options (assoc (:options m) :source source)} "clone" [[id system]])]
                        (-> m (update :jobs (fnil into []) jobs) (update :systems conj [id system]))))
                    (assoc m :systems [] :topic "clone")
                    copies)]))
  (status [this m] [this (queue/now m)])
  (block-wait [this m] [this (keep-results (queue/results m))])
  (async-wait [this {:keys [jobs] :as m} f title]
    (future
      (let [[this m] (with-progress title jobs #(block-wait this m))]
        (f this m title)
        [this m])))
  (pretty-print [this m title]
    (mote/pretty this m title)))
