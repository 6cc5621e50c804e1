(ns re-core.presets.fake
  "The base of fake systems, and what they are to do (see re-core.fake.provider).")

(def ^{:category :presets} fake
  "The base of systems that are only rows of the store: for trying things out.

    (create fake defaults (local) small :redis \"cache\" 3)"
  {:machine {} :fake {}})

(defn delays
  "A preset for fake systems: how many milliseconds steps take, a map by their names, or a number for all.

    (create fake defaults small :redis (delays 0))
    (create fake defaults small :redis (delays {:create 5000}))"
  {:category :presets}
  [ms]
  (fn [system]
    (update-in system [:fake :delays] merge (if (map? ms) ms (zipmap [:create :start :stop :delete :snapshot :revert] (repeat ms))))))

(defn real-addresses
  "A preset for fake systems: their addresses answer, by an sshd on this machine's loopback for each, which lets in nobody but this user. It may
  be called or not.

    (create fake defaults small :redis (real-addresses) 2)
    (run (exec (hosts ip :ip) \"uptime\") | (pretty))"
  {:category :presets}
  ([] real-addresses)
  ([system] (assoc-in system [:fake :real-addresses] true)))

(defn faults
  "A preset for fake systems: steps that fail, with the words that they fail with, {:message \"…\" :times 2} to fail twice, :hang to never
  end; {:stop :deaf} does not listen to a shutdown.

    (create fake defaults small :redis (faults {:start \"no bootable device\"}))"
  {:category :presets}
  [by-step]
  (fn [system] (update-in system [:fake :faults] merge by-step)))
