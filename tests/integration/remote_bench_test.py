#!/usr/bin/env python3
"""The benchmark of SSH (bench/remote) does its work: make-believe hosts behind a real bastion, and Ctrl-C at a prompt. What it measures
is not looked at."""

import subprocess
import sys
import unittest

from session import CRASH, DEADLINE, ROOT


class RemoteBench(unittest.TestCase):
    def test_a_few_hosts(self):
        done = subprocess.run([sys.executable, ROOT / "bench/remote/run", "--hosts", "8", "--only", "bastion,interrupt"], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=4 * DEADLINE)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIsNone(CRASH.search(done.stdout + done.stderr), done)
        rows = done.stdout.splitlines()
        self.assertTrue(rows[0].startswith("what"), done)
        names = ["through a bastion, CPU per target", "through a bastion, child processes", "through a bastion, CPU per target", "Ctrl-C to prompt"]
        self.assertEqual(len(names), len(rows) - 1, done.stdout)
        for name, row in zip(names, rows[1:]):
            self.assertTrue(row.startswith(name), row)
            self.assertNotIn("not measured", row)


if __name__ == "__main__":
    unittest.main()
