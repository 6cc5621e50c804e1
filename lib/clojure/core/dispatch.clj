;; Records, types and protocols: what dispatches on the type of its first argument. The tables and the dispatch itself are
;; native (reops.internal); here stand the forms that programs write.

(in-ns 'clojure.core)

;; Methods as written: (name [this …] body…), (name ([this …] body…) ([this x …] body…)), or a name several times over.

(defn- method-clauses
  "The clauses ([params] body…) of one method form."
  [what form]
  (let [tail (next form)
        clauses (if (vector? (first tail)) (list tail) tail)]
    (when-not (and (symbol? (first form))
                   (seq clauses)
                   (every? (fn [clause] (and (seq? clause) (vector? (first clause)))) clauses))
      (reject-form what " needs methods such as (name [this …] …), and was given " (pr-str form) "."))
    (doseq [clause clauses]
      (when (empty? (first clause))
        (reject-form what ": method " (first form) " needs a parameter for what it is called on.")))
    clauses))

(defn- methods-by-name
  "[[name clauses form] …] of method forms, those of one name gathered in the order they are written."
  [what forms]
  (reduce (fn [methods form]
            (let [method (first form)
                  clauses (method-clauses what form)
                  known (first (keep-indexed (fn [i [n]] (when (= n method) i)) methods))]
              (if known
                (update-in methods [known 1] concat clauses)
                (conj methods [method clauses form]))))
          []
          forms))

(defn- specs-by-head
  "[[head method-forms] …] of what follows a type or protocol: heads, each with its methods after it."
  [what specs]
  (loop [out [] specs (seq specs)]
    (cond
      (nil? specs) out
      (seq? (first specs)) (reject-form what " has method " (pr-str (first specs)) " before the name of what it belongs to.")
      :else (let [[forms more] (split-with seq? (next specs))]
              (recur (conj out [(first specs) forms]) (seq more))))))

(defn- names-symbol?
  "Does the symbol `sought` occur anywhere in the form?"
  [sought form]
  (cond
    (symbol? form) (= sought form)
    (coll? form) (some (fn [part] (names-symbol? sought part)) form)
    :else false))

(defn- method-fn-name
  "What a method is called in traces. Not its bare name, which must go on meaning the protocol's function in its body."
  [method owner]
  (symbol (str (name method) "<" (if (nil? owner) "nil" (name owner)) ">")))

;; Mutable fields of a deftype are no locals: where a method names one, the field is read, and set! writes it. To find where
;; the name means the field and where something hides it, the method's body is expanded and walked.

(declare replace-fields)

(defn- replace-in-bindings
  "[bindings shadowed] of a let* or loop*, whose names hide fields from the next one on."
  [env shadowed bindings]
  (reduce (fn [[out shadowed] [local init]]
            [(conj out local (replace-fields env shadowed init)) (conj shadowed local)])
          [[] shadowed]
          (partition 2 bindings)))

(defn- replace-in-fn
  [env shadowed parts]
  (let [[fn-name parts] (if (symbol? (first parts)) [(first parts) (next parts)] [nil parts])
        shadowed (if fn-name (conj shadowed fn-name) shadowed)
        clause (fn [[params & body]]
                 (let [shadowed (into shadowed params)]
                   (cons params (map (fn [form] (replace-fields env shadowed form)) body))))]
    (concat (list 'fn*)
            (when fn-name (list fn-name))
            (if (vector? (first parts)) (clause parts) (map clause parts)))))

(defn- field-target
  "The index of the mutable field that the target of a set! names, and the object: a bare name, or (.-name object)."
  [{:keys [fields this]} shadowed target]
  (cond
    (symbol? target) (when-not (contains? shadowed target)
                       (when-let [i (get fields target)] [i this]))
    (and (seq? target) (= 2 (count target)) (symbol? (first target)))
    (when-let [i (get fields (symbol (apply str (drop 2 (name (first target))))))]
      [i (second target)])
    :else nil))

(defn- replace-in-call
  [env shadowed [op & args :as form]]
  (let [walk (fn [part] (replace-fields env shadowed part))]
    (case op
      (quote var) form
      set! (if-let [[i object] (field-target env shadowed (first args))]
             (list 'reops.internal/set-field! (walk object) i (walk (second args)))
             (list 'set! (first args) (walk (second args))))
      (let* loop*) (let [[bindings inner] (replace-in-bindings env shadowed (first args))]
                     (list* op bindings (map (fn [part] (replace-fields env inner part)) (next args))))
      fn* (replace-in-fn env shadowed args)
      letfn* (let [inner (into shadowed (take-nth 2 (first args)))
                   walk-inner (fn [part] (replace-fields env inner part))]
               (list* op
                      (vec (mapcat (fn [[local f]] [local (walk-inner f)]) (partition 2 (first args))))
                      (map walk-inner (next args))))
      catch (let [[class local & body] args
                  inner (conj shadowed local)]
              (list* op class local (map (fn [part] (replace-fields env inner part)) body)))
      case* (let [[value default & clauses] args]
              (list* op (walk value) (walk default)
                     (mapcat (fn [[constants then]] [constants (walk then)]) (partition 2 clauses))))
      new (list* op (first args) (map walk (next args)))
      . (list* op (walk (first args)) (second args) (map walk (nnext args)))
      (let [expanded (if (and (symbol? op) (not (contains? shadowed op))) (macroexpand-1 form) form)]
        (if (identical? expanded form)
          (apply list (map walk form))
          (walk expanded))))))

(defn- replace-fields
  "The form with the fields of env, {:fields {name index} :this local}, read and written where their names are not hidden."
  [env shadowed form]
  (let [walk (fn [part] (replace-fields env shadowed part))]
    (cond
      (symbol? form) (let [i (when-not (contains? shadowed form) (get (:fields env) form))]
                       (if i (list 'reops.internal/mutable-field (:this env) i) form))
      (and (seq? form) (seq form)) (let [replaced (replace-in-call env shadowed form)]
                                     (if (and (seq? replaced) (meta form)) (with-meta replaced (meta form)) replaced))
      (vector? form) (with-meta (mapv walk form) (meta form))
      (map? form) (with-meta (into {} (map (fn [[k v]] [(walk k) (walk v)])) form) (meta form))
      (set? form) (with-meta (into #{} (map walk) form) (meta form))
      :else form)))

(defn- mutable-field?
  [field]
  (let [m (meta field)]
    (or (:unsynchronized-mutable m) (:volatile-mutable m))))

(defn- inline-clause
  "A clause of a method given inside a definition: `fields` are locals in it that parameters hide, and recur goes to its
  head without the first parameter."
  [fields [params & body]]
  (let [used (keep-indexed (fn [i field] (when (names-symbol? field [params body]) [i field])) fields)
        mutable (into {} (map (fn [[i field]] [field i])) (filter (fn [[_ field]] (mutable-field? field)) used))
        constant (remove (fn [[_ field]] (mutable-field? field)) used)
        recurs (names-symbol? 'recur body)
        field-locals (fn [this]
                       (vec (mapcat (fn [[i field]] [(with-meta field nil) (list 'reops.internal/field this i)]) constant)))]
    (if (and (not recurs)
             (empty? mutable)
             (every? symbol? params)
             (not-any? (fn [[_ field]] (some (fn [param] (= field param)) params)) used))
      (if (seq used)
        (let [this (if (= '_ (first params)) (gensym "this__") (first params))]
          (list (into [this] (next params))
                (list* 'clojure.core/let (field-locals this) body)))
        (cons params body))
      (let [stand-ins (mapv (fn [param] (if (= '& param) '& (gensym "p__"))) params)
            this (first stand-ins)
            pairs (remove (fn [[param]] (= '& param)) (map vector params stand-ins))
            body (list 'clojure.core/let
                       (into (field-locals this) (first pairs))
                       (list* (if recurs 'clojure.core/loop 'clojure.core/let)
                              (vec (mapcat identity (next pairs)))
                              body))]
        (list stand-ins
              (if (seq mutable)
                (replace-fields {:fields mutable :this this} #{} body)
                body))))))

(defn- protocol-named
  "The protocol that a symbol names in the current namespace, or nil."
  [sym]
  (let [found (when (symbol? sym) (resolve sym))]
    (when (and (var? found) (bound? found) (reops.internal/protocol? (deref found)))
      (deref found))))

(defn- check-protocol-method
  [what protocol method]
  (let [known (reops.internal/protocol-methods protocol)]
    (when-not (contains? known (keyword (name method)))
      (reject-form what ": protocol " (reops.internal/protocol-name protocol) " has no method " method "; it has "
                   (apply str (interpose ", " (sort (map name (keys known))))) "."))))

(defn- inline-methods
  "What protocols and interfaces a definition implements: {:implements #{name …} :methods [[key function-form] …]}."
  [what owner fields specs]
  (reduce
    (fn [parts [head forms]]
      (let [protocol (protocol-named head)
            interface (when-not protocol (when (symbol? head) (resolve head)))]
        (when-not (or protocol (class? interface))
          (reject-form what ": " (pr-str head) " is neither a protocol nor an interface."))
        (reduce (fn [parts [method clauses form]]
                  (when protocol (check-protocol-method what protocol method))
                  (update parts :methods conj
                          [(if protocol
                             (reops.internal/method-key protocol method)
                             (keyword (name method)))
                           (with-meta (list* 'clojure.core/fn
                                             (method-fn-name method owner)
                                             (map (fn [clause] (inline-clause fields clause)) clauses))
                             (meta form))]))
                (update parts :implements conj
                        (if protocol (reops.internal/protocol-name protocol) (symbol (.getName interface))))
                (methods-by-name what forms))))
    {:implements #{} :methods []}
    (specs-by-head what specs)))

;; Records and types

(defn- type-symbol
  "The full name of a type defined in the current namespace: my_ns.Hosts."
  [sym]
  (symbol (str (apply str (replace {\- \_} (name (ns-name *ns*)))) "." (name sym))))

(defn- check-type-form
  [what sym fields]
  (when-not (and (symbol? sym) (nil? (namespace sym)))
    (reject-form what " needs a plain symbol as its name, and was given " (pr-str sym) "."))
  (when-not (and (vector? fields) (every? (fn [f] (and (symbol? f) (nil? (namespace f)))) fields))
    (reject-form what " " sym " needs a vector of symbols as its fields, and was given " (pr-str fields) "."))
  (when-not (or (empty? fields) (apply distinct? fields))
    (reject-form what " " sym " has two fields of one name: " (pr-str fields) ".")))

(defn- skip-options
  "Definitions may begin with options (:load-ns true), which mean nothing here."
  [specs]
  (if (keyword? (first specs)) (recur (nnext specs)) specs))

(defn- positional-constructor
  "The definition of ->Name. A function has at most 20 parameters by position, so that further fields come as the rest."
  [sym full fields]
  (let [[params others] (split-at 20 fields)
        more (gensym "more__")]
    (list 'clojure.core/defn (symbol (str "->" sym))
          (str "A new " full " with these field values, in order.")
          {:arglists (list 'quote (list fields))}
          (if (seq others) (into (vec params) ['& more]) fields)
          (if (seq others)
            (concat (list 'clojure.core/apply 'reops.internal/host-new sym) params (list more))
            (list* 'reops.internal/make-record sym fields)))))

(defn- type-definition
  "The definition of a type: `full` is its full name, `sym` what it is called in the current namespace."
  [what form sym full fields specs extra]
  (check-type-form what sym fields)
  (let [declared fields
        ;; Which of them change is part of the type; hints are not.
        fields (mapv (fn [f] (with-meta f (when (mutable-field? f) {:volatile-mutable true}))) fields)
        ;; The type exists, and its name means it, before the methods are compiled that may mention it.
        type (reops.internal/import-type (reops.internal/declare-type form full fields))
        {:keys [implements methods]} (inline-methods (str what " " sym) sym declared (skip-options specs))]
    ;; The constructors come first, for the methods that call them.
    (concat
      (list 'do (positional-constructor sym full fields))
      extra
      (list (list 'reops.internal/import-type
                  (list 'reops.internal/define-type form (list 'quote full) (list 'quote fields)
                        (into {} methods) (list 'quote implements)))))))

(defmacro defrecord
  "Defines a record type: a kind of map with named fields. (->Name a b) and (map->Name {:a 1 :b 2}) make one, as does
  (Name. a b). Methods of protocols, and of Object and other interfaces, may follow; in their bodies the fields are locals.

      (defrecord Host [address port]
        Object
        (toString [_] (str address \":\" port)))"
  {:arglists '([name [& fields] & opts+specs])}
  [name fields & specs]
  (type-definition "defrecord" :record name (type-symbol name) fields specs
                   (list (list 'clojure.core/defn (symbol (str "map->" name))
                               (str "A new " (type-symbol name) " with the map's values for its fields; other entries are kept.")
                               '[m]
                               (list 'reops.internal/make-record-from-map name 'm)))))

(defmacro deftype
  "Defines a type with fields and methods that is no map: (->Name a b) or (Name. a b) makes one, (.-a x) reads a field.
  Fields marked ^:unsynchronized-mutable or ^:volatile-mutable can be changed by set! in its methods.

      (deftype Counter [^:volatile-mutable n]
        clojure.lang.IFn
        (invoke [_] (set! n (inc n)) n))"
  {:arglists '([name [& fields] & opts+specs])}
  [name fields & specs]
  (type-definition "deftype" :deftype name (type-symbol name) fields specs nil))

(defn- anonymous-instance
  "The form that makes one object of a type nobody can name: methods are [[key function-form] …]."
  [prefix methods implements]
  (let [type (reops.internal/reify-type (type-symbol (gensym prefix))
                                        (into {} (map-indexed (fn [i [k]] [k i]) methods))
                                        implements)]
    (list* 'reops.internal/make-record type (map second methods))))

(defmacro reify
  "An object that implements protocols and interfaces in place, its methods closing over what is in sight.

      (reify Object (toString [this] \"it\"))"
  {:arglists '([& specs])}
  [& specs]
  (let [{:keys [implements methods]} (inline-methods "reify" 'reify [] (skip-options specs))]
    (anonymous-instance "reify__" methods (conj implements 'clojure.lang.IObj))))

(defn- check-proxied
  "The class that a symbol in proxy's first vector names, if a proxy can stand in for it."
  [sym]
  (let [class (when (symbol? sym) (resolve sym))]
    (when-not (class? class)
      (reject-form "proxy: " (pr-str sym) " is no class."))
    class))

(defmacro proxy
  "An object that extends a class or implements interfaces in place, its methods closing over what is in sight; `this` is
  the object in them. A class is Object or one that is written in our own language, whose methods it has where it gives
  none of its own. New code has reify.

      (proxy [java.util.Comparator] [] (compare [a b] (- b a)))"
  {:arglists '([class-and-interfaces args & fs])}
  [class-and-interfaces args & fs]
  (let [classes (mapv check-proxied class-and-interfaces)
        inherited (into {} (mapcat reops.internal/type-methods) (reverse classes))
        with-this (fn [[params & body]] (cons (into ['this] params) body))
        own (mapv (fn [[method & tail]]
                    (let [clauses (if (vector? (first tail)) (list tail) tail)]
                      [(keyword (name method))
                       (list* 'clojure.core/fn (method-fn-name method "proxy") (map with-this clauses))]))
                  fs)
        methods (into (vec (remove (fn [[k]] (some (fn [[o]] (= k o)) own)) inherited)) own)]
    (when (seq args)
      (reject-form "proxy: no class here takes arguments of its constructor, and was given " (pr-str args) "."))
    (anonymous-instance "proxy__" methods (into #{} (map (fn [class] (symbol (.getName class)))) classes))))

(defn- refuse-generated-class
  [what instead]
  (throw (UnsupportedOperationException.
           (str what " makes a class of the JVM, which is not there. " instead))))

(defmacro gen-class
  "Refused: there is no JVM for which a class could be made. (ns … (:gen-class)) is accepted and makes none."
  {:arglists '([& options])}
  [& options]
  (refuse-generated-class "gen-class" "Define a type with deftype, or a -main function to be called by reops -m."))

(defmacro gen-interface
  "Refused: there is no JVM for which an interface could be made."
  {:arglists '([& options])}
  [& options]
  (refuse-generated-class "gen-interface" "Define a protocol with defprotocol."))

(defmacro definterface
  "Refused: there is no JVM for which an interface could be made."
  {:arglists '([name & sigs])}
  [name & sigs]
  (refuse-generated-class (str "(definterface " name " …)") "Define a protocol with defprotocol."))

;; Protocols

(defn- protocol-signature
  "[name {:name :arglists :doc}] of one method in a defprotocol."
  [protocol form]
  (when-not (and (seq? form) (symbol? (first form)))
    (reject-form "defprotocol " protocol " needs methods such as (name [this …]), and was given " (pr-str form) "."))
  (let [[method & tail] form
        arglists (take-while vector? tail)
        more (drop-while vector? tail)
        doc (when (string? (first more)) (first more))]
    (when (or (empty? arglists) (seq (if doc (next more) more)))
      (reject-form "defprotocol " protocol ": " (pr-str form) " needs its parameter vectors and perhaps a docstring."))
    (when (some empty? arglists)
      (reject-form "defprotocol " protocol ": method " method " needs a parameter for what it is called on."))
    [method {:name (with-meta method nil) :arglists (apply list arglists) :doc doc}]))

(defmacro defprotocol
  "Defines a protocol: functions that dispatch on the type of their first argument. Types implement it where they are
  defined or by extend-type, extend-protocol and extend. Defined anew, it keeps the implementations it has.

      (defprotocol Pkg
        \"Packages of a host.\"
        (installed? [this pkg] \"Is it there?\")
        (install [this pkg] [this pkg version] \"Puts it there.\"))"
  {:arglists '([name & opts+sigs])}
  [name & opts+sigs]
  (when-not (symbol? name)
    (reject-form "defprotocol needs a symbol as its name, and was given " (pr-str name) "."))
  (loop [doc nil options {} parts (seq opts+sigs)]
    (cond
      (string? (first parts)) (recur (first parts) options (next parts))
      (keyword? (first parts)) (recur doc (assoc options (first parts) (second parts)) (nnext parts))
      :else
      (let [full (symbol (str (ns-name *ns*)) (str name))
            methods (mapv (fn [form] (protocol-signature name form)) parts)]
        (when-not (or (empty? methods) (apply distinct? (map first methods)))
          (reject-form "defprotocol " name " has two methods of one name."))
        (concat
          (list 'do
                (list 'def
                      (vary-meta name merge (if doc {:doc doc} {}))
                      (list 'reops.internal/make-protocol
                            (list 'quote full)
                            (list 'quote (into {} (map (fn [[m info]] [(keyword (str m)) info])) methods))
                            (boolean (:extend-via-metadata options)))))
          (map (fn [[m {:keys [arglists doc]}]]
                 (list 'def
                       (vary-meta m merge {:arglists (list 'quote arglists) :doc doc :protocol (list 'var full)})
                       (list 'reops.internal/protocol-fn name (list 'quote m))))
               methods)
          (list (list 'quote name)))))))

(defn- extension
  "The arguments of extend for a type: each protocol with the map of its methods."
  [what type specs]
  (mapcat
    (fn [[head forms]]
      (let [protocol (protocol-named head)]
        [head
         (into {}
               (map (fn [[method clauses form]]
                      (when protocol (check-protocol-method what protocol method))
                      [(keyword (name method))
                       (with-meta (list* 'clojure.core/fn
                                         (method-fn-name method (if (symbol? type) type (str type)))
                                         clauses)
                         (meta form))]))
               (methods-by-name what forms))]))
    (specs-by-head what specs)))

(defmacro extend-type
  "Implements protocols for one type: a record, a class such as String, or nil.

      (extend-type Hosts
        Pkg
        (installed? [this pkg] …)
        (install ([this pkg] …) ([this pkg version] …)))"
  {:arglists '([type & specs])}
  [type & specs]
  (list* 'clojure.core/extend type (extension (str "extend-type " (pr-str type)) type specs)))

(defmacro extend-protocol
  "Implements one protocol for several types, each followed by its methods.

      (extend-protocol Shape
        Circle (area [c] …)
        nil (area [_] 0))"
  {:arglists '([protocol & specs])}
  [protocol & specs]
  (cons 'do
        (map (fn [[type forms]] (list* 'clojure.core/extend-type type protocol forms))
             (specs-by-head (str "extend-protocol " protocol) specs))))

;; Points in time

(defprotocol Inst
  "Points in time, whatever they are made of."
  (inst-ms* [inst] "The milliseconds from the beginning of 1970, in UTC, to the instant."))

(extend-protocol Inst
  java.util.Date
  (inst-ms* [inst] (reops.internal/date-ms inst)))

(defn inst-ms
  "The milliseconds from the beginning of 1970, in UTC, to the instant."
  [inst]
  (inst-ms* inst))

(defn inst?
  "True if x is a point in time: something that the protocol Inst is extended to."
  [x]
  (satisfies? Inst x))

;; Errors as data

(defn Throwable->map
  "An exception as data: :cause, the message of the innermost one; :via, the chain of causes, each with :type, :message,
  :data and :at; :trace, where the innermost was thrown; and :data, if that carries some."
  [ex]
  (let [chain (take-while some? (iterate ex-cause ex))
        root (last chain)
        described (fn [e]
                    (merge {:type (symbol (.getName (class e)))}
                           (when (ex-message e) {:message (ex-message e)})
                           (when (ex-data e) {:data (ex-data e)})
                           (when-let [at (first (reops.internal/error-trace e))] {:at at})))]
    (merge {:via (mapv described chain)
            :trace (vec (reops.internal/error-trace root))}
           (when (ex-message root) {:cause (ex-message root)})
           (when (ex-data root) {:data (ex-data root)}))))
