(ns components-test
  "Components: the order of starting and stopping, failures, and what happens to them when files are loaded anew."
  (:require [clojure.string :as str]
            [clojure.test :refer [deftest is testing use-fixtures]]
            [reops.components :as components :refer [defstate go reset stop]]
            [reops.fs :as fs]
            [reops.reload :as reload]))

(def events (atom []))
(defn note [event value] (swap! events conj event) value)

(defn- noted []
  (let [[all _] (swap-vals! events (constantly []))]
    all))

(defn- of-here
  "The components of this test: there are those that the program comes with, too."
  [components]
  (filterv #(nil? (re-find #"^(re-core|re-mote|reops)[.]" (namespace %))) components))

(defn- from-nothing [f]
  (stop)
  (noted)
  (f)
  (stop)
  (reload/refresh))

(use-fixtures :each from-nothing)

(defn- define
  "Evaluates forms in a namespace of that name, which requires this one as t, and others."
  [ns-name requires & forms]
  (binding [*ns* *ns*]
    (eval (list 'ns ns-name (list* :require '[components-test :as t] '[reops.components :refer [defstate]] requires)))
    (run! eval forms)))

(defn- forget [& ns-names]
  (stop)
  (run! remove-ns ns-names)
  (stop)
  (noted))

(deftest they-start-in-order-and-stop-the-other-way-round
  (define 'order.store [] '(defstate store "Where things are." :start (t/note :store+ {:open true}) :stop (t/note :store- store)))
  (define 'order.web '[[order.store :as s]]
    '(defstate server :start (t/note :server+ [:on s/store]) :stop (t/note :server- nil))
    '(defstate pages :start (t/note :pages+ [server]))
    '(defstate first-of-all :start (t/note :first+ 1) :stop (t/note :first- 1)))
  (is (= '[order.store/store order.web/server order.web/pages order.web/first-of-all] (of-here (go))))
  (is (= [:store+ :server+ :pages+ :first+] (noted)))
  (is (= {:open true} @(resolve 'order.store/store)))
  (is (= [:on {:open true}] @(resolve 'order.web/server)))
  (is (= "Where things are." (:doc (meta (resolve 'order.store/store)))))
  (testing "what runs is not started again"
    (is (= [] (go)))
    (is (= [] (noted))))
  (is (= '[order.web/first-of-all order.web/pages order.web/server order.store/store] (of-here (stop))))
  (is (= [:first- :server- :store-] (noted)))
  (is (= "#<order.store/store is not started>" (pr-str @(resolve 'order.store/store))))
  (is (= [] (stop)))
  (forget 'order.web 'order.store))

(deftest order-may-be-said
  (define 'said.a [] '(defstate late :start (t/note :late 1)))
  (define 'said.b [] '(defstate early :start (t/note :early 1)))
  (define 'said.a [] '(defstate late :start (t/note :late 1) :after [said.b/early]))
  (go)
  (is (= [:early :late] (noted)))
  (forget 'said.a 'said.b))

(deftest one-that-fails-to-start
  (define 'fails.a []
    '(defstate one :start (t/note :one+ 1) :stop (t/note :one- 1))
    '(defstate two :start (throw (ex-info "no port" {:port 80})))
    '(defstate three :start (t/note :three+ 3)))
  (let [e (try (go) (catch Exception e e))]
    (is (= [:reops/start-failed 'fails.a/two] ((juxt :type :component) (ex-data e))))
    (is (= {:port 80} (ex-data (ex-cause e)))))
  (is (= '[fails.a/one] (of-here (components/running))))
  (is (= '[fails.a/one] (of-here (stop))))
  (is (= [:one+ :one-] (noted)))
  (forget 'fails.a))

(deftest one-that-fails-to-stop-does-not-keep-the-others
  (define 'stuck.a []
    '(defstate one :start 1 :stop (t/note :one- 1))
    '(defstate two :start 2 :stop (throw (ex-info "stuck" {}))))
  (go)
  (let [e (try (stop) (catch Exception e e))]
    (is (= ['stuck.a/two] (:components (ex-data e)))))
  (is (= [:one-] (noted)))
  (is (= [] (components/running)))
  (forget 'stuck.a))

(deftest defined-anew-it-goes-on-and-stops-as-it-is-defined-now
  (define 'anew.a [] '(defstate one :start 1 :stop (t/note :old- 1)))
  (go)
  (define 'anew.a [] '(defstate one :start 2 :stop (t/note :new- 1)))
  (is (= 1 @(resolve 'anew.a/one)))
  (stop)
  (is (= [:new-] (noted)))
  (go)
  (is (= 2 @(resolve 'anew.a/one)))
  (forget 'anew.a))

(deftest reset-loads-changed-files-between-stop-and-go
  (fs/with-temp-dir [folder]
    (binding [*load-path* [folder]]
      (let [write (fn [number & more]
                    (spit (fs/join folder "reset_a.clj")
                          (str "(ns reset-a (:require [components-test :as t] [reops.components :refer [defstate]]))\n"
                               "(defstate one :start (t/note :+" number " " number ") :stop (t/note :-" number " 1))\n"
                               (str/join "\n" more))))]
        (write 1 "(defstate two :start 2 :stop (t/note :two- 2))")
        (require 'reset-a)
        (go)
        (write 2)
        (is (= '{:loaded [reset-a] :running [reset-a/one]} (update (reset) :running of-here)))
        (is (= [:+1 :two- :-1 :+2] (noted)))
        (is (= 2 @(resolve 'reset-a/one)))
        (is (nil? (resolve 'reset-a/two)))))
    (forget 'reset-a))
  (reload/refresh))

(deftest what-defstate-does-not-understand
  (doseq [[form words] '{(reops.components/defstate) "arg"
                         (reops.components/defstate x :start) "pairs"
                         (reops.components/defstate x :stop 1) "no :start"
                         (reops.components/defstate x :begin 1) ":begin"}]
    (let [e (try (eval form) (catch Throwable e e))]
      (is (str/includes? (str (ex-message e) (some-> e ex-cause ex-message)) words) (pr-str form)))))
