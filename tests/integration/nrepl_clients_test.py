#!/usr/bin/env python3
"""Clients that others wrote, in real sessions with the nREPL server: npm's nrepl-client and Clojure's own nrepl.cmdline.

Takes about half a minute: npm fetches its client, and the JVM starts.
"""

import json
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from nrepl_client import Server
from session import CRASH, DEADLINE

NPM = Path(__file__).parent / "npm"
JARS = "/usr/share/java/nrepl.jar:/usr/share/java/clojure.jar"
# A download and a JVM take longer than what we write ourselves.
PATIENCE = 5 * DEADLINE


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} failed ({done.returncode}):\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Npm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        for file in NPM.iterdir():
            shutil.copy(file, folder.name)
        run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=folder.name)
        with Server("--port", 0) as server:
            said = run("node", "--no-deprecation", "session.js", str(server.port), cwd=folder.name)
            cls.heard = json.loads(said)
            assert not CRASH.search(server.said.decode()), server.said

    def test_what_there_is(self):
        self.assertLessEqual({"clone", "close", "describe", "eval", "interrupt", "load-file", "ls-sessions", "stdin"},
                             set(self.heard["ops"]))

    def test_evaluation(self):
        self.assertEqual(["3", "nil", ":end"], self.heard["simple"])
        self.assertEqual(['"typed"'], self.heard["typed"])

    def test_errors(self):
        self.assertEqual(["class java.lang.ArithmeticException"], self.heard["failed"]["ex"])
        self.assertIn("Divide by zero", self.heard["failed"]["err"])
        self.assertIn("at /src/npm/file.clj:2:12", self.heard["file"])

    def test_sessions(self):
        self.assertEqual([["npm.one"], ["user"]], self.heard["own"])
        self.assertIn("session-closed", self.heard["closed"])
        self.assertEqual([True, False], self.heard["left"])

    def test_interrupts(self):
        self.assertEqual(["done", "interrupted"], self.heard["interrupted"])


class CommandLine(unittest.TestCase):
    def test_a_session_at_its_prompt(self):
        forms = ('(+ 1 2)', '(println "printed")', '(ns their.own)', '(def x 41)', '(inc x)', '(/ 1 0)', '[:after (ex-message *e)]')
        with Server("--port", 0) as server:
            said = run("java", "-cp", JARS, "clojure.main", "-m", "nrepl.cmdline", "--connect", "--host", "127.0.0.1",
                       "--port", str(server.port), input="\n".join(forms) + "\n")
            self.assertIsNone(CRASH.search(server.said.decode()), server.said)
        for shown in ("user=> 3\n", "user=> printed\nnil\n", "their.own=> #'their.own/x\n", "their.own=> 42\n",
                      '[:after "Divide by zero"]'):
            self.assertIn(shown, said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
