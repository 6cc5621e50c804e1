(ns re-mote.repl.stages
  "Stages that change results, or say who goes on. Each gets the record, the results and its own arguments, and returns a pair;
  so does any function of yours."
  (:require [clojure.string :as string]
            [re-mote.patterns :as patterns]
            [re-mote.repl.base :refer [left stopped-by]]
            [re-mote.repl.results :as results :refer [entries map-entries succeeded? value-of]]))

;; --- other names, other data ---------------------------------------------------------------------------------------------

(defn- new-names
  "The name that f gives each host: all that go on need one, those that were left behind may keep theirs."
  [f going-on all]
  (let [named (into {} (map (fn [host] [host (or (f host) (when-not (going-on host) host))])) all)
        missing (keep (fn [[host name]] (when-not (string? name) host)) named)
        clash (first (filter #(< 1 (count (val %))) (group-by named all)))]
    (cond
      (seq missing)
      (throw (ex-info (str "convert has no name for " (patterns/fold missing))
                      {:type :re-mote/bad-host :hint "Its function, or map, returns a string for every host."}))
      clash
      (throw (ex-info (str "convert gives " (patterns/fold (val clash)) " the same name, " (key clash))
                      {:type :re-mote/bad-host :hint "Every host needs a name of its own: it has one entry in the results."})))
    named))

(defn convert
  "Goes on under other names, such as those by which agents know the hosts: f is a function, or a map, from name to name. The
  record and the results are renamed, so that every host still has one entry.

    (run (exec hs \"hostname\") | (pick successful) | (convert {\"web1\" \"web1.example.org\" \"web2\" \"web2.example.org\"}) | (pretty))"
  {:category :pipeline}
  [this results f]
  (let [all (distinct (concat (:hosts this) (:hosts results)))
        renamed (new-names f (set (:hosts this)) all)
        rename (fn [name] (get renamed name name))
        changed (into {} (remove (fn [[old new]] (= old new))) renamed)]
    [(cond-> (update this :hosts (partial mapv rename))
       (get-in this [:auth :hosts]) (update-in [:auth :hosts] update-keys rename))
     (cond-> results
       (:hosts results) (update :hosts (partial mapv rename))
       (:successful results) (update :successful (partial mapv #(update % :host rename)))
       (:failure results) (update :failure (partial mapv #(update % :host rename)))
       true (vary-meta update :renamed merge (into {} (map (fn [[old new]] [new old])) changed)))]))

(defn enrich
  "Adds to every entry: with a name, :type (\"cpu\", and \"cpu.fail\" of a failure) and :timestamp in milliseconds; with a map,
  that; with a function, the map that it makes of the entry.

    (run (exec hs \"cat /proc/loadavg\") | (enrich \"load\") | (to-json \"load.json\"))
    (run (exec hs \"uptime\") | (enrich {:team \"web\"}))"
  {:category :pipeline}
  [this results with]
  (let [more (cond
               (map? with) (constantly with)
               (fn? with) with
               :else (fn [entry]
                       {:type (str (name with) (when-not (succeeded? entry) ".fail"))
                        :timestamp (get-in entry [:profile :end] (System/currentTimeMillis))}))]
    [this (map-entries #(merge % (dissoc (more %) :host)) results)]))

(defn split
  "Makes documents of results, for what stores them: :documents has a map for each item of what a host yielded, with its
  :host. f makes the items of an entry; without it they are the result, or its items. The entries stay as they are.

    (run (ls hs \"/var/log\") | (split) | (null))
    (second (run (exec hs \"uptime\") | (split (fn [entry] [{:line (:out (:result entry))}]))))"
  {:category :pipeline}
  ([this results]
   (split this results (fn [{:keys [result]}] (if (sequential? result) result [result]))))
  ([this results f]
   (let [document (fn [{:keys [host uuid type timestamp]} item]
                    (cond-> {:host host :uuid uuid}
                      type (assoc :type type)
                      timestamp (assoc :timestamp timestamp)
                      true (merge (if (map? item) (dissoc item :host :uuid) {:value item}))))]
     [this (assoc results :documents (into [] (mapcat (fn [entry] (map #(document entry %) (f entry))))
                                           (filter succeeded? (entries results))))])))

(defn null
  "Drops the results: what follows starts with none.

    (run (exec hs \"true\") | (pick successful) | (null) | (exec \"uptime\") | (pretty))"
  {:category :pipeline}
  [this _results]
  [this {}])

(defn by-code
  "The entries by their code: {0 [entry …] 1 [entry …] -1 [entry …]}, of results or a pair. As a stage it puts them into the
  results as :by-code.

    (by-code (exec hs \"systemctl is-active nginx\"))
    (run (exec hs \"systemctl is-active nginx\") | (by-code))"
  {:category :pipeline}
  ([x] (group-by :code (entries x)))
  ([this results] [this (assoc results :by-code (by-code results))]))

;; --- order ---------------------------------------------------------------------------------------------------------------

(defn- value-order
  "Compares values, of which some may be missing: those come last."
  [order]
  (let [three-way (condp = order < compare > (fn [a b] (compare b a)) (comparator order))]
    (fn [a b]
      (cond
        (or (nil? a) (nil? b)) (compare (nil? a) (nil? b))
        :else (try
                (three-way a b)
                (catch ClassCastException _
                  (throw (ex-info (str "Results cannot be sorted by values as different as " (pr-str a) " and " (pr-str b))
                                  {:type :re-mote/not-comparable
                                   :hint "Sort by a function that makes a number, or a text, of every entry."}))))))))

(defn sort-results
  "Sorts the hosts by a value of their entries: a keyword or path into the result or the entry, or a function of the entry.
  Those without one come last. With > the greatest comes first.

    (run (exec hs \"nproc\") | (sort-results [:profile :time]) | (table))
    (run (ls hs \"/var/log\") | (sort-results (comp count :result) >) | (pretty))"
  {:category :pipeline}
  ([this results k] (sort-results this results k <))
  ([this results k order]
   (let [all (vec (sort-by (partial value-of k) (value-order order) (entries results)))
         position (zipmap (map :host all) (range))]
     [(assoc this :hosts (vec (sort-by #(position % (count all)) (:hosts this))))
      (results/with-entries results all)])))

(defn top
  "Goes on with the n hosts whose value is the greatest, as sort-results sorts by >; :top in the results has them, and the results
  are sorted so.

    (run (exec hs \"true\") | (top 3 [:profile :time]) | (exec \"ps aux --sort -pcpu | head -5\") | (pretty))"
  {:category :pipeline}
  [this results n k]
  (let [[this results] (sort-results this results k >)
        here (set (:hosts this))
        chosen (take n (filter (fn [entry] (and (here (:host entry)) (succeeded? entry) (some? (value-of k entry))))
                               (entries results)))]
    [(left this (map :host chosen))
     (assoc results :top (mapv (fn [entry] {:host (:host entry) :value (value-of k entry)}) chosen))]))

;; --- on the side -----------------------------------------------------------------------------------------------------------

(defn tee
  "Gives the pair to a function on the side, whatever that returns, and passes it on.

    (run (exec hs \"uptime\") | (tee (fn [hs results] (spit \"uptime.edn\" (pr-str results)))) | (pretty))
    (run (exec hs \"uptime\") | (tee to-json \"uptime.json\") | (pretty))"
  {:category :pipeline}
  [this results f & args]
  (apply f this results args)
  [this results])

(defn agreed?
  "Reads an answer: whether it is yes."
  {:no-doc true}
  []
  (contains? #{"y" "yes"} (some-> (read-line) string/trim string/lower-case)))

(defn confirm
  "Asks whether to go on with the hosts that are left, and goes on only after y or yes; at the end of the input the answer is no.
  Otherwise the operations that follow are skipped, and the pipeline ends in an error.

    (run (exec hs \"nginx -t\") | (pick successful) | (confirm \"Restart nginx?\") | (exec \"systemctl restart nginx\") | (pretty))"
  {:category :pipeline}
  ([this results] (confirm this results "Go on?"))
  ([this results question]
   (let [hosts (:hosts this)]
     (when (seq hosts)
       (print (str question " " (patterns/fold hosts) (when (next hosts) (str " (" (count hosts) " hosts)")) " [y/N] "))
       (flush))
     [(if (or (empty? hosts) (agreed?))
        this
        (stopped-by this {:type :re-mote/not-confirmed
                          :message "not confirmed"
                          :hint "Nothing that follows was run; (:pair (ex-data *e)) has all entries."}))
      results])))
