(ns stages-test
  "Stages on results that are made here: nothing is run on any host."
  (:require [clojure.string :as string]
            [clojure.test :refer [are deftest is testing]]
            [re-mote.repl.aggregates :refer [aggregate statistics]]
            [re-mote.repl.background :refer [async block]]
            [re-mote.repl.base :as base :refer [failed hosts pick run successful |]]
            [re-mote.repl.repeating :refer [downgrade rerun-failed retry rolling]]
            [re-mote.repl.results :as results :refer [entries]]
            [re-mote.repl.stages :refer [by-code confirm convert enrich null sort-results split tee top]]
            [re-mote.repl.summary :as summary]))

;; --- operations without hosts --------------------------------------------------------------------------------------------

(defn- entry
  ([host result] {:host host :code 0 :result result :profile {:start 1 :end 2 :time 1}})
  ([host code reason]
   {:host host :code code :profile {:start 1 :end 2 :time 1} :error {:reason reason :message (str host " " reason) :out "" :err ""}}))

(defn- operation
  "An operation whose entries f makes of a host, as remote would, and which writes down whom it ran on."
  [seen stage f]
  (fn own
    ([this] (own this {}))
    ([this results]
     (let [here (base/targets this)]
       (swap! seen conj here)
       [this (results/repeatable (results/merge-results results stage (mapv f here)) own)]))))

(defn- answers
  "An operation that yields what a map has for each host: a code and a reason, or data."
  [m]
  (operation (atom []) "answers" (fn [host] (let [x (m host)] (if (vector? x) (entry host (first x) (second x)) (entry host x))))))

(def numbers {"a" {:used 5} "b" {:used 1} "c" [-1 :refused] "d" {:used 9} "e" {}})
(def abcde (hosts "a,b,c,d,e"))

(defn- names [[_ results]] (map :host (entries results)))
(defn- codes [[_ results]] (mapv (juxt :host :code) (entries results)))

(defn- kind [f] (try (f) nil (catch clojure.lang.ExceptionInfo e (:type (ex-data e)))))

;; --- choosing ------------------------------------------------------------------------------------------------------------

(deftest picking
  (is (= ["a" "b" "d" "e"] (:hosts (first (run ((answers numbers) abcde) | (pick successful))))))
  (is (= ["c"] (:hosts (first (run ((answers numbers) abcde) | (pick failed))))))
  (testing "nobody left: operations are skipped, what is made of the results is not, and the error has the pair"
    (let [seen (atom []) later (operation seen "later" #(entry % 1)) teed (atom nil)]
      (is (= :re-mote/no-successful-hosts
             (kind #(run ((answers {"c" [1 :exit]}) (hosts "c")) | (pick successful) | (later) | (tee (fn [_ r] (reset! teed r)))))))
      (is (= [[]] @seen))
      (is (= [["c" 1]] (codes [nil @teed]))))))

(deftest two-entries-are-a-broken-stage
  (let [doubled (fn [this results] [this (update results :successful #(conj % (first %)))])]
    (is (thrown-with-msg? clojure.lang.ExceptionInfo #"(?s)doubled returned results that are none"
                          (run ((answers numbers) abcde) | (doubled) | (pick successful))))))

(deftest confirming
  (let [asked (fn [answer] (let [out (java.io.StringWriter.)]
                             (binding [*out* out]
                               (let [end (with-in-str answer
                                           (try (run ((answers numbers) (hosts "a,b")) | (confirm "Restart?"))
                                                (catch clojure.lang.ExceptionInfo e (ex-data e))))]
                                 [end (str out)]))))]
    (is (= ["a" "b"] (:hosts (first (first (asked "y\n"))))))
    (is (= ["a" "b"] (:hosts (first (first (asked " Yes \n"))))))
    (is (= "Restart? a,b (2 hosts) [y/N] " (second (asked "y\n"))))
    (doseq [answer ["n\n" "\n" "" "yeah\n"]]
      (is (= :re-mote/not-confirmed (:type (first (asked answer)))) answer))
    (is (= [["a" 0] ["b" 0]] (codes (:pair (first (asked "n\n"))))))
    (testing "what follows is skipped, in the pipeline around it too"
      (let [seen (atom []) later (operation seen "later" #(entry % 1))
            inner (fn [] (run ((answers numbers) (hosts "a")) | (confirm "Go?")))]
        (is (= :re-mote/not-confirmed (kind #(with-out-str (with-in-str "n" (run (inner) | (later)))))))
        (is (= [[]] @seen))))))

;; --- other names, other data ---------------------------------------------------------------------------------------------

(deftest converting
  (let [[this results :as pair] (run ((answers {"10.0.0.1" 1 "10.0.0.2" [1 :exit]}) (hosts ["10.0.0.1" "10.0.0.2"] {:hosts {"10.0.0.1" {:user "x"}}}))
                                   | (convert {"10.0.0.1" "web1" "10.0.0.2" "web2"}))]
    (is (= ["web1" "web2"] (:hosts this) (:hosts results)))
    (is (= [["web1" 0] ["web2" 1]] (codes pair)))
    (is (= {"web1" {:user "x"}} (get-in this [:auth :hosts])))
    (is (= [["web1" 0] ["web2" 0]] (codes (run pair | ((answers {"web1" 2 "web2" 2}))))) "one entry for each host"))
  (testing "hosts left behind may keep their names"
    (is (= ["A" "c"] (names (run ((answers numbers) (hosts "a,c")) | (pick successful) | (convert {"a" "A"}))))))
  (testing "errors"
    (is (thrown-with-msg? clojure.lang.ExceptionInfo #"convert has no name for b" (convert (hosts "a,b") {} {"a" "A"})))
    (is (thrown-with-msg? clojure.lang.ExceptionInfo #"gives a,b the same name, x" (convert (hosts "a,b") {} (constantly "x"))))))

(deftest enriching
  (let [enriched (fn [with] (map #(dissoc % :profile :error) (entries (second (run ((answers numbers) (hosts "a,c")) | (enrich with))))))]
    (is (= [["cpu" 2] ["cpu.fail" 2]] (map (juxt :type :timestamp) (enriched "cpu"))))
    (is (= ["cpu" "cpu.fail"] (map :type (enriched :cpu))))
    (is (= [{:host "a" :code 0 :result {:used 5} :team 1} {:host "c" :code -1 :team 1}] (enriched {:team 1})))
    (is (= ["a" "c"] (map :host (enriched (fn [e] {:host "lies" :n (:code e)})))))))

(deftest splitting
  (let [documents (fn [& stage] (map #(dissoc % :uuid) (:documents (second (apply split stage)))))
        [this results] (run ((answers {"a" [-1 :dns] "b" 3}) (hosts "a,b")))]
    (is (= [{:host "b" :value 3}] (documents this results)))
    (is (= [{:host "b" :value :x} {:host "b" :y 1}] (documents this results (fn [_] [:x {:y 1 :host "lies"}]))))
    (is (= [["a" -1] ["b" 0]] (codes (split this results))))
    (let [[this results] (run [this (results/with-entries {} [(entry "a" [{:pid 1} {:pid 2}])])] | (enrich "ps"))]
      (is (= [["a" 1 "ps"] ["a" 2 "ps"]] (map (juxt :host :pid :type) (documents this results)))))))

(deftest dropping-and-grouping
  (is (= [abcde {}] (run ((answers numbers) abcde) | (null))))
  (let [pair ((answers numbers) abcde)]
    (is (= {0 ["a" "b" "d" "e"] -1 ["c"]} (update-vals (by-code pair) #(map :host %))))
    (is (= (by-code pair) (by-code (second pair)) (:by-code (second (run pair | (by-code))))))))

(deftest sorting
  (are [order stage] (= order (names stage))
    ["b" "a" "d" "c" "e"] (run ((answers numbers) abcde) | (sort-results :used))
    ["d" "a" "b" "c" "e"] (run ((answers numbers) abcde) | (sort-results :used >))
    ["d" "a" "b" "c" "e"] (run ((answers numbers) abcde) | (sort-results (comp :used :result) (fn [x y] (> x y))))
    ["c" "a" "b" "d" "e"] (run ((answers numbers) abcde) | (sort-results :code)))
  (is (= ["b" "a" "d" "c" "e"] (:hosts (first (run ((answers numbers) abcde) | (sort-results :used))))))
  (is (= :re-mote/not-comparable (kind #(run ((answers {"a" 1 "b" "x"}) (hosts "a,b")) | (sort-results :result))))))

(deftest the-top
  (let [[this results :as pair] (run ((answers numbers) abcde) | (top 2 :used))]
    (is (= ["d" "a"] (:hosts this)))
    (is (= [{:host "d" :value 9} {:host "a" :value 5}] (:top results)))
    (is (= 5 (count (entries results))))
    (is (string/ends-with? (summary/summary pair) "  top: d 9, a 5\n")))
  (is (= :re-mote/no-successful-hosts (kind #(run ((answers numbers) abcde) | (top 2 :absent))))))

(deftest on-the-side
  (let [seen (atom nil) pair ((answers numbers) abcde)]
    (is (= pair (run pair | (tee (fn [this results x] (reset! seen [(:hosts this) (count (entries results)) x]) :ignored) 7))))
    (is (= [["a" "b" "c" "d" "e"] 5 7] @seen))))

;; --- aggregates ----------------------------------------------------------------------------------------------------------

(deftest statistics-of-numbers
  (is (= {:count 4 :sum 10 :mean 2.5 :min 1 :max 4 :percentiles {50 2 75 3 100 4 1 1}} (statistics [4 2 1 3] [50 75 100 1])))
  (is (= {:count 1 :sum 7 :mean 7.0 :min 7 :max 7 :percentiles {50 7 90 7 99 7}} (statistics [7])))
  (is (= {:count 0} (statistics []))))

(deftest aggregating
  (let [of (fn [& stage] (:aggregate (second (apply aggregate stage))))
        [this results] ((answers numbers) abcde)]
    (is (= {:count 3 :sum 15 :mean 5.0 :min 1 :max 9 :min-host "b" :max-host "d" :percentiles {50 5 90 9 99 9}} (:used (of this results :used))))
    (is (= [:n] (keys (of this results (comp :used :result) {:as :n}))))
    (is (= {99 9} (:percentiles (:used (of this results :used {:percentiles [99]})))))
    (is (= {:count 0} (:absent (of this results :absent))))
    (is (= 5 (:count (:profile-time (of this (second ((answers (assoc numbers "c" {})) abcde)) [:profile :time])))))
    (let [[_ both] (run [this results] | (aggregate :used) | (aggregate [:profile :time]))]
      (is (= [:used :profile-time] (keys (:aggregate both))))
      (is (string/includes? (summary/summary both) "  Σ used: 3 values, sum 15, mean 5.00, min 1 (b), max 9 (d), p50 5, p90 9, p99 9\n"))))
  (testing "text that spells a number"
    (let [[_ r] (run ((answers {"a" {:out "4\n"} "b" {:out " 2.5\n"}}) (hosts "a,b")) | (aggregate :out {:as :cores}))]
      (is (= 6.5 (get-in r [:aggregate :cores :sum]))))
    (is (thrown-with-msg? clojure.lang.ExceptionInfo #"aggregate needs numbers, and b has \"many\""
                          (run ((answers {"a" {:out "4"} "b" {:out "many"}}) (hosts "a,b")) | (aggregate :out)))))
  (testing "what is the same"
    (let [[_ r :as pair] (run ((answers {"a" 1 "b" 2 "c" [1 :exit] "d" 1}) (hosts "a,b,c,d")) | (aggregate))]
      (is (= [{:value 1 :count 2 :hosts ["a" "d"]} {:value 2 :count 1 :hosts ["b"]}] (get-in r [:aggregate :result])))
      (is (string/includes? (summary/summary pair) "  Σ result: a,d (2 hosts) 1\n")))))

;; --- again ---------------------------------------------------------------------------------------------------------------

(defn- failing-at-first
  "An operation on hosts that fail, each as often and with the code and reason that the map says, and then do not."
  [seen m]
  (let [left (atom m)]
    (operation seen "try" (fn [host]
                            (let [[n code reason] (@left host)]
                              (if (and n (pos? n))
                                (do (swap! left update-in [host 0] dec) (entry host code reason))
                                (entry host :done)))))))

(defn- tried [pair] (mapv (juxt :host :code :tries) (entries (second pair))))

(deftest retrying
  (let [seen (atom [])
        op (failing-at-first seen {"a" [1 -1 :refused] "b" [9 -1 :dns] "c" [9 -1 :auth] "d" [9 3 :exit] "e" [1 -2 :timeout/exec]})]
    (is (= [["a" 0 2] ["b" -1 3] ["c" -1 nil] ["d" 3 nil] ["e" -2 nil]] (tried (run (op abcde) | (retry {:times 2 :wait 0})))))
    (is (= [["a" "b" "c" "d" "e"] ["a" "b"] ["b"]] @seen) "only what certainly did not start, and never after :auth"))
  (testing "repeat: also what may have started"
    (let [op (failing-at-first (atom []) {"c" [9 -1 :auth] "d" [1 3 :exit] "e" [1 -2 :timeout/exec]})]
      (is (= [["c" -1 nil] ["d" 0 2] ["e" 0 2]] (tried (run (op (hosts "c,d,e")) | (retry {:repeat true :wait 0})))))))
  (testing "only certain reasons"
    (let [op (failing-at-first (atom []) {"a" [1 -1 :refused] "b" [1 -1 :dns]})]
      (is (= [["a" -1 nil] ["b" 0 2]] (tried (run (op (hosts "a,b")) | (retry {:reasons [:dns] :wait 0})))))))
  (testing "only whoever goes on"
    (let [op (failing-at-first (atom []) {"a" [1 -1 :refused] "b" [1 -1 :dns]})]
      (is (= [["a" -1 nil] ["b" 0 2]] (tried (run (op (hosts "a,b")) | (pick (constantly ["b"])) | (retry {:wait 0})))))))
  (testing "wrong arguments"
    (let [op (answers numbers)]
      (is (= [:re-mote/bad-argument :re-mote/bad-argument :re-mote/bad-argument]
             [(kind #(run (op abcde) | (retry 0)))
              (kind #(run (op abcde) | (retry {:reasons [:auth]})))
              (kind #(run [abcde {}] | (retry)))])))))

(deftest without-hosts
  (let [none (hosts [])]
    (is (= [] (entries (run (base/remote none {} "true" {:stage "x"}) | (retry)))) "there is nothing to repeat, and no error")
    (testing "an operation that is skipped loses nothing of what the results know"
      (let [[_ results] ((answers numbers) (hosts "a"))]
        (is (= (meta results) (meta (second (base/remote none results "true" {:stage "x"})))))))))

(deftest downgrading
  (let [seen (atom [])
        ssh (fn [this results x] [this (results/merge-results results "ssh" (map #(entry % [x (:via this)]) (swap! seen into (:hosts this))))])
        op (answers {"a" 1 "b" [-1 :unreachable] "c" [-2 :disconnected] "d" [3 :exit]})
        abcd (hosts "a,b,c,d")]
    (let [[this results :as pair] (run (op abcd) | (downgrade ssh :x))]
      (is (= ["b"] @seen) "only where it certainly did not start")
      (is (= [["a" 0] ["b" 0] ["c" -2] ["d" 3]] (codes pair)))
      (is (= [:x :ssh] (:result (second (entries results)))))
      (is (= abcd this)))
    (reset! seen [])
    (run (op abcd) | (downgrade {:repeat true} ssh :x))
    (is (= ["b" "c"] @seen))
    (reset! seen [])
    (run (op (hosts "a")) | (downgrade ssh :x))
    (is (= [] @seen))))

(deftest rerunning-the-failed
  (let [seen (atom [])
        op (failing-at-first seen {"b" [1 1 :exit] "c" [9 -1 :dns]})
        later (operation seen "later" #(entry % :later))
        pair (run (op (hosts "a,b,c")) | (pick successful) | (later))]
    (is (= [["a" 0] ["b" 1] ["c" -1]] (codes pair)))
    (reset! seen [])
    (let [again (rerun-failed pair)]
      (is (= [["b" "c"] ["b"]] @seen) "the whole pipeline, for those that failed")
      (is (= [["a" 0] ["b" 0] ["c" -1]] (codes again)))
      (is (= ["a" "b"] (:hosts (first again))))
      (is (= [["a" 0] ["b" 0] ["c" -1]] (codes (rerun-failed again))) "and once more")))
  (testing "also when nobody was left"
    (let [op (failing-at-first (atom []) {"a" [1 1 :exit]})
          pair (:pair (try (run (op (hosts "a")) | (pick successful)) (catch clojure.lang.ExceptionInfo e (ex-data e))))]
      (is (= [["a" 0]] (codes (rerun-failed pair))))))
  (testing "under other names"
    (let [op (failing-at-first (atom []) {"10.0.0.1" [1 1 :exit]})
          pair (run (op (hosts "10.0.0.1,10.0.0.2")) | (convert {"10.0.0.1" "x" "10.0.0.2" "y"}))]
      (is (= [["x" 1] ["y" 0]] (codes pair)))
      (is (= [["x" 0] ["y" 0]] (codes (rerun-failed pair))))))
  (is (= :re-mote/bad-argument (kind #(rerun-failed [abcde {}]))))
  (testing "without a pair: the last one on this thread"
    (let [op (failing-at-first (atom []) {"a" [1 1 :exit]})]
      (run (op (hosts "a,b")))
      (is (= [["a" 0] ["b" 0]] (codes (rerun-failed)))))
    (let [said (promise)]
      (.start (Thread. (fn [] (deliver said (kind #(rerun-failed))))))
      (is (= :re-mote/bad-argument (deref said 60000 :late)) "and there is none on another"))))

(deftest rolling-over-hosts
  (let [batches (fn [options m] (let [seen (atom [])
                                      op (operation seen "op" (fn [host] (if-let [code (m host)] (entry host code :exit) (entry host :ok))))
                                      pair (rolling (hosts "h[1-7]") options op)]
                                  [@seen (mapv :code (entries (second pair))) (:hosts (first pair))]))
        seven (:hosts (hosts "h[1-7]"))]
    (is (= [(mapv vector seven) [0 0 0 0 0 0 0] seven] (batches {} {})))
    (is (= [3 3 1] (map count (first (batches {:batch 3} {})))))
    (is (= [1 2 4] (map count (first (batches {:batch [1 2 "50%"]} {})))))
    (is (= [7] (map count (first (batches {:batch "100%"} {})))))
    (testing "it stops after failures"
      (let [[seen codes going-on] (batches {:batch 2} {"h2" 5})]
        (is (= [["h1" "h2"]] seen))
        (is (= [0 5 -1 -1 -1 -1 -1] codes) "every host has an entry")
        (is (= ["h1" "h2"] going-on)))
      (is (= [0 5 5 -1 -1 -1 -1] (second (batches {:stop-after 2} {"h2" 5 "h3" 5}))))
      (is (= [0 5 5 0 0 0 0] (second (batches {:stop-after "40%"} {"h2" 5 "h3" 5}))))
      (is (= [5 5 5 0 0 0 0] (second (batches {:stop-after nil} {"h1" 5 "h2" 5 "h3" 5})))))
    (testing "as a stage, with pipelines that narrow or lose all their hosts"
      (let [op (answers {"a" 1 "b" [1 :exit] "c" 1})
            [this _ :as pair] (run (op (hosts "a,b,c")) | (rolling {:batch 1 :stop-after 2} (fn [hs] (run (op hs) | (pick successful)))))]
        (is (= ["a" "c"] (:hosts this)))
        (is (= [["a" 0] ["b" 1] ["c" 0]] (codes pair)))))
    (is (= :re-mote/no-successful-hosts
           (kind #(run (rolling (hosts "a,b") {} (fn [hs] (run ((answers {"a" [1 :exit]}) hs) | (pick successful))))))))
    (is (= [:stopped "h3 was not reached: 1 of 3 hosts had failed before"]
           ((juxt :reason :message) (:error (last (entries (second (rolling (hosts "h[1-3]") {} (answers {"h1" [1 :exit]})))))))))
    (is (= :re-mote/bad-argument (kind #(rolling abcde {:batch "many"} (answers numbers)))))
    (is (= :re-mote/broken-stage (kind #(rolling abcde {} (constantly nil)))))))

;; --- in the background -----------------------------------------------------------------------------------------------------

(deftest in-the-background
  (let [gate (promise)
        op (operation (atom []) "op" (fn [host] @gate (entry host 1)))
        job (run (op (hosts "a,b")) | (pick successful) | (async))]
    (is (future? job))
    (is (not (realized? job)))
    (is (= :re-mote/still-running (kind #(run job | (block 1) | (pick successful)))))
    (deliver gate true)
    (is (= [["a" 0] ["b" 0]] (codes @job) (codes (run job | (block))) (codes (run job | (block 60000) | (pick successful)))))
    (testing "block of what is not in the background"
      (is (= [["a" 0]] (codes (run (op (hosts "a")) | (block))))))
    (testing "nobody left there"
      (let [job (run ((answers {"a" [1 :exit]}) (hosts "a")) | (pick successful) | (async)) teed (atom nil)]
        (is (= :re-mote/no-successful-hosts (kind #(run job | (block) | (tee (fn [_ r] (reset! teed (:stage r))))))))
        (is (= "answers" @teed))))
    (is (thrown? Exception (run (op (hosts "a")) | (async) | (pick successful))) "async is the last stage")))

(deftest five-hundred-hosts-ten-percent-failing
  (let [hs (hosts "web[001-500]")
        fails? (fn [host] (zero? (mod (parse-long (subs host 3)) 10)))
        op (operation (atom []) "first" #(if (fails? %) (entry % -1 :refused) (entry % (count %))))
        later (operation (atom []) "second" #(if (string/ends-with? % "1") (entry % 1 :exit) (entry % :ok)))
        [this results] (run (op hs) | (pick successful) | (later) | (pick successful) | (aggregate) | (sort-results :code))]
    (is (= 400 (count (:hosts this))))
    (is (= (set (:hosts hs)) (set (map :host (entries results)))))
    (is (= 500 (count (entries results)) (count (:hosts results))))
    (is (= {0 400 1 50 -1 50} (frequencies (map :code (entries results)))))
    (is (= 500 (count (entries (second (rerun-failed (run (op hs) | (pick successful) | (later))))))))))
