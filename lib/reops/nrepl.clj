(ns reops.nrepl
  "What editors ask over nREPL about names, in the words of the protocol. The server calls `answer`; see docs/nrepl.md."
  (:require [reops.completion :as completion]
            [reops.fs :as fs]))

(defn- namespace-asked
  "The namespace that a message names, or else the one its session is in."
  [{:strs [ns]} own]
  (or (when (seq ns) (find-ns (symbol ns))) own))

(defn- argument-texts [arglists]
  (mapv pr-str arglists))

(defn- arglists-text [arglists]
  (apply str (interpose "\n" (argument-texts arglists))))

(defn- absolute-file
  "Where a file is, that a definition names as it stands below a folder of *load-path*."
  [file]
  (or (first (filter fs/exists? (map (fn [folder] (fs/absolute-path (fs/join folder file))) *load-path*)))
      file))

;; Completion

(defn- candidate-shown [extra {:keys [candidate type ns arglists doc]}]
  (cond-> {:candidate candidate :type type}
    ns (assoc :ns ns)
    (and arglists (contains? extra "arglists")) (assoc :arglists (argument-texts arglists))
    (and doc (contains? extra "doc")) (assoc :doc doc)))

(defn- completions [{:strs [prefix symbol context options extra-metadata] :as message} own]
  (let [extra (set (or extra-metadata (get options "extra-metadata")))]
    {:completions (mapv (fn [candidate] (candidate-shown extra candidate))
                        (completion/completions (or prefix symbol "")
                                                {:ns (namespace-asked message own) :context context}))}))

;; Documentation

(defn- described [{:strs [sym symbol] :as message} own]
  (when-let [text (not-empty (or sym symbol))]
    (completion/describe text (namespace-asked message own))))

(defn- info-shown [{:keys [arglists file macro special] :as info}]
  (cond-> (select-keys info [:ns :name :doc :line :column])
    file (assoc :file (absolute-file file))
    arglists (assoc :arglists (pr-str (seq arglists)) :arglists-str (arglists-text arglists))
    macro (assoc :macro "true")
    special (assoc :special-form "true")))

(defn- lookup [message own]
  {:info (info-shown (described message own))})

(defn- info [message own]
  (if-let [found (described message own)]
    (info-shown found)
    {:status ["no-info"]}))

(defn- parameters [arglists special]
  ;; The forms of a special form begin with its name.
  (mapv (fn [args] (mapv pr-str (if special (rest args) args))) arglists))

(defn- eldoc [message own]
  (if-let [{:keys [ns name type doc arglists special]} (described message own)]
    (cond-> {:name name
             :type (case type
                     (:function :macro) "function"
                     :special "special-form"
                     :namespace "namespace"
                     "variable")
             :eldoc (parameters arglists special)}
      ns (assoc :ns ns)
      doc (assoc :docstring doc))
    {:status ["no-eldoc"]}))

;; Surroundings

(defn- ns-list [_ _]
  {:ns-list (vec (sort (map (comp str ns-name) (all-ns))))})

(defn- classpath [_ _]
  {:classpath (mapv fs/absolute-path *load-path*)})

(def ^:private answers
  {"completions" completions
   "complete" completions
   "lookup" lookup
   "info" info
   "eldoc" eldoc
   "ns-list" ns-list
   "classpath" classpath})

(defn answer
  "The fields of the answer to a message, a map from strings as it came, of a session that is in namespace ns. A :status in it
  stands before \"done\"."
  [op message ns]
  ((get answers op) message ns))
