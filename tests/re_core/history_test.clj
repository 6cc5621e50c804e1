(ns history-test
  "What is kept of runs and jobs, the audit trail, and that nobody changes it unnoticed."
  (:require [clojure.edn :as edn]
            [clojure.string :as string]
            [clojure.test :refer [deftest is testing]]
            [re-core.controller :as controller]
            [re-core.persistency.audit :as audit-store]
            [re-core.persistency.common :as store]
            [re-core.persistency.jobs :as jobs-store]
            [re-core.persistency.runs :as runs-store]
            [re-core.persistency.schema :as schema]
            [re-core.persistency.systems :as systems-store]
            [re-core.presets.common :refer [materialise]]
            [re-core.presets.fake :refer [delays fake faults]]
            [re-core.presets.instance-types :refer [small]]
            [re-core.presets.systems :refer [defaults]]
            [re-core.queue :refer [schedule]]
            [re-core.retention :as retention]
            [re-mote.history :as history]
            [re-mote.history.results :refer [compact restored]]
            [re-mote.repl.base :as base]
            [re-mote.repl.history :refer [audit failed-of jobs-of rerun result run-of runs verify-audit]]
            [re-mote.repl.output :as output]
            [re-mote.repl.repeating :refer [rerun-failed]]
            [reops.fs :as fs]
            [reops.peer :as peer]
            [reops.secrets :refer [masked secret]]))

(defn- entry [host code out]
  (let [said {:out out :err ""}]
    (if (zero? code)
      {:host host :code 0 :changed true :result said :profile {:time 3}}
      {:host host :code code :changed false :error (merge said {:reason :exit :message (str host " ended with " code)}) :profile {:time 5}})))

(defn- pair [& entries]
  [(base/->Hosts {} (mapv :host entries))
   {:hosts (mapv :host entries) :stage "exec"
    :successful (filterv (comp zero? :code) entries) :failure (filterv (comp pos? :code) entries)}])

(defn- ran
  "Has a run recorded that came to these entries."
  [form & entries]
  (history/recorded (history/about form '[hs]) #(history/operation "exec" "cmd" (fn [] (apply pair entries)))))

(defn- await-state
  "Waits until a job is in a state; whether it is."
  [id state]
  (let [until (+ (System/nanoTime) 60000000000)
        there? #(= state (:state (jobs-store/get id)))]
    (while (and (not (there?)) (< (System/nanoTime) until))
      (Thread/sleep 5))
    (there?)))

(deftest results-are-kept-compactly
  (let [[_ results] (pair (entry "web1" 0 "a\n") (entry "web2" 0 "a\n") (entry "db1" 3 "b\n"))
        kept (compact results)]
    (is (= [["web[1-2]" 0] ["db1" 3]] (map (juxt :hosts :code) (:groups kept))))
    (is (= kept (store/unpack (store/pack kept))))
    (is (= {"web1" "a\n" "web2" "a\n"} (into {} (map (juxt :host (comp :out :result))) (:successful (restored kept)))))
    (is (= ["b\n" "db1 ended with 3"] ((juxt :out :message) (:error (first (:failure (restored kept)))))))))

(deftest outputs-are-bounded
  (let [long-text (apply str (repeat 50000 "x"))
        [_ results] (pair (entry "web1" 0 long-text))
        [kept] (:groups (compact results))]
    (is (= 16384 (count (:out kept))))
    (is (= (- 50000 16384) (:cut kept))))
  (testing "however many different ones there are"
    (let [[_ results] (apply pair (map #(entry (str "h" %) 0 (apply str % (repeat 5000 "x"))) (range 500)))]
      (is (> 700000 (count (store/pack (compact results)))))))
  (testing "data that is small is kept as data"
    (let [entry {:host "a" :code 0 :result [{:n 1 :at #inst "2020-01-01"}]}
          kept (compact {:hosts ["a"] :successful [entry] :failure []})]
      (is (= (:result entry) (:result (first (:successful (restored (store/unpack (store/pack kept)))))))))))

(deftest no-secrets
  (is (= "mysql --password=*** -u x" (masked "mysql --password=hunter2 -u x")))
  (secret "db" "correct horse")
  (is (= "it is ***" (masked "it is correct horse")))
  (let [form '(run (exec (hosts "a" {:password "abc" :user "u"}) "login --token=zzz") | (f (secret "p" "q")))
        {:keys [form closed]} (history/about form [])]
    (is (not (re-find #"abc|zzz|\"q\"" form)) form)
    (is (string/includes? form ":user \"u\""))
    (is (not closed)))
  (let [{:keys [id]} (do (ran '(show) (entry "web1" 0 "it is correct horse; API_KEY=12345")) (run-of 1))]
    (is (= "it is ***; API_KEY=***" (:out (first (:groups (:results (runs-store/results id)))))))))

(deftest a-run-is-written-and-found
  (let [[_ results] (ran '(run (exec hs "x") | (pretty)) (entry "web1" 0 "a") (entry "db1" 2 "b"))
        {:keys [id] :as run} (run-of 1)]
    (is (= id (:run (meta results))))
    (is (= {:kind :pipeline :form "(run (exec hs \"x\") | (pretty))" :hosts 2 :failed 1 :codes {0 1 2 1} :stage "exec"}
           (select-keys run [:kind :form :hosts :failed :codes :stage])))
    (is (= (:user (peer/peer)) (:user run)))
    (is (= run (run-of (subs id 20))))
    (is (= ["db1"] (:hosts (failed-of id))))
    (is (string/includes? (with-out-str (runs)) "(exec hs \"x\")"))
    (is (thrown-with-msg? Exception #"There is no run \"nowhere\"" (run-of "nowhere")))
    (is (thrown-with-msg? Exception #"what only it knew" (rerun (do (ran '(f hs) (entry "web1" 0 "a")) 1))))
    (testing "diff with an earlier one"
      (let [shown (with-out-str (output/diff nil (second (pair (entry "web1" 0 "c") (entry "db1" 0 "b"))) (result id)))]
        (is (string/includes? shown "- a") shown)
        (is (string/includes? shown "+ c") shown)))))

(def tried (atom []))

(defn again
  "What a form of a run stands for."
  []
  (base/piped (fn []
                (let [before (count @tried)
                      code (fn [host] (if (and (= "db1" host) (zero? before)) 4 0))]
                  (swap! tried conj base/*only*)
                  (history/operation "exec" "cmd" (fn [] (apply pair (map #(entry % (code %) %) (filter (or base/*only* any?) ["web1" "db1"])))))))))

(deftest a-run-again
  (reset! tried [])
  (binding [history/*about* {:form "(history-test/again)" :closed true :namespace "user"}]
    (again))
  (let [{:keys [id]} (run-of 1)
        [_ results] (rerun-failed id)]
    (is (= [nil #{"db1"}] @tried))
    (is (= [#{"web1" "db1"} []] [(set (map :host (:successful results))) (:failure results)]))
    (is (= [1 0] ((juxt :hosts :failed) (run-of 1))))
    (rerun id)
    (is (= [nil #{"db1"} nil] @tried))
    (is (= [2 0] ((juxt :hosts :failed) (run-of 1))))))

(deftest jobs-are-a-run
  (let [pairs (systems-store/with-ids (systems-store/create (into (materialise fake [defaults small :t (delays 0) 2])
                                                                  (materialise fake [defaults small :t (delays 0) (faults {:start "no disk"})]))))
        m (schedule {:options {:keep true :note "password=hunter2"}} "create" pairs)]
    (controller/await-jobs (map :id (:jobs m)))
    (let [{:keys [kind hosts failed form end]} (run-of 1)]
      (is (= [:jobs 3 1] [kind hosts failed]))
      (is (number? end))
      (is (not (string/includes? form "hunter2")))
      (is (= #{:done :failed} (set (map :state (jobs-of 1)))))
      (is (thrown-with-msg? Exception #"is one of jobs" (rerun 1))))
    (let [[ended asked] (audit 2 :print? false)]
      (is (= [:ended "2 ✔ 1 x"] ((juxt :kind :outcome) ended)))
      (is (= :jobs (:kind asked)))
      (is (every? #(string/includes? (:targets asked) (get-in (second %) [:machine :hostname])) pairs))
      (is (= (:user (peer/peer)) (:user (:peer asked)))))))

(deftest what-is-kept
  (let [age (fn [table days] (store/commit [[(str "update " table " set " (if (= table "jobs") "ended" "started") " = ?") [(- (store/now) (* days 86400000))]]]))
        counts (fn [] (mapv #(ffirst (store/query (str "select count(*) from " %))) ["jobs" "steps" "runs"]))
        make (fn [n options]
               (let [pairs (systems-store/with-ids (systems-store/create (materialise fake [defaults small :t options n])))]
                 (schedule {} "create" pairs)))]
    (retention/clean)
    (controller/await-jobs (map :id (:jobs (make 3 (delays 0)))))
    (let [before (counts)]
      (is (= {:jobs 0 :runs 0 :audit 0} (retention/clean)) "what is new stays")
      (is (= before (counts))))
    (testing "what is old goes, but never what is under way"
      (let [hanging (make 1 (faults {:start :hang}))
            id (:id (first (:jobs hanging)))]
        (is (await-state id :running))
        (age "jobs" 400)
        (age "runs" 400)
        (retention/clean)
        (is (= [id] (map first (store/query "select id from jobs"))))
        (is (= [id] (distinct (map first (store/query "select job from steps")))))
        (is (= [1] (map :under-way (runs-store/latest 5))))
        (controller/cancel (jobs-store/get id))
        (controller/await-jobs [id])))
    (is (:sound (verify-audit)) "nothing of the audit trail goes")))

(def ^:private triggers
  "The statements that make the triggers of the trail as they are now."
  (mapv (fn [name] [(last (filter #(string/starts-with? % (str "create trigger " name)) (flatten schema/migrations))) []])
        ["audit_keeps" "audit_stays"]))

(defn- tampered
  "What verify-audit says while statements have changed the trail behind its back; then it is as it was."
  [& statements]
  (let [rows (store/query "select * from audit")
        columns (count (first rows))
        without (into [["drop trigger audit_keeps" []] ["drop trigger audit_stays" []]] statements)]
    (store/commit without)
    (let [said (verify-audit)]
      (store/commit (into [["delete from audit" []]] (map (fn [row] [(str "insert into audit values (" (string/join ", " (repeat columns "?")) ")") row])) rows))
      (store/commit triggers)
      (dissoc said :hash))))

(deftest pruning
  (dotimes [i 30]
    (store/commit [(audit-store/entry (peer/peer) :run (str "form " i) "web1" "1 ✔ 0 x")]))
  (let [first-n (fn [] (ffirst (store/query "select min(n) from audit")))
        last-n (fn [] (:n (audit-store/end)))
        all (last-n)]
    (is (= 0 (audit-store/prune {:before nil :keep nil})))
    (is (= 0 (audit-store/prune {:before nil :keep all})))
    (is (= 0 (audit-store/prune {:before (- (store/now) 86400000) :keep nil})))
    (testing "by number"
      (is (= (- all 20) (audit-store/prune {:before nil :keep 20})))
      (is (= [(- all 19) (inc all)] [(first-n) (last-n)]) "what is kept, and what tells of it")
      (is (= 0 (audit-store/prune {:before nil :keep 20})) "which is no reason to go on pruning")
      (is (= {:sound true :entries (inc all) :exported (- all 20)} (dissoc (verify-audit) :hash)))
      (is (= (range 1 (- all 19)) (map (comp :n edn/read-string) (string/split-lines (slurp (audit-store/exported-file)))))))
    (testing "tampering is found as before"
      (let [n (first-n)]
        (is (= {:sound false :broken (+ n 5)} (tampered ["update audit set what = 'x' where n = ?" [(+ n 5)]])))
        (is (= {:sound false :broken n} (tampered ["update audit set what = 'x' where n = ?" [n]])))
        (is (= {:sound false :broken (inc n)} (tampered ["delete from audit where n = ?" [n]])))
        (is (= {:sound false :broken (+ n 8)} (tampered ["delete from audit where n < ?" [(+ n 8)]])))
        (is (not (:sound (tampered ["update audit set targets = ? where kind = 'pruned'" [(str (+ n 3))]] ["delete from audit where n <= ?" [(+ n 3)]]))))
        (is (not (:sound (tampered ["delete from audit where kind = 'pruned'" []])))))
      (is (:sound (verify-audit))))
    (testing "the store lets only go what is said to be pruned"
      (is (thrown-with-msg? Exception #"only added to" (store/commit [["delete from audit where n = ?" [(first-n)]]]))))
    (testing "seals of what is gone say nothing, and the others what they said"
      (store/commit [(audit-store/entry (peer/peer) :run "sealed" "web1" "1 ✔ 0 x")])
      (audit-store/seal)
      (store/commit [(audit-store/entry (peer/peer) :run "after the seal" "web1" "1 ✔ 0 x")])
      (is (= {:sound false :broken (dec (last-n))} (dissoc (tampered ["delete from audit where n >= ?" [(dec (last-n))]]) :seal)))
      (is (pos? (audit-store/prune {:before (inc (store/now)) :keep nil})) "by age")
      (is (= 1 (ffirst (store/query "select count(*) from audit"))))
      (is (:sound (verify-audit))))
    (fs/delete (fs/join (store/folder) "audit.seals"))))

(deftest seals
  (store/commit [(audit-store/entry (peer/peer) :run "sealed" "web1" "1 ✔ 0 x")])
  (let [{:keys [n]} (audit-store/seal)]
    (is (= n (:n (peek (audit-store/seals)))))
    (is (:sound (verify-audit)))
    (testing "the end is missing"
      (store/commit [["drop trigger audit_stays" []]
                     ["delete from audit where n = ?" [n]]])
      (is (= [false n] ((juxt :sound :broken) (verify-audit)))))
    (store/commit [["create trigger audit_stays before delete on audit begin select raise(abort, 'the audit trail is only added to'); end" []]
                   (audit-store/entry (peer/peer) :run "another" "web1" "1 ✔ 0 x")])
    (is (= [false n] ((juxt :sound :broken) (verify-audit))) "another one in its place")
    (fs/delete (fs/join (store/folder) "audit.seals"))))

(deftest the-audit-trail
  (dotimes [i 5]
    (store/commit [(audit-store/entry (peer/peer) :run (str "form " i) "web1" "1 ✔ 0 x")]))
  (let [{:keys [sound entries]} (verify-audit)
        n (:n (audit-store/end))
        behind-its-back (fn [& statements]
                          (store/commit (into [["drop trigger audit_keeps" []] ["drop trigger audit_stays" []]] statements)))]
    (is sound)
    (is (= n entries))
    (is (thrown-with-msg? Exception #"only added to" (store/commit [["update audit set what = 'x' where n = ?" [n]]])))
    (is (thrown-with-msg? Exception #"only added to" (store/commit [["delete from audit where n = ?" [n]]])))
    (behind-its-back ["update audit set outcome = '0 ✔ 1 x' where n = ?" [(- n 2)]])
    (is (= {:sound false :broken (- n 2)} (verify-audit)))
    (testing "also when the digest is made anew, of what follows"
      (store/commit [["update audit set hash = sha256(previous, n, at, user, peer, kind, what, targets, outcome) where n = ?" [(- n 2)]]])
      (is (= {:sound false :broken (- n 1)} (verify-audit))))
    (testing "and when one is taken out"
      (store/commit [["delete from audit where n = ?" [(- n 3)]]])
      (is (= {:sound false :broken (- n 2)} (verify-audit))))))
