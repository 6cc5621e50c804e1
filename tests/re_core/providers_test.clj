(ns providers-test
  "What providers must do: the fake one, and one that a user wrote. Dumps, and machines that the store does not know."
  (:refer-clojure :exclude [list sync])
  (:require [clojure.string :as string]
            [clojure.test :refer [deftest is testing use-fixtures]]
            [re-core.conformance :refer [conformance]]
            [re-core.core :as core]
            [re-core.fake.provider]
            [re-core.model :as model]
            [re-core.persistency.dump :refer [dump restore]]
            [re-core.persistency.systems :as systems-store]
            [re-core.persistency.types :as types-store]
            [re-core.presets.common :refer [with-host]]
            [re-core.presets.fake :refer [delays fake faults]]
            [re-core.presets.instance-types :refer [large small]]
            [re-core.presets.systems :refer [defaults]]
            [re-core.repl :refer :all]
            [re-core.repl.selection :refer :all]
            [reops.fs :as fs]))

(defmacro quietly [form]
  `(let [value# (atom nil)]
     (with-out-str (reset! value# ~form))
     @value#))

(defmacro made [form] `(second (quietly (deref ~form 60000 nil))))

(defn- fresh [f]
  (made (destroy (hyp :fake) {:force true}))
  (quietly (clear identity :systems {:force true}))
  (f))

(use-fixtures :each fresh)

(deftest the-fake-provider
  (is (= [] (conformance fake defaults small :redis (delays 0))))
  (testing "what is wrong is found"
    (is (string/includes? (str (conformance fake defaults small :redis (delays 0) (faults {:start "no disk"}))) "start failed: no disk")))
  (testing "nothing is left"
    (is (= [] (:systems (quietly (second (sync :fake))))))))

(deftest a-provider-of-a-users
  (load-file (fs/join (System/getenv "SOURCES") "examples" "shelf.clj"))
  (let [base @(resolve 'shelf/shelf)]
    (is (= [] (conformance base defaults small :redis (with-host "conforming"))))
    (testing "its machines are made and removed as others are"
      (let [{:keys [results]} (made (create base defaults small :redis (with-host "on-the-shelf")))]
        (is (= [1 0] (mapv count ((juxt :successful :failure) results))) results))
      (is (= "127.0.0.1" (get-in (second (first (systems-store/by :hyp :shelf))) [:machine :ip])))
      (is (= 1 (count (:successful (:results (made (destroy (hyp :shelf) {:force true})))))))))
  (testing "a system on nothing that is known"
    (is (string/includes? (-> (made (create {:machine {} :moon {}} defaults :redis)) :results :failure first :message)
                          "it is on no hypervisor: one of"))
    (is (thrown-with-msg? Exception #"no provider :moon" (sync :moon)))))

(deftest dumped-and-restored
  (made (create fake defaults small :redis (delays 0) 3))
  (types-store/put {:type "redis" :description "d" :cog {:args [1 "a" :b] :plan 'a/b}})
  (let [before (systems-store/all)]
    (fs/with-temp-dir [folder]
      (dump folder)
      (systems-store/delete (map first before))
      (types-store/delete [:redis])
      (is (= [] (systems-store/all)))
      (is (= {:systems 3 :types 1} (restore folder)))
      (is (= (into {} before) (into {} (systems-store/all))))
      (is (= [1 "a" :b] (get-in (types-store/get :redis) [:cog :args])))
      (testing "what was changed since is as it was"
        (fill identity [:description] "changed")
        (restore folder)
        (is (= (into {} before) (into {} (systems-store/all)))))
      (spit (fs/join folder "systems.edn") "[1 2]")
      (is (thrown-with-msg? Exception #"is no dump" (restore folder))))))

(deftest the-model-rebuilt-from-its-machines
  (made (create fake defaults small :redis "cache" (delays 0) 3))
  (let [before (set (map second (systems-store/all)))]
    (quietly (clear identity :systems {:force true}))
    (is (= 3 (count (:systems (quietly (second (sync :fake)))))))
    (is (= before (set (map second (systems-store/all)))))
    (is (= [] (:systems (quietly (second (sync :fake))))))
    (testing "what is otherwise there is told"
      (fill (fn [[_ {:keys [machine]}]] (= (:hostname machine) (get-in (first before) [:machine :hostname]))) [:machine :cpu] 64)
      (let [text (with-out-str (sync :fake))]
        (is (string/includes? text "[:machine :cpu] is 64 here and 2 there") text)))))

(deftest copies
  (made (create fake defaults small :redis (delays 0) (with-host "a")))
  (let [{:keys [results]} (made (clone (named ["a"]) large))]
    (is (= [1 0] (mapv count ((juxt :successful :failure) results))) results))
  (let [[[_ a] [_ copy]] (systems-store/all)]
    (is (re-matches #"a-[0-9a-f]{4}" (get-in copy [:machine :hostname])))
    (is (= [4 4] ((juxt :cpu :ram) (:machine copy))))
    (is (not= (get-in a [:fake :id]) (get-in copy [:fake :id])))
    (is (not= (get-in a [:machine :ip]) (get-in copy [:machine :ip])))))
