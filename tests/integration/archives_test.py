#!/usr/bin/env python3
"""Jars and zips on the load path: libraries, resources, data readers, and what is wrong with an archive.

Takes about three seconds.
"""

import os
import unittest
import zipfile

from session import CRASH, Home, run

LIBRARY = """(ns my.lib "From a jar.")
(defn twice "Doubles n." [n] (* 2 n))
(defn fails [] (throw (ex-info "from the jar" {})))
(defn read-point [[x y]] {:x x :y y})
"""


class Archives(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.jar = self.write("lib.jar", {
            "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n",
            "my/lib.clj": LIBRARY,
            "my/portable.cljc": '(ns my.portable) (def where #?(:reops "here" :clj "there"))',
            "my/text.txt": "a resource, é",
            "data_readers.clj": "{my/point my.lib/read-point}",
        })

    def write(self, name, entries):
        path = os.path.join(self.home.path, name)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, content in entries.items():
                archive.writestr(entry, content)
        return path

    def run_reops(self, *args):
        result = run(*args, home=self.home)
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        return result

    def assert_prints(self, expected, *expressions, path=None):
        args = ["-L", path or self.jar]
        for expression in expressions:
            args += ["-e", expression]
        result = self.run_reops(*args)
        self.assertEqual((0, expected), (result.code, result.out), result)

    def test_libraries_are_loaded_without_unpacking(self):
        self.assert_prints("[42 \"here\"]\n", "(require '[my.lib :as l] 'my.portable)", "[(l/twice 21) my.portable/where]")
        self.assert_prints("(defn twice \"Doubles n.\" [n] (* 2 n))\n",
                           "(require 'my.lib 'clojure.repl)", "(clojure.repl/source my.lib/twice)")

    def test_errors_show_the_line_in_the_archive(self):
        result = self.run_reops("-L", self.jar, "-e", "(require 'my.lib) (my.lib/fails)")
        self.assertEqual(1, result.code)
        self.assertRegex(result.err, r"my/lib\.clj:3:\d+")
        self.assertIn("(throw (ex-info", result.err)

    def test_resources(self):
        self.assert_prints("a resource, é\n[true nil 1]\n",
                           "(require '[clojure.java.io :as io])",
                           '(println (slurp (io/resource "my/text.txt")))',
                           '[(boolean (re-find #"^jar:file:/.*lib.jar!/my/text.txt$" (str (io/resource "my/text.txt")))) '
                           '(io/resource "my/none.txt") '
                           '(with-open [r (io/reader (io/resource "my/text.txt"))] (count (line-seq r)))]')

    def test_data_readers(self):
        self.assert_prints("{:x 1, :y 2}\n", "(require 'my.lib)", '(read-string "#my/point [1 2]")')

    def test_a_folder_before_an_archive_comes_first(self):
        folder = os.path.join(self.home.path, "src", "my")
        os.makedirs(folder)
        with open(os.path.join(folder, "lib.clj"), "w") as file:
            file.write("(ns my.lib) (defn twice [n] :folder)")
        result = self.run_reops("-L", os.path.dirname(folder), "-L", self.jar, "-e", "(require 'my.lib) (my.lib/twice 1)")
        self.assertEqual(":folder\n", result.out, result)

    def test_jars_of_the_configuration(self):
        os.makedirs(os.path.join(self.home.path, "config", "lib"))
        os.rename(self.jar, os.path.join(self.home.path, "config", "lib", "lib.jar"))
        result = self.run_reops("-e", "(require 'my.lib) (my.lib/twice 4)")
        self.assertEqual("8\n", result.out, result)

    def test_what_is_no_archive_is_an_error_that_names_it(self):
        path = os.path.join(self.home.path, "broken.jar")
        with open(path, "w") as file:
            file.write("no archive")
        result = self.run_reops("-L", path, "-e", "(require 'my.lib)")
        self.assertEqual(1, result.code, result)
        self.assertIn("broken.jar: is no zip archive", result.err)

    def test_a_library_in_no_archive_is_reported_with_the_places(self):
        result = self.run_reops("-L", self.jar, "-e", "(require 'my.other)")
        self.assertEqual(1, result.code, result)
        self.assertIn("lib.jar", result.err)

    def test_a_wrong_data_readers_file_is_an_error_that_names_it(self):
        path = self.write("wrong.jar", {"data_readers.clj": "{my/point 5}"})
        result = self.run_reops("-L", path, "-e", "1")
        self.assertEqual(1, result.code, result)
        self.assertIn("wrong.jar/data_readers.clj", result.err)


if __name__ == "__main__":
    unittest.main()
