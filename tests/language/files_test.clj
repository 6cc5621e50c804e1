(ns files-test
  "Reading and writing files and streams with what clojure.core has for it."
  (:require [clojure.string :as str]
            [clojure.test :refer [deftest is]]))

(defn- scratch
  "A path in the folder that tests/language/run made for us."
  [name]
  (str (or (System/getenv "REOPS_TEST_FOLDER") (System/getProperty "java.io.tmpdir")) "/" name))

(deftest what-is-written-is-read
  (let [path (scratch "plain.txt")]
    (spit path "one\ntwo\n")
    (is (= "one\ntwo\n" (slurp path)))
    (spit path "three" :append true)
    (is (= "one\ntwo\nthree" (slurp path)))
    (spit path "")
    (is (= "" (slurp path)))))

(deftest text-of-the-world
  (let [path (scratch "world.txt")
        text "héllo 日本 😀 \u0000\t\r\n"]
    (spit path text)
    (is (= text (slurp path)))))

(deftest a-large-file
  (let [path (scratch "large.txt")
        line (str (str/join (repeat 99 "x")) "\n")
        text (str/join (repeat 20000 line))]
    (spit path text)
    (is (= 2000000 (count (slurp path))))
    (is (= text (slurp path)))))

(deftest values-other-than-text-are-written-as-text
  (let [path (scratch "value.edn")]
    (spit path {:a [1 2]})
    (is (= {:a [1 2]} (read-string (slurp path))))))

(deftest a-file-that-is-not-there
  (is (thrown? java.io.FileNotFoundException (slurp (scratch "not-there"))))
  (is (thrown? java.io.IOException (slurp (scratch "not-there"))))
  (is (thrown-with-msg? Exception #"not-there" (slurp (scratch "not-there"))))
  (is (thrown? java.io.IOException (spit (scratch "no/such/folder/file") "x"))))

(deftest lines-of-input
  (is (= ["a" "b" "" "c"] (with-in-str "a\nb\n\nc" (doall (take-while some? (repeatedly read-line))))))
  (is (nil? (with-in-str "" (read-line))))
  (is (= ["first" [1 2] "" "last"]
         (with-in-str "first\n[1 2]\nlast" [(read-line) (read) (read-line) (read-line)]))))

(deftest a-file-is-loaded
  (let [path (scratch "loaded.clj")]
    (spit path "(ns files-test.loaded)\n(def here *file*)\n(defn f [] :loaded)\n(f)\n")
    (is (= :loaded (load-file path)))
    (is (= path @(find-var 'files-test.loaded/here)))
    (is (= 'files-test (ns-name (find-ns 'files-test))))))

(deftest a-file-that-does-not-read-says-where
  (let [path (scratch "broken.clj")]
    (spit path "(def fine 1)\n\n(def broken [1 2)\n")
    (let [error (try (load-file path) (catch Exception e e))
          said (pr-str (map (juxt ex-message ex-data) (take-while some? (iterate ex-cause error))))]
      (is (re-find #"broken\.clj" said))
      (is (re-find #"\b3\b" said)))))
