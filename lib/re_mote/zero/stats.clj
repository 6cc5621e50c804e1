(ns re-mote.zero.stats
  "How hosts do, as data: over SSH or by their agents, in the same shape (docs/facts.md)."
  (:require [re-mote.zero.gathering :refer [verb]])
  (:import [re_mote.repl.base Hosts]))

(defprotocol Stats
  "How hosts do at the moment. Nothing of this changes them. Options are those of all operations; rates take also :over, the milliseconds that
  they are of (1000)."
  (^{:category :stats} cpu [this] [this options] [this results options]
    "What the processors of every host do, in percent: {:used :usr :nice :sys :idle :iowait :irq :soft :steal :cores [{:used}]}.

    (run (cpu hs) | (sort-results :used >) | (top 3 :used) | (pretty))
    (run (cpu hs {:over 2000}) | (pretty))")
  (^{:category :stats} free [this] [this options] [this results options]
    "The memory of every host, in bytes: {:total :used :free :shared :buff-cache :available :perc :swap {:total :used :free}}.

    (run (free hs) | (enrich \"free\") | (pretty \"ram\"))")
  (^{:category :stats} load-avg [this] [this options] [this results options]
    "The load of every host: {:one :five :fifteen :cores :running :tasks}.

    (run (load-avg hs) | (aggregate :one) | (pretty))")
  (^{:category :stats} du [this] [this options] [this results options]
    "How full the filesystems of every host are: [{:filesystem :type :mount :size :used :available (bytes) :perc :inodes {:total :used :free}
  :read-only}].

    (run (du hs) | (table [:host :mount :size :perc]))")
  (^{:category :stats} net [this] [this options] [this results options]
    "What goes over the interfaces of every host, of one second: [{:interface :rx-bytes :rx-packets :rx-errors :rx-dropped :tx-bytes :tx-packets :tx-errors
  :tx-dropped}].

    (run (net hs) | (pick successful) | (table))")
  (^{:category :stats} disk-io [this] [this options] [this results options]
    "What the disks of every host do, of one second: [{:disk :reads :read-bytes :writes :written-bytes :busy (percent)}].

    (run (disk-io hs) | (table))")
  (^{:category :stats} entropy [this] [this options] [this results options]
    "Bits of entropy of every host: {:available :pool}.

    (run (entropy hs) | (sort-results :available) | (pretty))")
  (^{:category :stats} sensor [this] [this options] [this results options]
    "Temperatures of every host, in degrees Celsius: [{:device :sensor :celsius :max :critical}]; empty where nothing measures them.

    (run (sensor hs) | (table))"))

(extend Hosts
  Stats
  {:cpu (verb "cpu" [:usage] :usage)
   :free (verb "free" [:memory] :memory)
   :load-avg (verb "load-avg" [:load] :load)
   :du (verb "du" [:mounts] :mounts)
   :net (verb "net" [:traffic] :traffic)
   :disk-io (verb "disk-io" [:disk-traffic] :disk-traffic)
   :entropy (verb "entropy" [:entropy] :entropy)
   :sensor (verb "sensor" [:temperatures] :temperatures)})
