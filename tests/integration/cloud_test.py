#!/usr/bin/env python3
"""The interface of providers over an HTTP API with eventual consistency, paging, rate limits and outages: a provider in seventy lines passes the
suite, and makes, halts and removes machines. Takes about twenty seconds, most of them waiting for the cloud."""

import unittest
from pathlib import Path

from cloud import Cloud
from session import CRASH, Home, run


class OverHttp(unittest.TestCase):
    def test_a_provider_over_an_http_api(self):
        cloud = Cloud()
        self.addCleanup(cloud.stop)
        home = Home()
        self.addCleanup(home.remove)
        result = run(Path(__file__).with_name("cloud.clj"), home=home, CLOUD=cloud.url, http_proxy="", deadline=300)
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        self.assertEqual(0, result.code, result)
        said = dict(line.split(": ", 1) for line in result.out.splitlines() if ": " in line and not line.startswith(" "))
        self.assertEqual("[]", said["problems"], result)
        self.assertEqual("[3 0]", said["made"], result)
        self.assertEqual("[203.0.113.7 203.0.113.7 203.0.113.7]", said["addresses"], result)
        self.assertEqual("[0 1]", said["taken name"], result)
        self.assertEqual("[3 0]", said["halted"], result)
        self.assertEqual("[3 0]", said["gone"], result)
        names = said["left"].split()
        self.assertEqual([f"other{n}" for n in range(7)], [name for name in names if name.startswith("other")], result)
        self.assertGreater(cloud.counts["pages"], 5, "the lists came in pages")
        self.assertGreater(cloud.counts["unavailable"], 0, "it was unavailable now and then")
        self.assertGreater(cloud.counts["doubled"], 0, "a token made no second server")


if __name__ == "__main__":
    unittest.main(verbosity=2)
