(ns reops.reload
  "Loading changed files anew, in the order in which they need each other, while everything goes on.

  `(refresh)` loads the namespaces whose files have changed since they were loaded, and those that require them.
  Definitions are replaced in place, so whoever runs calls the new ones; what a file no longer defines is taken away.
  A file that fails changes nothing: its old definitions are back, and the next refresh begins with it.
  `(watch-files)` does that whenever a file is saved.

  Files are those of the folders of *load-path*. What was defined at the prompt stays."
  (:require [clojure.string :as str]
            [reops.reload.graph :as graph]))

(def ^:private waiting
  "Libraries that a refresh could not load, or did not come to."
  (atom #{}))

;; What there is to do

(defn- requires-of
  "A map from each library that was loaded from a file to the set of those it requires."
  [files]
  (reduce (fn [requires {:keys [lib text]}]
            (update requires lib (fnil into #{}) (:requires (some-> text graph/declaration))))
          {}
          (vals files)))

(defn- libs-in-state [files state]
  (set (map :lib (filter (comp #{state} :state) (vals files)))))

(defn- is-gone?
  "Is the file missing that a library is named after? (It may have parts that come and go.)"
  [lib files]
  (let [stem (-> (str lib) (str/replace "." "/") (str/replace "-" "_"))]
    (some (fn [{:keys [name state]}]
            (and (= :missing state)
                 (contains? #{(str stem ".clj") (str stem ".cljc")} name)))
          files)))

(defn- plan
  "What a refresh has to do now: {:load [lib …] :remove [lib …]}, the first in order."
  []
  (let [files (reops.internal/loaded-files)
        requires (requires-of files)
        missing (libs-in-state files :missing)
        gone (filter (fn [lib] (is-gone? lib (filter (comp #{lib} :lib) (vals files)))) missing)
        changed (into (libs-in-state files :changed) (concat missing @waiting))
        affected (remove (set gone) (graph/dependents requires changed))]
    {:load (graph/in-order requires affected)
     :remove (vec (sort-by str gone))
     :files files}))

;; One namespace

(defn- own-vars
  "The vars that a namespace has from its files, by name."
  [ns file-names]
  (into {} (filter (fn [[_ v]] (contains? file-names (:file (meta v)))) (ns-interns ns))))

(defn- all-methods
  "The methods of every multimethod that a var holds: {multimethod {dispatch-value f}}."
  []
  (into {} (for [ns (all-ns)
                 v (vals (ns-interns ns))
                 :let [root (when (bound? v) (var-get v))]
                 :when (instance? clojure.lang.MultiFn root)]
             [root (methods root)])))

(defn- restore-methods [before]
  (doseq [[multi now] (all-methods)
          :let [then (get before multi {})]
          dispatch-value (into (set (keys now)) (keys then))
          :let [f (get then dispatch-value)]
          :when (not (identical? f (get now dispatch-value)))]
    (if f
      (reops.internal/add-method multi dispatch-value f)
      (remove-method multi dispatch-value))))

(defn- remove-old-methods
  "Removes the methods that came from one of these files and that no load has replaced since `before`."
  [before file-names]
  (doseq [[multi now] (all-methods)
          [dispatch-value f] now
          :when (and (contains? file-names (reops.internal/function-file f))
                     (identical? f (get-in before [multi dispatch-value])))]
    (remove-method multi dispatch-value)))

(defn- snapshot
  "All that loading a namespace anew may change."
  [ns]
  (let [vars (vals (ns-interns ns))]
    {:ns ns
     :names (reops.internal/ns-names ns)
     :metas (zipmap vars (map meta vars))
     :methods (all-methods)
     :roots (reops.internal/var-roots vars)}))

(defn- restore
  "Puts back what a snapshot has: a namespace is as if its load had never begun."
  [{:keys [ns names metas roots methods]}]
  (reops.internal/set-ns-names! ns names)
  (let [roots-now (reops.internal/var-roots (keys roots))]
    (reops.internal/swap-roots! (into {} (remove (fn [[v root]] (identical? root (get roots-now v)))) roots)))
  (run! (fn [[v m]] (when-not (identical? m (meta v)) (reset-meta! v m))) metas)
  (restore-methods methods)
  (reops.internal/note-loaded (ns-name ns)))

(defn- forget-what-ns-made
  "Leaves a namespace its own vars and the names of clojure.core: aliases and what it referred to are the ns form's to
  make again."
  [ns]
  (let [[mappings _] (reops.internal/ns-names ns)]
    (reops.internal/set-ns-names! ns
                                  [(into {} (remove (fn [[_ v]]
                                                      (and (var? v)
                                                           (not= ns (:ns (meta v)))
                                                           (not= 'clojure.core (ns-name (:ns (meta v)))))))
                                         mappings)
                                   {}])))

(defn- unmap-everywhere
  "Takes a var out of its namespace and out of all that refer to it. The name means clojure.core's again where that has one
  and the namespace wants it."
  [v excludes]
  (doseq [ns (all-ns)
          [sym mapped] (ns-map ns)
          :when (identical? mapped v)]
    (ns-unmap ns sym)
    (when-let [core-var (and (= ns (:ns (meta v)))
                             (not (contains? excludes sym))
                             (get (ns-publics 'clojure.core) sym))]
      (let [[mappings aliases] (reops.internal/ns-names ns)]
        (reops.internal/set-ns-names! ns [(assoc mappings sym core-var) aliases])))))

(defn- load-anew
  "Loads a namespace that is loaded already, wholly or not at all."
  [lib files]
  (if-let [ns (find-ns lib)]
    (let [own-files (filter (comp #{lib} :lib) (vals files))
          file-names (set (map :name own-files))
          old-vars (own-vars ns file-names)
          {:keys [metas methods] :as before} (snapshot ns)]
      (try
        (forget-what-ns-made ns)
        (require lib :reload)
        (catch Throwable e
          (restore before)
          (throw e)))
      (let [excludes (set (mapcat (fn [{:keys [text]}] (:excludes (some-> text graph/declaration))) own-files))]
        ;; Each definition makes metadata of its own: what has the old is no longer defined.
        (doseq [v (vals old-vars)
                :when (identical? (get metas v) (meta v))]
          (unmap-everywhere v excludes)))
      (remove-old-methods methods file-names))
    (require lib :reload)))

(defn- remove-lib [lib files]
  (remove-old-methods (all-methods) (set (map :name (filter (comp #{lib} :lib) (vals files)))))
  (remove-ns lib)
  (reops.internal/note-unloaded lib)
  (doseq [[path file] files
          :when (= lib (:lib file))]
    (reops.internal/forget-loaded-file path)))

(defn- forget-missing-parts [lib files]
  (doseq [[path {:keys [state] :as file}] files
          :when (and (= lib (:lib file)) (= :missing state))]
    (reops.internal/forget-loaded-file path)))

;; All

(defn- failure [lib others cause]
  (ex-info (str lib " could not be loaded anew; its old definitions are in effect"
                (when (seq others)
                  (str ", and " (str/join ", " others) (if (next others) " wait" " waits") " for it")))
           {:type :reops/reload-failed
            :hint "Mend the file and refresh again."
            :lib lib
            :waiting (vec others)}
           cause))

(defn refresh
  "Loads the namespaces whose files have changed since they were loaded, and those that require them, each after what it
  requires. Returns their names in that order.

      (refresh)   ; [my.hosts my.ops]

  When one fails, the error says where; its old definitions and those of the ones after it stay in effect, and the next
  refresh begins there."
  {:category :lifecycle}
  []
  ;; A watcher and a prompt take turns.
  (locking waiting
    (let [{libs :load gone :remove :keys [files]} (plan)]
      (run! (fn [lib] (remove-lib lib files)) gone)
      (swap! waiting (fn [before] (into (set (remove (set gone) before)) libs)))
      (doseq [lib libs]
        (try
          (load-anew lib files)
          (catch Throwable e
            (throw (if (instance? InterruptedException e)
                     e
                     (failure lib (rest (drop-while (complement #{lib}) libs)) e)))))
        (forget-missing-parts lib files)
        (swap! waiting disj lib))
      libs)))

;; On save

(def ^:private watcher
  "The future that refreshes when files are saved, or nil."
  (atom nil))

(defn- refresh-and-say []
  (try
    (when-let [libs (seq (refresh))]
      (println (str "Loaded anew: " (str/join ", " libs)))
      (flush))
    (catch InterruptedException e
      (throw e))
    (catch Throwable e
      (binding [*out* *err*]
        (print (reops.internal/error-report e))
        (flush)))))

(defn- source-file? [path]
  (or (str/ends-with? (str path) ".clj")
      (str/ends-with? (str path) ".cljc")
      ;; Too much happened to name it all: then folders stand for it.
      (some #{path} *load-path*)))

(defn unwatch-files
  "Ends what watch-files began; true if there was something to end."
  {:category :lifecycle}
  []
  (let [[running _] (swap-vals! watcher (constantly nil))]
    (boolean (when running (future-cancel running)))))

(defn watch-files
  "Refreshes whenever a file below *load-path* is saved, and says what was loaded or what failed, until (unwatch-files).
  Returns the folders."
  {:category :lifecycle}
  []
  (unwatch-files)
  (let [folders (vec *load-path*)
        watch (reops.internal/open-watch folders)]
    (reset! watcher (future
                      (loop []
                        (when (some source-file? (reops.internal/await-changes watch))
                          (refresh-and-say))
                        (recur))))
    folders))
