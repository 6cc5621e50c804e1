(ns re-mote.history
  "Every run of operations on hosts leaves a row in the store, and an entry in the audit trail: who asked for what, on which hosts, and what
  came of it. A run is a pipeline with all that happens in it, or an operation by itself. Where nothing can be written nothing is kept,
  which is said once; the run itself is what matters."
  (:require [clojure.string :as string]
            [clojure.walk :as walk]
            [re-core.persistency.audit :as audit]
            [re-core.persistency.common :as store]
            [re-core.persistency.runs :as runs]
            [re-mote.history.results :refer [compact]]
            [re-mote.patterns :as patterns]
            [re-mote.repl.results :refer [entries failed?]]
            [re-mote.repl.text :as text]
            [reops.peer :refer [peer]]
            [reops.secrets :as secrets]))

;; --- forms ---------------------------------------------------------------------------------------------------------------

(def ^:private telling
  "Names of what nobody but its owner should read."
  #"(?i).*(pass(word|wd|phrase)?|secret|token|api-?key|credentials?)")

(defn- constant? [x] (or (string? x) (number? x)))

(defn- without-secrets
  "A form in which *** stands for values that are secret by their name."
  [form]
  (walk/postwalk
   (fn [x]
     (cond
       (and (map-entry? x) (keyword? (key x)) (re-matches telling (name (key x))) (constant? (val x))) [(key x) '***]
       (and (seq? x) (= 3 (count x)) (symbol? (first x)) (= "secret" (name (first x)))) (list (first x) (second x) '***)
       (string? x) (secrets/masked x)
       :else x))
   form))

(defn about
  "What the history says of a form: {:form text :closed, whether it can be evaluated again by itself, :namespace}. locals are the names that
  it may use of what is around it."
  [form locals]
  (let [shown (without-secrets form)]
    {:form (binding [*print-length* nil *print-level* nil *print-meta* false] (pr-str shown))
     :closed (and (= form shown) (not-any? (set locals) (tree-seq coll? seq form)))
     :namespace (name (ns-name *ns*))}))

;; --- what is under way -----------------------------------------------------------------------------------------------------

(def ^:dynamic ^:private *run*
  ;; An atom {:about :start :operations [{:stage :command} …]} of the run that this thread works for.
  nil)

(def ^:dynamic *about*
  "What the history is to say of the next run, instead of its form: what reops exec was given, say."
  nil)

(defonce ^:private replays
  ;; How runs of this process are done again: a queue of [id pipeline]. What they have captured is kept with them, so there are few.
  (atom clojure.lang.PersistentQueue/EMPTY))

(def ^:private most-replays 30)

(defonce ^:private warned (atom false))

(defn- warn
  "Says once that the history is not written."
  [e]
  (when (compare-and-set! warned false true)
    (binding [*out* *err*]
      (println (str "The history is not written: " (text/one-line (ex-message e)))))))

(defn replay-of
  "The pipeline of a run of this process, a function; nil when it is not there any more."
  [id]
  (second (first (filter #(= id (first %)) @replays))))

(defn- outcome-text [hosts failed error]
  (str (- hosts failed) " ✔ " failed " x" (when error (str ", " error))))

(defn- operation-text [{:keys [stage command]}]
  (str stage (when (string? command) (str ": " command))))

(defn- kept-auth
  "What a record says of its hosts, without secrets; nil when that is much."
  [auth]
  (let [own (fn [m] (into {} (filter (fn [[_ v]] (or (string? v) (number? v) (keyword? v)))) (dissoc m :password :vars)))
        kept (cond-> (own auth)
               (:hosts auth) (assoc :hosts (into {} (keep (fn [[host m]] (when-let [m (not-empty (own m))] [host m]))) (:hosts auth))))]
    (when (< (count (:hosts kept)) 1000)
      kept)))

(defn- about-operation
  "What is said of a run that is one operation by itself: the form that does the same, where that is known. targets is a pattern."
  [{:keys [auth]} {:keys [stage command]} targets]
  (if (and (= "exec" stage) (string? command))
    {:form (pr-str (list 'exec (list 'hosts targets) command)) :namespace "user" :closed (empty? auth)}
    {:form (operation-text {:stage stage :command command})}))

(defn- write
  "Writes a run down, and returns its id."
  [{:keys [about start operations]} [this results] error]
  (let [id (store/new-id)
        asked-by (peer)
        all (entries results)
        failed (count (filter failed? all))
        {[alone & others] :groups :as kept} (compact results)
        ;; To fold thousands of names takes longer than all else here.
        targets (if (and alone (empty? others)) (:hosts alone) (patterns/fold (map :host all)))
        {:keys [form closed namespace]} (or *about* about (about-operation this (first operations) targets))
        message (some-> error ex-message text/one-line secrets/masked)]
    (store/note [(runs/insertion {:id id :kind (if about :pipeline :operation) :form form :closed closed :namespace namespace
                                  :stage (:stage results) :start start :end (store/now) :hosts (count all) :failed failed
                                  :codes (frequencies (map :code all)) :peer asked-by :error message}
                                 (cond-> kept
                                   (seq (:auth this)) (assoc :auth (kept-auth (:auth this)))
                                   (next operations) (assoc :operations (mapv operation-text operations))))
                 (audit/entry asked-by :run form targets (outcome-text (count all) failed message))])
    id))

(defn- results? [x]
  (and (vector? x) (= 2 (count x)) (map? (second x)) (vector? (:successful (second x))) (vector? (:failure (second x)))))

(defn- finish
  "Writes down how a run ended, if it was one on hosts: returns the pair, which knows its run."
  [{:keys [operations] :as run} result error]
  (let [pair (if error (:pair (ex-data error)) result)]
    (if (and operations (results? pair))
      (try
        (let [id (write run pair error)
              [this results] pair
              {:keys [replay again]} (meta results)
              replay (or replay (when again (fn [] (again this {}))))]
          (when replay
            (swap! replays (fn [kept] (cond-> (conj kept [id replay]) (<= most-replays (count kept)) pop))))
          (update pair 1 vary-meta assoc :run id))
        (catch InterruptedException e
          (throw e))
        (catch Exception e
          (warn e)
          pair))
      result)))

(defonce ^:private opening
  ;; To open the store takes longer than to write into it, and longest when it has to be made. That is done while hosts are waited for, not while
  ;; a person waits for the prompt.
  (delay (future
           (try
             (store/store)
             ;; It is said when the run is to be written.
             (catch Exception _ nil)))))

(defn recorded
  "Calls f, which returns a pair; the outermost of such calls is a run."
  [about f]
  (if *run*
    (f)
    (let [_ @opening
          run (atom {:about about :start (store/now)})
          result (try
                   (binding [*run* run]
                     (f))
                   (catch Exception e
                     (finish @run nil e)
                     (throw e)))]
      (finish @run result nil))))

(def ^:private most-operations 20)

(defn operation
  "Notes that the run does something on hosts, and calls f, which does it: by itself that is a run, too. command may be a function."
  [stage command f]
  (recorded nil
            (fn []
              (let [noted {:stage stage :command (if (string? command) (secrets/masked command) command)}]
                (swap! *run* update :operations (fn [known] (if (< (count known) most-operations) (conj (or known []) noted) known))))
              (f))))

(defn apart
  "A function that calls f for a run of its own, which goes on when the one that is under way has ended; it gets what the history says of that."
  [f]
  (let [{:keys [about]} (some-> *run* deref)
        said *about*]
    (fn []
      (binding [*run* nil *about* said]
        (f about)))))
