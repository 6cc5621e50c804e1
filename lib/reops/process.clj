(ns reops.process
  "Running programs on this machine: words instead of a shell's text, both outputs whole, a deadline, and Ctrl-C ends
  what runs."
  (:require [clojure.string :as string]
            [reops.secrets :as secrets]))

(defn run
  "Runs a program to its end and answers {:exit code, :out text, :err text}. The command is a list of words, the first
  of them the program, looked up in PATH; no shell takes part. A program that fails is no error here, one that cannot
  be started is.

  Options:
    :in          text (or bytes, or a secret) for its standard input, which is empty otherwise
    :dir         the folder it runs in
    :env         a map of variables added to the environment, texts or secrets; a nil value takes one out
    :clear-env   true: the environment is :env alone
    :timeout-ms  when it has passed, the program and all it started are ended, and the answer has :timed-out true
    :limit       bytes kept of each output (64 MiB); the number of lost ones is then under :dropped
    :bytes       true: outputs as byte strings; as text, what is no UTF-8 becomes U+FFFD

  The exit code of a program that signal N ended is 128 + N.

      (run [\"ls\" \"-la\" \"/\"])
      (:out (run [\"tr\" \"a-z\" \"A-Z\"] {:in \"hello\"}))   ; \"HELLO\""
  {:category :local}
  ([command] (reops.internal/run-process command))
  ([command options]
   (reops.internal/run-process command (cond-> options
                                         (:env options) (update :env update-vals secrets/reveal)
                                         (:in options) (update :in secrets/reveal)))))

(defn- failure
  "What went wrong, in a sentence: the last line of the error output says it best."
  [command {:keys [exit err timed-out]} timeout-ms]
  (let [last-line (when (string? err) (last (remove string/blank? (string/split-lines err))))]
    (str (first command)
         (if timed-out
           (str " was ended after " timeout-ms " ms")
           (str " failed with exit code " exit))
         (when last-line (str ": " last-line)))))

(defn check
  "Like run, but a program that fails, or does not end in time, is an error whose data is the answer of run with
  :type :process/failed and the :command.

      (check [\"mkdir\" \"/tmp/new\"])"
  {:category :local}
  ([command] (check command nil))
  ([command options]
   (let [result (run command options)]
     (if (and (zero? (:exit result)) (not (:timed-out result)))
       result
       (throw (ex-info (failure command result (:timeout-ms options))
                       (assoc result :type :process/failed :command (vec command))))))))

(defn output
  "The standard output of a program that succeeds, as text without the newline at its end. Fails as check does.

      (output [\"hostname\"])"
  {:category :local}
  ([command] (output command nil))
  ([command options] (string/trim-newline (:out (check command (dissoc options :bytes))))))

(defn shell
  "Has /bin/sh run a line of text, for pipes, wildcards and the like. Answers as run does, takes the same options. Words
  from elsewhere do not belong in the line, where the shell would read them as code: give them as variables.

      (shell \"ls /etc | wc -l\")
      (shell \"grep -c \\\"$WORD\\\" /etc/services\" {:env {:WORD word}})"
  {:category :local}
  ([line] (shell line nil))
  ([line options] (run ["/bin/sh" "-c" line] options)))

(defn at-terminal
  "Gives the terminal to a program until it ends, and answers its exit code; nil, and nothing runs, where nobody is at a terminal.

      (at-terminal [\"vi\" \"notes\"])"
  {:category :local}
  [command]
  (flush)
  (reops.internal/run-at-terminal command))

(defn sh
  "Like clojure.java.shell/sh: words, then options as pairs of the keywords that run knows.

      (sh \"ls\" \"-la\" :dir \"/\")"
  {:category :local}
  [& words-and-options]
  (let [[words options] (split-with (complement keyword?) words-and-options)]
    (run (vec words) (apply hash-map options))))
