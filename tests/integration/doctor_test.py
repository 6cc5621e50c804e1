#!/usr/bin/env python3
"""`reops doctor` on machines where something is missing: each finding says what, why it matters and what to type. Takes a few seconds."""

import json
import os
import signal
import subprocess
import unittest
from pathlib import Path

from session import CRASH, DEADLINE, REOPS, Home, run, wait_until


class Doctor(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.home.write(".ssh/id_ed25519", "a key")
        os.chmod(self.home.path / ".ssh/id_ed25519", 0o600)
        self.home.write(".ssh/known_hosts", "")

    def findings(self, code, **environment):
        """What it finds, by check; a check that finds several has the last of them."""
        result = run("doctor", "--json", home=self.home, **{"SSH_AUTH_SOCK": "", **environment})
        self.assertEqual(code, result.code, result)
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        found = json.loads(result.out)
        for finding in found:
            self.assertIn(finding["state"], ("good", "poor", "bad"))
            self.assertTrue(finding["what"])
            if finding["state"] != "good":
                self.assertTrue(finding["why"], finding)
                self.assertTrue(finding["mend"], finding)
        return {finding["check"]: finding for finding in found}

    def is_bad(self, check, words, **environment):
        found = self.findings(1, **environment)[check]
        self.assertEqual("bad", found["state"], found)
        self.assertIn(words, found["what"])

    def forms(self, *forms, stdin=""):
        result = run(*[word for form in forms for word in ("-e", form)], home=self.home, stdin=stdin)
        self.assertEqual(0, result.code, result)

    def test_a_machine_on_which_nothing_was_done_yet(self):
        found = self.findings(0)
        self.assertEqual("good", found["store"]["state"])
        self.assertIn("id_ed25519", found["ssh-keys"]["what"])
        self.assertFalse((self.home.path / "data").exists(), "looking makes nothing")
        self.assertEqual({"folders", "configuration", "secrets", "disk", "store", "modules", "ssh-agent", "ssh-keys", "known-hosts",
                          "ssh-configuration", "descriptors", "memory", "clock", "locale", "tools"}, set(found))

    def test_as_text(self):
        result = run("doctor", home=self.home, SSH_AUTH_SOCK="")
        self.assertEqual(0, result.code, result)
        self.assertIn("✔ configuration: none, everything has its default\n", result.out)
        self.assertIn("! no ssh-agent\n    keys with a passphrase are asked for by every program\n    → eval $(ssh-agent); ssh-add\n", result.out)
        self.assertEqual(2, run("doctor", "web1", home=self.home).code)

    def test_what_is_wrong(self):
        self.forms("(add fake defaults small :redis)", "(set-secret :x)", stdin="passphrase\nvalue\n")
        self.assertIn("sound", self.findings(0)["store"]["what"])
        self.is_bad("ssh-agent", "no ssh-agent answers at /nowhere", SSH_AUTH_SOCK="/nowhere")
        secrets = self.home.path / "data/secrets"
        os.chmod(secrets, 0o644)
        self.is_bad("secrets", "is open to others: rw-r--r--")
        os.chmod(secrets, 0o600)
        os.chmod(self.home.path / ".ssh/id_ed25519", 0o644)
        self.is_bad("ssh-keys", "private keys are open to others")
        os.chmod(self.home.path / ".ssh/id_ed25519", 0o600)
        config = self.home.write("config/config.edn", "{:ssh {:fanout 0}}")
        self.is_bad("configuration", ":1:16: [:ssh :fanout] is 0")
        config.unlink()
        self.home.write(".ssh/config", "Host web1\n  PermitLocalCommand yes\n  LocalCommand true\n")
        os.chmod(self.home.path / ".ssh/config", 0o600)
        found = self.findings(0)["ssh-configuration"]
        self.assertEqual(("poor", True), (found["state"], "not supported" in found["what"]), found)
        store = self.home.path / "data/reops.db"
        store.write_bytes(b"this is no store at all" * 100)
        for more in ("reops.db-wal", "reops.db-shm"):
            (store.parent / more).unlink(missing_ok=True)
        self.is_bad("store", "reops.db")

    def test_a_controller_that_does_not_answer(self):
        form = "(do (re-core.controller/become) (println :owner) (flush) (deref (promise)))"
        process = subprocess.Popen([REOPS, "-e", form], env=self.home.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(":owner\n", process.stdout.readline())
            self.assertIn(f"process {process.pid}, answers", self.findings(0)["controller"]["what"])
            process.send_signal(signal.SIGSTOP)
            wait_until(lambda: Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T")
            self.is_bad("controller", "does not answer")
        finally:
            process.kill()
            process.wait(DEADLINE)
            process.stdout.close()

    def test_few_descriptors(self):
        limited = subprocess.run(["sh", "-c", f"ulimit -n 256; exec {REOPS} doctor --json"], env=self.home.environment(SSH_AUTH_SOCK=""),
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE)
        found = [f for f in json.loads(limited.stdout) if f["check"] == "descriptors"]
        self.assertIn("42 hosts at a time", found[0]["what"])

    def test_checks_of_ones_own(self):
        form = """(do (add-check :mine (fn [] [{:state :good :what "one"} {:state :bad :what "two" :why "w" :mend "m"}]))
                      (add-check :broken (fn [] (throw (ex-info "lost" {:hint "look"}))))
                      (prn (map (juxt :check :state :what :mend) (filter (comp #{:mine :broken} :check) (doctor :print? false)))))"""
        result = run("-e", form, home=self.home)
        self.assertIn('([:mine :good "one" nil] [:mine :bad "two" "m"] [:broken :bad "lost" "look"])', result.out, result)
        self.home.write("config/init.clj", '(println "loud") (add-check :mine (fn [] {:state :bad :what "two" :why "w" :mend "m"}))')
        self.is_bad("mine", "two")
        self.home.write("config/init.clj", "(nonsense)")
        self.is_bad("init", "Unresolved symbol: nonsense")


if __name__ == "__main__":
    unittest.main()
