(ns user
  "Where a session starts."
  (:require [clojure.repl :refer [apropos dir doc find-doc pst source]]
            [re-mote.command.output :refer [raw]]
            [re-mote.command.ping :refer [reach]]
            [re-mote.secrets :refer [reveal secret]]
            [re-mote.targets :refer [group host-details hosts-common hosts-except hosts-in hosts-union hosts-with inventory
                                     inventory-groups ssh-hosts]]
            [reops.components :refer [defstate go reset stop]]
            [reops.errors :refer [explain]]
            [reops.modules :refer [load-module]]
            [reops.prompt :refer [help save-defs]]
            [reops.reload :refer [refresh unwatch-files watch-files]]
            [re-mote.repl.aggregates :refer [aggregate]]
            [re-mote.repl.background :refer [async block]]
            [re-mote.repl.base :refer :all :exclude [*check* *only* *progress* cancelled checked conclude emptied-pair ended latest-pair
                                                     left pair-or-emptied piped problem shown stopped-by target targets unrun-entry]]
            [re-mote.repl.comparison :refer [differences]]
            [re-mote.repl.files :refer :all :exclude [parse-matches]]
            [re-mote.repl.host-keys :refer [accept-host-key accept-host-keys]]
            [re-mote.repl.output :refer :all]
            [re-mote.repl.repeating :refer :all]
            [re-mote.repl.script :refer [script]]
            [re-mote.repl.stages :refer :all]
            [re-mote.repl.tracing :refer [Tracing check-port ping]])
  (:import [re_mote.repl.base Hosts]))
