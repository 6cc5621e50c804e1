(ns completion-test
  (:require [clojure.set :as sets]
            [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]
            [reops.completion :refer [completions describe]]
            [reops.fs :as fs]))

(defn own-function
  "Of this namespace."
  [x]
  x)

(defmacro own-macro [& body] `(do ~@body))
(def own-value 1)
(def ^:private own-secret 2)

(def here (the-ns 'completion-test))

(defn- names
  ([prefix] (names prefix ""))
  ([prefix context] (mapv :candidate (completions prefix {:ns here :context context}))))

(defn- named [candidate prefix]
  (first (filter #(= candidate (:candidate %)) (completions prefix {:ns here}))))

(deftest vars
  (is (= {:candidate "own-function" :type :function :ns 'completion-test :arglists '([x]) :doc "Of this namespace."}
         (named "own-function" "own-f")))
  (is (= :macro (:type (named "own-macro" "own-"))))
  (is (= :var (:type (named "own-value" "own-"))))
  (is (= ["own-secret"] (names "own-sec")) "a namespace sees its own private vars")
  (is (= 'clojure.core (:ns (named "map-indexed" "map-"))))
  (is (= [] (names "no-such-name-anywhere"))))

(deftest order
  (testing "what was typed in full comes first, then one's own names, then those of clojure.core"
    (is (= "map" (first (names "map"))))
    (is (= "own-function" (first (names "own"))))
    (is (= ["if" "if-let"] (take 2 (names "if"))))))

(deftest parts-of-names
  (is (= ["map-indexed"] (names "m-i")))
  (is (some #{"clojure.string"} (names "c.str")))
  (is (= "select-keys" (first (names "sel-k")))))

(deftest specials
  (is (= {:candidate "recur" :type :special} (select-keys (named "recur" "recu") [:candidate :type])))
  (is (str/includes? (:doc (named "recur" "recu")) "loop")))

(deftest namespaces-and-aliases
  (is (= ["str/join"] (names "str/joi")))
  (is (= ["clojure.string/join"] (names "clojure.string/joi")))
  (is (= ["clojure.test"] (names "clojure.tes")))
  (is (= {:type :namespace :ns 'clojure.set} (select-keys (named "sets" "sets") [:type :ns])))
  (is (= [] (names "no.such.namespace/x")))
  (is (= [] (names "clojure.repl/matche")) "private names of others are not offered"))

(deftest keywords
  (is (= [(str :completion-test-keyword)] (names ":completion-test-k")))
  (is (= ["::own-keyword"] (do :completion-test/own-keyword (names "::own-k"))))
  (is (= ["::str/key-of-alias"] (do ::str/key-of-alias (names "::str/key-")))))

(deftest classes
  (is (= ["Math/abs"] (names "Math/ab")))
  (is (= :static-method (:type (named "Math/abs" "Math/ab"))))
  (is (some #{"ExceptionInfo"} (names "Exc")))
  (is (= [".toUpperCase"] (names ".toUpp"))))

(deftest marks-before-a-name
  (are [typed expected] (= [expected] (names typed))
    "'map-ind" "'map-indexed"
    "#'map-ind" "#'map-indexed"
    "@own-val" "@own-value"
    "~@map-ind" "~@map-indexed"))

(deftest locals
  (are [context expected] (= expected (filterv #(str/starts-with? % "zz") (names "zz" context)))
    "(let [zza 1 {:keys [zzb] zzc :c :as zzd :or {zze 1}} m] (f " ["zza" "zzb" "zzc" "zzd"]
    "(let [zza 1] (f zza)) (g " []
    "(defn f [zza [zzb & zzc]] (inc " ["zza" "zzb" "zzc"]
    "(defn f ([zza] 1) ([zzb zzc] (+ " ["zzb" "zzc"]
    "(for [zza xs :let [zzb 1]] (vector " ["zza" "zzb"]
    "(reify P (method [this zza] " ["zza"]
    "(letfn [(g [zza] " ["zza"]
    "(try 1 (catch Exception zza (prn " ["zza"]
    "(defrecord R [zza] P (method [_ zzb] " ["zza" "zzb"]
    "(let [zza 1] (fn [zzb] \"text ( [\" ; (let [zzx 1\n \\( (f " ["zza" "zzb"]))

(deftest places-for-namespaces
  (is (= :namespace (:type (first (completions "clojure.wal" {:ns here :context "(require '["})))) "not loaded, but there")
  (is (= ["clojure.string"] (names "clojure.str" "(ns my.ops (:require [")))
  (is (= ["union"] (names "uni" "(require '[clojure.set :refer [difference ")))
  (is (some #{"union"} (names "" "(require '[clojure.set :refer ["))))

(deftest libraries-on-the-load-path
  (fs/with-temp-dir [folder]
    (fs/mkdirs (fs/join folder "zz_lib"))
    (spit (fs/join folder "zz_lib" "first_part.clj") "(ns zz-lib.first-part)")
    (with-redefs [*load-path* [folder]]
      (is (= ["zz-lib."] (names "zz-" "(require '")))
      (is (= ["zz-lib.first-part"] (names "zz-lib.f" "(require '["))))))

(deftest files
  (fs/with-temp-dir [folder]
    (spit (fs/join folder "alpha.txt") "")
    (spit (fs/join folder ".hidden") "")
    (spit (fs/join folder "a \"b\"") "")
    (fs/mkdirs (fs/join folder "beta"))
    (is (= [(str folder "/alpha.txt")] (names (str folder "/al") "(slurp \"")))
    (is (= ["alpha.txt"] (names "al" (str "(slurp \"" folder "/"))) "only the word is completed")
    (is (= [(str "\"" folder "/beta/")] (names (str "\"" folder "/be"))) "the quote may be a part of what was typed")
    (is (= ["a \\\"b\\\"" "alpha.txt" "beta/"] (names "" (str "(slurp \"" folder "/"))) "hidden ones only when asked for")
    (is (= [".hidden"] (names "." (str "(slurp \"" folder "/"))))
    (is (= [] (names "x" "(slurp \"/no/such/folder/")))
    (is (= ["own-value"] (names "own-val" (str "(slurp \"" folder "\") (f "))) "after the string it is code again")))

(deftest context-may-mark-the-place
  (is (= ["zza"] (names "zz" "(let [zza 1] (inc __prefix__))"))))

(deftest descriptions
  (is (= {:name 'own-function :ns 'completion-test :type :function :arglists '([x]) :doc "Of this namespace."}
         (select-keys (describe "own-function" here) [:name :ns :type :arglists :doc])))
  (is (every? (describe 'own-function here) [:file :line :column]))
  (is (= 'join (:name (describe 'str/join 'completion-test))))
  (is (true? (:macro (describe 'when))))
  (is (true? (:special (describe 'if))))
  (is (= 'try (:name (describe 'finally))))
  (is (= 'clojure.string (:ns (describe 'str/upper-case here))))
  (is (= :namespace (:type (describe 'clojure.string))))
  (is (= :class (:type (describe 'Math))))
  (are [nothing] (nil? (describe nothing here)) 'no-such-name 'no.such/name ""))
