(ns re-mote.repl.base
  "Pipelines, and the operations on hosts that everything else is composed of.

  An operation takes a record (here Hosts) and returns a pair [record results]. A stage takes the record, the results and
  its own arguments, and returns a pair again. run threads pairs through stages:

    (run (ls hs \"/\" \"-la\") | (pick successful) | (pretty \"listing\"))

  Results of hosts are {:hosts [h …] :successful [entry …] :failure [entry …] :stage \"exec\"}, with exactly one entry, the
  latest, for every host first targeted. An entry is {:host :code :result :changed :uuid :profile}; a failed one has :error."
  (:require [clojure.string :as string]
            [re-mote.history :as history]
            [re-mote.native-module :as ssh]
            [re-mote.patterns :as patterns]
            [re-mote.repl.interrupts :refer [given-up? held interrupt-again or-when-given-up]]
            [re-mote.repl.inputs :as inputs]
            [re-mote.repl.listings :as listings]
            [re-mote.repl.results :as results :refer [merge-results new-uuid]]
            [re-mote.repl.summary :as summary]
            [re-mote.repl.text :as text]
            [re-mote.repl.words :as words]
            [reops.config :refer [config]]
            [reops.secrets :as secrets]
            [reops.template :as template]))

;; --- records ---------------------------------------------------------------------------------------------------------

(defrecord Hosts [auth hosts])

(defn- without-plain-passwords
  "What is said of hosts, with passwords that do not show when it is printed."
  [auth]
  (let [hidden (fn [{:keys [password] :as of}] (cond-> of (string? password) (assoc :password (secrets/secret "password" password))))]
    (cond-> (hidden auth)
      (:hosts auth) (update :hosts update-vals hidden))))

(defn via
  "The record, reached by the transport that :via of auth names, if it names one."
  {:no-doc true}
  [this auth]
  (cond-> this (:via auth) (assoc :via (:via auth))))

(defn hosts
  "Hosts to work on over SSH: a vector of names, or a pattern such as \"web[01-20].dc1\" (several, with commas between).
  auth may name :user :port :key (a private key file) :jump (through which hosts, as ProxyJump has it) :password (:ask asks for it, once)
  :questions (what else is asked at the login, such as codes: :ask asks you, one host after the other, or a function that gets
  {:host :user :name :instruction :prompt :echo} answers with a string, or nil)
  :host-keys (what is done with new host keys, by network: {\"10.0.0.0/8\" :accept-new, \"10.9.0.0/16\" :strict}), and per host the same
  under :hosts {\"web1\" {…}}; what it leaves out comes from ~/.ssh/config. :via names another way to reach them than SSH.

    (hosts [\"web1\" \"web2\"])
    (hosts \"web[1-3],db1\" {:user \"admin\"})"
  {:category :hosts}
  ([names] (hosts names {}))
  ([names auth]
   (let [names (if (string? names) (patterns/expand names) (vec (distinct names)))]
     (when-let [odd (first (remove string? names))]
       (throw (ex-info (str "A host is named by a string, found " (pr-str odd)) {:type :re-mote/bad-host})))
     (via (->Hosts (without-plain-passwords (dissoc auth :via)) names) auth))))

(defn single
  "One host.

    (single \"web1\")
    (single \"192.0.2.7\" {:user \"admin\" :port 2222})"
  {:category :hosts}
  ([host] (single host {}))
  ([host auth] (->Hosts (without-plain-passwords auth) [host])))

;; --- pipelines -------------------------------------------------------------------------------------------------------

(defprotocol Concluding
  "What happens to a pair when its pipeline ends."
  (conclude [this results] "Returns the pair, or throws."))

(defprotocol Specified
  "What results of a record look like."
  (problem [this results] "What is wrong with the results that a stage returned, as a sentence; nil when nothing is."))

(defn- broken [stage wrong hint]
  (throw (ex-info (str "The stage " (pr-str stage) " returned " wrong) {:type :re-mote/broken-stage :hint hint})))

(defn- pair? [x] (and (vector? x) (= 2 (count x))))

(defn checked
  "The pair x, or a readable error naming the stage that did not return one."
  [x stage]
  (when-not (pair? x)
    (broken stage (str (if (nil? x) "nil" (pr-str (type x))) ", not a pair [record results]")
            "A stage takes the record and the results first, and returns [record results]."))
  (let [[this results] x]
    (when-let [wrong (when (satisfies? Specified this) (problem this results))]
      (broken stage "results that are none" wrong)))
  x)

(defn stopped-by
  "The record when nobody is left to go on with: its pipeline ends in this error, {:type :message :hint}, after its output
  stages have run."
  [this error]
  (vary-meta (assoc this :hosts []) assoc :stopped-by error))

(defn- ends-pipelines?
  "Whether an error is the one with which a pipeline ended that had nobody left."
  [error]
  (:stopped-by (meta (first (:pair (ex-data error))))))

(defn emptied-pair
  "The pair of the error with which a pipeline ended that had nobody left; any other error is thrown on. So the output
  stages of a pipeline around that one run too, and it ends in the same error."
  [error]
  (let [found (first (filter ends-pipelines? (take-while some? (iterate ex-cause error))))]
    (if found
      (:pair (ex-data found))
      (throw error))))

(defmacro pair-or-emptied
  "What the forms return, which is a pair; that of the error, when a pipeline among them ended with nobody left."
  [& forms]
  (let [error (gensym "error")]
    `(try ~@forms (catch Exception ~error (emptied-pair ~error)))))

(defn- stage-name
  "What to call a step in an error: the function that it calls, for (| source (f x)) f."
  [form]
  (cond
    (not (seq? form)) form
    (and (symbol? (first form)) (= "|" (name (first form))) (seq? (last form))) (first (last form))
    :else (first form)))

(defn- delayed?
  "Whether a stage is given what is before it as a function, to call or not: its var says so."
  [f locals]
  (and (symbol? f) (not (contains? locals f)) (:delayed (meta (resolve f)))))

(def cancelled
  "Why nothing more of a pipeline runs after Ctrl-C."
  {:type :re-mote/cancelled
   :message "cancelled"
   :hint "(:pair (ex-data *e)) has all entries, those of commands that were given up with what they had said."})

(defn- interrupted-pair
  "A pair with nobody left to go on with, as Ctrl-C ends a pipeline; of a record that has no hosts to leave out, the error."
  [[this results]]
  (if (and (map? this) (contains? this :hosts))
    [(stopped-by this cancelled) results]
    (throw (InterruptedException. "Interrupted"))))

(defn- as-interrupted
  "A pair, and the same with nobody left when there was a Ctrl-C meanwhile."
  [pair]
  (if (given-up?) (interrupted-pair pair) pair))

(defn staged
  "One step of a pipeline: stage, a function of record and results, after source, a function that returns a pair; name is what
  source is called in errors. A stage that Ctrl-C ends leaves what there was before it."
  {:no-doc true}
  [source name stage]
  (held
   (let [[this results :as pair] (as-interrupted (checked (pair-or-emptied (source)) name))]
     (or-when-given-up (interrupted-pair pair)
       (stage this results)))))

(defmacro |
  "One step of a pipeline: (| source (f args)) is (let [[this results] source] (f this results args)).

    (| (| (ls hs \"/\" \"-la\") (pick successful)) (pretty))"
  {:category :pipeline}
  [source [f & args]]
  (if (delayed? f &env)
    `(~f (fn [] ~source) ~@args)
    (let [this (gensym "this"), results (gensym "results")]
      `(staged (fn [] ~source) '~(stage-name source) (fn [~this ~results] (~f ~this ~results ~@args))))))

(defn ended
  "The end of every pipeline: gives the record a say (see Concluding) and returns what the last stage returned."
  [result]
  (if (and (pair? result) (satisfies? Concluding (first result)))
    (conclude (first result) (second result))
    result))

(defn- replayable
  "A pair whose results know the pipeline that they come from, a function, what the history says of it, and which of two came later."
  [result pipeline about]
  (if (and (pair? result) (map? (second result)))
    (update result 1 vary-meta assoc :replay pipeline :about about :made (System/nanoTime))
    result))

(def ^:private latest
  "The pair of the pipeline that ended last on each thread."
  (ThreadLocal.))

(defn latest-pair
  "The pair of the pipeline that ended last on this thread, or nil."
  []
  (.get latest))

(defn piped
  "Runs a pipeline, a function that returns a pair, to its end. about is what the history says of it, as re-mote.history/about makes it."
  ([pipeline] (piped pipeline nil))
  ([pipeline about]
   (held
    (let [result (history/recorded about (fn []
                                           (let [made (pipeline)]
                                             (replayable (cond-> made (pair? made) as-interrupted) pipeline about))))]
      (when (:replay (meta (results/results-of result)))
        (.set latest result))
      ;; Writing it down takes its time, too.
      (ended (cond-> result (pair? result) as-interrupted))))))

(defmacro run
  "Runs a pipeline: (run source | (stage args) | …) nests from left to right, each stage getting the pair of the one
  before it, and returns the last pair.

    (run (ls hs \"/\" \"-la\") | (pick successful) | (pretty))"
  {:category :pipeline}
  [source & stages]
  (let [pairs (partition-all 2 stages)
        bar? (fn [x] (and (symbol? x) (= "|" (name x))))]
    (when-let [odd (first (remove (fn [[bar stage]] (and (bar? bar) (seq? stage))) pairs))]
      (throw (ex-info (str "A pipeline is (run source | (stage) | (stage) …); found " (pr-str (vec odd)))
                      {:type :re-mote/bad-pipeline})))
    `(piped (fn [] ~(reduce (fn [source [_ stage]] (list `| source stage)) source pairs))
            ~(history/about &form (keys &env)))))

(defmacro run>
  "The same as run, kept for those who know the original.

    (run> (ls hs \"/\" \"-la\") | (pick successful) | (pretty))"
  {:category :pipeline}
  [source & stages]
  `(run ~source ~@stages))

;; --- results ---------------------------------------------------------------------------------------------------------

(defn successful
  "For pick: the hosts whose latest entry is a success.

    (run (exec hs \"true\") | (pick successful) | (exec \"uptime\") | (pretty))"
  {:category :pipeline}
  [success _failure _hosts]
  (map :host success))

(defn failed
  "For pick: the hosts whose latest entry is a failure.

    (run (exec hs \"systemctl is-active nginx\") | (pick failed) | (exec \"systemctl start nginx\") | (pretty))"
  {:category :pipeline}
  [_success failure _hosts]
  (map :host failure))

(defn- twice
  "A host that has two entries, or nil."
  [entries]
  (when-not (apply distinct? nil (map :host entries))
    (ffirst (filter (comp #(< 1 %) val) (frequencies (map :host entries))))))

(extend-type Hosts
  Specified
  (problem [_ results]
    (let [all (when (map? results) (concat (:successful results) (:failure results)))]
      (cond
        (not (map? results))
        "Results of hosts are a map {:hosts [h …] :successful [entry …] :failure [entry …]}."
        (not-every? (fn [entry] (and (:host entry) (:code entry))) all)
        "Every entry of :successful and :failure has a :host and a :code."
        (twice all)
        (str "Every host has one entry, and " (twice all) " has two. What is more than one thing of a host is its :result."))))

  Concluding
  (conclude [this results]
    (if-let [{:keys [message] :as error} (and (empty? (:hosts this)) (:stopped-by (meta this)))]
      (throw (ex-info message (assoc (dissoc error :message) :pair [this results])))
      [this results])))

(def ^:private nobody-left
  {:type :re-mote/no-successful-hosts
   :message "no successful hosts"
   :hint "pick left nobody to go on with; (:pair (ex-data *e)) has all entries."})

(defn left
  "The record with those of its hosts that are among these, in its order; when that is nobody, its pipeline ends in an
  error."
  [this hosts]
  (let [wanted (set hosts)
        going-on (filterv wanted (:hosts this))]
    (if (seq going-on)
      (assoc this :hosts going-on)
      (stopped-by this (or (:stopped-by (meta this)) nobody-left)))))

(defprotocol Select
  "Choosing the hosts that a pipeline goes on with."
  (^{:category :pipeline} pick [this f] [this results f]
    "Narrows the record, never the results: f gets the successful entries, the failed ones and the hosts, and returns the
  hosts to go on with. When nobody is left, later operations are skipped and the pipeline ends in the error
  \"no successful hosts\". Without results, f is a predicate on host names.

    (run (exec hs \"true\") | (pick successful) | (exec \"uptime\") | (pretty))"))

(extend-type Hosts
  Select
  (pick
    ([this f] [(update this :hosts (partial filterv f)) {}])
    ([this results f]
     (let [here (set (:hosts this))]
       [(left this (f (filterv (comp here :host) (:successful results))
                      (filterv (comp here :host) (:failure results))
                      (:hosts this)))
        results]))))

;; --- running commands ------------------------------------------------------------------------------------------------

(def ^:dynamic *only*
  "The names of the hosts that operations work on for now, a set; nil for all of a record. (rerun-failed) runs a pipeline
  again with it."
  nil)

(def ^:dynamic *check*
  "True: nothing that changes hosts runs, whatever the options say."
  false)

(def ^:dynamic *progress*
  "Whether operations show on a terminal how far they are. Those in the background do not: the line is the prompt's."
  true)

(defn targets
  "The hosts of a record that an operation works on."
  [this]
  (into [] (comp (distinct) (filter (or *only* any?))) (:hosts this)))

(defn target
  "What the SSH engine needs to know of one host."
  [{:keys [auth]} host]
  (let [{:keys [user port key ssh-port ssh-key address jump password questions host-keys known-hosts]} (merge {:host-keys (config :ssh :host-keys)} (dissoc auth :hosts) (get-in auth [:hosts host]))]
    (cond-> {:host host}
      address (assoc :address address)
      jump (assoc :jump jump)
      user (assoc :user user)
      password (assoc :password (secrets/reveal password))
      questions (assoc :questions questions)
      known-hosts (assoc :known-hosts known-hosts)
      host-keys (assoc :host-keys host-keys)
      (or port ssh-port) (assoc :port (or port ssh-port))
      (or key ssh-key) (assoc :keys [(or key ssh-key)]))))

(defn- entry
  "The entry of one outcome of the transport."
  [{:keys [host code reason message out err start end time] :as outcome} {:keys [changed parse call]}]
  (let [{:keys [profile truncated]} (ssh/details outcome)
        base (cond-> {:host host
                      :code code
                      :result nil
                      :changed (boolean (if (and (fn? changed) (zero? code)) (changed out) changed))
                      :uuid (new-uuid)
                      :profile (merge {:start start :end end :time time} profile)}
               truncated (assoc :truncated truncated))
        raw {:out out :err err}
        unread (fn [reason error]
                 (-> (dissoc base :result)
                     (assoc :code 256
                            :error {:reason reason :message (str "cannot read what " host " said: " (ex-message error))
                                    :out out :err err})))
        made (fn [f x]
               (try
                 (assoc base :result (f x) :raw raw)
                 (catch InterruptedException e
                   (interrupt-again)
                   (unread :cancelled e))
                 (catch Exception e (unread :parse e))))]
    (cond
      ;; What certainly did not start changed nothing.
      (not (zero? code))
      (-> (dissoc base :result)
          (assoc :changed (and (boolean changed) (not= -1 code))
                 :error {:reason reason :message message :out out :err err})
          (cond-> (contains? outcome :killed) (assoc :killed (:killed outcome))))

      (contains? outcome :value)
      (made (:shape call) (:value outcome))

      (nil? parse)
      (assoc base :result raw)

      :else
      (made parse out))))

(defn unrun-entry
  "The entry of a host on which nothing ran."
  [host more]
  (let [now (System/currentTimeMillis)]
    (merge {:host host :changed false :uuid (new-uuid) :profile {:start now :end now :time 0}} more)))

(defn- unchecked-entry
  "The entry of a host on which, in check mode, an operation did not run that cannot say what it would do."
  [host]
  (unrun-entry host {:code 0 :result nil :predicted true :reason :no-check}))

(defn variables
  "The variables of a host: those that the record has for it, in :auth under :vars and {:hosts {\"web1\" {:vars …}}}, where inventories
  put theirs, and \"host\", its name. Their names are strings.

    (variables (hosts \"web1\" {:vars {:rack \"a\"}}) \"web1\") ;=> {\"host\" \"web1\", \"rack\" \"a\"}"
  {:category :hosts}
  [{:keys [auth]} host]
  (into {"host" host}
        (map (fn [[k v]] [(if (keyword? k) (subs (str k) 1) (str k)) v]))
        (concat (:vars auth) (get-in auth [:hosts host :vars]))))

(defn per-host
  "A command that differs between hosts, for exec and what else takes one: a text with holes, {{rack}}, into which the variables of a
  host go as words of the shell, quoted (sections and the like as in reops.template), or a function of its variables, a map by
  strings. On a host without such a variable nothing is run, and that is its failure. What the inventory keeps secret goes into no
  command, but into the text of :stdin, as it is with three braces.

    (run (exec hs (per-host \"echo {{host}} is in rack {{rack}}\")) | (pretty))
    (run (exec hs (per-host (fn [{:strs [rack]}] (script (echo ~rack))))) | (pretty))
    (run (exec hs \"ldap-login -y -\" {:stdin (per-host \"{{{ldap_password}}}\")}) | (pretty))"
  {:category :shell}
  [text-or-function]
  (with-meta (if (string? text-or-function)
               (fn [variables] (template/render text-or-function variables {:escape words/word}))
               (fn [variables] (text-or-function variables)))
    {:takes-variables true}))

(defn- command-for
  "What runs on a host: the shell of a command, with the folder and the environment that the options name."
  [this command host {:keys [env] :as options}]
  (str (inputs/preamble env)
       (words/within (cond
                       (string? command) command
                       (:takes-variables (meta command)) (command (secrets/guarded (variables this host)))
                       :else (command host))
                     (cond-> options env (update :env inputs/plain)))))

(defn- input-for
  "What goes to the standard input of a command on a host."
  [this {:keys [stdin env pty]} host]
  (inputs/input (if (:takes-variables (meta stdin)) (stdin (update-vals (variables this host) secrets/reveal)) stdin)
                env pty))

(defn- request
  "What the engine is to do on a host, or the entry of one for which there is no command."
  [this command host options]
  (let [without (fn [reason error]
                  (unrun-entry host {:code -1
                                     :error {:reason reason :message (str "no command for " host ": " (ex-message error)) :out "" :err ""}}))]
    (try
      (merge (target this host)
             (ssh/request-options (assoc options :stdin (input-for this options host)))
             {:command (command-for this command host options)})
      (catch InterruptedException e
        (interrupt-again)
        (without :cancelled e))
      (catch Exception e (without :command e)))))

(defmulti run-batch
  "Has requests carried out by the transport that :via of the record names, :ssh where it names none: the one place where a transport is
  chosen. A method gets the record, the requests, {:host :command …} each, and the options of the operation, and returns an outcome for each,
  in their order, as re-mote.native-module/run-batch does."
  {:no-doc true}
  (fn [this _requests _options] (get this :via :ssh)))

(def ^:private asking-at-a-time
  "How many hosts are logged in to at a time that may ask something: one that has to wait for many others to be answered hangs up."
  8)

(defmethod run-batch :ssh [_ requests options]
  (ssh/run-batch requests (ssh/batch-options (merge {:progress *progress*}
                                                    (when (some :questions requests) {:fanout asking-at-a-time})
                                                    options))))

(defmethod run-batch :default [this _ _]
  (throw (ex-info (str "There is no transport " (pr-str (:via this)) ": :via is one of "
                       (string/join ", " (map pr-str (sort (remove #{:default} (keys (methods run-batch)))))))
                  {:type :re-mote/no-transport})))

(defmulti call-batch
  "Like run-batch, for operations that say in :call which function does the same where the host is: a transport that can call functions does, and its
  outcomes have a :value. The others run the command."
  {:no-doc true}
  (fn [this _requests _options] (get this :via :ssh)))

(defmethod call-batch :default [this requests options]
  (run-batch this requests options))

(defn- run-on
  "The entries of a command on hosts."
  [this hosts command options]
  (let [requests (mapv #(request this command % options) hosts)
        outcomes ((if (:call options) call-batch run-batch) this (filterv :command requests) options)
        entry-of (into {} (map (juxt :host identity)) (concat (filter :code requests) (map #(entry % options) outcomes)))]
    (mapv entry-of hosts)))

(defn remote
  "Runs one command per host and returns the pair: what operations on hosts are made of. command is a string of shell, a
  function from host to one, or a per-host. Options:
    :stage    names the operation
    :changed  whether it changes the host: true, false, or a function that says so of the output
    :parse    makes the result of the output; what it throws is that host's failure, code 256
    :call     {:f :args :shape}: what an agent calls instead of running the command, and what makes the result of its value
    :fanout   how many hosts are worked on at a time
    :within   the time of the whole operation in milliseconds; what has not ended then has the reason of where it was
    :cwd      a folder that it runs in
    :env      a map of variables for its environment; those that are secrets do not show in the command
    :timeout, :stdin, :pty, :keep, :wrap, :retry  as re-mote.native-module/request-options has them
    :check    true, here or in an earlier operation of the pipeline: what changes hosts does not run. Its entries have :predicted
              true, and :reason :no-check
    :predict  a command that runs instead then and changes nothing; :changed and :parse speak of its output
  After Ctrl-C the results have what there was, and nobody is left to go on with."
  [this results command {:keys [stage changed check predict] :as options}]
  (let [hosts (targets this)
        checking (and changed (or check (:check results) *check*))
        again (fn [this results] (remote this results command options))
        merged (fn [entries] [this (cond-> (results/repeatable (merge-results results stage entries) again)
                                     checking (assoc :check true))])]
    (cond
      (empty? hosts)
      (let [skipped (with-meta (merge {:hosts [] :successful [] :failure [] :stage stage} results) (meta results))]
        [this (if (:again (meta skipped)) skipped (results/repeatable skipped again))])

      (and checking (not predict))
      (merged (mapv unchecked-entry hosts))

      :else
      (held
       (as-interrupted
        (history/operation
         stage command
         (fn []
           (let [entries (run-on this hosts (if checking predict command) options)
                 predicted (fn [entry] (cond-> entry checking (assoc :predicted true) (and checking (pos? (:code entry))) (assoc :changed false)))]
             (as-interrupted (merged (mapv predicted entries)))))))))))

(defn quoted
  "Text as one word of the shell.

    (exec hs (str \"ls -d \" (quoted \"/srv/my app\")))"
  {:category :shell}
  [text]
  (words/quoted text))

(defprotocol Shell
  "Commands on hosts."
  (^{:category :shell} exec [this script] [this script options] [this results script options]
    "Runs a piece of shell on every host: {:out :err} of each. script is a string (see script), a function from host to one, or a
  per-host. Options: :cwd (a folder), :env (a map of variables, texts or secrets), :timeout (milliseconds; the command is ended there when they
  are over), :stdin (text, a secret or bytes for its standard input, or a per-host), :pty (true for a terminal), :fanout (how many hosts at a time),
  :keep (how many bytes of each output, the last ones), :wrap (false for hosts that have no shell), :parse (a function that
  makes the result of the output). As a stage it goes on with the hosts that are left.

    (run (exec hs \"uptime\") | (pretty))
    (run (exec hs \"apt-get -q update\" {:timeout 600000}) | (pick successful) | (exec \"needrestart -b\") | (pretty))
    (run (exec hs \"make check\" {:cwd \"/srv/app\" :env {:JOBS 2}}) | (pretty))")
  (^{:category :shell} nohup [this script] [this script options] [this results script options]
    "Starts a piece of shell on every host that goes on when nobody is connected any more: the number of its process. What it
  says goes to the file of the option :log, else nowhere; other options are those of exec.

    (run (nohup hs \"/srv/app/reindex\" {:log \"/var/log/reindex.log\"}) | (pretty))")
  (^{:category :shell} ls [this] [this target] [this target flags] [this results target flags]
    "Lists a folder on every host, that of the user where none is given: with flags, as ls shows it; without, as data, a map for each file:
  :name :type :size :mode :owner :group :modified (in milliseconds), and :link for what a link points to. Of systems and types, (ls systems)
  are those that there are.

    (run (ls hs \"/\" \"-la\") | (pretty))
    (run (ls hs \"/var/log\") | (table))"))

(defn- background-script
  "Shell that starts another piece of it, which keeps to itself, and tells its number."
  [script log]
  (str "nohup sh -c " (words/quoted script) " >" (if log (words/path log) "/dev/null") " 2>&1 </dev/null & echo $!"))

(extend-type Hosts
  Shell
  (exec
    ([this script] (exec this {} script {}))
    ;; A stage has results, a map, where a source has the script, which is a string or a function.
    ([this a b] (if (map? a) (exec this a b {}) (exec this {} a b)))
    ([this results script options] (remote this results script (merge {:stage "exec" :changed true} options))))
  (nohup
    ([this script] (nohup this {} script {}))
    ([this a b] (if (map? a) (nohup this a b {}) (nohup this {} a b)))
    ([this results script {:keys [log] :as options}]
     (remote this results
             (fn [host] (background-script (command-for this script host {}) log))
             (merge {:stage "nohup" :changed true :parse (comp parse-long string/trim)} options))))
  (ls
    ([this] (ls this {} "." nil))
    ([this target] (ls this {} target nil))
    ([this a b] (if (map? a) (ls this a b nil) (ls this {} a b)))
    ([this results target flags]
     (if flags
       (remote this results (str "ls " (words/flags flags) " -- " (words/path target)) {:stage "ls" :changed false})
       (remote this results (listings/folder-script target) {:stage "ls" :changed false :parse listings/parse})))))

;; --- output ----------------------------------------------------------------------------------------------------------

(defprotocol Report
  "Showing results to people."
  (^{:category :output} pretty [this results] [this results title] [this results title options]
    "Prints a summary: a line for each different outcome with the hosts that had it, the failed ones last. Passes the pair on.
  Options are those of re-mote.repl.summary/summary: :only-failed, :fold false (a line for each host), :lines.

    (run (exec hs \"uptime\") | (pretty \"uptime\"))
    (run (exec hs \"apt-get -q update\") | (pretty \"update\" {:only-failed true}))"))

(extend-type Hosts
  Report
  (pretty
    ([this results] (pretty this results (:stage results) {}))
    ([this results title]
     (if (map? title) (pretty this results (:stage results) title) (pretty this results title {})))
    ([this results title options]
     (println (str "\nRunning " (when title (str title " ")) "summary:\n"))
     (println (summary/summary results options))
     (flush)
     [this results])))

(defprotocol Shown
  "How the prompt shows a pair."
  (line [this results] "One line of text; nil for a pair whose results are none of this record."))

(extend-type Hosts
  Shown
  (line [this results]
    (let [{:keys [hosts successful failure]} (when (map? results) results)
          names (or (seq hosts) (:hosts this))]
      (when (and (vector? successful) (vector? failure) (every? string? names))
        (str (.getSimpleName (class this)) " " (text/printable (patterns/fold names)) ": "
             (count successful) " ✔ " (count failure) " x")))))

(defn shown
  "How the prompt shows a pair, in one line; nil for anything else."
  [x]
  (when (and (pair? x) (record? (first x)) (satisfies? Shown (first x)))
    (line (first x) (second x))))

(intern 'reops.internal '*prompt-text* shown)
