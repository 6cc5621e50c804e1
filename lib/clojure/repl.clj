(ns clojure.repl
  "What one asks at a prompt: documentation, source, names, and the last error."
  (:require [clojure.string :as str]))

(def ^:private special-docs
  '{def [[(def symbol doc-string? init?)]
         "Makes the var symbol in the current namespace, or finds it, gives it the value of init, and returns the var. The
  metadata of symbol, evaluated, becomes the var's."]
    if [[(if test then else?)]
        "Evaluates test; unless it is false or nil, then, otherwise else. Without else, nil."]
    do [[(do exprs*)]
        "Evaluates the expressions in order and has the value of the last; nil when there are none."]
    quote [[(quote form)]
           "form as it is, not evaluated. 'form is short for it."]
    var [[(var symbol)]
         "The var itself instead of its value. #'symbol is short for it."]
    recur [[(recur exprs*)]
           "Starts the body of the nearest function or loop again with new values for its parameters. Stands where the
  body would end."]
    set! [[(set! var-symbol expr)]
          "Replaces the value that the dynamic var has in this thread. It has to be bound here."]
    try [[(try expr* catch-clause* finally-clause?)]
         "Evaluates the expressions. An error goes to the first clause (catch type name expr*) whose type it is. A clause
  (finally expr*) runs at the end in any case."]
    throw [[(throw expr)]
           "Throws the value of expr, which has to be an error, such as ex-info makes."]
    new [[(Name. args*) (new Name args*)]
         "A new object of the type."]
    . [[(.member object args*) (. object member args*)]
       "Calls a method of an object."]})

(def ^:private special-names
  ;; Macros whose expansions are the real special forms.
  '{& fn, catch try, finally try})

(defn special-symbols
  "The symbols of the special forms that have documentation."
  []
  (concat (keys special-docs) (keys special-names)))

(defn special-doc
  "The documentation of a special form, nil for any other symbol: its :name, the :forms it is written in, and :doc."
  [symbol]
  (if-let [[forms doc] (get special-docs symbol)]
    {:name symbol :forms forms :doc doc}
    (when-let [other (get special-names symbol)]
      (special-doc other))))

(defn- print-entry
  [heading arglists kind doc]
  (println "-------------------------")
  (println heading)
  (when (seq arglists) (apply prn arglists))
  (when kind (println kind))
  (println (str "  " (or doc "No documentation."))))

(defn- print-var-doc
  [v]
  (let [{:keys [ns name arglists macro doc dynamic]} (meta v)]
    (print-entry (str (ns-name ns) "/" name)
                 (when (seq arglists) [(seq arglists)])
                 (cond macro "Macro" dynamic "Dynamic var")
                 doc)))

(defn print-doc
  "Prints the documentation of what symbol names: a special form, a namespace, or a var. Says so when there is none."
  [symbol]
  (let [special (special-doc symbol)
        v (delay (try (resolve symbol) (catch Exception _ nil)))]
    (cond
      special (print-entry (:name special) (:forms special) "Special form" (:doc special))
      (var? @v) (print-var-doc @v)
      (find-ns symbol) (print-entry symbol nil "Namespace" (:doc (meta (find-ns symbol))))
      :else (println (str "Nothing named " symbol " is known here.")))))

(defmacro doc
  "Prints the documentation of a var, a special form or a namespace: (doc map)."
  [name]
  `(print-doc '~name))

;; Names

(defn- public-vars
  []
  (for [ns (sort-by (comp name ns-name) (all-ns))
        [_ v] (sort-by (comp name key) (ns-publics ns))]
    v))

(defn- matcher
  ;; A predicate on text for a pattern, or for text to be contained.
  [pattern]
  (if (instance? java.util.regex.Pattern pattern)
    (fn [text] (re-find pattern text))
    (fn [text] (str/includes? text (str pattern)))))

(defn apropos
  "The public names of all namespaces that contain the text, or match the regular expression."
  [str-or-pattern]
  (let [matches? (matcher str-or-pattern)]
    (filter (fn [sym] (matches? (name sym))) (map symbol (public-vars)))))

(defn find-doc
  "Prints the documentation of all public vars whose names or documentation match the text or regular expression."
  [re-string-or-pattern]
  (let [matches? (matcher (if (string? re-string-or-pattern)
                            (re-pattern re-string-or-pattern)
                            re-string-or-pattern))]
    (doseq [v (public-vars)
            :let [{:keys [doc name]} (meta v)]
            :when (or (matches? (str name)) (and doc (matches? doc)))]
      (print-var-doc v))))

(defn dir-fn
  "The public names of a namespace, or of what an alias stands for, sorted."
  [ns]
  (sort (map first (ns-publics (or (get (ns-aliases *ns*) ns) (the-ns ns))))))

(defmacro dir
  "Prints the public names of a namespace: (dir clojure.set)."
  [nsname]
  `(doseq [name# (dir-fn '~nsname)]
     (println name#)))

;; Source

(defn source-fn
  "The text of the definition of what symbol names, nil when it is not known."
  [symbol]
  (when-let [v (resolve symbol)]
    (when (var? v)
      (reops.internal/definition-text v))))

(defmacro source
  "Prints the text of a definition: (source filter)."
  [name]
  `(println (or (source-fn '~name)
                (str "The source of " '~name " is not known."))))

;; Errors

(def ^:private plain-characters
  "What the JVM's spellings of characters stand for."
  (into {"_" "-" "$" "/"}
        (map (fn [c] [(munge (str c)) (str c)]))
        ":+><=~!@#'\"%^&*|{}[]/\\?"))

(defn demunge
  "The name that the JVM spells so: \"ok_QMARK_\" was \"ok?\"."
  [fn-name]
  (str/replace fn-name #"_[A-Z]+_|_|\$"
               (fn [spelled]
                 (get plain-characters spelled (str/replace spelled "_" "-")))))

(defn root-cause
  "The error at the bottom of the chain of causes."
  [t]
  (if-let [cause (ex-cause t)]
    (recur cause)
    t))

(defn pst
  "Prints an error, the last one unless told otherwise, with its trace of at most depth frames (12)."
  ([] (pst 12))
  ([e-or-depth]
   (if (number? e-or-depth)
     (when-let [e *e] (pst e e-or-depth))
     (pst e-or-depth 12)))
  ([e depth]
   (binding [*out* *err*]
     (print (reops.internal/error-report e depth))
     (flush))))
