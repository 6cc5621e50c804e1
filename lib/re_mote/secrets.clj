(ns re-mote.secrets
  "Values that nobody sees by accident: passwords, and variables that an inventory keeps encrypted.")

(deftype Secret [label value]
  Object
  (toString [_] (str "#secret " label)))

(defmethod print-method Secret [secret writer] (.write writer (str secret)))

(defn secret
  "A value that prints as its name only.

    (secret \"db_password\" \"hunter2\") ;=> #secret db_password"
  {:category :hosts}
  [label value]
  (if (instance? Secret value) value (->Secret label value)))

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
  {:category :hosts}
  [x]
  (if (secret? x) (.-value x) x))
