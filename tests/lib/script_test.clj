(ns script-test
  "Words of the shell, shell written as forms, and what is read of what hosts print."
  (:require [clojure.string :as string]
            [clojure.test :refer [are deftest is testing]]
            [re-mote.repl.base :refer [hosts per-host variables]]
            [re-mote.repl.files :as files]
            [re-mote.repl.listings :as listings]
            [re-mote.repl.script :refer [script]]
            [re-mote.repl.tracing :refer [parse-ping]]
            [re-mote.repl.words :as words]
            [reops.process :as process]))

(defn- sh
  "What a real shell prints."
  [text]
  (:out (process/run ["sh" "-c" text])))

(def ^:private nasty
  ["" " " "a b" "it's" "\"" "$HOME" "`id`" "$(id)" "\\" "\\n" "a\nb" ";" "&" "|" ">" "*" "?" "[a]" "~" "#" "!" "-n" "--" "λ" "'" "''" "%s" "\t"])

(deftest words-stay-words
  (doseq [text nasty]
    (is (= (str text "|") (sh (str "printf '%s|' " (words/word text)))) text)
    (is (= (str text "|") (sh (str "printf '%s|' " (words/quoted text)))) text))
  (is (= (apply str (map #(str % "|") nasty)) (sh (str "printf '%s|' " (words/words nasty)))))
  (are [x expected] (= expected (words/word x))
    "plain" "plain"
    "/a/b-c_d.e" "/a/b-c_d.e"
    7 "7"
    :key "key"
    'sym "sym"
    "a b" "'a b'")
  (are [x] (thrown-with-msg? clojure.lang.ExceptionInfo #"word" (words/word x))
    nil {:a 1} [1] (str (char 0))))

(deftest names-of-files
  (are [x expected] (= expected (words/path x))
    "/a b" "'/a b'"
    "-rf" "./-rf"
    "~" "\"$HOME\""
    "~/a b" "\"$HOME\"/'a b'"
    "a~" "'a~'")
  (is (thrown? clojure.lang.ExceptionInfo (words/path "")))
  (is (thrown? clojure.lang.ExceptionInfo (words/path nil))))

(deftest folders-and-environments
  (is (= "uptime" (words/within "uptime" {})))
  (is (= "cd -- '/a b' || exit\nexport A=1\nexport B='x y'\nuptime" (words/within "uptime" {:cwd "/a b" :env (array-map :A 1 "B" "x y")})))
  (is (thrown-with-msg? clojure.lang.ExceptionInfo #"A variable of the shell" (words/within "x" {:env {"A;id" 1}}))))

(deftest commands
  (let [folder "/srv/my app" many ["a" "b c"]]
    (are [expected text] (= expected text)
      "mkdir -p '/srv/my app'" (script (mkdir -p ~folder))
      "rm a 'b c'" (script (rm ~many))
      "rm a 'b c'" (script (rm ~@many))
      "echo a 1 k true '$HOME' 'a;b'" (script (echo "a" 1 :k true "$HOME" "a;b"))
      "echo \"$HOME\" \"$?\" \"$(uname -r)\"" (script (echo @HOME $? @(uname -r)))
      "a\nb" (script (a) (b))
      "a | b" (script "a | b")
      "" (script)
      "a b | c '/srv/my app'" (script (pipe (a b) (c ~folder)))
      "a && { b || c; }" (script (chain-and (a) (chain-or (b) (c))))
      "if ! [ -d '/srv/my app' ]; then a; else b; fi" (script (if (not (directory? ~folder)) (a) (b)))
      "if a; then b; c; fi" (script (when (a) (b) (c)))
      "X='/srv/my app'" (script (set! X ~folder))
      "for f in a 'b c'; do rm \"$f\"; done" (script (doseq [f ~many] (rm @f)))
      "case \"$X\" in a) b;; *) c;; esac" (script (case @X "a" (b) (c)))
      "while [ \"$N\" -lt 3 ]; do a; done" (script (while (< @N 3) (a)))
      "{ a; } > '/srv/my app'" (script (write-to ~folder (a)))
      "{ { a &\n}; b; } >/dev/null 2>&1" (script (quiet "a &" (b)))
      "[ 'a b' = \"$X\" ]" (script (= "a b" @X)))))

(deftest a-shell-agrees
  (let [x "it's $(id); *"]
    (are [expected text] (= expected (sh text))
      (str x "\n") (script (println ~x))
      "a b c d\n" (script (println a ~["b" "c"] :d))
      (str x "|y\n") (script (set! V ~x) (printf "%s|%s\\n" @V y))
      "yes\n" (script (if (and (= ~x ~x) (or (false) (not= a b)) (not (empty? ~x)) (>= 3 3)) (println yes) (println no)))
      (str "<p q>\n<" x ">\n") (script (doseq [i ["p q" ~x]] (printf "<%s>\\n" @i)))
      "two\n" (script (case ~x "a" (println one) ~x (println two) (println three)))
      "*\na\n" (script (pipe (printf "%s\\n" ~["a" "*"]) (sort)))
      "/dev/null\n" (script (ls -d (glob "/dev/nul" "[l]")))
      "1 2\n" (script (set! A 1) (chain-and (= @A 1) (println @A 2)))
      "none\n" (script (if-not (file-exists? "/nonexistent") (println none)))
      "raw\n" (script (when (true) "echo raw | cat")))))

(deftest what-is-no-script
  (are [form] (thrown? Exception (eval form))
    '(re-mote.repl.script/script (rm {:a 1}))
    '(re-mote.repl.script/script [rm])
    '(re-mote.repl.script/script (rm (f x)))
    '(re-mote.repl.script/script (set! "A;B" 1))
    '(re-mote.repl.script/script (rm ~nil))))

(deftest commands-for-each-host
  (let [hs (hosts "a,b" {:vars {:dc "x" "n" 1} :hosts {"a" {:vars {"dc" "y z"}}}})]
    (is (= {"host" "a" "dc" "y z" "n" 1} (variables hs "a")))
    (is (= {"host" "b" "dc" "x" "n" 1} (variables hs "b")))
    (is (= "echo a 'y z'" ((per-host "echo {{host}} {{dc}}") (variables hs "a"))))
    (is (= "echo y z" ((per-host "echo {{{dc}}}") (variables hs "a"))))
    (is (= "echo x" ((per-host (fn [{:strs [dc]}] (script (echo ~dc)))) (variables hs "b"))))
    (is (thrown-with-msg? clojure.lang.ExceptionInfo #"no value for rack" ((per-host "echo {{rack}}") (variables hs "a"))))))

;; --- what hosts print ----------------------------------------------------------------------------------------------------

(deftest listings-of-files
  (is (= [{:name "a b" :type :link :size 7 :mode "777" :owner "root" :group "root" :modified 1700000000500 :link "x\ny"}
          {:name "z" :type :directory :size 4096 :mode "755" :owner "1001" :group "users" :modified 0}]
         (listings/parse (string/join "\u0000" ["d" "4096" "755" "1001" "users" "0.0000000000" "" "z"
                                                "l" "7" "777" "root" "root" "1700000000.5000000000" "x\ny" "a b" ""]))))
  (is (= [] (listings/parse ""))))

(deftest lines-that-match
  (is (= [{:file "/a:1" :line 3 :text "x:y"} {:file "b" :line 12 :text ""}]
         (files/parse-matches "/a:1\u00003:x:y\nb\u000012:\n")))
  (is (= [] (files/parse-matches ""))))

(deftest statistics-of-ping
  (is (= {:sent 3 :received 3 :loss 0.0 :min 0.021 :avg 0.029 :max 0.034}
         (parse-ping (str "PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.\n64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.021 ms\n\n"
                          "--- 127.0.0.1 ping statistics ---\n3 packets transmitted, 3 received, 0% packet loss, time 2043ms\n"
                          "rtt min/avg/max/mdev = 0.021/0.029/0.034/0.005 ms\n"))))
  (is (= {:sent 2 :received 2 :loss 0.0 :min 0.05 :avg 0.06 :max 0.07}
         (parse-ping (str "PING h (10.0.0.1): 56 data bytes\n\n--- h ping statistics ---\n"
                          "2 packets transmitted, 2 packets received, 0% packet loss\nround-trip min/avg/max = 0.050/0.060/0.070 ms\n"))))
  (is (= {:sent 4 :received 1 :loss 75.0 :min 1.0 :avg 1.0 :max 1.0}
         (parse-ping "4 packets transmitted, 1 received, +2 errors, 75% packet loss, time 3000ms\nrtt min/avg/max/mdev = 1.0/1.0/1.0/0.0 ms\n")))
  (is (thrown? Exception (parse-ping "nonsense"))))
