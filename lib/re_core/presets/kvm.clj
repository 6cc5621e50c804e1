(ns re-core.presets.kvm
  "The base of virtual machines on libvirt and QEMU (see re-core.kvm.provider).")

(def ^{:category :presets} kvm
  "The base of virtual machines on libvirt and QEMU.

    (create kvm defaults (local) small :redis \"cache\" 3)"
  {:machine {} :kvm {}})
