(ns re-mote.command.output
  "Results as other programs want them."
  (:require [clojure.string :as string]
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

(defn raw
  "Prints what hosts said as it came, in the order of the hosts: standard output to ours and standard error to ours, the host's
  name before each line; failures, in a line each, to standard error. With :prefix false the output stands alone. Passes the
  pair on.

    (run (exec hs \"cat /etc/hostname\") | (raw))"
  {:category :output}
  ([this results] (raw this results {}))
  ([this {:keys [successful failure hosts] :as results} {:keys [prefix] :or {prefix true}}]
   (let [by-host (into {} (map (juxt :host identity)) (concat successful failure))]
     (doseq [host hosts
             :let [{:keys [code error result raw]} (by-host host)
                   {:keys [out err]} (or error raw result)]]
       (write-lines *out* host out prefix)
       (write-lines *err* host err prefix)
       (when error
         (write *err* host ": " (str code) ", " (string/replace (str (:message error)) #"\s+" " ") "\n")))
     (flush)
     [this results])))
