(ns reops.secrets
  "Values that nobody sees by accident: passwords, tokens, variables that an inventory keeps encrypted.

  A secret prints as its name wherever it is printed. Its value is read only where it is used: the environment and the standard input of
  a command, a login."
  (:require [clojure.string :as string]))

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

(def ^:private known
  "The values of secrets that only this process knows, as far as they are worth looking for in texts."
  (atom #{}))

(defn- worth-looking-for?
  "Whether a value would not be found everywhere."
  [value]
  (and (string? value) (< 5 (count value))))

(defn- remembered
  "A value, for which masked looks from now on."
  [value]
  (when (worth-looking-for? value)
    (swap! known conj value))
  value)

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
   (if (instance? Secret value) value (->Secret label (remembered value)))))

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
  ;; The file of secrets (reops.secrets.file, which needs this namespace): :value is a function from a name to a value, :mask one that
  ;; takes values out of a text.
  (atom {:mask identity}))

(defn find-by
  "Has secrets of the file of secrets found by these functions: :value and :mask."
  {:no-doc true}
  [functions]
  (reset! finder functions))

(defn reveal
  "The value of a secret; anything else as it is. Of one that the file of secrets keeps, which has to be unlocked for it.

    (reveal (secret \"db_password\" \"hunter2\")) ;=> \"hunter2\""
  {:category :secrets}
  [x]
  (cond
    (not (secret? x)) x
    (some? (.-value x)) (.-value x)
    :else ((:value @finder) (.-label x))))

(def ^:private named
  "What stands behind password= and --token and the like."
  #"(?i)((?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key)=|--(?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key)\s+)(?:\"[^\"]*\"|'[^']*'|[^\s\"']+)")

(defn masked
  "A text without the values of secrets, and without what is called a password or a token in it: for texts that are kept.

    (masked \"mysql --password=hunter2\") ;=> \"mysql --password=***\""
  [text]
  (reduce (fn [text value] (string/replace text value "***"))
          ((:mask @finder) (string/replace text named "$1***"))
          @known))
