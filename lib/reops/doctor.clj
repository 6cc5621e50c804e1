(ns reops.doctor
  "What is missing on this machine, and how to get it. Each check is a function that finds something: add-check adds your own."
  (:require [clojure.string :as string]
            [re-core.control :as control]
            [re-core.controller :as controller]
            [re-core.persistency.common :as store]
            [re-mote.native-module :as ssh]
            [reops.ansi :as ansi]
            [reops.config :as config]
            [reops.fs :as fs]
            [reops.json :as json]
            [reops.process :as process]
            [reops.secrets.file :as secrets]))

(defonce ^:private known
  ;; Checks in the order of the report: [[name f] …].
  (atom []))

(defn add-check
  "Has (doctor) check something too: name is a keyword, f a function without arguments that returns a finding or several:
    {:state :good} {:state :poor} (!, it works without) or {:state :bad} (x, it does not), with :what, :why it matters and :mend, what to type
  nil is nothing to say; what f throws is a finding, too.

    (add-check :uplink #(if (reachable? \"192.0.2.1\") {:state :good :what \"uplink\"} {:state :bad :what \"no uplink\" :mend \"ifup eth0\"}))"
  {:category :configuration}
  [name f]
  (swap! known (fn [checks]
                 (if-let [at (first (keep-indexed (fn [i [n]] (when (= n name) i)) checks))]
                   (assoc checks at [name f])
                   (conj checks [name f]))))
  name)

(defn- good [& what] {:state :good :what (apply str what)})
(defn- poor [what why mend] {:state :poor :what what :why why :mend mend})
(defn- bad [what why mend] {:state :bad :what what :why why :mend mend})

(defn- program?
  "Whether a program is on the path."
  [name]
  (some #(fs/executable? (fs/join % name)) (remove string/blank? (string/split (or (System/getenv "PATH") "") #":"))))

(defn- words [& parts] (string/join " " parts))

;; --- folders and files -----------------------------------------------------------------------------------------------

(defn- private? [path] (string/ends-with? (fs/permissions path) "------"))

(defn- writable-by-others? [path] (boolean (re-find #"^....w|w.$" (fs/permissions path))))

(defn- folder-finding [title path open-to-others?]
  (cond
    (not (fs/exists? path)) (good title " " path ": made when it is needed")
    (not (fs/directory? path)) (bad (str title " " path " is no folder") "nothing can be kept there" (words "mv" path (str path ".old")))
    (not (fs/writable? path)) (bad (str title " " path " cannot be written") "nothing can be kept there" (words "chown -R" (System/getProperty "user.name") path))
    (open-to-others? path) (poor (str title " " path " is open to others: " (fs/permissions path)) "what is in it is for you alone" (words "chmod 700" path))
    :else (good title " " path)))

(defn- check-folders []
  ;; Of a configuration others may know; what it says is run.
  [(folder-finding "configuration" (reops.internal/config-folder) writable-by-others?)
   (folder-finding "data" (reops.internal/data-folder) (complement private?))
   (folder-finding "state" (reops.internal/state-folder) (complement private?))])

(defn- check-configuration []
  (let [file (config/config-file)]
    (cond
      (not (fs/exists? file)) (good "configuration: none, everything has its default")
      (config/without?) (poor (str file " is not used") "REOPS_NO_CONFIG is set, or --no-config was given" "unset REOPS_NO_CONFIG")
      :else (try
              (config/checked-file file)
              (good "configuration " file)
              (catch Exception e
                (bad (ex-message e) "programs do not start with it" "reops config check"))))))

(defn- check-secrets []
  (let [file (secrets/path)
        {key-file :file} (secrets/key-source)]
    (cond
      (not (fs/exists? file)) (good "secrets: none are kept")
      (not (private? file)) (bad (str "the file of secrets " file " is open to others: " (fs/permissions file)) "it is refused" (words "chmod 600" file))
      (nil? key-file) (poor (str "secrets " file " are asked for") "after a restart of reops serve jobs that need one wait until somebody says (unlock)"
                            ":secrets {:key-file …} in the configuration, or systemd's credential reops.secrets")
      :else (try
              (secrets/opened-by-key-file)
              (good "secrets " file ", unlocked by " key-file)
              (catch Exception e
                (bad (ex-message e) "secrets are locked" (str "see (explain " (:type (ex-data e)) ")")))))))

;; --- the store -------------------------------------------------------------------------------------------------------

(defn- free-kilobytes [path]
  (let [{:keys [exit out]} (process/run ["df" "-Pk" path])]
    (when (zero? exit)
      (some-> (re-find #"(?m)^\S+\s+\d+\s+\d+\s+(\d+)" (last (string/split-lines out))) second parse-long))))

(defn- existing
  "A path, or the nearest folder above it that is there."
  [path]
  (first (filter fs/exists? (iterate fs/parent path))))

(defn- check-disk []
  (let [folder (existing (reops.internal/data-folder))
        free (free-kilobytes folder)]
    (cond
      (nil? free) (poor (str "free disk of " folder " cannot be told") "df failed" (words "df" folder))
      (< free 10240) (bad (str "only " (quot free 1024) " MiB of disk are free at " folder) "jobs cannot go on without it" (words "du -xh" folder "| sort -h | tail"))
      (< free 512000) (poor (str "only " (quot free 1024) " MiB of disk are free at " folder) "the store grows with its history" (words "du -xh" folder "| sort -h | tail"))
      :else (good "disk: " (quot free 1048576) " GiB free at " folder))))

(defn- check-store []
  (let [file (store/path)]
    (if-not (fs/exists? file)
      (good "store " file ": made when it is needed")
      (try
        (let [found (store/problems)]
          (if (seq found)
            (bad (str "the store " file " is damaged: " (string/join "; " (take 3 found))) "what it holds cannot be relied on"
                 "put a backup back; sqlite3 can .recover what is left")
            (good "store " file ", sound")))
        (catch Exception e
          (bad (ex-message e) "systems and jobs are there" (or (:hint (ex-data e)) (str "(explain " (:type (ex-data e)) ")"))))))))

(defn- answers?
  "Whether the controller answers, within five seconds."
  []
  (= :ok (first (deref (future (control/ask {:op :await :ids []})) 5000 nil))))

(defn- check-controller []
  (when (fs/exists? (store/path))
    (let [owner (try (controller/owner) (catch Exception _ nil))]
      (cond
        (nil? owner) (good "controller: none runs, the next program becomes it")
        (controller/owner?) (good "controller: this process")
        (answers?) (good "controller: process " owner ", answers")
        :else (bad (str "the controller, process " owner ", does not answer") "jobs cannot be asked for"
                   (words "kill" owner "  # jobs are taken up where they are"))))))

;; --- SSH -------------------------------------------------------------------------------------------------------------

(defn- check-agent []
  (let [socket (System/getenv "SSH_AUTH_SOCK")
        exit (when (and (not (string/blank? socket)) (program? "ssh-add"))
               (:exit (process/run ["ssh-add" "-l"] {:timeout-ms 5000})))]
    (cond
      (string/blank? socket) (poor "no ssh-agent" "keys with a passphrase are asked for by every program" "eval $(ssh-agent); ssh-add")
      (nil? exit) (if (fs/exists? socket)
                    (good "ssh-agent at " socket)
                    (bad (str "no ssh-agent answers at " socket) "SSH_AUTH_SOCK names it" "eval $(ssh-agent); ssh-add"))
      (zero? exit) (good "ssh-agent with keys")
      (= 1 exit) (poor "ssh-agent without keys" "it can log in nowhere" "ssh-add")
      :else (bad (str "no ssh-agent answers at " socket) "SSH_AUTH_SOCK names it" "eval $(ssh-agent); ssh-add"))))

(defn- check-keys []
  (let [folder (fs/join (System/getProperty "user.home") ".ssh")
        keys (filter fs/exists? (map #(fs/join folder %) ["id_ed25519" "id_ecdsa" "id_rsa"]))
        open (remove private? keys)]
    (cond
      (seq open) (bad (str "private keys are open to others: " (string/join ", " open)) "ssh refuses them" (apply words "chmod 600" open))
      (seq keys) (good "keys: " (string/join ", " (map fs/file-name keys)))
      (not (string/blank? (System/getenv "SSH_AUTH_SOCK"))) (good "keys: those of the agent")
      :else (poor (str "no keys in " folder) "hosts are logged in to with keys" "ssh-keygen -t ed25519"))))

(defn- check-known-hosts []
  (let [file (fs/join (System/getProperty "user.home") ".ssh/known_hosts")]
    (cond
      (not (fs/exists? file)) (poor (str "no " file) "a host whose key is not known is refused" "reops ping -H HOSTS --accept-keys")
      (fs/readable? file) (good "known hosts " file)
      :else (bad (str file " cannot be read") "every host is refused" (words "chmod u+r" file)))))

(defn- check-ssh-configuration []
  (let [found (ssh/config-problems)]
    (if (seq found)
      (mapv #(poor % "this host cannot be connected to" "mend the line, or put it where it does not hold for this host") found)
      (let [n (count (ssh/config-hosts))]
        (good "ssh configuration: " (if (zero? n) "no hosts of its own" (str n (if (= 1 n) " host" " hosts") ", understood")))))))

;; --- the machine -----------------------------------------------------------------------------------------------------

(defn- hard-limit []
  (some-> (re-find #"Max open files\s+\S+\s+(\S+)" (slurp "/proc/self/limits")) second parse-long))

(defn- check-descriptors []
  (let [limit (hard-limit)
        fanout (config/config :ssh :fanout)
        ;; As the engine counts them.
        fits (when limit (quot (- limit 128) 3))]
    (if (and fits (< fits fanout))
      (poor (str "no more than " limit " files may be open: " (max 1 fits) " hosts at a time, where " fanout " are asked for") "larger runs take longer"
            (str "ulimit -Hn " (+ 128 (* 3 fanout)) ", or LimitNOFILE= of the service"))
      (good "open files: " (or limit "as many as there are") ", for " fanout " hosts at a time"))))

(defn- memory-figure
  "A figure of /proc/meminfo in MiB."
  [label]
  (some-> (re-find (re-pattern (str label ":\\s+(\\d+) kB")) (slurp "/proc/meminfo")) second parse-long (quot 1024)))

(defn- check-memory []
  (let [limit (some-> (reops.internal/memory-limit) (quot 1048576))
        free (memory-figure "MemAvailable")]
    (cond
      (and free (< free 128)) (poor (str "only " free " MiB of memory are free") "secrets take 64 MiB to be unlocked, a large run a few hundred" "free -m; ps aux --sort -rss | head")
      (and limit (< limit 128)) (poor (str "an evaluation may use " limit " MiB of memory") "a large run takes a few hundred" "--memory-limit 2G, or REOPS_MEMORY_LIMIT")
      :else (good "memory: " (or free "?") " MiB free" (when limit (str ", " limit " for an evaluation"))))))

(defn- check-clock []
  (let [now (System/currentTimeMillis)
        built (fs/modified-time (fs/read-link "/proc/self/exe"))
        synchronised (when (program? "timedatectl")
                       (string/trim (:out (process/run ["timedatectl" "show" "-p" "NTPSynchronized" "--value"] {:timeout-ms 5000}))))]
    (cond
      (< now (inst-ms built)) (bad "the clock is behind: the program is from the future" "schedules, certificates and the history go by it" "timedatectl set-ntp true")
      (= "no" synchronised) (poor "the clock is not kept by a time server" "schedules, certificates and the history go by it" "timedatectl set-ntp true")
      :else (good "clock"))))

(defn- check-terminal []
  (let [term (System/getenv "TERM")]
    (cond
      (not (reops.internal/terminal? *out*)) nil
      (or (string/blank? term) (= "dumb" term)) (poor (str "a terminal that can do nothing: TERM=" (or term "")) "no colours, no editing of lines, no completion" "export TERM=xterm-256color")
      :else (good "terminal " term))))

(defn- check-locale []
  (let [locale (first (remove string/blank? (map #(System/getenv %) ["LC_ALL" "LC_CTYPE" "LANG"])))]
    (if (and locale (re-find #"(?i)utf-?8" locale))
      (good "locale " locale)
      (poor (str "locale " (or locale "C") " is no UTF-8") "✔ and the names of people come out as other characters" "export LC_ALL=C.UTF-8"))))

(def ^:private modules
  {"store" "systems and jobs" "ssh" "hosts" "http" "requests, clouds" "yaml" "inventories in YAML" "secrets" "secrets" "xml" "XML"})

(defn- check-modules []
  (let [broken (keep (fn [[name what]]
                       (try
                         (reops.internal/load-module name)
                         nil
                         (catch Exception e
                           (bad (ex-message e) (str "nothing of " what " works") (or (:hint (ex-data e)) "install the package again")))))
                     modules)]
    (or (seq broken)
        (good "modules: " (string/join ", " (sort (keys modules)))))))

(defn- check-tools []
  [(if (program? "tmux")
     (good "tmux")
     (poor "no tmux" "(ssh-into f) opens its shells in it" "apt install tmux"))
   (cond
     (program? "virsh") (if (fs/exists? "/dev/kvm")
                          (good "libvirt, and KVM")
                          (poor "libvirt without /dev/kvm" "machines are emulated, slowly" "modprobe kvm-intel || modprobe kvm-amd"))
     :else (poor "no libvirt" "machines of KVM are made with it" "apt install libvirt-daemon-system qemu-system"))])

(doseq [[name f] [[:folders #'check-folders] [:configuration #'check-configuration] [:secrets #'check-secrets] [:disk #'check-disk]
                  [:store #'check-store] [:controller #'check-controller] [:modules #'check-modules] [:ssh-agent #'check-agent]
                  [:ssh-keys #'check-keys] [:known-hosts #'check-known-hosts] [:ssh-configuration #'check-ssh-configuration]
                  [:descriptors #'check-descriptors] [:memory #'check-memory] [:clock #'check-clock] [:terminal #'check-terminal]
                  [:locale #'check-locale] [:tools #'check-tools]]]
  (add-check name f))

;; --- the report ------------------------------------------------------------------------------------------------------

(defn- findings-of [[name f]]
  (let [found (try
                (f)
                (catch InterruptedException e
                  (throw e))
                (catch Exception e
                  (bad (ex-message e) "this check itself failed" (:hint (ex-data e)))))]
    (map #(assoc % :check name) (cond (nil? found) nil (map? found) [found] :else found))))

(defn- lines-of [{:keys [state what why mend]}]
  (str (case state :good (ansi/style "✔" :green) :poor (ansi/style "!" :yellow) (ansi/style "x" :red)) " " what
       (when why (str "\n    " why))
       (when mend (str "\n    → " (ansi/style mend :bold)))))

(defn doctor
  "Says what is missing on this machine, why it matters, and what to type. With :print? false it returns the findings instead: maps with :check,
  :state (:good, :poor or :bad), :what, :why and :mend.

    (doctor)"
  {:category :configuration}
  [& {:keys [print?] :or {print? true}}]
  (let [found (into [] (mapcat findings-of) @known)]
    (if print?
      (do (run! (comp println lines-of) found)
          (flush))
      found)))

(defn- load-own
  "Loads the init file of the configuration, in which checks may be; what is wrong with it, as findings."
  []
  (let [file (fs/join (reops.internal/config-folder) "init.clj")]
    (when (and (fs/exists? file) (not (config/without?)))
      (try
        (binding [*ns* (the-ns 'user)
                  *out* (java.io.StringWriter.)]
          (load-file file)
          nil)
        (catch Exception e
          [(assoc (bad (str file ": " (ex-message e)) "prompts and reops serve load it" (str "reops " file)) :check :init)])))))

(defn report
  "What reops doctor prints, as text or as JSON; its exit code: 1 when something does not work."
  {:no-doc true}
  [as-json]
  (config/fall-back)
  (let [found (into (vec (load-own)) (doctor :print? false))]
    (if as-json
      (println (json/write-string found {:pretty true}))
      (run! (comp println lines-of) found))
    (if (some (comp #{:bad} :state) found) 1 0)))
