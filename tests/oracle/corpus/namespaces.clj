;; Namespaces: creation, aliases, referring, resolving, interning.

(str *ns*)
(ns-name *ns*)
(ns oracle.inner (:require [clojure.string :as s] [clojure.set :refer [union difference]]))
(ns-name *ns*)
(s/upper-case "abc")
(union #{1} #{2})
(difference #{1 2} #{2})
(intersection #{1} #{1})
(def here 1)
(in-ns 'oracle.namespaces)
oracle.inner/here
here
(ns-name (find-ns 'oracle.inner))
(find-ns 'oracle.nowhere)
(the-ns 'oracle.nowhere)
(require '[oracle.inner :as inner])
inner/here
(require '[clojure.string :refer [join] :rename {join glue}])
(glue "-" [1 2])
(join "-" [1])
(require 'clojure.set)
(clojure.set/union #{1} #{2})
(require '[clojure [string :as st] [set :as se]])
[(st/trim " a ") (se/union #{1} #{2})]
(use '[clojure.set :only [map-invert]])
(map-invert {:a 1})
(require 'oracle.no-such-library)
(require '[clojure.string :as inner])
(require '[clojure.string :refer [no-such-function]])
(alias 'walk-later 'oracle.nowhere)
(do (create-ns 'oracle.made) (intern 'oracle.made 'x 10) nil)
oracle.made/x
@(ns-resolve 'oracle.made 'x)
(alias 'made 'oracle.made)
made/x
::made/key
::local
(ns-unalias *ns* 'made)
made/x
(refer 'oracle.made)
x
(refer 'oracle.made :rename '{x renamed-x})
renamed-x
(def to-be-unmapped 1)
(ns-unmap *ns* 'to-be-unmapped)
to-be-unmapped
(resolve 'inc)
(resolve 'no-such-name)
(resolve 'oracle.inner/here)
(ns-resolve 'oracle.inner 'here)
(resolve 'clojure.string/join)
(contains? (ns-publics 'oracle.inner) 'here)
(sort (keys (ns-publics 'oracle.made)))
(contains? (ns-interns 'oracle.inner) 'here)
(contains? (ns-refers 'oracle.inner) 'union)
(contains? (ns-map 'oracle.inner) 'inc)
(sort (keys (ns-aliases 'oracle.inner)))
(boolean (some #(= 'oracle.inner (ns-name %)) (all-ns)))
(remove-ns 'oracle.made)
(find-ns 'oracle.made)
(ns oracle.private)
(def ^:private secret 42)
(defn- hidden [] :hidden)
(def open (str "open " secret (hidden)))
(in-ns 'oracle.namespaces)
oracle.private/open
oracle.private/secret
@#'oracle.private/secret
(oracle.private/hidden)
(contains? (ns-publics 'oracle.private) 'secret)
(ns oracle.excluding (:refer-clojure :exclude [map inc]))
(defn map [x] [:mine x])
(map 1)
(clojure.core/map clojure.core/dec [1])
(in-ns 'oracle.namespaces)
(map inc [1])
(ns oracle.only (:refer-clojure :only [+ in-ns]))
(+ 1 2)
(inc 1)
(clojure.core/inc 1)
(in-ns 'oracle.namespaces)
(ns ^{:doc "Documented." :author "us"} oracle.with-meta)
(in-ns 'oracle.namespaces)
(:doc (meta (find-ns 'oracle.with-meta)))
(ns oracle.doc-string "A docstring." (:require [clojure.set]))
(in-ns 'oracle.namespaces)
(:doc (meta (find-ns 'oracle.doc-string)))
(binding [*ns* (find-ns 'oracle.inner)] (eval 'here))
(binding [*ns* (the-ns 'oracle.inner)] (ns-name *ns*))
(ns-name *ns*)
(requiring-resolve 'clojure.set/union)
((requiring-resolve 'clojure.set/union) #{1} #{2})
[(name 'a/b) (namespace 'a/b) (namespace 'b)]
[(qualified-symbol? 'a/b) (simple-symbol? 'a) (qualified-keyword? :a/b) (simple-keyword? :a) (ident? :a) (qualified-ident? 'a)]
`here-in-quote
`inc
`st/trim
`no.such/thing
(eval `(do (def ~'defined-via-quote 5) ~'defined-via-quote))
(def x-again 1)
(def x-again 2)
x-again
#'x-again
(var x-again)
#'no-such-var
clojure.core/inc
no.such.ns/thing
clojure.core/no-such-thing
(def inc-shadow inc)
(inc-shadow 1)
(let [str (fn [& _] :local)] (str 1))
(find-var 'clojure.core/inc)
(find-var 'clojure.core/nope)
(find-var 'nope)
(ns-name (:ns (meta #'inc)))
(do (in-ns 'oracle.temporary) (clojure.core/in-ns 'oracle.namespaces))
(some? (find-ns 'oracle.temporary))
(instance? clojure.lang.Namespace *ns*)
(contains? (loaded-libs) 'clojure.set)
