;; Ours stands in its place.
(ns-unmap 'user 'list)

(ns user
  "Where a session starts."
  (:refer-clojure :exclude [list])
  (:require [clojure.repl :refer [apropos dir doc find-doc pst source]]
            [re-mote.command.output :refer [raw]]
            [re-mote.command.ping :refer [reach]]
            [reops.secrets :refer [reveal secret]]
            [reops.secrets.file :refer [change-passphrase lock remove-secret secrets set-secret unlock]]
            [re-mote.targets :refer [group host-details hosts-common hosts-except hosts-in hosts-union hosts-with inventory
                                     inventory-groups ssh-hosts]]
            [reops.components :refer [defstate go reset stop]]
            [reops.config :refer [config reload-config]]
            [reops.doctor :refer [add-check doctor]]
            [reops.errors :refer [explain]]
            [reops.modules :refer [load-module]]
            [reops.peer :refer [peer]]
            [reops.prompt :refer [help save-defs]]
            [reops.reload :refer [refresh unwatch-files watch-files]]
            [re-mote.repl.aggregates :refer [aggregate]]
            [re-mote.repl.background :refer [async block]]
            [re-core.conformance :refer [conformance]]
            [re-core.controller :refer [notices owner prompts]]
            [re-core.fake.provider]
            [re-core.persistency.common :refer [backup problems]]
            [re-core.persistency.dump :refer [dump restore]]
            [re-core.presets.common :refer [with-description with-host with-type]]
            [re-core.presets.fake :refer :all]
            [re-core.presets.instance-types :refer :all :exclude [sizes takes-sizes]]
            [re-core.presets.systems :refer :all]
            [re-core.presets.types :refer [args cog src with-plan]]
            [re-core.retention]
            [re-core.queue :refer [schedule]]
            [re-core.repl :refer :all]
            [re-core.repl.base :refer [->Systems ->Types filter-by systems types]]
            [re-core.repl.jobs :refer :all]
            [re-core.repl.results :refer [*all *id *ids *ip *last]]
            [re-core.repl.selection :refer :all]
            [re-core.repl.terminals :refer [ssh-into]]
            [re-core.workflows :refer [workflow]]
            [re-gent.calls :refer [call cancel run-hosts ship]]
            [re-gent.demo :refer [demo-fleet stop-fleet]]
            [re-gent.fleet :refer [accept-agent agent-hosts all-hosts await-agents invite-agent listening on-agent-event pending-agents
                                   registered-hosts registered? revoke-agent]]
            [re-mote.repl.base :refer :all :exclude [*check* *only* *progress* cancelled checked conclude emptied-pair ended latest-pair
                                                     left pair-or-emptied piped problem run-batch shown staged stopped-by target targets unrun-entry via
                                                     hosts Concluding Report Shown Specified line]]
            [re-mote.repl.comparison :refer [differences]]
            [re-mote.repl.files :refer :all :exclude [parse-matches]]
            [re-mote.repl.history :refer [audit failed-of jobs-of rerun result run-of runs verify-audit]]
            [re-mote.repl.host-keys :refer [accept-host-key accept-host-keys]]
            [re-mote.repl.output :refer :all]
            [re-mote.repl.repeating :refer :all]
            [re-mote.repl.script :refer [script]]
            [re-mote.repl.stages :refer :all]
            [re-share.schedule :refer [halt! schedules watch]]
            [re-share.schedule.periods :refer [at-day cron every-day every-nth-day]]
            [reops.time :refer [hours minutes seconds]]
            [re-mote.repl.tracing :refer [Tracing check-port ping]])
  (:import [re_core.repl.base Systems Types]
           [re_mote.repl.base Hosts]))
