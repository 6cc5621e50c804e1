(ns re-mote.repl.summary
  "Results as a summary for people: hosts that said the same are folded into one line, failures stand last, by their reason."
  (:require [clojure.string :as string]
            [re-mote.grouping :refer [group-in-order]]
            [re-mote.patterns :as patterns]
            [re-mote.repl.results :refer [entries failed? reason results-of succeeded?]]
            [re-mote.repl.text :as text]
            [reops.ansi :as ansi]))

(def ^:private shown-lines 10)
(def ^:private shown-messages 3)

(def ^:private sentences
  "What a reason means for several hosts at once."
  {:dns "no address was found"
   :refused "the connection was refused"
   :unreachable "they cannot be reached"
   :timeout/connect "they did not answer in time"
   :timeout/kex "they accepted the connection and said nothing"
   :timeout/auth "the login did not end in time"
   :timeout/exec "the command did not end in time"
   :kex "no SSH connection came about"
   :hostkey "the host key is not known, or another one"
   :auth "the login was refused"
   :channel "they would not run a command"
   :disconnected "the connection was lost"
   :cancelled "cancelled"
   :config "the configuration cannot be followed"
   :parse "what they said cannot be read"
   :stopped "not run: too many had failed before"
   :not-confirmed "not run: not confirmed"})

(defn- sentence [code reason]
  (case reason
    :exit (str "ended with exit code " code)
    :signal (str "ended by signal " (- code 128))
    (or (sentences reason) (some-> reason name) "failed")))

(defn groups
  "What results (or a pair) come to: [{:hosts [h …] :code 0 :reason nil :said \"text\" :entries [entry …]} …], a group for each
  different outcome; successes first, failures by their reason.

    (groups (exec hs \"uname -r\"))"
  [x]
  (let [;; First what differs first: most of what is compared differs.
        outcome (fn [entry] [(text/said entry) (:code entry) (reason entry) (:predicted entry)])
        same-outcome (for [[[said code reason predicted] members] (group-in-order outcome (entries x))]
                       {:hosts (mapv :host members)
                        :code code
                        :reason reason
                        :predicted (boolean predicted)
                        :said said
                        :entries members})
        by-reason (mapcat second (group-in-order (juxt :code :reason) same-outcome))]
    (vec (concat (filter succeeded? by-reason) (filter failed? by-reason)))))

(defn- last-lines
  "The lines of a text, no more than the last n (all for nil) and how many there are before."
  [text n]
  (let [lines (string/split-lines (string/trimr (text/printable text)))
        hidden (if n (- (count lines) n) 0)]
    (remove string/blank?
            (if (pos? hidden)
              (cons (str "… " hidden " lines before") (take-last n lines))
              lines))))

(defn- names [hosts]
  (str (text/printable (patterns/fold hosts)) (when (next hosts) (str " (" (count hosts) " hosts)"))))

(defn- success-lines
  "The names with what was said beside, when it is one line, else below."
  [{:keys [hosts predicted said]} n]
  (let [lines (last-lines said n)
        head (str "  " (if predicted (ansi/style "?" :yellow) (ansi/style "✔" :green)) " " (names hosts))]
    (if (next lines)
      (cons head (map #(str "      " %) lines))
      [(string/trimr (str head " " (first lines)))])))

(defn- messages
  "What there is to say of each host of a group: of a few of them."
  [entries]
  (let [hidden (- (count entries) shown-messages)]
    (concat (map (comp text/one-line :message :error) (take shown-messages entries))
            (when (pos? hidden) [(str "… and " hidden " more")]))))

(defn- failure-lines
  "Code and message beside the name of one host; several have what they share beside, and below what they said."
  [{:keys [hosts code reason said entries]} n]
  (let [[{:keys [error]}] entries
        several? (next hosts)
        beside (if several? (sentence code reason) (text/one-line (:message error)))
        below (concat (when (and several? (not (#{:exit :signal :stopped} reason))) (messages entries))
                      (last-lines said n))]
    (cons (string/trimr (str "  " (ansi/style "x" :red) " " (names hosts) " - " code ", " beside))
          (map #(str "      " %) below))))

(defn- number-text [x] (if (or (integer? x) (string? x)) (str x) (format "%.2f" (double x))))

(defn- aggregate-lines
  "A line for what numbers came to, or for each value that was the same on several hosts."
  [[name x]]
  (if (map? x)
    (let [{:keys [sum mean min max min-host max-host percentiles]} x]
      [(str "  Σ " (text/one-line (clojure.core/name name)) ": "
            (if (zero? (:count x))
              "no values"
              (str (:count x) " values, sum " (number-text sum) ", mean " (number-text mean)
                   ", min " (number-text min) " (" (text/one-line min-host) "), max " (number-text max)
                   " (" (text/one-line max-host) ")"
                   (apply str (map (fn [[p v]] (str ", p" p " " (number-text v))) percentiles)))))])
    (map (fn [{:keys [value hosts]}]
           (str "  Σ " (text/one-line (clojure.core/name name)) ": " (names hosts) " "
                (text/cut (text/one-line (if (and (map? value) (contains? value :out)) (:out value) (text/data-text value))) 60)))
         x)))

(defn- top-lines [top]
  (when (seq top)
    [(str "  top: " (string/join ", " (map (fn [{:keys [host value]}] (text/one-line (str host " " (pr-str value)))) top)))]))

(defn- each-alone [group]
  (map (fn [entry] (assoc group :hosts [(:host entry)] :entries [entry])) (:entries group)))

(defn summary
  "Results (or a pair) as text, a line for each different outcome with its hosts. Options:
    :only-failed  true: nothing of those that succeeded
    :fold         false: a line for each host
    :lines        how many lines of an output to show, its last ones (10); nil for all

    (print (summary (exec hs \"uptime\") {:only-failed true}))"
  {:category :output}
  ([x] (summary x {}))
  ([x {:keys [only-failed fold lines] :or {fold true lines shown-lines}}]
   (let [all (groups x)
         shown (cond->> all
                 only-failed (remove (comp zero? :code))
                 (not fold) (mapcat each-alone))]
     (apply str (map #(str % "\n")
                     (concat (mapcat #(if (zero? (:code %)) (success-lines % lines) (failure-lines % lines)) shown)
                             (mapcat aggregate-lines (:aggregate (results-of x)))
                             (top-lines (:top (results-of x)))))))))
