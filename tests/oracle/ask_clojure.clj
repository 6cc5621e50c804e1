;; Run by `ask-clojure` in JVM Clojure: evaluates the corpus and writes the answers down, or checks the written ones.
(ns oracle.ask-clojure
  (:require [clojure.java.io :as io]
            [clojure.string :as string])
  (:import (clojure.lang LineNumberingPushbackReader)
           (java.io StringReader)))

(def here (first *command-line-args*))

(load-file (str here "/canonical.clj"))

(alias 'c 'oracle.canonical)

(defn- by-text
  "Maps and sets in the order of their printed members, so that the file does not depend on hashes."
  [value]
  (let [order #(compare (pr-str %1) (pr-str %2))]
    (cond
      (map? value) (into (sorted-map-by order) (map (fn [[k v]] [(by-text k) (by-text v)])) value)
      (set? value) (into (sorted-set-by order) (map by-text) value)
      (vector? value) (mapv by-text value)
      (and (sequential? value) (seq value)) (apply list (map by-text value))
      :else value)))

(defn- without-comments [text]
  (string/trim (string/replace text #"^(\s*;[^\n]*(\n|$)|\s+)*" "")))

;; The JVM numbers the classes it compiles and prints addresses; both differ from run to run.
(defn- without-numbers [message]
  (some-> message
          (string/replace #"(eval|fn|--|__)\d+" "$1")
          (string/replace #"@[0-9a-f]+" "@…")))

;; Whether the form was refused by the compiler, and not by the code it became.
(defn- compiling? [error]
  (let [phase (:clojure.error/phase (ex-data error))]
    (and phase (not= :execution phase))))

(defn- evaluate
  "The answer to one form: its value or its error, and what it printed."
  [form]
  (let [answer (atom nil)
        out (with-out-str
              (reset! answer
                      (try
                        (let [value (c/canonical (eval form))
                              text (binding [*print-meta* false] (pr-str (by-text value)))]
                          (when-not (c/same? value (read-string text))
                            (throw (Error. (str "this value cannot be written down: " (pr-str form) " gives " text))))
                          {:value text})
                        (catch Error error
                          (if (re-find #"cannot be written down" (str (.getMessage error)))
                            (throw error)
                            {:error (c/simple-name error) :message (without-numbers (ex-message error))}))
                        (catch Throwable error
                          (let [root (c/root-error error)]
                            (cond-> {:error (c/simple-name root) :message (without-numbers (ex-message root))}
                              (compiling? error) (assoc :compiling true)))))))]
    (cond-> @answer (seq out) (assoc :out out))))

(defn- answers-of [topic]
  (let [space (symbol (str "oracle." (string/replace topic "_" "-")))
        content (slurp (str here "/corpus/" topic ".clj"))
        reader (LineNumberingPushbackReader. (StringReader. content))]
    (binding [*ns* (create-ns space), *warn-on-reflection* false, *err* (java.io.StringWriter.)]
      (refer 'clojure.core)
      (loop [answers [] from 0]
        (let [[form text] (read+string {:read-cond :allow :eof ::end} reader)]
          (if (= ::end form)
            answers
            (let [text (without-comments text)
                  start (string/index-of content text from)
                  line (inc (count (filter #{\newline} (subs content 0 start))))]
              (recur (conj answers (assoc (evaluate form) :form text :line line))
                     (+ start (count text))))))))))

(defn- written [answer]
  (str "{" (string/join ", " (for [k [:line :form :value :error :compiling :message :out] :when (contains? answer k)]
                               (str k " " (pr-str (get answer k)))))
       "}"))

(defn- file-of [topic] (str here "/answers/" topic ".edn"))

(defn- record! [topic answers]
  (spit (file-of topic) (str (string/join "\n" (map written answers)) "\n"))
  (println (format "%-24s %4d forms, %3d of them errors" topic (count answers) (count (filter :error answers)))))

(defn- recorded [topic]
  (if (.exists (io/file (file-of topic)))
    (read-string (str "[" (slurp (file-of topic)) "]"))
    []))

(defn- drift [topic answers]
  (let [known (into {} (map (juxt (juxt :line :form) identity)) (recorded topic))
        now (into {} (map (juxt (juxt :line :form) identity)) answers)]
    (doall
     (for [place (sort (distinct (concat (keys known) (keys now))))
           ;; Messages are for the reader: a warmed-up JVM leaves them out.
           :when (not= (dissoc (known place) :message) (dissoc (now place) :message))]
       (println (format "%s:%d  %s\n  recorded: %s\n  now:      %s" topic (first place) (second place)
                        (some-> (known place) written) (some-> (now place) written)))))))

(defn- topics []
  (sort (for [file (.listFiles (io/file here "corpus"))
              :let [[_ topic] (re-matches #"(.*)\.clj" (.getName file))]
              :when topic]
          topic)))

;; The namespaces whose public names are compared (left_out.clj).
(def spaces
  '[clojure.core clojure.edn clojure.math clojure.repl clojure.set clojure.string clojure.template clojure.test clojure.walk])

(defn- names
  "Every public name of those namespaces, one namespace a line."
  []
  (str "{"
       (string/join "\n " (for [space spaces]
                            (do (require space)
                                (str space " " (pr-str (sort (keys (ns-publics space))))))))
       "}\n"))

(defn- names-drifted
  "1 when the recorded names are not those there are, else 0."
  []
  (if (= (names) (slurp (str here "/answers/names.edn")))
    0
    (do (println "answers/names.edn does not hold the names there are") 1)))

(let [args (rest *command-line-args*)
      check? (some #{"--check"} args)
      chosen (or (seq (remove #{"--check"} args)) (topics))
      all (doall (for [topic chosen] [topic (answers-of topic)]))]
  (if check?
    (let [drifted (+ (names-drifted) (count (mapcat (fn [[topic answers]] (drift topic answers)) all)))]
      (println (reduce + (map (comp count second) all)) "answers checked," drifted "drifted")
      (shutdown-agents)
      (System/exit (if (zero? drifted) 0 1)))
    (do
      (doseq [[topic answers] all] (record! topic answers))
      (spit (str here "/answers/names.edn") (names))
      (spit (str here "/answers/topics.edn") (str (pr-str (vec (topics))) "\n"))
      (println (reduce + (map (comp count second) all)) "forms in all")
      (shutdown-agents))))
