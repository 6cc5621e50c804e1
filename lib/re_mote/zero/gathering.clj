(ns re-mote.zero.gathering
  "Facts of hosts, however they are reached: an agent gathers them by itself, over SSH one piece of shell prints what they are made of. Both
  are the same data."
  (:require [re-mote.repl.base :refer [remote]]
            [re-mote.repl.results :as results]
            [reops.facts :as facts]))

(def ^:private most-bytes
  "What a host may say of itself."
  (* 64 1024 1024))

(defn gathered
  "An operation that yields (shape {group facts}) of every host. Options are those of all operations, and :over, the milliseconds between the two
  readings of rates.

    (gathered this results \"free\" [:memory] :memory {})"
  [this results stage groups shape {:keys [over] :as options}]
  (let [mark (results/new-uuid)
        how (if over {:over over} {})]
    (remote this results (facts/script groups mark how)
            (merge {:keep most-bytes}
                   options
                   {:stage stage
                    :changed false
                    :parse (fn [out] (shape (facts/parse groups mark out)))
                    :call {:f facts/gather-all :args [groups how] :shape shape}}))))

(defn results?
  "Whether the second argument of an operation is the results before it, and not its options."
  [x]
  (and (map? x) (contains? x :hosts) (contains? x :stage)))

(defn verb
  "A method for such an operation: a source, or a stage, with options or without."
  [stage groups shape]
  (fn
    ([this] (gathered this {} stage groups shape {}))
    ([this x] (if (results? x) (gathered this x stage groups shape {}) (gathered this {} stage groups shape x)))
    ([this results options] (gathered this results stage groups shape options))))
