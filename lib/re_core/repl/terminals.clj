(ns re-core.repl.terminals
  "Shells on machines, each in a terminal of its own."
  (:require [clojure.string :as string]
            [re-core.hosts :refer [of-systems]]
            [re-core.persistency.systems :as systems-store]
            [re-core.repl.selection :refer [ip]]
            [re-mote.repl.base :refer [quoted target]]
            [reops.process :as process]))

(defn- words
  "What logs in, as ssh has it."
  [pair]
  (let [{[host] :hosts :as this} (of-systems [pair] :ip)
        {:keys [user port jump known-hosts] [key] :keys} (target this host)]
    (into ["ssh"] cat
          [(when port ["-p" (str port)])
           (when key ["-i" key "-o" "IdentitiesOnly=yes"])
           (when jump ["-J" jump])
           (when known-hosts ["-o" (str "UserKnownHostsFile=" (string/join " " known-hosts))])
           [(str user "@" host)]])))

(defn- command
  "What a person would type to log in."
  [pair]
  (string/join " " (map quoted (words pair))))

(defn- open
  "Opens a pane of tmux, or with :window a window, in which a command runs."
  [[_ {:keys [machine]} :as pair] {:keys [window]}]
  (process/check (if window
                   ["tmux" "new-window" "-n" (:hostname machine) (command pair)]
                   ["tmux" "split-window" (command pair)])))

(defn- here
  "Gives this terminal to the logins, one after the other; where there is none it prints what to type."
  [pairs]
  (doseq [pair pairs]
    (when (next pairs)
      (println (get-in (second pair) [:machine :hostname])))
    (when-not (process/at-terminal (words pair))
      (println (command pair)))))

(defn ssh-into
  "Logs in to the machines that f chooses and that run, with ssh. In tmux each gets a pane, or with {:window true} a window; elsewhere, and with
  {:here true}, this terminal is theirs, one after the other, until they are left. Where there is no terminal it prints what to type.

    (ssh-into (matching (*id)))
    (ssh-into (typed :redis) {:window true})"
  {:category :systems}
  ([] (ssh-into ip))
  ([f] (ssh-into f {}))
  ([f options]
   (let [running (filter ip (filter f (systems-store/all)))
         tmux? (not (string/blank? (System/getenv "TMUX")))]
     (cond
       (empty? running) (println "None of these machines runs.")
       (and tmux? (not (:here options))) (run! #(open % options) running)
       :else (here running)))))
