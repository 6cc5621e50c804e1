;; Checks what errors say. Of docs/errors: every kind of diagnostic in the sources has its page and every page its kind, the
;; example of each page gives exactly the report that stands there, and the index is up to date. Of cases/: each file says
;; exactly what the text beside it has.
;;
;;   reops tests/errors/check.clj [--write] ROOT     --write makes pages, index and texts say what is said now

(ns check
  (:require [clojure.string :as str]
            [reops.fs :as fs]
            [reops.process :as process]))

(def write? (some #{"--write"} *command-line-args*))
(def root (last *command-line-args*))
(def folder (fs/join root "docs" "errors"))
(def patience
  "How many milliseconds an example may take; only what hangs takes so long."
  (* 1000 (parse-long (or (System/getenv "REOPS_TEST_DEADLINE") "120"))))
(def program (or (System/getenv "REOPS") (fs/read-link "/proc/self/exe")))

(def problems (atom []))
(defn problem [& words]
  (swap! problems conj (apply str words)))

;; What the sources have

(defn- source-files [& parts]
  (filter (fn [path] (and (fs/file? path) (contains? #{"cpp" "hpp" "clj"} (fs/extension path))))
          (fs/tree (apply fs/join root parts))))

(def ^:private errno-kinds
  ;; What base::errno_error makes of the system's numbers.
  ["not-found" "denied" "exists" "full" "descriptors" "io"])

(defn- kinds-in
  "The kinds of error that the text of a source file makes."
  [path text]
  (if (= "clj" (fs/extension path))
    (map second (re-seq #":type :((?:reops|re-mote|re-core|process)/[a-z-]+)" text))
    (concat (map second (re-seq #"\"(reops/[a-z0-9-]+)\"" text))
            (map second (re-seq #"Error\{\s*\"([a-z]+/[a-z-]+)\"" text))
            (for [[_ family] (re-seq #"errno_error\(\s*\"([a-z]+)\"" text)
                  kind errno-kinds]
              (str family "/" kind)))))

(defn source-kinds []
  (set (for [path (concat (source-files "src") (source-files "lib"))
             ;; In the comments of its header the function's own documentation names one.
             :when (not (str/ends-with? path "value/error.hpp"))
             kind (kinds-in path (slurp path))]
         kind)))

;; What the pages have

(defn page-files []
  (sort (filter (fn [path] (and (= "md" (fs/extension path)) (not= "README.md" (fs/file-name path))))
                (fs/tree folder))))

(defn- heading [text]
  (second (re-find #"(?m)^# (.*)$" text)))

(defn- kinds-of-page
  "One kind, or, on the page of a family, those of its second-level headings."
  [text]
  (let [title (heading text)]
    (if (str/includes? title "/")
      [title]
      (map second (re-seq #"(?m)^## `?([a-z-]+/[a-z-]+)`?" text)))))

(defn- summary
  "The first sentence below the title."
  [text]
  (let [paragraph (str/replace (second (re-find #"(?s)^# [^\n]*\n\n(.*?)\n\n" (str text "\n\n"))) "\n" " ")]
    (or (re-find #"^.*?[.](?= |$)" paragraph) paragraph)))

;; Examples

(defn- blocks
  "The fenced blocks of a page: {:info :text}."
  [text]
  (map (fn [[_ info body]] {:info info :text body})
       (re-seq #"(?s)```([^\n]*)\n(.*?)```" text)))

(defn- example-of [text]
  (let [all (blocks text)
        files (keep (fn [{:keys [info text]}]
                      (when-let [[_ name] (re-find #"^clojure (\S+)$" info)]
                        [name text]))
                    all)
        example (first (filter (comp #{"clojure" "console"} :info) all))]
    (when example
      (assoc example :files files))))

(defn- command-of
  "What a shell runs for an example: the command it is, or the program with the forms in a file."
  [{:keys [info text]}]
  (if (= "console" info)
    (subs text 2)
    "reops -L . example.clj"))

(defn report
  "What an example says when it is run in a folder of its own."
  [{:keys [text files] :as example}]
  (fs/with-temp-dir [work]
    (doseq [[name content] (cons ["example.clj" text] files)]
      (fs/mkdirs (fs/parent (fs/join work name)))
      (spit (fs/join work name) content))
    (let [{:keys [out err]} (process/run ["sh" "-c" (command-of example)]
                                         {:dir work
                                          :env {"PATH" (str (fs/parent program) ":" (System/getenv "PATH"))
                                                "REOPS_HOME" work}
                                          :timeout-ms patience})]
      (str/replace (str out err) work "."))))

;; Cases

(defn check-case [path]
  (let [said (report {:info "clojure" :text (slurp path)})
        wanted (str (fs/strip-extension path) ".txt")]
    (cond
      (and (fs/exists? wanted) (= said (slurp wanted))) nil
      write? (spit wanted said)
      :else (problem path " now says\n" said))))

(defn case-files []
  (filter (comp #{"clj"} fs/extension) (sort (fs/list-dir (fs/join root "tests" "errors" "cases")))))

;; Pages

(defn- plain-block
  "The block without a language, where the report stands."
  [text]
  (first (filter (comp #{""} :info) (blocks text))))

(defn check-example [path]
  (let [text (slurp path)]
    (when-let [example (example-of text)]
      (let [said (report example)
            {stands :text :as block} (plain-block text)]
        (cond
          (nil? block) (problem path ": the example has no report; put an empty block after it and run with --write")
          (not (some (fn [kind] (str/includes? said kind)) (kinds-of-page text)))
          (problem path ": the example gives another error:\n" said)
          (= said stands) nil
          write? (spit path (str/replace-first text (str "```\n" stands "```") (str "```\n" said "```")))
          :else (problem path ": the report is now\n" said "and the page has\n" stands))))))

;; The index

(defn- index []
  (str "# Errors\n\n"
       "What each kind of error means, and what to do. At the prompt, `(explain *e)` says it for the last error, and `(explain\n"
       ":reops/unresolved-symbol)` for any. Generated from the pages by `tests/errors/check.clj --write`.\n\n"
       "| Kind | Meaning |\n|---|---|\n"
       (apply str (for [path (page-files)
                        :let [text (slurp path)]]
                    (str "| [" (heading text) "](" (subs path (inc (count folder))) ") | " (summary text) " |\n")))))

(defn check-index []
  (let [path (fs/join folder "README.md")
        wanted (index)]
    (when-not (and (fs/exists? path) (= wanted (slurp path)))
      (if write?
        (spit path wanted)
        (problem path ": the index is not up to date; run with --write")))))

(defn check-kinds []
  (let [in-sources (source-kinds)
        in-pages (set (mapcat (comp kinds-of-page slurp) (page-files)))]
    (doseq [kind (sort (remove in-pages in-sources))]
      (problem kind " has no page in docs/errors"))
    (doseq [kind (sort (remove in-sources in-pages))]
      (problem kind " has a page in docs/errors, and no source makes it"))
    (doseq [path (page-files)
            :let [title (heading (slurp path))
                  expected (fs/join folder (str title ".md"))]
            :when (not= path expected)]
      (problem path ": the page of " title " is " expected))))

(run! check-case (case-files))
(run! check-example (page-files))
(check-kinds)
(check-index)
(run! println @problems)
(println (count (case-files)) "cases," (count (page-files)) "pages," (count @problems) "problems")
(when (seq @problems)
  (System/exit 1))
