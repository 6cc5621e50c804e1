#!/usr/bin/env python3
"""Facts over both transports: private sshds and real agents, on this machine (both_transports.clj). Takes a quarter of a minute."""

import subprocess
import unittest
from pathlib import Path

from fleet import Fleet
from session import DEADLINE, REOPS, Home


class Facts(unittest.TestCase):
    def test_the_same_over_both_transports(self):
        fleet = Fleet()
        self.addCleanup(fleet.stop)
        home = Home()
        self.addCleanup(home.remove)
        done = subprocess.run([REOPS, "-L", Path(__file__).parent, "-m", "clojure.test", "both-transports"],
                              env=home.environment(**fleet.environment()), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=3 * DEADLINE, check=False)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
