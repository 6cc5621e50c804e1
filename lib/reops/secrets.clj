(ns reops.secrets
  "Values that nobody sees by accident: passwords, tokens, variables that an inventory keeps encrypted.

  A secret prints as its name wherever it is printed. Its value is read only where it is used: the environment and the standard input of
  a command, a login.")

(deftype Secret [label value]
  Object
  (toString [_] (str "#secret " label)))

(defmethod print-method Secret [secret writer] (.write writer (str secret)))

(defn secret
  "A secret: of the file of secrets, by its name, or a value that is known here only, under a label.

    (secret :db-password)             ;=> #secret :db-password
    (secret \"db_password\" \"hunter2\")  ;=> #secret db_password"
  {:category :secrets}
  ([name] (->Secret name nil))
  ([label value]
   (if (instance? Secret value) value (->Secret label value))))

(defn secret?
  "Whether x is a secret."
  [x]
  (instance? Secret x))

(deftype Guard [label]
  Object
  (toString [_]
    (throw (ex-info (str label " is a secret, and a command is seen in the host's list of processes")
                    {:type :re-mote/secret-in-command :hint "Give it to the command's standard input: {:stdin (per-host \"{{{…}}}\")}."}))))

(defn guarded
  "Variables whose secrets nothing can make text of."
  [variables]
  (update-vals variables (fn [x] (if (secret? x) (->Guard (.-label x)) x))))

(defn reveal
  "The value of a secret; anything else as it is.

    (reveal (secret \"db_password\" \"hunter2\")) ;=> \"hunter2\""
  {:category :secrets}
  [x]
  (if (secret? x) (.-value x) x))
