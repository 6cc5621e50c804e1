(ns re-core.asker
  "Who asks for what is done: for the history, for jobs, and for the audit."
  (:require [clojure.string :as string]
            [reops.fs :as fs]))

(def ^:dynamic *asker*
  "Who asks, when it is not who runs this process: somebody who has attached to it, a map as asker returns it; or nil."
  nil)

(defn- link
  "Where a link of /proc leads, or nil."
  [path]
  (try
    (fs/read-link path)
    (catch java.io.IOException _ nil)))

(defn- user-number
  "The number of the user who runs this process, which follows on \"Uid:\"."
  []
  (try
    (let [words (string/split (slurp "/proc/self/status") #"\s+")]
      (some-> (second (drop-while #(not= "Uid:" %) words)) parse-long))
    (catch java.io.IOException _ nil)))

(def ^:private commands
  "Kinds of asking, by the word behind the program's name."
  {"exec" :exec "ping" :exec "hosts" :exec "serve" :serve "nrepl" :nrepl nil :prompt})

(defn- kind []
  (let [[_ word] (try
                   (string/split (slurp "/proc/self/cmdline") #"\u0000")
                   (catch java.io.IOException _ nil))]
    (get commands word :script)))

(def ^:private here
  "Who runs this process, as long as it lives."
  (delay
    (into {} (remove (comp nil? val))
          {:user (System/getProperty "user.name")
           :uid (user-number)
           :sudo (not-empty (System/getenv "SUDO_USER"))
           :pid (some-> (link "/proc/self") parse-long)
           :terminal (some #(when (and % (string/starts-with? % "/dev/") (not= "/dev/null" %)) %)
                           (map #(link (str "/proc/self/fd/" %)) [0 1 2]))
           :kind (kind)})))

(defn asker
  "Who asks: {:user :uid :pid :terminal :kind}, with :sudo, who became that user. :kind is :prompt, :exec, :script, :serve or :nrepl."
  []
  (or *asker* @here))

(defn label
  "Who asked, in a word or two."
  [{:keys [user sudo]}]
  (if (and sudo (not= sudo user)) (str sudo " as " user) (str user)))
