(ns re-core.repl.progress
  "How far jobs are, said above the prompt while they run: seldom, and more seldom the longer they take."
  (:require [re-core.persistency.jobs :as jobs]
            [re-mote.repl.text :as text]))

(def ^:private first-pause 3000)
(def ^:private longest-pause 60000)

(defn- seconds [ms] (str (quot ms 1000) " s"))

(defn line
  "How far the jobs of runs are, in a line: how many have ended and how, how many are at work, and which takes the longest, after so many milliseconds."
  [title runs elapsed]
  (let [states (apply merge-with + (map jobs/states-of runs))
        total (reduce + (vals states))
        n (fn [& names] (reduce + (map #(get states % 0) names)))
        part (fn [n words] (when (pos? n) (str ", " n " " words)))
        {:keys [hostname step since]} (first (sort-by :since (keep jobs/longest-of runs)))]
    (str title ": " (n :done) " of " total " done"
         (part (n :failed :lost) "failed")
         (part (n :cancelled) "cancelled")
         (part (n :running :waiting) "running")
         (part (n :queued :locked) "queued")
         ", " (seconds elapsed)
         (when since
           (str "; longest: " (text/one-line (str hostname)) " " (when step (name step)) " " (seconds (max 0 (- (System/currentTimeMillis) since))))))))

(defn- say-until [over title runs begun pause]
  (when (= ::late (deref over pause ::late))
    (println (line title runs (quot (- (System/nanoTime) begun) 1000000)))
    (flush)
    (recur over title runs begun (min longest-pause (* 2 pause)))))

(defn with-progress
  "The value of f, which waits for jobs; on a terminal it is said meanwhile how far they are."
  [title some-jobs f]
  (if (and (seq some-jobs) (reops.internal/terminal? *out*))
    (let [over (promise)]
      (future (say-until over title (distinct (keep :run some-jobs)) (System/nanoTime) first-pause))
      (try
        (f)
        (finally
          (deliver over true))))
    (f)))
