(ns process-test
  (:require [clojure.string :as string]
            [clojure.test :refer [deftest is]]
            [reops.fs :as fs]
            [reops.process :as process]))

(deftest run-answers-what-happened
  (is (= {:exit 0 :out "a b|$HOME|" :err ""} (process/run ["printf" "%s|" "a b" "$HOME"])))
  (is (= {:exit 3 :out "" :err "no\n"} (process/run ["sh" "-c" "echo no >&2; exit 3"])))
  (is (= "HELLO" (:out (process/run ["tr" "a-z" "A-Z"] {:in "hello"}))))
  (is (= "5\n" (:out (process/run ["echo" 5]))))
  (is (:timed-out (process/run ["sleep" "600"] {:timeout-ms 20})))
  (is (thrown-with-msg? java.io.IOException #"no-such-program" (process/run ["no-such-program"])))
  (is (thrown? IllegalArgumentException (process/run "ls -la")))
  (is (thrown-with-msg? IllegalArgumentException #":tiemout" (process/run ["true"] {:tiemout 1}))))

(deftest check-fails-with-the-answer-as-data
  (is (= 0 (:exit (process/check ["true"]))))
  (let [error (is (thrown? Exception (process/check ["sh" "-c" "echo first >&2; echo broken >&2; exit 4"])))]
    (is (= "sh failed with exit code 4: broken" (ex-message error)))
    (is (= {:type :process/failed :exit 4} (select-keys (ex-data error) [:type :exit]))))
  (is (thrown-with-msg? Exception #"ended after 20 ms" (process/check ["sleep" "600"] {:timeout-ms 20})))
  (is (thrown-with-msg? Exception #"exit code 1$" (process/check ["false"] {:bytes true}))))

(deftest output-is-text-without-its-last-newline
  (is (= "a\nb" (process/output ["printf" "a\\nb\\n"])))
  (is (= "" (process/output ["true"])))
  (is (thrown? Exception (process/output ["false"]))))

(deftest shell-and-sh
  (is (= "3\n" (:out (process/shell "printf 'a\\nb\\nc\\n' | wc -l | tr -d ' '"))))
  (is (= "$(x); *\n" (:out (process/shell "echo \"$WORD\"" {:env {:WORD "$(x); *"}}))))
  (is (= "in" (:out (process/sh "cat" :in "in"))))
  (is (= "/\n" (:out (process/sh "pwd" :dir "/")))))

(deftest a-cancelled-future-ends-its-program
  (fs/with-temp-dir [dir]
    (let [pid-file (fs/join dir "pid")
          running (future (process/run ["sh" "-c" "echo $$ > new; mv new pid; exec sleep 600"] {:dir dir}))
          wait-until (fn [ready?]
                       (loop [looks 2000]
                         (or (ready?) (when (pos? looks) (Thread/sleep 5) (recur (dec looks))))))]
      (is (wait-until #(fs/exists? pid-file)))
      (future-cancel running)
      (let [pid (string/trim (slurp pid-file))]
        (is (wait-until #(not (fs/exists? (str "/proc/" pid)))) "the program is gone")))))

(deftest temporary-folders-go-when-their-scope-ends
  (let [seen (atom nil)]
    (is (= "text" (fs/with-temp-dir [dir "process-test-"]
                    (reset! seen dir)
                    (spit (fs/join dir "file") "text")
                    (slurp (first (fs/list-dir dir))))))
    (is (string/starts-with? (fs/file-name @seen) "process-test-"))
    (is (not (fs/exists? @seen)))
    (is (thrown? ArithmeticException (fs/with-temp-dir [dir] (reset! seen dir) (/ 1 0))))
    (is (not (fs/exists? @seen)))))

(deftest a-tree-names-everything-below
  (fs/with-temp-dir [dir]
    (fs/mkdirs (fs/join dir "a" "b"))
    (spit (fs/join dir "a" "b" "c.txt") "")
    (fs/create-link (fs/join dir "loop") dir)
    (is (= ["." "a" "a/b" "a/b/c.txt" "loop"]
           (map #(if (= % dir) "." (subs % (inc (count dir)))) (fs/tree dir))))))

(deftest errors-of-files-carry-their-path
  (let [error (is (thrown? java.io.FileNotFoundException (fs/size "/no/such/file")))]
    (is (= {:type :file/not-found :path "/no/such/file" :errno "ENOENT"} (ex-data error)))))
