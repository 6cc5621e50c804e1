(ns repl-test
  (:require [clojure.repl :as repl]
            [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]))

(defn shown
  "Shows its argument."
  ([x] x)
  ([x y] [x y]))

(deftest documentation
  (are [form parts] (let [out (with-out-str (eval form))]
                      (every? (fn [part] (str/includes? out part)) parts))
    '(clojure.repl/doc repl-test/shown) ["repl-test/shown" "([x] [x y])" "Shows its argument."]
    '(clojure.repl/doc when) ["clojure.core/when" "Macro"]
    '(clojure.repl/doc if) ["(if test then else?)" "Special form"]
    '(clojure.repl/doc clojure.set) ["clojure.set"]
    '(clojure.repl/doc no-such-name-anywhere) ["Nothing named no-such-name-anywhere"]))

(deftest everything-public-is-documented
  (is (= [] (for [ns '[clojure.core clojure.set clojure.walk clojure.template clojure.test clojure.repl clojure.string clojure.edn reops.completion reops.prompt]
                  [sym v] (do (require ns) (sort-by (comp str key) (ns-publics ns)))
                  :when (not (:doc (meta v)))]
              (symbol (name ns) (name sym))))))

(deftest names
  (is (some #{'clojure.core/map-indexed} (repl/apropos "map-ind")))
  (is (= '[clojure.core/reduce-kv] (filter (fn [s] (= "clojure.core" (namespace s))) (repl/apropos #"^reduce-kv$"))))
  (is (some #{'shown} (repl/dir-fn 'repl-test)))
  (is (str/includes? (with-out-str (repl/dir clojure.set)) "union\n")))

(deftest sources
  (is (str/starts-with? (repl/source-fn 'repl-test/shown) "(defn shown"))
  (is (str/ends-with? (repl/source-fn 'repl-test/shown) "([x y] [x y]))"))
  (is (str/includes? (repl/source-fn 'clojure.core/juxt) "(defn juxt")))

(deftest causes
  (let [deepest (ex-info "deepest" {})]
    (is (identical? deepest (repl/root-cause (ex-info "outer" {} (ex-info "inner" {} deepest)))))))

(deftest definitions-in-user-shadow-there-only
  (binding [*ns* (the-ns 'user)]
    (let [warning (with-out-str
                    (binding [*err* *out*]
                      (eval '(defn find-doc [] :mine))))]
      (is (str/includes? warning "find-doc already refers to"))
      (is (= :mine (eval '(find-doc))))
      (is (not= :mine (:name (meta #'repl/find-doc))))
      (ns-unmap 'user 'find-doc)
      (refer 'clojure.repl :only '[find-doc])
      (is (= #'repl/find-doc (resolve 'find-doc)))))
  (testing "elsewhere two namespaces do not fight over a name silently"
    (let [ns (create-ns 'repl-test.clash)]
      (binding [*ns* ns]
        (refer 'clojure.repl :only '[find-doc])
        (is (thrown-with-msg? Throwable #"already refers to" (eval '(def find-doc 1)))))
      (remove-ns 'repl-test.clash))))
