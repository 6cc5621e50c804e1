(ns re-core.control
  "How processes ask the one that is the controller: over a socket beside the store that only their user may open, a line of EDN each way.
  A request is {:op :added …}; an answer is {:ok value} or {:error message}."
  (:require [re-core.persistency.common :as store :refer [decode encode native]]
            [reops.fs :as fs]
            [reops.peer :as peer]))

(defn- path [] (fs/join (store/folder) "control.sock"))

(defn- answer
  "What a request comes to, of somebody whom the system knows."
  [handler request known]
  (try
    (let [{:keys [as] :as request} (decode request)]
      (binding [peer/*peer* (merge known (select-keys as [:tty :kind]))]
        {:ok (handler (dissoc request :as))}))
    (catch InterruptedException e
      (throw e))
    (catch Exception e
      {:error (ex-message e)})))

(defn- refusal [{:keys [user]}]
  {:error (str "The controller is another user's: " user " may not ask it for anything")})

(defn- converse
  "Answers one who asks, until they have no further question."
  [handler channel]
  (try
    (let [known ((native 'peer) channel)
          may-ask? ((native 'may-ask?) channel)]
      (loop []
        (when-let [request ((native 'read-line) channel)]
          ((native 'write-line) channel (encode (if may-ask? (answer handler request known) (refusal known))))
          (when may-ask? (recur)))))
    (catch Exception _
      ;; They have gone in the middle of it.
      nil)
    (finally
      ((native 'close-channel) channel))))

(defn listen
  "Answers requests until stop is called with what this returns: handler gets each, in a thread in which reops.peer/peer is who asks."
  [handler]
  (let [socket ((native 'listen) (path))]
    (peer/apart
      (loop []
        (when-let [channel ((native 'accept) socket)]
          (peer/apart (converse handler channel))
          (recur))))
    socket))

(defn stop
  "Answers nobody any more."
  [socket]
  ((native 'close-socket) socket))

(def ^:private patience
  "How long an answer is waited for, in milliseconds, unless it is one that comes when jobs have ended."
  30000)

(defn- answered
  "The line that is the answer; nil when none comes."
  [channel {:keys [op]}]
  (let [line (fn [] ((native 'read-line) channel))]
    (if (= :await op)
      (line)
      (deref (peer/apart (try (line) (catch Exception _ nil))) patience nil))))

(defn ask
  "What the controller answers to a request, [:ok value] or [:error message]; nil when there is none, it ended before it answered, or it does not
  answer in time."
  [request]
  (when-let [channel ((native 'connect) (path))]
    (try
      ((native 'write-line) channel (encode (assoc request :as (peer/peer))))
      (when-let [line (answered channel request)]
        (first (decode line)))
      (catch InterruptedException e
        (throw e))
      (catch Exception _
        ;; It ended in the middle of it.
        nil)
      (finally
        ((native 'close-channel) channel)))))
