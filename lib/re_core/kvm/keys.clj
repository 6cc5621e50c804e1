(ns re-core.kvm.keys
  "Keys of machines, in a folder for each machine beside the store, by its UUID: the host key that it is given when it is made, so that the first connection
  already knows it, and that is forgotten with it. All are logged in to with one key of this controller's."
  (:require [clojure.string :as string]
            [re-core.persistency.common :as store]
            [reops.fs :as fs]
            [reops.process :as process]))

(defn- home [] (fs/join (store/folder) "kvm"))

(defn folder
  "The folder of a machine."
  [uuid]
  (fs/join (home) uuid))

(defn- private [path]
  (fs/mkdirs path)
  (fs/set-permissions path 0700))

(defn- make-key [path comment]
  (when-not (fs/exists? path)
    ;; Put in place when it is whole: who is killed meanwhile leaves none.
    (let [new-one (str path ".new")]
      (run! #(when (fs/exists? %) (fs/delete %)) [new-one (str new-one ".pub")])
      (process/check ["ssh-keygen" "-q" "-t" "ed25519" "-N" "" "-C" comment "-f" new-one])
      (fs/move (str new-one ".pub") (str path ".pub"))
      (fs/move new-one path))))

(defn login-key
  "The file of the key that machines are logged in to with."
  []
  (private (home))
  (let [path (fs/join (home) "id_ed25519")]
    (locking #'make-key
      (make-key path "reops"))
    path))

(defn pin
  "Makes the host key of a machine, unless it has one, and pins it: {:private text :public text}."
  [uuid hostname]
  (private (home))
  (private (folder uuid))
  (let [path (fs/join (folder uuid) "host_key")]
    (make-key path hostname)
    (let [public (string/trim (slurp (str path ".pub")))
          [type key] (string/split public #" ")]
      ;; Whatever its address: this file is for this machine alone.
      (fs/spit-private (fs/join (folder uuid) "known_hosts") (str "* " type " " key "\n"))
      {:private (slurp path) :public public})))

(defn known-hosts
  "The file with the pinned host key of a machine, or nil."
  [uuid]
  (let [path (fs/join (folder uuid) "known_hosts")]
    (when (fs/exists? path) path)))

(defn forget
  "Forgets all keys of a machine."
  [uuid]
  (when (fs/exists? (folder uuid))
    (fs/delete-tree (folder uuid))))
