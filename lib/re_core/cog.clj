(ns re-core.cog
  "Types that a plan provisions: {:cog {:plan my.recipes/redis :args [\"7.2\"] :src \"/srv/resources/\"}}. A plan is a function of the hosts and the
  arguments of its type, which returns a pair, as operations and pipelines do:

    (defn redis [hs version]
      (run (install hs (str \"redis=\" version)) | (pick successful) | (service \"redis\" :restart)))"
  (:require [re-core.hosts :as hosts]
            [re-core.workflows :as workflows]
            [re-mote.repl.base :as mote]))

(defn plan-of
  "The function that a symbol names, whose namespace is loaded for it; an error when it names none."
  [plan]
  (let [found (try
                (requiring-resolve plan)
                (catch Exception e
                  (throw (ex-info (str "The plan " plan " cannot be loaded: " (ex-message e)) {:type :re-core/no-plan :plan plan} e))))]
    (when-not (and found (ifn? @found))
      (throw (ex-info (str "The plan " plan " names no function")
                      {:type :re-core/no-plan :plan plan :hint "A plan is a function of hosts that returns a pair, in a file of scripts/."})))
    @found))

(defn- said
  "What a host that failed has to say."
  [{:keys [host code error]}]
  (str host " - " code ", " (:message error)))

(defn- provision
  "Runs the plan of a type on the machine of a system."
  [{:keys [id system]} {{:keys [plan args]} :cog}]
  (let [_ (when-not (get-in system [:machine :ip])
            (throw (ex-info "The machine has no address: it does not run" {:type :re-core/no-machine :hint "(start f) starts it."})))
        result (apply (plan-of plan) (hosts/of-systems [[id system]] :ip) args)
        {:keys [successful failure]} (second (mote/checked result plan))]
    (when-let [failed (first failure)]
      (throw (ex-info (said failed) {:type :re-core/not-provisioned})))
    {:changed (boolean (some :changed successful))}))

(swap! workflows/provisioners assoc :cog provision)
