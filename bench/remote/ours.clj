;; Our program as bench/remote/run measures it: it stays, does a step for each line it reads, and answers with one. Arguments are a file of
;; addresses and how many of them to work on at a time.
(require '[clojure.string :as string]
         '[re-mote.repl.summary :as summary])

(def ^:private hs (hosts (string/split-lines (slurp (first *command-line-args*)))))
(def ^:private fanout (parse-long (second *command-line-args*)))

(defn- check [[_ {:keys [failure]} :as pair]]
  (when-let [{:keys [host error]} (first failure)]
    (throw (ex-info (str (count failure) " hosts failed, such as " host ": " (:message error)) {})))
  pair)

(defn- uptime
  ([] (uptime hs))
  ([hs] (check (exec hs "uptime" {:fanout fanout}))))

(defn- late
  "By how many milliseconds the latest host is over the deadline of the step that it was at. Commands are measured from when the last
  host that was well has ended: they have all begun by then."
  [{:keys [successful failure]} deadlines]
  (let [all-running (apply max (map (comp :end :profile) successful))]
    (apply max (for [{{:keys [phases end]} :profile {:keys [reason]} :error} failure]
                 (case reason
                   :timeout/connect (- (:connect phases) (:connect deadlines))
                   :timeout/kex (- (:handshake phases) (:handshake deadlines))
                   :timeout/exec (- end all-running (:exec deadlines)))))))

(defn- misbehaving
  "What hosts did of which some never answer: how many did and did not, how late the latest was, and why."
  [deadlines]
  (let [[_ {:keys [successful failure] :as results}] (exec hs "uptime" {:fanout fanout :timeout (:exec deadlines)})]
    (str (count successful) " " (count failure) " " (long (late results deadlines)) " " (frequencies (map (comp :reason :error) failure)))))

(defn- some-results
  "Of many hosts, in a few groups; no two share their text, of lines of 64 bytes."
  [n lines]
  {:hosts (mapv #(format "n%05d" %) (range n))
   :successful (mapv (fn [i] {:host (format "n%05d" i) :code 0 :result {:out (apply str (repeat lines (str (apply str (repeat 63 (char (+ 97 (mod i 7))))) "\n"))) :err ""}})
                     (range n))
   :failure []
   :stage "exec"})

(def ^:private results (atom nil))

(println "ready")
(flush)
(loop []
  (when-let [line (read-line)]
    (let [said (case line
                 "exec" (count (:successful (second (uptime))))
                 "first" (count (:successful (second (uptime (update hs :hosts (partial take 1))))))
                 "misbehaving" (misbehaving {:connect 10000 :handshake 15000 :exec 10000})
                 "make results" (do (reset! results (some-results 10000 16)) nil)
                 "group" (count (string/split-lines (summary/summary @results))))]
      (println "done" said)
      (flush)
      (recur))))
