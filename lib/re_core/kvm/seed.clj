(ns re-core.kvm.seed
  "What cloud-init is told at a machine's first start: a small disk, as its NoCloud source has it."
  (:require [clojure.string :as string]
            [re-core.kvm.keys :as keys]
            [reops.fs :as fs]
            [reops.process :as process]
            [reops.yaml :as yaml]))

(defn- user-data [{:keys [machine]} host-key]
  (let [{:keys [user ssh-keys cloud-init]} machine
        authorized (into [(string/trim (slurp (str (keys/login-key) ".pub")))] ssh-keys)]
    (merge {:users [{:name user :ssh_authorized_keys authorized :sudo "ALL=(ALL) NOPASSWD:ALL" :shell "/bin/sh"}]
            :ssh_deletekeys true
            :ssh_keys {:ed25519_private (:private host-key) :ed25519_public (:public host-key)}}
           cloud-init)))

(defn- network-config [mac]
  ;; By its MAC: some versions of cloud-init cannot match a card by its name.
  {:version 2 :ethernets {:id0 {:match {:macaddress mac} :dhcp4 true}}})

(defn- program []
  (or (some fs/which ["genisoimage" "xorrisofs" "mkisofs"])
      (throw (ex-info "The seed of a machine is made with genisoimage, which is not here"
                      {:type :re-core/no-program :hint "On Debian: apt install genisoimage"}))))

(defn with-image
  "Calls f with the file of the seed of a system, which is gone afterwards."
  [{:keys [machine] :as system} uuid mac host-key f]
  (fs/with-temp-dir [work]
    (let [{:keys [hostname]} machine
          image (fs/join work "seed.iso")
          file (fn [name text] (fs/spit-private (fs/join work name) text) (fs/join work name))]
      (process/check [(program) "-quiet" "-output" image "-volid" "cidata" "-joliet" "-rock"
                      (file "user-data" (str "#cloud-config\n" (yaml/write-string (user-data system host-key))))
                      (file "meta-data" (yaml/write-string {:instance-id uuid :local-hostname hostname}))
                      (file "network-config" (yaml/write-string (network-config mac)))])
      (f image))))
