(ns re-core.persistency.audit
  "The audit trail in the store: who had what done, on what, and what came of it. Entries are only added. Each has the SHA-256 digest of
  all that it says and of the digest before it, so that none can be changed, or taken out, unnoticed.

  Entries that are not kept any longer go from its beginning, to a file. An entry of kind :pruned says up to which, and that one's digest: the chain
  begins there."
  (:require [clojure.edn :as edn]
            [clojure.string :as string]
            [re-core.persistency.common :as store :refer [now pack query unpack]]
            [reops.fs :as fs]
            [reops.peer :as peer]))

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

(defn beginning
  "The number and digest of the last entry that was pruned, {:n :hash}; {:n 0 :hash \"\"} when none was."
  []
  (if-let [[n hash] (first (query "select cast(targets as integer), what from audit where kind = 'pruned' order by n desc limit 1"))]
    {:n n :hash hash}
    {:n 0 :hash ""}))

(defn first-broken
  "The number of the first entry that is not as it was written, or before which entries are missing; nil when there is none."
  []
  (let [{:keys [n hash]} (beginning)]
    (ffirst (query (str "select n from
                           (select *, ? + row_number() over (order by n) as place, lag(hash, 1, ?) over (order by n) as before from audit)
                         where n <> place or previous <> before or hash <> " digest "
                         order by n limit 1")
                   [n hash]))))

;; --- pruning -----------------------------------------------------------------------------------------------------------

(def ^:private exported-at-a-time 1000)

(defn exported-file
  "Where entries are that were pruned, as lines of EDN. A crash in the middle of it may have one stand there twice."
  []
  (fs/join (store/folder) "audit.exported"))

(defn- export
  "Adds the entries from one up to another to the file of those that are pruned."
  [from to]
  (let [file (exported-file)]
    (when-not (fs/exists? file)
      (spit file "")
      (fs/set-permissions file 0600))
    (doseq [from (range from (inc to) exported-at-a-time)
            :let [to (min to (+ from exported-at-a-time -1))
                  rows (query (str "select " (string/join ", " (map name columns)) ", hash, previous from audit where n between ? and ? order by n") [from to])]]
      (spit file
            (apply str (map (fn [row] (str (pr-str (assoc (entry-of (butlast row)) :previous (last row))) "\n")) rows))
            :append true))))

(defn- last-to-go
  "The number of the last entry that is too old, or one too many. Of the latter some are let come together first, since pruning is an entry too."
  [{:keys [before keep]} begun last-n]
  (let [oldest-kept (when before (or (ffirst (query "select min(n) from audit where at >= ?" [before])) (inc last-n)))
        by-age (if oldest-kept (dec oldest-kept) 0)
        by-number (if keep (- last-n keep) 0)
        slack (if keep (max 1 (quot keep 10)) 0)]
    (max by-age (if (< (+ begun slack) by-number) by-number 0))))

(defn prune
  "Exports and removes entries of before that time, and those that are more than so many, {:before ms :keep n}, either of which may be nil. A trail that is not
  sound is left as it is. Returns how many went."
  [limits]
  (let [{last-n :n} (end)
        {begun :n} (beginning)
        to (if last-n (last-to-go limits begun last-n) 0)]
    (if (or (<= to begun) (first-broken))
      0
      (let [hash (ffirst (query "select hash from audit where n = ?" [to]))]
        (export (inc begun) to)
        (store/commit [(entry (peer/peer) :pruned hash (str to) (str (- to begun) " exported"))
                       ["delete from audit where n <= ?" [to]]])
        (- to begun)))))

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
  "The first seal whose entry is not there as it was, or nil. Those of entries that were pruned say nothing any more."
  []
  (let [{begun :n begun-hash :hash} (beginning)
        hash-of (fn [n] (if (= n begun) begun-hash (ffirst (query "select hash from audit where n = ?" [n]))))]
    (first (remove (fn [{:keys [n hash]}] (or (< n begun) (= hash (hash-of n)))) (seals)))))
