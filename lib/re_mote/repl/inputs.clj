(ns re-mote.repl.inputs
  "Secrets for commands on hosts. They stand in no command, where the host's list of processes would show them: the command reads them from
  its standard input, before the rest of that."
  (:require [re-mote.repl.words :as words]
            [reops.bytes :as bytes]
            [reops.secrets :as secrets]))

(defn- secret-variables
  "The variables of an environment that are secrets."
  [env]
  (filterv (comp secrets/secret? val) env))

(defn plain
  "An environment without what is secret in it."
  [env]
  (apply dissoc env (map key (secret-variables env))))

(defn preamble
  "The piece of shell that reads what is secret in an environment."
  [env]
  (words/reading (map key (secret-variables env))))

(defn input
  "The standard input of a command: a line for each secret of the environment, then what it is given, text, bytes or a secret. through-terminal: an
  error when there is any secret, because a terminal echoes."
  [given env through-terminal]
  (let [secret (secret-variables env)]
    (when-let [seen (and through-terminal (or (some-> (first secret) val) (when (secrets/secret? given) given)))]
      (throw (ex-info (str seen " would be seen: a terminal (:pty) echoes what is typed")
                      {:type :re-mote/secret-in-command :hint "Leave :pty out."})))
    (let [lines (apply str (map (fn [[_ x]] (str (words/line (secrets/reveal x)) "\n")) secret))
          given (secrets/reveal given)]
      (cond
        (empty? secret) given
        (bytes? given) (bytes/concat (bytes/bytes lines) given)
        :else (str lines given)))))
