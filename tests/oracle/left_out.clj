;; Fails when a public name of one of Clojure's namespaces is neither here nor listed in left_out.edn, or is listed though
;; it is here. The names are those JVM Clojure has given (answers/names.edn).
(ns oracle.left-out)

(def here (or (first *command-line-args*) "tests/oracle"))

(defn- read-file [name] (read-string (slurp (str here "/" name))))

(defn- complaints [[space names] left-out]
  (require space)
  (let [listed (set (mapcat val (get left-out space)))
        ours (set (keys (ns-publics space)))]
    (concat (for [name names :when (not (or (ours name) (listed name)))]
              (str space "/" name " is neither here nor listed in left_out.edn"))
            (for [name (sort listed) :when (ours name)]
              (str space "/" name " is listed in left_out.edn, and is here"))
            (for [name (sort listed) :when (not (some #{name} names))]
              (str space "/" name " is listed in left_out.edn, and is no name of Clojure's")))))

(let [names (read-file "answers/names.edn")
      found (mapcat #(complaints % (read-file "left_out.edn")) names)]
  (run! println found)
  (println (count (mapcat val names)) "names," (count found) "complaints")
  (flush)
  (System/exit (if (seq found) 1 0)))
