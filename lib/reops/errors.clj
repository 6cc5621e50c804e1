(ns reops.errors
  "What kinds of error mean, from the pages of docs/errors."
  (:require [clojure.string :as str]))

(defn- section
  "The part of a family's page that is about a kind, with what stands before the first."
  [page kind]
  (let [[introduction & sections] (str/split page #"(?m)^## ")]
    (if-let [found (first (filter (fn [text] (str/starts-with? text (str kind "\n"))) sections))]
      (str introduction "## " found)
      page)))

(defn page
  "The page about a kind of error, a keyword such as :reops/unresolved-symbol; nil when there is none."
  [kind]
  (let [kind-name (subs (str kind) 1)]
    (some-> (reops.internal/error-page kind-name) (section kind-name))))

(defn- kinds
  "The kinds of an error and of its causes, the outermost first."
  [error]
  (distinct (filter keyword? (map (comp :type ex-data) (take-while some? (iterate ex-cause error))))))

(defn explain
  "Prints what a kind of error means and what to do: of an error, of a keyword, or, without an argument, of the last error at
  the prompt. Where an error has causes of other kinds, it is the innermost that explains most.

      (explain)
      (explain :reops/unresolved-symbol)"
  {:category :basic}
  ([] (explain *e))
  ([error-or-kind]
   (let [asked (if (keyword? error-or-kind) [error-or-kind] (kinds error-or-kind))
         explained (filter page asked)]
     (cond
       (nil? error-or-kind) (println "There was no error yet.")
       (seq explained) (do (print (page (last explained)))
                           (doseq [other (butlast explained)]
                             (println (str "\nIt came to light as " other ": (explain " other ")."))))
       (keyword? error-or-kind) (println (str "No page is about " error-or-kind "."))
       :else (println "No page is about errors of this kind: what it says is all there is to say. (pst) shows its trace.")))))
