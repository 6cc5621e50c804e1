(ns calls-test
  "Functions on real agents, started on this machine."
  (:require [clojure.string :as str]
            [clojure.test :refer [deftest is testing use-fixtures]]
            [re-gent.calls :refer [call cancel run-hosts ship]]
            [re-gent.demo :refer [demo-fleet stop-fleet]]
            [re-gent.fleet :as fleet]
            [re-mote.repl.base :refer [pick run successful |]]
            [re-mote.repl.results :refer [entries reason]]
            [reops.process :as process]))

(def patience (* 1000 (parse-long (or (System/getenv "REOPS_TEST_DEADLINE") "60"))))

(def ^:dynamic *hs* nil)

(use-fixtures :once
  (fn [tests]
    (fleet/open "127.0.0.1:*")
    (try
      (binding [*hs* (demo-fleet 2)] (tests))
      (finally
        (stop-fleet)
        (fleet/close)))))

(defn- values [results] (mapv :result (:successful results)))
(defn- reasons [results] (mapv reason (:failure results)))

(def factor 10)
(defn scaled [x] (* factor x))
(defrecord Found [path size])

(deftest functions-run-where-the-hosts-are
  (is (= ["agent-1" "agent-2"] (:hosts *hs*)))
  (is (= [3 3] (values (run-hosts *hs* (fn [] (+ 1 2)) []))))
  (is (= [40 40] (values (run-hosts *hs* (fn [x] (scaled x)) [4]))))
  (testing "what is redefined is used by the next call"
    (with-redefs [factor 100]
      (is (= [400 400] (values (run-hosts *hs* (fn [x] (scaled x)) [4]))))))
  (is (= [(->Found "/" 1) (->Found "/" 1)] (values (run-hosts *hs* (fn [] (->Found "/" 1)) []))) "records are what they were")
  (is (= 2 (count (distinct (values (run-hosts *hs* (fn [] (slurp "/proc/self/stat")) []))))) "each in a process of its own")
  (let [[entry] (:successful (run-hosts *hs* (fn [] (println "said") (binding [*out* *err*] (println "so")) {:changed false}) []))]
    (is (= {:out "said\n" :err "so\n"} (:raw entry)))
    (is (false? (:changed entry)))))

(deftest what-a-function-throws-comes-back
  (let [[{:keys [code error]}] (:failure (run-hosts *hs* (fn [] (scaled nil)) []))
        trace (:trace (Throwable->map (:exception error)))]
    (is (= 256 code))
    (is (= :exception (:reason error)))
    (is (= "calls-test/scaled" (ffirst trace)))
    (is (str/ends-with? (second (first trace)) "calls_test.clj")))
  (is (= {:a 1} (:data (:error (first (:failure (run-hosts *hs* (fn [] (throw (ex-info "oh" {:a 1}))) []))))))))

(deftest what-cannot-travel-is-refused-before
  (is (thrown-with-msg? IllegalArgumentException #"an atom" (run-hosts *hs* (let [a (atom 1)] (fn [] @a)) []))))

(deftest deadlines-and-cancelling
  (is (= [:timeout/exec :timeout/exec] (reasons (run-hosts *hs* (fn [] (loop [] (recur))) [] [100 :ms]))))
  (let [c (call (fn [] (Thread/sleep 600000)) [] *hs* {:within [10 :minute]})]
    (cancel c)
    (is (= [:cancelled :cancelled] (reasons @c))))
  (is (= [3 3] (values (run-hosts *hs* (fn [] (+ 1 2)) []))) "they are there for the next")
  (let [answer (promise)]
    (run-hosts *hs* (fn [] 1) [] [1 :minute] (fn [timeout? results] (deliver answer [timeout? (values results)])))
    (is (= [false [1 1]] (deref answer patience nil))))
  (is (thrown-with-msg? Exception #"deadline" (run-hosts *hs* (fn [] 1) [] [1 :fortnight]))))

(deftest hosts-without-an-agent
  (let [results (run-hosts (fleet/agent-hosts ["agent-1" "nobody"]) (fn [] 1) [])]
    (is (= ["agent-1" "nobody"] (:hosts results)))
    (is (= [[0 nil] [-1 :no-agent]] (map (juxt :code reason) (entries results))))))

(deftest pipelines
  (let [[hs results] (try
                       (run (ship *hs* (fn [x] (slurp x)) ["/nowhere"]) | (pick successful) | (ship (fn [] :never) []))
                       (catch Exception e (:pair (ex-data e))))]
    (is (empty? (:hosts hs)))
    (is (= [256 256] (map :code (entries results)))))
  (let [[_ results] (run (ship *hs* (fn [] 1) []) | (pick successful) | (ship (fn [x] [x]) [5]))]
    (is (= [[5] [5]] (values results)))))

(deftest an-agent-that-is-killed-comes-back
  (let [running (str "/tmp/reops-test-" (random-uuid))
        c (call (fn [running] (spit running "") (Thread/sleep 600000)) [running] (fleet/agent-hosts ["agent-1"]) {:within [10 :minute]})]
    (run-hosts (fleet/agent-hosts ["agent-1"])
               (fn [running] (while (not (reops.fs/exists? running)) (Thread/sleep 5))) [running] patience)
    (reops.fs/delete running)
    (process/run ["pkill" "-9" "-f" "--" "--name agent-1"])
    (is (= [-2] (map :code (entries @c))) "what it was doing is not lost without a word")
    (is (= [3 3] (values (run-hosts *hs* (fn [] 3) []))) "it is started anew and known again")))

(deftest strangers-and-those-who-were-shut-out
  (is (= [] (fleet/pending-agents)))
  (is (thrown-with-msg? Exception #"No agent waits" (fleet/accept-agent "nobody")))
  (is (thrown-with-msg? Exception #"no agent with" (fleet/revoke-agent "nobody")))
  (is (fleet/registered? "agent-2"))
  (is (not (fleet/registered? "nobody"))))
