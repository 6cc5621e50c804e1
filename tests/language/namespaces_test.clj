(ns namespaces-test
  "Libraries: require and its options, loading once, reloading, cycles, failures."
  (:require [clojure.string :as str]
            [clojure.test :refer [deftest is testing]]
            [fixtures.counter :as counter]))

(defn- message
  "The messages of what f throws, from the outermost to the root, in one text; nil when it throws nothing."
  [f]
  (try (f) nil
       (catch Throwable error
         (str/join " / " (map ex-message (take-while some? (iterate ex-cause error)))))))

(deftest a-library-is-loaded-once
  (require 'fixtures.alpha)
  (let [before (counter/times :alpha)]
    (require 'fixtures.alpha)
    (require '[fixtures.alpha :as a-again])
    (is (= before (counter/times :alpha)))
    (is (pos? before))))

(deftest reload-loads-again
  (require 'fixtures.alpha)
  (let [before (counter/times :alpha)]
    (require 'fixtures.alpha :reload)
    (is (= (inc before) (counter/times :alpha)))
    (binding [*ns* (the-ns 'namespaces-test)]
      (require '[fixtures.alpha :as reloaded-alpha] :reload))
    (is (= (+ 2 before) (counter/times :alpha)))
    (is (= :alpha @(ns-resolve 'namespaces-test 'reloaded-alpha/value)))))

(deftest reload-is-of-the-named-library-only
  (require 'fixtures.beta)
  (let [alpha (counter/times :alpha)
        beta (counter/times :beta)]
    (require 'fixtures.beta :reload)
    (is (= [alpha (inc beta)] [(counter/times :alpha) (counter/times :beta)]))))

(deftest reload-all-loads-what-it-requires-too
  (require 'fixtures.beta)
  (let [alpha (counter/times :alpha)
        beta (counter/times :beta)]
    (require 'fixtures.beta :reload-all)
    (is (= [(inc alpha) (inc beta)] [(counter/times :alpha) (counter/times :beta)]))))

(deftest reloading-keeps-vars
  (require 'fixtures.alpha)
  (let [held (find-var 'fixtures.alpha/value)]
    (require 'fixtures.alpha :reload)
    (is (identical? held (find-var 'fixtures.alpha/value)))))

(deftest a-library-sees-its-own-namespace
  (require 'fixtures.alpha)
  (is (= "fixtures.alpha" @(find-var 'fixtures.alpha/loaded-as)))
  (is (= :hidden ((deref (find-var 'fixtures.alpha/reveal))))))

(deftest requiring-leaves-the-namespace-alone
  (let [before *ns*]
    (require 'fixtures.alpha :reload)
    (is (= before *ns*))
    (message #(require 'fixtures.no-such-library))
    (is (= before *ns*))))

(deftest refer-and-rename
  (binding [*ns* (create-ns 'namespaces-test.refer)]
    (refer 'clojure.core)
    (require '[fixtures.alpha :as a :refer [twice value] :rename {value alpha-value}])
    (is (= [[1 1] :alpha [2 2]] [(eval '(twice 1)) (eval 'alpha-value) (eval '(a/twice 2))]))
    (is (nil? (ns-resolve *ns* 'value)))
    (is (nil? (ns-resolve *ns* 'hidden)))))

(deftest refer-all
  (binding [*ns* (create-ns 'namespaces-test.refer-all)]
    (refer 'clojure.core)
    (require '[fixtures.alpha :refer :all])
    (is (= [:alpha [1 1]] [(eval 'value) (eval '(twice 1))]))
    (is (nil? (ns-resolve *ns* 'hidden)))))

(deftest libraries-that-require-each-other
  (require 'fixtures.beta)
  (is (= [:alpha [1 1]] @(find-var 'fixtures.beta/both))))

(deftest a-cycle-is-reported
  (let [said (message #(require 'fixtures.cyclic-a))]
    (is (re-find #"(?i)cycl" (str said)))
    (testing "with the libraries it runs through"
      (is (every? #(re-find % said) [#"cyclic[-_]a" #"cyclic[-_]b" #"cyclic[-_]c"])))))

(deftest after-a-cycle-other-libraries-load
  (message #(require 'fixtures.cyclic-b))
  (require 'fixtures.alpha :reload)
  (is (= :alpha @(find-var 'fixtures.alpha/value))))

(deftest a-library-that-is-not-there
  (let [said (message #(require 'fixtures.no-such-library))]
    (is (re-find #"no[-_]such[-_]library" said))
    (is (re-find #"fixtures/no_such_library" said) "the file that was looked for")))

(deftest a-library-that-does-not-define-its-namespace
  (is (re-find #"misnamed" (str (message #(require '[fixtures.misnamed :as misnamed]))))))

(deftest a-library-that-fails-may-be-tried-again
  (when (zero? (counter/times :failing))
    (is (re-find #"does not load yet" (message #(require 'fixtures.failing)))))
  (require 'fixtures.failing :reload)
  (is (true? @(find-var 'fixtures.failing/finished)))
  (is (= 2 (counter/times :failing))))

(deftest dashes-become-underscores-in-file-names
  (require 'fixtures.dashed-name)
  (is (true? @(find-var 'fixtures.dashed-name/found)))
  (is (re-find #"dashed_name\.clj" @(find-var 'fixtures.dashed-name/file))))

(deftest reader-conditionals-in-portable-files
  (require 'fixtures.portable)
  (is (= :here @(find-var 'fixtures.portable/chosen)))
  (is (= [1 3 4] @(find-var 'fixtures.portable/spliced))))

(deftest requiring-resolve-loads
  (is (= [3 3] ((requiring-resolve 'fixtures.alpha/twice) 3)))
  (is (nil? (requiring-resolve 'fixtures.alpha/not-there))))

(deftest private-vars-are-not-callable-from-outside
  (require 'fixtures.alpha)
  (is (re-find #"(?i)not public|private" (message #(eval '(fixtures.alpha/hidden)))))
  (is (= :hidden (eval '(@#'fixtures.alpha/hidden)))))

(deftest libraries-load-in-one-thread-at-a-time
  (require 'fixtures.counter)
  (let [before (counter/times :alpha)
        loading (doall (for [_ (range 4)] (future (require 'fixtures.alpha :reload) :loaded)))]
    (is (= [:loaded :loaded :loaded :loaded] (map #(deref % 20000 :late) loading)))
    (is (= :alpha @(find-var 'fixtures.alpha/value)))
    (is (<= (inc before) (counter/times :alpha)))))

(deftest load-string-and-eval
  (is (= 3 (load-string "(def from-string 1) (+ from-string 2)")))
  (is (nil? (load-string "")))
  (let [before *ns*]
    (load-string "(ns namespaces-test.elsewhere) (def here 5)")
    (is (= before *ns*)))
  (is (= 5 @(find-var 'namespaces-test.elsewhere/here))))

(deftest a-namespace-can-be-removed
  (create-ns 'namespaces-test.short-lived)
  (is (some? (find-ns 'namespaces-test.short-lived)))
  (remove-ns 'namespaces-test.short-lived)
  (is (nil? (find-ns 'namespaces-test.short-lived))))
