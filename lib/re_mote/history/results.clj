(ns re-mote.history.results
  "Results of hosts as the history keeps them, and back: hosts that came to the same share one record, and outputs are kept up to a size."
  (:require [re-mote.patterns :as patterns]
            [re-mote.repl.results :as results :refer [entries reason]]
            [re-mote.repl.text :as text]
            [reops.secrets :as secrets]))

(def ^:private most-of-one
  "How many characters of one output are kept, the last ones."
  16384)

(def ^:private most-of-all
  "How many characters of all outputs of a run are kept, about."
  262144)

(def ^:private most-messages
  "Of how many hosts of a group the messages are kept, when they differ."
  100)

(defn- plain
  "Data as EDN gives it back, without secrets; of what is no data, the text."
  [x]
  (cond
    (string? x) (secrets/masked x)
    (or (nil? x) (boolean? x) (number? x) (keyword? x) (symbol? x) (char? x) (inst? x) (uuid? x)) x
    (map? x) (into {} (map (fn [[k v]] [(plain k) (plain v)])) x)
    (set? x) (into #{} (map plain) x)
    (sequential? x) (mapv plain x)
    :else (secrets/masked (str x))))

(defn- outcome
  "What the entries of a group have in common."
  [{:keys [code result error predicted changed] :as entry}]
  (let [said (or error result)
        commanded (or error (and (map? result) (contains? result :out)))]
    [code (reason entry) (boolean predicted) (boolean changed) (if commanded [:said (:out said) (:err said)] [:data said])]))

(defn- kept-text
  "A text under a key, as far as it is kept, and how many characters of it are not."
  [k x most]
  (let [s (secrets/masked (str x))
        over (- (count s) most)]
    (cond
      (pos? over) {k (subs s over) :cut over}
      (pos? (count s)) {k s}
      :else {})))

(defn- kept-output [[kind a b] most]
  (if (= :said kind)
    (merge-with + (kept-text :out a most) (kept-text :err b most))
    (let [data (plain a)]
      (cond
        (nil? data) {}
        (<= (count (pr-str data)) most) {:data data}
        :else (kept-text :text (text/data-text data) most)))))

(defn- kept-messages [members]
  (let [messages (distinct (keep (comp :message :error) members))
        short (comp secrets/masked text/one-line)]
    (cond
      (empty? messages) nil
      (next messages) {:messages (into {} (map (fn [{:keys [host error]}] [host (short (:message error))])) (take most-messages members))}
      :else {:message (short (first messages))})))

(defn- group
  "One outcome, and the hosts that had it."
  [[[code reason predicted changed said] members] most]
  (let [times (keep (comp :time :profile) members)]
    (merge {:hosts (patterns/fold (map :host members)) :code code}
           (when reason {:reason reason})
           (when predicted {:predicted true})
           (when changed {:changed true})
           (when (seq times) {:time [(apply min times) (apply max times)]})
           (kept-messages members)
           (kept-output said most))))

(defn compact
  "What is kept of results: {:stage \"exec\" :groups [{:hosts \"web[1-3]\" :code 0 :out \"…\"} …]}. How much of each output depends on how
  many different ones there are."
  [results]
  (let [grouped (group-by outcome (entries results))
        most (min most-of-one (max 256 (quot most-of-all (max 1 (count grouped)))))]
    {:stage (:stage results)
     :groups (mapv #(group % most) grouped)}))

(defn- entries-of [{:keys [hosts code reason predicted changed message messages out err data text time cut]}]
  (let [said {:out (or out "") :err (or err "")}]
    (for [host (patterns/expand hosts)]
      (cond-> {:host host :code code :changed (boolean changed) :profile {:time (second time)}}
        predicted (assoc :predicted true)
        cut (assoc :cut cut)
        (zero? code) (assoc :result (cond (some? data) data (some? text) text :else said))
        (and reason (zero? code)) (assoc :reason reason)
        (not (zero? code)) (assoc :error (merge {:reason reason :message (or message (get messages host))} said))))))

(defn restored
  "Results of what compact has kept of them. Entries whose output was cut say by :cut how many characters are missing."
  [{:keys [stage groups]}]
  (assoc (results/with-entries {} (into [] (mapcat entries-of) groups)) :stage stage))
