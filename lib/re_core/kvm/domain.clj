(ns re-core.kvm.domain
  "The description of a machine that libvirt takes, made of its system."
  (:require [re-core.kvm.nodes :as nodes]
            [reops.xml :as xml]))

(defn uuid-of
  "The UUID of a system's machine: the system's id, so that no second one can be made for it."
  [id]
  (let [hex (if (re-matches #"[0-9a-f]{32}" id) id (format "%032x" (bit-and (hash id) 0xffffffff)))]
    (apply str (interpose "-" (map (fn [[from to]] (subs hex from to)) [[0 8] [8 12] [12 16] [16 20] [20 32]])))))

(defn mac-of
  "The address of the card of a machine of that UUID, the same whenever it is made."
  [uuid]
  (str "52:54:00:" (subs uuid 30 32) ":" (subs uuid 32 34) ":" (subs uuid 34 36)))

(defn- disk [pool volume format device read-only?]
  [:disk {:type "volume" :device "disk"}
   [:driver {:name "qemu" :type format}]
   [:source {:pool pool :volume volume}]
   [:target {:dev device :bus "virtio"}]
   (when read-only? [:readonly])])

(defn description
  "The XML of the machine of a system: on a network and a pool, with the volumes of its root and its seed, and an accelerator, kvm or qemu."
  [{:keys [machine system-id] :as system} uuid {:keys [network pool accelerator root seed kernel initrd cmdline]}]
  (let [{:keys [hostname cpu ram]} machine]
    (xml/write-string
     (xml/element
      [:domain {:type accelerator}
       [:name hostname]
       [:uuid uuid]
       [:metadata [:reops:system {:xmlns:reops nodes/metadata-ns :id system-id} (pr-str (dissoc system :system-id))]]
       [:memory {:unit "MiB"} (long (* 1024 ram))]
       [:vcpu cpu]
       [:os [:type {:arch "x86_64" :machine "pc"} "hvm"]
        (when kernel [:kernel kernel])
        (when initrd [:initrd initrd])
        (when cmdline [:cmdline cmdline])]
       [:features [:acpi] (when (= "qemu" accelerator) [:tcg [:tb-cache {:unit "MiB"} 64]])]
       (if (= "kvm" accelerator) [:cpu {:mode "host-passthrough"}] [:cpu {:mode "custom" :match "exact"} [:model "qemu64"]])
       [:on_poweroff "destroy"] [:on_reboot "restart"] [:on_crash "destroy"]
       [:devices
        (disk pool root "qcow2" "vda" false)
        (disk pool seed "raw" "vdb" true)
        [:interface {:type "network"} [:mac {:address (mac-of uuid)}] [:source {:network network}] [:model {:type "virtio"}]]
        [:serial {:type "pty"}]
        [:console {:type "pty"}]
        [:channel {:type "unix"} [:target {:type "virtio" :name "org.qemu.guest_agent.0"}]]
        [:rng {:model "virtio"} [:backend {:model "random"} "/dev/urandom"]]]]))))
