(ns re-core.repl.results
  "What the last verb on systems came to."
  (:require [re-core.persistency.systems :as systems]))

(defonce ^:private kept (atom nil))

(defn keep-results
  "Makes a map with :results what the functions here speak of, unless nothing was done."
  {:no-doc true}
  [{{:keys [successful failure]} :results :as m}]
  (when (or (seq successful) (seq failure))
    (reset! kept m))
  m)

(defn *all
  "The last verb's whole result: {:systems … :jobs … :results {:successful [job …] :failure [job …]}}."
  {:category :results}
  []
  @kept)

(defn *last
  "The systems of the last verb, pairs [id system], as they are now; those that are gone are not among them."
  {:category :results}
  []
  (systems/with-ids (map :system (:jobs @kept))))

(defn *ids
  "The ids of the systems of the last verb.

    (hosts (with-ids (*ids)) :ip)"
  {:category :results}
  []
  (mapv :system (:jobs @kept)))

(defn *id
  "The id of the one system that the last verb was about; an error when there were several, or none.

    (halt (matching (*id)))"
  {:category :results}
  []
  (let [ids (*ids)]
    (if (= 1 (count ids))
      (first ids)
      (throw (ex-info (str "The last verb was about " (if (empty? ids) "no system" (str (count ids) " systems")) ", not one")
                      {:type :re-core/no-single-system :ids ids :hint "(*ids) are all of them."})))))

(defn *ip
  "The address of that one system, as it is now."
  {:category :results}
  []
  (get-in (systems/get! (*id)) [:machine :ip]))
