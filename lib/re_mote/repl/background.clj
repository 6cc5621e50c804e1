(ns re-mote.repl.background
  "Pipelines in the background, and waiting for them."
  (:require [re-mote.history :as history]
            [re-mote.repl.base :refer [*progress* checked pair-or-emptied piped]]))

(defn ^:delayed async
  "As the last stage: the whole pipeline runs in the background. Returns a future at once; dereferencing it, or block, gives the
  pair, or the error with which the pipeline ended.

    (def upgrade (run (exec hs \"apt-get -qy upgrade\") | (pretty \"upgrade\") | (async)))
    @upgrade"
  {:category :pipeline}
  [source]
  (let [run (history/apart #(piped source %))]
    (future
      (binding [*progress* false]
        (run)))))

(defn ^:delayed block
  "Waits for a pipeline in the background and goes on with its pair; one that is not in the background is waited for as ever. With
  a number of milliseconds, no longer than that.

    (run upgrade | (block) | (table))
    (run upgrade | (block 60000) | (table))"
  {:category :pipeline}
  ([source] (block source nil))
  ([source timeout]
   (checked (pair-or-emptied
             (let [x (source)]
               (if-not (future? x)
                 x
                 (let [pair (if timeout (deref x timeout ::late) @x)]
                   (when (= ::late pair)
                     (throw (ex-info (str "The pipeline in the background did not end within " timeout " ms")
                                     {:type :re-mote/still-running
                                      :hint "It goes on; (run it | (block) | …) waits for it, (future-cancel it) ends it."})))
                   pair))))
            'block)))
