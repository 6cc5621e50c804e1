(ns re-mote.inventory
  "Inventories: which hosts there are, in which groups, with which variables.

  An inventory is {:hosts {\"web1\" {\"rack\" \"a\" …} …} :groups {\"web\" [\"web1\" …] …} :source \"file\"}: every host with its variables
  merged (of all, of its groups from the outermost in, its own), every group with all its hosts, those of its child groups among
  them, in the order of the file. The groups \"all\" and \"ungrouped\" are always there. Variables have string names, because that is
  what inventory files have."
  (:require [clojure.edn :as edn]
            [clojure.string :as string]
            [re-mote.inventory.ansible :as ansible]
            [re-mote.inventory.vault :as vault]
            [re-mote.patterns :as patterns]
            [reops.secrets :refer [secret]]
            [reops.fs :as fs]
            [reops.process :as process]))

(defn- failed [message data]
  (throw (ex-info message (merge {:type :re-mote/bad-inventory} data))))

;; --- from declarations to an inventory -----------------------------------------------------------------------------------

(defn- distinct-into [coll more] (into [] (distinct) (concat coll more)))

(defn- members
  "All hosts of a group, those of its children last; an error for groups that contain themselves."
  [groups path name]
  (when (some #{name} path)
    (failed (str "The groups " (string/join " > " (conj path name)) " contain each other in a circle") {:group name}))
  (let [{:keys [hosts children]} (groups name)]
    (reduce (fn [all child] (distinct-into all (members groups (conj path name) child))) (vec hosts) children)))

(defn- depth-of
  "How deep a group lies: the variables of deeper groups win."
  [groups name]
  (let [parents (for [[parent {:keys [children]}] groups :when (some #{name} children)] parent)]
    (if (seq parents) (inc (apply max (map #(depth-of groups %) parents))) 0)))

(defn assembled
  "The inventory of declarations {:hosts {name vars} :order [name …] :groups {name {:hosts [name …] :children [name …] :vars {}}}} as
  the readers of files make them."
  [{:keys [hosts order groups] :or {hosts {} groups {}}}]
  (let [order (distinct-into order (mapcat :hosts (vals groups)))
        named (dissoc groups "all" "ungrouped")
        full (into {} (map (fn [name] [name (members groups [] name)])) (keys named))
        grouped (set (mapcat val full))
        full (assoc full
                    "all" order
                    "ungrouped" (filterv (complement grouped) order))
        by-depth (sort-by (fn [name] [(depth-of groups name) name]) (keys named))
        of-groups (fn [host] (keep (fn [name] (when (some #{host} (full name)) (get-in groups [name :vars]))) by-depth))]
    {:groups full
     :hosts (into {}
                  (map (fn [host] [host (apply merge {} (get-in groups ["all" :vars]) (concat (of-groups host) [(hosts host)]))]))
                  order)}))

;; --- reading -------------------------------------------------------------------------------------------------------------

(defn- from-edn
  "{:web [\"web[1-3]\" …], :db {:hosts {\"db1\" {:rack \"a\"}} :children [:replicas] :vars {:user \"x\"}}}, or a plain vector of names."
  [text file]
  (let [data (edn/read-string text)
        named (fn [x] (if (keyword? x) (subs (str x) 1) (str x)))
        vars (fn [m] (into {} (map (fn [[k v]] [(named k) v])) m))
        group (fn [g]
                (cond
                  (sequential? g) {:hosts (into [] (mapcat patterns/expand) g)}
                  (map? g) {:hosts (into [] (mapcat patterns/expand) (if (map? (:hosts g)) (keys (:hosts g)) (:hosts g)))
                            :own (when (map? (:hosts g)) (:hosts g))
                            :children (mapv named (:children g))
                            :vars (vars (:vars g))}
                  :else (failed (str file ": a group is a vector of names or a map with :hosts, :children, :vars; found " (pr-str g))
                                {:file file})))
        groups (cond
                 (sequential? data) {"all" (group data)}
                 (map? data) (into (array-map) (map (fn [[k g]] [(named k) (group g)])) data)
                 :else (failed (str file ": an inventory is a vector of names or a map of groups; found " (pr-str data)) {:file file}))]
    {:order (into [] (mapcat :hosts) (vals groups))
     :hosts (apply merge-with merge {}
                   (for [{:keys [own]} (vals groups) [pattern m] own host (patterns/expand pattern)] {host (vars m)}))
     :groups (update-vals groups #(dissoc % :own))}))

(defn- from-lines
  "One host or pattern a line; # begins a comment."
  [text]
  {:order (into [] (comp (map #(string/trim (string/replace % #"#.*" ""))) (remove string/blank?) (mapcat patterns/expand))
                (string/split-lines text))})

(defn- json [text]
  (require 'reops.json)
  ((resolve 'reops.json/read-string) text))

(defn- yaml [text]
  (require 'reops.yaml)
  ((resolve 'reops.yaml/read-string) text))

(defn- from-json
  "What JSON declares: groups, as Ansible's dynamic inventories have them, or a plain list of names and patterns."
  [text source]
  (let [data (json text)]
    (if (and (sequential? data) (every? string? data))
      {:order (into [] (mapcat patterns/expand) data)}
      (ansible/from-json data source))))

(defn- of-command
  "What a command prints that ends in JSON."
  [command source]
  (let [{:keys [exit out err timed-out]} (process/run command {:timeout-ms 60000})]
    (when timed-out
      (failed (str "The inventory program " source " did not end within a minute") {:file source}))
    (when-not (zero? exit)
      (failed (str "The inventory program " source " ended with exit code " exit ": " (string/trim err)) {:file source}))
    (from-json out source)))

(defn- naming
  "The value of f; an error about a text names where it comes from."
  [source f]
  (try
    (f)
    (catch Exception e
      (if (= :re-mote/bad-inventory (:type (ex-data e)))
        (throw e)
        (failed (str source ": " (ex-message e)) (dissoc (ex-data e) :type))))))

(defn- file-declarations
  "What a file declares."
  [file]
  (let [text (delay (slurp file))
        ending (last (string/split file #"\."))]
    (naming file
            #(cond
               (= "edn" ending) (from-edn @text file)
               (#{"yml" "yaml"} ending) (ansible/from-yaml (yaml @text) file)
               (= "json" ending) (from-json @text file)
               ;; Ansible's dynamic inventories.
               (fs/executable? file) (of-command [(fs/absolute-path file) "--list"] file)
               (re-find #"(?m)^\s*\[|=" @text) (ansible/from-ini @text file)
               :else (from-lines @text)))))

(defn- merged
  "Declarations as one: what later ones say of a host or a group goes before what earlier ones do."
  [declarations]
  {:order (into [] (comp (mapcat :order) (distinct)) declarations)
   :hosts (apply merge-with merge {} (map :hosts declarations))
   :groups (reduce (fn [groups [name {:keys [hosts children vars]}]]
                     (update groups name (fn [known]
                                           {:hosts (distinct-into (:hosts known) hosts)
                                            :children (distinct-into (:children known) children)
                                            :vars (merge (:vars known) vars)})))
                   (array-map)
                   (mapcat :groups declarations))})

(defn- part-of-inventory?
  "Whether an entry of a folder is one of its inventories: not what an editor has left, not documentation, and not the .ini that
  configures a program of the same name."
  [folder name]
  (not (or (re-find #"^\.|~$|\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|cfg|retry)$" name)
           (#{"group_vars" "host_vars"} name)
           (when-let [[_ stem] (re-matches #"(.+)\.ini" name)]
             (some #(let [program (fs/join folder (str stem %))] (and (fs/file? program) (fs/executable? program)))
                   ["" ".py" ".sh"])))))

(defn- files-of
  "The inventories at a path: itself, or all files of a folder, in the order of their names."
  [path]
  (if (fs/directory? path)
    (mapcat #(files-of (fs/join path %))
            (filter #(part-of-inventory? path %) (sort (map fs/file-name (fs/list-dir path)))))
    [path]))

(defn- declarations
  "What a file declares, or all files of a folder."
  [path]
  (let [files (files-of path)]
    (when (empty? files)
      (failed (str "The folder " path " has no inventory in it")
              {:file path :hint "Its files are read as inventories, but for group_vars and host_vars."}))
    (merged (map file-declarations files))))

;; --- variables beside the file ---------------------------------------------------------------------------------------------

(defn- plain-variables
  "Variables with those opened that are encrypted, and the passwords among them hidden; what cannot be opened is left out."
  [variables file]
  (into {}
        (keep (fn [[name value]]
                (cond
                  (and (tagged-literal? value) (= 'vault (:tag value)))
                  (when-let [opened (vault/opened (:form value) (str file ", " name))] [name (secret name opened)])

                  (tagged-literal? value) nil
                  (ansible/password-names name) [name (secret name value)]
                  :else [name value])))
        variables))

(defn- variables-in
  "The variables of a YAML or JSON file. All values of one that ansible-vault has encrypted are secrets."
  [file]
  (let [text (slurp file)
        sealed? (vault/encrypted? text)
        found (when-let [plain (if sealed? (vault/opened text file) text)]
                (naming file #(yaml plain)))]
    (when-not (or (nil? found) (map? found))
      (failed (str file ": variables are a mapping of names to values") {:file file}))
    (cond-> (plain-variables found file)
      sealed? (->> (into {} (map (fn [[name value]] [name (secret name value)])))))))

(defn- variables-of
  "The variables of one group or host below a folder: in a file of its name, or in the files of a folder of its name."
  [folder name]
  (let [base (fs/join folder name)
        files (if (fs/directory? base)
                (filter #(re-find #"\.(ya?ml|json)$|/[^./]+$" %) (filter fs/file? (sort (fs/tree base))))
                (filter fs/file? (map #(str base %) ["" ".yml" ".yaml" ".json"])))]
    (apply merge (map variables-in files))))

(defn- with-variables-beside
  "Declarations with the variables in the folders group_vars and host_vars beside the inventory, as Ansible has them."
  [{:keys [order hosts groups] :as made} file]
  (let [folder (cond-> (fs/absolute-path file) (not (fs/directory? file)) fs/parent)
        [of-groups of-hosts] (map #(fs/join folder %) ["group_vars" "host_vars"])
        more (fn [all folder names put]
               (if (fs/directory? folder)
                 (reduce (fn [all name] (if-let [found (not-empty (variables-of folder name))] (put all name found) all)) all names)
                 all))
        names (distinct-into order (mapcat :hosts (vals groups)))]
    (assoc made
           :groups (more (or groups {}) of-groups (distinct (cons "all" (keys groups)))
                         (fn [all name found] (update-in all [name :vars] merge found)))
           :hosts (more (or hosts {}) of-hosts names
                        (fn [all name found] (update all name merge found))))))

(defn- with-hidden-passwords
  "An inventory in which passwords do not show."
  [inventory file]
  (update inventory :hosts update-vals #(plain-variables % file)))

(defn- read-path [file]
  (when-not (fs/exists? file)
    (failed (str "There is no inventory " file) {:file file :hint "Name another file, or write one: a line for each host will do."}))
  (when-not (fs/readable? file)
    (failed (str "The inventory " file " cannot be read: permission denied") {:file file}))
  (with-variables-beside (declarations file) file))

(defn read-inventory
  "The inventory in a file: EDN (.edn), Ansible's YAML (.yml, .yaml) and INI, Ansible's JSON (.json), a program that prints such JSON
  when it is called with --list, or plain text with one host or pattern a line. Of a folder all files count as one. Variables in
  group_vars and host_vars beside it, or in it, count too; what ansible-vault has encrypted among them is opened when there is a
  password (see re-mote.inventory.vault). A vector is a command, with its arguments, that prints JSON: groups as Ansible has them, or a
  list of names.

    (read-inventory \"inventory.ini\")
    (read-inventory [\"terraform-inventory\" \"--list\"])"
  [source]
  (let [command? (sequential? source)
        name (if command? (string/join " " source) source)
        declared (if command? (naming name #(of-command source name)) (read-path source))]
    (assoc (with-hidden-passwords (assembled declared) name) :source name)))

;; --- choosing ------------------------------------------------------------------------------------------------------------

(defn glob
  "The regular expression of a pattern with * and ?, for whole names."
  [pattern]
  (re-pattern (str "^" (-> (java.util.regex.Pattern/quote pattern)
                           (string/replace "*" "\\E.*\\Q")
                           (string/replace "?" "\\E.\\Q")) "$")))

(defn- hosts-of
  "The hosts that one term names: a group, a host or pattern, *, or ~ and a regular expression."
  [{:keys [hosts groups source]} order term]
  (let [named? (fn [re] (filterv #(re-find re %) order))]
    (cond
      (contains? groups term) (groups term)
      (contains? hosts term) [term]
      (string/starts-with? term "~") (named? (re-pattern (subs term 1)))
      (re-find #"[*?]" term)
      (let [re (glob term)]
        (into (named? re) (comp (filter #(re-find re %)) (mapcat groups)) (keys groups)))
      :else
      (let [found (filterv hosts (patterns/expand term))]
        (when (empty? found)
          (failed (str "Neither a group nor a host of " source " is called " term)
                  {:term term
                   :hint (if-let [near (reops.internal/suggest term (concat (keys groups) order))]
                           (str "Did you mean `" near "`?")
                           (str "Its groups are " (string/join ", " (sort (keys groups))) "."))}))
        found))))

(defn select
  "The hosts that a selection names, in the inventory's order: terms joined by commas or colons; & before a term keeps only those
  that it names as well, ! takes those away. A term is a group, a host, a pattern (web[01-20], web*), or ~ and a regular expression.

    (select inv \"web:&dc1:!web3\")"
  [{:keys [groups] :as inventory} selection]
  (let [order (groups "all")
        terms (remove string/blank? (map string/trim (patterns/split-outside selection #{\, \:})))
        kind (fn [term] (case (first term) \& :keep \! :drop :add))
        bare (fn [term] (if (= :add (kind term)) term (subs term 1)))
        sets (group-by kind terms)
        of (fn [k] (map #(set (hosts-of inventory order (bare %))) (sets k)))
        added (if (sets :add) (reduce into #{} (of :add)) (set order))]
    (filterv (fn [host] (and (added host)
                             (every? #(contains? % host) (of :keep))
                             (not-any? #(contains? % host) (of :drop))))
             order)))
