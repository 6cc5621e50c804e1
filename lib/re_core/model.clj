(ns re-core.model
  "What systems are made of: which hypervisor a system is on, and the provider that works on it.")

(defonce ^{:doc "The keys of a system that say what it is on, in the order in which they are looked for. A provider adds its own with register."}
  hypervisors
  (atom [:fake]))

(defn register
  "Makes a provider known: kind is the key that its systems have, and vconstruct has a method for it.

    (register :shelf)
    (defmethod vconstruct :shelf [system] (->Shelf …))"
  {:category :providers}
  [kind]
  (swap! hypervisors (fn [known] (if (some #{kind} known) known (conj known kind))))
  kind)

(defn figure-virt
  "The hypervisor that a system is on: the first key of it that is one; nil when there is none.

    (figure-virt {:machine {} :fake {}}) ;=> :fake"
  [system]
  (first (filter #(contains? system %) @hypervisors)))

(defn- dispatch [system]
  (or (figure-virt system)
      (throw (ex-info (str "This system is on no hypervisor that is known: it has none of the keys "
                           (pr-str @hypervisors))
                      {:type :re-core/no-provider :system system}))))

(defmulti vconstruct
  "The provider for a system, a record that implements Vm. A provider of your own adds a method for the key of its systems. The
  system has its id under :system-id."
  {:category :providers}
  dispatch)

(defmethod vconstruct :default
  [system]
  (throw (ex-info (str "The provider for " (figure-virt system) " is not loaded") {:type :re-core/no-provider})))

(defmulti sconstruct
  "What knows the machines of a hypervisor, a record that implements Sync; options are the provider's."
  {:category :providers}
  (fn [kind _options] kind))

(defmethod sconstruct :default
  [kind _]
  (throw (ex-info (str "There is no provider " (pr-str kind) " that can be asked for its machines; there are " (pr-str @hypervisors))
                  {:type :re-core/no-provider})))
