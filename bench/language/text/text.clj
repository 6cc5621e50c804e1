;; Reading and writing text: JSON and EDN of 10 MB, and a regular expression over 100 MB. Runs in our program and in JVM
;; Clojure (with cheshire on its class path); prints the best time of one call, in seconds.
;;
;;     reops bench/language/text/text.clj JOB SECONDS
(def ours (some? (find-ns 'reops.internal)))
(def json-library (if ours 'reops.json 'cheshire.core))
(defn from [library name] (require library) @(ns-resolve library name))

(defn fact [i]
  {:id i, :name (str "host-" i ".example.org"), :address (str "192.0.2." (mod i 255)), :up (odd? i), :load (/ i 8.0),
   :tags [:web :prod (keyword (str "rack-" (mod i 40)))], :owner nil,
   :disks (vec (for [d (range 3)] {:device (str "/dev/sd" d), :size (* 1000000007 (+ d i)), :free (+ 0.25 d)})),
   :note "Said \"hello\"\nto the world, and this is a line of some length that says nothing much at all."})

(defn facts [] (mapv fact (range 21000)))

(defn log-text []
  (let [line (fn [i] (str "2024-05-17T12:00:" (+ 10 (mod i 50)) "Z web" (mod i 97) " sshd[" i "]: Accepted publickey for root from 192.0.2."
                          (mod i 250) " port " (+ 1024 (mod i 60000)) " ssh2\n"))
        part (apply str (map line (range 10000)))]
    (apply str (repeat (quot 100000000 (count part)) part))))

(def job (first *command-line-args*))

(def work
  (case job
    "json-read" (let [text ((from json-library (if ours 'write-string 'generate-string)) (facts))
                      f (from json-library (if ours 'read-string 'parse-string))]
                  #(count (f text)))
    "json-write" (let [data (facts), f (from json-library (if ours 'write-string 'generate-string))]
                   #(count (f data)))
    "edn-read" (let [text (pr-str (facts)), f (from 'clojure.edn 'read-string)]
                 #(count (f text)))
    "edn-write" (let [data (facts)] #(count (pr-str data)))
    "re-seq" (let [text (log-text)] #(count (re-seq #"from ([0-9.]+) port (\d+)" text)))))

;; CPU time of this thread, in nanoseconds.
(def cpu-time
  (if ours
    #(parse-long (re-find #"\d+" (slurp "/proc/self/schedstat")))
    (eval '(let [clock (java.lang.management.ManagementFactory/getThreadMXBean)]
             (fn [] (.getCurrentThreadCpuTime clock))))))

(let [once (fn [] (let [start (cpu-time)]
                    (work)
                    (/ (- (cpu-time) start) 1e9)))
      end (+ (System/nanoTime) (long (* 1e9 (read-string (second *command-line-args*)))))]
  (loop [best (once)]
    (if (> (System/nanoTime) end)
      (println best)
      (recur (min best (once))))))
