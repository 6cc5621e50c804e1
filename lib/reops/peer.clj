(ns reops.peer
  "Who asks for what is done. At a prompt that is the person who attached it, as the system says; a script asks as the user that it runs as.")

(def ^{:dynamic true :no-doc true} *peer*
  ;; Bound in the thread of every prompt, and from there in its futures.
  nil)

(defonce ^:private process-kind (atom :script))

(defn set-kind
  "Says what this process is, where nobody in particular asks: :script, :exec, :nrepl or :controller."
  {:no-doc true}
  [kind]
  (reset! process-kind kind))

(defn peer
  "Who asks for what the calling thread does: {:user \"ann\" :uid 1000 :pid 4711 :tty \"/dev/pts/3\" :kind :prompt}. :pid and :tty are those of the
  asking process (:tty is nil without a terminal), :kind is :prompt, :script, :exec, :nrepl, or :controller for what the controller does by
  itself.

    (peer)"
  {:category :lifecycle}
  []
  (or *peer* (assoc (reops.internal/process-peer) :kind @process-kind)))

(defmacro apart
  "A future of body for the program itself: nothing that is bound where it is begun holds in it, so it belongs to no prompt."
  {:no-doc true}
  [& body]
  `(binding [reops.internal/*surroundings* nil]
     (future (reops.internal/call-conveyed {} (fn [] ~@body)))))
