(ns re-mote.inventory.ansible
  "Ansible's inventories as declarations of re-mote.inventory: INI, YAML and JSON, as its documentation describes them
  (docs.ansible.com, \"How to build your inventory\"); and what its connection variables mean for ours."
  (:require [clojure.edn :as edn]
            [clojure.string :as string]
            [re-mote.patterns :as patterns]
            [reops.secrets :refer [reveal secret]]))

(defn- failed [file line message]
  (throw (ex-info (str file (when line (str ":" line)) ": " message) {:type :re-mote/bad-inventory :file file :line line})))

(defn names
  "The hosts that a name of Ansible's stands for: web[01:20] and db-[a:f] count, [1:9:2] in steps."
  [text]
  (if-let [[_ before from to _ step after] (re-matches #"([^\[\]]*)\[(\w+):(\w+)(:(\d+))?\](.*)" text)]
    (let [step (if step (parse-long step) 1)
          [first-number last-number] (map parse-long [from to])
          width (count from)
          choices (if first-number
                    (map #(let [digits (str %)] (str (apply str (repeat (- width (count digits)) "0")) digits))
                         (range first-number (inc last-number) step))
                    (map (comp str char) (range (int (first from)) (inc (int (first to))) step)))]
      (for [choice choices rest (names after)] (str before choice rest)))
    [text]))

;; --- INI -----------------------------------------------------------------------------------------------------------------

(defn- words
  "The words of a line, quotes kept together and removed; # begins a comment."
  [line]
  (loop [chars (seq line) word nil quoted nil found []]
    (let [c (first chars)
          done (cond-> found word (conj word))]
      (cond
        (nil? c) done
        (and quoted (= c quoted)) (recur (next chars) word nil found)
        quoted (recur (next chars) (str word c) quoted found)
        (#{\" \'} c) (recur (next chars) (or word "") c found)
        (and (= \# c) (nil? word)) done
        (#{\space \tab} c) (recur (next chars) nil nil done)
        :else (recur (next chars) (str word c) nil found)))))

(defn- value
  "Numbers and booleans as what they are, any other text as text."
  [text]
  (cond
    (re-matches #"-?\d{1,18}" text) (parse-long text)
    (re-matches #"(?i)true|yes" text) true
    (re-matches #"(?i)false|no" text) false
    :else text))

(defn- assignments [words file line]
  (into {}
        (map (fn [word]
               (let [[_ k v] (re-matches #"([^=]+)=(.*)" word)]
                 (when-not k (failed file line (str "found " (pr-str word) " where a variable name=value was expected")))
                 [(string/trim k) (value (string/trim v))])))
        words))

(defn- with-port
  "The name and the variables of \"web1:2222\". Colons in brackets are a range's, and several an IPv6 address's."
  [text]
  (let [[_ name port] (re-matches #"(.*):(\d+)" text)
        colons (count (filter #{\:} (string/replace text #"\[[^\]]*\]" "")))]
    (if (and port (= 1 colons)) [name {"ansible_port" (parse-long port)}] [text {}])))

(defn from-ini
  "Declarations of the text of an INI inventory: hosts with variables, [group], [group:children], [group:vars]."
  [text file]
  (loop [lines (map-indexed (fn [i line] [(inc i) (string/trim line)]) (string/split-lines text))
         section ["ungrouped" "hosts"]
         made {:order [] :hosts {} :groups (array-map)}]
    (if-let [[number line] (first lines)]
      (let [[_ group kind] (re-matches #"\[([^\]:]+)(?::(\w+))?\]\s*(?:#.*)?" line)
            [name part] section]
        (cond
          (or (string/blank? line) (#{\# \;} (first line)))
          (recur (next lines) section made)

          group
          (do (when-not (contains? #{nil "children" "vars"} kind)
                (failed file number (str "a section is [group], [group:children] or [group:vars], found [" group ":" kind "]")))
              (recur (next lines) [group (or kind "hosts")] (update-in made [:groups group] #(or % {:hosts [] :children [] :vars {}}))))

          (string/starts-with? line "[")
          (failed file number (str "the section " line " does not end with ]"))

          (= part "hosts")
          (let [[host & more] (words line)
                [host port] (with-port host)
                vars (merge port (assignments more file number))
                hosts (names host)]
            (recur (next lines) section
                   (-> made
                       (update :order into hosts)
                       (update-in [:groups name :hosts] (fnil into []) hosts)
                       (update :hosts #(reduce (fn [all h] (update all h merge vars)) % hosts)))))

          (= part "children")
          (recur (next lines) section
                 (-> made
                     (update-in [:groups name :children] (fnil conj []) (first (words line)))
                     (update-in [:groups (first (words line))] #(or % {:hosts [] :children [] :vars {}}))))

          :else
          (let [[_ k v] (re-matches #"([^=]+?)\s*=\s*(.*)" line)]
            (when-not k (failed file number (str "found " (pr-str line) " where a variable name = value was expected")))
            (recur (next lines) section
                   (assoc-in made [:groups name :vars k] (value (string/join " " (words v))))))))
      made)))

;; --- YAML and JSON ---------------------------------------------------------------------------------------------------------

(defn- add-group
  "A group of a YAML inventory: {hosts: {name: vars}, children: {name: group}, vars: {}}."
  [made name group file]
  (when-not (or (nil? group) (map? group))
    (failed file nil (str "the group " name " is a mapping of hosts, children and vars, found " (pr-str group))))
  (let [unknown (remove #{"hosts" "children" "vars"} (keys group))
        _ (when (seq unknown)
            (failed file nil (str "the group " name " has " (string/join ", " unknown) "; known are hosts, children and vars")))
        hosts (for [[host vars] (get group "hosts") h (names (str host))] [h (or vars {})])
        made (-> made
                 (update :order into (map first hosts))
                 (update :hosts #(reduce (fn [all [h vars]] (update all h merge vars)) % hosts))
                 (update-in [:groups name] #(or % {:hosts [] :children [] :vars {}}))
                 (update-in [:groups name :hosts] into (map first hosts))
                 (update-in [:groups name :children] into (map str (keys (get group "children"))))
                 (update-in [:groups name :vars] merge (get group "vars")))]
    (reduce (fn [made [child group]] (add-group made (str child) group file)) made (get group "children"))))

(def ^:private nothing {:order [] :hosts {} :groups (array-map)})

(defn from-yaml
  "Declarations of the data of a YAML inventory."
  [data file]
  (when-not (map? data) (failed file nil "a YAML inventory is a mapping of groups"))
  (reduce (fn [made [name group]] (add-group made (str name) group file)) nothing data))

(defn from-json
  "Declarations of what a dynamic inventory prints: {group: {hosts: […], children: […], vars: {}} or [host …], _meta: {hostvars: {}}}."
  [data file]
  (when-not (map? data) (failed file nil "a JSON inventory is an object of groups"))
  (reduce
   (fn [made [name group]]
     (let [{hosts "hosts" children "children" vars "vars"} (if (map? group) group {"hosts" group})]
       (-> made
           (update :order into hosts)
           (assoc-in [:groups name] {:hosts (vec hosts) :children (vec children) :vars (or vars {})}))))
   (assoc nothing :hosts (get-in data ["_meta" "hostvars"] {}))
   (dissoc data "_meta")))

;; --- connection variables ---------------------------------------------------------------------------------------------------

(defn- jump-of
  "The jump host that ssh arguments name; an error for any argument that we do not follow."
  [args host source]
  (when-not (string/blank? (str args))
    (loop [left (words args) jump nil]
      (let [[a b] left]
        (cond
          (nil? a) jump
          (= "-J" a) (recur (drop 2 left) b)
          (and (= "-o" a) b (re-matches #"(?i)ProxyJump=.*" b)) (recur (drop 2 left) (subs b 10))
          (re-matches #"(?i)-oProxyJump=.*" a) (recur (rest left) (subs a 12))
          :else (failed source nil (str "the host " host " has ssh arguments that are not followed: " args
                                        "; put what they mean into ~/.ssh/config")))))))

(defn- filled
  "A value with {{ name }} replaced by what that variable of the host is; an error for any other template."
  [value host vars source]
  (loop [value (reveal value), rounds 0]
    (if-not (and (string? value) (string/includes? value "{{"))
      value
      (let [refused #(failed source nil (str "the host " host " has " (pr-str value) " among the variables that say how it is reached, "
                                             "and of templates only {{ variable }} is followed"))]
        (when (> rounds 10) (refused))
        (recur (string/replace value #"\{\{(.*?)\}\}"
                               (fn [[_ name]]
                                 (let [v (get (assoc vars "inventory_hostname" host) (string/trim name))]
                                   (if (nil? v) (refused) (str (reveal v))))))
               (inc rounds))))))

(def password-names
  "The variables that hold passwords."
  #{"ansible_password" "ansible_ssh_pass" "ansible_ssh_password" "ansible_become_pass" "ansible_become_password" "ansible_sudo_pass"})

(defn connection
  "What :auth needs to know of a host, of its Ansible variables: {:address :port :user :key :jump :password}. A connection that is no SSH
  is refused."
  [host vars source]
  (let [of (fn [& names] (filled (some #(get vars %) names) host vars source))
        kind (of "ansible_connection")
        key (of "ansible_ssh_private_key_file" "ansible_private_key_file")
        password (of "ansible_password" "ansible_ssh_pass" "ansible_ssh_password")
        jump (or (jump-of (of "ansible_ssh_common_args") host source) (jump-of (of "ansible_ssh_extra_args") host source))]
    (when-not (contains? #{nil "ssh" "smart" "paramiko" "paramiko_ssh"} kind)
      (failed source nil (str "the host " host " is reached by ansible_connection=" kind ", and only ssh is followed; leave it out with !"
                              host)))
    (cond-> {}
      (of "ansible_host" "ansible_ssh_host") (assoc :address (str (of "ansible_host" "ansible_ssh_host")))
      (of "ansible_port" "ansible_ssh_port") (assoc :port (let [p (of "ansible_port" "ansible_ssh_port")] (if (string? p) (parse-long p) p)))
      (of "ansible_user" "ansible_ssh_user") (assoc :user (of "ansible_user" "ansible_ssh_user"))
      password (assoc :password (secret "password" (str password)))
      key (assoc :key key)
      jump (assoc :jump jump))))
