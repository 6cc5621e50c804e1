(ns re-mote.command.forms
  "The Clojure that a command line stands for. A command evaluates these forms, and --form prints them."
  (:require [clojure.string :as string]))

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

(defn targets
  "The hosts that -H, -g and -i name together, nil when they name none."
  [{:keys [hosts groups inventory]}]
  (let [named (when (seq hosts)
                (let [pattern (string/join "," hosts)]
                  [(if inventory (list 'hosts pattern (list 'inventory-auth inventory)) (list 'hosts pattern))]))
        forms (concat named (group-forms inventory groups))]
    (cond
      (empty? forms) nil
      (next forms) (cons 'hosts-union forms)
      :else (first forms))))

(defn without
  "The targets without what each exclusion, a form, stands for."
  [targets exclusions]
  (reduce (fn [form exclusion] (list 'hosts-except form exclusion)) targets exclusions))

;; --- pipelines -----------------------------------------------------------------------------------------------------------

(defn- pipeline [source stages]
  (if (seq stages)
    (cons 'run (cons source (mapcat (fn [stage] ['| stage]) stages)))
    source))

(defn- engine-options [{:keys [fanout timeout]}]
  (cond-> {} timeout (assoc :timeout timeout) fanout (assoc :fanout fanout)))

(defn- output
  "The stages that show results. terminal? says whether a person sees them."
  [_ terminal?]
  [(if terminal? '(pretty) '(raw))])

(defn exec
  "Runs a command on hosts, the value of the form targets."
  [targets command options terminal?]
  (let [given (engine-options options)]
    (pipeline (concat (list 'exec targets command) (when (seq given) [given]))
              (output options terminal?))))

(defn hosts
  "Prints the names of hosts."
  [targets]
  (list 'run! 'println (list :hosts targets)))

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
