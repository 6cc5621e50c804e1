(ns reops.config
  "The configuration: one file of EDN, config.edn in the configuration's folder (docs/configuration.md). None is needed."
  (:require [clojure.string :as string]
            [reops.config.reading :as reading]
            [reops.config.settings :as settings]
            [reops.fs :as fs]))

(defn config-file
  "The file of the configuration, whether it is there or not."
  []
  (fs/join (reops.internal/config-folder) "config.edn"))

(defn without?
  "Whether the program is to do without its configuration: --no-config, or REOPS_NO_CONFIG in the environment."
  []
  (not (string/blank? (System/getenv "REOPS_NO_CONFIG"))))

(defn profile
  "The profile that #profile chooses by: REOPS_PROFILE in the environment, else :default."
  []
  (let [named (System/getenv "REOPS_PROFILE")]
    (if (string/blank? named) :default (keyword (string/replace named #"^:" "")))))

(defn checked-file
  "The configuration in a file, with the defaults of what it does not say. What is wrong with it is one error that names every place."
  [file]
  (let [[given places] (reading/read-file file (profile))]
    (settings/check given places file)
    (settings/effective given)))

(defn- read-own []
  (let [file (config-file)]
    (if (or (without?) (not (fs/exists? file)))
      (settings/effective {})
      (checked-file file))))

(defonce ^:private current (atom nil))

(defn- loaded
  "The configuration in use: read when it is first asked for."
  []
  (or @current
      (locking current
        (or @current
            (reset! current (read-own))))))

(defn start
  "What a program does first: whether the configuration is as it should be; what is wrong with it is printed."
  {:no-doc true}
  []
  (try
    (loaded)
    true
    (catch Exception e
      (binding [*out* *err*]
        (println (ex-message e))
        (when-let [hint (:hint (ex-data e))]
          (println (str "  " hint)))
        (println "reops config check looks again; reops --no-config starts without it.")
        (flush))
      false)))

(defn fall-back
  "Uses the defaults in this process when the configuration is not as it should be, for what is to look into that."
  {:no-doc true}
  []
  (try
    (loaded)
    (catch Exception _
      (reset! current (settings/effective {}))))
  nil)

(defn- no-such [path k known]
  (throw (ex-info (str "There is no setting " (pr-str path) ": there are " (string/join ", " (sort known)))
                  (let [near (reops.internal/suggest (str k) (map str known))]
                    (cond-> {:type :reops/no-setting :path path}
                      near (assoc :hint (str "Did you mean " near "?")))))))

(defn config
  "The configuration: all of it, or what stands at a path. What the file does not say has its default; secrets show as their names.

      (config)
      (config :ssh :fanout)   ; 512
      (config :my.ops/region)"
  {:category :configuration}
  [& path]
  (let [all (loaded)
        [section setting & more] path]
    (cond
      (empty? path) all
      (qualified-keyword? section) (get-in all path)
      (not (contains? all section)) (no-such (vec path) section (keys all))
      (nil? (next path)) (get all section)
      (not (contains? (get all section) setting)) (no-such (vec path) setting (keys (get all section)))
      :else (get-in all path))))

(defn reload-config
  "Reads the file of the configuration anew, and returns it. When it is not as it should be, that is an error, and what was in use stays."
  {:category :configuration}
  []
  (reset! current (read-own)))
