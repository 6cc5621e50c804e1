#!/usr/bin/env python3
"""One controller, many processes: who owns the store, what others get done through it, what happens when it dies.

The chaos at the end kills the controller again and again under fifty jobs; REOPS_CHAOS_SECONDS and REOPS_CHAOS_SEED make it longer,
or the same again. Takes about half a minute.
"""

import os
import random
import re
import socket
import sqlite3
import stat
import subprocess
import time
import unittest

from session import CRASH, DEADLINE, REOPS, Home, as_nobody, run

MAKE = '(create fake defaults small :redis {presets})'
LIVE = "(do (re-core.controller/become) (println (if (re-core.controller/owner?) :owner :other)) (flush) (deref (promise)))"


class Controller(unittest.TestCase):
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

    def start(self, *forms):
        """Starts the program in the background; its output, both kinds, is a pipe."""
        words = [word for form in forms for word in ("-e", form)]
        process = subprocess.Popen([REOPS, *words], env=self.home.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.processes.append(process)
        return process

    def run_forms(self, *forms):
        result = run(*[word for form in forms for word in ("-e", form)], home=self.home)
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        return result

    def says(self, process, expected):
        """Waits for a line of a process with that text."""
        until = time.monotonic() + DEADLINE
        said = ""
        while time.monotonic() < until:
            line = process.stdout.readline()
            said += line
            if expected in line or not line:
                break
        self.assertIn(expected, said)
        return said

    def systems(self):
        with sqlite3.connect(f"file:{self.home.path}/data/reops.db?mode=ro", uri=True) as db:
            return db.execute("select hostname, ip from systems order by hostname").fetchall()

    def test_only_the_user_may_open_it(self):
        owner = self.start(LIVE)
        self.says(owner, ":owner")
        for name in ("data", "data/reops.db", "data/reops.db-wal", "data/controller.lock", "data/control.sock"):
            mode = os.stat(self.home.path / name).st_mode
            self.assertEqual(0, stat.S_IMODE(mode) & 0o077, f"{name}: {oct(mode)}")

    @unittest.skipUnless(os.geteuid() == 0, "only the system's user can become another")
    def test_another_user_is_refused(self):
        owner = self.start(LIVE)
        self.says(owner, ":owner")
        for name in ("", "data", "data/control.sock"):  # as somebody might who does not know better
            os.chmod(self.home.path / name, 0o777)
        def ask():
            with socket.socket(socket.AF_UNIX) as asking:
                asking.settimeout(DEADLINE)
                asking.connect(str(self.home.path / "data/control.sock"))
                asking.sendall(b'{:op :cancel :id "x"}\n')
                return asking.makefile().readline()
        said = as_nobody(ask)
        self.assertIn("another user's: nobody", said)

    def test_one_owner_among_many_that_begin_at_once(self):
        racing = [self.start(LIVE) for _ in range(8)]
        said = [process.stdout.readline().strip() for process in racing]
        self.assertEqual([":other"] * 7 + [":owner"], sorted(said), said)

    def test_others_get_their_jobs_done_by_the_owner(self):
        owner = self.start(LIVE)
        self.says(owner, ":owner")
        result = self.run_forms(f'(let [[_ m] @{MAKE.format(presets="3 (delays 10)")}] (println (count (:successful (:results m))) (re-core.controller/owner?)))')
        self.assertIn("3 false", result.out, result)
        self.assertEqual(3, len([ip for _, ip in self.systems() if ip]))
        self.assertIn(f"{owner.pid}", self.run_forms("(println (re-core.controller/owner))").out)
        cancelled = self.run_forms(f'(do (def f {MAKE.format(presets="(faults {:start :hang})")})'
                                   '(cancel-job (:id (first (jobs 1 :print? false)))) (println (:state (first (:jobs (second @f))))))')
        self.assertIn(":cancelled", cancelled.out, cancelled)

    def test_a_killed_owner_is_replaced_at_once_and_its_jobs_go_on(self):
        owner = self.start(LIVE)
        self.says(owner, ":owner")
        asking = self.start("(println :asking)", f'(let [[_ m] @{MAKE.format(presets="3 (delays 1000)")}] '
                            "(println (count (:successful (:results m))) (re-core.controller/owner?)))")
        self.says(asking, ":asking")
        until = time.monotonic() + DEADLINE
        while len(self.systems()) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        owner.kill()
        self.says(asking, "3 true")
        self.assertEqual(3, len([ip for _, ip in self.systems() if ip]))

    def test_an_owner_that_lives_is_never_replaced(self):
        owner = self.start(LIVE)
        self.says(owner, ":owner")
        os.kill(owner.pid, 19)  # it does nothing more, and lives
        try:
            self.assertIn("false", self.run_forms("(println (re-core.controller/become))").out)
            result = self.run_forms("(with-redefs [re-core.control/patience 200 re-core.controller/patience 200] (re-core.controller/cancel {:id \"x\"}))")
            self.assertIn(f"process {owner.pid}, does not answer", result.err, result)
        finally:
            os.kill(owner.pid, 18)

    def serve(self):
        process = subprocess.Popen([REOPS, "serve"], env=self.home.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.processes.append(process)
        return process

    def test_serve(self):
        serving = self.serve()
        self.says(serving, f"process {serving.pid}")
        self.says(serving, "nREPL server started on socket")
        result = self.run_forms(f'(let [[_ m] @{MAKE.format(presets="(delays 10)")}] (println (count (:successful (:results m))) (re-core.controller/owner)))')
        self.assertIn(f"1 {serving.pid}", result.out, result)
        second = run("serve", home=self.home)
        self.assertEqual(1, second.code, second)
        self.assertIn("re-core/other-controller", second.err)
        # Ended in the middle of a job, which goes on with the next.
        asking = self.start("(println :asking)", f'(let [[_ m] @{MAKE.format(presets="(delays 700)")}] (println (count (:successful (:results m)))))')
        self.says(asking, ":asking")
        until = time.monotonic() + DEADLINE
        while len(self.systems()) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        serving.terminate()
        self.assertEqual(0, serving.wait(DEADLINE))
        self.says(asking, "1")

    def test_a_store_that_cannot_be_used_is_one_clear_error(self):
        self.run_forms("(add fake defaults small :redis)")
        path = self.home.path / "data" / "reops.db"
        with sqlite3.connect(path) as db:
            db.execute("pragma user_version=99")
        db.close()
        result = self.run_forms("(list)")
        self.assertIn("store/newer", result.err, result)
        path.write_bytes(b"this is no store at all" * 100)
        for more in ("reops.db-wal", "reops.db-shm"):
            (path.parent / more).unlink(missing_ok=True)
        result = self.run_forms("(list)")
        self.assertIn("store/corrupt", result.err, result)
        self.assertEqual(1, result.code)

    def test_a_full_disk_loses_nothing(self):
        self.run_forms(f"@{MAKE.format(presets='(delays 0)')}")
        before = self.systems()
        # No file may grow: the system says so to every write, as it does when the disk is full.
        limited = subprocess.run(["sh", "-c", f'trap "" XFSZ; ulimit -f 0; exec {REOPS} -e \'(deref {MAKE.format(presets="2 (delays 0)")})\''],
                                 env=self.home.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE)
        self.assertIsNone(CRASH.search(limited.stdout + limited.stderr), limited)
        self.assertNotEqual(0, limited.returncode, limited)
        self.assertRegex(limited.stderr, r"store/(full|failed|cannot-open)|file/|socket/", limited)
        self.assertEqual(before, self.systems())
        again = self.run_forms(f"@{MAKE.format(presets='2 (delays 0)')}", "(println (re-core.persistency.common/problems))")
        self.assertIn("[]", again.out, again)
        self.assertEqual(3, len(self.systems()))

    def test_chaos(self):
        seed = int(os.environ.get("REOPS_CHAOS_SEED", random.randrange(10**9)))
        print(f"chaos, REOPS_CHAOS_SEED={seed}", flush=True)
        chance = random.Random(seed)
        count = 50
        self.run_forms("(def ready (re-core.controller/become))", "(re-core.controller/resign)")
        # They are asked for by a process that does not run them: it cannot have the lock.
        holder = self.start(LIVE)
        self.says(holder, ":owner")
        os.kill(holder.pid, 19)
        asking = self.start(f'(re-core.repl.systems/create systems (second (re-core.repl.base/valid? systems fake [defaults small :redis {count} '
                            f"(fn [m] (assoc-in m [:fake :delays] {{:create (rand-int 400) :start (rand-int 400)}}))])))")
        until = time.monotonic() + DEADLINE
        while len(self.systems()) < count and time.monotonic() < until:
            time.sleep(0.01)
        holder.kill()
        asking.kill()
        ends = time.monotonic() + float(os.environ.get("REOPS_CHAOS_SECONDS", "10"))
        kills = 0
        while time.monotonic() < ends:
            controller = self.start(LIVE)
            time.sleep(chance.uniform(0.05, 1.0))
            controller.kill()
            controller.wait()
            kills += 1
        result = self.run_forms(
            "(do (require '[re-core.controller :as c] '[re-core.persistency.jobs :as j] '[re-core.persistency.common :as s])"
            " (c/become) (c/await-jobs (mapv :id (j/unended)))"
            f" (prn (frequencies (map :state (j/latest 1000))) (count (:systems (second (list ip :systems :print? false))))"
            '   (first (first (s/query "select count(*) from fake_machines where status = \'running\'")))'
            '   (first (first (s/query "select count(distinct name) from fake_machines")))))')
        self.assertIn(f"{{:done {count}}} {count} {count} {count}", result.out, f"seed {seed}, {kills} kills: {result}")


if __name__ == "__main__":
    unittest.main()
