(ns re-core.presets.common
  "Presets: functions from a system to a system, which create composes."
  (:require [clojure.string :as string]
            [re-core.model :refer [figure-virt]]))

(defn with-type
  "A preset: the type of a system, a keyword."
  {:category :presets}
  [type]
  (fn [system] (assoc system :type type)))

(defn with-description
  "A preset: what a system is for."
  {:category :presets}
  [text]
  (fn [system] (assoc system :description text)))

(defn with-host
  "A preset: the exact name of a system. Without it systems are called by their type and ten more characters.

    (create fake defaults (local) small :redis (with-host \"red1\"))"
  {:category :presets}
  [hostname]
  (fn [system] (assoc-in system [:machine :hostname] hostname)))

(defn- name-gen
  "Gives a system that has no name one of its own."
  [{:keys [type machine] :as system}]
  (cond-> system
    (not (:hostname machine))
    (assoc-in [:machine :hostname] (str (if type (name type) (name (figure-virt system))) "-"
                                        (subs (string/replace (str (random-uuid)) "-" "") 0 10)))))

(defn- classify
  "What an argument of create stands for: [:total 3], [:preset f]."
  [x]
  (cond
    (string? x) [:preset (with-description x)]
    (integer? x) [:total x]
    (keyword? x) [:preset (with-type x)]
    (ifn? x) [:preset x]
    :else (throw (ex-info (str "create takes presets (functions), a type (a keyword), a description (text) and a count; found "
                               (pr-str x))
                          {:type :re-core/bad-preset :found x}))))

(defn- apply-preset [system preset]
  (let [made (preset system)]
    (when-not (map? made)
      (throw (ex-info (str "The preset " (pr-str preset) " made " (pr-str made) " of a system, where a system is expected")
                      {:type :re-core/bad-preset})))
    made))

(defn materialise
  "The systems that a base and arguments of create stand for. Presets are applied from left to right, so a later one wins; a keyword
  is the type, text the description, a number how many.

    (materialise fake [defaults (local) small :redis \"cache\" 3])"
  [base args]
  (let [classified (map classify args)
        totals (keep (fn [[kind x]] (when (= :total kind) x)) classified)
        total (or (last totals) 1)
        preset (fn [system] (reduce apply-preset system (keep (fn [[kind x]] (when (= :preset kind) x)) classified)))]
    (when-not (pos? total)
      (throw (ex-info (str "create makes one system or more, not " total) {:type :re-core/bad-preset})))
    (vec (repeatedly total (fn [] (name-gen (preset (merge {:description ""} base))))))))
