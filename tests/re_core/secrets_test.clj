(ns secrets-test
  "Jobs that need secrets: they keep names, wait while secrets are locked, and go on when somebody unlocks them."
  (:require [clojure.test :refer [deftest is testing use-fixtures]]
            [re-core.controller :as controller]
            [re-core.persistency.jobs :as jobs-store]
            [re-core.persistency.systems :as systems-store]
            [re-core.presets.common :refer [materialise]]
            [re-core.presets.fake :refer [delays fake]]
            [re-core.presets.instance-types :refer [small]]
            [re-core.presets.systems :refer [defaults]]
            [re-core.queue :as queue :refer [schedule]]
            [re-core.repl.jobs :refer [cancel-job]]
            [re-core.workflows :refer [workflow]]
            [reops.fs :as fs]
            [reops.process :as process]
            [reops.secrets :refer [reveal secret]]
            [reops.secrets.file :as file]))

(def passphrase "correct horse")
(def clear "hunter2-in-clear")

(defn- with-secrets [f]
  (with-in-str (str passphrase "\n" clear "\n")
    (when-not (fs/exists? (file/path))
      (file/set-secret :db)))
  (file/lock)
  (f))

(use-fixtures :each with-secrets)

(defn- unlock [] (with-in-str (str passphrase "\n") (file/unlock)))

(defn- systems [n]
  (systems-store/with-ids (systems-store/create (materialise fake [defaults small :t (delays 0) n]))))

(defn- await-state
  "Waits until the jobs of m are in a state; they are as they are then."
  [m state]
  (let [until (+ (System/nanoTime) 60000000000)
        now (fn [] (:jobs (queue/now m)))]
    (while (and (not-every? #{state} (map :state (now))) (< (System/nanoTime) until))
      (Thread/sleep 5))
    (is (every? #{state} (map :state (now))) (pr-str (map (juxt :state :message) (now))))
    (now)))

(defn- ended [m] (controller/await-jobs (map :id (:jobs m))))

(def lengths (atom []))
(def given [{:step :use :run (fn [{:keys [options]}] (swap! lengths conj (count (reveal (:password options)))) {:used true})}])
(def found [{:step :one :run (fn [_] {:one 1})}
            {:step :use :within 200 :run (fn [_] (swap! lengths conj (count (reveal (secret :db)))) nil)}])
(def plain [{:step :one :run (fn [_] {:one 1})}])

(deftest jobs-wait-until-somebody-unlocks
  (workflow "given" #'given)
  (workflow "found" #'found)
  (workflow "plain" #'plain)
  (reset! lengths [])
  (let [with-options (schedule {:options {:password (secret :db)}} "given" (systems 20))
        without (schedule {} "plain" (systems 20))
        within-a-step (schedule {} "found" (systems 1))]
    (testing "those that need none go on, more of the others than there are threads or not"
      (is (every? #{:done} (map :state (ended without)))))
    (is (= "it needs the secret :db, and secrets are locked: (unlock)" (:message (first (await-state with-options :locked)))))
    (await-state within-a-step :locked)
    ;; Longer than the step has: waiting takes no time of it.
    (Thread/sleep 300)
    (is (unlock))
    (is (every? #{:done} (map :state (mapcat ended [with-options within-a-step]))))
    (is (= (repeat 21 (count clear)) @lengths))
    (is (nil? (:message (first (:jobs (queue/now within-a-step))))))))

(deftest the-store-keeps-names
  (workflow "given" #'given)
  (unlock)
  (ended (schedule {:options {:password (secret :db) :more [{:deep (secret :db)}]}} "given" (systems 2)))
  (is (= (secret :db) (get-in (first (jobs-store/latest 1)) [:args :options :password])))
  (is (= 1 (:exit (process/run ["grep" "-rF" clear (reops.internal/data-folder)])))))

(deftest a-job-that-waits-can-be-cancelled
  (workflow "given" #'given)
  (workflow "found" #'found)
  (let [with-options (schedule {:options {:password (secret :db)}} "given" (systems 1))
        within-a-step (schedule {} "found" (systems 1))]
    (doseq [m [with-options within-a-step]]
      (await-state m :locked)
      (cancel-job (:id (first (:jobs m))))
      (is (= [:cancelled] (map :state (ended m)))))))

(deftest a-job-that-waits-is-taken-up-by-the-next-controller
  (workflow "given" #'given)
  (let [m (schedule {:options {:password (secret :db)}} "given" (systems 1))]
    (await-state m :locked)
    (controller/resign 1000)
    (is (controller/become))
    (await-state m :locked)
    (unlock)
    (is (= [:done] (map :state (ended m))))))

(deftest a-passphrase-that-somebody-has-changed
  (workflow "found" #'found)
  (unlock)
  (is (= clear (reveal (secret :db))))
  (process/check [(fs/read-link "/proc/self/exe") "-e" "(do (unlock) (change-passphrase))"] {:in (str passphrase "\nanother\n")})
  (is (thrown-with-msg? Exception #"has not been opened here" (reveal (secret :db))))
  (let [m (schedule {} "found" (systems 1))]
    (await-state m :locked)
    (with-in-str "another\n" (file/unlock))
    (is (= [:done] (map :state (ended m)))))
  (with-in-str (str passphrase "\n") (file/change-passphrase))
  (is (= clear (reveal (secret :db)))))

(deftest a-secret-that-is-not-there-fails-its-job
  (workflow "given" #'given)
  (unlock)
  (let [[{:keys [state message]}] (ended (schedule {:options {:password (secret :dbb)}} "given" (systems 1)))]
    (is (= [:failed "use: There is no secret :dbb"] [state message]))))
