;; Prints docs/differences.md: the preface, what is left out of Clojure's namespaces, then every form of differences.edn
;; under its reason.
(ns oracle.list-differences)

(def here (or (first *command-line-args*) "tests/oracle"))

(def differences (read-string (slurp (str here "/differences.edn"))))

(def answers
  (into {} (map (juxt :form identity))
        (mapcat (fn [topic] (read-string (str "[" (slurp (str here "/answers/" topic ".edn")) "]")))
                (read-string (slurp (str here "/answers/topics.edn"))))))

(defn jvm-answer [form]
  (let [answer (get answers form)]
    (cond
      (nil? answer) (throw (ex-info (str "not a form of the corpus: " form) {:form form}))
      (contains? answer :error) (str "throws " (:error answer))
      :else (:value answer))))

(def left-out (read-string (slurp (str here "/left_out.edn"))))

(defn one-line [text] (apply str (interpose " " (re-seq #"\S+" text))))

(println (slurp (str here "/differences_preface.md")))
(println "## What is left out")
(doseq [[space by-reason] (sort-by key left-out)]
  (println)
  (println (str "Of `" space "`:"))
  (println)
  (doseq [[reason names] (sort-by key by-reason)]
    (println (str "* " (one-line reason) " " (apply str (interpose " " (map #(str "`" % "`") (sort names))))))))
(println)
(println "## Form by form")
(println)
(doseq [[reason forms] (sort-by key (group-by (fn [form] (get differences form)) (keys differences)))]
  (println "###" reason)
  (println)
  (println "| Form | JVM Clojure 1.11 |")
  (println "|---|---|")
  (doseq [form (sort forms)]
    (let [cell (fn [text] (apply str (map (fn [c] (if (= \| c) "\\|" (if (= \newline c) " " (str c)))) text)))]
      (println (str "| `` " (cell form) " `` | `` " (cell (jvm-answer form)) " `` |"))))
  (println))
