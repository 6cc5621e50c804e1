(ns re-mote.command.ping
  "Whether hosts can be worked on."
  (:require [re-mote.repl.base :refer [remote]]))

(defn reach
  "Connects to every host, logs in and runs nothing but true there: \"up\" of each. Options are those of exec.

    (run (reach hs) | (pretty))"
  {:category :hosts}
  ([this] (reach this {} {}))
  ([this options] (reach this {} options))
  ([this results options]
   (remote this results "true" (merge options {:stage "ping" :changed false :parse (constantly "up")}))))
