(ns reops.config.settings
  "What can be configured: sections of settings, each with its spec, its value when nobody says otherwise, and words for people. Keys with
  a namespace of their own (:my.ops/region) are their users': they are checked if a spec of that name is known."
  (:require [clojure.spec.alpha :as s]
            [clojure.string :as string]
            [re-mote.command.options :as options]
            [reops.config.reading :refer [bad-config]]))

(defonce ^:private known
  ;; {section {:doc … :settings {key {:default … :spec … :legal … :doc … :read …}} :order [key …]}}
  (atom {}))

(defn define-section
  "See defsection."
  {:no-doc true}
  [section doc settings]
  (swap! known assoc section {:doc doc :order (mapv :key settings) :settings (into {} (map (juxt :key identity)) settings)})
  section)

(defmacro defsection
  "Defines a section of the configuration. A setting is a vector: its key, its default, its spec, what is legal in words, what it is for,
  and perhaps a function from what is written to what it means.

    (defsection :history \"What is kept of what was done.\"
      [:keep-days 90 (s/and integer? pos?) \"days, a whole number from 1\" \"How long runs are kept\"])"
  [section doc & settings]
  `(define-section ~section ~doc
     [~@(map (fn [[k default spec legal doc read]]
               (let [spec-name (keyword (str "reops.config." (name section)) (name k))]
                 `(do (s/def ~spec-name ~spec)
                      {:key ~k :default ~default :spec ~spec-name :legal ~legal :doc ~doc :read ~(or read `identity)})))
             settings)]))

(defn sections
  "All sections: {section {:doc :order :settings}}."
  []
  @known)

;; --- words of settings -----------------------------------------------------------------------------------------------

(defn- time-text? [x] (boolean (re-matches #"\d{1,9}(ms|s|m|h)" x)))

(s/def ::count (s/and integer? pos?))
(s/def ::time (s/or :ms (s/and integer? pos?) :text (s/and string? time-text?)))
(s/def ::size (s/or :bytes (s/and integer? #(<= 0 %)) :text (s/and string? #(re-matches #"\d{1,9}[KMG]" %))))
(s/def ::file (s/and string? (complement string/blank?)))

(defn- millis
  "Milliseconds of a time: a number of them, or a text such as 30s."
  [x]
  (if (string? x) (options/milliseconds "a time" x) x))

(defn- bytes-of
  "Bytes of a size: a number of them, or a text such as 64K."
  [x]
  (if (string? x)
    (bit-shift-left (parse-long (subs x 0 (dec (count x)))) ({\K 10 \M 20 \G 30} (last x)))
    x))

(def ^:private a-count "a whole number from 1")
(def ^:private a-time "milliseconds, or a text such as \"30s\", \"5m\" or \"2h\"")
(def ^:private a-file "the name of a file")

;; --- the sections ----------------------------------------------------------------------------------------------------

(defsection :jobs "How jobs run."
  [:at-a-time {:default 16} (s/map-of (s/or :topic string? :others #{:default}) ::count)
   "a map from topics, such as \"create\", and :default to whole numbers from 1" "How many jobs of a topic run at the same time"]
  [:step-timeout 600000 ::time a-time "The time of a step that does not say how long it has" millis]
  [:grace 30000 ::time a-time "How long a machine has to shut down before its power is taken" millis]
  [:stop-within 30000 ::time a-time "How long steps have to end when the controller stops, before they are interrupted" millis])

(defsection :ssh "How hosts are worked on. Names, users and keys are those of ~/.ssh/config."
  [:fanout 512 ::count a-count "How many hosts are worked on at a time"]
  [:timeout 300000 ::time a-time "The time of a command on a host" millis]
  [:connect-timeout 10000 ::time a-time "The time to reach a host" millis]
  [:handshake-timeout 15000 ::time a-time "The time to agree on keys with a host" millis]
  [:login-timeout 20000 ::time a-time "The time to log in, a person at the agent included" millis]
  [:retry 0 (s/and integer? #(<= 0 % 100)) "a whole number from 0 to 100" "How often what kept a command from starting is tried again"]
  [:keep nil (s/nilable ::size) "bytes, or a text such as \"64K\" or \"16M\""
   "How much is kept of each output of a command, the last of it; without it as much as there is room for" bytes-of]
  [:connections 4096 ::count a-count "How many connections work at a time, of all runs together"]
  [:per-jump-host 256 ::count a-count "How many of them go through one jump host"]
  [:logins 64 ::count a-count "How many of them log in at a time"]
  [:idle 600000 ::time a-time "How long a connection is kept for the next command" millis]
  [:most-idle 10000 ::count a-count "How many are kept"]
  [:host-keys nil (s/nilable (s/map-of string? #{:accept-new :strict}))
   "a map from networks to :accept-new or :strict, such as {\"10.0.0.0/8\" :accept-new}"
   "What is done with host keys that are seen for the first time, by network"])

(defsection :hosts "Which hosts there are."
  [:inventory nil (s/nilable ::file) a-file "The inventory that is meant when none is named"])

(defsection :presets "What the presets of systems say."
  [:user "re-ops" (s/and string? #(re-matches #"[a-z_][a-z0-9_-]{0,31}" %)) "a user's name" "Who logs in: defaults, default-machine"]
  [:domain "local" ::file "a domain" "The domain: defaults, default-machine"]
  [:os :ubuntu-22.04 keyword? "an operating system, a keyword such as :debian-12" "The operating system: defaults"]
  [:node :localhost keyword? "a node, a keyword" "The node of (local)"])

(s/def :reops.config.kvm.node/uri ::file)
(s/def :reops.config.kvm.node/pool ::file)
(s/def :reops.config.kvm.node/network ::file)
(s/def :reops.config.kvm.node/accelerator #{:kvm :qemu})
(s/def :reops.config.kvm.image/volume ::file)

(defsection :kvm "Virtual machines on libvirt and QEMU."
  [:nodes {:localhost {:uri "qemu:///system"}}
   (s/map-of keyword? (s/keys :req-un [:reops.config.kvm.node/uri]
                              :opt-un [:reops.config.kvm.node/pool :reops.config.kvm.node/network :reops.config.kvm.node/accelerator]))
   "a map from nodes to {:uri :pool :network :accelerator}, the last :kvm or :qemu, which emulates" "The hypervisors that machines are on"]
  [:images {} (s/map-of keyword? (s/keys :req-un [:reops.config.kvm.image/volume]))
   "a map from operating systems to {:volume :kernel :initrd :cmdline}" "The volumes that machines are linked clones of, by operating system"]
  [:usable-within 300000 ::time a-time "How long a machine has, after it was started, until SSH lets us in" millis])

(defsection :memory "What this process may use."
  [:limit nil (s/nilable ::size) "bytes, or a text such as \"512M\" or \"2G\"; 0 for any"
   "Memory that an evaluation may use; --memory-limit counts before it, and without either it is half the machine's" bytes-of])

(defsection :history "What is kept of what was done."
  [:keep-days 365 (s/nilable ::count) "days, a whole number from 1, or nil for all" "How long runs and jobs that have ended are kept"]
  [:keep-runs 100000 (s/nilable ::count) "a whole number from 1, or nil for all" "How many of the latest of them are kept"]
  [:keep-audit-days nil (s/nilable ::count) "days, a whole number from 1, or nil for all" "How long entries of the audit trail are kept before they are exported"]
  [:keep-audit nil (s/nilable ::count) "a whole number from 1, or nil for all" "About how many of its latest entries are kept"])

(defsection :agents "Agents, which connect to this controller."
  [:listen "127.0.0.1:7450" (s/and string? #(re-matches #"\S+:(\d{1,5}|\*)" %)) "an address and a port, such as \"0.0.0.0:7450\"; the port * is any that is free"
   "Where agents are listened for"]
  [:heartbeat 10000 ::time a-time "How often the two sides say that they are there; three that are missed, and the other is gone" millis])

(defsection :nrepl "The server for editors: reops nrepl, and that of reops serve."
  [:port nil (s/nilable (s/and integer? #(<= 0 % 65535))) "a port, 0 to 65535" "A port of 127.0.0.1 instead of a socket; 0 for any"]
  [:socket nil (s/nilable ::file) "the path of a socket" "Where its socket is"])

(defsection :secrets "The file of secrets."
  [:key-file nil (s/nilable ::file) "the name of a file that only its user may read"
   "A file with the passphrase; $CREDENTIALS_DIRECTORY/reops.secrets is looked for before it"])

;; --- checking --------------------------------------------------------------------------------------------------------

(defn- suggestion [x candidates]
  (when-let [near (reops.internal/suggest (str x) (map str candidates))]
    (str ". Did you mean " near "?")))

(defn- shown [x]
  (let [text (binding [*print-length* 8 *print-level* 4] (pr-str x))]
    (if (< 80 (count text)) (str (subs text 0 79) "…") text)))

(defn- there?
  "Whether a path leads to something in x."
  [x path]
  (reduce (fn [x k] (if (and (or (map? x) (vector? x)) (contains? x k)) (get x k) (reduced ::none))) x path))

(defn- deepest
  "The problem of a value that its spec names most exactly: [path within it, what stands there]."
  [spec x]
  (let [{:keys [in val]} (last (sort-by (comp count :in) (:clojure.spec.alpha/problems (s/explain-data spec x))))
        paths (take-while some? (iterate (fn [path] (when (seq path) (pop path))) (vec in)))
        path (first (remove #(= ::none (there? x %)) paths))]
    (if (= path (vec in)) [path val] [path (get-in x path)])))

(defn- choices
  "The words that a spec lets one choose among, as far as it names them."
  [spec]
  (filter keyword? (tree-seq coll? seq (s/form spec))))

(defn- setting-problem [path {:keys [spec legal]} x]
  (when-not (s/valid? spec x)
    (let [[deeper found] (deepest spec x)
          path (into path deeper)]
      {:path path
       :found found
       :message (str path " is " (shown found) ", where there should be " legal
                     (when (keyword? found) (suggestion found (remove #{found} (choices spec)))))})))

(defn- section-problems [section x]
  (let [{:keys [settings order]} (@known section)]
    (if-not (map? x)
      [{:path [section] :found x :message (str [section] " is " (shown x) ", where there should be a map of " (string/join ", " order))}]
      (keep (fn [[k v]]
              (if-let [setting (settings k)]
                (setting-problem [section k] setting v)
                {:path [section k] :found v
                 :message (str [section k] " is no setting: " section " has " (string/join ", " order) (suggestion k order))}))
            x))))

(defn- own-problem [k x]
  (when-let [spec (s/get-spec k)]
    (setting-problem [k] {:spec k :legal (str "what the spec " k " allows, " (pr-str (s/form spec)))} x)))

(defn problems
  "What is wrong with a configuration: maps with :path, :found and :message."
  [x]
  (if-not (map? x)
    [{:path [] :found x :message (str "a configuration is a map of sections, found " (shown x))}]
    (mapcat (fn [[k v]]
              (cond
                (@known k) (section-problems k v)
                (qualified-keyword? k) (some-> (own-problem k v) clojure.core/list)
                :else [{:path [k] :found v
                        :message (str [k] " is no section: there are " (string/join ", " (sort (keys @known)))
                                      ", and keys of your own with a namespace, such as :my/key" (suggestion k (keys @known)))}]))
            x)))

(defn check
  "Throws an error that names everything that is wrong with a configuration, and where that stands."
  [x places file]
  (when-let [found (seq (problems x))]
    (throw (bad-config (mapv (fn [{:keys [path] :as problem}]
                               (let [[at line column] (or (some places (take-while some? (iterate (fn [p] (when (seq p) (pop p))) path))) [file 1 1])]
                                 (assoc problem :file at :line line :column column)))
                             found)))))

(defn effective
  "The whole configuration: what is written, and the defaults of what is not."
  [given]
  (into (into {} (filter (comp qualified-keyword? key)) given)
        (map (fn [[section {:keys [settings]}]]
               [section (into {} (map (fn [[k {:keys [default read]}]]
                                        (let [written (get-in given [section k] ::none)]
                                          [k (cond
                                               (= ::none written) default
                                               (nil? written) nil
                                               (map? default) (merge default (read written))
                                               :else (read written))])))
                              settings)]))
        @known))
