(ns re-core.kvm.provider
  "Virtual machines on libvirt and QEMU. A machine is a linked clone of the image of its operating system (:kvm :images of the configuration), with a
  seed for cloud-init; it is usable when SSH lets us in at its address, with the host key that it was given when it was made."
  (:require [clojure.edn :as edn]
            [clojure.string :as string]
            [re-core.core :as core]
            [re-core.kvm.domain :as domain]
            [re-core.kvm.keys :as keys]
            [re-core.kvm.nodes :as nodes :refer [call]]
            [re-core.kvm.seed :as seed]
            [re-core.model :as model]
            [re-core.workflows :refer [wait-until]]
            [re-mote.repl.base :as mote]
            [reops.config :refer [config]]
            [reops.xml :as xml]))

;; --- what is there -----------------------------------------------------------------------------------------------------------

(defn- found
  "The machine, as libvirt describes it, or nil."
  [{:keys [node uuid]}]
  (call node 'domain uuid nodes/metadata-ns))

(defn- image-of [{:keys [machine]}]
  (or (get (config :kvm :images) (:os machine))
      (throw (ex-info (str "There is no image of " (:os machine) " for KVM: there are " (pr-str (vec (keys (config :kvm :images)))))
                      {:type :re-core/no-image :acted false :hint ":kvm {:images …} of the configuration names them."}))))

;; By the machine's UUID, which a system keeps when it is brought into another store.
(defn- root-name [{:keys [hostname uuid]}] (str hostname "-" uuid ".qcow2"))
(defn- seed-name [{:keys [hostname uuid]}] (str hostname "-" uuid "-seed.iso"))

(defn- pool-of [{:keys [node]}] (:pool (nodes/node node) "default"))

;; --- making ----------------------------------------------------------------------------------------------------------------

(defn- make-volume [{:keys [node] :as vm} name format bytes backing]
  (call node 'delete-volume (pool-of vm) name)
  (call node 'make-volume (pool-of vm) name
        (xml/write-string
         (xml/element [:volume
                       [:name name]
                       [:capacity {:unit "bytes"} bytes]
                       [:target [:format {:type format}]]
                       (when backing [:backingStore [:path backing] [:format {:type "qcow2"}]])]))))

(defn- make-root [{:keys [node] :as vm} {:keys [volume]}]
  (let [{:keys [path capacity]} (or (call node 'volume (pool-of vm) volume)
                                    (throw (ex-info (str "The image " volume " is not in the pool " (pool-of vm) " of " node)
                                                    {:type :re-core/no-image})))]
    (make-volume vm (root-name vm) "qcow2" capacity path)))

(defn- make-seed [{:keys [node system hostname uuid] :as vm}]
  (seed/with-image system uuid (domain/mac-of uuid) (keys/pin uuid hostname)
    (fn [file]
      (make-volume vm (seed-name vm) "raw" (reops.fs/size file) nil)
      (call node 'upload (pool-of vm) (seed-name vm) file))))

(defn- remove-volumes [{:keys [node] :as vm}]
  (run! #(call node 'delete-volume (pool-of vm) %) [(seed-name vm) (root-name vm)]))

(defn- make
  "Makes volumes, seed and machine. What was made is taken back when something fails."
  [{:keys [node system uuid hostname] :as vm}]
  (let [image (image-of system)]
    (try
      (make-root vm image)
      (make-seed vm)
      (call node 'define hostname
            (domain/description system uuid
                                (merge {:network (:network (nodes/node node) "default") :pool (pool-of vm) :accelerator (name (:accelerator (nodes/node node) :kvm))
                                        :root (root-name vm) :seed (seed-name vm)}
                                       (select-keys image [:kernel :initrd :cmdline]))))
      (catch Exception e
        (remove-volumes vm)
        (keys/forget uuid)
        (throw e)))))

;; --- waiting until it is usable ------------------------------------------------------------------------------------------------

(defn- candidates
  "The addresses that a machine may have by now: those that its network has leased to its card, without a promise that it has taken them."
  [{:keys [node uuid]}]
  (vec (distinct (for [interface (call node 'addresses uuid :lease)
                       {:keys [address]} (:addresses interface)]
                   address))))

(defonce ^:private proven
  ;; {uuid address}: where the machine itself has answered since it was started.
  (atom {}))

(defn- answer
  "What a machine says at an address: nil when it lets us in, else why not."
  [{:keys [system] :as vm} address]
  (let [hosts (mote/->Hosts {:hosts {address (assoc (core/access vm) :user (get-in system [:machine :user]))}} [address])
        [outcome] (mote/run-batch hosts [(assoc (mote/target hosts address) :command "true")] {:progress false})]
    (when-not (zero? (:code outcome))
      (:message outcome))))

(defn- await-usable [{:keys [hostname uuid] :as vm}]
  (let [said (atom "it has no address")
        usable (fn []
                 (some (fn [address]
                         (if-let [reason (answer vm address)]
                           (do (reset! said (str "it has the address " address ", where SSH does not let us in: " reason)) nil)
                           (do (swap! proven assoc uuid address) address)))
                       (candidates vm)))]
    (try
      (wait-until usable (str hostname " is usable") {:within (config :kvm :usable-within)})
      (catch InterruptedException e (throw e))
      (catch Exception e
        (throw (ex-info (str (ex-message e) ": " @said) (assoc (ex-data e) :waited-for @said)))))))

;; --- the provider ----------------------------------------------------------------------------------------------------------

(def ^:private states
  {:running :running :paused :paused :shutdown :stopping :shutoff :stopped :crashed :stopped :pmsuspended :suspended})

(defrecord Kvm [system-id hostname node uuid system]
  core/Vm
  (create [this]
    (if (found this)
      {:id uuid}
      (do
        (when (call node 'domain hostname "")
          (throw (ex-info (str "There is a machine " hostname " on " node " already, of another system") {:type :re-core/exists :acted false})))
        (make this)
        {:id uuid})))
  (start [this]
    (case (:state (found this))
      :running nil
      :paused (call node 'resume uuid)
      (do (swap! proven dissoc uuid)
          (call node 'start uuid)))
    (await-usable this))
  (stop [this how]
    (swap! proven dissoc uuid)
    (when (:run (found this))
      (call node (if (= :graceful how) 'shutdown 'destroy) uuid)))
  (delete [this]
    (when-let [{:keys [run]} (found this)]
      (when run
        (call node 'destroy uuid))
      (call node 'undefine uuid))
    (remove-volumes this)
    (swap! proven dissoc uuid)
    (keys/forget uuid))
  (status [this]
    (some-> (found this) :state (states :unknown)))
  (addresses [this]
    (if (= :running (core/status this))
      (if-let [address (@proven uuid)] [address] (candidates this))
      []))

  core/Access
  (access [_]
    {:user (:user (:machine system)) :key (keys/login-key) :known-hosts (if-let [file (keys/known-hosts uuid)] [file] [])})

  core/Snapshots
  (snapshot [_ label]
    (call node 'snapshot uuid (xml/write-string (xml/element [:domainsnapshot [:name label]]))))
  (revert [_ label]
    (call node 'revert uuid label))
  (snapshots [_]
    (mapv :name (call node 'snapshots uuid)))

  core/Traits
  (traits [_] {:idempotent true}))

(defn- described
  "The system that is kept on a machine, or nil."
  [{:keys [metadata]}]
  (when metadata
    (edn/read-string (apply str (:content (xml/parse-string metadata))))))

(defrecord KvmMachines []
  core/Sync
  (sync [_]
    (vec (for [node (keys (config :kvm :nodes))
               {:keys [uuid cpus memory-kib] :as found} (call node 'domains nodes/metadata-ns)
               :let [system (described found)]
               :when system]
           (-> system
               (update :machine merge {:cpu cpus :ram (let [gb (/ memory-kib 1048576)] (if (integer? gb) gb (double gb)))})
               (assoc-in [:kvm :id] uuid))))))

(model/register :kvm)

(defmethod model/vconstruct :kvm
  [{:keys [system-id machine kvm] :as system}]
  (->Kvm system-id (:hostname machine) (:node kvm :localhost) (or (:id kvm) (domain/uuid-of system-id)) system))

(defmethod model/sconstruct :kvm
  [_ _]
  (->KvmMachines))
