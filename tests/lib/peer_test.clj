(ns peer-test
  (:require [clojure.string :as str]
            [clojure.test :refer [deftest is]]
            [reops.peer :as peer]
            [reops.process :as process]))

(deftest a-script-asks-as-the-user-that-it-runs-as
  (let [{:keys [user uid pid kind] :as found} (peer/peer)]
    (is (= :script kind))
    (is (contains? found :tty))
    (is (= user (str/trim (:out (process/check ["id" "-un"])))))
    (is (= (str uid) (str/trim (:out (process/check ["id" "-u"])))))
    (is (pos? pid))))

(deftest whoever-else-asks-is-known-in-futures-too
  (binding [peer/*peer* {:user "ann" :kind :prompt}]
    (is (= "ann" (:user @(future (peer/peer)))))))
