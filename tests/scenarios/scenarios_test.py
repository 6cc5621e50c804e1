#!/usr/bin/env python3
"""Scenarios: what a person types in the first days, from an empty model to its end, each in a fresh session of its own. Machines are
fake ones; where something runs on them, their addresses are real: an sshd on loopback for each. Takes about half a minute.
"""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))

from session import CRASH, Session, Terminal, wait_until  # noqa: E402

# Quick ones, and those that answer.
QUICK = "(delays 0)"
REAL = "(delays 0) (real-addresses)"

# A plan of the user's own, as a file of scripts/.
RECIPES = """
(ns my.recipes
  (:require [re-mote.repl.base :refer [exec]]))
(defn lean [hs where] (exec hs (str "mkdir -p " where " && echo lean > " where "/state")))
(defn broken [hs] (exec hs "echo no space left >&2; exit 28"))
"""


class Scenario(unittest.TestCase):
    def setUp(self):
        self.session = Session()
        self.home = self.session.home
        self.addCleanup(self.nothing_is_left)
        self.addCleanup(self.session.close)
        self.home.write("config/scripts/my/recipes.clj", RECIPES)
        self.addCleanup(lambda: self.session.process.poll() is None and self.session.ask("(wait (destroy identity {:force true}) 60000)"))

    def nothing_is_left(self):
        """No sshd of a fake machine outlives its scenario."""
        left = subprocess.run(["pgrep", "-af", f"^(sshd: )?[^ ]*sshd .*{self.home.path}/"], capture_output=True, text=True, timeout=60).stdout
        self.assertEqual("", left)

    def types(self, form):
        """What a form makes the session say; an error is a failure of the test."""
        reply = self.session.ask(form)
        self.assertIsNone(CRASH.search(reply.text), f"{form}\n{reply}")
        self.assertEqual("", reply.err.strip(), f"{form}\n{reply}")
        return reply.out

    def refused(self, form, pattern):
        """A form that ends in an error for people, after which the session goes on."""
        reply = self.session.ask(form)
        self.assertIsNone(CRASH.search(reply.text), f"{form}\n{reply}")
        self.assertRegex(reply.err, pattern, f"{form}\n{reply}")
        self.assertEqual("2", self.value("(+ 1 1)"))
        return reply

    def value(self, form):
        return self.types(f"(prn {form})").splitlines()[-2].strip()

    def made(self, *arguments, base="fake defaults (local)"):
        return self.types(f"(do (wait (create {base} {' '.join(arguments)}) 60000) nil)")

    def test_s1_an_empty_model(self):
        self.assertIn("jobs-controller", self.types("(go)"))
        self.assertEqual("nil", self.value("(list)"))
        self.assertEqual("nil", self.value("(list identity :types)"))
        self.assertNotIn("HOSTNAME", self.types("(list)"))

    def test_s2_a_configuration_that_is_wrong(self):
        self.types("(reset)")
        path = self.home.write("config/config.edn", '{:ssh\n {:fanout "many"}}')
        os.chmod(path, 0o600)
        self.refused("(reset)", re.escape(f"{path}:2:11: [:ssh :fanout] is \"many\", where there should be a whole number from 1"))
        path.write_text("{:ssh {:fanout 7}}")
        self.types("(reset)")
        self.assertEqual("7", self.value("(config :ssh :fanout)"))

    def test_s3_a_type(self):
        out = self.types("""(create cog 'my.recipes/lean (args "x") :lean "A lean machine")""")
        self.assertRegex(out, r"lean.*my\.recipes/lean.*A lean machine")
        self.refused("(create cog 'no.such/plan :x \"d\")", r"The plan no\.such/plan cannot be loaded")
        self.assertRegex(self.types("(list identity :types)"), r"(?m)^:?lean\s")
        self.assertNotRegex(self.types("(list identity :types)"), r"no\.such")

    def test_s4_the_first_machine(self):
        # The prompt is back at once, with a future.
        self.assertEqual("[true false]", self.value(
            '(do (def f (create fake defaults (local) c1-medium :lean "My first machine" (delays {:create 600000}))) [(future? f) (realized? f)])'))
        self.types("(do (cancel-job (:id (first (jobs 1 :print? false)))) (wait f 60000) nil)")
        out = self.made(f'c1-medium :lean "My first machine" {QUICK}')
        self.assertRegex(out, r"Running create summary:\n\n  ✔ lean-[0-9a-f]{10}\n")
        self.assertRegex(self.types("(list)"), r"(?m)^\.\.[0-9a-f]{4} +lean-[0-9a-f]{10} +127\.\S+ +:lean +:ubuntu-22\.04 +:fake +My first machine$")

    def test_s5_many_and_data_back(self):
        self.types(f'(do (def f (create fake defaults (local) tiny :lean "batch" 5 {QUICK})) (wait f 60000) nil)')
        self.assertEqual('["Systems" 5 0 true]', self.value(
            '(let [[this {:keys [results]}] @f] [(.getSimpleName (class this)) (count (:successful results)) (count (:failure results))'
            ' (every? #(= :done (:state %)) (:successful results))])'))
        self.assertEqual("5", self.value("(count (*ids))"))
        self.refused("(*id)", r"5|one|single")

    def test_s6_what_is_refused(self):
        self.assertRegex(self.made('c1-medium :lean "no address" (fn [s] (assoc-in s [:machine :ip] 7))'), r"x .* - \[:machine :ip\] is 7, where there should be an address")
        self.assertNotIn("HOSTNAME", self.types("(list)"))
        self.refused('(create fake defaults (local) 77 "x" :nosuch {:frob 1} (small))', r"\S")
        # Of five, the two that are wrong fail, and the three others go on.
        self.types(f"""(do (def n (atom 0))
                           (defn odd-one [system] (cond-> system (#{{2 4}} (swap! n inc)) (assoc-in [:machine :cpu] 0)))
                           (def f (create fake defaults (local) tiny :lean "five" 5 {QUICK} odd-one))
                           (wait f 60000) nil)""")
        self.assertEqual("[3 2]", self.value("(mapv count ((juxt :successful :failure) (:results (second @f))))"))
        self.assertEqual("3", self.value("(count (:systems (second (list identity :systems :print? false))))"))

    def test_s7_choosing(self):
        self.made(f'tiny :lean "one" {QUICK} (with-host "red1")')
        self.made(f'c1-medium :db "two" {QUICK} (with-host "red2") (tags :web)')
        self.types("(do (wait (halt (named [\"red2\"]) {:force true}) 60000) nil)")
        for f, names in (("(typed :lean)", ["red1"]), ("(by-type :lean)", ["red1"]), ('(named ["red2"])', ["red2"]), ("(hyp :fake)", ["red1", "red2"]),
                         ("(comp not ip)", ["red2"]), ("ip", ["red1"]), ("(match-kv [:machine :os] :ubuntu-22.04)", ["red1", "red2"]),
                         ("(tagged :web)", ["red2"]), ("(fn [[id m]] (> (get-in m [:machine :cpu]) 1))", ["red2"])):
            self.assertEqual(names, re.findall(r"\bred\d\b", self.types(f"(list {f})")), f)
        self.types('(def id (ffirst (:systems (second (list (named ["red1"]) :systems :print? false)))))')
        self.assertEqual(["red1"], re.findall(r"\bred\d\b", self.types("(list (matching (subs id 28)))")))

    def test_s8_halt_and_start(self):
        self.made(f'tiny :lean "one" {QUICK} (with-host "red1")')
        asked = self.types('(with-in-str "n" (wait (halt (named ["red1"])) 60000) nil)')
        self.assertRegex(asked, r"This is about:\n  \.\.[0-9a-f]{4} red1\nGo on\? \[y/N\] nothing done")
        self.assertRegex(self.types("(list)"), r"red1 +127\.")
        self.assertRegex(self.types('(with-in-str "Y" (wait (halt (named ["red1"])) 60000) nil)'), r"Running halt summary:\n\n  ✔ red1")
        self.assertNotRegex(self.types("(list)"), r"127\.")
        self.assertRegex(self.types("(do (wait (start) 60000) nil)"), r"Running start summary:\n\n  ✔ red1")
        self.assertNotIn("Go on?", self.types("(do (wait (halt ip {:force true}) 60000) nil)"))

    def test_s9_one_of_three_fails(self):
        self.types(f"""(do (def n (atom 0))
                           (defn third [system] (if (= 3 (swap! n inc)) ((faults {{:create "the template is missing"}}) system) system))
                           (def f (create fake defaults (local) tiny :lean "three" 3 {QUICK} third)) nil)""")
        out = self.types("(do (wait f 60000) nil)")
        self.assertEqual(2, len(re.findall(r"  ✔ lean-", out)), out)
        self.assertRegex(out, r"  x lean-\w+ - create: the template is missing")
        self.assertEqual("[true true true]", self.value(
            "(let [{:keys [message start end]} (first (:failure (:results (second @f))))] [(string? message) (pos? start) (<= start end)])"))
        self.assertEqual("2", self.value("(count (:systems (second (list ip :systems :print? false))))"))

    def test_create_provision_run(self):
        """From nothing to commands on machines, without a hypervisor."""
        where = self.home.path / "made"
        self.types(f"""(create cog 'my.recipes/lean (args "{where}") :lean "A lean machine")""")
        self.made(f'tiny :lean "real" 2 {REAL}')
        self.assertEqual("[2 2]", self.value('(let [[hs res] (run (exec (hosts ip :ip) "echo here") | (pick successful) | (exec "test -n \\"$SSH_CONNECTION\\""))]'
                                             " [(count (:hosts hs)) (count (:successful res))])"))
        self.assertEqual("2", self.value('(count (:successful (second (exec (hosts (typed :lean) :hostname) "true"))))'))
        self.assertRegex(self.types("(do (wait (provision (typed :lean)) 60000) nil)"), r"Running provision summary:\n\n  ✔ lean-\w+\n  ✔ lean-\w+")
        self.assertEqual("lean\n", (where / "state").read_text())
        self.types("(create cog 'my.recipes/broken :lean \"it fails\")")
        self.assertRegex(self.types("(do (wait (provision (typed :lean)) 60000) nil)"), r"x lean-\w+ - provision: 127\.\S+ - 28, ")
        # A machine that is halted does not answer; started again it does, with the same key.
        self.types("(do (def hs (hosts ip :ip)) (wait (halt ip {:force true}) 60000) nil)")
        self.assertEqual("[:refused :refused]", self.value('(mapv (comp :reason :error) (:failure (second (exec hs "true"))))'))
        self.types("(do (wait (start) 60000) nil)")
        self.assertEqual("2", self.value('(count (:successful (second (exec (hosts ip :ip) "true"))))'))

    def test_s10_a_shell_in_this_terminal(self):
        with Terminal(TERM="xterm") as terminal:
            terminal.answers()
            terminal.type(f'(do (wait (create fake defaults (local) tiny :lean "real" {REAL} (with-host "red1")) 60000) nil)\r')
            terminal.wait_for("✔.* red1")
            terminal.answers()
            terminal.type('(ssh-into (named ["red1"]))\r')
            # A shell takes a while to begin, and what comes too early may be lost.
            terminal.wait_for(r"[#$%>] ")
            terminal.type("echo on-$((40+2)) $SSH_CONNECTION | cut -d' ' -f1,4\r")
            terminal.wait_for(r"on-42 127\.\d+\.\d+\.\d+")
            terminal.type("exit\r")
            terminal.answers()
            terminal.type("(do (wait (destroy identity {:force true}) 60000) nil)\r")
            terminal.wait_for("Running destroy summary")
            terminal.answers()

    def test_s10_a_pane_of_tmux(self):
        self.made(f'tiny :lean "real" {REAL} (with-host "red1")')
        words = self.home.path / "words"
        tmux = self.home.write("bin/tmux", f"#!/bin/sh\nprintf '%s\\n' \"$@\" >>{words}\n")
        tmux.chmod(0o755)
        second = Session(REOPS_HOME=str(self.home.path), TMUX="yes", PATH=f"{tmux.parent}:{os.environ['PATH']}")
        self.addCleanup(second.close)
        second.ask('(ssh-into (named ["red1"]))')
        second.ask('(ssh-into (named ["red1"]) {:window true})')
        split, command, window, _, name, again = words.read_text().splitlines()
        self.assertEqual(("split-window", "new-window", "red1", command), (split, window, name, again))
        # It is what logs in.
        done = subprocess.run(["sh", "-c", command + " echo there"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual((0, "there\n"), (done.returncode, done.stdout), done.stderr)
        # Nobody is at a terminal here.
        self.assertIn(command + "\n", self.types('(ssh-into (named ["red1"]))'))

    def test_after_a_crash_the_next_controller_cleans_up(self):
        self.made(f'tiny :lean "real" {REAL}')
        orphan = self.home.path / "data/fake/orphan"
        kept = next(path for path in (self.home.path / "data/fake").iterdir())
        # As if the row had gone and the program been killed before the rest went.
        subprocess.run(["cp", "-a", kept, orphan], check=True, timeout=60)
        config = (orphan / "sshd_config").read_text().replace(str(kept), str(orphan)).replace("Port ", "Port 3").replace("\nPort 32", "\nPort 2")
        config = re.sub(r"Port \d+", "Port 30911", config)
        (orphan / "sshd_config").write_text(config)
        (orphan / "pid").unlink()
        sshd = next(path for path in ("/usr/sbin/sshd", "/usr/bin/sshd") if os.path.exists(path))
        subprocess.run([sshd, "-f", orphan / "sshd_config", "-E", orphan / "log"], check=True, timeout=60)
        wait_until((orphan / "pid").exists)
        self.session.process.kill()
        self.session.process.wait()
        second = Session(REOPS_HOME=str(self.home.path))
        self.addCleanup(second.close)
        reply = second.ask('(do (re-core.controller/become) (println (count (:successful (second (exec (hosts ip :ip) "true"))))))')
        self.assertIn("1\n", reply.out, reply)
        self.assertFalse(orphan.exists(), reply)
        reply = second.ask("(do (wait (destroy identity {:force true}) 60000) nil)")
        self.assertIn("✔ lean-", reply.out, reply)
        self.assertEqual([], list((self.home.path / "data/fake").iterdir()))

    def test_s24_the_model_again(self):
        self.made(f'tiny :lean "one" {QUICK} (with-host "red1")')
        self.made(f'tiny :lean "two" {REAL} (with-host "red2")')
        before = self.value("(set (map second (:systems (second (list identity :systems :print? false)))))")
        self.types("(clear identity :systems {:force true})")
        self.assertEqual("nil", self.value("(list)"))
        self.types("(sync :fake)")
        self.assertEqual("true", self.value(f"(= {before} (set (map second (:systems (second (list identity :systems :print? false))))))"))
        file = self.home.path / "dump.edn"
        self.types(f'(def ids (set (map first (:systems (second (list identity :systems :print? false))))))')
        self.types(f'(dump "{file}")')
        self.types("(clear identity :systems {:force true})")
        self.types(f'(restore "{file}")')
        self.assertEqual("true", self.value("(= ids (set (map first (:systems (second (list identity :systems :print? false))))))"))

    def test_s25_anew_and_gone(self):
        self.made(f'tiny :lean "one" {REAL} (with-host "red1")')
        self.types("""(do (def before (:systems (second (list identity :systems :print? false)))) (wait (reload (typed :lean) {:force true}) 60000) nil)""")
        self.assertEqual("[true true true]", self.value(
            "(let [after (:systems (second (list identity :systems :print? false)))]"
            " [(= (map first before) (map first after))"
            "  (= (map (comp :hostname :machine second) before) (map (comp :hostname :machine second) after))"
            "  (not= (map (comp :id :fake second) before) (map (comp :id :fake second) after))])"))
        self.assertEqual("1", self.value('(count (:successful (second (exec (hosts ip :ip) "true"))))'))
        # Twice, quickly: the second waits, and finds nothing left to do.
        self.types("""(do (def fs [(destroy (named ["red1"]) {:force true}) (destroy (named ["red1"]) {:force true})])
                          (run! #(wait % 60000) fs) nil)""")
        self.assertEqual("nil", self.value("(list)"))


if __name__ == "__main__":
    unittest.main()
