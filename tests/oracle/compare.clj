;; Evaluates every form of the oracle corpus here and compares with the answers of JVM Clojure.
;;
;;     reops tests/oracle/compare.clj [--verbose] [--oracle] [--shipped] DIRECTORY [TOPIC ...]
;;
;; DIRECTORY is tests/oracle. A failure that differences.edn lists with its reason is a known difference; one that it
;; lists and that no longer differs is an error too, so that the list stays true. --oracle is for running this file in
;; JVM Clojure itself, which by definition differs nowhere. --verbose names each form before it is evaluated, which is
;; how to find the one that hangs. --shipped makes a function of each form and runs what another machine would make of it,
;; but for those that change this program (a definition) or hold something of it that cannot be sent.
(ns oracle.compare)

(def options (set (filter #(re-find #"^--" %) *command-line-args*)))
(def operands (remove #(re-find #"^--" %) *command-line-args*))
(def here (or (first operands) "tests/oracle"))

(load-file (str here "/canonical.clj"))

(def known-differences
  (if (contains? options "--oracle") {} (read-string (slurp (str here "/differences.edn")))))

(def changes-this-program
  "What is in the text of a form that is evaluated in place: definitions, which later forms use, and what looks around in
  this program; and a sequence whose realising is watched."
  #"\((def|declare|ns[ )]|in-ns|intern|alias|require|use |import|refer|extend|derive|underive|prefer-|remove-|alter-|gen-class|set!|reset-meta!|meta #'|test.|passes)| slow\)")

(def travelled (atom 0))

(defn answers-of [topic]
  (read-string (str "[" (slurp (str here "/answers/" topic ".edn")) "]")))

(defn space-of [topic]
  (symbol (str "oracle." (apply str (map #(if (= \_ %) \- %) topic)))))

(defn shipped
  "The value of a form as another machine gives it."
  [form]
  (let [f (eval (list 'clojure.core/fn [] form))
        parcel (try (@(resolve 'reops.internal/pack) f)
                    (catch IllegalArgumentException error
                      (when-not (= :reops/cannot-travel (:type (ex-data error))) (throw error))))]
    (if parcel
      (do (swap! travelled inc) ((@(resolve 'reops.internal/unpack) parcel)))
      (f))))

(defn value-of [text]
  (let [form (read-string {:read-cond :allow} text)]
    (if (and (contains? options "--shipped") (not (re-find changes-this-program text)))
      (shipped form)
      (eval form))))

(defn evaluate
  "What one form gives here, in the shape of a recorded answer but with the value itself."
  [text]
  (let [answer (atom nil)
        out (with-out-str
              (reset! answer
                      (try
                        {:value (oracle.canonical/canonical (value-of text))}
                        (catch Throwable error
                          (let [root (oracle.canonical/root-error error)]
                            {:error (oracle.canonical/simple-name root) :message (ex-message root)})))))]
    (if (= "" out) @answer (assoc @answer :out out))))

(def own-errors
  "What this Clojure calls every fault that its reader or its compiler finds; both are RuntimeExceptions."
  #{"ReaderException" "CompilerException"})

(defn same-error?
  "Which class the JVM's compiler throws for which fault is an accident of its code, so any fault that is found while
  compiling there agrees with one found while compiling here."
  [expected got]
  (or (= (:error expected) (:error got))
      (and (contains? own-errors (:error got))
           (or (:compiling expected) (= "RuntimeException" (:error expected))))))

(defn agrees? [expected got]
  (and (= (:out expected) (:out got))
       (if (contains? expected :error)
         (same-error? expected got)
         (and (contains? got :value)
              (oracle.canonical/same? (read-string (:value expected)) (:value got))))))

(defn shown [answer value]
  (str (if (contains? answer :error)
         (str (:error answer) ": " (:message answer))
         value)
       (if (contains? answer :out) (str "  printing " (pr-str (:out answer))) "")))

(defn report [kind topic expected got]
  (println (str kind " " topic ":" (:line expected)))
  (println "  form:    " (:form expected))
  (println "  expected:" (shown expected (:value expected)))
  (println "  got:     " (shown got (pr-str (:value got)))))

(defn judge
  "One of :passed, :known, :failed or :stale; the last two are printed."
  [topic expected]
  (when (contains? options "--verbose")
    (println (str topic ":" (:line expected) " " (:form expected)))
    (flush))
  (let [got (evaluate (:form expected))
        reason (get known-differences (:form expected))
        agrees (agrees? expected got)]
    (cond
      (and agrees reason) (do (report "NO LONGER DIFFERS (remove it from differences.edn)" topic expected got) :stale)
      agrees :passed
      reason :known
      :else (do (report "FAILED" topic expected got) :failed))))

(defn run-topic
  "Judges the forms of a topic in order, in a namespace of its own."
  [topic]
  (binding [*ns* (create-ns (space-of topic))]
    (refer 'clojure.core)
    (doall (map #(judge topic %) (answers-of topic)))))

(let [topics (or (seq (rest operands)) (read-string (slurp (str here "/answers/topics.edn"))))
      counts (frequencies (mapcat run-topic topics))
      number (fn [kind] (get counts kind 0))]
  (println (str (number :passed) " passed, " (number :failed) " failed, " (number :known) " known differences, "
                (number :stale) " listed as different but not"
                (if (contains? options "--shipped") (str "; " @travelled " evaluations travelled") "")))
  (flush)
  (System/exit (if (= 0 (+ (number :failed) (number :stale))) 0 1)))
