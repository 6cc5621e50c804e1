(ns user
  "Where a session starts."
  (:require [clojure.repl :refer [apropos dir doc find-doc pst source]]))
