(ns ansi-test
  "reops.ansi."
  (:require [clojure.test :refer [deftest is]]
            [reops.ansi :as ansi]
            [reops.process :as process]))

(deftest styled-when-enabled
  (binding [ansi/*enabled* true]
    (is (= "\u001b[1;31mfailed\u001b[0m" (ansi/style "failed" :bold :red)))
    (is (= "plain" (ansi/style "plain"))))
  (binding [ansi/*enabled* false]
    (is (= "failed" (ansi/style "failed" :bold :red)))
    (is (thrown-with-msg? Exception #"There is no style :pink" (ansi/style "x" :pink)) "a wrong name is an error everywhere")))

(deftest off-where-nobody-sees-it
  (is (= "x" (with-out-str (print (ansi/style "x" :red)))) "a string is no terminal"))

(deftest the-environment-decides
  (let [run (fn [env] (process/output ["/proc/self/exe" "-e" "(require '[reops.ansi :as a]) (print (a/enabled?))"]
                                      {:env (merge {:NO_COLOR nil :CLICOLOR_FORCE nil :TERM "xterm"} env)}))]
    (is (= "false" (run {})) "a pipe is no terminal")
    (is (= "true" (run {:CLICOLOR_FORCE "1"})))
    (is (= "false" (run {:CLICOLOR_FORCE "1" :NO_COLOR "1"})))))

(deftest stripping
  (binding [ansi/*enabled* true]
    (is (= "a failed b" (ansi/strip (str "a " (ansi/style "failed" :bold :on-red) " b"))))
    (is (= "link" (ansi/strip "\u001b]8;;http://x\u001b\\link\u001b]8;;\u0007")))
    (is (= 4 (ansi/visible-width (ansi/style "wörd" :green))))))
