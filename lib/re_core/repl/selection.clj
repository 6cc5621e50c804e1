(ns re-core.repl.selection
  "Choosing systems: predicates on a pair [id system], for (list f), (halt f) and the like. Any function of a pair is one; comp, not,
  every-pred and some-fn compose them."
  (:require [clojure.string :as string]
            [re-core.model :refer [figure-virt]]))

(defn ip
  "Whether a system has an address, which it has while it runs. Used as it is: (halt ip), (start (comp not ip))."
  {:category :selection}
  [[_ system]]
  (get-in system [:machine :ip]))

(defn match-kv
  "Systems that have that value at that path.

    (list (match-kv [:machine :os] :debian-12))"
  {:category :selection}
  [path value]
  (fn [[_ system]] (= value (get-in system path))))

(defn hyp
  "Systems on that hypervisor.

    (start (hyp :kvm))"
  {:category :selection}
  [kind]
  (fn [[_ system]] (= kind (figure-virt system))))

(defn typed
  "Systems of that type.

    (provision (typed :redis))"
  {:category :selection}
  [type]
  (match-kv [:type] type))

(defn by-type
  "The same as typed.

    (provision (by-type :redis))"
  {:category :selection}
  [type]
  (typed type))

(defn tagged
  "Systems that have all of those tags.

    (list (tagged :web :dc1))"
  {:category :selection}
  [& tags]
  (fn [[_ system]] (every? (set (:tags system)) tags)))

(defn with-ips
  "Systems that have one of these addresses.

    (halt (with-ips [\"127.66.0.3\"]))"
  {:category :selection}
  [ips]
  (fn [pair] (contains? (set ips) (ip pair))))

(defn with-ids
  "Systems of these ids.

    (provision (with-ids (*ids)))"
  {:category :selection}
  [ids]
  (let [wanted (set ids)]
    (fn [[id _]] (contains? wanted id))))

(defn matching
  "Systems whose id contains a text, as the tables show the end of it.

    (halt (matching \"5Nm\"))"
  {:category :selection}
  [part]
  (when (string/blank? part)
    (throw (ex-info "matching takes a part of an id; a blank one would match every system" {:type :re-core/bad-selection})))
  (fn [[id _]] (string/includes? id part)))

(defn match-one-of
  "Systems whose id contains one of the texts.

    (destroy (match-one-of [\"ab\" \"cd\"]))"
  {:category :selection}
  [parts]
  (apply some-fn (map matching parts)))

(defn named
  "Systems of these names, a sequence.

    (hosts (named [\"red1\"]) :hostname)"
  {:category :selection}
  [names]
  (when-not (sequential? names)
    (throw (ex-info (str "named takes names in a sequence, found " (pr-str names))
                    {:type :re-core/bad-selection :hint (str "(named [" (pr-str names) "])")})))
  (let [wanted (set names)]
    (fn [[_ system]] (contains? wanted (get-in system [:machine :hostname])))))

(defn all-instances
  "Systems that are not :disabled."
  {:category :selection}
  [[_ system]]
  (not (:disabled system)))
