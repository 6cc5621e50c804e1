(ns reops.secrets.file
  "The file of secrets (docs/secrets.md): sealed by a key of a passphrase, open in memory only. The passphrase is asked for once, or is in
  a file that the system's service manager or the configuration names."
  (:require [clojure.string :as string]
            [re-mote.native-module :as terminal]
            [reops.config :refer [config]]
            [reops.fs :as fs]
            [reops.secrets :as secrets]))

(defn- native
  "A function of the module secrets, which is loaded when it is first needed."
  [name]
  (reops.internal/load-module "secrets")
  (deref (ns-resolve 'reops.secrets.native name)))

(defn path
  "The file of secrets, whether it is there or not."
  []
  (fs/join (reops.internal/data-folder) "secrets"))

(defonce ^:private opened (atom nil))

(defn unlocked?
  "Whether the file of secrets is open in this process."
  []
  (some? @opened))

;; --- passphrases -----------------------------------------------------------------------------------------------------

(defn key-source
  "The file that has the passphrase, {:file :private}: the credential reops.secrets that systemd hands over, else the key file of the
  configuration, which others must not be able to read; nil when there is neither."
  []
  (let [credentials (System/getenv "CREDENTIALS_DIRECTORY")
        handed-over (when-not (string/blank? credentials) (fs/join credentials "reops.secrets"))
        key-file (config :secrets :key-file)]
    (cond
      ;; Who may read it is the service manager's to see to.
      (and handed-over (fs/exists? handed-over)) {:file handed-over :private false}
      key-file {:file (fs/expand-home key-file) :private true})))

(defn- asked
  "What the person answers: at the terminal, unseen; else a line of standard input. nil when nobody does."
  [question]
  (let [answer (if (terminal/can-ask) (terminal/ask-secret question) (read-line))]
    (when-not (string/blank? answer) answer)))

(defn- asked!
  "What the person answers; an error when nobody does."
  [question what]
  (or (asked question)
      (throw (ex-info (str "Nobody gave " what)
                      {:type :reops/no-answer :hint "It is asked for at a terminal, or read as a line of standard input."}))))

(defn- new-passphrase []
  (let [first-time (asked! "Passphrase for the file of secrets (not shown): " "a passphrase")]
    (when (and (terminal/can-ask) (not= first-time (asked "Once more: ")))
      (throw (ex-info "The two passphrases differ; nothing was changed" {:type :reops/no-answer})))
    first-time))

;; --- opening ---------------------------------------------------------------------------------------------------------

(defonce ^{:doc "Functions that are called after the file of secrets was unlocked here, by key, with the passphrase that was given, or nil."} on-unlock
  (atom {}))

(defn- now-open [vault passphrase]
  (reset! opened vault)
  (doseq [f (vals @on-unlock)]
    (f passphrase))
  vault)

(defn unlock-with
  "Unlocks the file of secrets with a passphrase."
  {:no-doc true}
  [passphrase]
  (now-open ((native 'open) (path) passphrase) passphrase)
  true)

(defn opened-by-key-file
  "The file of secrets as the passphrase in a file opens it, when there are both; nil otherwise."
  {:no-doc true}
  []
  (when (fs/exists? (path))
    (when-let [{:keys [file private]} (key-source)]
      ((native 'open-with-key-file) (path) file private))))

(defn unlock-by-key-file
  "Unlocks the file of secrets with the passphrase in a file, when there are both; whether it is open now."
  []
  (boolean
   (or @opened
       (when-let [vault (opened-by-key-file)]
         (now-open vault nil)))))

(def ^:private refused
  "The key file that did not open the file of secrets, as both were then: to try again takes a moment, and opens nothing."
  (atom nil))

(defn- unlocked-unasked?
  "Whether the file of secrets is open, or its key file opens it now."
  []
  (or (unlocked?)
      (when-let [{:keys [file]} (key-source)]
        (let [now [file (when (fs/exists? file) (fs/modified-time file)) (fs/modified-time (path))]]
          (when (not= now @refused)
            (try
              (unlock-by-key-file)
              (catch Exception _
                (reset! refused now)
                false)))))))

(defn- locked [what]
  (ex-info (str what " locked: the file of secrets " (path) " has not been opened here")
           {:type :reops/locked :hint "(unlock) asks for its passphrase. A key file in the configuration, :secrets {:key-file …}, opens it unasked."}))

(defn- no-file [what]
  (ex-info (str what ": there is no file of secrets yet")
           {:type :reops/no-secret :hint "(set-secret :name) makes one."}))

(defn- open-now
  "The open file of secrets: opened by its key file, or by the person, who is asked if there is one. what needs it."
  [what]
  (cond
    @opened @opened
    (not (fs/exists? (path))) (throw (no-file what))
    (unlock-by-key-file) @opened
    (terminal/can-ask) (do (unlock-with (asked! "Passphrase for the file of secrets: " "the passphrase")) @opened)
    :else (throw (locked what))))

(defn await-unlocked
  "Waits until the file of secrets is open here."
  {:no-doc true}
  []
  (let [over (promise)]
    (swap! on-unlock assoc over (fn [_] (deliver over true)))
    (try
      (when-not (unlocked?)
        (deref over))
      (finally
        (swap! on-unlock dissoc over)))))

(def ^:dynamic *await*
  "What a job does when it needs a secret that is locked: a function of what to say, that returns when they are unlocked. nil: it is an error."
  nil)

(defn needs-unlocking?
  "Whether these secrets, by their names, cannot be had here before somebody unlocks them."
  [names]
  (and (seq names) (fs/exists? (path)) (not (unlocked-unasked?))))

;; --- names and values ------------------------------------------------------------------------------------------------

(defn- text-of [name] (subs (str name) 1))

(defn- name-of [text] (keyword text))

(defn- no-secret [vault name]
  (let [near (reops.internal/suggest (text-of name) ((native 'names) vault))]
    (throw (ex-info (str "There is no secret " name)
                    {:type :reops/no-secret
                     :hint (if near (str "Did you mean :" near "?") (str "(set-secret " name ") asks for it."))}))))

(defn- value-of
  "The value of a secret by its name."
  [name]
  (when (and *await* (needs-unlocking? [name]))
    (*await* (str "it needs the secret " name ", and secrets are locked: (unlock)")))
  (let [vault (open-now (str "The secret " name " is"))
        [outcome x] (try
                      [:read ((native 'value) vault (text-of name))]
                      (catch Exception e
                        (if (= :secrets/locked (:type (ex-data e))) [:locked] (throw e))))]
    (cond
      ;; Somebody has changed the passphrase: as if it had never been open here.
      (= :locked outcome) (do (compare-and-set! opened vault nil)
                              (recur name))
      (some? x) x
      :else (no-secret vault name))))

(defn- checked-name [name]
  (when-not (keyword? name)
    (throw (ex-info (str "A secret is named by a keyword, found something of " (pr-str (type name)))
                    {:type :reops/bad-secret :hint "(set-secret :db-password) asks for its value."})))
  name)

;; --- verbs -----------------------------------------------------------------------------------------------------------

(defn unlock
  "Opens the file of secrets for this process and for the controller: jobs that wait for it go on. Its passphrase is asked for at the
  terminal, or read as a line of standard input, unless a key file has it.

    (unlock)"
  {:category :secrets}
  []
  (when-not (fs/exists? (path))
    (throw (no-file "There is nothing to unlock")))
  (or (and (not (unlocked?))
           (try
             (unlock-by-key-file)
             (catch Exception e
               (binding [*out* *err*]
                 (println (ex-message e)))
               false)))
      (unlock-with (asked! "Passphrase for the file of secrets: " "the passphrase"))))

(defn lock
  "Forgets in this process what (unlock) has opened.

    (lock)"
  {:category :secrets}
  []
  (reset! opened nil)
  nil)

(defn- made
  "A new file of secrets, open."
  []
  (now-open (if-let [{:keys [file private]} (key-source)]
              ((native 'create-with-key-file) (path) file private)
              ((native 'create) (path) (new-passphrase)))
            nil))

(defn set-secret
  "Keeps a secret: its value is asked for at the terminal, or read as a line of standard input, and shown nowhere. {:file \"…\"} takes what is in a
  file, without the end of its last line. The first one makes the file of secrets, and asks for its passphrase.

    (set-secret :db-password)
    (set-secret :ca-key {:file \"/root/ca.key\"})"
  {:category :secrets}
  ([name] (set-secret name {}))
  ([name {:keys [file]}]
   (checked-name name)
   (let [vault (if (fs/exists? (path)) (open-now (str "The secret " name " cannot be kept: secrets are")) (made))]
     ((native 'put) vault (text-of name)
                    (if file
                      (string/trim-newline (slurp file))
                      (asked! (str "Value of " name " (not shown): ") (str "a value for " name))))
     (secrets/secret name))))

(defn secrets
  "The names of the secrets that are kept.

    (secrets)   ; [:db-password :shop-token]"
  {:category :secrets}
  []
  (if (fs/exists? (path))
    (mapv name-of ((native 'names) (open-now "The names of secrets are")))
    []))

(defn remove-secret
  "Removes a secret from those that are kept.

    (remove-secret :db-password)"
  {:category :secrets}
  [name]
  (checked-name name)
  (let [vault (open-now (str "The secret " name " is"))]
    (when-not ((native 'remove) vault (text-of name))
      (no-secret vault name))
    name))

(defn change-passphrase
  "Seals the file of secrets anew, by another passphrase, which is asked for. Other processes have to (unlock) again.

    (change-passphrase)"
  {:category :secrets}
  []
  (let [vault (open-now "Secrets are")]
    ((native 'change-passphrase) vault (new-passphrase))
    nil))

(defn- masked
  "A text without the secrets that are open here."
  [text]
  (if-let [vault @opened]
    ((native 'masked) vault text)
    text))

(secrets/find-by {:value value-of :mask masked})
