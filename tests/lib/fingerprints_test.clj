(ns fingerprints-test
  "Files of expected fingerprints."
  (:require [clojure.test :refer [are deftest is]]
            [re-mote.repl.host-keys :refer [read-fingerprints]]))

(def ^:private one "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
(def ^:private other "SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB/")

(deftest what-a-line-says
  (are [line names] (= (into {} (map (fn [name] [name [{:fingerprint one :where "f:1"}]])) names) (read-fingerprints line "f"))
    ""                                            []
    "# all of them"                               []
    (str "web1 " one)                             ["web1"]
    (str one "\tweb1 # the first")                ["web1"]
    (str "Web1.Example " one "=")                 ["web1.example"]
    (str "web[1-2],db1 " one)                     ["web1" "web2" "db1"]
    (str "[192.0.2.7]:2222 " one)                 ["[192.0.2.7]:2222" "192.0.2.7"]
    (str "256 " one " root@web1 (ED25519)")       ["web1"]
    (str "3072 " one " web1 (RSA)")               ["web1"]))

(deftest a-host-may-have-several
  (is (= {"web1" [{:fingerprint one :where "f:1"} {:fingerprint other :where "f:3"}]}
         (read-fingerprints (str "web1 " one "\n\nweb1 " other "\n") "f"))))

(deftest what-cannot-be-read-is-named
  (are [text message] (thrown-with-msg? Exception message (read-fingerprints text "f"))
    "web1 MD5:16:27"                         #"f:1: one SHA256 fingerprint was expected"
    "\nweb1 SHA256:short"                    #"f:2: one SHA256"
    (str "web1 " one " " other)              #"f:1: one SHA256"
    one                                      #"f:1: the fingerprint belongs to no host"
    (str "256 " one " no comment (ED25519)") #"f:1: the fingerprint belongs to no host"))
