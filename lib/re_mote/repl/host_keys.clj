(ns re-mote.repl.host-keys
  "Keys of hosts that are not known yet: a person reviews them, many at once, or a file of fingerprints does."
  (:require [clojure.string :as string]
            [re-mote.native-module :as ssh]
            [re-mote.patterns :as patterns]
            [re-mote.repl.base :as base :refer [single target targets unrun-entry]]
            [re-mote.repl.interrupts :refer [given-up? held]]
            [re-mote.repl.results :refer [merge-results]]
            [re-mote.repl.text :as text]
            [re-mote.targets :refer [hosts-common]])
  (:import [re_mote.repl.base Hosts]))

;; --- expected fingerprints -----------------------------------------------------------------------------------------------

(def ^:private sha256 #"(SHA256:[A-Za-z0-9+/]{43})=?")

(defn- bad-fingerprints [file line message]
  (throw (ex-info (str file ":" line ": " message)
                  {:type :re-mote/bad-fingerprints
                   :hint "A line has a host and the SHA256 fingerprint of its key, as ssh-keygen -lf prints it."})))

(defn- line-names
  "The names that a line of fingerprints gives to its host: of root@web1 the host, of [web1]:2222 the whole and the name."
  [words]
  (for [word (if (= ["no" "comment"] words) [] words)
        :let [text (string/lower-case (string/replace word #"^[^@]*@" ""))
              [_ bare] (re-matches #"\[([^\[\]]+)\]:\d+" text)]
        name (if bare [text bare] (patterns/expand text))]
    name))

(defn read-fingerprints
  "The fingerprints that a text expects: {\"web1\" [{:fingerprint \"SHA256:…\" :where \"file:3\"}]}. A line has a host, or several, and
  the fingerprint of a key, in any order; of lines that ssh-keygen -l prints, the comment names the host."
  [text file]
  (reduce
   (fn [found [number line]]
     (let [words (remove string/blank? (string/split (string/replace line #"(^|\s)#.*" "") #"[\s]+"))
           fingerprints (keep #(second (re-matches sha256 %)) words)
           ;; ssh-keygen -l: bits, fingerprint, comment, (TYPE).
           others (remove #(or (re-matches sha256 %) (re-matches #"\d+|\(\S+\)" %)) words)
           names (when (seq words) (line-names others))]
       (cond
         (empty? words) found
         (not= 1 (count fingerprints)) (bad-fingerprints file number "one SHA256 fingerprint was expected")
         (empty? names) (bad-fingerprints file number "the fingerprint belongs to no host; write its name beside it")
         :else (reduce (fn [found name]
                         (update found name (fnil conj []) {:fingerprint (first fingerprints) :where (str file ":" number)}))
                       found names))))
   {}
   (map-indexed (fn [i line] [(inc i) line]) (string/split-lines text))))

(defn- expectations
  "What :fingerprints says, a file or a map of host to fingerprint or several."
  [fingerprints]
  (if (map? fingerprints)
    (update-vals (update-keys fingerprints string/lower-case)
                 (fn [of-host] (mapv #(array-map :fingerprint % :where "you") (if (string? of-host) [of-host] of-host))))
    (read-fingerprints (slurp fingerprints) fingerprints)))

(defn- expected-of
  "What is expected of a host, by its name or its address."
  [expected {:keys [host address]}]
  (let [[_ bare port] (re-matches #"\[?(.*?)\]?:(\d+).*" (str address))]
    (into [] (mapcat expected) (distinct [(string/lower-case host) bare (str "[" bare "]:" port)]))))

(defn- against
  "A shown key with :accepted when it is expected, or with the failure of one that is not."
  [expected source {:keys [host address type fingerprint verdict reason] :as shown}]
  (let [found (expected-of expected shown)
        who (str host " (" address ")")
        shows (str fingerprint " (" type ")")
        refused #(assoc shown :reason :hostkey :message %)]
    (cond
      (not= :none reason) shown
      (some #(= fingerprint (:fingerprint %)) found) (assoc shown :accepted true)
      (seq found) (refused (str who " shows the key " shows ", but " (:where (first found)) " expects "
                                (string/join " or " (map :fingerprint found))
                                ". It was not accepted: someone may be between you and the host, or what is expected is old or of another "
                                "type of key"))
      (= :known verdict) shown
      :else (refused (str who " shows the key " shows ", and " (if (string? source) source "nothing") " says what it should be; it was "
                          "not accepted")))))

;; --- asking --------------------------------------------------------------------------------------------------------------

(defn- listing
  "New keys as a table."
  [keys]
  (text/columns (map (juxt :host :address :type :fingerprint) keys)))

(defn- asked
  "The hosts of those with new keys that the person at the terminal accepts, as a function of their names."
  [this new-keys]
  (let [many (< 1 (count new-keys))]
    (run! println (listing new-keys))
    (print (if many
             (str "Compare them. Accept these " (count new-keys) " keys? [y, N, or some hosts such as web[1-3]] ")
             "Compare it. Accept this key? [y/N] "))
    (flush)
    (let [answer (string/trim (or (read-line) ""))]
      (cond
        (re-matches #"(?i)y(es)?" answer) any?
        (re-matches #"(?i)(no?)?" answer) (constantly false)
        :else (set (:hosts (hosts-common this answer)))))))

(defn- chosen
  "Which new keys are accepted without a file of fingerprints: a function of the name of a host."
  [this new-keys {:keys [accept]}]
  (cond
    (= :all accept) any?
    accept (set (:hosts (hosts-common this accept)))
    (empty? new-keys) (constantly false)
    (ssh/can-ask) (asked this new-keys)
    :else (constantly false)))

;; --- the operation -------------------------------------------------------------------------------------------------------

(defn- new? [{:keys [verdict reason]}] (and (= :none reason) (= :unknown verdict)))

(defn- judged
  "The shown keys, those :accepted marked."
  [this shown {:keys [fingerprints] :as options}]
  (if fingerprints
    (let [expected (expectations fingerprints)]
      (mapv #(against expected fingerprints %) shown))
    (let [wanted (chosen this (filterv new? shown) options)]
      (mapv (fn [{:keys [host] :as key}] (cond-> key (and (new? key) (wanted host)) (assoc :accepted true))) shown))))

(defn- entry
  "The entry of a host whose key was judged."
  [{:keys [host address type fingerprint file verdict reason message accepted] :as key} checking]
  (let [added (boolean (and accepted (new? key)))
        result {:type type :fingerprint fingerprint :file file :added added}
        failed (fn [reason message] (unrun-entry host {:code -1 :error {:reason reason :message message :out "" :err ""}}))]
    (cond
      (not= :none reason) (failed reason message)
      (or added (= :known verdict)) (unrun-entry host (cond-> {:code 0 :result result :changed added} checking (assoc :predicted true)))
      :else (failed :hostkey (str "the key of " host " (" address "), " fingerprint " (" type "), was not accepted")))))

(defn accept-host-keys
  "Reviews the keys that hosts show now, all at once, and adds those that are accepted to known_hosts: of each host its type,
  fingerprint and file, and whether it was added. At a terminal, the new ones are listed (name, address, type, fingerprint), and you say
  which you accept. A key that has changed or is revoked never is. Options:
    :fingerprints  a file of expected fingerprints, a host and its fingerprint a line, or a map of them: what matches is accepted,
                   what differs is refused and named
    :accept        :all, or the hosts whose keys you have compared already: a pattern, names, or other hosts
    :check         true: nothing is written

    (run (accept-host-keys (hosts \"web[01-20]\")) | (pretty))
    (run (accept-host-keys hs {:fingerprints \"fingerprints.txt\"}) | (pick successful) | (exec \"uptime\") | (pretty))"
  {:category :hosts}
  ([this] (accept-host-keys this {} {}))
  ([this x] (if (contains? x :successful) (accept-host-keys this x {}) (accept-host-keys this {} x)))
  ([this results {:keys [check] :as options}]
   (held
    (let [hosts (targets this)
          checking (or check (:check results) base/*check*)
          shown (ssh/host-keys (mapv #(target this %) hosts))
          stopped (given-up?)
          keys (if stopped shown (judged this shown options))
          accepted (filter (every-pred :accepted new?) keys)]
      (when-not (or checking (empty? accepted))
        (ssh/keep-host-keys (mapv (fn [key] (merge (target this (:host key)) (select-keys key [:type :key :fingerprint]))) accepted)))
      [(cond-> this stopped (base/stopped-by base/cancelled))
       (cond-> (merge-results results "accept-host-keys" (mapv #(entry % checking) keys))
         checking (assoc :check true))]))))

(defn accept-host-key
  "Adds the key that a host shows now to known_hosts, after you have compared its fingerprint with the real one; a
  fingerprint given as second argument is compared for you. See accept-host-keys for many.

    (accept-host-key \"web7\")
    (accept-host-key \"web7\" \"SHA256:…\")"
  {:category :hosts}
  ([host] (accept-host-key host nil))
  ([host fingerprint]
   (let [this (if (instance? Hosts host) (update host :hosts (comp vec (partial take 1))) (single host))
         [name] (:hosts this)
         [_ {:keys [successful failure]}] (accept-host-keys this (if fingerprint {:fingerprints {name fingerprint}} {:accept :all}))
         {:keys [reason message]} (:error (first failure))]
     (when reason
       (throw (ex-info message {:type (keyword "ssh" (subs (str reason) 1)) :host name})))
     (let [{:keys [type fingerprint file added]} (:result (first successful))]
       (println (str (if added "Added" "Already known:") " " type " " fingerprint " of " name " in " file))))))
