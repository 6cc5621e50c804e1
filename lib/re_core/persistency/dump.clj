(ns re-core.persistency.dump
  "Systems and types as files that people can read and keep, and back again."
  (:require [clojure.pprint :as pprint]
            [re-core.persistency.common :as store]
            [re-core.persistency.systems :as systems]
            [re-core.persistency.types :as types]
            [reops.fs :as fs]))

(defn- write-file [file x]
  (binding [*print-length* nil *print-level* nil *print-namespace-maps* false]
    (spit file (with-out-str (pprint/pprint x))))
  file)

(defn dump
  "Writes all systems and types to systems.edn and types.edn in a folder (the current one), under their ids. Returns the two files.

    (dump \"/var/backups/reops\")"
  {:category :store}
  ([] (dump "."))
  ([folder]
   (fs/mkdirs folder)
   [(write-file (fs/join folder "systems.edn") (into {} (systems/all)))
    (write-file (fs/join folder "types.edn") (into {} (types/all)))]))

(defn- read-file [file]
  (let [found (store/decode (slurp file))]
    (when-not (and (map? found) (every? map? (vals found)))
      (throw (ex-info (str file " is no dump: a map from ids to systems, or types") {:type :re-core/bad-dump :path file})))
    found))

(defn restore
  "Reads what dump has written, under the same ids: what is there with one of them is replaced, everything else stays. Returns how many:
  {:systems 12 :types 2}.

    (restore \"/var/backups/reops\")"
  {:category :store}
  ([] (restore "."))
  ([folder]
   (let [found-systems (read-file (fs/join folder "systems.edn"))
         found-types (read-file (fs/join folder "types.edn"))]
     (systems/restore found-systems)
     (run! types/put (vals found-types))
     {:systems (count found-systems) :types (count found-types)})))
