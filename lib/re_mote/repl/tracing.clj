(ns re-mote.repl.tracing
  "What hosts can reach."
  (:require [clojure.string :as string]
            [re-mote.repl.base :refer [remote]]
            [re-mote.repl.words :as words])
  (:import [re_mote.repl.base Hosts]))

(defn parse-ping
  "What ping printed: {:sent :received :loss}, and in milliseconds :min :avg :max. Of iputils and of busybox."
  [out]
  (let [[_ sent received loss] (re-find #"(\d+) packets transmitted, (\d+) (?:packets )?received.*?([\d.]+)% packet loss" out)
        [_ least average most] (re-find #"min/avg/max(?:/mdev)? = ([\d.]+)/([\d.]+)/([\d.]+)" out)]
    (when-not sent
      (throw (ex-info "it printed no statistics" {})))
    (cond-> {:sent (parse-long sent) :received (parse-long received) :loss (parse-double loss)}
      least (assoc :min (parse-double least) :avg (parse-double average) :max (parse-double most)))))

(defprotocol Tracing
  "What hosts can reach, from where they are."
  (^{:category :network} ping [this target] [this target options] [this results target options]
    "Pings a target from every host: {:sent :received :loss :min :avg :max}; no answer is a failure. Options: :count (1), :wait
  (seconds for an answer, 2).

    (run (ping hs \"db1\" {:count 3}) | (aggregate :avg) | (pretty))")
  (^{:category :network} check-port [this target port] [this target port options] [this results target port options]
    "Whether something accepts TCP connections there, from every host: {:target :port :open true}; otherwise a failure. The option :wait
  is in seconds (3). Hosts need bash or nc.

    (run (check-port hs \"db1\" 5432) | (pick failed) | (exec \"ip route get 10.0.0.7\") | (pretty))"))

(defn- seconds [x otherwise]
  (let [n (or x otherwise)]
    (when-not (pos-int? n)
      (throw (ex-info (str "A number of seconds is a whole one, found " (pr-str x)) {:type :re-mote/bad-argument :hint "{:wait 3}"})))
    n))

(defn- port-script [target port wait]
  (let [target (words/word target)]
    (string/join "\n"
                 [(str "if command -v bash >/dev/null; then")
                  ;; The target and the port are arguments, not part of bash's text.
                  (str "  timeout " wait " bash -c 'exec 3<>\"/dev/tcp/$0/$1\"' " target " " port)
                  "else"
                  (str "  nc -z -w " wait " -- " target " " port)
                  "fi"])))

(extend-type Hosts
  Tracing
  (ping
    ([this target] (ping this {} target {}))
    ([this a b] (if (map? a) (ping this a b {}) (ping this {} a b)))
    ([this results target {:keys [wait] n :count :as options}]
     (remote this results (str "ping -n -c " (seconds n 1) " -W " (seconds wait 2) " -- " (words/word target))
             (merge options {:stage "ping" :changed false :parse parse-ping}))))
  (check-port
    ([this target port] (check-port this {} target port {}))
    ([this a b c] (if (map? a) (check-port this a b c {}) (check-port this {} a b c)))
    ([this results target port {:keys [wait] :as options}]
     (when-not (and (pos-int? port) (< port 65536))
       (throw (ex-info (str "A port is a number from 1 to 65535, found " (pr-str port))
                       {:type :re-mote/bad-argument :hint "(check-port hs \"db1\" 5432)"})))
     (remote this results (port-script target port (seconds wait 3))
             (merge options {:stage "check-port" :changed false :parse (constantly {:target target :port port :open true})})))))
