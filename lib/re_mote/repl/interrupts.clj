(ns re-mote.repl.interrupts
  "Ctrl-C in a pipeline. It ends the pipeline, not what there is of it: whatever makes results holds interrupts meanwhile, and looks
  between its steps whether it is to end there.")

(def ^:private soon
  "Milliseconds within which a second Ctrl-C is meant for the program around the pipeline too."
  2000)

(def ^:private given-up-at
  "When a thread gave something up the last time."
  (ThreadLocal.))

(defmacro held
  "The value of the forms. An interrupt waits meanwhile until given-up? takes it, or is thrown when they have ended; it ends what
  blocks, such as a wait, by an InterruptedException, and what runs on hosts, whose results then say so. A second one is
  thrown at once."
  [& forms]
  `(reops.internal/hold-interrupts (fn [] ~@forms)))

(defn given-up?
  "Whether what this thread makes is to end with what there is: there was an interrupt, which is taken by that. One that comes
  soon after another is left, and thrown when nothing holds it any more."
  []
  (when (Thread/interrupted)
    (let [now (quot (System/nanoTime) 1000000)
          last-time (.get given-up-at)]
      (.set given-up-at now)
      (or (nil? last-time)
          (< soon (- now last-time))
          (do (.interrupt (Thread/currentThread)) false)))))

(defn interrupt-again
  "Has this thread interrupted as it was, when an InterruptedException was caught by who is not the one to answer it."
  []
  (.interrupt (Thread/currentThread)))

(defmacro or-when-given-up
  "The value of the forms; that of otherwise, when an interrupt ended them and what there is is to be kept."
  [otherwise & forms]
  (let [error (gensym "error")]
    `(try
       ~@forms
       (catch InterruptedException ~error
         (interrupt-again)
         (if (given-up?)
           ~otherwise
           (do (Thread/interrupted) (throw ~error)))))))
