#!/usr/bin/env python3
"""The scripts of examples/ that need no hosts do what they say. Takes a few seconds."""

import unittest

from session import ROOT, Home, run

EXAMPLES = ROOT / "examples"


class Examples(unittest.TestCase):
    def example(self, name, *args, **options):
        result = run(EXAMPLES / name, *args, **options)
        self.assertEqual((0, ""), (result.code, result.err), result)
        return result.out

    def test_wordcount_of_standard_input(self):
        self.assertEqual("     3  c\n     2  b\n", self.example("wordcount", "--top", "2", stdin="b a b\nC c, c!\n"))

    def test_wordcount_of_a_file(self):
        home = Home()
        self.addCleanup(home.remove)
        files = [home.write("one.txt", "tea, tea and coffee"), home.write("two.txt", "Coffee? Tea!")]
        self.assertEqual("     3  tea\n     2  coffee\n     1  and\n", self.example("wordcount", *files, home=home))

    def test_inventory(self):
        self.assertEqual("web01.oslo.example.org\nweb02.oslo.example.org\nweb03.oslo.example.org\nweb01\n",
                         self.example("inventory", "names", "web"))
        self.assertEqual("4 servers\n1 containers\n", self.example("inventory", "count"))
        self.assertIn("web01: lxc restart cache\n", self.example("inventory", "restart"))

    def test_inventory_refuses_what_it_does_not_know(self):
        result = run(EXAMPLES / "inventory", "nonsense")
        self.assertEqual(1, result.code, result)
        self.assertIn('I know count, names and restart, but not "nonsense"', result.err)


if __name__ == "__main__":
    unittest.main()
