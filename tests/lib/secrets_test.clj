(ns secrets-test
  "Secrets show as their names, wherever they are shown, and comparing them tells nothing."
  (:require [clojure.pprint :as pprint]
            [clojure.string :as string]
            [clojure.test :refer [deftest is testing]]
            [re-core.persistency.common :as store]
            [re-mote.repl.words :as words]
            [reops.cbor :as cbor]
            [reops.json :as json]
            [reops.process :as process]
            [reops.secrets :as secrets :refer [reveal secret secret?]]))

(def clear "hunter2 \\ 'λ'\nand\\nmore")
(def known (secret "label" clear))
(def kept (secret :db-password))

(deftest shown-as-names
  (doseq [[s name] [[known "#secret label"] [kept "#secret :db-password"]]]
    (is (= name (str s) (pr-str s) (print-str s) (format "%s" s) (string/join [s]) (binding [*print-dup* true] (pr-str s))))
    (is (= (str "{:password " name "}") (pr-str {:password s}) (string/trim (with-out-str (pprint/pprint {:password s})))))
    (is (= (str "{\"password\":\"" name "\"}") (json/write-string {:password s}) (json/write-string {:password s} {:default (constantly 1)})))
    (let [error (ex-info (str "no login with " s) {:password s})]
      (is (not (string/includes? (str (pr-str error) (reops.internal/error-report error)) "hunter2")))))
  (testing "what has no notation is still an error"
    (is (thrown-with-msg? IllegalArgumentException #"no notation" (json/write-string {:f inc})))))

(deftest compared
  (is (= kept (secret :db-password)))
  (is (= #{kept} (conj #{kept} (secret :db-password))))
  (is (not= kept (secret :other)))
  (is (not= known (secret "label" clear)) "equality would tell whether a guess is right")
  (is (= (hash known) (hash (secret "label" "other")))))

(deftest kept-as-names
  (let [text (store/encode {:options {:password kept}})]
    (is (= "{:options {:password #secret :db-password}}" text))
    (is (= {:options {:password kept}} (store/decode text))))
  (let [data {:options {:password kept :n [1 #{:a}]}}]
    (is (= data (store/unpack (store/pack data))))
    (is (= [:re-core/unstorable [:password]] (try (store/pack {:password known}) (catch Exception e ((juxt :type :path) (ex-data e)))))))
  (is (= [:a :b] (seq (secrets/names-in {:x [(secret :b)] :y #{(secret :a) known}}))))
  (let [error (try (store/encode {:password known}) (catch Exception e e))]
    (is (= [:re-core/unstorable [:password]] ((juxt :type :path) (ex-data error))))
    (is (not (string/includes? (str (ex-message error) (ex-data error)) "hunter2"))))
  (is (thrown-with-msg? Exception #"named by a keyword" (secret "hunter2"))))

(deftest never-written-in-clear
  (doseq [f [#(cbor/write {:password known}) #(cbor/write {:password kept})]]
    (let [error (try (f) (catch Exception e e))]
      (is (= :reops.cbor/unwritable (:type (ex-data error))))
      (is (not (string/includes? (str (ex-message error) (pr-str (ex-data error))) "hunter2"))))))

(deftest revealed-where-they-are-used
  (is (= clear (reveal known)))
  (is (= 1 (reveal 1)))
  (testing "the environment and the input of a program, not its words"
    (is (= clear (:out (process/run ["sh" "-c" "printf %s \"$V\""] {:env {"V" known}}))))
    (is (= clear (:out (process/run ["cat"] {:in known})))))
  (testing "lines that the shell reads into variables"
    (doseq [text [clear "" " a b " "\\" "\\n" "a\n\nb\n" "$HOME `id` %s %b" "\\0101\\c"]
            shell ["sh" "bash" "busybox"]]
      (is (= (str text "|rest")
             (:out (process/run (into (if (= "busybox" shell) ["busybox" "sh"] [shell])
                                      ["-c" (str (words/reading ["V"]) "printf '%s|' \"$V\"; cat")])
                                {:in (str (words/line text) "\nrest")})))
          (pr-str shell text))))
  (testing "a word of the shell it never becomes"
    (is (thrown-with-msg? Exception #"#secret label" (words/word known)))))
