(ns user
  "Where a session starts."
  (:require [clojure.repl :refer [apropos dir doc find-doc pst source]]
            [re-mote.repl.base :refer :all :exclude [checked conclude emptied-pair ended merge-results problem shown]]
            [reops.prompt :refer [help save-defs]])
  (:import [re_mote.repl.base Hosts]))
