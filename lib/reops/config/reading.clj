(ns reops.config.reading
  "Reads a file of configuration: EDN with tags, which mean what they mean in aero.
    #env NAME        the text of a variable of the environment; it has to be set, unless #or gives something else
    #or [a b …]      the first of these that there is
    #ref [:a :b]     what stands at that path of the same file
    #include \"file\"  the value in another file, named relative to this one
    #profile {…}     what stands under the profile in use, REOPS_PROFILE in the environment, else under :default
    #secret :name    a secret by its name (see reops.secrets)
    #join [\"a\" b]    texts as one; #long, #boolean, #keyword  a text as what it spells"
  (:require [clojure.string :as string]
            [reops.fs :as fs]
            [reops.secrets :as secrets]))

(def ^:private tags '[env or ref include profile secret join long boolean keyword])

;; --- what is wrong ---------------------------------------------------------------------------------------------------

(defn- place
  "Where a form stands in its file, or what it is in: [file line column]."
  [{:keys [file places]} at]
  (into [file] (loop [at at] (or (places at) (if (seq at) (recur (pop at)) [1 1])))))

(defn bad-config
  "The error of a configuration: problems are maps with :file :line :column :message, and perhaps :path."
  ([problems] (bad-config problems nil))
  ([problems hint]
   (ex-info (string/join "\n" (map (fn [{:keys [file line column message]}] (str file (when line (str ":" line ":" column)) ": " message))
                                   problems))
            (cond-> {:type :reops/bad-config :problems (vec problems)}
              hint (assoc :hint hint)))))

(defn- fail
  ([context at message] (fail context at message nil))
  ([context at message hint]
   (let [[file line column] (place context at)]
     (throw (bad-config [{:file file :line line :column column :message message}] hint)))))

;; --- tags ------------------------------------------------------------------------------------------------------------

(declare expand read-value)

(defn- variable [context form at]
  (let [name (if (or (symbol? form) (keyword? form)) (name form) form)]
    (when-not (and (string? name) (not (string/blank? name)))
      (fail context at (str "#env takes the name of a variable, found " (pr-str form))))
    (or (System/getenv name)
        (when-not (:optional context)
          (fail context at (str "#env " name ": the variable " name " is not set in the environment")
                (str "Set it, or give something else: #or [#env " name " \"…\"]"))))))

(defn- first-there [context form at out]
  (when-not (vector? form)
    (fail context at (str "#or takes a vector, found " (pr-str form))))
  (let [last-index (dec (count form))]
    (first (keep-indexed (fn [i branch]
                           (expand (cond-> context (or (< i last-index) (:optional context)) (assoc :optional true))
                                   branch (conj at i) out))
                         form))))

(defn- chosen
  "The branch of a #profile: [form at]."
  [{:keys [profile] :as context} form at]
  (when-not (map? form)
    (fail context at (str "#profile takes a map of profiles, found " (pr-str form))))
  (let [found (first (filter #(contains? form %) [profile :default]))]
    (when-not found
      (fail context at (str "#profile has nothing for the profile " profile ", and no :default; it has " (string/join ", " (sort-by str (keys form))))
            "REOPS_PROFILE in the environment names the profile."))
    [(form found) (conj at found)]))

(defn- referred
  "What stands at a path of the file."
  [{:keys [root refs] :as context} path at out]
  (when-not (and (vector? path) (seq path))
    (fail context at (str "#ref takes a path such as [:ssh :fanout], found " (pr-str path))))
  (let [chain (conj (or refs []) path)
        context (assoc context :refs chain)]
    (when (some #{path} refs)
      (fail context at (str "#ref goes in a circle: " (string/join " → " chain))))
    (loop [form root from [] left path]
      (cond
        (empty? left) (expand context form from out)
        (and (tagged-literal? form) (= 'profile (:tag form)))
        (let [[form from] (chosen context (:form form) (conj from 'profile))] (recur form from left))
        :else
        (let [within (if (tagged-literal? form) (expand context form from nil) form)
              k (first left)]
          (cond
            (and (or (map? within) (vector? within)) (contains? within k))
            (if (tagged-literal? form)
              (get-in within left)
              (recur (get within k) (conj from k) (rest left)))
            (:optional context) nil
            :else (let [near (when (map? within) (reops.internal/suggest (str k) (map str (keys within))))]
                    (fail context at (str "#ref " path ": there is no " (pr-str k) (when (seq from) (str " at " from)))
                          (when near (str "Did you mean " near "?"))))))))))

(defn- included [{:keys [file chain found profile] :as context} named at out]
  (when-not (string? named)
    (fail context at (str "#include takes the name of a file, found " (pr-str named))))
  (let [path (fs/absolute-path (if (string/starts-with? named "/") named (fs/join (fs/parent file) named)))]
    (when-not (fs/exists? path)
      (fail context at (str "#include " (pr-str named) ": there is no file " path)))
    (when (some #{path} chain)
      (fail context at (str "#include goes in a circle: " (string/join " → " (conj chain path)))))
    (read-value path (conj chain path) profile found out)))

(defn- text-as [context form at out what read]
  (let [x (expand context form at out)
        found (if (string? x) (read (string/trim x)) x)]
    (cond
      (and (nil? x) (:optional context)) nil
      (nil? found) (fail context at (str (pr-str x) " does not spell " what))
      :else found)))

(defn- joined [context form at out]
  (let [parts (when (vector? form) (map-indexed (fn [i part] (expand context part (conj at i) nil)) form))]
    (when-not parts
      (fail context at (str "#join takes a vector, found " (pr-str form))))
    (when-let [secret (first (filter secrets/secret? parts))]
      (fail context at (str "#join would make text of " secret) "Keep the whole text as a secret instead."))
    (apply str parts)))

(defn- secret-of [context form at]
  (when-not (keyword? form)
    (fail context at (str "#secret takes the name of a secret, a keyword such as :db-password, found " (pr-str form))))
  (secrets/secret form))

(defn- tagged [context tag form at out]
  (case tag
    env (variable context form at)
    or (first-there context form at out)
    ref (referred context form at out)
    include (included context form at out)
    profile (let [[branch at] (chosen context form at)] (expand context branch at out))
    secret (secret-of context form at)
    join (joined context form at out)
    long (text-as context form at out "a whole number" parse-long)
    boolean (text-as context form at out "true or false" parse-boolean)
    keyword (text-as context form at out "a keyword" #(when-not (string/blank? %) (keyword (string/replace % #"^:" ""))))
    (let [near (reops.internal/suggest (str tag) (map str tags))]
      (fail context at (str "#" tag " is no tag that a configuration knows: there are " (string/join ", " (map #(str "#" %) tags)))
            (when near (str "Did you mean #" near "?"))))))

;; --- values ----------------------------------------------------------------------------------------------------------

(defn- expand
  "The value of a form that stands at a path of its file, and whose value stands at the path out of the whole; nil when nobody asks."
  [{:keys [found] :as context} form at out]
  (let [below (fn [k] (when out (conj out k)))]
    (when (and out (not (tagged-literal? form)))
      (swap! found assoc out (place context at)))
    (cond
      (tagged-literal? form) (tagged context (:tag form) (:form form) (conj at (:tag form)) out)
      (map? form) (into {} (map (fn [[k v]] [(expand context k at nil) (expand context v (conj at k) (below k))])) form)
      (vector? form) (into [] (map-indexed (fn [i x] (expand context x (conj at i) (below i)))) form)
      (set? form) (into #{} (map (fn [x] (expand context x at nil))) form)
      (seq? form) (doall (map-indexed (fn [i x] (expand context x (conj at i) (below i))) form))
      :else form)))

(defn- parsed
  "The form in a file, with its tags, and where everything in it stands."
  [file]
  (try
    (reops.internal/read-with-places (slurp file) file tagged-literal)
    (catch Exception e
      (let [{:keys [line column hint type]} (ex-data e)]
        (if (or line (= :reops/syntax type))
          (throw (bad-config [{:file file :line line :column column :message (ex-message e)}] hint))
          (throw e))))))

(defn- read-value [file chain profile found out]
  (when-let [[form places] (parsed file)]
    (expand {:file file :root form :places places :chain chain :profile profile :found found} form [] out)))

(defn read-file
  "The value in a file of configuration, and where its parts stand: [value {path [file line column]}]. An empty file is {}."
  [file profile]
  (let [path (fs/absolute-path file)
        found (atom {})
        value (read-value path [path] profile found [])]
    [(if (nil? value) {} value) @found]))
