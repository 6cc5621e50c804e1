(ns re-core.persistency.systems
  "Systems in the store. What is looked for often (hostname, type, hypervisor, address) has columns of its own."
  (:refer-clojure :exclude [get update])
  (:require [re-core.model :as model]
            [re-core.persistency.common :as store :refer [now pack query unpack]]))

(def ^:private kept
  "Decoded systems by id: {id [version system]}. One of another version is decoded anew."
  (atom {}))

(defn- text [k] (when k (if (keyword? k) (subs (str k) 1) (str k))))

(defn- columns [{:keys [machine type] :as system}]
  [(:hostname machine) (text type) (text (model/figure-virt system)) (:ip machine)])

(defn insertion
  "The statement that adds a system under an id."
  [id system]
  ["insert into systems (id, hostname, type, hyp, ip, version, created, updated, data) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
   ;; One that was removed and comes again has another version than before.
   (into [id] (concat (columns system) [(System/nanoTime)] (repeat 2 (now)) [(pack system)])) 1])

(defn change
  "The statement that puts a system in the place of what has its id."
  [id system]
  ["update systems set hostname = ?, type = ?, hyp = ?, ip = ?, version = version + 1, updated = ?, data = ? where id = ?"
   (conj (into [] (concat (columns system) [(now) (pack system)])) id) 1])

(defn deletion
  "The statement that removes a system; it may be gone already."
  [id]
  ["delete from systems where id = ?" [id]])

(defn new-id
  "An id for a further system."
  []
  (store/new-id))

(defn add
  "Adds systems under the ids that they have, pairs [id system]."
  [pairs]
  (store/commit (mapv (fn [[id system]] (insertion id system)) pairs)))

(defn restore
  "Puts systems, a map by id, into the store; those that are there with such an id are replaced."
  [by-id]
  (store/commit (into [] (mapcat (fn [[id system]] [(deletion id) (insertion id system)])) by-id)))

(defn create
  "Adds systems under new ids, and returns those."
  [systems]
  (let [pairs (mapv (fn [system] [(new-id) system]) systems)]
    (add pairs)
    (mapv first pairs)))

(defn put-all
  "Puts systems, pairs [id system], in the place of what has their ids."
  [pairs]
  (store/commit (mapv (fn [[id system]] (change id system)) pairs)))

(defn put
  "Puts a system in the place of what has its id."
  [id system]
  (put-all [[id system]])
  id)

(defn delete
  "Removes the systems of these ids from the store. Machines are not touched."
  [ids]
  (store/commit (mapv deletion ids)))

(defn- read-missing
  "The systems of these ids, decoded, by id; they are known from now on."
  [ids]
  (let [read-some (fn [ids]
                    (query (str "select id, version, data from systems where id in (" (apply str (interpose ", " (map (constantly "?") ids))) ")")
                           ids))
        found (into {} (comp (partition-all 500) (mapcat read-some) (map (fn [[id version data]] [id [version (unpack data)]]))) ids)]
    (swap! kept merge found)
    (update-vals found second)))

(defn- select
  "Pairs [id system] of the rows that a condition finds, in the order of their making. Only the data of those is read that are not
  known in their version."
  [condition parameters]
  (let [rows (query (str "select id, version from systems " condition " order by created, rowid") parameters)
        known @kept
        current (fn [[id version]] (let [[known-version system] (known id)] (when (= version known-version) system)))
        read (read-missing (into [] (comp (remove current) (map first)) rows))]
    ;; One that went between the two queries is in neither.
    (into [] (keep (fn [[id :as row]] (when-let [system (or (current row) (read id))] [id system]))) rows)))

(defn all
  "Every system, pairs [id system], in the order of their making."
  []
  (let [systems (select "" [])]
    (when (> (count @kept) (+ 1000 (* 2 (count systems))))
      (swap! kept select-keys (map first systems)))
    systems))

(defn by
  "The systems whose column (:hostname, :type, :hyp or :ip) has that value, without reading the others."
  [column value]
  (select (str "where " (name column) " = ?") [(text value)]))

(defn with-ids
  "The systems of these ids, as far as they are there."
  [ids]
  (into [] (mapcat (fn [ids] (select (str "where id in (" (apply str (interpose ", " (repeat (count ids) "?"))) ")") ids)))
        (partition-all 500 (distinct ids))))

(defn get
  "The system of that id, or nil."
  [id]
  (when-let [[[version]] (seq (query "select version from systems where id = ?" [id]))]
    (let [[known-version system] (@kept id)]
      (if (= version known-version)
        system
        ((read-missing [id]) id)))))

(defn get!
  "The system of that id; an error when there is none."
  [id]
  (or (get id)
      (throw (ex-info (str "There is no system " id) {:type :re-core/no-system :id id}))))

(defn exists?
  "Whether there is a system of that id."
  [id]
  (boolean (seq (query "select 1 from systems where id = ?" [id]))))

(defn times
  "When a system was made and changed: {:created :updated}, in milliseconds since 1970."
  [id]
  (let [[[created updated]] (query "select created, updated from systems where id = ?" [id])]
    {:created created :updated updated}))
