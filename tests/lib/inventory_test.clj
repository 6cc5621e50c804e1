(ns inventory-test
  (:require [clojure.string :as string]
            [clojure.test :refer [deftest is testing]]
            [re-mote.inventory :as inventory]
            [re-mote.inventory.ansible :as ansible]
            [reops.secrets :refer [reveal]]
            [reops.fs :as fs]))

(defn- with-file [name text f]
  (let [folder (fs/temp-dir)
        file (fs/join folder name)]
    (try
      (spit file text)
      (f file)
      (finally (fs/delete-tree folder)))))

(defn- read-text [name text] (with-file name text inventory/read-inventory))

(def ini "# comment
lone ansible_host=192.0.2.9

[web]
web[01:03].dc1 ansible_port=2222 rack=a
web09 ansible_user=\"deploy me\" # trailing
[db]
db-[a:c]
[db:vars]
ansible_user = postgres
backup = yes
[dc1:children]
web
db
[dc1:vars]
ansible_ssh_common_args='-o ProxyJump=bastion'
ansible_user=everyone
[all:vars]
everywhere=1
")

(deftest ansible-ini
  (let [{:keys [hosts groups]} (read-text "inventory" ini)]
    (is (= ["web01.dc1" "web02.dc1" "web03.dc1" "web09"] (groups "web")))
    (is (= ["web01.dc1" "web02.dc1" "web03.dc1" "web09" "db-a" "db-b" "db-c"] (groups "dc1")))
    (is (= ["lone"] (groups "ungrouped")))
    (is (= "lone" (first (groups "all"))))
    (testing "the deeper group's variables win, and a host's own over all"
      (is (= "postgres" (get-in hosts ["db-a" "ansible_user"])))
      (is (= "deploy me" (get-in hosts ["web09" "ansible_user"])))
      (is (= "everyone" (get-in hosts ["web01.dc1" "ansible_user"]))))
    (is (= {"everywhere" 1 "ansible_host" "192.0.2.9"} (hosts "lone")))
    (is (true? (get-in hosts ["db-b" "backup"])))
    (is (= {:port 2222 :user "everyone" :jump "bastion"} (ansible/connection "web01.dc1" (hosts "web01.dc1") "f")))
    (is (= {:address "192.0.2.9"} (ansible/connection "lone" (hosts "lone") "f")))))

(deftest selections
  (let [inv (read-text "inventory" ini)]
    (is (= ["web01.dc1" "web03.dc1" "web09"] (inventory/select inv "dc1:&web:!web02*")))
    (is (= ["lone" "db-a" "db-b" "db-c"] (inventory/select inv "~^db,lone")))
    (is (= ["lone" "db-a" "db-b" "db-c"] (inventory/select inv "!web")))
    (is (= ["web01.dc1" "web02.dc1"] (inventory/select inv "web[01-02].dc1")))
    (is (thrown-with-msg? Exception #"Neither a group nor a host .* is called nope" (inventory/select inv "nope")))
    (is (= "Did you mean `web09`?" (try (inventory/select inv "web08") (catch Exception e (:hint (ex-data e))))))))

(deftest edn
  (let [{:keys [hosts groups]} (read-text "fleet.edn" "{:web [\"web[1-2]\"] :db {:hosts {\"db1\" {:rack \"b\"}} :vars {:user \"x\"}} :all-of-it {:children [:web :db]}}")]
    (is (= ["web1" "web2" "db1"] (groups "all-of-it")))
    (is (= {"rack" "b" "user" "x"} (hosts "db1")))))

(deftest json-of-a-dynamic-inventory
  (let [{:keys [hosts groups]} (read-text "fleet.json" "{\"web\": {\"hosts\": [\"w1\"], \"vars\": {\"a\": 1}}, \"db\": [\"d1\"], \"_meta\": {\"hostvars\": {\"w1\": {\"b\": 2}}}}")]
    (is (= ["d1"] (groups "db")))
    (is (= {"a" 1 "b" 2} (hosts "w1")))))

(deftest a-program
  (let [folder (fs/temp-dir)
        file (fs/join folder "inventory")
        program (fn [text] (spit file (str "#!/bin/sh\n" text)) (fs/set-permissions file 0755) (inventory/read-inventory file))]
    (try
      (is (= ["w1"] (get-in (program "[ \"$1\" = --list ] && echo '{\"web\": [\"w1\"]}'") [:groups "web"])))
      (is (thrown-with-msg? Exception #"ended with exit code 3: why" (program "echo why >&2; exit 3")))
      (finally (fs/delete-tree folder)))))

(deftest variables-beside
  (let [folder (fs/temp-dir)
        put (fn [name text] (fs/mkdirs (fs/parent (fs/join folder name))) (spit (fs/join folder name) text))
        of (fn [host] (get-in (inventory/read-inventory (fs/join folder "hosts")) [:hosts host]))]
    (try
      (put "hosts" "[web]\nweb1 own=file\nweb2:2222\nweb[3:4]:23\n[db]\n2001:db8::7\n")
      (put "group_vars/all.yml" "---\nansible_user: ada\nlevel: all\n")
      (put "group_vars/web/main.yml" "level: web\nown: group\n")
      (put "group_vars/web/vault.yml" "$ANSIBLE_VAULT;1.1;AES256\n3333\n")
      (put "group_vars/web/plain.yml" "secret: !vault |\n  $ANSIBLE_VAULT;1.1\n  3333\n")
      (put "host_vars/web2.json" "{\"own\": \"host\"}")
      (is (= {"ansible_user" "ada" "level" "web" "own" "file"} (of "web1")))
      (is (= {"ansible_user" "ada" "level" "web" "own" "host" "ansible_port" 2222} (of "web2")))
      (is (= 23 (get (of "web4") "ansible_port")))
      (is (= {"ansible_user" "ada" "level" "all"} (of "2001:db8::7")))
      (put "group_vars/db.yml" "- no mapping\n")
      (is (thrown-with-msg? Exception #"group_vars/db.yml: variables are a mapping" (of "web1")))
      (finally (fs/delete-tree folder)))))

(deftest a-folder
  (let [folder (fs/temp-dir)
        put (fn [name text] (fs/mkdirs (fs/parent (fs/join folder name))) (spit (fs/join folder name) text) (fs/join folder name))]
    (try
      (put "01-web.yml" "web:\n  hosts:\n    web1: {rack: a, level: file}\n    web2: {}\n  vars: {tier: front}\n")
      (put "02-db" "[db]\ndb1\n[dc1:children]\nweb\ndb\n[web]\nweb3\nweb1 rack=b\n")
      (put "more/03.json" "{\"cache\": [\"c1\"]}")
      (put "group_vars/web.yml" "level: folder\n")
      (put "host_vars/db1.yml" "rack: z\n")
      (fs/set-permissions (put "ec2.py" "#!/bin/sh\necho '{\"cloud\": [\"e1\"]}'\n") 0755)
      ;; None of these is an inventory.
      (put "ec2.ini" "[ec2]\nregions = all\n")
      (put "README.md" "# hosts\n")
      (put "02-db~" "[db]\nold\n")
      (put ".hidden" "hidden\n")
      (let [{:keys [hosts groups source]} (inventory/read-inventory folder)]
        (is (= folder source))
        (is (= ["web1" "web2" "db1" "web3" "e1" "c1"] (groups "all")))
        (is (= ["web1" "web2" "web3"] (groups "web")))
        (is (= ["web1" "web2" "web3" "db1"] (groups "dc1")))
        (is (= ["e1"] (groups "cloud")))
        (is (= {"rack" "b" "level" "file" "tier" "front"} (hosts "web1")))
        (is (= {"level" "folder" "tier" "front"} (hosts "web2")))
        (is (= {"rack" "z"} (hosts "db1"))))
      (put "03-broken" "[web\n")
      (is (thrown-with-msg? Exception #"/03-broken:1: the section" (inventory/read-inventory folder)))
      (is (thrown-with-msg? Exception #"has no inventory in it" (inventory/read-inventory (fs/join folder "group_vars/none" (do (fs/mkdirs (fs/join folder "group_vars/none")) ".")))))
      (finally (fs/delete-tree folder)))))

(deftest a-command
  (is (= ["w1" "w2" "w3" "d1"] (get-in (inventory/read-inventory ["echo" "[\"w[1-3]\", \"d1\"]"]) [:groups "all"])))
  (let [{:keys [groups source]} (inventory/read-inventory ["echo" "{\"web\": {\"hosts\": [\"w1\"]}}"])]
    (is (= ["w1"] (groups "web")))
    (is (= "echo {\"web\": {\"hosts\": [\"w1\"]}}" source)))
  (is (thrown-with-msg? Exception #"ended with exit code 1" (inventory/read-inventory ["false"])))
  (is (thrown-with-msg? Exception #"^echo nonsense: " (inventory/read-inventory ["echo" "nonsense"]))))

(deftest passwords-do-not-show
  (let [{:keys [hosts]} (read-text "hosts" "[web]\nweb1 ansible_password=hunter2 ansible_become_pass=x rack=a\n")
        vars (hosts "web1")]
    (is (= "{\"ansible_become_pass\" #secret ansible_become_pass, \"ansible_password\" #secret ansible_password, \"rack\" \"a\"}"
           (pr-str (into (sorted-map) vars))))
    (is (= "hunter2" (reveal (vars "ansible_password"))))
    (is (= "{:password #secret password}" (pr-str (ansible/connection "web1" vars "f"))))
    (is (= "hunter2" (reveal (:password (ansible/connection "web1" vars "f")))))))

(deftest templates
  (let [of (fn [vars] (ansible/connection "web1" vars "f"))]
    (is (= {:address "web1.example.org" :user "ada"}
           (of {"ansible_host" "{{ inventory_hostname }}.{{domain}}" "domain" "example.{{ top }}" "top" "org" "ansible_user" "ada"})))
    (is (thrown-with-msg? Exception #"only \{\{ variable \}\} is followed" (of {"ansible_host" "{{ lookup('env', 'X') }}"})))
    (is (thrown-with-msg? Exception #"only \{\{ variable \}\} is followed" (of {"ansible_host" "{{ a }}" "a" "{{ a }}"})))))

(deftest plain-lines
  (is (= ["web1" "web2" "db1"] (get-in (read-text "hosts" "web[1-2]\ndb1 # the old one\n") [:groups "all"]))))

(deftest what-is-wrong-is-named
  (doseq [[text message] {"[web\nx\n" #":1: the section \[web does not end"
                          "[web:nonsense]\n" #":1: a section is"
                          "[web]\nx y\n" #":2: found \"y\" where a variable"
                          "[web]\nx=\n[web" #":3: the section \[web does not end"
                          "[a:children]\nb\n[b:children]\na\n" #"contain each other in a circle"}]
    (is (thrown-with-msg? Exception message (read-text "inventory" text))))
  (doseq [[name text] {"a.yml" "a: [1" "a.json" "{" "a.edn" "{:a"}]
    (is (thrown-with-msg? Exception (re-pattern (str "/" name ": ")) (read-text name text))))
  (is (thrown-with-msg? Exception #"There is no inventory" (inventory/read-inventory "/nonexistent/inventory")))
  (is (thrown-with-msg? Exception #"not followed: -o Foo=1" (ansible/connection "h" {"ansible_ssh_common_args" "-o Foo=1"} "f")))
  (is (thrown-with-msg? Exception #"only ssh is followed" (ansible/connection "h" {"ansible_connection" "winrm"} "f"))))
