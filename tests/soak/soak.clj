;; A long life in a short time: random evaluations, definitions made anew, files that change and are loaded again, in one
;; process, whose memory must not grow with the number of them.
;;
;;   reops tests/soak/soak.clj [COUNT] [SEED]        a million unless told otherwise

(ns soak
  (:require [clojure.string :as str]
            [reops.fs :as fs]
            [reops.reload :refer [refresh]]))

(def steps (or (some-> (first *command-line-args*) parse-long) 1000000))
(def seed (or (some-> (second *command-line-args*) parse-long) 4711))

;; A generator of our own, so that a run that failed can be had again.
(def state (volatile! seed))
(defn pick [n]
  (vswap! state (fn [s] (mod (+ (* s 1103515245) 12345) 2147483648)))
  (mod (quot @state 65536) n))

(defn one-of [coll]
  (nth coll (pick (count coll))))

(defn resident
  "How many KiB of memory the process has."
  []
  (parse-long (re-find #"\d+" (first (filter (fn [line] (str/starts-with? line "VmRSS"))
                                             (str/split-lines (slurp "/proc/self/status")))))))

;; What is evaluated

(defn number-form [depth]
  (if (zero? depth)
    (pick 1000)
    (case (pick 6)
      0 (list '+ (number-form (dec depth)) (number-form (dec depth)))
      1 (list 'let ['x (number-form (dec depth))] (list '* 'x 'x))
      2 (list 'reduce '+ (list 'map 'inc (list 'range (pick 20))))
      3 (list 'count (list 'str (number-form (dec depth))))
      4 (list (list 'fn ['a] (list '- 'a (pick 10))) (number-form (dec depth)))
      5 (list 'if (list 'even? (number-form (dec depth))) (pick 10) (number-form (dec depth))))))

(defn random-form []
  (case (pick 12)
    0 (list 'def (symbol (str "v" (pick 50))) (number-form 2))
    1 (list 'defn (symbol (str "f" (pick 20))) ['x] (list '+ 'x (number-form 2)))
    2 (list 'do (list 'defn 'calls ['n] (number-form 1)) (list 'calls (pick 9)))
    3 (list 'try (list '/ (number-form 1) 0) (list 'catch 'ArithmeticException 'e (list 'ex-message 'e)))
    4 (list 'with-out-str (list 'prn (number-form 2)))
    5 (list 'deref (list 'future (number-form 2)))
    6 (list 'swap! 'soak/cell 'assoc (keyword (str "k" (pick 100))) (number-form 1))
    7 (list 'frequencies (list 'map (list 'fn ['x] (list 'mod 'x (inc (pick 5)))) (list 'range (pick 60))))
    8 (list 'str/join "," (list 'sort (list 'set (list 'range (pick 30)))))
    9 (list 'do (list 'defmulti 'area ':shape) (list 'defmethod 'area (keyword (str "s" (pick 5))) ['_] (pick 9)))
    10 (list 'do (list 'defrecord (symbol (str "R" (pick 5))) '[a b]) (list (symbol (str "->R" (pick 1))) 1 2))
    (number-form 3)))

(def cell (atom {}))

(def counts (volatile! {:evaluated 0 :failed 0 :loaded 0 :refused 0}))
(defn note [what n]
  (vswap! counts update what + n))

(defn evaluate-one []
  (try
    (eval (random-form))
    (note :evaluated 1)
    (catch Exception _ (note :failed 1))))

;; Files

(def libs '[soak.below soak.middle soak.above])

(defn write-libs [folder]
  (let [write (fn [lib & lines]
                (spit (fs/join folder "soak" (str (last (str/split (str lib) #"\.")) ".clj")) (str/join "\n" lines)))]
    (fs/mkdirs (fs/join folder "soak"))
    (write 'soak.below "(ns soak.below)" (str "(defn low [x] (+ x " (pick 1000) "))")
           (str "(def only-" (pick 20) " 1)")
           (if (zero? (pick 10)) "(undefined-here)" ""))
    (when (zero? (pick 3))
      (write 'soak.middle "(ns soak.middle (:require [soak.below :as b]))" (str "(defn mid [x] (b/low (* " (pick 9) " x)))")))
    (when (zero? (pick 3))
      (write 'soak.above "(ns soak.above (:require [soak.middle :refer [mid]]))" (str "(defn top [x] (mid (inc x)))")))))

(defn reload-one [folder]
  (write-libs folder)
  (try
    (note :loaded (count (refresh)))
    (catch Exception _ (note :refused 1))))

;; The run

(def every-reload 500)

(defn run-steps [folder from to]
  (loop [step from]
    (when (< step to)
      (if (zero? (mod step every-reload))
        (reload-one folder)
        (evaluate-one))
      (recur (inc step)))))

(defn settled []
  (gc)
  (resident))

(fs/with-temp-dir [folder]
  (binding [*load-path* [folder]
            *ns* (create-ns 'soak.world)
            *err* (reops.internal/string-writer)]
    (refer-clojure)
    (require '[clojure.string :as str])
    (fs/mkdirs (fs/join folder "soak"))
    (doseq [[file text] {"below" "(ns soak.below)\n(defn low [x] x)"
                         "middle" "(ns soak.middle (:require [soak.below :as b]))\n(defn mid [x] x)"
                         "above" "(ns soak.above (:require [soak.middle :refer [mid]]))\n(defn top [x] x)"}]
      (spit (fs/join folder "soak" (str file ".clj")) text))
    (run! require libs)
    ;; The first tenth fills caches and names; what comes after may not add to it.
    (let [warm (quot steps 10)
          _ (run-steps folder 0 warm)
          before (settled)
          _ (run-steps folder warm steps)
          after (settled)]
      (println (pr-str @counts))
      (println steps "steps, seed" (str seed ":") before "KiB after a tenth," after "KiB at the end")
      ;; What the system's allocator keeps comes and goes by a few MiB; a leak of a hundred bytes a step would not be
      ;; missed in a full run.
      (when (> after (+ before 16384 (quot before 4)))
        (println "memory grew")
        (System/exit 1)))))
