(ns targets-test
  (:require [clojure.test :refer [deftest is]]
            [re-mote.repl.base :refer [hosts variables]]
            [re-mote.targets :as targets :refer [hosts-common hosts-except hosts-union]]
            [reops.fs :as fs]))

(defn- with-inventory [f]
  (let [folder (fs/temp-dir)
        file (fs/join folder "inventory.ini")]
    (try
      (spit file "[web]\nweb[1:3] rack=a\nweb9 ansible_port=2222\n[db]\ndb1 ansible_user=postgres\n")
      (f file)
      (finally (fs/delete-tree folder)))))

(deftest of-an-inventory
  (with-inventory
    (fn [file]
      (let [hs (targets/inventory file "web:!web2")]
        (is (= ["web1" "web3" "web9"] (:hosts hs)))
        (is (= 2222 (get-in hs [:auth :hosts "web9" :port])))
        (is (= {"host" "web1" "rack" "a"} (variables hs "web1"))))
      (is (= 5 (count (:hosts (targets/inventory file)))))
      (let [hs (targets/hosts-in file "db1,x")]
        (is (= ["db1" "x"] (:hosts hs)))
        (is (= {"db1" {:user "postgres" :vars {"ansible_user" "postgres"}}} (get-in hs [:auth :hosts])))))))

(deftest more-said-of-all
  (let [hs (targets/hosts-with (hosts "web[1-2]" {:user "ada" :hosts {"web1" {:port 7}}}) {:port 22 :password "x"})]
    (is (= {:user "ada" :port 22 :hosts {"web1" {:port 7}}} (dissoc (:auth hs) :password)))
    (is (= "#secret password" (pr-str (:password (:auth hs)))))))

(deftest passwords-do-not-show
  (is (= "{:password #secret password, :hosts {\"a\" {:password #secret password}}}"
         (pr-str (:auth (hosts ["a"] {:password "x" :hosts {"a" {:password "y"}}})))))
  (is (= :ask (:password (:auth (hosts ["a"] {:password :ask}))))))

(deftest sets
  (let [a (hosts "web[1-3]" {:user "admin"}) b (hosts ["web3" "db1"] {:hosts {"db1" {:port 7}}})]
    (is (= ["web1" "web2" "web3" "db1"] (:hosts (hosts-union a b))))
    (is (= {"web1" {:user "admin"} "web2" {:user "admin"} "web3" {:user "admin"} "db1" {:port 7}} (:hosts (:auth (hosts-union a b)))))
    (is (= ["web3"] (:hosts (hosts-common a b))))
    (is (= ["web1" "web2"] (:hosts (hosts-except a b))))
    (is (= ["web2"] (:hosts (hosts-except a ["web1" "web3"]))))
    (is (= ["web2"] (:hosts (hosts-except a "web1,*3"))))
    (is (= ["web2"] (:hosts (hosts-common a "~[2]$,db[1-4]"))))
    (is (= {:user "admin"} (:auth (hosts-except a "web1"))))))
