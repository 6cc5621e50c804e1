(ns clojure.java.shell
  "Running programs as clojure.java.shell does. reops.process has more: deadlines, streams, errors that say what failed."
  (:require [clojure.java.io :as io]
            [reops.process :as process]))

(def ^:dynamic *sh-dir* "The folder in which sh runs programs; nil for the current one." nil)
(def ^:dynamic *sh-env* "The environment of the programs that sh runs, a map; nil for this process's own." nil)

(defmacro with-sh-dir
  "Evaluates forms with dir as the folder in which sh runs programs."
  [dir & forms]
  `(binding [*sh-dir* ~dir]
     ~@forms))

(defmacro with-sh-env
  "Evaluates forms with env, a map of all variables, as the environment of programs that sh runs."
  [env & forms]
  `(binding [*sh-env* ~env]
     ~@forms))

(defn- input-of
  [in]
  (if (or (nil? in) (string? in) (bytes? in))
    in
    (with-open [stream (io/input-stream in)]
      (slurp stream))))

(defn sh
  "Runs a program with these arguments to its end: {:exit code, :out text, :err text}. Options after the arguments:
  :in (text, a byte string, a file or reader) for its standard input, :out-enc :bytes for its output as a byte string,
  :dir for the folder it runs in, :env for a map of all its variables.

    (sh \"grep\" \"-c\" \"root\" :in (slurp \"/etc/passwd\"))"
  [& args]
  (let [[command options] (split-with string? args)
        {:keys [in out-enc dir env] :or {dir *sh-dir* env *sh-env*}} (apply hash-map options)
        answer (process/run command (cond-> {:in (input-of in)}
                                      dir (assoc :dir (str dir))
                                      (map? env) (assoc :env env :clear-env true)
                                      (= :bytes out-enc) (assoc :bytes true)))]
    (cond-> (select-keys answer [:exit :out :err])
      (= :bytes out-enc) (update :err (fn [err] (reops.bytes/decode err :lossy))))))
