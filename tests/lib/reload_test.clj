(ns reload-test
  "Live reload: what changed, in which order, what stays, what goes, and what happens when a file fails."
  (:require [clojure.string :as str]
            [clojure.test :refer [deftest is testing use-fixtures]]
            [reops.fs :as fs]
            [reops.reload :refer [refresh unwatch-files watch-files]]
            [reops.reload.graph :as graph]))

(def ^:dynamic ^:private *folder* nil)

(defn- in-a-folder [f]
  (fs/with-temp-dir [folder]
    (binding [*folder* folder
              *load-path* [folder]]
      (try
        (f)
        (finally
          ;; What the next test loads is its own.
          (fs/delete-tree folder)
          (refresh))))))

(use-fixtures :each in-a-folder)

(defn- path-of [ns-name]
  (fs/join *folder* (str (-> (str ns-name) (str/replace "." "/") (str/replace "-" "_")) ".clj")))

(defn- write [ns-name & lines]
  (fs/mkdirs (fs/parent (path-of ns-name)))
  (spit (path-of ns-name) (str (str/join "\n" lines) "\n")))

(defn- value [sym]
  @(resolve sym))

(defn- failed-refresh []
  (try (refresh) nil (catch Exception e e)))

(deftest declarations-are-read-not-evaluated
  (is (= {:ns 'my.ops :requires '#{clojure.string a.b a.c d e.f} :excludes '#{find}}
         (graph/declaration "; first\n(ns ^:x my.ops \"Doc.\" {:author \"a\"}
                               (:refer-clojure :exclude [find])
                               (:require [clojure.string :as str] (a [b :as b] c) d [only.an.alias :as-alias o])
                               (:use [e.f :only [g]])
                               (:import (java.util UUID)))
                             (launch-missiles)")))
  (is (nil? (graph/declaration "")))
  (is (nil? (graph/declaration "(ns")))
  (is (nil? (graph/declaration "#=(launch-missiles)")))
  (is (nil? (graph/declaration "(def x 1)"))))

(deftest each-comes-after-what-it-requires
  (let [requires '{a #{b c} b #{d} c #{d} d #{} e #{}}]
    (is (= '[d b c a e] (graph/in-order requires (keys requires))))
    (is (= '#{a b d} (graph/dependents (dissoc requires 'c) '#{d})))
    (testing "a circle ends somewhere"
      (is (= '#{x y} (set (graph/in-order '{x #{y} y #{x}} '[x y])))))))

(deftest nothing-changed
  (write 'quiet.one "(ns quiet.one)" "(def loads (atom 0))")
  (require 'quiet.one)
  (is (= [] (refresh)))
  (write 'quiet.one "(ns quiet.one)" "(def loads (atom 0))")
  (is (= [] (refresh)) "written again with the same text"))

(deftest changed-files-and-their-dependents-in-order
  (write 'chain.c "(ns chain.c)" "(def x 1)" "(defmacro twice [form] `(* 2 ~form))")
  (write 'chain.b "(ns chain.b (:require [chain.c :as c]))" "(def y (c/twice c/x))")
  (write 'chain.a "(ns chain.a (:require [chain.b :refer [y]]))" "(defn z [] y)")
  (write 'chain.other "(ns chain.other)")
  (run! require '[chain.a chain.other])
  (is (= 2 ((value 'chain.a/z))))
  (write 'chain.c "(ns chain.c)" "(def x 10)" "(defmacro twice [form] `(+ 1 ~form))")
  (is (= '[chain.c chain.b chain.a] (refresh)))
  (is (= 11 ((value 'chain.a/z))))
  (is (= [] (refresh))))

(deftest a-new-dependency-is-loaded-first
  (write 'grows.a "(ns grows.a)" "(def x 1)")
  (require 'grows.a)
  (write 'grows.b "(ns grows.b)" "(def y 5)")
  (write 'grows.a "(ns grows.a (:require [grows.b :as b]))" "(def x b/y)")
  (is (= '[grows.a] (refresh)))
  (is (= 5 (value 'grows.a/x))))

(deftest what-vanished-from-a-file-is-unmapped
  (write 'van.a "(ns van.a (:refer-clojure :exclude [partition]))" "(def stays 1)" "(def goes 2)" "(defn filter [x] :own)"
         "(defn partition [x] :own)" "(defonce kept (atom 0))" "(defmulti area :shape)")
  (require 'van.a)
  (binding [*ns* (create-ns 'van.user)]
    (refer 'van.a :only '[goes]))
  (binding [*ns* (find-ns 'van.a)]
    (eval '(def at-the-prompt 3)))
  (swap! (value 'van.a/kept) inc)
  (write 'van.a "(ns van.a (:refer-clojure :exclude [partition]))" "(def stays 1)" "(defonce kept (atom 0))" "(defmulti area :shape)")
  (is (= '[van.a] (refresh)))
  (is (= 1 (value 'van.a/stays)))
  (is (nil? (ns-resolve 'van.a 'goes)))
  (is (nil? (ns-resolve 'van.user 'goes)) "nor do those who referred to it see it")
  (is (= #'clojure.core/filter (ns-resolve 'van.a 'filter)) "the language's own is back")
  (is (nil? (ns-resolve 'van.a 'partition)) "unless it is not wanted")
  (is (= 3 (value 'van.a/at-the-prompt)) "what was typed stays")
  (is (= 1 @(value 'van.a/kept)) "defonce keeps its value")
  (is (var? (ns-resolve 'van.a 'area))))

(deftest methods-go-with-their-definitions
  (write 'met.multi "(ns met.multi)" "(defmulti area :shape)" "(defmethod area :default [_] :unknown)")
  (write 'met.a "(ns met.a (:require [met.multi :refer [area]]))"
         "(defmethod area :square [_] 1)" "(defmethod area :circle [_] 2)" "(defmethod print-method ::x [_ _])")
  (require 'met.a)
  (let [area (fn [shape] ((value 'met.multi/area) {:shape shape}))]
    (eval '(defmethod met.multi/area :typed [_] 4))
    (is (= [1 2 4] (map area [:square :circle :typed])))
    (write 'met.a "(ns met.a (:require [met.multi :refer [area]]))" "(defmethod area :square [_] 11)")
    (is (= '[met.a] (refresh)))
    (is (= [11 :unknown 4] (map area [:square :circle :typed])) "what was typed stays")
    (testing "a file that fails leaves the methods as they were"
      (write 'met.a "(ns met.a (:require [met.multi :refer [area]]))"
             "(defmethod area :square [_] 12)" "(defmethod area :oval [_] 3)" "(undefined-here)")
      (is (some? (failed-refresh)))
      (is (= [11 :unknown :unknown] (map area [:square :circle :oval]))))
    (testing "and one that is gone takes its own along"
      (fs/delete-tree (path-of 'met.a))
      (is (= [] (refresh)))
      (is (= [:unknown :unknown 4] (map area [:square :circle :typed]))))))

(deftest aliases-are-the-files-to-change
  (write 'ali.one "(ns ali.one)" "(def x 1)")
  (write 'ali.two "(ns ali.two)" "(def x 2)")
  (write 'ali.a "(ns ali.a (:require [ali.one :as o]))" "(def y o/x)")
  (run! require '[ali.a ali.two])
  (write 'ali.a "(ns ali.a (:require [ali.two :as o]))" "(def y o/x)")
  (is (= '[ali.a] (refresh)))
  (is (= 2 (value 'ali.a/y))))

(deftest a-file-that-fails-changes-nothing
  (write 'fail.a "(ns fail.a (:require [clojure.string :as s]))" "(def v 1)" "(defn f [] (s/upper-case (str \"v\" v)))")
  (write 'fail.b "(ns fail.b (:require [fail.a :as a]))" "(def w (a/f))")
  (require 'fail.b)
  (write 'fail.a "(ns fail.a)" "(def v 2)" "(defn f [] :half)" "(def fresh 1)" "(undefined-here)" "(def never 1)")
  (let [e (failed-refresh)]
    (is (= :reops/reload-failed (:type (ex-data e))))
    (is (= '[fail.a [fail.b]] ((juxt :lib :waiting) (ex-data e))))
    (is (str/includes? (reops.internal/error-report e) "fail/a.clj:5:2") "the place in the file"))
  (testing "the old code is in effect, whole"
    (is (= 1 (value 'fail.a/v)))
    (is (= "V1" ((value 'fail.a/f))))
    (is (nil? (ns-resolve 'fail.a 'fresh)))
    (is (= "V1" (value 'fail.b/w))))
  (testing "it goes on failing until it is mended, and the next refresh begins there"
    (is (some? (failed-refresh)))
    (write 'fail.a "(ns fail.a)" "(def v 3)" "(defn f [] (str \"w\" v))")
    (is (= '[fail.a fail.b] (refresh)))
    (is (= "w3" (value 'fail.b/w)))
    (is (= [] (refresh)))))

(deftest a-file-that-cannot-be-read-changes-nothing
  (write 'unread.a "(ns unread.a)" "(def v 1)")
  (require 'unread.a)
  (write 'unread.a "(ns unread.a)" "(def v 2)" "(def w (+ 1")
  (is (str/includes? (reops.internal/error-report (failed-refresh)) "unread/a.clj:3"))
  (is (= 1 (value 'unread.a/v))))

(deftest only-what-waits-is-loaded-after-a-failure
  (write 'order.a "(ns order.a)" "(def loads (atom 0))")
  (write 'order.b "(ns order.b (:require order.a))" "(def x 1)")
  (require 'order.b)
  (write 'order.a "(ns order.a)" "(def loads (atom 10))")
  (write 'order.b "(ns order.b (:require order.a))" "(throw (ex-info \"no\" {}))")
  (is (some? (failed-refresh)))
  (is (= 10 @(value 'order.a/loads)))
  (write 'order.b "(ns order.b (:require order.a))" "(def x 2)")
  (is (= '[order.b] (refresh)) "the one before it was loaded already"))

(deftest a-file-that-is-gone-takes-its-namespace-along
  (write 'gone.a "(ns gone.a)" "(def x 1)")
  (require 'gone.a)
  (let [f (binding [*ns* (find-ns 'gone.a)] (eval '(fn [] x)))]
    (fs/delete-tree (path-of 'gone.a))
    (is (= [] (refresh)))
    (is (nil? (find-ns 'gone.a)))
    (is (= 1 (f)) "who holds it goes on"))
  (is (thrown? Exception (require 'gone.a))))

(deftest running-futures-call-the-new-definitions
  (write 'live.a "(ns live.a)" "(defn step [] :old)")
  (write 'live.b "(ns live.b (:require [live.a :as a]))" "(defn spin [seen until] (loop [] (let [s (a/step)] (deliver (get seen s) true) (when-not (= s until) (recur)))))")
  (require 'live.b)
  (let [seen {:old (promise) :new (promise)}
        running (future ((value 'live.b/spin) seen :new))]
    (is (true? (deref (:old seen) 60000 :late)))
    (write 'live.a "(ns live.a)" "(defn step [] :new)")
    (is (= '[live.a live.b] (refresh)))
    (is (true? (deref (:new seen) 60000 :late)))
    (is (nil? (deref running 60000 :late)))))

(deftest parts-of-a-namespace-belong-to-it
  (write 'parts.a "(ns parts.a)" "(load \"a_part\")")
  (write 'parts.a-part "(in-ns 'parts.a)" "(def x 1)")
  (require 'parts.a)
  (write 'parts.a-part "(in-ns 'parts.a)" "(def x 2)")
  (is (= '[parts.a] (refresh)))
  (is (= 2 (value 'parts.a/x))))

(defn- until
  "Waits until (f) is true; false when it never is."
  [f]
  (loop [tries 6000]
    (cond
      (f) true
      (zero? tries) false
      :else (do (Thread/sleep 10) (recur (dec tries))))))

(deftest files-are-loaded-when-they-are-saved
  (write 'saved.a "(ns saved.a)" "(def x 1)")
  (require 'saved.a)
  (let [out (reops.internal/string-writer)
        text (fn [] (reops.internal/writer-text out))]
    (is (= [*folder*] (binding [*out* out *err* out] (watch-files))))
    (try
      (write 'saved.a "(ns saved.a)" "(def x 2)")
      (is (until #(= 2 (value 'saved.a/x))))
      (is (until #(str/includes? (text) "Loaded anew: saved.a")))
      (write 'saved.a "(ns saved.a)" "(def x (undefined-here))")
      (is (until #(str/includes? (text) "saved/a.clj:2:9")))
      (is (= 2 (value 'saved.a/x)))
      (write 'saved.a "(ns saved.a)" "(def x 3)")
      (is (until #(= 3 (value 'saved.a/x))))
      (finally
        (is (true? (unwatch-files)))
        (is (false? (unwatch-files)))))))
