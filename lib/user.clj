(ns user
  "Where a session starts."
  (:require [clojure.repl :refer [apropos dir doc find-doc pst source]]
            [reops.components :refer [defstate go reset stop]]
            [reops.errors :refer [explain]]
            [reops.modules :refer [load-module]]
            [reops.prompt :refer [help save-defs]]
            [reops.reload :refer [refresh unwatch-files watch-files]]
            [re-mote.repl.base :refer :all :exclude [checked conclude emptied-pair ended problem shown]]
            [re-mote.repl.comparison :refer [differences]]
            [re-mote.repl.output :refer :all])
  (:import [re_mote.repl.base Hosts]))
