(ns both-transports
  "Facts of this machine over SSH and by an agent: the same data, whichever way it came."
  (:require [clojure.test :refer [deftest is testing use-fixtures]]
            [re-gent.demo :refer [demo-fleet stop-fleet]]
            [re-gent.fleet :as fleet]
            [re-mote.repl.base :refer [hosts pick run successful |]]
            [re-mote.repl.results :refer [entries reason]]
            [re-mote.zero.facts :refer [hardware-info listening-ports os-info packages processes services users]]
            [re-mote.zero.stats :refer [cpu disk-io du entropy free load-avg net sensor]]
            [reops.facts :as facts]))

(def ^:dynamic *by-ssh* nil)
(def ^:dynamic *by-agent* nil)

(use-fixtures :once
  (fn [tests]
    (fleet/open "127.0.0.1:*")
    (try
      (binding [*by-ssh* (hosts ["web1" "web2"])
                *by-agent* (demo-fleet 2)]
        (tests))
      (finally
        (stop-fleet)
        (fleet/close)))))

(defn- of-each
  "The result of the only outcome that all hosts had, which were asked over either transport."
  [verb & args]
  (let [all (mapcat #(entries (apply verb % args)) [*by-ssh* *by-agent*])]
    (is (= [0 0 0 0] (map :code all)) (pr-str (map :error all)))
    (is (every? (comp false? :changed) all))
    (map :result all)))

(deftest what-a-machine-is
  (let [all (of-each os-info)
        [system] all]
    (is (= 1 (count (distinct (map #(dissoc % :uptime) all)))) "the same over both")
    (is (= (:release (:kernel system)) (.trim (slurp "/proc/sys/kernel/osrelease"))))
    (is (every? string? ((juxt :id :name :architecture :hostname) system)))
    (is (every? pos-int? (map :uptime all))))
  (is (apply = (map #(update (dissoc % :temperatures) :memory :total) (of-each hardware-info))))
  (is (apply = (map :accounts (of-each users))))
  (is (apply = (of-each packages)))
  (is (apply = (map :manager (of-each services))))
  (testing "its processes, by a part of what they were started with"
    (doseq [found (of-each processes "regent")]
      (is (< 2 (count found)))
      (is (every? pos-int? (map :pid found)))))
  (doseq [found (of-each listening-ports)]
    (is (some (fn [{:keys [protocol address process]}] (and (= :tcp protocol) (re-find #"^127\." address) (= "sshd" process))) found))))

(deftest how-it-does
  (let [all (of-each free)]
    (is (= 1 (count (distinct (map (comp set keys) all)))))
    (is (apply = (map :total all)))
    (is (every? (fn [{:keys [total available used]}] (= total (+ available used))) all)))
  (is (= 1 (count (distinct (map (comp set keys) (of-each load-avg))))))
  (doseq [{:keys [used cores usr idle]} (of-each cpu)]
    (is (<= 0 used 100))
    (is (= (count cores) (:threads (facts/gather :processor))))
    (is (<= 0 (+ usr idle) 100.1)))
  (is (apply = (map #(set (map :mount %)) (of-each du))))
  (is (apply = (map #(set (map :interface %)) (of-each net {:over 100}))))
  (is (apply = (map #(set (map :disk %)) (of-each disk-io))))
  (is (apply = (map keys (of-each entropy))))
  (is (apply = (map count (of-each sensor)))))

(deftest in-pipelines
  (testing "as sources and stages, and with check, for nothing is changed by them"
    (doseq [hs [*by-ssh* *by-agent*]]
      (let [[_ results] (run (os-info hs {:check true}) | (pick successful) | (free))]
        (is (= "free" (:stage results)))
        (is (every? pos? (map (comp :total :result) (entries results)))))))
  (testing "a host that cannot be asked is a failure with its reason"
    (is (= [:auth] (map reason (entries (free (hosts ["web3"]))))))
    (is (= [[-1 :no-agent]] (map (juxt :code reason) (entries (free (fleet/agent-hosts ["nobody"])))))))
  (testing "and so is one that says something else, or only a part of it"
    (let [pair (with-redefs [facts/script (fn [& _] "echo what?")] (free *by-ssh*))]
      (is (= [[256 :parse] [256 :parse]] (map (juxt :code reason) (entries pair)))))))
