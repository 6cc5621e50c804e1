(ns jobs-test
  "Durable jobs: their order, cancelling, trying again, deadlines, workflows that throw, hang or are redefined under way, reloading."
  (:require [clojure.string :as string]
            [clojure.test :refer [deftest is testing use-fixtures]]
            [re-core.controller :as controller]
            [re-core.persistency.jobs :as jobs-store]
            [re-core.persistency.systems :as systems-store]
            [re-core.presets.common :refer [materialise with-host]]
            [re-core.presets.fake :refer [delays fake]]
            [re-core.presets.instance-types :refer [small]]
            [re-core.presets.systems :refer [defaults]]
            [re-core.queue :as queue :refer [schedule]]
            [re-core.repl.progress :as progress]
            [re-core.repl.jobs :refer [cancel-job job retry-job]]
            [re-core.watchdog :as watchdog]
            [re-core.workflows :refer [steps-of workflow]]
            [reops.components :as components]
            [reops.reload :as reload]))

(def events (atom []))

(defn- fresh [f]
  (reset! events [])
  (systems-store/delete (map first (systems-store/all)))
  (f))

(use-fixtures :each fresh)

(defn- systems
  "So many systems in the store, pairs."
  [n]
  (systems-store/with-ids (systems-store/create (materialise fake [defaults small :t (delays 0) n]))))

(defn- note [event] (swap! events conj event) nil)

(defn- await-that
  "Waits until something is true."
  [true-now?]
  (let [until (+ (System/nanoTime) 60000000000)]
    (while (and (not (true-now?)) (< (System/nanoTime) until))
      (Thread/sleep 5))
    (is (true-now?))))

(defn- await-event
  "Waits until an event has happened."
  [event]
  (await-that #(some #{event} @events)))

(defn- ended
  "The jobs of m when they have ended."
  [m]
  (controller/await-jobs (map :id (:jobs m))))

(deftest steps-and-outputs
  (def plain [{:step :one :run (fn [{:keys [options system id]}] (note [:one (:label options) (= id (:system-id system))]) {:n 1})}
              {:step :two :run (fn [{:keys [outputs]}] {:m (inc (get-in outputs [:one :n])) :merge {:machine {:rack "b"}} :remove [[:fake :delays]]})}])
  (workflow "plain" #'plain)
  (let [pairs (systems 2)
        jobs (ended (schedule {:options {:label "x"}} "plain" pairs))]
    (is (= [:done :done] (map :state jobs)))
    (is (= [{:n 1 :m 2} {:n 1 :m 2}] (map :result jobs)))
    (is (= [[:one "x" true] [:one "x" true]] @events))
    (is (every? #(= ["b" {}] [(get-in % [:machine :rack]) (:fake %)]) (map second (systems-store/all))))))

(deftest jobs-of-one-system-run-in-order
  (let [gate (promise)]
    (def slow [{:step :wait :run (fn [{:keys [options]}] (when (:first options) (note :begun) (deref gate 60000 nil)) (note (:n options)))}])
    (workflow "slow" #'slow)
    (let [pairs (systems 1)
          first-job (schedule {:options {:first true :n 0}} "slow" pairs)
          others (mapv (fn [n] (schedule {:options {:n n}} "slow" pairs)) (range 1 6))]
      (await-event :begun)
      (is (= :running (:state (first (:jobs (queue/now first-job))))))
      (is (= (repeat 5 :locked) (map (comp :state first :jobs queue/now) others)))
      (deliver gate true)
      (is (every? #(= :done (:state %)) (mapcat ended (cons first-job others))))
      (is (= [:begun 0 1 2 3 4 5] @events)))))

(deftest a-step-that-throws
  (def throws [{:step :good :run (fn [_] (note :good)) :undo (fn [_] (note :undone))}
               {:step :bad :run (fn [_] (throw (ex-info "broken" {:type ::broken :n 1}))) :undo (fn [_] (note :bad-undone))}])
  (workflow "throws" #'throws)
  (let [[{:keys [state message error id]}] (ended (schedule {} "throws" (systems 1)))]
    (is (= [:failed "bad: broken"] [state message]))
    (is (= {:type ::broken :n 1 :step :bad} error))
    (is (= [:good :bad-undone :undone] @events))
    (is (= [[:good :do :done] [:bad :do :failed] [:bad :undo :done] [:good :undo :done]]
           (map (juxt :step :direction :state) (:log (job id)))))
    (testing "what cannot be taken back is said"
      (def throws [{:step :good :run (fn [_] nil) :undo (fn [_] (throw (ex-info "stuck" {})))}
                   {:step :bad :run (fn [_] (throw (ex-info "broken" {})))}])
      (let [[{:keys [state message]}] (ended (schedule {} "throws" (systems 1)))]
        (is (= [:failed "bad: broken; taking back good failed: stuck"] [state message]))))
    (testing "what cannot be kept is an error of the step"
      (def throws [{:step :good :run (fn [_] (note :good)) :undo (fn [_] (note :undone-again))}
                   {:step :odd :run (fn [_] {:f inc})}])
      (let [[{:keys [state message error]}] (ended (schedule {} "throws" (systems 1)))]
        (is (= [:failed :re-core/unstorable] [state (:type error)]))
        (is (string/includes? message "odd: Only data can be kept in the store; at [:f] there is"))
        (is (= :undone-again (peek @events)))))
    (testing "no data is an error of the step"
      (def throws [{:step :odd :run (fn [_] 7)}])
      (is (string/includes? (:message (first (ended (schedule {} "throws" (systems 1))))) "returned 7")))))

(deftest tried-again-only-when-it-may
  (def retried [{:step :flaky :repeat true :retries 3 :pause 1
                 :run (fn [_] (note :tried) (when (< (count @events) 3) (throw (ex-info "not yet" {}))))}])
  (workflow "retried" #'retried)
  (let [[{:keys [state id]}] (ended (schedule {} "retried" (systems 1)))]
    (is (= [:done 3 3] [state (count @events) (:attempt (first (:log (job id))))])))
  (def retried [{:step :flaky :retries 3 :pause 1 :run (fn [_] (note :once) (throw (ex-info "no" {})))}])
  (is (= [:failed] (map :state (ended (schedule {} "retried" (systems 1))))))
  (is (= 1 (count (filter #{:once} @events)))))

(deftest a-step-has-its-time
  (def late [{:step :hangs :within 20 :run (fn [_] (deref (promise)))}])
  (workflow "late" #'late)
  (let [[{:keys [state message error]}] (ended (schedule {} "late" (systems 1)))]
    (is (= :failed state))
    (is (string/includes? message "the step hangs has") message)
    (is (= :re-core/timeout (:type error)))))

(deftest cancelled
  (def endless [{:step :begin :run (fn [_] (note :begun)) :undo (fn [_] (Thread/sleep 1) (note :undone))}
                {:step :hang :run (fn [_] (note :hangs) (deref (promise)))}])
  (workflow "endless" #'endless)
  (testing "what runs is interrupted and taken back"
    (let [{[{:keys [id]}] :jobs :as m} (schedule {} "endless" (systems 1))]
      (await-event :hangs)
      (cancel-job (subs id 8))
      (is (= [:cancelled] (map :state (ended m))))
      (is (= :undone (peek @events)))))
  (testing "what waits for its system never begins"
    (reset! events [])
    (let [pairs (systems 1)
          running (schedule {} "endless" pairs)
          waiting (schedule {} "endless" pairs)]
      (await-event :hangs)
      (cancel-job (:id (first (:jobs waiting))))
      (is (= [:cancelled] (map :state (ended waiting))))
      (cancel-job (:id (first (:jobs running))))
      (is (= [:cancelled] (map :state (ended running))))
      (is (= 1 (count (filter #{:begun} @events))))))
  (testing "and tried again"
    (reset! events [])
    (def endless [{:step :begin :run (fn [_] (note :again))}])
    (let [id (:id (first (jobs-store/latest 1)))]
      (with-out-str (deref (retry-job id) 60000 nil))
      (is (= [:again] @events))
      (is (thrown-with-msg? Exception #"Only a job that failed" (retry-job (:id (first (jobs-store/latest 1)))))))))

(deftest redefined-under-way
  (let [gate (promise)]
    (def changing [{:step :one :run (fn [_] (note :one) (deref gate 60000 nil) nil)} {:step :two :run (fn [_] (note :old))}])
    (workflow "changing" #'changing)
    (let [m (schedule {} "changing" (systems 1))]
      (await-event :one)
      (def changing [{:step :one :run (fn [_] nil)} {:step :two :run (fn [_] (note :new))}])
      (deliver gate true)
      (is (= [:done] (map :state (ended m))))
      (is (= [:one :new] @events))))
  (let [gate (promise)]
    (reset! events [])
    (def changing [{:step :one :run (fn [_] (note :one) (deref gate 60000 nil) nil)} {:step :two :run (fn [_] nil)}])
    (let [m (schedule {} "changing" (systems 1))]
      (await-event :one)
      (def changing [{:step :one :run (fn [_] nil)}])
      (deliver gate true)
      (is (= ["two: The workflow \"changing\" has no step :two any more"] (map :message (ended m)))))))

(deftest bad-workflows
  (def bad [])
  (is (thrown-with-msg? Exception #"no vector of steps" (workflow "bad" #'bad)))
  (def bad [{:step :a :run identity} {:step :a :run identity}])
  (is (thrown-with-msg? Exception #"same name" (workflow "bad" #'bad)))
  (is (thrown-with-msg? Exception #"given by its var" (workflow "bad" bad)))
  (is (thrown-with-msg? Exception #"no workflow \"nothing\"" (schedule {} "nothing" (systems 1))))
  (is (thrown-with-msg? Exception #"pairs \[id system\], found 1" (schedule {} "create" [1]))))

(deftest a-hundred-jobs-while-everything-is-loaded-anew
  (let [gate (promise)]
    (def many [{:step :one :run (fn [_] (note :one) (deref gate 60000 nil) nil)} {:step :two :run (fn [_] nil)}])
    (workflow "many" #'many)
    (let [m (schedule {} "many" (systems 100))]
      (await-event :one)
      (deliver gate true)
      (doseq [ns '[re-core.model re-core.watchdog re-core.workflows re-core.steps re-core.workers re-core.controller re-core.queue]]
        (require ns :reload))
      (is (= {:done 100} (frequencies (map :state (ended m))))))))

(deftest interrupted-by-a-stop-and-taken-up
  (def hanging [{:step :hang :run (fn [_] (note :hangs) (if (< (count @events) 3) (deref (promise)) nil)) :repeat true}])
  (def hanging-once [{:step :hang :run (fn [_] (note :hangs) (deref (promise)))}])
  (workflow "hanging" #'hanging)
  (workflow "hanging-once" #'hanging-once)
  (let [again (schedule {} "hanging" (systems 1))
        once (schedule {} "hanging-once" (systems 1))]
    (await-that #(= 2 (count @events)))
    (controller/resign 1)
    (is (= [:running :running] (mapcat #(map :state (:jobs (queue/now %))) [again once])))
    (is (controller/become))
    (testing "what may act twice does, and of the other it is said that nobody knows"
      (is (= [:done] (map :state (ended again))))
      (is (= [:lost] (map :state (ended once))))
      (is (= 3 (count @events))))))

(deftest a-step-that-cannot-be-interrupted
  (let [gate (promise)]
    (def stubborn [{:step :one :run (fn [_]
                                      (note :one)
                                      (while (not (realized? gate))
                                        (try (deref gate 60000 nil) (catch InterruptedException _ (note :woken))))
                                      nil)}
                   {:step :two :run (fn [_] nil)}])
    (workflow "stubborn" #'stubborn)
    (let [m (schedule {} "stubborn" (systems 1))]
      (await-event :one)
      (is (thrown-with-msg? Exception #"does not end, although" (controller/resign 1 1)))
      (is (controller/owner?))
      (await-event :woken)
      (deliver gate true)
      (is (= [:done] (map :state (ended m)))))))

(deftest paused-and-taken-up
  (let [gate (promise)]
    (def paused [{:step :one :run (fn [_] (note :one) (deref gate 60000 nil) nil)} {:step :two :run (fn [_] (note :two))}])
    (workflow "paused" #'paused)
    (components/go)
    (let [m (schedule {} "paused" (systems 3))
          waiting (future (ended m))]
      (await-event :one)
      (let [stopping (future (components/stop))]
        (await-that watchdog/stopping?)
        (deliver gate true)
        (is (some #{'re-core.controller/jobs-controller} @stopping)))
      (is (= {:running 3} (frequencies (map :state (:jobs (queue/now m))))))
      (is (not-any? #{:two} @events))
      (is (not (realized? waiting)))
      (components/go)
      (is (= {:done 3} (frequencies (map :state (deref waiting 60000 nil)))))
      (is (= 3 (count (filter #{:two} @events)))))))

(deftest progress-of-jobs
  (def gate (promise))
  (def gated [{:step :wait :run (fn [{:keys [options system]}]
                                  (when (= (:failing options) (get-in system [:machine :hostname])) (throw (ex-info "no good" {})))
                                  (when (= (:gated options) (get-in system [:machine :hostname])) @gate)
                                  nil)}])
  (workflow "gated" #'gated)
  (let [pairs (systems 3)
        [a b] (map #(get-in (second %) [:machine :hostname]) pairs)
        m (schedule {:options {:gated a :failing b}} "gated" pairs)
        run (:run (first (:jobs m)))
        states #(jobs-store/states-of run)]
    (await-that #(= {:running 1 :done 1 :failed 1} (states)))
    (is (re-matches (re-pattern (str "wait: 1 of 3 done, 1 failed, 1 running, 65 s; longest: " a " wait \\d+ s")) (progress/line "wait" [run] 65000)))
    (deliver gate :go)
    (ended m)
    (is (= "wait: 2 of 3 done, 1 failed, 70 s" (progress/line "wait" [run] 70000)))
    (is (= "" (with-out-str (progress/with-progress "wait" (:jobs m) (constantly nil)))) "never where there is no terminal")))
