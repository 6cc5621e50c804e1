(ns verbs-test
  "Systems and types from the prompt's verbs down to the store: making, listing, choosing, working on them, removing them."
  (:refer-clojure :exclude [list])
  (:require [clojure.string :as string]
            [clojure.test :refer [deftest is testing use-fixtures]]
            [re-core.controller :as controller]
            [re-core.fake.provider]
            [re-core.persistency.common :as store]
            [re-core.persistency.jobs :as jobs-store]
            [re-core.persistency.systems :as systems-store]
            [re-core.persistency.types :as types-store]
            [re-core.presets.common :refer [materialise with-host]]
            [re-core.presets.fake :refer [delays fake faults]]
            [re-core.presets.instance-types :refer [small tiny]]
            [re-core.presets.systems :refer [defaults local os tags volume]]
            [re-core.presets.types :refer [args cog src]]
            [re-core.queue :refer [schedule]]
            [re-core.repl :refer :all]
            [re-core.repl.base :refer [systems]]
            [re-core.repl.jobs :refer [job jobs retry-job wait]]
            [re-core.repl.results :refer [*all *id *ids *ip *last]]
            [re-core.repl.selection :refer :all]
            [re-core.workflows :as workflows]
            [re-mote.repl.base :as mote]
            [reops.ansi :as ansi]))

(def quick [defaults (local) (delays 0)])

(defmacro quietly
  "The value of the forms, whose output is not shown."
  [& forms]
  `(let [value# (atom nil)]
     (with-out-str (reset! value# (do ~@forms)))
     @value#))

(defn- make [& args] (quietly (wait (apply create fake (concat quick [small] args)) 60000)))

(defmacro outcome
  "How many succeeded and failed of what a verb returned, when it is done."
  [form]
  `(mapv count ((juxt :successful :failure) (:results (second (quietly (wait ~form 60000)))))))

(defn- empty-store [f]
  (quietly (wait (destroy (hyp :fake) {:force true}) 60000)
           (clear identity :systems {:force true})
           (clear identity :types {:force true}))
  (f))

(use-fixtures :each empty-store)

(deftest three-machines
  (let [text (with-out-str
               (let [f (create fake (first quick) (local) (delays 0) small :redis "cache" 3)]
                 (is (future? f))
                 (let [[this {:keys [systems jobs results]}] (wait f 60000)]
                   (is (= (class systems) (class (vec systems))))
                   (is (= "Systems" (.getSimpleName (class this))))
                   (is (= [3 0] (mapv count ((juxt :successful :failure) results))))
                   (is (every? #(= :done (:state %)) jobs)))))]
    (is (= 3 (count (re-seq #"  ✔ redis-[0-9a-f]{10}\n" text))) text)
    (is (string/includes? text "Running create summary:")))
  (testing "they are in the store as they were described, and run"
    (doseq [[id {:keys [machine type description fake]}] (systems-store/all)]
      (is (re-matches #"[0-9a-f]{32}" id))
      (is (= {:user "re-ops" :domain "local" :os :ubuntu-22.04 :cpu 2 :ram 1} (dissoc machine :hostname :ip)))
      (is (string/starts-with? (:ip machine) "127."))
      (is (= [:redis "cache" :localhost] [type description (:node fake)]))))
  (is (= 3 (count (distinct (map (comp :ip :machine second) (systems-store/all))))))
  (testing "lists"
    (is (= 4 (count (string/split-lines (with-out-str (is (nil? (list))))))))
    (is (= 3 (count (:systems (second (list ip :systems :print? false))))))
    (is (= "" (with-out-str (list (comp not ip))))))
  (testing "what the last verb was about"
    (is (= 3 (count (*ids)) (count (*last))))
    (is (thrown-with-msg? Exception #"about 3 systems, not one" (*id))))
  (testing "destroyed, nothing is left"
    (is (= [3 0] (outcome (destroy identity {:force true}))))
    (is (empty? (systems-store/all)))
    (is (empty? (store/query "select * from fake_machines")))))

(deftest stored-exactly
  (let [odd {:machine {:hostname "odd" :n (vec (range 30)) :empty {} :none nil}
             "text" 1/3 :1 {:2 {:3 []}} 'sym #{1 2} :big 123456789012345678901N :dec 1.50M :char \a :kw :a.b/c
             :bool false :when #inst "2024-02-29T12:00:00.000-00:00" :list '(1 2)}
        [id] (systems-store/create [odd])]
    (is (= odd (systems-store/get id)))
    (is (= odd (store/unpack (first (first (store/query "select data from systems where id = ?" [id])))))))
  (is (thrown-with-msg? Exception #"at \[:a :f\] there is" (systems-store/create [{:a {:f inc}}]))))

(deftest refused-and-made
  (let [[_ {:keys [results]}] (make :redis (let [n (atom 0)]
                                             (fn [system] (cond-> system (#{2 4} (swap! n inc)) (assoc-in [:machine :os] "linux"))))
                                    5)]
    (is (= [3 2] (mapv count ((juxt :successful :failure) results))))
    (is (every? #(string/includes? (:message %) "[:machine :os] is \"linux\", where there should be an operating system")
                (:failure results))))
  (is (= 3 (count (systems-store/all))))
  (testing "everything that is wrong is said"
    (let [message (-> (quietly (wait (create fake (volume -1) (with-host "no_name") "x") 60000)) second :results :failure first :message)]
      (doseq [part ["[:machine :os] is missing" "[:type] is missing" "[:machine :hostname] is \"no_name\"" "[:fake :volumes 0 :size] is -1"]]
        (is (string/includes? message part) message))))
  (testing "what is no argument"
    (is (thrown-with-msg? Exception #"create begins with a base" (create {} small)))
    (is (thrown-with-msg? Exception #"create takes presets" (create fake 1.5)))
    (is (thrown-with-msg? Exception #"one system or more" (create fake small 0)))))

(deftest presets-from-left-to-right
  (let [one (fn [& args] (first (materialise fake args)))]
    (is (= :debian-12 (get-in (one defaults (os :debian-12)) [:machine :os])))
    (is (= :ubuntu-22.04 (get-in (one (os :debian-12) defaults) [:machine :os])))
    (is (= (get-in (one local) [:fake :node]) (get-in (one (local)) [:fake :node]) :localhost))
    (is (= [1 0.5] ((juxt :cpu :ram) (:machine (one small tiny)))))
    (is (= ["vdb" "vdc"] (map :device (get-in (one (volume 1) (volume 2)) [:fake :volumes]))))
    (is (= #{:a :b} (:tags (one (tags :a) (tags :b)))))
    (is (= "red1" (get-in (one :redis (with-host "red1")) [:machine :hostname])))
    (is (re-matches #"redis-[0-9a-f]{10}" (get-in (one :redis) [:machine :hostname])))))

(deftest choosing
  (make :redis (with-host "a") (tags :web))
  (make :nginx (with-host "b") (os :debian-12) (tags :web :dc1))
  (make :redis (with-host "c"))
  (quietly (wait (halt (named ["c"]) {:force true}) 60000))
  (let [names (fn [f] (set (map (comp :hostname :machine second) (:systems (second (list f :systems :print? false))))))
        [[id system]] (systems-store/by :hostname "a")]
    (is (= #{"a" "c"} (names (typed :redis)) (names (by-type :redis))))
    (is (= #{"a" "b"} (names ip) (names (tagged :web))))
    (is (= #{"b"} (names (tagged :web :dc1)) (names (match-kv [:machine :os] :debian-12))))
    (is (= #{"c"} (names (comp not ip))))
    (is (= #{"a"} (names (matching (subs id 12))) (names (with-ids [id])) (names (match-one-of [id])) (names (with-ips [(get-in system [:machine :ip])]))))
    (is (= #{"a" "b" "c"} (names (hyp :fake)) (names all-instances)))
    (is (= #{"a" "b" "c"} (names (fn [[_ m]] (> (get-in m [:machine :cpu]) 1)))))
    (is (thrown-with-msg? Exception #"in a sequence" (named "a")))
    (is (thrown? Exception (matching "")))
    (testing "as hosts"
      (is (= ["a" "b" "c"] (:hosts (hosts identity :hostname))))
      (is (= 2 (count (:hosts (hosts ip)))))
      (is (= "re-ops" (get-in (hosts (named ["a"]) :hostname) [:auth :hosts "a" :user])))
      (is (= ["x1" "x2"] (:hosts (hosts "x[1-2]")))))))

(deftest halting-and-starting
  (make :redis (with-host "a"))
  (testing "it asks, and only yes is yes"
    (let [text (with-out-str (with-in-str "n\n" (wait (halt ip) 60000)))]
      (is (string/includes? text (subs (*id) 28)) text)
      (is (string/includes? text "nothing done") text))
    (is (some? (*ip)))
    (is (= [1 0] (with-in-str "y\n" (outcome (halt ip))))))
  (is (nil? (*ip)))
  (is (= [1 0] (outcome (start))))
  (is (some? (*ip)))
  (testing "a machine that does not listen loses its power"
    (make :redis (with-host "deaf") (faults {:stop :deaf}))
    (is (= [1 0] (outcome (halt (named ["deaf"]) {:force true :grace 1}))))
    (is (= [["stopped"]] (store/query "select status from fake_machines where name = 'deaf'")))))

(deftest a-failure-is-taken-back
  (let [[_ {:keys [results]}] (make :redis (faults {:start "no bootable device"}) (with-host "bad"))
        {:keys [message start end state system]} (first (:failure results))]
    (is (= [:failed "start: no bootable device"] [state message]))
    (is (<= start end))
    (is (not (systems-store/exists? system)))
    (is (= [] (store/query "select * from fake_machines")))
    (testing "and can be tried again"
      (is (= [0 1] (outcome (retry-job (:id (first (:failure results)))))))))
  (testing "unless it is to be kept"
    (let [[_ {:keys [results]}] (make :redis (faults {:start {:message "no" :times 1}}) {:keep true})]
      (is (= 1 (count (:failure results))))
      (is (= [["stopped"]] (store/query "select status from fake_machines")))
      (is (= [1 0] (outcome (start)))))))

(deftest checking-changes-nothing
  (let [text (with-out-str (wait (create fake (first quick) small :redis (with-host "a") {:check true}) 60000))]
    (is (string/includes? text "? a (only checked)") text))
  (is (empty? (systems-store/all)))
  (make :redis (with-host "a"))
  (let [before (systems-store/all)
        jobs-before (count (jobs-store/latest 1000))]
    (doseq [verb [halt destroy reload start provision]]
      (quietly (wait (verb identity {:check true}) 60000)))
    (is (= before (systems-store/all)))
    (is (= jobs-before (count (jobs-store/latest 1000))))))

(deftest what-is-anothers-is-left-alone
  (make :redis (with-host "a"))
  (let [before (systems-store/all)
        machines (fn [] (store/query "select id, name, status from fake_machines"))
        there (machines)]
    (testing "a machine of that name is there: the new system goes, and nothing else"
      (let [[_ {:keys [results]}] (make :nginx (with-host "a"))]
        (is (= ["absent: There is a machine a already; it is running"] (map :message (:failure results)))))
      (is (= before (systems-store/all)))
      (is (= there (machines))))
    (testing "a system that is asked to be made again stays"
      (quietly (controller/await-jobs (map :id (:jobs (schedule {} "create" before)))))
      (is (= before (systems-store/all)))
      (is (= there (machines))))
    (testing "somebody takes the name between looking and making"
      (with-redefs [workflows/no-machine-yet (fn [_] nil)]
        (let [[_ {:keys [results]}] (make :nginx (with-host "a"))]
          (is (= ["create: There is a fake machine a already, of another system"] (map :message (:failure results))))))
      (is (= before (systems-store/all)))
      (is (= there (machines))))))

(deftest destroyed-while-it-is-made
  (testing "the one comes after the other, and nothing is left"
    (let [[making destroying] (quietly [(create fake defaults local small :redis (with-host "a") (delays {:create 200 :start 0}))
                                        (destroy (named ["a"]) {:force true})])]
      (is (= [[1 0] [1 0]] [(outcome making) (outcome destroying)]))
      (is (empty? (systems-store/all)))
      (is (empty? (store/query "select * from fake_machines")))
      (is (= ["destroy" "create"] (map :topic (jobs-store/latest 2))))))
  (testing "what could not be made is no longer there to be destroyed"
    (let [[making destroying] (quietly [(create fake defaults local small :redis (with-host "b") (delays {:create 200 :start 0}) (faults {:start "no"}))
                                        (destroy (named ["b"]) {:force true})])]
      (is (= [[0 1] [1 0]] [(outcome making) (outcome destroying)]))
      (is (empty? (systems-store/all)))
      (is (empty? (store/query "select * from fake_machines"))))))

(deftest made-anew
  (make :redis (with-host "a"))
  (let [[[id before]] (systems-store/all)]
    (is (= [1 0] (outcome (reload (named ["a"]) {:force true}))))
    (let [[[same-id after]] (systems-store/all)]
      (is (= id same-id))
      (is (= "a" (get-in after [:machine :hostname])))
      (is (not= (get-in before [:fake :id]) (get-in after [:fake :id]))))))

(deftest snapshots
  (make :redis)
  (is (= [1 0] (outcome (snapshot identity "before"))))
  (is (= [1 0] (outcome (revert identity "before" {:force true}))))
  (is (= [0 1] (outcome (revert identity "never" {:force true})))))

(deftest recording-only
  (let [[_ {:keys [results]}] (quietly (add fake (first quick) small :redis (with-host "there")))]
    (is (= 1 (count (:successful results)))))
  (is (= 1 (count (systems-store/all))))
  (is (empty? (store/query "select * from fake_machines")))
  (fill (named ["there"]) [:machine :ip] "192.0.2.1")
  (is (= 1 (count (systems-store/by :ip "192.0.2.1"))))
  (is (= "nothing done\n" (last (re-seq #"(?s)nothing done\n" (with-out-str (with-in-str "\n" (clear)))))))
  (clear identity :systems {:force true})
  (is (empty? (systems-store/all))))

(def planned (atom []))

(defn plan
  "A plan that notes what it is given."
  [hs version]
  (swap! planned conj [(:hosts hs) (:user (mote/target hs (first (:hosts hs)))) version])
  [hs {:hosts (:hosts hs) :successful [{:host (first (:hosts hs)) :code 0 :changed true}] :failure []}])

(defn half-plan
  "A plan that fails the first time."
  [hs]
  (if (= 1 (count (swap! planned conj hs)))
    [hs {:hosts (:hosts hs) :successful [] :failure [{:host (first (:hosts hs)) :code 3 :error {:message "no disk"}}]}]
    [hs {:hosts (:hosts hs) :successful [{:host (first (:hosts hs)) :code 0}] :failure []}]))

(deftest types-of-systems
  (quietly (create cog 'verbs-test/plan (src "/srv/resources/") (args "7.2") :redis "a cache"))
  (is (= {:type "redis" :description "a cache" :cog {:args ["7.2"] :src "/srv/resources/" :plan 'verbs-test/plan}} (types-store/get :redis)))
  (is (string/includes? (with-out-str (list identity :types)) ":redis"))
  (is (= "" (with-out-str (list (fn [[id _]] (= :nginx id)) :types))))
  (is (thrown-with-msg? Exception #"\[:cog :plan\] is plan" (create cog 'plan :x "d")))
  (is (thrown-with-msg? Exception #"The plan no.such/plan cannot be loaded" (create cog 'no.such/plan :x "d")))
  (is (thrown-with-msg? Exception #"The plan verbs-test/none names no function" (create cog 'verbs-test/none :x "d")))
  (is (= [:redis] (map first (types-store/all))))
  (testing "its plan is run over the hosts of its systems"
    (make :redis 2)
    (is (= [2 0] (outcome (provision (typed :redis)))))
    (let [addresses (map (comp :ip :machine second) (systems-store/all))]
      (is (= (set (map (fn [ip] [[ip] "re-ops" "7.2"]) addresses)) (set @planned))))
    (reset! planned [])
    (is (= [1 1] (do (quietly (create cog 'verbs-test/half-plan :redis "fails once")) (outcome (provision (typed :redis))))))
    (is (re-find #"provision: 127.* - 3, no disk" (-> (*all) :results :failure first :message))))
  (testing "a type that nobody defined is asked for when it is needed"
    (make :nosuch)
    (is (= [0 1] (outcome (provision (typed :nosuch)))))
    (is (= "type: There is no type :nosuch yet" (-> (*all) :results :failure first :message)))))

(deftest two-verbs-at-once
  (make :redis (with-host "a"))
  (quietly
   (let [first-time (destroy identity {:force true})
         again (destroy identity {:force true})]
     (is (= [1 0] (outcome first-time)))
     (is (contains? #{[1 0] [0 0]} (outcome again))))))

(deftest looking-at-jobs
  (make :redis (with-host "a") 1)
  (let [{:keys [id]} (first (jobs 1 :print? false))
        {:keys [log state]} (job (subs id 20))]
    (is (= :done state))
    (is (= [:absent :create :start] (map :step log)))
    (is (every? #(= :done (:state %)) log))
    (is (string/includes? (with-out-str (jobs)) (subs id 28)))
    (testing "with colours where they are seen"
      (let [line (fn [text] (first (filter #(string/includes? % (subs id 28)) (string/split-lines text))))
            coloured (line (binding [ansi/*enabled* true] (with-out-str (jobs))))]
        (is (string/includes? coloured "\u001b[32mdone\u001b[0m") coloured)
        (is (= (line (binding [ansi/*enabled* false] (with-out-str (jobs)))) (ansi/strip coloured))))))
  (is (thrown-with-msg? Exception #"no job" (job "xyz"))))

(deftest the-other-list
  (is (= '(1 2 3) (list 1 2 3)))
  (is (= '(:a) (list :a))))
