#!/usr/bin/env python3
"""The history that several processes write: reops exec, scripts, a prompt; and where nothing can be written. Takes about five seconds."""

import os
import re
import subprocess
import unittest

from fleet import Fleet
from session import CRASH, REOPS, Home, run

fleet = None


def setUpModule():
    global fleet
    fleet = Fleet()
    unittest.addModuleCleanup(fleet.stop)


class History(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)

    def reops(self, *args, **environment):
        result = run(*args, home=self.home, **{**fleet.environment(), **environment})
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        return result

    def value(self, form):
        result = self.reops("-e", f"(prn {form})")
        self.assertEqual(0, result.code, result)
        return result.out.strip()

    def test_exec_and_scripts_are_in_it(self):
        self.reops("exec", "-H", "web1,db1", "--", "echo", "hello")
        self.reops(self.home.write("ops.clj", '(run (exec (hosts "web2") "uptime") | (pretty))'))
        self.assertEqual('([:exec 2 1] [:script 1 0])',
                         self.value("(map (juxt (comp :kind :peer) :hosts :failed) (rseq (runs 9 :print? false)))"))
        self.assertEqual('["hello\\n"]', self.value("(mapv (comp :out :result) (:successful (second (result 2))))"))
        self.assertEqual('["db1"]', self.value("(:hosts (failed-of 2))"))
        self.assertEqual("{:sound true, :entries 2}", self.value("(dissoc (verify-audit) :hash)"))

    def test_a_run_of_another_process_again(self):
        self.reops("exec", "-H", "web[1-2]", "--", "echo", "hello")
        again = self.reops("-e", "(rerun 1)")
        self.assertIn("web2: hello", again.out, again)
        self.assertEqual("(2 2)", self.value("(map :hosts (runs 9 :print? false))"))

    def test_only_the_failed_ones_again(self):
        self.reops("exec", "-H", "web1,web3", "--", "true")
        self.assertEqual('[("web1" "web3") ["web3"] 1]', self.value(
            "(let [[_ results] (rerun-failed 1)] [(map :host (mapcat results [:successful :failure])) (:hosts (failed-of 1)) (:hosts (run-of 1))])"))

    def test_many_at_once(self):
        """Twelve processes that make the store, and write into it, at the same time."""
        environment = self.home.environment(**fleet.environment())
        started = [subprocess.Popen([REOPS, "exec", "-H", "web1", "--", "echo", str(n)], env=environment, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE) for n in range(12)]
        for process in started:
            out, err = process.communicate(timeout=60)
            self.assertEqual((0, b""), (process.returncode, err), out)
        self.assertEqual("[12 {:sound true, :entries 12}]", self.value("[(count (runs 99 :print? false)) (dissoc (verify-audit) :hash)]"))

    def test_without_a_place_to_write(self):
        """The work is done, and one line says that it is not recorded."""
        blocked = self.home.write("in-the-way", "")
        result = self.reops("exec", "-H", "web1,web2", "--", "echo", "hello", REOPS_HOME=str(blocked / "home"))
        self.assertEqual((0, "web1: hello\nweb2: hello\n"), (result.code, result.out), result)
        self.assertRegex(result.err, r"\AThe history is not written: [^\n]+\n\Z", result)
        twice = self.reops("-e", '(do (exec (hosts "web1") "true") (exec (hosts "web1") "true") nil)', REOPS_HOME=str(blocked / "home"))
        self.assertEqual(1, twice.err.count("The history is not written"), twice)

    def test_no_secrets(self):
        self.reops("exec", "-H", "web1", "--", "echo --password=hunter2")
        self.reops("-e", '(exec (hosts "web1" {:password (secret "p" "correct horse")}) (per-host "echo correct horse"))')
        folder = self.home.path / "data"
        for name in os.listdir(folder):
            data = (folder / name).read_bytes()
            self.assertIsNone(re.search(rb"hunter2|correct horse", data), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
