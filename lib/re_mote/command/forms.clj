(ns re-mote.command.forms
  "The Clojure that a command line stands for. A command evaluates these forms, and --form prints them."
  (:require [clojure.string :as string]
            [re-mote.patterns :as patterns]))

;; --- targets -------------------------------------------------------------------------------------------------------------

(defn inventory-form
  "The hosts of one selection of an inventory; of the default one when file is nil."
  [file selection]
  (if file (list 'inventory file selection) (list 'group selection)))

(defn- group-forms
  "A form for each run of selections that are plain lists of terms, and for each other."
  [file selections]
  (let [plain? (complement #(re-find #"[&!]" %))]
    (for [run (partition-by plain? selections)
          selection (if (plain? (first run)) [(string/join "," run)] run)]
      (inventory-form file selection))))

(defn- named-forms
  "A form for each run of names, and for each of names with * or ?, which are those of the SSH configuration."
  [pattern]
  (for [terms (partition-by #(boolean (re-find #"[*?]" %)) (patterns/split-outside pattern #{\,}))]
    (list (if (re-find #"[*?]" (first terms)) 'ssh-hosts 'hosts) (string/join "," terms))))

(defn targets
  "The hosts that -H, -g and -i name together, nil when they name none."
  [{:keys [hosts groups inventory]}]
  (let [named (when (seq hosts)
                (let [pattern (string/join "," hosts)]
                  (if inventory [(list 'hosts-in inventory pattern)] (named-forms pattern))))
        forms (concat named (group-forms inventory groups))]
    (cond
      (empty? forms) nil
      (next forms) (cons 'hosts-union forms)
      :else (first forms))))

(defn only
  "The targets without all but these hosts."
  [targets names]
  (list 'hosts-common targets (string/join "," names)))

(defn without
  "The targets without what each exclusion, a form, stands for."
  [targets exclusions]
  (reduce (fn [form exclusion] (list 'hosts-except form exclusion)) targets exclusions))

(defn said-of-all
  "What --accept-new, --ask-password and --ask-questions say of all hosts, as hosts-with takes it; nil when they are not given."
  [{:keys [accept-new ask-password ask-questions]}]
  (not-empty
   (cond-> (array-map)
     (seq accept-new) (assoc :host-keys (into (sorted-map) (map (fn [network] [network :accept-new])) accept-new))
     ask-password (assoc :password :ask)
     ask-questions (assoc :questions :ask))))

(defn with-said
  "The targets with what is said of all of them."
  [targets options]
  (if-let [said (said-of-all options)] (list 'hosts-with targets said) targets))

;; --- pipelines -----------------------------------------------------------------------------------------------------------

(defn- pipeline [source stages]
  (if (seq stages)
    (cons 'run (cons source (mapcat (fn [stage] ['| stage]) stages)))
    source))

(defn- engine-options [{:keys [fanout timeout stdin]}]
  (cond-> {}
    timeout (assoc :timeout timeout)
    fanout (assoc :fanout fanout)
    stdin (assoc :stdin '(reops.bytes/slurp "/dev/stdin"))))

(defn- stage [name options] (if (seq options) (list name options) (list name)))

(defn- output
  "The stage that shows results. terminal? says whether a person sees them: then what hosts said is made harmless and folded,
  otherwise it is passed on as it is."
  [{:keys [json diff fold only-failed prefix]} terminal?]
  (let [failed (if only-failed {:only-failed true} {})]
    (cond
      json (stage 'to-json {})
      diff (stage 'diff {})
      (if (nil? fold) terminal? fold) (stage 'pretty (assoc failed :lines nil))
      terminal? (stage 'pretty (assoc failed :lines nil :fold false))
      :else (stage 'raw (cond-> failed (false? prefix) (assoc :prefix false))))))

(defn- operation
  "An operation on hosts with its arguments and, where there are any, options; all at once, or in batches."
  [name arguments {:keys [retry batch stop-after accept-keys fingerprints] :as options}]
  (let [given (engine-options options)
        review (when (or accept-keys fingerprints)
                 (if fingerprints [{:fingerprints fingerprints}] []))
        call (fn [targets]
               (if review
                 (list* 'accept-host-keys targets review)
                 (concat (list* name targets arguments) (when (seq given) [given]))))
        again (concat (when review ['(pick successful) (concat (list* name arguments) [given])])
                      (when retry [(list 'retry retry)]))]
    (if batch
      (fn [targets stage]
        (let [how (cond-> {:batch batch} (contains? options :stop-after) (assoc :stop-after (when (not= :never stop-after) stop-after)))]
          (pipeline (list 'rolling targets how (list 'fn '[hs] (pipeline (call 'hs) again))) [stage])))
      (fn [targets stage] (pipeline (call targets) (concat again [stage]))))))

(defn exec
  "Runs a command on hosts, the value of the form targets."
  [targets command options terminal?]
  ((operation 'exec [command] options) targets (output options terminal?)))

(defn ping
  "Says which hosts can be reached."
  [targets options terminal?]
  ((operation 'reach [] options) targets (output options terminal?)))

(defn hosts
  "Prints hosts: their names, one pattern, or what is known of each."
  [targets {:keys [json fold]}]
  (cond
    json (list 'println (list 'reops.json/write-string (list 'host-details targets) {:pretty true :default 'str}))
    fold (list 'println (list 're-mote.patterns/fold (list :hosts targets)))
    :else (list 'run! 'println (list :hosts targets))))

(defn group-names
  "Prints the groups of an inventory; of the default one when file is nil."
  [file]
  (list 'run! 'println (list* 'inventory-groups (when file [file]))))

;; --- as text -------------------------------------------------------------------------------------------------------------

(defn text
  "A pipeline as a person writes it: a stage on a line when it is long."
  [form]
  (let [line (pr-str form)
        [head source & stages] (when (seq? form) form)]
    (if (and (= 'run head) (< 100 (count line)))
      (str "(run " (pr-str source)
           (apply str (map (fn [[_ stage]] (str "\n   | " (pr-str stage))) (partition 2 stages)))
           ")")
      line)))
