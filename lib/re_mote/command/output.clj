(ns re-mote.command.output
  "Results as other programs want them."
  (:require [clojure.string :as string]
            [re-mote.repl.results :refer [entries failed?]]
            [re-mote.repl.text :as text]
            [reops.bytes :as bytes]))

(def ^:private new-line 10)

(defn- line-ends
  "Where lines of a byte string end."
  [data]
  (keep-indexed (fn [i b] (when (= new-line b) i)) (bytes/to-vector data)))

(defn- lines
  "The lines of what a host said, a string or a byte string, without their ends."
  [output]
  (cond
    (nil? output) []
    (string? output) (let [parts (string/split output #"\n" -1)]
                       (if (= "" (peek parts)) (pop parts) parts))
    :else (let [ends (line-ends output)
                size (bytes/length output)
                starts (cons 0 (map inc ends))]
            (for [[from to] (map vector starts (concat ends [size])) :when (< from size)]
              (bytes/slice output from to)))))

(defn- write [writer & parts]
  (doseq [part parts] (spit writer part)))

(defn- write-lines [writer host output prefix]
  (if prefix
    (doseq [line (lines output)] (write writer host ": " line "\n"))
    (when output (write writer output))))

(defn- outputs
  "What goes to standard output and to standard error for an entry: what the host said, or the data made of it."
  [{:keys [result error] :as entry}]
  (let [output (or error result)]
    (if (and (map? output) (contains? output :out))
      ((juxt :out :err) output)
      [(text/said entry) nil])))

(defn raw
  "Prints what hosts said as it came, in the order of the hosts: standard output to ours and standard error to ours, the host's
  name before each line; failures, in a line each, to standard error. Passes the pair on. Options:
    :prefix       false: the output stands alone, byte for byte
    :only-failed  true: nothing of those that succeeded

    (run (exec hs \"cat /etc/hostname\") | (raw))"
  {:category :output}
  ([this results] (raw this results {}))
  ([this results {:keys [prefix only-failed] :or {prefix true}}]
   (doseq [{:keys [host code error truncated] :as entry} (entries results)
           :when (or (failed? entry) (not only-failed))
           :let [[out err] (outputs entry)]]
     (write-lines *out* host out prefix)
     (write-lines *err* host err prefix)
     (doseq [[stream bytes] truncated]
       (write *err* host ": the first " (str bytes) " bytes of " (if (= :out stream) "its output" "its error output") " are missing\n"))
     (when error
       (write *err* host ": " (str code) ", " (text/one-line (:message error)) "\n")))
   (flush)
   [this results]))
