(ns re-core.specs
  "What systems and types look like, and what to say of one that does not."
  (:require [clojure.spec.alpha :as s]
            [clojure.string :as string]
            [re-core.model :as model]))

(defn- label? [text] (boolean (re-matches #"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?" text)))

(defn- dotted-labels? [text] (and (<= (count text) 253) (every? label? (string/split text #"\." -1))))

(s/def :machine/hostname (s/and string? dotted-labels?))
(s/def :machine/domain (s/and string? dotted-labels?))
(s/def :machine/user (s/and string? #(re-matches #"[a-z_][a-z0-9_-]{0,31}" %)))
(s/def :machine/os (s/and keyword? #(re-matches #"[a-z]+(-[a-z]+)*(-[0-9]+(\.[0-9]+)*)?" (name %))))
(s/def :machine/cpu (s/and integer? pos?))
(s/def :machine/ram (s/and number? pos?))
(s/def :machine/ip (s/and string? #(re-matches #"[0-9a-fA-F:.]+" %)))
(s/def :access/port (s/and integer? #(< 0 % 65536)))
(s/def :access/user string?)
(s/def :access/key string?)
(s/def :access/known-hosts (s/coll-of string?))
(s/def :machine/access (s/keys :opt-un [:access/port :access/user :access/key :access/known-hosts]))
(s/def :machine/ssh-keys (s/coll-of string?))
(s/def :machine/cloud-init map?)

(s/def ::machine (s/keys :req-un [:machine/hostname :machine/domain :machine/user :machine/os]
                         :opt-un [:machine/cpu :machine/ram :machine/ip :machine/access :machine/ssh-keys :machine/cloud-init]))

(s/def :system/type (s/and keyword? #(re-matches #"[\w-]+" (name %))))
(s/def :system/description string?)
(s/def :system/tags (s/coll-of keyword? :kind set?))

(s/def :volume/device (s/and string? #(re-matches #"[a-z]+" %)))
(s/def :volume/size (s/and number? pos?))
(s/def :volume/type #{"qcow2" "raw"})
(s/def ::volume (s/keys :req-un [:volume/device :volume/size :volume/type]))
(s/def :provider/volumes (s/coll-of ::volume))
(s/def :provider/networks (s/coll-of string?))
(s/def :provider/node keyword?)

(s/def :fake/delays (s/map-of keyword? (s/and integer? #(<= 0 % 86400000))))
(s/def :fake/real-addresses boolean?)
(s/def :fake/faults (s/map-of keyword? (s/or :words string? :times (s/keys :req-un [:fault/message]) :word #{:hang :deaf})))

(defmulti provider
  "The spec of what a system has under the key of its hypervisor, by that key. A provider of your own may add a method."
  {:category :providers}
  identity)

(defmethod provider :default [_] (s/keys :opt-un [:provider/node :provider/volumes :provider/networks]))

(defmethod provider :fake [_]
  (s/keys :opt-un [:provider/node :provider/volumes :provider/networks :fake/delays :fake/faults :fake/real-addresses]))

(s/def ::system (s/keys :req-un [::machine :system/type :system/description] :opt-un [:system/tags]))

(s/def :cog/plan qualified-symbol?)
(s/def :cog/src string?)
(s/def :cog/args sequential?)
(s/def ::cog (s/keys :req-un [:cog/plan] :opt-un [:cog/src :cog/args]))
(s/def :type/type (s/and string? #(re-matches #"[\w-]+" %)))
(s/def ::type (s/keys :req-un [:type/type :system/description] :opt-un [::cog]))

;; --- sentences -----------------------------------------------------------------------------------------------------------

(def ^:private legal
  "What is legal at a place, in words, by the name of its spec."
  {:machine/hostname "a host name: letters, digits and - between dots"
   :machine/domain "a domain: letters, digits and - between dots"
   :machine/user "a user's name: small letters, digits, _ and -, at most 32"
   :machine/os "an operating system, a keyword such as :debian-12 or :ubuntu-22.04"
   :machine/cpu "how many processors, 1 or more"
   :machine/ram "gigabytes of memory, more than 0"
   :machine/ip "an address"
   :access/port "a port"
   :machine/access "how it is logged in to, a map of :port :user :key :known-hosts"
   :machine/ssh-keys "public keys, texts"
   :machine/cloud-init "a map"
   ::machine "a map with :hostname :user :domain :os"
   :system/type "a type, a keyword such as :redis"
   :system/description "text"
   :system/tags "a set of keywords"
   :volume/device "a device such as \"vdb\""
   :volume/size "gigabytes, more than 0"
   :volume/type "\"qcow2\" or \"raw\""
   :provider/node "a node, a keyword such as :localhost"
   :provider/volumes "volumes, a vector of maps"
   :provider/networks "names of networks"
   :fake/delays "milliseconds by step, a map"
   :fake/faults "faults by step: texts, {:message … :times …}, :hang or :deaf"
   :fake/real-addresses "true or false"
   :cog/plan "a plan, a symbol with a namespace such as my.recipes/redis"
   :cog/src "a folder"
   :cog/args "arguments, a vector"
   :type/type "a name of letters, digits, _ and -"})

(defn- missing-key
  "The key that a problem of s/keys says is not there."
  [pred]
  (when (seq? pred)
    (->> (tree-seq seq? seq pred) (filter #(and (seq? %) (= 'contains? (symbol (name (first %)))))) first last)))

(def ^:private spec-of-key
  (assoc (into {} (map (juxt (comp keyword name) identity)) (keys legal))
         :type :system/type))

(defn- sentence
  "One problem of spec in words: where, what is legal there, what was found."
  [{:keys [in via pred val]} at]
  (let [missing (missing-key pred)
        path (into (vec at) (cond-> (vec in) missing (conj missing)))
        words (legal (if missing (spec-of-key missing) (last via)))]
    (str (pr-str path) (if missing " is missing" (str " is " (pr-str val)))
         (when words (str (if missing ": " ", where there should be ") words)))))

(defn- problems-at [spec value at]
  (map #(sentence % at) (:clojure.spec.alpha/problems (s/explain-data spec value))))

(defn- joined [sentences]
  (when (seq sentences)
    (string/join "; " (distinct sentences))))

(defn system-problem
  "What is wrong with a system, in one line that names each place and what is legal there; nil when nothing is."
  [system]
  (let [kind (model/figure-virt system)]
    (joined (concat (problems-at ::system system [])
                    (if kind
                      (problems-at (provider kind) (get system kind) [kind])
                      [(str "it is on no hypervisor: one of " (pr-str (vec @model/hypervisors)) " is missing")])))))

(defn type-problem
  "What is wrong with a type, in one line; nil when nothing is."
  [type]
  (joined (problems-at ::type type [])))
