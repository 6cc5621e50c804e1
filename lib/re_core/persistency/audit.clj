(ns re-core.persistency.audit
  "The audit trail in the store: who had what done, on what, and what came of it. Entries are only added. Each has the SHA-256 digest of
  all that it says and of the digest before it, so that none can be changed, or taken out, unnoticed."
  (:require [clojure.edn :as edn]
            [clojure.string :as string]
            [re-core.persistency.common :as store :refer [now pack query unpack]]
            [reops.fs :as fs]))

(def ^:private columns [:n :at :user :peer :kind :what :targets :outcome])

(def ^:private digest
  (str "sha256(previous, " (string/join ", " (map name columns)) ")"))

(defn- insertion
  "The text of a statement that adds an entry, of what its columns are and what else it selects from."
  [values from]
  (str "insert into audit (" (string/join ", " (map name columns)) ", previous, hash)
        select *, " digest " from
          (select coalesce((select max(n) from audit), 0) + 1 as n, "
       (string/join ", " (map #(str (values %) " as " (name %)) (rest columns)))
       ", coalesce((select hash from audit order by n desc limit 1), '') as previous " from ")"))

(def ^:private entry-insertion (insertion (constantly "?") ""))

(def ^:private jobs-insertion
  (insertion {:at "?" :user "user" :peer "peer" :kind "'ended'" :what "form" :targets "id"
              :outcome "(hosts - failed) || ' ✔ ' || failed || ' x'"}
             "from runs where id = ? and under_way = 0"))

(defn entry
  "The statement that adds an entry: kind is a keyword; what was asked for, targets and outcome are texts."
  [peer kind what targets outcome]
  [entry-insertion [(now) (:user peer) (pack peer) (name kind) what targets outcome] 1])

(defn jobs-entry
  "The statement that says what the jobs of a run came to, if all have ended."
  [run]
  [jobs-insertion [(now) run]])

(defn- entry-of [row]
  (into {} (remove (comp nil? val))
        (-> (zipmap (conj columns :hash) row)
            (update :peer unpack)
            (update :kind keyword))))

(def ^:private select-from (str "select " (string/join ", " (map name columns)) ", hash from audit "))

(defn latest
  "The last n entries, the latest first."
  [n]
  (mapv entry-of (query (str select-from "order by n desc limit ?") [n])))

(defn end
  "The last entry's number and digest, {:n :hash}; nil of an empty trail."
  []
  (when-let [[n hash] (first (query "select n, hash from audit order by n desc limit 1"))]
    {:n n :hash hash}))

(defn first-broken
  "The number of the first entry that is not as it was written, or before which entries are missing; nil when there is none."
  []
  (ffirst (query (str "select n from
                         (select *, row_number() over (order by n) as place, lag(hash, 1, '') over (order by n) as before from audit)
                       where n <> place or previous <> before or hash <> " digest "
                       order by n limit 1"))))

;; --- seals -----------------------------------------------------------------------------------------------------------

(defn- seals-file [] (fs/join (store/folder) "audit.seals"))

(defn seals
  "The seals that were put on the trail, {:n :hash :at}, the oldest first."
  []
  (let [file (seals-file)]
    (if (fs/exists? file)
      (mapv edn/read-string (string/split-lines (slurp file)))
      [])))

(defn seal
  "Writes the end of the trail to a file beside the store, which is only added to, unless that has it already. It tells when entries are missing at
  the end, or the whole trail was made anew. Returns the seal."
  []
  (let [{:keys [n] :as last-one} (end)
        file (seals-file)]
    (when (and n (not= n (:n (peek (seals)))))
      (when-not (fs/exists? file)
        (spit file "")
        (fs/set-permissions file 0600))
      (spit file (str (pr-str (assoc last-one :at (now))) "\n") :append true))
    last-one))

(defn first-unsealed
  "The first seal whose entry is not there as it was, or nil."
  []
  (let [hash-of (fn [n] (ffirst (query "select hash from audit where n = ?" [n])))]
    (first (remove (fn [{:keys [n hash]}] (= hash (hash-of n))) (seals)))))
