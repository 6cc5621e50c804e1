(ns java.lang.Thread
  "Threads as programs for the JVM name and start them. New code has `future`, which hands its value or error to whoever
  asks."
  (:require [reops.host :refer [defclass]]))

(declare run-as)

;; `running` is the runtime's own view of the thread, nil before it has started; `task` the future in which a thread runs
;; that a program started.
(defclass java.lang.Thread [body ^:volatile-mutable title ^:volatile-mutable running ^:volatile-mutable task]
  Runnable
  (run [_] (when body (.run body)))
  Object
  (toString [this] (str "Thread[" (.getName this) "]"))
  Thread
  (start [this]
    (when task
      (throw (IllegalStateException. (str this " was started already"))))
    (set! task (future (run-as this)))
    nil)
  (runsOn [_ view] (set! running view) nil)
  (join [_] (when task (deref task) nil))
  (join [_ milliseconds] (when task (deref task milliseconds nil) nil))
  (isAlive [_] (boolean (if task (not (future-done? task)) (and running (.isAlive running)))))
  (interrupt [_] (if task (future-cancel task) (when running (.interrupt running))) nil)
  (isInterrupted [_] (boolean (if task (future-cancelled? task) (and running (.isInterrupted running)))))
  (getName [_] (or title (.getName running)))
  (setName [_ new-title]
    (set! title new-title)
    (when running (.setName running new-title))
    nil)
  (getId [_] (if running (.getId running) 0))
  (threadId [this] (.getId this))
  (isDaemon [_] true)
  (setDaemon [_ _] nil)
  (getStackTrace [_] (try (throw (Exception.)) (catch Exception here (reops.internal/error-trace here)))))

(defn- report
  "An error that nobody caught in a thread goes to *err*."
  [thread error]
  (binding [*out* *err*]
    (println (str "Exception in " thread ": " error))))

(defn- run-as
  "Runs a thread that was started, under its name, on a thread of the runtime's."
  [thread]
  (let [view (reops.internal/current-thread)
        others-name (.getName view)
        other (reops.internal/thread-local ::current nil)]
    (.runsOn thread view)
    (.setName view (.getName thread))
    (reops.internal/set-thread-local! ::current thread)
    (try
      (.run thread)
      (catch Throwable error (report thread error))
      (finally
        (.setName view others-name)
        (reops.internal/set-thread-local! ::current other))))
  nil)

(def ^:private made (atom 0))

(defn new
  "A thread that will run a function of no arguments, under that name."
  ([] (->Thread nil (str "Thread-" (swap! made inc)) nil nil))
  ([body] (->Thread body (str "Thread-" (swap! made inc)) nil nil))
  ([body title] (->Thread body title nil nil)))

(defn currentThread
  "The thread that asks."
  []
  (or (reops.internal/thread-local ::current nil)
      (reops.internal/set-thread-local! ::current (->Thread nil nil (reops.internal/current-thread) nil))))
