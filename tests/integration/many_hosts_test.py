#!/usr/bin/env python3
"""Many hosts, of which a tenth fails, through pipelines: every host has exactly one entry, whatever was picked.

One sshd answers for those that are up, by eight addresses; nothing listens where the others are. Takes ten seconds when nothing else
runs. REOPS_MANY_HOSTS is how many hosts there are: 100 in the suite; 500 take a minute or two. tests/lib/stages_test.clj has 500 without any
sshd.
"""

import os
import subprocess
import unittest

from fleet import Fleet
from session import CRASH, DEADLINE, REOPS, Home, run

COUNT = int(os.environ.get("REOPS_MANY_HOSTS", "100"))
TENTH = COUNT // 10
DOWN = [f"n{i:03}" for i in range(1, COUNT + 1) if i % 10 == 0]
UP = [f"n{i:03}" for i in range(1, COUNT + 1) if i % 10 != 0]

SCRIPT = r"""
(def how-many COUNT)
(require '[re-mote.repl.results :refer [entries]])
(def hs (hosts (format "n[001-%03d]" how-many)))
(defn shape [[this results]]
  {:left (count (:hosts this))
   :hosts (= (:hosts hs) (:hosts results) (map :host (entries results)))
   :once (= how-many (count (set (map :host (entries results)))) (count (concat (:successful results) (:failure results))))
   :codes (into (sorted-map) (frequencies (map :code (entries results))))})

;; All at once, and once more on the connections that there are by now.
(prn :at-once (shape (exec hs "true")))
(prn :reused (frequencies (map (comp :reused :profile) (:successful (second (exec hs "true"))))))

;; Few at a time: they are all on this machine.
(defn twice [hs]
  (run (exec hs (fn [host] (str "echo " host)) {:fanout 24})
     | (tee (fn [this results]
              (prn :once (shape [this results]))
              ;; Each host answered for itself.
              (prn :own (every? #(= (str (:host %) "\n") (:out (:result %))) (:successful results)))))
     | (pick successful)
     | (exec (fn [host] (if (= \1 (last host)) "exit 3" "echo ok")) {:parse clojure.string/trim :fanout 24})
     | (pick successful)))
(def picked (run (twice hs) | (aggregate) | (sort-results :code) | (pretty)))
(prn :twice (assoc (shape picked) :hosts :sorted))
(prn :groups (map (juxt :value :count) (:result (:aggregate (second picked)))))
(prn :again (assoc (shape (rerun-failed picked)) :hosts :sorted))
(prn :stopped (shape (rolling hs {:batch ["10%" "20%"] :stop-after "2%"} (fn [hs] (exec hs "true")))))
"""


class ManyHosts(unittest.TestCase):
    def test_every_host_has_one_entry(self):
        fleet = Fleet(hosts=" ".join(UP), refusing="", down=" ".join(DOWN), shared=True)
        self.addCleanup(fleet.stop)
        home = Home()
        self.addCleanup(home.remove)
        result = run(home.write("many.clj", SCRIPT.replace("COUNT", str(COUNT))), home=home, deadline=4 * DEADLINE, **fleet.environment())
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        self.assertEqual((0, ""), (result.code, result.err), result)
        said = dict(line.split(" ", 1) for line in reversed(result.out.splitlines()) if line.startswith(":"))
        shape = lambda left, codes, hosts="true": f"{{:left {left}, :hosts {hosts}, :once true, :codes {{{codes}}}}}"
        self.assertEqual(shape(COUNT, f"-1 {TENTH}, 0 {COUNT - TENTH}"), said[":at-once"])
        self.assertEqual(f"{{true {COUNT - TENTH}}}", said[":reused"])
        self.assertEqual(shape(COUNT, f"-1 {TENTH}, 0 {COUNT - TENTH}"), said[":once"])
        self.assertEqual("true", said[":own"])
        # Those whose names end in 1 fail in the second step.
        ended = shape(COUNT - 2 * TENTH, f"-1 {TENTH}, 0 {COUNT - 2 * TENTH}, 3 {TENTH}", ":sorted")
        self.assertEqual(ended, said[":twice"])
        self.assertEqual(f'(["ok" {COUNT - 2 * TENTH}])', said[":groups"])
        self.assertEqual(ended, said[":again"])
        # A tenth, then a fifth, of which a tenth each fails: that is more than one in fifty.
        reached = 3 * TENTH
        self.assertEqual(shape(reached, f"-1 {COUNT - reached + reached // 10}, 0 {reached - reached // 10}"), said[":stopped"])
        self.assertRegex(result.out, rf"\n  ✔ n\[[0-9,-]+\] \({COUNT - 2 * TENTH} hosts\) ok\n")
        self.assertRegex(result.out, rf"\n  x n\[[0-9,-]+\] \({TENTH} hosts\) - 3, ended with exit code 3\n")
        self.assertRegex(result.out, rf"\n  x n\[[0-9,-]+\] \({TENTH} hosts\) - -1, the connection was refused\n"
                                     rf"(      n\d+ .*\n){{3}}      … and {TENTH - 3} more\n")

    def test_connections_that_wait_need_no_further_descriptors(self):
        """Few descriptors, of which connecting to a host takes three for a moment."""
        hosts = [f"n{i:02}" for i in range(24)]
        fleet = Fleet(hosts=" ".join(hosts), refusing="", down="", shared=True)
        self.addCleanup(fleet.stop)
        home = Home()
        self.addCleanup(home.remove)
        script = home.write("again.clj", """
            (def hs (hosts "n[00-23]"))
            (defn reused [] (frequencies (map (comp :reused :profile) (:successful (second (exec hs "true" {:fanout 24}))))))
            (prn (reused) (reused))
            """)
        # All 24 may not connect at once: 64 descriptors are left to others.
        done = subprocess.run(["/bin/sh", "-c", 'ulimit -n 130 && exec "$0" "$1"', REOPS, script], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=DEADLINE, env=home.environment(**fleet.environment()))
        self.assertEqual((0, "", "{false 24} {true 24}\n"), (done.returncode, done.stderr, done.stdout))


if __name__ == "__main__":
    unittest.main()
