#!/usr/bin/env python3
"""Targets from files and programs, on the command line: inventories that are folders, variables that ansible-vault has encrypted, the
hosts of ssh's configuration. Nothing is connected to, but for one host that a password of the vault concerns. Takes five seconds.
"""

import os
import unittest

from fleet import Fleet
from session import CRASH, Home, Terminal, run

PASSWORD = "open sesame"
# Made by ansible-vault 2.14: "ldap_password: hunter2 λ", "ansible_user: ada"; and "s3cret".
FILE = """\
$ANSIBLE_VAULT;1.1;AES256
36666536656631346430303035393937666437613436396434646363343931316430636137623161
6538633035313662396537323039393436653561366262330a623435343132666362313331333261
64383838373332393164323338353938653464343966626533636132646463373562663932366630
6265326262663731390a653135626631303661393665366661323666336238623933303263663639
63613261353637303130653664383364366363643166613166383234306134393833383937626165
3333353732643735663965373833626131633964306439356136
"""
STRING = """\
db_password: !vault |
          $ANSIBLE_VAULT;1.1;AES256
          35616332316537323830323362666162396366633839623761373061613166393639656531393232
          6531396264646438383030386230373631643064363261390a366134376533623666303430393433
          66386136653639633933333533623331346462656631633834396534666565323332626139323062
          3238336362383636610a373762643338306433663337626437353665653134396563623833383730
          3464
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)

    def reops(self, *args, password_file=None, **environment):
        result = run(*args, home=self.home, **{"ANSIBLE_VAULT_PASSWORD_FILE": str(password_file or ""), "SSH_AUTH_SOCK": "", **environment})
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        self.assertNotIn("hunter2", result.out + result.err)
        self.assertNotIn(PASSWORD, result.out + result.err)
        return result


class Vault(Case):
    def setUp(self):
        super().setUp()
        self.home.write("inv/hosts.ini", "[web]\nweb1\nweb2\n")
        self.home.write("inv/group_vars/all/vault.yml", FILE)
        self.home.write("inv/group_vars/web.yml", "rack: a\n" + STRING + "\n")
        self.inventory = str(self.home.path / "inv")
        self.password = self.home.write("password", PASSWORD + "\n")

    def value(self, form, **options):
        return self.reops("-e", f'(let [hs (inventory "{self.inventory}")] {form})', **options)

    def test_with_the_password_in_a_file(self):
        result = self.value('(prn (into (sorted-map) (variables hs "web1")) (:user (get-in hs [:auth :hosts "web1"])))', password_file=self.password)
        self.assertEqual('{"ansible_user" #secret ansible_user, "db_password" #secret db_password, "host" "web1", '
                         '"ldap_password" #secret ldap_password, "rack" "a"} "ada"\n', result.out)
        result = self.value('(println (map int (subs (reveal (get (variables hs "web1") "ldap_password")) 5)) '
                            '(count (reveal (get (variables hs "web1") "db_password"))))', password_file=self.password)
        self.assertEqual("(114 50 32 955) 6\n", result.out)

    def test_a_program_gives_the_password(self):
        program = self.home.write("ask", f"#!/bin/sh\necho '{PASSWORD}'\n")
        os.chmod(program, 0o755)
        self.assertEqual("6\n", self.value('(println (count (reveal (get (variables hs "web2") "db_password"))))', password_file=program).out)
        program.write_text("#!/bin/sh\necho no >&2; exit 3\n")
        self.assertRegex(self.value("1", password_file=program).err, r"ended with exit code 3: no")

    def test_without_a_password_it_is_left_out(self):
        result = self.value('(prn (variables hs "web1") (get-in hs [:auth :hosts "web1" :user]))')
        self.assertEqual('{"host" "web1", "rack" "a"} nil\n', result.out)

    def test_a_wrong_password_and_a_damaged_file(self):
        wrong = self.home.write("wrong", "abracadabra\n")
        result = self.value("1", password_file=wrong)
        self.assertRegex(result.err, r"vault.yml: the vault password is not the right one, or the text was changed")
        self.assertNotIn("abracadabra", result.err)
        self.home.write("inv/group_vars/all/vault.yml", FILE.replace("3", "4", 1))
        self.assertRegex(self.value("1", password_file=self.password).err, r"vault.yml: .*(the text was changed|is damaged)")
        self.home.write("inv/group_vars/all/vault.yml", FILE.replace("AES256", "AES"))
        self.assertRegex(self.value("1", password_file=self.password).err, r"encrypted as 1.1;AES, and only")
        self.assertRegex(self.value("1", password_file="/nonexistent/password").err, r"/nonexistent/password, which cannot be read")

    def test_it_is_asked_for_once(self):
        form = (f'(do (prn (count (reveal (get (variables (inventory "{self.inventory}") "web1") "db_password")))) '
                f'(prn (count (:hosts (inventory "{self.inventory}")))) (println "that was all") nil)')
        with Terminal("-e", form, TERM="xterm", ANSIBLE_VAULT_PASSWORD_FILE="") as terminal:
            terminal.wait_for(r"Vault password \(for .*; none leaves it out\): ")
            terminal.type(PASSWORD + "\r")
            self.assertNotIn("Vault password", terminal.wait_for(r"that was all"))
            self.assertNotIn(PASSWORD, terminal.said.decode())
            self.assertEqual(0, terminal.wait())

    def test_it_goes_into_no_output_and_no_command(self):
        result = self.reops("hosts", "-i", self.inventory, "--json", password_file=self.password)
        self.assertEqual(0, result.code, result)
        self.assertIn('"#secret ldap_password"', result.out)
        fleet = Fleet(hosts="web1 web2", refusing="", down="")
        self.addCleanup(fleet.stop)
        # The vault's user is none of this machine's.
        self.home.write("inv/group_vars/web.yml", f"ansible_user: {fleet.user}\n" + STRING + "\n")
        result = self.value('(run (exec hs (per-host "echo {{db_password}}")) | (pretty))', password_file=self.password, **fleet.environment())
        self.assertRegex(result.out, r"x web\[1-2\] \(2 hosts\) - -1, .*db_password is a secret, and a command is seen|db_password is a secret")
        result = self.value('(run (exec hs "wc -c" {:stdin (per-host "{{{db_password}}}")}) | (pretty))',
                            password_file=self.password, **fleet.environment())
        self.assertRegex(result.out, r"✔ web\[1-2\] \(2 hosts\) 6\n")


class Targets(Case):
    def test_a_folder(self):
        self.home.write("inv/a.yml", "web:\n  hosts:\n    web1: {ansible_host: 192.0.2.7}\n")
        self.home.write("inv/b", "[web]\nweb2\n[db]\ndb1\n")
        self.assertEqual("web1\nweb2\n", self.reops("hosts", "-i", str(self.home.path / "inv"), "-g", "web").out)

    def test_the_hosts_of_the_ssh_configuration(self):
        more = self.home.write("more", "Host db1 db2\n Port 2222\n")
        config = self.home.write("ssh_config", f"Host web1 web2 !web9\n User ada\nHost web*\n Port 22\nInclude {more}\nMatch host x\n User y\nHost web1 last\n")
        os.chmod(config, 0o600)
        os.chmod(more, 0o600)
        environment = {"REOPS_SSH_CONFIG": str(config)}
        self.assertEqual('["web1" "web2" "db1" "db2" "last"]\n', self.reops("-e", "(prn (:hosts (ssh-hosts)))", **environment).out)
        self.assertEqual("web1\nweb2\n", self.reops("hosts", "-H", "web*", **environment).out)
        self.assertEqual("other\ndb1\ndb2\n", self.reops("hosts", "-H", "other,db?", **environment).out)
        self.assertEqual('(run! println (:hosts (hosts-union (hosts "a,b") (ssh-hosts "web*"))))\n',
                         self.reops("hosts", "-H", "a,b,web*", "--form", **environment).out)
        self.assertRegex(self.reops("hosts", "-H", "nothing*", **environment).err, r"No hosts are left")


if __name__ == "__main__":
    unittest.main()
