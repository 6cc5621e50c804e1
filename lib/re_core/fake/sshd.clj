(ns re-core.fake.sshd
  "What answers at the addresses of fake machines that have real ones: an sshd on this machine's loopback for each, with host key, login key
  and configuration in a folder of its own beside the store. It lets in the user who runs this, whose shell is then the machine's."
  (:require [clojure.string :as string]
            [re-core.persistency.common :as store]
            [reops.fs :as fs]
            [reops.process :as process]))

(defn- home [] (fs/join (store/folder) "fake"))
(defn- folder [id] (fs/join (home) id))
(defn- file [id name] (fs/join (folder id) name))

(defn- program []
  (or (some fs/which ["sshd" "/usr/sbin/sshd" "/usr/local/sbin/sshd"])
      (throw (ex-info "A fake machine with a real address needs sshd, which is not here"
                      {:type :re-core/no-sshd :acted false :hint "On Debian: apt install openssh-server"}))))

;; --- the process -----------------------------------------------------------------------------------------------------------

(defn- contents [path]
  (try
    (slurp path)
    (catch java.io.IOException _ nil)))

(defn- sshd?
  "Whether a process is the sshd of that machine: numbers of processes are used again."
  [pid id]
  (boolean (some-> (contents (str "/proc/" pid "/cmdline")) (string/includes? (file id "sshd_config")))))

(defn- pid-of
  "The process of a machine's sshd, or nil."
  [id]
  (when-let [pid (some->> (contents (file id "pid")) (re-find #"\d+"))]
    (when (sshd? pid id) pid)))

(defn running?
  "Whether the sshd of a machine runs."
  [id]
  (some? (pid-of id)))

(defn- below
  "The processes that a process has begun, and those that they have begun."
  [pid]
  (let [children (some-> (contents (str "/proc/" pid "/task/" pid "/children")) (string/split #"\s+"))]
    (mapcat (fn [child] (cons child (below child))) (remove string/blank? children))))

(defn- kill [signal pids]
  (when (seq pids)
    (process/run (into ["kill" (str "-" signal)] pids))))

(defn- await-that
  "Looks until it is so, for as long as a busy machine may take."
  [so? what]
  (let [until (+ (System/nanoTime) (* 60 1000000000))]
    (loop []
      (or (so?)
          (if (< (System/nanoTime) until)
            (do (Thread/sleep 20) (recur))
            (throw (ex-info (str "The sshd of a fake machine " what) {:type :re-core/fake-fault})))))))

;; --- its files -------------------------------------------------------------------------------------------------------------

(defn- make-key [path comment]
  (when-not (fs/exists? path)
    (process/check ["ssh-keygen" "-q" "-t" "ed25519" "-N" "" "-C" comment "-f" path])))

(defn- configuration [id address port]
  (string/join
   (map #(str % "\n")
        [(str "Port " port)
         (str "ListenAddress " address)
         (str "HostKey " (file id "host_key"))
         (str "PidFile " (file id "pid"))
         (str "AuthorizedKeysFile " (file id "authorized_keys"))
         "StrictModes no"
         "UsePAM no"
         "UseDNS no"
         "PasswordAuthentication no"
         "KbdInteractiveAuthentication no"
         "PermitRootLogin prohibit-password"
         "PrintMotd no"
         "PrintLastLog no"
         "MaxSessions 100"
         "MaxStartups 1000"])))

(defn- private
  "Makes the folder of a machine, which nobody else can look into."
  [id]
  (fs/mkdirs (folder id))
  (run! #(fs/set-permissions % "rwx------") [(home) (folder id)]))

(defn- try-port
  "Starts the sshd of a machine at a port; whether it could be had."
  [id address port]
  (spit (file id "sshd_config") (configuration id address port))
  (spit (file id "log") "")
  (let [log #(str (contents (file id "log")))]
    (process/check [(program) "-f" (file id "sshd_config") "-E" (file id "log")])
    (await-that #(or (running? id) (string/includes? (log) "Cannot bind any address")) (str "did not begin: " (log)))
    (running? id)))

(defn access
  "How a machine's sshd is logged in to: {:port :user :key :known-hosts}; nil when it does not run."
  [id]
  (when (running? id)
    (let [[_ port] (re-find #"(?m)^Port (\d+)$" (slurp (file id "sshd_config")))]
      {:port (parse-long port)
       :user (System/getProperty "user.name")
       :key (file id "id_ed25519")
       :known-hosts [(file id "known_hosts")]})))

(defn start
  "Has an sshd answer at an address, unless one does."
  [id hostname address authorized]
  (when-not (running? id)
    (private id)
    (make-key (file id "host_key") hostname)
    (make-key (file id "id_ed25519") "fake")
    (spit (file id "authorized_keys")
          (string/join "\n" (concat [(string/trim (slurp (file id "id_ed25519.pub")))] authorized [""])))
    ;; Where the system's own service has not run, this is missing, and an sshd of the system's user insists on it.
    (when (= "root" (System/getProperty "user.name"))
      (fs/mkdirs "/run/sshd"))
    (let [port (or (first (filter #(try-port id address %) (repeatedly 20 #(+ 20000 (rand-int 10000)))))
                   (throw (ex-info (str "No port is free at " address) {:type :re-core/fake-fault})))
          [type key] (string/split (slurp (file id "host_key.pub")) #" ")]
      (spit (file id "known_hosts") (str "[" address "]:" port " " type " " key "\n"))))
  nil)

(defn stop
  "Ends a machine's sshd, and what runs in its connections."
  [id]
  (when-let [pid (pid-of id)]
    (let [pids (cons pid (below pid))]
      (kill "TERM" pids)
      (await-that #(not (running? id)) "does not end")
      ;; What was begun in a connection may be deaf.
      (kill "KILL" (filter #(fs/exists? (str "/proc/" %)) (rest pids)))))
  nil)

(defn delete
  "Ends a machine's sshd and removes its keys."
  [id]
  (stop id)
  (when (fs/exists? (folder id))
    (fs/delete-tree (folder id)))
  nil)

(defn tidy
  "Ends the sshds of all machines but these, and removes their keys: of those that were being made or removed when the program
  died."
  [ids]
  (when (fs/directory? (home))
    (run! delete (remove (set ids) (map fs/file-name (fs/list-dir (home)))))))
