(ns reops.prompt
  "What helps at a prompt: finding out what there is, and keeping what was defined."
  (:require [clojure.repl :as repl]
            [clojure.string :as str]
            [reops.fs :as fs]))

;; --- what there is ---------------------------------------------------------------------------------------------------

(defn- all-public-vars []
  (for [ns (all-ns)
        [_ v] (ns-publics ns)]
    v))

(defn- first-sentence [doc]
  (let [text (str/trim (str/replace (or doc "") #"\s+" " "))]
    (or (second (re-find #"^(.*?\.)(?: |$)" text)) text)))

(defn- shown-name
  "How a var is called from the current namespace."
  [v]
  (let [{:keys [ns name]} (meta v)]
    (if (= v (get (ns-map *ns*) name))
      (str name)
      (str (ns-name ns) "/" name))))

(defn- cut [text width]
  (if (> (count text) width) (str (subs text 0 (max 0 (dec width))) "…") text))

(defn- print-rows
  "A line for each var: its name, and what it does as far as the line goes."
  [vars]
  (let [rows (sort-by first (map (juxt shown-name (comp first-sentence :doc meta)) (distinct vars)))
        widest (apply max 8 (map (comp count first) rows))
        column (min widest 24)]
    (doseq [[text doc] rows]
      (println (str/trimr (str "  " text (apply str (repeat (- column (count text)) " ")) "  "
                               (cut doc (- 76 (max column (count text))))))))))

(defn- by-category []
  (dissoc (group-by (comp :category meta) (all-public-vars)) nil))

(defn- print-category [category vars]
  (println (str "\n" (str/capitalize (str/replace (name category) "-" " ")) "   (help " category ")"))
  (print-rows vars))

(defn- print-overview []
  (doseq [[category vars] (sort-by (comp str key) (by-category))]
    (print-category category vars))
  (println (str "\n(help \"disk\") looks for a word, (doc ls) explains a name,\n"
                "(source ls) shows how it is made.")))

(defn- matching [text]
  (let [wanted (str/lower-case text)
        has? (fn [s] (str/includes? (str/lower-case (str s)) wanted))
        found (remove (comp :private meta) (all-public-vars))
        named (filter (comp has? :name meta) found)]
    [named (remove (set named) (filter (comp has? :doc meta) found))]))

(defn- print-matching [text]
  (let [[named mentioned] (matching text)]
    (when (seq named)
      (println (str "\nNamed \"" text "\":"))
      (print-rows named))
    (when (seq mentioned)
      (println (str "\nIn the documentation of:"))
      (print-rows (take 40 mentioned))
      (when (> (count mentioned) 40)
        (println (str "  … and " (- (count mentioned) 40) " more: (find-doc \"" text "\")"))))
    (when-not (or (seq named) (seq mentioned))
      (println (str "Nothing here is named \"" text "\" or speaks of it. (help) shows what there is.")))))

(defn help
  "Says what there is: every verb by its category; the verbs of one category; what is named or documented with a word; or
  the documentation of what a symbol names.

      (help)
      (help :hosts)
      (help \"disk\")
      (help 'pick)"
  {:category :prompt}
  ([] (print-overview))
  ([what]
   (cond
     (keyword? what) (if-let [vars (get (by-category) what)]
                       (print-category what vars)
                       (println (str "There is no category " what "; there are "
                                     (str/join ", " (sort-by str (keys (by-category)))) ".")))
     (symbol? what) (repl/print-doc what)
     :else (print-matching (str what)))))

;; --- what was defined here -------------------------------------------------------------------------------------------

;; Every form of the prompt that defines something, in the order of first definition: {:key :ns :form :text :again}.
(defonce ^:private noted (atom []))

(def ^:private extending '#{extend-type extend-protocol extend derive prefer-method})
(def ^:private arranging '#{ns require use import refer alias in-ns refer-clojure})

(defn- head-of [form]
  (when (and (seq? form) (symbol? (first form)))
    (symbol (name (first form)))))

(defn- defining?
  "Does a form define something under the name that follows its head?"
  [form]
  (let [head (head-of form)]
    (boolean (and head (str/starts-with? (name head) "def") (symbol? (second form))))))

(defn- key-of
  "What a form defines, so that a later definition of the same takes its place; nil when it defines nothing."
  [form ns]
  (let [head (head-of form)]
    (cond
      (nil? head) nil
      (= 'defmethod head) [ns head (second form) (nth form 2 nil)]
      (defining? form) [ns :name (symbol (name (second form)))]
      (= 'extend-type head) [ns head (second form) (filterv symbol? (drop 2 form))]
      (contains? extending head) [ns head (second form) (filterv symbol? (drop 2 form))]
      (= 'ns head) [:ns (second form)]
      (contains? arranging head) [ns form]
      (and (= 'do head) (some defining? (rest form))) [ns form])))

(defn- noted-again [entries {:keys [key] :as entry}]
  (let [at (first (keep-indexed (fn [i known] (when (= key (:key known)) i)) entries))]
    (if at
      (assoc entries at (assoc entry :again true))
      (conj entries entry))))

(defn note-form
  "Keeps a form that was evaluated at the prompt, with its text and the namespace it was evaluated in, if it defines
  something. The prompt calls it."
  {:no-doc true}
  [form text ns]
  (when-let [key (key-of form (ns-name ns))]
    (swap! noted noted-again {:key key :ns (ns-name ns) :form form :text (str/trim text)}))
  nil)

(defn- symbols-in [form]
  (set (filter symbol? (tree-seq coll? seq form))))

(defn- name-defined [{[_ kind defined] :key}]
  (when (= :name kind) defined))

(defn- declarations
  "For a definition that was typed anew in the place of an earlier one: the names it uses that are defined after it."
  [entry later]
  (when (:again entry)
    (let [used (symbols-in (:form entry))]
      (seq (distinct (filter used (keep name-defined (filter #(= (:ns entry) (:ns %)) later))))))))

(def ^:private first-line ";; Definitions saved from a prompt of reops.")

(defn- saved-text
  "The text of a file that makes all the definitions again."
  [entries]
  (loop [[entry & later] entries, current nil, parts [first-line]]
    (if-not entry
      (str (str/join "\n\n" parts) "\n")
      (let [{:keys [ns text form]} entry
            declared (declarations entry later)
            switches? (contains? '#{ns in-ns} (head-of form))]
        (recur later
               (when-not switches? ns)
               (cond-> parts
                 (and (not switches?) (not= ns current)) (conj (str "(in-ns '" ns ")"))
                 declared (conj (str "(declare " (str/join " " declared) ")"))
                 true (conj text)))))))

(defn save-defs
  "Writes everything that was defined at the prompt to a file, as it was typed and in that order, of each name the latest
  definition. (load-file path) makes it all again. A file that save-defs did not write is never replaced.

      (save-defs \"my_ops.clj\")"
  {:category :prompt}
  [path]
  (when (and (fs/exists? path) (not (str/starts-with? (slurp path) first-line)))
    (throw (ex-info (str path " is there already, and save-defs did not write it")
                    {:type :reops/file-exists :hint "Choose another name, or remove the file first."})))
  (let [entries @noted]
    (if (empty? entries)
      (println "Nothing was defined here yet.")
      (do (spit path (saved-text entries))
          (println (str "Wrote " (count entries) (if (= 1 (count entries)) " definition" " definitions") " to " path "."))))))
