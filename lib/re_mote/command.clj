(ns re-mote.command
  "reops exec, ping and hosts: many hosts from a shell, without writing a form. Arguments become a form (re-mote.command.forms),
  which is evaluated where a prompt would, in the namespace user; --form prints it instead."
  (:require [clojure.string :as string]
            [re-mote.command.forms :as forms]
            [re-mote.command.last-run :as last-run]
            [re-mote.command.options :as options :refer [refuse]]
            [re-mote.history :as history]
            [re-mote.repl.results :refer [reason]]
            [re-mote.repl.text :as text]
            [re-mote.targets :as targets]
            [reops.peer :as peer]))

;; --- options -------------------------------------------------------------------------------------------------------------

(def ^:private help-options
  [{:title "Options"}
   {:key :help :names ["-h" "--help"] :help "Print this help message and exit"}])

(def ^:private target-options
  [{:title "Hosts"}
   {:key :hosts :names ["-H" "--hosts"] :value "HOSTS" :many true :read options/some-text
    :help "These hosts: names with commas between, patterns such as web[01-20].dc1, or web* of ssh's configuration; may be repeated"}
   {:key :groups :names ["-g" "--group"] :value "GROUPS" :many true :read options/some-text
    :help "Groups of the inventory, and hosts of it; web:&dc1 are those in both, web:!web3 all but one; may be repeated"}
   {:key :inventory :names ["-i" "--inventory"] :value "FILE" :read options/some-text
    :help "The inventory: Ansible's INI, YAML or JSON, a program that prints such JSON, EDN, a host a line, or a folder of these"}
   {:key :exclude :names ["-x" "--exclude"] :value "HOSTS" :many true :read options/some-text
    :help "Without these hosts, patterns or groups; may be repeated"}])

(def ^:private login-options
  [{:key :ask-password :names ["--ask-password"]
    :help "Ask for the password once, for hosts that take no key"}
   {:key :ask-questions :names ["--ask-questions"]
    :help "Ask what hosts ask at the login, such as codes, one host after the other"}
   {:key :accept-new :names ["--accept-new"] :value "NETWORK" :many true :read options/some-text
    :help "Accept the key of a host that is seen for the first time, in this network: 10.0.0.0/8; may be repeated"}])

(def ^:private review-options
  [{:key :accept-keys :names ["--accept-keys"]
    :help "List the host keys that are not known yet, and ask which are accepted"}
   {:key :fingerprints :names ["--fingerprints"] :value "FILE" :read options/some-text
    :help "Accept the host keys whose SHA256 fingerprints are in this file, a host and its fingerprint a line"}])

(def ^:private run-options
  [{:title "How it runs"}
   {:key :fanout :names ["--fanout"] :value "N" :read options/whole-number
    :help "Work on no more than N hosts at a time (512)"}
   {:key :timeout :names ["--timeout"] :value "TIME" :read options/milliseconds
    :help "End the command on a host after this time: 30s, 5m, 500ms (5m)"}
   {:key :retry :names ["--retry"] :value "N" :read options/whole-number
    :help "Try up to N times more where nothing has started: hosts that refuse, do not answer …"}
   {:key :batch :names ["--batch"] :value "N" :read options/number-or-share
    :help "One batch of N hosts (or N%) after the other, and stop when a host has failed"}
   {:key :stop-after :names ["--stop-after"] :value "N"
    :read #(if (= "never" %2) :never (options/number-or-share %1 %2))
    :help "With --batch: stop only when N hosts (or N% of all) have failed, or never"}])

(def ^:private stdin-option
  {:key :stdin :names ["--stdin"] :help "Give the command on each host what there is on our standard input"})

(def ^:private rerun-option
  {:key :rerun-failed :names ["--rerun-failed"]
   :help "The hosts that failed the last time; without COMMAND, what ran then"})

(def ^:private output-options
  [{:key :json :names ["--json"] :help "Print all results as JSON"}
   {:key :fold :names ["--fold"] :help "Print a summary in which hosts that said the same are one line; so it is on a terminal"}
   {:key :fold :names ["--no-fold"] :is false :help "Print what each host said, its name before each line; so it is elsewhere"}
   {:key :diff :names ["--diff"] :help "Print how hosts differ from what most of them said"}
   {:key :only-failed :names ["--only-failed"] :help "Print nothing of the hosts that succeeded"}
   {:key :prefix :names ["--no-prefix"] :is false :help "Print output without the host's name before each line, byte for byte"}])

(def ^:private hosts-output-options
  [{:key :json :names ["--json"] :help "Print as JSON, with address, port, user, key and variables that the inventory gives each"}
   {:key :fold :names ["--fold"] :help "Print as one pattern, such as web[1-3],db1"}
   {:key :list-groups :names ["--list-groups"] :help "Print the groups of the inventory instead"}])

(def ^:private form-option
  {:key :form :names ["--form"] :help "Print the Clojure that does the same, and run nothing"})

;; --- targets -------------------------------------------------------------------------------------------------------------

(defn- in-user
  "The value of a form at a prompt."
  [form]
  (binding [*ns* (the-ns 'user)] (eval form)))

(defn- exclusion
  "The form of what a term of -x takes away: hosts by their names or a pattern, or else what the inventory calls so."
  [hs term {:keys [inventory groups]}]
  (let [form (if (or (seq (:hosts (targets/hosts-common hs term))) (not (or inventory (seq groups))))
               term
               (forms/inventory-form inventory term))]
    (when (empty? (:hosts (targets/hosts-common hs (in-user form))))
      (refuse (str "-x " term " takes nothing away: none of the hosts is called so")))
    form))

(defn- with-said
  "The hosts with what --accept-new, --ask-password and --ask-questions say of all of them."
  [hs options]
  (if-let [said (forms/said-of-all options)] (targets/hosts-with hs said) hs))

(defn- chosen
  "{:form the form of the targets, :hosts the record that is its value}."
  [options]
  (let [base (or (forms/targets options)
                 (refuse "No hosts are named" "-H 'web[01-20],db1' names hosts, -g web a group of an inventory (all: every host of it)."))
        hs (in-user base)
        exclusions (mapv #(exclusion hs % options) (:exclude options))
        form (forms/with-said (forms/without base exclusions) options)
        left (with-said (reduce (fn [hs x] (targets/hosts-except hs (in-user x))) hs exclusions) options)]
    (when (empty? (:hosts left))
      (refuse "No hosts are left" "All that -H and -g name is taken away, or the group is empty."))
    {:form form :hosts left}))

;; --- commands ------------------------------------------------------------------------------------------------------------

(defn- run-pipeline
  "Evaluates the pipeline that form-of makes of the form of its targets, on hosts that are known already: the results, and the exit
  code."
  [form-of {:keys [hosts]}]
  (try
    (let [[_ results] ((in-user (list 'fn '[hosts] (form-of 'hosts))) hosts)]
      [results (if (empty? (:failure results)) 0 1)])
    (catch Exception e
      ;; A pipeline that Ctrl-C ended, or that lost all its hosts, has shown what there is.
      (if-let [[_ {:keys [failure] :as results}] (:pair (ex-data e))]
        [results (if (or (= :re-mote/cancelled (:type (ex-data e))) (some (comp #{:cancelled} reason) failure)) 130 1)]
        (throw e)))))

(defn- run-or-print
  "The exit code of a command; after is called with the results when it ran."
  [form-of options targets after]
  (if (:form options)
    (do (println (forms/text (form-of (:form targets)))) 0)
    (let [about (history/about (form-of (:form targets)) [])
          [results code] (binding [history/*about* (assoc about :closed (not (:stdin options)) :namespace "user")]
                           (run-pipeline form-of targets))]
      (after results)
      code)))

(defn- terminal? [] (reops.internal/terminal? *out*))

(defn- check-output
  "Refuses options that ask for two kinds of output."
  [options]
  (let [kinds (keep (fn [[key name]] (when (true? (key options)) name)) [[:json "--json"] [:fold "--fold"] [:diff "--diff"]])]
    (when (next kinds)
      (refuse (str (first kinds) " and " (second kinds) " exclude each other")))
    (when (and (:only-failed options) (some #{"--json" "--diff"} kinds))
      (refuse (str "--only-failed and " (first kinds) " exclude each other")))))

(defn- check-running
  "Refuses options of running that do not go together."
  [options]
  (when (and (contains? options :stop-after) (not (:batch options)))
    (refuse "--stop-after needs --batch" "--batch 5 --stop-after 2 works on five hosts at a time, until two have failed.")))

(defn- failed-the-last-time
  "The options and targets of those hosts, and the command that ran then."
  [options]
  (when-let [name (some (fn [[key name]] (when (contains? options key) name))
                        [[:hosts "-H"] [:groups "-g"] [:inventory "-i"] [:exclude "-x"]])]
    (refuse (str "--rerun-failed and " name " exclude each other") "The hosts are those of the last run that failed."))
  (let [{:keys [meant command failed]} (last-run/recall)
        targets (chosen meant)]
    [meant command (-> targets
                       (update :form forms/only failed)
                       (update :hosts targets/hosts-common failed))]))

(defn- exec [options arguments]
  (check-output options)
  (check-running options)
  (let [[meant before targets] (when (:rerun-failed options) (failed-the-last-time options))
        command (if (empty? arguments) before (string/join " " arguments))]
    (when-not command
      (refuse "There is no command to run" "It comes last: reops exec -H web1 -- uptime"))
    (run-or-print #(forms/exec % command options (terminal?)) options (or targets (chosen options))
                  #(last-run/save! (or meant options) command %))))

(defn- no-arguments [arguments]
  (when-let [[word] (seq arguments)]
    (refuse (str "Nothing is expected here, found " (pr-str word)) "Hosts are named with -H.")))

(defn- ping [options arguments]
  (check-output options)
  (check-running options)
  (no-arguments arguments)
  (run-or-print #(forms/ping % options (terminal?)) options (chosen options) identity))

(defn- hosts [options arguments]
  (no-arguments arguments)
  (let [kinds (filter options [:json :fold :list-groups])
        named? (some (comp seq options) [:hosts :groups])]
    (when (next kinds)
      (refuse (str "--" (name (first kinds)) " and --" (name (second kinds)) " exclude each other")))
    (if (:list-groups options)
      (let [form (forms/group-names (:inventory options))]
        (if (:form options) (println (forms/text form)) (in-user form)))
      (let [targets (chosen (cond-> options (and (:inventory options) (not named?)) (assoc :groups ["all"])))]
        (if (:form options)
          (println (forms/text (forms/hosts (:form targets) options)))
          ((in-user (list 'fn '[hosts] (forms/hosts 'hosts options))) (:hosts targets)))))
    0))

(def ^:private exit-codes "Exit code: 0 when all went well; 1 when a host failed; 2 for wrong arguments; 130 after Ctrl-C.")

(def commands
  "What each command understands and does."
  {"exec" {:about "Runs a command on many hosts at once, over SSH: as the configuration, keys and known hosts of ssh have it."
           :usage "[OPTIONS] [--] COMMAND…"
           :options (vec (concat help-options target-options [rerun-option] login-options run-options [stdin-option] [{:title "Output"}] output-options [form-option]))
           :notes (str "COMMAND is given to the shell of each host, its words joined by blanks, as ssh does.\n\n"
                       "Examples:\n"
                       "  reops exec -H 'web[01-20],db1' -- uptime\n"
                       "  reops exec -i inventory.ini -g 'web:!web3' --fold -- systemctl is-active nginx\n"
                       "  reops exec -g all --json -- cat /etc/debian_version\n\n"
                       exit-codes)
           :run exec}
   "ping" {:about "Says which hosts can be reached, logged in to, and made run a command."
           :usage "[OPTIONS]"
           :options (vec (concat help-options target-options login-options review-options run-options [{:title "Output"}] output-options [form-option]))
           :notes exit-codes
           :run ping}
   "hosts" {:about "Prints the hosts that -H, -g, -i and -x name, one a line."
            :usage "[OPTIONS]"
            :options (vec (concat help-options target-options [{:title "Output"}] hosts-output-options [form-option]))
            :notes "An inventory alone names all its hosts.\n\nExit code: 0; 2 for wrong arguments, or when there are no such hosts."
            :run hosts}})

;; --- entry ---------------------------------------------------------------------------------------------------------------

(def ^:private wrong-arguments
  "Kinds of error for which the arguments are to blame, or a file that they name."
  #{:re-mote/usage :re-mote/bad-fingerprints :re-mote/bad-inventory :re-mote/no-inventory :re-mote/bad-pattern :re-mote/bad-host})

(defn- complain
  "Says what is wrong with the arguments, and what to do."
  [name error]
  (binding [*out* *err*]
    (println (str "reops " name ": " (text/printable (ex-message error))))
    (when-let [hint (:hint (ex-data error))]
      (println (str "  " (text/printable hint))))))

(defn main
  "Runs a command with its arguments and returns the exit code."
  [name arguments]
  (peer/set-kind :exec)
  (let [{:keys [run] :as command} (commands name)]
    (try
      (let [{:keys [options rest]} (options/parse (:options command) arguments)]
        (if (:help options)
          (do (print (options/help-text (assoc command :name (str "reops " name)))) 0)
          (run options rest)))
      (catch Exception e
        (if (wrong-arguments (:type (ex-data e)))
          (do (complain name e) 2)
          (throw e))))))
