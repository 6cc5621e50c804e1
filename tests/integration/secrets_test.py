#!/usr/bin/env python3
"""Secrets as people have them: asked for once and unseen, used on real hosts, unlocked for `reops serve` by a key file, a credential or
somebody at another prompt; and in clear text nowhere: no file, no list of processes, no output. Takes about fifteen seconds.
"""

import hashlib
import os
import stat
import subprocess
import time
import unittest

from fleet import Fleet
from session import CRASH, DEADLINE, REOPS, Home, Terminal, run, wait_until

PASSPHRASE = "correct horse battery"
CLEAR = "hunter2-λ-'quoted'-$HOME"
HASH = hashlib.sha256(CLEAR.encode()).hexdigest()

STEP = """(do (def used [{:step :use :run (fn [{:keys [options]}] {:length (count (reveal (:password options)))})}])
              (workflow "used" #'used))"""
MAKE = "@(create fake defaults small :redis (delays 0))"
SCHEDULE = '(schedule {:options {:password (secret :db)}} "used" (:systems (second (ls systems))))'


class Secrets(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.processes = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for process in self.processes:
            process.kill()
            process.wait()
            process.stdout.close()

    def forms(self, *forms, stdin="", code=0, **environment):
        words = [word for form in forms for word in ("-e", form)]
        result = run(*words, stdin=stdin, home=self.home, **environment)
        self.assertEqual(code, result.code, result)
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        return result

    def keep(self):
        """Makes the file of secrets, with one."""
        self.forms("(set-secret :db)", stdin=f"{PASSPHRASE}\n{CLEAR}\n")

    def serve(self, **environment):
        process = subprocess.Popen([REOPS, "serve"], env=self.home.environment(**environment), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.processes.append(process)
        said = ""
        until = time.monotonic() + DEADLINE
        while "nREPL server started" not in said and time.monotonic() < until:
            line = process.stdout.readline()
            self.assertTrue(line, said)
            said += line
        return said

    def nowhere(self, *texts):
        """No file below the home holds it, nor do these texts."""
        for path in self.home.path.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                for clear in (CLEAR, PASSPHRASE, CLEAR.encode("unicode_escape").decode()):
                    if path.name not in ("key", "reops.secrets"):
                        self.assertNotIn(clear.encode(), data, path)
        for text in texts:
            self.assertNotIn(CLEAR, text)

    def test_asked_for_once_and_unseen(self):
        with Terminal() as terminal:
            terminal.answers()
            terminal.type("(set-secret :db)\r")
            terminal.wait_for("Passphrase for the file of secrets")
            terminal.type(PASSPHRASE + "\r")
            terminal.wait_for("Once more")
            terminal.type(PASSPHRASE + "\r")
            terminal.wait_for("Value of :db")
            terminal.type(CLEAR + "\r")
            terminal.wait_for("#secret :db")
            terminal.type("(lock)\r")
            terminal.type('(count (reveal (secret :db)))\r')
            terminal.wait_for("Passphrase for the file of secrets")
            terminal.type(PASSPHRASE + "\r")
            terminal.wait_for(str(len(CLEAR)))
            terminal.type("[:again (reveal (secret :dbb))]\r")
            terminal.wait_for("Did you mean :db")
            terminal.answers()
            said = terminal.said.decode("utf-8", "replace")
            self.assertNotIn(CLEAR, said)
            self.assertNotIn(PASSPHRASE, said)
            path = terminal.home.path / "data" / "secrets"
            self.assertEqual(0o600, stat.S_IMODE(os.stat(path).st_mode))
            self.home, home = terminal.home, self.home
            self.nowhere()
            self.home = home

    def test_used_on_hosts_and_seen_nowhere_there(self):
        self.keep()
        fleet = Fleet(hosts="web1 web2", refusing="", down="")
        self.addCleanup(fleet.stop)
        # What a host says of all its processes while the command runs (some end meanwhile), and of what it was given.
        command = "(printf %s \\\"$DB\\\" | sha256sum; printf %s \\\"$DB\\\" | wc -c; cat; for p in /proc/[0-9]*; do tr '\\\\0' ' ' <$p/cmdline; done 2>/dev/null; :)"
        form = (f'(let [[_ r] (exec (hosts "web[1-2]") "{command}" {{:env {{"DB" (secret :db) "PLAIN" "x"}} :stdin "the rest"}})] '
                "(doseq [e (:successful r)] (println (:out (:result e)))) (prn (:failure r)))")
        result = self.forms("(unlock)", form, stdin=PASSPHRASE + "\n", **fleet.environment())
        self.assertEqual(2, result.out.count(HASH), result)
        self.assertEqual(2, result.out.count(f"{len(CLEAR.encode())}\nthe rest"), result)
        self.assertIn("sha256sum", result.out)
        self.nowhere(result.out, result.err)
        # A host that says it: what is kept of that does not.
        form = '(exec (hosts "web[1-2]") "echo it is $DB" {:env {"DB" (secret :db)}})'
        self.assertIn(CLEAR, self.forms("(unlock)", f"(println (second {form}))", stdin=PASSPHRASE + "\n", **fleet.environment()).out)
        kept = self.forms("(runs)", "(prn (runs 9 :print? false))", "(prn (result 1))", "(prn (run-of 1))", "(audit)")
        self.assertIn("it is ***", kept.out)
        self.nowhere(kept.out, kept.err)
        # As the whole input; and never through a terminal, which would echo it.
        form = '(let [[_ r] (exec (hosts "web1") "sha256sum" {:stdin (secret :db)})] (println (:out (:result (first (:successful r))))))'
        self.assertIn(HASH, self.forms("(unlock)", form, stdin=PASSPHRASE + "\n", **fleet.environment()).out)
        form = '(let [[_ r] (exec (hosts "web1") "cat" {:stdin (secret :db) :pty true})] (println (:message (:error (first (:failure r))))))'
        self.assertIn("a terminal (:pty) echoes", self.forms("(unlock)", form, stdin=PASSPHRASE + "\n", **fleet.environment()).out)

    def test_serve_waits_for_somebody_to_unlock(self):
        self.keep()
        self.home.write("config/init.clj", STEP)
        self.home.write("config/config.edn", "{:my/password #secret :db}")
        said = self.serve()
        self.assertIn("Secrets: locked", said)
        self.forms(STEP, MAKE, SCHEDULE)
        state = '(println (map (juxt :state :message) (filter (comp #{"used"} :topic) (jobs 5 :print? false))))'
        waits = "([:locked it needs the secret :db, and secrets are locked: (unlock)])"
        wait_until(lambda: waits in self.forms(state).out)
        wrong = self.forms("(unlock)", stdin="wrong\n", code=1)
        self.assertIn("secrets/passphrase", wrong.err)
        unlocked = self.forms("(unlock)", stdin=PASSPHRASE + "\n")
        wait_until(lambda: ":done" in self.forms(state).out)
        shown = self.forms('(prn (:result (first (jobs 1 :print? false))) (config :my/password))', "(jobs)", "(prn (jobs 9 :print? false))")
        self.assertIn(f"{{:length {len(CLEAR)}}} #secret :db", shown.out)
        self.nowhere(unlocked.out, shown.out)

    def test_serve_unlocks_by_a_key_file_or_a_credential(self):
        self.keep()
        self.home.write("config/init.clj", STEP)
        key = self.home.write("key", PASSPHRASE + "\n")
        os.chmod(key, 0o644)
        self.home.write("config/config.edn", f'{{:secrets {{:key-file "{key}"}}}}')
        self.assertIn("may be read by others", self.serve())
        self.end_all()
        self.processes = []
        os.chmod(key, 0o600)
        self.assertIn(f"Secrets: unlocked by {key}", self.serve())
        length = f'(prn (:result (first (:successful (:results (re-core.queue/results {SCHEDULE}))))))'
        self.assertIn(f":length {len(CLEAR)}", self.forms(STEP, MAKE, length).out)
        self.end_all()
        self.processes = []
        key.write_text("another passphrase\n")
        self.assertIn("their key file cannot be used: The passphrase is not that", self.serve())
        self.forms(STEP, SCHEDULE)
        state = '(println (map :state (filter (comp #{"used"} :topic) (jobs 1 :print? false))))'
        wait_until(lambda: "(:locked)" in self.forms(state).out)
        unlocked = self.forms("(unlock)", stdin=PASSPHRASE + "\n")
        self.assertIn("The passphrase is not that", unlocked.err)
        wait_until(lambda: "(:done)" in self.forms(state).out)
        self.end_all()
        self.processes = []
        (self.home.path / "config/config.edn").unlink()
        credential = self.home.write("credentials/reops.secrets", PASSPHRASE)
        said = self.serve(CREDENTIALS_DIRECTORY=str(credential.parent))
        self.assertIn(f"Secrets: unlocked by {credential}", said)
        self.nowhere(said)

    def test_with_a_key_file_no_passphrase_is_ever_asked_for(self):
        key = self.home.write("key", "0f" * 32 + "\n")
        os.chmod(key, 0o600)
        self.home.write("config/config.edn", f'{{:secrets {{:key-file "{key}"}}}}')
        self.forms("(set-secret :db)", stdin=CLEAR + "\n")
        self.home.write("ca.key", "line one\nline two\n")
        self.forms(f'(set-secret :ca {{:file "{self.home.path}/ca.key"}})')
        self.assertIn(f"[:ca :db] {len(CLEAR)} line one\nline two|",
                      self.forms('(println (secrets) (count (reveal (secret :db))) (str (reveal (secret :ca)) "|"))').out)
        self.forms("(remove-secret :ca)")
        missing = self.forms("(reveal (secret :ca))", code=1)
        self.assertIn("There is no secret :ca", missing.err)
        key.unlink()
        self.assertIn("secrets/not-found", self.forms("(reveal (secret :db))", code=1).err)
        self.nowhere()

    def test_no_process_is_given_it_as_an_argument(self):
        self.keep()
        form = """(do (unlock)
                      (require '[reops.process :as p])
                      (println (:out (p/run ["sh" "-c" "printf %s \\"$V\\" | sha256sum; for p in /proc/[0-9]*; do tr '\\\\0' ' ' <$p/cmdline; done 2>/dev/null"]
                                            {:env {"V" (secret :db)}}))))"""
        result = self.forms(form, stdin=PASSPHRASE + "\n")
        self.assertIn(HASH, result.out)
        self.nowhere(result.out)


if __name__ == "__main__":
    unittest.main()
