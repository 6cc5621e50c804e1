(ns re-core.presets.types
  "Presets of types: how machines of a type are provisioned."
  (:require [re-core.presets.common :refer [with-type with-description]]))

(def ^{:category :presets} cog
  "The base of types that a plan provisions: a symbol that names it, and resources for it.

    (create cog 'my.recipes/redis (src \"/srv/resources/\") :redis \"a cache\")"
  {:cog {:args []}})

(defn src
  "A preset of types: the folder of the resources that the plan needs."
  {:category :presets}
  [folder]
  (fn [type] (assoc-in type [:cog :src] folder)))

(defn args
  "A preset of types: arguments of the plan."
  {:category :presets}
  [& values]
  (fn [type] (assoc-in type [:cog :args] (vec values))))

(defn with-plan
  "A preset of types: the plan, a symbol."
  {:category :presets}
  [plan]
  (fn [type] (assoc-in type [:cog :plan] plan)))

(defn materialise
  "The type that a base and arguments of create stand for: a keyword names it, text describes it, a symbol is its plan."
  [base xs]
  (reduce (fn [type x]
            (cond
              (string? x) ((with-description x) type)
              (keyword? x) (assoc ((with-type x) type) :type (name x))
              (symbol? x) ((with-plan x) type)
              (ifn? x) (x type)
              :else (throw (ex-info (str "A type is made of presets (functions), a plan (a symbol), a name (a keyword) and a description (text); found "
                                         (pr-str x))
                                    {:type :re-core/bad-preset :found x}))))
          (merge {:description ""} base)
          xs))
