#!/usr/bin/env python3
"""What becomes of jobs when the program is killed (kill -9) at any point of any workflow.

Everything that a job does to the store, and to its fake machine, goes through one function. For each workflow the program is
killed after each of its calls, which is also before the next one; then another process takes the jobs up. Each job must then have
ended, and system, machine and what is written of the steps must agree. Takes about half a minute.
"""

import re
import unittest
from concurrent.futures import ThreadPoolExecutor

from session import CRASH, Home, run

# Kills this process after the nth commit from now on, or only counts them.
ARMED = r"""
(require '[re-core.persistency.common :as store] '[reops.process :as process])
(def commits (atom 0))
(defn die [] (process/run ["sh" "-c" "kill -9 $PPID"]) (Thread/sleep 60000))
(defn arm [n]
  (alter-var-root #'store/commit
                  (fn [commit]
                    (fn [statements]
                      (let [changed (commit statements)]
                        (when (= n (swap! commits inc)) (die))
                        changed)))))
(defn make [& presets] (with-out-str @(apply create fake defaults small :redis (with-host "a") (delays 0) presets)))
(def force {:force true})
(defn quietly [f] (with-out-str (deref f)))
"""

# What a person might write, with a step of which nobody can tell whether it has acted.
OWN = r"""
(def log (atom []))
(defn note [word] (fn [{:keys [id]}]
  (store/commit [["insert into types (id, created, updated, data) values (?, 0, 0, ?)" [(str (name word) (rand-int 1000000000)) (pr-str {:type (name word)})]]])
  {:noted word}))
(def own [{:step :first :run (note :first) :repeat true} {:step :second :run (note :second)}])
(workflow "own" #'own)
"""

WORKFLOWS = {
    "create": ("", "(quietly (create fake defaults small :redis (with-host \"a\") (delays 0)))"),
    "create that fails": ("", "(quietly (create fake defaults small :redis (with-host \"a\") (delays 0) (faults {:start \"no\"})))"),
    "start": ("(make) (quietly (halt identity force))", "(quietly (start))"),
    "halt": ("(make)", "(quietly (halt identity force))"),
    "reload": ("(make)", "(quietly (reload identity force))"),
    "destroy": ("(make)", "(quietly (destroy identity force))"),
    "snapshot": ("(make)", "(quietly (snapshot identity \"s\"))"),
    "revert": ("(make) (quietly (snapshot identity \"s\"))", "(quietly (revert identity \"s\" force))"),
    "own": ("(make)" + OWN, "(re-core.queue/results (schedule {} \"own\" (:systems (second (ls systems)))))"),
}

TAKEN_UP = r"""
(require '[re-core.controller :as controller] '[re-core.persistency.jobs :as jobs-store] '[re-core.persistency.common :as store])
(def left (jobs-store/unended))
(controller/become)
(controller/await-jobs (mapv :id left))
(let [job (first (jobs-store/latest 1))
      [[id system]] (:systems (second (ls systems)))
      [[machine status]] (store/query "select id, status from fake_machines")]
  (prn {:taken-up (count left) :jobs (count (jobs-store/latest 100)) :topic (:topic job) :state (:state job) :message (:message job)
        :system (some? id) :ip (some? (get-in system [:machine :ip])) :machine (some? machine) :status (keyword status)
        :same (= machine (get-in system [:fake :id]))
        :running-steps (count (filter #(= :running (:state %)) (mapcat (comp jobs-store/steps :id) (jobs-store/latest 100))))
        :noted (mapv first (store/query "select data from types order by id"))}))
"""


def read(text):
    """The flat map that the second process prints, as a dictionary of texts."""
    inner = re.search(r"\{(.*)\}", text.replace("\n", " ")).group(1)
    return dict(re.findall(r":([a-z-]+) (\[.*?\]|\"(?:[^\"\\]|\\.)*\"|[^,}]+)", inner))


class Killed(unittest.TestCase):
    def case(self, name, n=-1):
        """Runs a workflow in a fresh store, killed at the nth commit; what is then found, and how many commits there were."""
        setup, act = WORKFLOWS[name]
        home = Home()
        try:
            armed = f"(arm {n})"
            first = run("-e", f"(do {ARMED})", "-e", f"(do {setup} nil)", "-e", armed, "-e", f"(do {act} nil)",
                        "-e", "(println :commits @commits)", home=home)
            own = ["-e", f"(do (require '[re-core.persistency.common :as store]) {OWN} nil)"] if name == "own" else []
            second = run(*own, "-e", f"(do {TAKEN_UP} nil)", home=home)
            self.assertEqual(0, second.code, f"{name}, after commit {n}\n{first}\n{second}")
            for result in (first, second):
                self.assertIsNone(CRASH.search(result.out + result.err), f"{name}, after commit {n}\n{result}")
            commits = re.search(r":commits (\d+)", first.out)
            return read(second.out), int(commits.group(1)) if commits else None
        finally:
            home.remove()

    def check(self, name, found, where):
        """What must hold of a job that was taken up, whatever the moment."""
        said = f"{name}, killed {where}: {found}"
        self.assertEqual("0", found["running-steps"], said)
        state, machine, system = found["state"], found["machine"], found["system"]
        self.assertIn(state, [":done", ":failed", ":lost"], said)
        # Nothing runs that nobody knows of, and nothing is known that is not there.
        if found["topic"] != '"own"':
            self.assertEqual(machine, system, said)
        if system == "true":
            self.assertEqual("true" if found["status"] == ":running" else "false", found["ip"], said)
            self.assertEqual("true", found["same"], said)
        return said

    def killed_after_each(self, name):
        """For each commit of a workflow, what is found when the program was killed after it. They mostly wait for the disk."""
        found, commits = self.case(name)
        self.check(name, found, "nowhere")
        with ThreadPoolExecutor(8) as several:
            for n, (found, _) in enumerate(several.map(lambda n: self.case(name, n), range(1, commits + 1)), 1):
                yield found, self.check(name, found, f"after commit {n}")

    def every_moment(self, name, ends):
        """Kills after every commit of a workflow; ends are the states that its job may end in, and whether the machine is there then."""
        for found, said in self.killed_after_each(name):
            self.assertIn((found["state"], found["status"]), ends, said)

    def test_create(self):
        # Before it is asked for there is nothing; after that it is made.
        found, _ = self.case("create", 1)
        self.assertEqual((":done", ":running", "1"), (found["state"], found["status"], found["taken-up"]), found)
        self.every_moment("create", [(":done", ":running")])

    def test_create_that_fails_is_taken_back(self):
        self.every_moment("create that fails", [(":failed", "nil")])

    def test_start(self):
        self.every_moment("start", [(":done", ":running")])

    def test_halt(self):
        self.every_moment("halt", [(":done", ":stopped")])

    def test_reload(self):
        self.every_moment("reload", [(":done", ":running")])

    def test_destroy(self):
        self.every_moment("destroy", [(":done", "nil")])

    def test_snapshot(self):
        self.every_moment("snapshot", [(":done", ":running")])

    def test_revert(self):
        self.every_moment("revert", [(":done", ":running")])

    def test_a_step_that_must_not_act_twice_is_said_to_be_lost(self):
        lost = 0
        for found, said in self.killed_after_each("own"):
            # However often the first step acted, the second did at most once.
            self.assertLessEqual(found["noted"].count("second"), 1, said)
            if found["state"] == ":lost":
                lost += 1
                self.assertIn("in the middle of the step second", found["message"], said)
            else:
                self.assertEqual((":done", 1), (found["state"], found["noted"].count("second")), said)
        self.assertGreater(lost, 0)


if __name__ == "__main__":
    unittest.main()
