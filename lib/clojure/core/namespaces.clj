;; Namespaces as programs declare them: `ns` and `import`. What they expand to are natives of builtin/namespaces.cpp.

(defn- quoted
  "The form that evaluates to `form` itself; one that is quoted already stays as it is."
  [form]
  (if (and (seq? form) (= 'quote (first form)))
    form
    (list 'quote form)))

(def ^:private munged
  "How the JVM spells the characters of names that its own names cannot have."
  {\- "_" \: "_COLON_" \+ "_PLUS_" \> "_GT_" \< "_LT_" \= "_EQ_" \~ "_TILDE_" \! "_BANG_" \@ "_CIRCA_"
   \# "_SHARP_" \' "_SINGLEQUOTE_" \" "_DOUBLEQUOTE_" \% "_PERCENT_" \^ "_CARET_" \& "_AMPERSAND_" \* "_STAR_"
   \| "_BAR_" \{ "_LBRACE_" \} "_RBRACE_" \[ "_LBRACK_" \] "_RBRACK_" \/ "_SLASH_" \\ "_BSLASH_" \? "_QMARK_"})

(defn munge
  "The name as the JVM spells it, a string or symbol as it was given: \"ok?\" becomes \"ok_QMARK_\"."
  [name]
  (let [spelled (apply str (map (fn [c] (get munged c c)) (str name)))]
    (if (symbol? name) (symbol spelled) spelled)))

(defn namespace-munge
  "The name of a namespace as its file is called: with _ for -."
  [ns]
  (apply str (map (fn [c] (if (= \- c) \_ c)) (str ns))))

(defmacro import
  "Makes classes and record types known by their short names in this namespace. Each spec is a full name, or a list or
  vector of a package and names in it.

      (import my.ops.Hosts '(java.util UUID Date))"
  [& specs]
  (cons 'reops.internal/import (map quoted specs)))

(defn- ns-clause
  "The form that one clause of `ns` stands for; nil for one that means nothing here."
  [clause]
  (let [[head & args] (if (coll? clause) clause [clause])]
    (case head
      :require (cons 'clojure.core/require (map quoted args))
      :use (cons 'clojure.core/use (map quoted args))
      :import (cons 'reops.internal/import (map quoted args))
      :refer-clojure (cons 'clojure.core/refer-clojure (map quoted args))
      :load (cons 'clojure.core/load args)
      :gen-class nil
      (reject-form "ns does not know the clause " (pr-str clause)
                   "; there are :require, :use, :import, :refer-clojure and :load."))))

(defmacro ns
  "Makes the namespace `name` the current one, creating it if needed, and prepares it: everything public of clojure.core is
  there unless :refer-clojure says otherwise. After an optional docstring and map of metadata come clauses.

      (ns my.ops
        \"What we do every morning.\"
        (:refer-clojure :exclude [find])
        (:require [clojure.string :as str]
                  [re-mote.repl :refer [run ls pick]])
        (:import (java.util UUID)))"
  [name & clauses]
  (when-not (symbol? name)
    (reject-form "ns needs a symbol to name the namespace, and was given " (pr-str name) "."))
  (let [doc (when (string? (first clauses)) (first clauses))
        clauses (if doc (next clauses) clauses)
        attributes (when (map? (first clauses)) (first clauses))
        clauses (if attributes (next clauses) clauses)
        metadata (merge (meta name) attributes (when doc {:doc doc}))
        excludes-core? (some (fn [clause] (and (coll? clause) (= :refer-clojure (first clause)))) clauses)]
    (concat (list 'do (list 'clojure.core/in-ns (quoted name)))
            (when (seq metadata)
              (list (list 'clojure.core/reset-meta! (list 'clojure.core/find-ns (quoted name)) metadata)))
            (when-not excludes-core?
              (list (list 'clojure.core/refer-clojure)))
            (filter some? (map ns-clause clauses))
            (list (list 'reops.internal/note-loaded (quoted name))))))
