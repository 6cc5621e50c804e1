(ns reops.reload.graph
  "Which namespaces need which, read from the text of their files. Nothing is loaded or evaluated here."
  (:require [clojure.string :as str]))

(defn- libs-of-spec
  "The libraries that one argument of :require or :use names."
  [spec]
  (cond
    (symbol? spec) [spec]
    (and (vector? spec) (or (nil? (second spec)) (keyword? (second spec)))) (when-not (some #{:as-alias} (take-nth 2 (rest spec)))
                                                                             [(first spec)])
    (sequential? spec) (for [part (rest spec)
                             lib (libs-of-spec part)]
                         (symbol (str (first spec) "." lib)))))

(defn- libs-of-clause [clause]
  (when (and (sequential? clause) (#{:require :use} (first clause)))
    (mapcat libs-of-spec (rest clause))))

(defn declaration
  "What the ns form at the beginning of a text declares: {:ns sym :requires #{sym} :excludes #{sym}}, the last the names
  of clojure.core it does not want. Nil when there is none, or it cannot be read.

      (declaration \"(ns my.ops (:require [clojure.string :as str]))\")
      ; {:ns my.ops :requires #{clojure.string} :excludes #{}}"
  [text]
  (let [form (try
               (binding [*read-eval* false]
                 (read-string {:read-cond :allow} text))
               (catch Exception _ nil))]
    (when (and (seq? form) (= 'ns (first form)) (symbol? (second form)))
      (let [clauses (nnext form)]
        {:ns (second form)
         :requires (set (mapcat libs-of-clause clauses))
         :excludes (set (mapcat (fn [clause]
                                  (when (and (sequential? clause) (= :refer-clojure (first clause)))
                                    (:exclude (apply hash-map (rest clause)))))
                                clauses))}))))

(defn dependents
  "The libraries that need one of `libs`, directly or not, and `libs` themselves. `requires` is a map from library to the
  set of those it requires."
  [requires libs]
  (loop [found (set libs)]
    (let [more (into found (for [[lib needed] requires
                                 :when (some found needed)]
                             lib))]
      (if (= more found) found (recur more)))))

(defn in-order
  "Libraries, or whatever requires each other, so that each comes after those it requires; in the order of their names, or
  of (order-key lib), where that leaves a choice. A circle is cut somewhere: loading tells of it better than we could."
  ([requires libs] (in-order requires libs str))
  ([requires libs order-key]
   (let [wanted (set libs)
         visit (fn visit [{:keys [seen] :as so-far} lib]
                 (if (contains? seen lib)
                   so-far
                   (let [below (reduce visit
                                       (update so-far :seen conj lib)
                                       (sort-by order-key (filter wanted (get requires lib))))]
                     (update below :order conj lib))))]
     (:order (reduce visit {:seen #{} :order []} (sort-by order-key wanted))))))
