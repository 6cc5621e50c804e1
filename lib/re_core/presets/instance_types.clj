(ns re-core.presets.instance-types
  "Presets for how large a machine is: processors and gigabytes of memory. The names of AWS are there for those who think in them.")

(def sizes
  "The sizes by name: {small {:cpu 2 :ram 1}}."
  '{tiny {:cpu 1 :ram 0.5}, small {:cpu 2 :ram 1}, medium {:cpu 2 :ram 2}, large {:cpu 4 :ram 4}, xlarge {:cpu 8 :ram 16}
    t1-micro {:cpu 1 :ram 0.6}, t2-nano {:cpu 1 :ram 0.5}, t2-micro {:cpu 1 :ram 1}, t2-small {:cpu 1 :ram 2}
    t2-medium {:cpu 2 :ram 4}, t2-large {:cpu 2 :ram 8}, t2-xlarge {:cpu 4 :ram 16}, t2-2xlarge {:cpu 8 :ram 32}
    t3-nano {:cpu 2 :ram 0.5}, t3-micro {:cpu 2 :ram 1}, t3-small {:cpu 2 :ram 2}, t3-medium {:cpu 2 :ram 4}
    t3-large {:cpu 2 :ram 8}, t3-xlarge {:cpu 4 :ram 16}, t3-2xlarge {:cpu 8 :ram 32}
    m1-small {:cpu 1 :ram 1.7}, m1-medium {:cpu 1 :ram 3.75}, m1-large {:cpu 2 :ram 7.5}, m1-xlarge {:cpu 4 :ram 15}
    m3-medium {:cpu 1 :ram 3.75}, m3-large {:cpu 2 :ram 7.5}, m3-xlarge {:cpu 4 :ram 15}, m3-2xlarge {:cpu 8 :ram 30}
    m4-large {:cpu 2 :ram 8}, m4-xlarge {:cpu 4 :ram 16}, m4-2xlarge {:cpu 8 :ram 32}, m4-4xlarge {:cpu 16 :ram 64}
    m5-large {:cpu 2 :ram 8}, m5-xlarge {:cpu 4 :ram 16}, m5-2xlarge {:cpu 8 :ram 32}, m5-4xlarge {:cpu 16 :ram 64}
    c1-medium {:cpu 2 :ram 1.7}, c1-xlarge {:cpu 8 :ram 7}
    c3-large {:cpu 2 :ram 3.75}, c3-xlarge {:cpu 4 :ram 7.5}, c3-2xlarge {:cpu 8 :ram 15}, c3-4xlarge {:cpu 16 :ram 30}
    c4-large {:cpu 2 :ram 3.75}, c4-xlarge {:cpu 4 :ram 7.5}, c4-2xlarge {:cpu 8 :ram 15}, c4-4xlarge {:cpu 16 :ram 30}
    c5-large {:cpu 2 :ram 4}, c5-xlarge {:cpu 4 :ram 8}, c5-2xlarge {:cpu 8 :ram 16}, c5-4xlarge {:cpu 16 :ram 32}
    r3-large {:cpu 2 :ram 15.25}, r3-xlarge {:cpu 4 :ram 30.5}, r4-large {:cpu 2 :ram 15.25}, r4-xlarge {:cpu 4 :ram 30.5}
    r5-large {:cpu 2 :ram 16}, r5-xlarge {:cpu 4 :ram 32}, x1-16xlarge {:cpu 64 :ram 976}, x1-32xlarge {:cpu 128 :ram 1952}})

(defonce ^:private sized
  ;; The hypervisors whose machines take processors and memory; others sell sizes of their own names.
  (atom #{:fake :kvm :lxc}))

(defn takes-sizes
  "Says that machines of a provider take processors and memory as they are given."
  {:category :providers}
  [kind]
  (swap! sized conj kind)
  kind)

(defn size
  "A preset: so many processors and gigabytes of memory.

    (create fake defaults (size 6 12) :redis)"
  {:category :presets}
  [cpu ram]
  (fn [system]
    (when-not (some @sized (keys system))
      (throw (ex-info (str "A size of processors and memory is for machines on " (pr-str (vec (sort @sized))))
                      {:type :re-core/bad-size :cpu cpu :ram ram})))
    (update system :machine merge {:cpu cpu :ram ram})))

(defmacro ^:private def-sizes []
  `(do ~@(for [[name {:keys [cpu ram]}] sizes]
           `(def ~(with-meta name {:arglists ''([system])
                                   :doc (str "A preset: " cpu (if (= 1 cpu) " processor, " " processors, ") ram " GB of memory.")})
              (size ~cpu ~ram)))))

(def-sizes)
