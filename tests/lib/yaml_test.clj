(ns yaml-test
  "reops.yaml."
  (:require [clojure.string :as str]
            [clojure.test :refer [are deftest is testing]]
            [reops.yaml :as yaml]))

(deftest scalars
  (are [text value] (= value (yaml/read-string text))
    "" nil, "~" nil, "null" nil, "Null" nil, "true" true, "FALSE" false, "yes" "yes", "on" "on"
    "12" 12, "-3" -3, "+4" 4, "017" 17, "0o17" 15, "0xfF" 255, "00" 0, "123456789012345678901" 123456789012345678901N
    "1.5" 1.5, "-.5" -0.5, "1." 1.0, "1e3" 1000.0, ".inf" ##Inf, "-.INF" ##-Inf, "1.2.3" "1.2.3", "0x" "0x", "-" [nil]
    "2024-05-17" "2024-05-17", "12:30" "12:30", "plain text" "plain text", "\"12\"" "12", "'it''s'" "it's"
    "\"\\u263a\\n\"" "☺\n", "|\n a\n b\n" "a\nb\n", ">\n a\n b\n" "a b\n", "|-\n a\n" "a", "!!str 12" "12", "!!float 1" 1.0
    "!!int 7" 7, "!!null ''" nil)
  (is (NaN? (yaml/read-string ".nan")))
  (is (= (reops.bytes/bytes "hello") (yaml/read-string "!!binary aGVsbG8=")))
  (is (= #{"a" "b"} (yaml/read-string "!!set {a, b}"))))

(deftest collections
  (are [text value] (= value (yaml/read-string text))
    "[]" [], "{}" {}, "[a, [1, 2], {b: c}]" ["a" [1 2] {"b" "c"}]
    "- 1\n- - 2\n  - 3\n-\n" [1 [2 3] nil]
    "a:\n  b: 1\n  c: [x]\nd:\n" {"a" {"b" 1 "c" ["x"]} "d" nil}
    "1: one\ntrue: yes\n[a]: list" {1 "one" true "yes" ["a"] "list"}
    "# comment\na: 1 # and another" {"a" 1})
  (is (= {:a {:b 1} 2 3} (yaml/read-string "a: {b: 1}\n2: 3" {:keywords true})))
  (is (= (vec (range 5000)) (yaml/read-string (str/join (map #(str "- " % "\n") (range 5000)))))))

(deftest anchors-aliases-merges-and-tags
  (is (= {"base" {"x" 1 "y" 2} "web" {"x" 1 "y" 3} "again" {"x" 1 "y" 2}}
         (yaml/read-string "base: &b {x: 1, y: 2}\nweb:\n  <<: *b\n  y: 3\nagain: *b")))
  (is (= {"x" 1 "y" 2} (yaml/read-string "<<: [{x: 1}, {x: 9, y: 2}]")))
  (let [tagged (yaml/read-string "!Ref web")]
    (is (tagged-literal? tagged))
    (is (= '[Ref "web"] [(:tag tagged) (:form tagged)])))
  (testing "a document whose aliases stand for too much is refused"
    (let [laughs (str "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
                      (str/join (for [i (range 1 12)]
                                  (str "a" i ": &a" i " [" (str/join ", " (repeat 10 (str "*a" (dec i)))) "]\n"))))]
      (is (thrown-with-msg? Exception #"aliases" (yaml/read-string laughs))))))

(deftest documents
  (is (= [1 {"a" 2} nil] (yaml/read-all "--- 1\n---\na: 2\n---\n")))
  (is (= [] (yaml/read-all "# nothing")))
  (is (thrown-with-msg? Exception #"read-all" (yaml/read-string "--- 1\n--- 2"))))

(defn- fault [text]
  (try (yaml/read-string text)
       (catch Exception e
         (let [{:keys [type line column]} (ex-data e)]
           (is (= :reops.yaml/syntax type))
           [line column]))))

(deftest faults-have-a-place
  (are [text place] (= place (fault text))
    "a: [1, 2" [2 1], "a: 1\n b: 2" [2 3], "\"abc" [1 5], "*nowhere" [1 1], "&a [*a]" [1 5], "a: 1\na: 2" [2 1]
    "!!int x" [1 1], "a: \tb: c" [1 6], "<<: 1" [1 1])
  (testing "depth ends in an error"
    (is (thrown? Throwable (yaml/read-string (str/join (repeat 100000 "[")))))))

(deftest writing
  (are [text value] (= text (yaml/write-string value))
    "null\n" nil, "true\n" true, "12\n" 12, "1.5\n" 1.5, ".inf\n" ##Inf, "text\n" "text", "\"12\"\n" "12", "\"yes\"\n" "yes"
    "\"null\"\n" "null", "\"\"\n" "", "kw\n" :kw, "a/b\n" :a/b, "[]\n" [], "{}\n" {}
    "- 1\n- - 2\n" [1 [2]], "a: 1\nb:\n- x\n" (array-map :a 1 :b ["x"])
    "|\n  two\n  lines\n" "two\nlines\n", "'a: b'\n" "a: b", "'# no'\n" "# no", "!Ref web\n" (tagged-literal 'Ref "web"))
  (is (= "--- 1\n--- 2\n" (str/replace (str "--- " (yaml/write-all [1 2])) "..." "")))
  (is (thrown-with-msg? Exception #"no notation" (yaml/write-string [inc]))))

(deftest there-and-back
  (doseq [value [nil true 1 -5 2.5 "" " " "a" "1" "1.0" "0x1" "~" "true" "No" "- a" "a: b" "a #b" "*a" "&a" "!a" "%a" "@a" "`a" "'q'" "\"q\""
                 "line\nline" "line\n\nline\n" "\nfirst" " lead\nx" "tab\there" "trail \nx" "é☺😀" "\u0001\u007f" "a,b" "[x]" "{x}" "?" "? x" "-" "--- x" "..."
                 "<<" "=" (str/join (repeat 300 "word ")) [[] {} [[]] [{}]] {"k" {"k" ["v" {"k" nil}]}} {[1 2] {"a" 1}} {"<<" "x"}]]
    (is (= value (yaml/read-string (yaml/write-string value))) (pr-str value))
    (is (= {"k" [value]} (yaml/read-string (yaml/write-string {"k" [value]}))) (pr-str value))))
