#!/usr/bin/env python3
"""A module of native functions as users write them: examples/native, built here and loaded at the prompt.

Takes as long as a compiler needs for one file.
"""

import subprocess
import tempfile
import unittest
from pathlib import Path

from session import DEADLINE, REOPS, ROOT, Session

INCLUDE = Path(REOPS).resolve().parents[1] / "include"


class NativeModule(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.module = Path(folder.name) / "names.so"
        done = subprocess.run([ROOT / "examples/native/build", "-o", cls.module, INCLUDE / "lang", INCLUDE / "base"],
                              capture_output=True, text=True, timeout=10 * DEADLINE)
        assert done.returncode == 0, done.stdout + done.stderr
        cls.session = Session()
        cls.addClassCleanup(cls.session.close)
        cls.loaded = cls.value(f'(load-module "{cls.module}")')

    @classmethod
    def value(cls, form):
        """What the session prints for the form, without what it prints for the marks around it."""
        return cls.session.ask(f"(println :value) {form}").out.split(":value\nnil\n", 1)[1].split("\n", 1)[0]

    def say(self, form, expected):
        self.assertEqual(expected, self.value(form))

    def complain(self, form, *expected):
        reply = self.session.ask(form)
        for words in expected:
            self.assertIn(words, reply.err)

    def test_it_is_loaded_and_documented(self):
        self.assertEqual("names", self.loaded)
        self.say(f'(load-module "{self.module}")', "names")
        documented = self.session.ask("(doc names/closest)").out
        self.assertIn("([name known] [name known most])", documented)
        self.assertIn("most like name", documented)

    def test_arguments_and_results_are_converted(self):
        self.say('(names/distance "web1" "wbe1")', "2")
        self.say('(names/closest "wbe1" ["mail1" "web1"])', '"web1"')
        self.say('(names/closest "wbe1" (map str [:a :b]) 1)', "nil")
        self.say('(names/closest "x" nil nil)', "nil")
        self.say('(get (names/grouped (list "web1" "db1" "web2")) "web")', '["web1" "web2"]')
        self.say('(names/entropy "abab")', "1.0")
        self.say('(names/short-name "web1.example.org")', '"web1"')
        self.say('(names/longest "a" "abc" :k)', "3")
        self.say("(names/longest)", "0")

    def test_what_does_not_fit_is_said(self):
        self.complain("(names/distance \"a\" :b)", "Expected a string as argument 2 of names/distance, found :b")
        self.complain("(names/closest \"a\" [\"b\" 5])", "argument 2 of names/closest", "5")
        self.complain("(names/closest \"a\" [] \"b\")", "argument 3 of names/closest", "integer")
        self.complain("(names/distance \"a\")", "Wrong number of arguments (1) passed to names/distance")
        self.complain("(names/distance 1 2 3)", "Wrong number of arguments (3)")
        self.complain("(names/short-name \".x\")", "a host's name does not begin with a dot", "names/empty")

    def test_what_is_no_module(self):
        self.complain('(load-module "/no/such/module.so")', "reops/no-module", "/no/such/module.so")
        self.complain('(load-module "no-such-module")', "reops/no-module")
        self.complain(f'(load-module "{ROOT}/examples/native/names.cpp")', "reops/bad-module")


if __name__ == "__main__":
    unittest.main(verbosity=2)
