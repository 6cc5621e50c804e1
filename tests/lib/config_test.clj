(ns config-test
  "The configuration: what its tags mean, what is said of one that is wrong, and what it comes to."
  (:require [clojure.spec.alpha :as s]
            [clojure.string :as string]
            [clojure.test :refer [deftest is testing]]
            [reops.config :as config]
            [reops.config.reading :as reading]
            [reops.config.settings :as settings]
            [reops.fs :as fs]
            [reops.process :as process]
            [reops.secrets :as secrets]))

(defn- written
  "Files in a folder, {name text}; the path of the first."
  [folder files]
  (doseq [[name text] files]
    (fs/mkdirs (fs/parent (fs/join folder name)))
    (spit (fs/join folder name) text))
  (fs/join folder (ffirst files)))

(defn- value
  "The value in a file of that text."
  [text & {:keys [profile others] :or {profile :default}}]
  (fs/with-temp-dir [folder]
    (first (reading/read-file (written folder (into (array-map "config.edn" text) others)) profile))))

(defn- complaint
  "What is said of a file of that text, without the name of its folder."
  [text & {:keys [others]}]
  (fs/with-temp-dir [folder]
    (try
      (config/checked-file (written folder (into (array-map "config.edn" text) others)))
      nil
      (catch Exception e
        (is (= :reops/bad-config (:type (ex-data e))))
        (string/replace (str (ex-message e) (when-let [hint (:hint (ex-data e))] (str " | " hint))) (str folder "/") "")))))

(deftest tags
  (is (= {:home (System/getenv "HOME")} (value "{:home #env HOME}")))
  (is (= [1 "x" nil] (value "[#or [#env REOPS_NO_SUCH 1] #or [#env REOPS_NO_SUCH \"x\"] #or [nil nil]]")))
  (is (= {:a {:b 1} :c 1 :d {:b 1}} (value "{:a {:b 1} :c #ref [:a :b] :d #ref [:a]}")))
  (is (= [:other {:x 2}] (value "[#profile {:default 1 :dev :other} {:x #profile {:default 2}}]" :profile :dev)))
  (is (= {:a 7 :b 7 :c {:d 7 :e 7}} (value "{:a #ref [:b] :b #ref [:c :d] :c #profile {:default {:d 7 :e #ref [:c :d]}}}"))
      "a reference goes through a profile")
  (testing "what is included has references of its own, and is found beside the file that includes it"
    (is (= {:a {:x 1 :y 1}} (value "{:a #include \"more/a.edn\"}" :others {"more/a.edn" "#include \"b.edn\"" "more/b.edn" "{:x 1 :y #ref [:x]}"}))))
  (is (= ["a-b" 12 true :k/w 3] (value "[#join [\"a\" \"-\" \"b\"] #long \" 12 \" #boolean \"true\" #keyword \":k/w\" #long 3]")))
  (is (= {} (value "")) "an empty file")
  (let [secret (:x (value "{:x #secret :db-password}"))]
    (is (secrets/secret? secret))
    (is (= "#secret :db-password" (pr-str secret) (str secret)))))

(deftest what-is-wrong-is-said-with-its-place
  (is (= (str "config.edn:2:8: [:ssh :fanout] is \"many\", where there should be a whole number from 1\n"
              "config.edn:3:8: [:ssh :tiemout] is no setting: :ssh has :fanout, :timeout, :connect-timeout, :handshake-timeout, "
              ":login-timeout, :retry, :keep, :connections, :per-jump-host, :logins, :idle, :most-idle, :host-keys. Did you mean :timeout?")
         (complaint "{:ssh {:fanout\n       \"many\" :tiemout\n       3}}")))
  (is (string/starts-with? (complaint "{:jobs {:at-a-time {:default 3\n  \"create\" 0}}}") "config.edn:2:12: [:jobs :at-a-time \"create\"] is 0,"))
  (is (string/ends-with? (complaint "{:hsots {}}") "Did you mean :hosts?"))
  (is (string/includes? (complaint "[1]") "a configuration is a map of sections"))
  (is (string/includes? (complaint "{:ssh 1}") "[:ssh] is 1, where there should be a map of :fanout"))
  (is (string/includes? (complaint "{:ssh {:host-keys {\"10.0.0.0/8\" :acept-new}}}") "Did you mean :accept-new?"))
  (testing "in a file that is included, and in a profile"
    (is (string/starts-with? (complaint "{:ssh #include \"more/a.edn\"}" :others {"more/a.edn" "{:timeout\n 30 :fanout 0}"})
                             "more/a.edn:2:13: [:ssh :fanout] is 0"))
    (is (string/starts-with? (complaint "{:ssh #profile {:default\n {:fanout 0}}}") "config.edn:2:11: [:ssh :fanout] is 0")))
  (testing "of maps with many entries too"
    (let [keys (map #(str ":k/a" % " " % "\n") (range 40))]
      (is (string/starts-with? (complaint (str "{" (string/join keys) ":ssh {:fanout 0}}")) "config.edn:41:15: [:ssh :fanout]"))))
  (testing "tags"
    (doseq [[text said] [["{:a/b #env REOPS_NO_SUCH}" "config.edn:1:12: #env REOPS_NO_SUCH: the variable REOPS_NO_SUCH is not set in the environment | Set it, or give something else: #or [#env REOPS_NO_SUCH \"…\"]"]
               ["{:a/b #ref [:ssh :fan]  :ssh {:fanout 3}}" "config.edn:1:12: #ref [:ssh :fan]: there is no :fan at [:ssh]"]
               ["{:a/b #ref [:a/c] :a/c #ref [:a/b]}" "config.edn:1:12: #ref goes in a circle: [:a/c] → [:a/b] → [:a/c]"]
               ["{:a/b #include \"no.edn\"}" "config.edn:1:16: #include \"no.edn\": there is no file no.edn"]
               ["{:a/b #profile {:dev 1}}" "config.edn:1:16: #profile has nothing for the profile :default, and no :default; it has :dev | REOPS_PROFILE in the environment names the profile."]
               ["{:a/b #secrte :x}" "config.edn:1:7: #secrte is no tag that a configuration knows: there are #env, #or, #ref, #include, #profile, #secret, #join, #long, #boolean, #keyword | Did you mean #secret?"]
               ["{:a/b #join [\"x\" #secret :y]}" "config.edn:1:13: #join would make text of #secret :y | Keep the whole text as a secret instead."]
               ["{:a/b #long \"x\"}" "config.edn:1:13: \"x\" does not spell a whole number"]]]
      (is (= said (complaint text)))))
  (testing "circles of files"
    (is (= "b.edn:1:10: #include goes in a circle: config.edn → b.edn → config.edn"
           (complaint "#include \"b.edn\"" :others {"b.edn" "#include \"config.edn\""}))))
  (testing "what is no EDN"
    (is (string/starts-with? (complaint "{:ssh {:fanout 3}") "config.edn:1:1: The text ends too early"))
    (is (string/includes? (complaint "{} {}") "more than one value")))
  (testing "keys of one's own"
    (s/def :config-test/region #{:eu :us})
    (is (nil? (complaint "{:config-test/region :eu :config-test/any [1 2]}")))
    (is (string/starts-with? (complaint "{:config-test/region :asia}") "config.edn:1:22: [:config-test/region] is :asia, where"))))

(deftest what-it-comes-to
  (let [{:keys [ssh jobs] :as all} (settings/effective {:ssh {:timeout "5m" :keep "64K"} :jobs {:at-a-time {"create" 2}} :my/key 1})]
    (is (= [300000 65536 512] (map ssh [:timeout :keep :fanout])))
    (is (= {"create" 2 :default 16} (:at-a-time jobs)))
    (is (= 1 (:my/key all))))
  (is (= 512 (config/config :ssh :fanout)))
  (is (thrown-with-msg? Exception #"no setting \[:ssh :fanuot\]" (config/config :ssh :fanuot)))
  (is (nil? (config/config :my.ops/region))))

(def ^:private program (fs/read-link "/proc/self/exe"))

(defn- reops [home & words]
  (process/run (into [program] words) {:env {"REOPS_HOME" home "REOPS_NO_CONFIG" nil}}))

(deftest programs-and-their-configuration
  (fs/with-temp-dir [home]
    (let [file (fs/join home "config/config.edn")]
      (testing "none is needed"
        (is (= [0 "512\n"] ((juxt :exit :out) (reops home "-e" "(config :ssh :fanout)"))))
        (is (= 2 (:exit (reops home "config" "check")))))
      (fs/mkdirs (fs/parent file))
      (spit file "{:ssh {:fanout 7}}")
      (is (= [0 "7\n"] ((juxt :exit :out) (reops home "-e" "(config :ssh :fanout)"))))
      (is (= 0 (:exit (reops home "config" "check"))))
      (is (string/includes? (:out (reops home "config" "show")) ":fanout 7   (instead of 512)"))
      (testing "one that is changed is used when it is read again, and when it is wrong the one before stays"
        (is (= "9\n7\n:reops/bad-config\n7\n"
               (:out (reops home "-e" (str "(do (spit " (pr-str file) " \"{:ssh {:fanout 9}}\") (println (:fanout (:ssh (reload-config))))"
                                           " (spit " (pr-str file) " \"{:ssh {:fanout 7}}\") (reset) (println (config :ssh :fanout))"
                                           " (spit " (pr-str file) " \"{:ssh 1}\")"
                                           " (println (try (reset) (catch Exception e (:type (ex-data e)))) ) (println (config :ssh :fanout)))")))))
      (testing "one that is wrong keeps programs from starting, but for those that say what is wrong"
        (doseq [words [["-e" "1"] ["exec" "-H" "a" "--" "true"] ["serve"] ["config" "check"]]]
          (let [{:keys [exit err out]} (apply reops home words)]
            (is (= [2 ""] [exit out]) (pr-str words))
            (is (string/includes? err (str file ":1:7: [:ssh] is 1")) err)))
        (spit file "{:memory {:limit \"256M\"} :ssh {:connections 3 :idle \"1m\"}}")
        (is (= [0 "[268435456 60000]\n"] ((juxt :exit :out) (reops home "-e" "[(reops.internal/memory-limit) (config :ssh :idle)]"))))
        (is (= "536870912\n" (:out (reops home "--memory-limit" "512M" "-e" "(reops.internal/memory-limit)"))))
        (spit file "{:ssh 1}")
        (is (= [0 "512\n"] ((juxt :exit :out) (reops home "--no-config" "-e" "(config :ssh :fanout)")))))))))
