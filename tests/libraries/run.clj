;; Puts libraries for JVM Clojure, as Debian packages them, to a real use: each is loaded from its jar, unchanged, and
;; its test namespace of this folder is run. Prints a table of what works; fails when something does not.
;;
;;     tests/libraries/run [LIBRARY…]          REOPS=clojure tests/libraries/run [LIBRARY…]
(require '[clojure.string :as string]
         '[clojure.test :as t])

(def libraries
  [["tools.cli" "options of command lines"]
   ["math.combinatorics" "combinations, permutations"]
   ["honeysql" "data to SQL"]
   ["slingshot" "throw+ and try+"]
   ["hiccup" "data to HTML"]
   ["medley" "more functions for maps and sequences"]
   ["test.check" "properties with generated data"]])

(defn- outcome
  "What became of a library: {:library :purpose :state :assertions}."
  [[library purpose]]
  (let [namespace (symbol (str (string/replace library "." "-") "-test"))]
    (try
      (require namespace)
      (let [{:keys [pass fail error]} (t/run-tests namespace)
            bad (+ fail error)]
        {:library library :purpose purpose :assertions (+ pass bad) :state (if (zero? bad) "works" (str bad " wrong"))})
      (catch Exception e
        (println "ERROR:" library "does not load:" (ex-message e))
        (when-let [cause (ex-cause e)] (println "  caused by:" (ex-message cause)))
        {:library library :purpose purpose :assertions 0 :state "does not load"}))))

(let [chosen (set *command-line-args*)
      rows (mapv outcome (if (empty? chosen) libraries (filter (comp chosen first) libraries)))]
  (println)
  (println (format "%-20s %-40s %10s  %s" "Library" "What for" "Assertions" "State"))
  (doseq [{:keys [library purpose assertions state]} rows]
    (println (format "%-20s %-40s %10d  %s" library purpose assertions state)))
  (flush)
  (shutdown-agents)
  (System/exit (if (and (seq rows) (every? (comp #{"works"} :state) rows)) 0 1)))
