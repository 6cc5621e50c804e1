(ns re-mote.inventory
  "Inventories: which hosts there are, in which groups, with which variables.

  An inventory is {:hosts {\"web1\" {\"rack\" \"a\" …} …} :groups {\"web\" [\"web1\" …] …} :source \"file\"}: every host with its variables
  merged (of all, of its groups from the outermost in, its own), every group with all its hosts, those of its child groups among
  them, in the order of the file. The groups \"all\" and \"ungrouped\" are always there. Variables have string names, because that is
  what inventory files have."
  (:require [clojure.edn :as edn]
            [clojure.string :as string]
            [re-mote.inventory.ansible :as ansible]
            [re-mote.patterns :as patterns]
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

(defn- of-program
  "What an executable inventory prints when it is called with --list, as Ansible's dynamic inventories do."
  [file]
  (let [{:keys [exit out err timed-out]} (process/run [(fs/absolute-path file) "--list"] {:timeout-ms 60000})]
    (when timed-out
      (failed (str "The inventory program " file " did not end within a minute") {:file file}))
    (when-not (zero? exit)
      (failed (str "The inventory program " file " ended with exit code " exit ": " (string/trim err)) {:file file}))
    (ansible/from-json (json out) file)))

(defn- declarations
  "What a file declares; an error about its text names the file."
  [file]
  (let [text (delay (slurp file))
        ending (last (string/split file #"\."))]
    (try
      (cond
        (= "edn" ending) (from-edn @text file)
        (#{"yml" "yaml"} ending) (ansible/from-yaml (yaml @text) file)
        (= "json" ending) (ansible/from-json (json @text) file)
        (fs/executable? file) (of-program file)
        (re-find #"(?m)^\s*\[|=" @text) (ansible/from-ini @text file)
        :else (from-lines @text))
      (catch Exception e
        (if (= :re-mote/bad-inventory (:type (ex-data e)))
          (throw e)
          (failed (str file ": " (ex-message e)) (dissoc (ex-data e) :type)))))))

;; --- variables beside the file ---------------------------------------------------------------------------------------------

(defn- variables-in
  "The variables of a YAML or JSON file. What ansible-vault has encrypted is left out: nothing in it says how a host is reached."
  [file]
  (let [text (slurp file)
        found (when-not (string/starts-with? text "$ANSIBLE_VAULT")
                (try (yaml text)
                     (catch Exception e (failed (str file ": " (ex-message e)) {:file file}))))]
    (when-not (or (nil? found) (map? found))
      (failed (str file ": variables are a mapping of names to values") {:file file}))
    (into {} (remove (fn [[_ v]] (tagged-literal? v))) found)))

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
  (let [folder (fs/parent (fs/absolute-path file))
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

(defn read-inventory
  "The inventory in a file: EDN (.edn), Ansible's YAML (.yml, .yaml) and INI, Ansible's JSON (.json), a program that prints such JSON
  when it is called with --list, or plain text with one host or pattern a line. Variables in group_vars and host_vars beside it
  count too.

    (read-inventory \"inventory.ini\")"
  [file]
  (when-not (fs/exists? file)
    (failed (str "There is no inventory " file) {:file file :hint "Name another file, or write one: a line for each host will do."}))
  (when (fs/directory? file)
    (failed (str "The inventory " file " is a folder") {:file file :hint "Name a file in it."}))
  (when-not (fs/readable? file)
    (failed (str "The inventory " file " cannot be read: permission denied") {:file file}))
  (assoc (assembled (with-variables-beside (declarations file) file)) :source file))

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
