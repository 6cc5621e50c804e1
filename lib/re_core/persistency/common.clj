(ns re-core.persistency.common
  "The store, and how values are kept in it: nested and exact, as EDN. It is opened when it is first needed.

  A commit is one transaction, on the disk when it returns. Statements are [sql [parameter …]] or [sql [parameter …] rows];
  one that changes another number of rows than it says undoes the whole commit, and is an error :store/changed-meanwhile."
  (:require [clojure.edn :as edn]
            [clojure.string :as string]
            [re-core.persistency.schema :as schema]
            [reops.fs :as fs]
            [reops.secrets :as secrets]))

(defn native
  "A function of the module store, which is loaded when it is first needed."
  {:no-doc true}
  [name]
  (reops.internal/load-module "store")
  (deref (ns-resolve 'reops.store.native name)))

(defn folder
  "The folder that the store is in: $REOPS_HOME/data, else $XDG_DATA_HOME/reops, else ~/.local/share/reops."
  []
  (reops.internal/data-folder))

(defn path
  "The file of the store."
  []
  (fs/join (folder) "reops.db"))

(defonce ^:private opened (atom nil))

(defn store
  "The store, opened when it is not open yet."
  []
  (or @opened
      (locking opened
        (or @opened
            (reset! opened ((native 'open) (path) schema/migrations))))))

(defn close
  "Closes the store. What needs it next opens it again."
  []
  (locking opened
    (when-let [s @opened]
      (reset! opened nil)
      ((native 'close) s))))

(defn commit
  "Runs statements in one transaction: how many rows each changed, once it is on the disk."
  [statements]
  ((native 'commit) (store) statements))

(defn note
  "Like commit, but does not wait for the disk: for what has happened anyway, and may be lost when the machine loses its power."
  [statements]
  ((native 'note) (store) statements))

(defn query
  "The rows that a statement finds, a vector of vectors.

    (query \"select id from systems where type = ?\" [\"redis\"])"
  ([sql] (query sql []))
  ([sql parameters] ((native 'query) (store) sql parameters)))

(defn backup
  "Copies the whole store, as it is at one moment, to a new file; others go on meanwhile.

    (backup \"/var/backups/reops.db\")"
  {:category :store}
  [file]
  ((native 'backup) (store) file)
  file)

(defn problems
  "Examines the whole file of the store; what is wrong with it, a vector of sentences. Empty when it is sound.

    (problems)"
  {:category :store}
  []
  ((native 'problems) (store)))

(defn try-lock
  "Takes the lock of a file, or nil when another process has it."
  [file]
  ((native 'try-lock) file))

(defn unlock
  "Gives a lock up."
  [lock]
  ((native 'unlock) lock))

(defn lock-owner
  "The number of the process that took the lock of a file last, or nil."
  [file]
  ((native 'lock-owner) file))

;; --- values ----------------------------------------------------------------------------------------------------------

(defn- unstorable
  "The path to a part of x that EDN cannot give back as it is, or nil."
  [x path]
  (cond
    (or (nil? x) (boolean? x) (string? x) (char? x) (keyword? x) (symbol? x) (number? x) (uuid? x) (inst? x)) nil
    ;; Its name is kept, never its value; one that is known here only has none.
    (secrets/kept-name x) nil
    (record? x) path
    (map? x) (some (fn [[k v]] (or (unstorable k (conj path k)) (unstorable v (conj path k)))) x)
    (or (vector? x) (set? x) (sequential? x)) (some identity (map-indexed (fn [i v] (unstorable v (conj path i))) x))
    :else path))

(defn encode
  "A value as text, from which decode makes the same value again. What is no data is an error that names where it is."
  [x]
  (when-let [where (unstorable x [])]
    (throw (ex-info (str "Only data can be kept in the store; at " (pr-str where) " there is " (pr-str (get-in x where)))
                    (cond-> {:type :re-core/unstorable :path where}
                      (secrets/secret? (get-in x where))
                      (assoc :hint "(set-secret :name) keeps a secret, and (secret :name) stands for it where data is kept.")))))
  (binding [*print-length* nil *print-level* nil *print-meta* false *print-readably* true *print-namespace-maps* false]
    (pr-str x)))

(defn decode
  "The value of a text that encode made; nil of nil."
  [text]
  (when text (edn/read-string {:readers {'secret secrets/secret}} text)))

(defn new-id
  "An id that nobody else has: 32 hexadecimal digits."
  []
  (string/replace (str (random-uuid)) "-" ""))

(defn now
  "The time in milliseconds since 1970."
  []
  (System/currentTimeMillis))
