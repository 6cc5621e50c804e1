(ns re-core.persistency.types
  "Types in the store: how machines of a type are provisioned. The id of one is its :type, a keyword."
  (:refer-clojure :exclude [get])
  (:require [re-core.persistency.common :as store :refer [now pack query unpack]]))

(defn id-of
  "The id of a type: its :type as a keyword."
  [{:keys [type]}]
  (keyword type))

(defn- text [id] (subs (str (keyword id)) 1))

(defn put
  "Adds a type, or puts it in the place of the one of that name. Returns its id."
  [type]
  (store/commit [["insert into types (id, created, updated, data) values (?, ?, ?, ?)
                   on conflict (id) do update set updated = excluded.updated, data = excluded.data"
                  [(text (id-of type)) (now) (now) (pack type)]]])
  (id-of type))

(defn get
  "The type of that id (a keyword, or its name), or nil."
  [id]
  (let [[[data]] (query "select data from types where id = ?" [(text id)])]
    (unpack data)))

(defn get!
  "The type of that id; an error that says how to define it when there is none."
  [id]
  (or (get id)
      (throw (ex-info (str "There is no type " (keyword id) " yet")
                      {:type :re-core/no-type :id (keyword id)
                       :hint (str "Define it: (create cog 'my.recipes/plan (src \"/path/resources/\") " (keyword id) " \"what it is\")")}))))

(defn exists?
  "Whether there is a type of that id."
  [id]
  (some? (get id)))

(defn all
  "Every type, pairs [id type], by name."
  []
  (mapv (fn [[id data]] [(keyword id) (unpack data)]) (query "select id, data from types order by id")))

(defn delete
  "Removes the types of these ids."
  [ids]
  (store/commit (mapv (fn [id] ["delete from types where id = ?" [(text id)]]) ids)))
