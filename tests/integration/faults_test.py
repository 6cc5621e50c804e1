#!/usr/bin/env python3
"""Jobs on a machine that fails them: the disk is full, the store cannot be written, the clock is set. Nothing is lost, and what is said is
clear. File systems of their own are mounted in a namespace of the test's, for which it needs root; elsewhere those cases are skipped by
name. Takes about ten seconds.
"""

import os
import re
import subprocess
import time
import unittest
from pathlib import Path

from session import CRASH, DEADLINE, REOPS, Home, run, wait_until

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
can_mount = os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], capture_output=True, timeout=60).returncode == 0
needs_mounts = unittest.skipUnless(can_mount, "needs root, to mount a file system in a namespace of its own")

MAKE = "@(create fake defaults small :redis (delays 0) {presets})"


class Faults(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)

    def shell(self, script, **environment):
        """Runs a piece of shell in which $REOPS is the program and $HOME the home."""
        done = subprocess.run(["sh", "-ec", script], env=self.home.environment(REOPS=REOPS, **environment), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=DEADLINE)
        self.assertIsNone(CRASH.search(done.stdout + done.stderr), done)
        return done

    def mounted(self, script):
        """The same in a namespace where file systems can be mounted, which are gone afterwards."""
        inner = self.home.write("inner.sh", script)
        return self.shell(f"exec unshare --mount --propagation private sh -e {inner}")

    def forms(self, *forms, **environment):
        result = run(*[word for form in forms for word in ("-e", form)], home=self.home, **environment)
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        return result

    @needs_mounts
    def test_a_full_disk(self):
        # One process lives through it: jobs fail to be asked for while the disk is full, none that was asked for is lost, and when there is
        # room again they go on as soon as another one is asked for.
        forms = self.home.write("full.clj", """
            (require '[re-core.persistency.common :as store] '[re-core.persistency.jobs :as j] '[reops.process :as process])
            (defn make [] (deref (create fake defaults small :redis (delays 0))))
            (make)
            (with-in-str "passphrase\\nbefore\\n" (set-secret :kept))
            (def under-way (create fake defaults small :redis (delays 300) 10))
            (process/run ["sh" "-c" "cat /dev/zero >$HOME/data/filler"])
            (println :under-way (try (deref under-way) :done (catch Exception e (:type (ex-data (last (take-while some? (iterate ex-cause e))))))))
            (println :while-full (try (dotimes [_ 200] (make)) :never-noticed
                                   (catch Exception e (:type (ex-data e)))))
            (println :secret (try (with-in-str (str (apply str (repeat 9000 "x")) "\\n") (set-secret :kept))
                               (catch Exception e (:type (ex-data e))))
                     (reveal (secret :kept)) (secrets))
            (process/run ["rm" (str (System/getenv "HOME") "/data/filler")])
            (make)
            (re-core.controller/await-jobs (mapv :id (j/unended)))
            (println :left (count (j/unended)) :problems (store/problems))
            (println :lost (filter (comp #{:lost} :state) (j/latest 1000)))
            (println :same (= 12 (count (:systems (second (ls systems))))
                              (ffirst (store/query "select count(*) from fake_machines where status = 'running'"))))
        """)
        done = self.mounted(f"mkdir -p $HOME/data; mount -t tmpfs -o size=2m,mode=700 tmpfs $HOME/data; exec $REOPS {forms}")
        self.assertRegex(done.stdout, r":under-way :(store|file)/full", done)
        self.assertRegex(done.stdout, r":while-full :(store|file)/full", done)
        self.assertIn(":secret :file/full before [:kept]", done.stdout, done)
        self.assertIn(":left 0 :problems []", done.stdout, done)
        self.assertIn(":lost ()", done.stdout, done)
        self.assertIn(":same true", done.stdout, done)

    @needs_mounts
    def test_a_store_that_may_not_be_written(self):
        self.forms(MAKE.format(presets=""))
        read_only = "mount --bind $HOME/data $HOME/data; mount -o remount,bind,ro $HOME/data; "
        for form in ("(list)", "(create fake defaults small :redis)", "(run (ls systems) | (pretty))"):
            done = self.mounted(f"{read_only} exec $REOPS -e '{form}'")
            self.assertEqual(1, done.returncode, done)
            self.assertRegex(done.stderr, r"store/(read-only|cannot-open)", done)
            self.assertIn("reops.db", done.stderr)
        serving = self.mounted(f"{read_only} exec $REOPS serve")
        self.assertEqual(1, serving.returncode, serving)
        self.assertRegex(serving.stderr, r"(store|secrets|file)/(read-only|cannot-open|io)", serving)
        found = self.mounted(f"{read_only} exec $REOPS doctor")
        self.assertEqual(1, found.returncode, found)
        self.assertIn("cannot be written", found.stdout)
        self.assertEqual(1, self.forms("(prn (count (:systems (second (ls systems)))))").out.count("1\n"))

    @unittest.skipUnless(FAKETIME, "needs libfaketime")
    def test_the_clock_is_set_while_jobs_run(self):
        # Back by a month in the middle of a step, then forth by two: no deadline comes early or late, and jobs keep their order.
        clock = self.home.write("clock", "+0d")
        program = self.home.write("clock.clj", f"""
            (require '[re-core.persistency.jobs :as j])
            (def gate (promise))
            (def order (atom []))
            (def wait-there [{{:step :one :within 60000 :run (fn [{{:keys [options]}}] (swap! order conj (:n options)) (deref gate) nil)}}
                             {{:step :two :repeat true :retries 2 :pause 10
                               :run (fn [_] (when (< (count @order) 3) (swap! order conj :again) (throw (ex-info "again" {{}}))) nil)}}])
            (workflow "waits" #'wait-there)
            @(create fake defaults small :redis (delays 0))
            (def before (System/currentTimeMillis))
            (def pairs (:systems (second (ls systems))))
            (def asked (vec (for [n (range 3)]
                              (do (spit "{clock}" (["+0d" "-30d" "+30d"] n))
                                  (while (and (pos? n) (< -3600000 (- (System/currentTimeMillis) before) 3600000)) (Thread/sleep 10))
                                  (:id (first (:jobs (schedule {{:options {{:n n}}}} "waits" pairs))))))))
            (println :now (quot (- (System/currentTimeMillis) before) 86400000))
            (spit "{clock}" "-1d")
            (deliver gate true)
            (println :states (mapv :state (re-core.controller/await-jobs asked)) @order)
            (println :listed (= asked (vec (reverse (map :id (j/latest 3))))))
        """)
        done = self.shell(f"exec $REOPS {program}", LD_PRELOAD=str(FAKETIME).replace("libfaketime.so", "libfaketimeMT.so"), FAKETIME_TIMESTAMP_FILE=str(clock),
                          FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1", FAKETIME_DONT_RESET="1")
        self.assertEqual(0, done.returncode, done)
        self.assertRegex(done.stdout, r":now (29|30)\n", done)
        self.assertRegex(done.stdout, r":states \[:done :done :done\] \[0 :again :again 1 2\]", done)
        self.assertIn(":listed true", done.stdout)


if __name__ == "__main__":
    unittest.main()
