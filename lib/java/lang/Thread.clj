(ns java.lang.Thread
  "Threads as programs for the JVM start them. New code has `future`, which hands its value or error to whoever asks."
  (:require [reops.host :refer [defclass]]))

(def ^:private started (atom 0))

(declare run-as)

(defclass java.lang.Thread [id body ^:volatile-mutable title ^:volatile-mutable task handle]
  Runnable
  (run [_] (when body (.run body)))
  Object
  (toString [_] (str "Thread[#" id "," title "]"))
  Thread
  (start [this]
    (when task
      (throw (IllegalStateException. (str this " was started already"))))
    (set! task (future (run-as this)))
    nil)
  (join [_] (when task (deref task) nil))
  (join [_ milliseconds] (when task (deref task milliseconds nil) nil))
  (isAlive [_] (if handle (reops.internal/thread-alive? handle) (boolean (and task (not (future-done? task))))))
  (interrupt [_]
    (cond
      handle (reops.internal/interrupt-thread! handle)
      task (reops.internal/interrupt-future! task))
    nil)
  (isInterrupted [_] (boolean (and handle (reops.internal/thread-interrupted? handle))))
  (getName [_] title)
  (setName [_ new-title] (set! title new-title) nil)
  (getId [_] id)
  (isDaemon [_] true)
  (setDaemon [_ _] nil)
  (getStackTrace [_] (try (throw (Exception.)) (catch Exception here (reops.internal/error-trace here)))))

(defn- report
  "An error that nobody caught in a thread goes to *err*."
  [thread error]
  (binding [*out* *err*]
    (println (str "Exception in " thread ": " error))))

(defn- run-as
  [thread]
  (reops.internal/set-thread-local! ::current thread)
  (try
    (.run thread)
    (catch Throwable error (report thread error))
    (finally (reops.internal/remove-thread-local! ::current)))
  nil)

(defn- make
  [body title]
  (let [id (swap! started inc)]
    (->Thread id body (or title (str "Thread-" id)) nil nil)))

(defn- adopted
  "The running thread, when no program started it as a Thread."
  []
  (let [number (reops.internal/thread-number)]
    (->Thread number nil (if (= 1 number) "main" (str "thread-" number)) nil (reops.internal/this-thread))))

(defn new
  "A thread that will run a function of no arguments, under that name."
  ([] (make nil nil))
  ([body] (make body nil))
  ([body title] (make body title)))

(defn currentThread
  "The thread that asks."
  []
  (or (reops.internal/thread-local ::current nil)
      (reops.internal/set-thread-local! ::current (adopted))))
