(ns re-core.persistency.common
  "The store, and how values are kept in it: nested and exact, as CBOR. It is opened when it is first needed.

  A commit is one transaction, on the disk when it returns. Statements are [sql [parameter …]] or [sql [parameter …] rows];
  one that changes another number of rows than it says undoes the whole commit, and is an error :store/changed-meanwhile."
  (:require [clojure.edn :as edn]
            [clojure.string :as string]
            [clojure.walk :as walk]
            [re-core.persistency.schema :as schema]
            [reops.cbor :as cbor]
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

(defn write-much
  "Says that this process writes much and for long: its journal may grow to 16 MB before it is worked into the file."
  []
  (note [["pragma wal_autocheckpoint = 4000" []]]))

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
  "The number of the process that has the lock of a file, or nil. Nothing is taken."
  [file]
  ((native 'lock-owner) file))

;; --- values ----------------------------------------------------------------------------------------------------------

(defn- unstorable
  "The path to a part of x that is no data, or nil."
  [x path]
  (cond
    (or (nil? x) (boolean? x) (string? x) (char? x) (keyword? x) (symbol? x) (number? x) (uuid? x) (inst? x)) nil
    ;; Its name is kept, never its value; one that is known here only has none.
    (secrets/kept-name x) nil
    (record? x) path
    (map? x) (some (fn [[k v]] (or (unstorable k (conj path k)) (unstorable v (conj path k)))) x)
    (or (vector? x) (set? x) (sequential? x)) (some identity (map-indexed (fn [i v] (unstorable v (conj path i))) x))
    :else path))

(defn- check-storable [x]
  (when-let [where (unstorable x [])]
    (throw (ex-info (str "Only data can be kept in the store; at " (pr-str where) " there is " (pr-str (get-in x where)))
                    (cond-> {:type :re-core/unstorable :path where}
                      (secrets/secret? (get-in x where))
                      (assoc :hint "(set-secret :name) keeps a secret, and (secret :name) stands for it where data is kept."))))))

(defn- named-secrets
  "Data in which tagged literals stand for secrets; it is tagged itself, so that only such data is looked through when it is read."
  [x]
  (tagged-literal 'reops/with-secrets
                  (walk/postwalk (fn [part] (if-let [name (secrets/kept-name part)] (tagged-literal 'secret name) part)) x)))

(defn pack
  "A value as bytes for the store, from which unpack makes the same value again; nil of nil. What is no data is an error that names where it is."
  [x]
  (when (some? x)
    (try
      (cbor/write x)
      (catch Exception e
        (when-not (= :reops.cbor/unwritable (:type (ex-data e)))
          (throw e))
        (check-storable x)
        (cbor/write (named-secrets x))))))

(defn decode
  "The value of a line that encode made."
  [line]
  (when line (edn/read-string {:readers {'secret secrets/secret}} line)))

(defn unpack
  "The value of bytes that pack made; nil of nil. Stores of before had text there."
  [bytes]
  (cond
    (nil? bytes) nil
    (string? bytes) (decode bytes)
    :else (let [x (cbor/read bytes)]
            (if (and (tagged-literal? x) (= 'reops/with-secrets (:tag x)))
              (walk/postwalk (fn [part] (if (and (tagged-literal? part) (= 'secret (:tag part))) (secrets/secret (:form part)) part)) (:form x))
              x))))

(defn encode
  "A value as a line of EDN, as processes of one store send it to each other."
  [x]
  (check-storable x)
  (binding [*print-length* nil *print-level* nil *print-meta* false *print-readably* true *print-namespace-maps* false]
    (pr-str x)))

(defn new-id
  "An id that nobody else has: 32 hexadecimal digits, the first twelve of which are the time, so that what is made together stands together
  in the store."
  []
  (str (format "%012x" (System/currentTimeMillis)) (subs (string/replace (str (random-uuid)) "-" "") 12)))

(defn now
  "The time in milliseconds since 1970."
  []
  (System/currentTimeMillis))
