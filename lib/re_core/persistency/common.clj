(ns re-core.persistency.common
  "The store, and how values are kept in it: nested and exact, as CBOR. It is opened when it is first needed.

  A commit is one transaction, on the disk when it returns. Statements are [sql [parameter …]] or [sql [parameter …] rows];
  one that changes another number of rows than it says undoes the whole commit, and is an error :store/changed-meanwhile."
  (:require [clojure.edn :as edn]
            [clojure.string :as string]
            [re-core.persistency.schema :as schema]
            [reops.cbor :as cbor]
            [reops.fs :as fs]))

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

(defn pack
  "A value as bytes for the store, from which unpack makes the same value again; nil of nil. What is no data is an error that names where it is."
  [x]
  (when (some? x) (cbor/write x)))

(defn unpack
  "The value of bytes that pack made; nil of nil. Stores of before had text there."
  [bytes]
  (cond
    (nil? bytes) nil
    (string? bytes) (edn/read-string bytes)
    :else (cbor/read bytes)))

(defn encode
  "A value as a line of EDN, as processes of one store send it to each other."
  [x]
  (binding [*print-length* nil *print-level* nil *print-meta* false *print-readably* true *print-namespace-maps* false]
    (pr-str x)))

(defn decode
  "The value of a line that encode made."
  [line]
  (edn/read-string line))

(defn new-id
  "An id that nobody else has: 32 hexadecimal digits, the first twelve of which are the time, so that what is made together stands together
  in the store."
  []
  (str (format "%012x" (System/currentTimeMillis)) (subs (string/replace (str (random-uuid)) "-" "") 12)))

(defn now
  "The time in milliseconds since 1970."
  []
  (System/currentTimeMillis))
