(ns reops.command
  "reops config and doctor: commands about this machine and what is set up on it."
  (:require [clojure.pprint :as pprint]
            [clojure.string :as string]
            [re-mote.command.options :as options :refer [refuse]]
            [reops.config :as config]
            [reops.config.settings :as settings]
            [reops.doctor :as doctor]
            [reops.fs :as fs]))

(def ^:private help-options
  [{:title "Options"}
   {:key :help :names ["-h" "--help"] :help "Print this help message and exit"}])

;; --- config --------------------------------------------------------------------------------------------------------------

(defn- complain [text hint]
  (binding [*out* *err*]
    (println text)
    (when hint
      (println (str "  " hint)))))

(defn- check-config [file]
  (when-not (fs/exists? file)
    (refuse (str "There is no file " file) "None is needed: everything has a default."))
  (try
    (config/checked-file file)
    (println (str "✔ " file))
    0
    (catch Exception e
      (complain (ex-message e) (:hint (ex-data e)))
      2)))

(defn- show-config []
  (let [value (config/config)]
    (doseq [[section {:keys [doc order settings]}] (sort-by key (settings/sections))]
      (println (str "\n" section "  " doc))
      (doseq [k order
              :let [{:keys [doc default legal]} (settings k)
                    now (get-in value [section k])]]
        (println (str "  " k " " (pr-str now) (when (not= now default) (str "   (instead of " (pr-str default) ")"))))
        (println (str "      " doc ": " legal))))
    (when-let [own (not-empty (into {} (filter (comp qualified-keyword? key)) value))]
      (println "\nYour own")
      (pprint/pprint own))
    0))

(defn- config-command [_ [word & more]]
  (case word
    ("check" nil) (if (next more) (refuse "check takes one file at the most") (check-config (or (first more) (config/config-file))))
    "show" (if more (refuse "show takes nothing further") (show-config))
    (let [near (reops.internal/suggest word ["check" "show"])]
      (refuse (str "There is no reops config " word) (if near (str "Did you mean " near "?") "There are check and show.")))))

;; --- doctor --------------------------------------------------------------------------------------------------------------

(defn- doctor-command [{:keys [json]} arguments]
  (when (seq arguments)
    (refuse (str "doctor takes nothing, found " (pr-str (first arguments)))))
  (doctor/report json))

;; --- entry ---------------------------------------------------------------------------------------------------------------

(def commands
  "What each command understands and does."
  {"config" {:about (str "Checks the configuration, or another file of the kind; or shows every setting, what it is and what is legal.")
             :usage "[OPTIONS] [check [FILE] | show]"
             :options help-options
             :notes "Exit code: 0; 2 for wrong arguments, or when something is wrong with the file."
             :run config-command}
   "doctor" {:about "Says what is missing on this machine, why it matters, and what to type."
             :usage "[OPTIONS]"
             :options (conj help-options {:key :json :names ["--json"] :help "Print as JSON: check, state (good, poor, bad), what, why, mend"})
             :notes (str "✔ is as it should be, ! works without, x does not work.\n\n"
                         "Exit code: 0; 1 when something does not work; 2 for wrong arguments.")
             :run doctor-command}})

(defn main
  "Runs a command with its arguments and returns the exit code."
  [name arguments]
  (let [{:keys [run] :as command} (commands name)]
    (try
      (let [{:keys [options rest]} (options/parse (:options command) arguments)]
        (if (:help options)
          (do (print (options/help-text (assoc command :name (str "reops " name)))) 0)
          (run options rest)))
      (catch Exception e
        (if (= :re-mote/usage (:type (ex-data e)))
          (do (complain (str "reops " name ": " (ex-message e)) (:hint (ex-data e))) 2)
          (throw e))))))
