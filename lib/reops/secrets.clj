(ns reops.secrets
  "Values that nobody sees by accident: passwords, tokens, variables that an inventory keeps encrypted.

  A secret prints as its name wherever it is printed. Its value is read only where it is used: the environment and the standard input of
  a command, a login.")

(deftype Secret [label value]
  Object
  (toString [_] (str "#secret " label))
  ;; Those of the file are the same when their names are; others are the same as nothing else, so that comparing tells nothing.
  (equals [this other]
    (or (identical? this other)
        (boolean (and (nil? value) (instance? Secret other) (nil? (.-value other)) (= label (.-label other))))))
  (hashCode [_] (hash label)))

(defmethod print-method Secret [secret writer] (.write writer (str secret)))
(defmethod print-dup Secret [secret writer] (.write writer (str secret)))

(defn secret
  "A secret: of the file of secrets, by its name, or a value that is known here only, under a label.

    (secret :db-password)             ;=> #secret :db-password
    (secret \"db_password\" \"hunter2\")  ;=> #secret db_password"
  {:category :secrets}
  ([name]
   (when-not (keyword? name)
     (throw (ex-info (str "A secret is named by a keyword, found " (pr-str (type name)))
                     {:type :reops/bad-secret :hint "(secret :db-password) is one of the file of secrets; (set-secret :db-password) puts it there."})))
   (->Secret name nil))
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

(defn kept-name
  "The name of a secret that the file of secrets keeps; nil of one that is known here only, and of what is no secret."
  [x]
  (when (and (secret? x) (nil? (.-value x)))
    (.-label x)))

(defn names-in
  "The names of the secrets of the file of secrets that stand anywhere in data, in order."
  [x]
  (into (sorted-set) (keep kept-name) (tree-seq coll? seq x)))

(defonce ^:private finder
  ;; What gives the value of a secret of the file of secrets, by its name: reops.secrets.file, which needs this namespace.
  (atom nil))

(defn find-by
  "Has secrets of the file of secrets found by f, a function of their names."
  {:no-doc true}
  [f]
  (reset! finder f))

(defn reveal
  "The value of a secret; anything else as it is. Of one that the file of secrets keeps, which has to be unlocked for it.

    (reveal (secret \"db_password\" \"hunter2\")) ;=> \"hunter2\""
  {:category :secrets}
  [x]
  (cond
    (not (secret? x)) x
    (some? (.-value x)) (.-value x)
    :else (@finder (.-label x))))
