(ns reops.completion
  "What may be typed at a place, with its documentation: for the prompt and for editors that ask over nREPL."
  (:require [clojure.repl :as repl]
            [clojure.string :as str]
            [reops.completion.context :refer [read-context]]
            [reops.fs :as fs]))

(defn- quote-regex [c]
  (if (re-find #"\w" (str c)) (str c) (str "\\" c)))

(defn- matcher
  "A predicate on names for what was typed: its beginning, or the beginnings of its parts, as m-i for map-indexed and
  c.str for clojure.string."
  [typed]
  (if (re-find #"[-.]" typed)
    (let [pattern (re-pattern (apply str "^" (map (fn [c]
                                                    (str (when (contains? #{\- \.} c) "[^-.]*") (quote-regex c)))
                                                  typed)))]
      (fn [name] (re-find pattern name)))
    (fn [name] (str/starts-with? name typed))))

;; Candidates

(defn- without-nils [m]
  (into {} (remove (comp nil? val)) m))

(defn- type-of-var [v {:keys [macro arglists]}]
  (cond
    macro :macro
    (or arglists (and (bound? v) (fn? @v))) :function
    :else :var))

(defn- var-candidate [text v]
  (let [{:keys [ns arglists doc] :as m} (meta v)]
    (without-nils {:candidate text
                   :type (type-of-var v m)
                   :ns (ns-name ns)
                   :arglists arglists
                   :doc doc})))

(defn- namespace-candidate [text ns]
  (without-nils {:candidate text :type :namespace :ns (ns-name ns) :doc (:doc (meta ns))}))

(defn- vars-named
  "Candidates for those of a map of symbols to vars whose names match, by name."
  [matches? prefix vars]
  (for [[text v] (sort-by first (for [[sym v] vars
                                    :when (and (var? v) (matches? (name sym)))]
                                [(str prefix sym) v]))]
    (var-candidate text v)))

(defn- class-namespace?
  "Is a namespace only the place of a host class's static members?"
  [class-names ns]
  (contains? class-names (name (ns-name ns))))

(defn- local-candidates [matches? locals]
  (for [text (sort (filter matches? locals))]
    {:candidate text :type :local}))

(defn- core-var? [v]
  (= 'clojure.core (ns-name (:ns (meta v)))))

(defn- special-candidates [matches?]
  (for [sym (repl/special-symbols)
        :when (matches? (name sym))
        :let [{:keys [forms doc]} (repl/special-doc sym)]]
    (without-nils {:candidate (name sym) :type :special :arglists forms :doc doc})))

(defn- unqualified-candidates
  "What a namespace knows by short names: its own vars, those it refers to, and the language's."
  [matches? ns]
  (let [refers (ns-refers ns)]
    (concat (vars-named matches? "" (ns-interns ns))
            (vars-named matches? "" (remove (comp core-var? val) refers))
            (sort-by :candidate (concat (vars-named matches? "" (filter (comp core-var? val) refers))
                                        (special-candidates matches?))))))

(defn- alias-candidates [matches? ns]
  (for [[sym target] (sort-by (comp str key) (ns-aliases ns))
        :when (matches? (name sym))]
    (namespace-candidate (name sym) target)))

(defn- namespace-candidates [matches?]
  (let [class-names (set (reops.internal/class-names))]
    (for [[text ns] (sort-by first (map (juxt (comp name ns-name) identity) (all-ns)))
          :when (and (matches? text) (not (class-namespace? class-names ns)))]
      (namespace-candidate text ns))))

(defn- class-candidates [matches? ns]
  (for [text (sort (distinct (concat (map name (keys (ns-imports ns))) (reops.internal/class-names))))
        :when (matches? text)]
    {:candidate text :type :class}))

(defn- method-candidates [typed]
  (for [method (reops.internal/method-names)
        :let [text (str "." method)]
        :when (str/starts-with? text typed)]
    {:candidate text :type :method}))

(defn- namespace-of
  "The namespace that a name stands for in another one: an alias, or its own name."
  [ns text]
  (or (get (ns-aliases ns) (symbol text))
      (find-ns (symbol text))))

(defn- qualified-candidates
  "Names after a namespace, an alias or a class: str/jo, Math/m."
  [typed ns]
  (let [[qualifier typed-name] (str/split typed #"/" 2)
        target (namespace-of ns qualifier)]
    (when target
      (let [found (vars-named (matcher typed-name) (str qualifier "/")
                              (if (= target ns) (ns-interns target) (ns-publics target)))]
        (if (class-namespace? (set (reops.internal/class-names)) target)
          (map (fn [candidate] (assoc candidate :type :static-method)) found)
          found)))))

;; Keywords

(defn- keyword-candidates [typed ns]
  (let [own-text (fn [prefix shown]
                   (for [text (reops.internal/keyword-names (str prefix "/"))]
                     (str shown (subs text (inc (count prefix))))))
        texts (if-let [[_ alias-text] (re-find #"^::([^/]*)/" typed)]
                (when-let [target (get (ns-aliases ns) (symbol alias-text))]
                  (own-text (name (ns-name target)) (str "::" alias-text "/")))
                (if (str/starts-with? typed "::")
                  (concat (own-text (name (ns-name ns)) "::")
                          (map (fn [sym] (str "::" sym "/")) (sort-by str (keys (ns-aliases ns)))))
                  (map (fn [text] (str ":" text)) (reops.internal/keyword-names (subs typed 1)))))]
    (for [text texts
          :when (str/starts-with? text typed)]
      {:candidate text :type :keyword})))

;; Files

(defn- expand-home [path]
  (if (and (str/starts-with? path "~/") (System/getenv "HOME"))
    (str (System/getenv "HOME") (subs path 1))
    path))

(defn- names-in-folder
  "The names of what lies in a folder, with a slash at the end of folders; nothing where we may not look."
  [folder]
  (try
    (for [path (fs/list-dir folder)
          :when (string? path)]
      (str (fs/file-name path) (when (fs/directory? path) "/")))
    (catch java.io.IOException _ nil)))

(defn- escape-for-string [text]
  (str/escape text {\" "\\\"" \\ "\\\\"}))

(defn- file-candidates
  "Paths that begin with what was typed, as they are written in a string."
  [typed]
  (let [[_ folder beginning] (re-find #"(?s)^(.*/)?([^/]*)$" typed)]
    (for [file-name (names-in-folder (expand-home (or folder ".")))
          :when (and (str/starts-with? file-name beginning)
                     (or (seq beginning) (not (str/starts-with? file-name "."))))]
      {:candidate (escape-for-string (str folder file-name)) :type :file})))

;; Namespaces that could be loaded

(defn- name-of-library [path]
  (when-let [[_ stem] (re-find #"^(.*)\.cljc?$" path)]
    (-> stem (str/replace "/" ".") (str/replace "_" "-"))))

(defn- libraries-on-path
  "Namespaces of *load-path* whose names begin with what was typed, one level of folders at a time."
  [typed]
  (let [[_ parent] (re-find #"^(.*\.)?[^.]*$" typed)
        below (-> (or parent "") (str/replace "." "/") (str/replace "-" "_"))]
    (for [folder *load-path*
          file-name (names-in-folder (str folder "/" below))
          :let [lib (if (str/ends-with? file-name "/")
                      (str parent (str/replace (subs file-name 0 (dec (count file-name))) "_" "-") ".")
                      (name-of-library (str below file-name)))]
          :when lib]
      lib)))

(defn- library-candidates
  "Namespaces that are loaded, compiled in, or on the load path."
  [typed]
  (let [matches? (matcher typed)
        loaded (namespace-candidates matches?)
        known (set (map :candidate loaded))]
    (sort-by :candidate
             (concat loaded
                     (for [lib (distinct (concat (keep name-of-library (reops.internal/library-paths))
                                                 (libraries-on-path typed)))
                           :when (and (matches? lib) (not (contains? known lib)))]
                       {:candidate lib :type :namespace})))))

;; The question

(def ^:private naming-namespaces
  "Heads of lists in which names of namespaces are expected."
  #{"require" "use" "in-ns" "the-ns" "find-ns" "remove-ns" ":require" ":use" "require-macros"})

(defn- referred-library
  "The loaded namespace whose names are listed at a place after :refer or :only."
  [{[_ outer] :before}]
  (when (contains? #{":refer" ":only"} (peek (pop (or (not-empty outer) [nil]))))
    (find-ns (symbol (first outer)))))

(defn- names-a-namespace? [{:keys [heads before]}]
  (and (contains? naming-namespaces (first heads))
       (<= (count (first before)) 1)))

(defn- symbol-candidates [typed ns {:keys [locals]}]
  (let [matches? (matcher typed)]
    (concat (local-candidates matches? locals)
            (unqualified-candidates matches? ns)
            (alias-candidates matches? ns)
            (namespace-candidates matches?)
            (class-candidates matches? ns))))

(defn- code-candidates [typed ns context]
  (cond
    (str/starts-with? typed ":") (keyword-candidates typed ns)
    (referred-library context) (vars-named (matcher typed) "" (ns-publics (referred-library context)))
    (names-a-namespace? context) (library-candidates typed)
    (re-find #"^[^/]+/" typed) (qualified-candidates typed ns)
    (re-find #"^\.\p{L}" typed) (method-candidates typed)
    :else (symbol-candidates typed ns context)))

(defn- distinct-candidates
  "The first of the candidates of each name, what was typed in full before all others."
  [typed candidates]
  (let [{:keys [kept]} (reduce (fn [{:keys [names] :as so-far} {:keys [candidate] :as c}]
                                 (if (contains? names candidate)
                                   so-far
                                   (-> so-far (update :names conj candidate) (update :kept conj c))))
                               {:names #{} :kept []}
                               candidates)]
    (into (filterv #(= typed (:candidate %)) kept)
          (remove #(= typed (:candidate %)))
          kept)))

(defn- with-text-before
  "Candidates with text in front of each, or with text taken off the front of each."
  [candidates f]
  (mapv (fn [candidate] (update candidate :candidate f)) candidates))

(defn completions
  "What the beginning of a word may become: a vector of maps, the likeliest first.

      (completions \"map-i\")
      ; [{:candidate \"map-indexed\" :type :function :ns clojure.core :arglists ([f] [f coll]) :doc \"…\"}]

  :type is :function, :macro, :var, :special, :local, :namespace, :keyword, :class, :static-method, :method or :file; the other
  keys are there where they are known. Options: :ns, the namespace to look in, a symbol or the thing itself (*ns*);
  :context, the text that stands before the word, which tells local names, strings (where files are completed) and
  places where a namespace is expected. A context with `__prefix__` in it ends there."
  ([prefix] (completions prefix {}))
  ([prefix {:keys [ns context]}]
   (let [ns (or (when ns (find-ns (symbol (str (if (symbol? ns) ns (ns-name ns)))))) *ns*)
         place (read-context (first (str/split (or context "") #"__prefix__" 2)))
         before (or (:string place) "")
         [_ marks typed] (re-find #"(?s)^((?:#'|[\"'`@^]|~@?)*)(.*)$" prefix)]
     (if (or (:string place) (str/ends-with? marks "\""))
       (with-text-before (file-candidates (str before typed))
         (fn [text] (str marks (subs text (count before)))))
       (with-text-before (distinct-candidates typed (code-candidates typed ns place))
         (fn [text] (str marks text)))))))

(defn- describe-var [v]
  (let [{:keys [ns] :as m} (meta v)]
    (without-nils (assoc (select-keys m [:name :arglists :doc :file :line :column :macro :dynamic :private :deprecated :added
                                         :category])
                         :ns (ns-name ns)
                         :type (type-of-var v m)))))

(defn- describe-namespace [ns]
  (let [{:keys [doc file line column]} (meta ns)]
    (without-nils {:name (ns-name ns) :ns (ns-name ns) :type :namespace :doc doc :file file :line line :column column})))

(defn- describe-special [sym]
  (when-let [{:keys [name forms doc]} (repl/special-doc sym)]
    {:name name :type :special :special true :arglists forms :doc doc}))

(defn describe
  "What a symbol, or its text, means in a namespace (*ns*), as a map: :name, :ns, :type, :arglists, :doc, :file, :line, :column,
  :macro, :special, … where they are known. Nil when it means nothing.

      (describe 'map)
      (describe \"str/join\" 'my.ops)"
  ([sym] (describe sym *ns*))
  ([sym ns]
   (let [sym (symbol (str sym))
         ns (the-ns ns)
         found (try (ns-resolve ns sym) (catch Exception _ nil))]
     (cond
       (describe-special sym) (describe-special sym)
       (var? found) (describe-var found)
       (class? found) {:name sym :type :class}
       (namespace-of ns (str sym)) (describe-namespace (namespace-of ns (str sym)))))))
