(ns re-mote.repl.repeating
  "Doing it again: on hosts that failed, in another way, or on a few hosts after the other."
  (:require [re-mote.history :as history]
            [re-mote.patterns :as patterns]
            [re-mote.repl.base :as base :refer [left pair-or-emptied piped targets]]
            [re-mote.repl.history :as earlier]
            [re-mote.repl.interrupts :refer [given-up? held interrupt-again or-when-given-up]]
            [re-mote.repl.results :as results :refer [entries failed? merge-results reason]]))

(defn- bad-argument [message hint]
  (throw (ex-info message {:type :re-mote/bad-argument :hint hint})))

;; --- again ---------------------------------------------------------------------------------------------------------------

(def ^:private never-again
  "Reasons that no further try takes away; of a login that was refused, another may close the account."
  #{:auth :hostkey :config})

(defn- worth-a-retry?
  "Whether an operation may be done again after this entry: when it has certainly not started; with repeat, whatever failed."
  [{:keys [reasons repeat]}]
  (fn [entry]
    (and (failed? entry)
         (not (never-again (reason entry)))
         (or repeat (= -1 (:code entry)))
         (or (nil? reasons) (contains? reasons (reason entry))))))

(defn- retry-options [options]
  (let [{:keys [times reasons] :as options} (if (number? options) {:times options} options)
        never (filter never-again reasons)]
    (when (seq never)
      (bad-argument (str "retry does not try again after " (first never))
                    "Another try would end the same way, or close the account. (rerun-failed) is for when you have mended it."))
    (when-not (or (nil? times) (pos-int? times))
      (bad-argument (str "retry needs a number of times, found " (pr-str times)) "(retry 3) or (retry {:times 3 :wait 500})"))
    (merge {:times 3 :wait 1000} options (when reasons {:reasons (set reasons)}))))

(defn- only-hosts [this hosts] (assoc this :hosts (vec hosts)))

(defn- waited?
  "Whether the time has passed and nothing is given up."
  [ms]
  (try
    (when (pos? ms) (Thread/sleep ms))
    (catch InterruptedException _ (interrupt-again)))
  (not (given-up?)))

(defn retry
  "Does the last operation again on the hosts where it certainly did not start (code -1), up to n times, waiting a second before
  the first try and twice as long before each further one. Never after :auth, :hostkey or :config. Options:
    :times    how often (3)
    :wait     milliseconds before the first try (1000)
    :reasons  only after these, such as #{:timeout/connect :refused}
    :repeat   true: also where it has started, or may have (any code but 0)
  Entries of hosts that were tried again have :tries.

    (run (exec hs \"uptime\") | (retry 3) | (pretty))
    (run (exec hs \"apt-get -q update\") | (retry {:times 2 :reasons #{:exit} :repeat true}) | (pretty))"
  {:category :pipeline}
  ([this results] (retry this results {}))
  ([this results options]
   (let [{:keys [times wait] :as options} (retry-options options)
         again (or (:again (meta results))
                   (bad-argument "retry has no operation to repeat"
                                 "It stands after one, such as exec: (run (exec hs \"uptime\") | (retry 3) | (pretty))."))
         again? (worth-a-retry? options)]
     (held
      (loop [results results, attempt 1, wait wait]
        (let [here (set (targets this))
              hosts (map :host (filter #(and (here (:host %)) (again? %)) (entries results)))
              cancelled [(base/stopped-by this base/cancelled) results]]
          (cond
            (or (empty? hosts) (> attempt times)) [this results]
            (not (waited? wait)) cancelled
            :else
            (let [chosen (set hosts)
                  [after results] (or-when-given-up cancelled (again (only-hosts this hosts) results))
                  tried (results/map-entries #(cond-> % (chosen (:host %)) (assoc :tries (inc attempt))) results)]
              (if-let [stopped (:stopped-by (meta after))]
                [(base/stopped-by this stopped) tried]
                (recur tried (inc attempt) (* 2 wait)))))))))))

(defn downgrade
  "Does an operation on the hosts where the one before certainly did not start (code -1), in another way: f gets the record with
  those hosts and SSH as the way to them, the results, and the arguments. With {:repeat true} before f also on those where it may
  have started (code -2).

    (run (exec hs \"uptime\") | (downgrade exec \"uptime\") | (pretty))
    (run (exec hs \"uptime\") | (downgrade {:repeat true} exec \"uptime\") | (pretty))"
  {:category :pipeline}
  [this results f & args]
  (let [[{:keys [repeat]} f args] (if (map? f) [f (first args) (rest args)] [{} f args])
        codes (if repeat #{-1 -2} #{-1})
        here (set (targets this))
        hosts (map :host (filter #(and (here (:host %)) (codes (:code %))) (entries results)))]
    (if (empty? hosts)
      [this results]
      (let [[_ results] (apply f (assoc (only-hosts this hosts) :via :ssh) results args)]
        [this results]))))

;; --- the failed ones -------------------------------------------------------------------------------------------------------

(defn- results-with-failures? [x]
  (and (vector? x) (= 2 (count x)) (map? (second x)) (:replay (meta (second x)))))

(defn- last-pair
  "The pair of the pipeline that ended last at this prompt, also of one that ended in an error. What runs in the background does
  not count, unless the prompt has its pair."
  []
  (or (->> [(base/latest-pair) *1 *2 *3 (:pair (ex-data *e))]
           (filter results-with-failures?)
           (sort-by (comp :made meta second) >)
           first)
      (bad-argument "There is no pipeline yet that (rerun-failed) could run again"
                    "It speaks of the last one at this prompt; for another, (rerun-failed pair).")))

(defn rerun-failed
  "Runs the last pipeline of this prompt again on the hosts that failed, or that of a pair, or an earlier run (see run-of), and returns all
  results, theirs being the new ones.

    (rerun-failed)
    (rerun-failed pair)
    (rerun-failed 1)"
  {:category :pipeline}
  ([] (rerun-failed (last-pair)))
  ([pair-or-run]
   (let [[this results :as pair] (if (vector? pair-or-run) pair-or-run (earlier/result pair-or-run))
         about (:about (meta results))
         replay (or (:replay (meta results))
                    (bad-argument "This pair does not know its pipeline" "(rerun-failed pair) takes what (run …) returned."))
         names (map :host (filter failed? (entries results)))
         before (:renamed (meta results))
         ;; A pipeline with convert knows hosts by several names.
         only (set (mapcat (fn [name] (take-while some? (iterate (or before {}) name))) names))]
     (if (empty? only)
       pair
       (let [[again new-results] (history/recorded about #(pair-or-emptied (binding [base/*only* only] (replay))))
             all (merge-results results (:stage new-results) (entries new-results))
             going-on (into (set (:hosts this)) (filter only) (:hosts again))]
         (piped (fn []
                  [(left (assoc again :hosts (:hosts all)) going-on)
                   (vary-meta all assoc :replay replay :run (:run (meta new-results)))])
                about))))))

;; --- a few at a time ---------------------------------------------------------------------------------------------------------

(defn- share
  "How many of n a number is, or a percentage such as \"10%\", at least one."
  [x n what]
  (let [percent (when (string? x) (some-> (re-matches #"(\d+(?:\.\d+)?)\s*%" x) second parse-double))]
    (cond
      (pos-int? x) x
      percent (max 1 (long (Math/ceil (* n (/ percent 100.0)))))
      :else (bad-argument (str "rolling needs as " what " a number of hosts, or a percentage such as \"10%\", found " (pr-str x))
                          "(rolling hs {:batch 5 :stop-after \"10%\"} upgrade)"))))

(defn- batches
  "The hosts in batches: of one size, or of the sizes of a vector, whose last one goes on."
  [hosts batch]
  (let [sizes (map #(share % (count hosts) ":batch") (if (sequential? batch) batch [batch]))]
    (loop [left hosts sizes sizes made []]
      (if (empty? left)
        made
        (recur (drop (first sizes) left) (or (next sizes) sizes) (conj made (vec (take (first sizes) left))))))))

(defn- in-check-mode
  "f of the arguments; what changes hosts does not run there when results come from a pipeline with :check true."
  [results f & args]
  (binding [base/*check* (or base/*check* (boolean (:check results)))]
    (apply f args)))

(defn- without-result
  "An entry of a host on which nothing ran that has a result: code, reason and why."
  [code reason why]
  (fn [host]
    (base/unrun-entry host {:code code :error {:reason reason :message (str host why) :out "" :err ""}})))

(defn- ended-batch
  "The pair of a batch. When Ctrl-C came in the middle of what is no operation of ours, nobody knows how far it was."
  [this f]
  (base/checked (or-when-given-up
                 [(base/stopped-by this base/cancelled)
                  (merge-results {} nil (map (without-result -2 :cancelled " may have been worked on: its batch was given up") (:hosts this)))]
                 (pair-or-emptied (f this)))
                'rolling))

(defn- stop-of
  "Why no further batch follows one that left this record: Ctrl-C, or an answer of a person's, but not hosts that failed."
  [this]
  (let [stopped (:stopped-by (meta this))]
    (when-not (= :re-mote/no-successful-hosts (:type stopped)) stopped)))

(defn rolling
  "Works on a few hosts after the other: f gets the record with the hosts of one batch and returns a pair, as a pipeline does.
  Options:
    :batch       how many at a time: a number, a share such as \"10%\", or several, [1 5 \"25%\"], the last of which goes on (1)
    :stop-after  stop when so many hosts have failed, a number or a share of all (1); nil: never
    :pause       milliseconds between batches (0)
  Hosts that were not reached have entries with code -1 and reason :stopped. Those that f left go on.

    (rolling hs {:batch [1 \"25%\"] :stop-after 2} (fn [hs] (run (exec hs \"systemctl restart nginx\") | (pick successful))))
    (run (exec hs \"nginx -t\") | (pick successful) | (rolling {:batch 2} (fn [hs] (exec hs \"systemctl restart nginx\"))) | (pretty))"
  {:category :pipeline}
  ([this options f] (rolling this {} options f))
  ([this results {:keys [batch stop-after pause] :or {batch 1 stop-after 1 pause 0} :as options} f]
   (let [hosts (targets this)
         n (count hosts)
         ended (fn [going-on results]
                 [(left this going-on)
                  (results/repeatable results (fn [this results] (rolling this results options f)))])
         limit (when (and stop-after (pos? n)) (share stop-after n ":stop-after"))]
     (held
      (loop [left-over (batches hosts batch), results results, going-on #{}, failures 0, stopped nil]
        (let [unreached (fn [reason why]
                          (merge-results results (:stage results) (map (without-result -1 reason why) (apply concat left-over))))]
          (cond
            stopped
            (let [reason (keyword (name (:type stopped)))
                  [this results] (ended going-on (unreached reason (str " was not reached: " (:message stopped))))]
              [(base/stopped-by this stopped) results])

            (empty? left-over)
            (ended going-on results)

            (and limit (>= failures limit))
            (ended going-on (unreached :stopped (str " was not reached: " failures " of " n " hosts had failed before")))

            :else
            (let [[batch-hosts & more] left-over
                  [rest-of-batch batch-results] (ended-batch (only-hosts this batch-hosts) #(in-check-mode results f %))
                  done (entries batch-results)
                  stopped (or (stop-of rest-of-batch)
                              (when (and (seq more) (not (waited? pause))) base/cancelled))]
              (recur more
                     (merge-results results (:stage batch-results) done)
                     (into going-on (:hosts rest-of-batch))
                     (+ failures (count (filter failed? done)))
                     stopped)))))))))
