(ns re-core.fake.provider
  "Machines that are only rows of the store, for trying things out and for tests: they take as long as machines take, have an
  address on this machine's loopback, and fail when told to. What they are to do stands in their systems, under :fake:
    :delays {:create 400 :start 600 :stop 300 :delete 200}   milliseconds
    :faults {:start \"the disk is missing\"}                  that step fails, with these words;
            {:start {:message \"…\" :times 2}}                the first two times;
            {:stop :hang}                                    it never ends by itself;
            {:stop :deaf}                                    the machine does not listen when it is asked to shut down
    :real-addresses true                                     an sshd answers at the address (see re-core.fake.sshd)"
  (:require [re-core.controller :as controller]
            [re-core.core :as core]
            [re-core.fake.sshd :as sshd]
            [re-core.model :as model]
            [re-core.persistency.common :as store :refer [pack query unpack]]))

(def ^:private delays {:create 400 :start 600 :stop 300 :delete 200 :snapshot 200 :revert 200})

(def ^:private failed
  "How often each system has failed at each step: {[id step] n}."
  (atom {}))

(defn- fail [message]
  (throw (ex-info message {:type :re-core/fake-fault})))

(defn- act
  "Takes the time that a step takes, and fails if it is to."
  [{:keys [id own]} step]
  (let [fault (get-in own [:faults step])]
    (Thread/sleep (get-in own [:delays step] (delays step)))
    (cond
      (= :hang fault) @(promise)
      (string? fault) (fail fault)
      (map? fault) (let [before (get (first (swap-vals! failed update [id step] (fnil inc 0))) [id step] 0)]
                     (when (< before (:times fault 1))
                       (fail (:message fault)))))))

(defn- row-of
  "The machine of a name, {:id :data}, or nil."
  [hostname]
  (when-let [[id data] (first (query "select id, data from fake_machines where name = ?" [hostname]))]
    {:id id :data (unpack data)}))

(defn- status-of
  "The status of the machine of a name, and the row that it is in; nil when there is none."
  [hostname]
  (when-let [[row status] (first (query "select rowid, status from fake_machines where name = ?" [hostname]))]
    [(keyword status) row]))

;; A machine of this kind does not outlive the power of the one that it is on, so nothing waits for the disk.

(defn- put-status [hostname status]
  (store/note [["update fake_machines set status = ? where name = ?" [(name status) hostname]]]))

(defn- put-data [hostname data]
  (store/note [["update fake_machines set data = ? where name = ?" [(pack data) hostname]]]))

(defn- address
  "The address of the machine in a row: one of this machine's loopback."
  [row]
  (str "127." (+ 66 (quot row 62500)) "." (rem (quot row 250) 250) "." (+ 2 (rem row 250))))

(defn- real? [own] (:real-addresses own))

(defrecord Fake [id hostname own spec]
  core/Vm
  (create [this]
    (act this :create)
    (store/note [["insert into fake_machines (id, name, status, data) values (?, ?, 'stopped', ?) on conflict (name) do nothing"
                    [(store/new-id) hostname (pack {:system spec :snapshots []})]]])
    (let [{found :id {of :system} :data} (row-of hostname)]
      (when-not (= (:system-id of) id)
        (throw (ex-info (str "There is a fake machine " hostname " already, of another system") {:type :re-core/exists :acted false})))
      {:id found}))
  (start [this]
    (act this :start)
    (let [[_ row] (or (status-of hostname) (fail (str "There is no fake machine " hostname)))]
      (when (real? own)
        (sshd/start (:id (row-of hostname)) hostname (address row) (get-in spec [:machine :ssh-keys])))
      (put-status hostname :running)))
  (stop [this how]
    (act this :stop)
    (when-not (and (= :graceful how) (= :deaf (get-in own [:faults :stop])))
      (when (real? own)
        (some-> (row-of hostname) :id sshd/stop))
      (put-status hostname :stopped)))
  (delete [this]
    (act this :delete)
    (when (real? own)
      (some-> (row-of hostname) :id sshd/delete))
    (store/note [["delete from fake_machines where name = ?" [hostname]]]))
  (status [_]
    (let [[status] (status-of hostname)]
      ;; An sshd that has gone is a machine that was switched off.
      (if (and (= :running status) (real? own) (not (sshd/running? (:id (row-of hostname))))) :stopped status)))
  (addresses [_]
    (let [[status row] (status-of hostname)]
      (if (= :running status)
        [(address row)]
        [])))

  core/Access
  (access [_]
    (when (real? own)
      (sshd/access (:id (row-of hostname)))))

  core/Snapshots
  (snapshot [this label]
    (act this :snapshot)
    (put-data hostname (update (:data (row-of hostname)) :snapshots (fn [labels] (conj (into [] (remove #{label}) labels) label)))))
  (revert [this label]
    (act this :revert)
    (when-not (some #{label} (core/snapshots this))
      (fail (str "The machine " hostname " has no snapshot " (pr-str label)))))
  (snapshots [_]
    (:snapshots (:data (row-of hostname))))

  core/Traits
  (traits [_] {:idempotent true})

  core/Cloning
  (clone-from [this _source]
    (core/create this)))

(defrecord FakeMachines []
  core/Sync
  (sync [_]
    (mapv (fn [[id name status row data]]
            (cond-> (-> (:system (unpack data)) (dissoc :system-id) (assoc-in [:machine :hostname] name) (assoc-in [:fake :id] id))
              (= "running" status) (update :machine merge {:ip (address row)} (when-let [access (sshd/access id)] {:access access}))))
          (query "select id, name, status, rowid, data from fake_machines order by rowid"))))

(defn- tidy
  "Ends what answers for machines that are no more."
  []
  (sshd/tidy (map first (query "select id from fake_machines" []))))

(swap! controller/beginnings assoc :fake tidy)

(defmethod model/vconstruct :fake
  [{:keys [system-id machine fake] :as system}]
  (->Fake system-id (:hostname machine) fake system))

(defmethod model/sconstruct :fake
  [_ _]
  (->FakeMachines))
