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

(defn- misbehaving
  "What hosts did of which some never answer: how many did, and by how much the latest of the others was over the deadline of the step
  that it was at, in milliseconds."
  [deadlines]
  (let [[_ {:keys [successful failure]}] (exec hs "uptime" {:fanout fanout :timeout (:exec deadlines)})
        late (fn [{{:keys [phases]} :profile {:keys [reason]} :error}]
               (let [phase (get {:timeout/connect :connect :timeout/kex :handshake :timeout/exec :exec} reason)]
                 [phase (if phase (- (phases phase) (deadlines phase)) 1e9)]))
        worst (apply max-key second (map late failure))]
    (str (count successful) " " (count failure) " " (long (second worst)) " " (frequencies (map (comp :reason :error) failure)))))

(defn- some-results
  "Of many hosts, in a few groups; no two share their text."
  [n size]
  {:hosts (mapv #(format "n%05d" %) (range n))
   :successful (mapv (fn [i] {:host (format "n%05d" i) :code 0 :result {:out (apply str (repeat size (char (+ 97 (mod i 7))))) :err ""}})
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
                 "make results" (do (reset! results (some-results 10000 1024)) nil)
                 "group" (count (string/split-lines (summary/summary @results))))]
      (println "done" said)
      (flush)
      (recur))))
