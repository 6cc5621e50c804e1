(ns user
  "Where a session starts."
  (:require [clojure.repl :refer [apropos dir doc find-doc pst source]]
            [re-mote.repl.base :refer :all :exclude [checked ended emptied-pair remote quoted merge-results
                                                   shown conclude problem]]))
