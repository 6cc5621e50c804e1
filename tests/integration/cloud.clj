;; A provider over an HTTP API, written as a user would, for the cloud of cloud.py: the suite that all providers pass, and verbs on it.
(ns cloud
  (:require [clojure.string :as string]
            [re-core.conformance :refer [conformance]]
            [re-core.controller :as controller]
            [re-core.core :as core]
            [re-core.model :as model]
            [re-core.presets.common :refer [with-host]]
            [re-core.presets.instance-types :refer [small takes-sizes]]
            [re-core.presets.systems :refer [defaults]]
            [re-core.repl :as repl]
            [re-core.workflows :refer [wait-until]]
            [reops.http :as http]))

(def url (System/getenv "CLOUD"))

(defn- refused [{:keys [status body]}]
  (ex-info (str "The cloud answers " status ": " (:message body)) {:type :cloud/refused :status status}))

(defn- call
  "What the cloud answers; what it is too busy for is asked again."
  [method path options]
  (let [{:keys [status] :as answer} (http/request (merge {:method method :url (str url path) :bearer "cloud-token" :as :json
                                                          :retries {:times 20 :backoff-ms 50}}
                                                         options))]
    (if (contains? #{409 429 503} status)
      (do (Thread/sleep 100) (recur method path options))
      answer)))

(defn- must [method path options]
  (let [{:keys [status] :as answer} (call method path options)]
    (if (<= 200 status 299) answer (throw (refused answer)))))

(defn- listed
  "All servers that the lists know of, page by page."
  []
  (loop [cursor nil, found []]
    (let [{:keys [servers next]} (:body (must :get "/servers" {:query {:cursor cursor}}))
          found (into found servers)]
      (if next (recur next found) found))))

(def ^:private statuses {"active" :running "off" :stopped "creating" :creating "deleting" :deleting})

(defn- server-of
  "The server of a machine: by its id, which is known at once, else by its name in the lists, which lag behind."
  [{:keys [id hostname]}]
  (if id
    (let [{:keys [status body] :as answer} (call :get (str "/servers/" id) {})]
      (cond (= 404 status) nil (= 200 status) body :else (throw (refused answer))))
    (let [{:keys [id]} (first (filter #(= hostname (:name %)) (listed)))]
      (when id (server-of {:id id})))))

(defn- act [machine kind & [more]]
  (let [{:keys [id]} (or (server-of machine) (throw (ex-info (str "There is no server " (:hostname machine)) {})))]
    (must :post (str "/servers/" id "/actions") {:json (merge {:type kind} more)})))

(defn- settled [machine ok? what]
  (wait-until #(ok? (core/status machine)) what {:every 50 :within 20000}))

(defrecord Server [system-id hostname id]
  core/Vm
  (create [_]
    (let [{:keys [status body] :as answer} (call :post "/servers" {:json {:name hostname :client_token system-id}})]
      (when-not (= 202 status)
        (throw (ex-info (ex-message (refused answer)) {:acted false})))
      (settled (->Server system-id hostname (:id body)) (complement #{:creating}) "the server is made")
      {:id (:id body)}))
  (start [this]
    (when-not (= :running (core/status this))
      (act this "power_on")
      (settled this #{:running} "the server runs")))
  (stop [this how]
    (when (= :running (core/status this))
      (act this (if (= :graceful how) "shutdown" "power_off"))
      (settled this #{:stopped} "the server is off")))
  (delete [this]
    (when-let [{:keys [id]} (server-of this)]
      (call :delete (str "/servers/" id) {})
      (settled (assoc this :id id) nil? "the server is gone")))
  (status [this]
    (some-> (server-of this) :status statuses))
  (addresses [this]
    (mapv :ip_address (get-in (server-of this) [:networks :v4])))

  core/Snapshots
  (snapshot [this label] (act this "snapshot" {:name label}))
  (revert [this label] (act this "rollback" {:name label}))
  (snapshots [this] (:snapshots (server-of this)))

  core/Traits
  (traits [_] {:idempotent true :settle 1500}))

(model/register :cloud)
(takes-sizes :cloud)

(defmethod model/vconstruct :cloud [{:keys [system-id machine cloud]}]
  (->Server system-id (:hostname machine) (:id cloud)))

(def cloud {:machine {} :cloud {}})

(println "problems:" (pr-str (conformance cloud defaults small :web)))

(defn- outcome [verb]
  (mapv count ((juxt :successful :failure) (:results (second (deref verb 60000 nil))))))

(println "made:" (outcome (repl/create cloud defaults small :web "front" 3)))
(println "addresses:" (mapv #(get-in (second %) [:machine :ip]) (:systems (second (repl/list identity :systems :print? false)))))
(println "taken name:" (outcome (repl/create cloud defaults small (with-host "other3") :web "front")))
(println "halted:" (outcome (repl/halt identity {:force true})))
(println "gone:" (outcome (repl/destroy identity {:force true})))
(println "left:" (string/join " " (sort (map :name (listed)))))
