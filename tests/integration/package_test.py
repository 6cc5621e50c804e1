#!/usr/bin/env python3
"""The manual pages, the completions of shells and the Debian package: that they are made, whole, and say what the program
says. What the package does where it is installed is tested by tests/packaging/installed_test.py. Takes about ten seconds.
"""

import gzip
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from session import DEADLINE, REOPS, ROOT, Home, run

BUILD = Path(REOPS).parents[1]
COMMANDS = ["exec", "ping", "hosts", "nrepl"]


def output(*command, **options):
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=5 * DEADLINE, **options).stdout


def options_of(*command):
    """The options that a help lists."""
    rows = [line.split()[0] for line in run(*command, "--help").out.splitlines() if line.startswith("  -")]
    return [name for names in rows for name in names.split(",")]


def make_package(folder):
    """The package in a folder, compressed in a hurry."""
    quickly = {**os.environ, "DPKG_DEB_COMPRESSOR_TYPE": "gzip", "DPKG_DEB_COMPRESSOR_LEVEL": "1"}
    return output(ROOT / "packaging/deb", BUILD, folder, env=quickly).strip()


def setUpModule():
    global package, root
    folder = tempfile.TemporaryDirectory(prefix="reops-package-")
    unittest.addModuleCleanup(folder.cleanup)
    package = make_package(folder.name)
    root = Path(folder.name) / "root"
    output("dpkg-deb", "-x", package, root)


class Case(unittest.TestCase):
    def file(self, name):
        path = root / "usr" / name
        self.assertTrue(path.is_file(), name)
        return gzip.decompress(path.read_bytes()).decode() if name.endswith(".gz") else path.read_text()


class Package(Case):
    def test_what_is_in_it(self):
        for name in ("bin/reops", "lib/reops/ssh.so", "lib/reops/http.so", "lib/reops/yaml.so", "lib/reops/secrets.so", "share/doc/reops/copyright",
                     "share/doc/reops/changelog.gz"):
            self.assertTrue((root / "usr" / name).is_file(), name)
        self.assertFalse((root / "usr/include").exists())

    def test_what_it_depends_on(self):
        depends = output("dpkg-deb", "-f", package, "Depends")
        for library in ("libc6", "libssh-4", "libstdc++6", "libyaml-0-2", "libcurl4"):
            self.assertRegex(depends, rf"\b{re.escape(library)}")
        self.assertNotIn("${", depends)

    def test_the_same_sources_make_the_same_package(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(Path(package).read_bytes(), Path(make_package(folder)).read_bytes())

    def test_the_program_of_the_package_runs_from_where_it_lies(self):
        environment = Home()
        self.addCleanup(environment.remove)
        done = subprocess.run([root / "usr/bin/reops", "-e", '(reops.yaml/read-string "a: 1")'], capture_output=True, text=True,
                              timeout=DEADLINE, env=environment.environment())
        self.assertEqual((0, '{"a" 1}\n', ""), (done.returncode, done.stdout, done.stderr))

    def test_lintian_finds_nothing(self):
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning,info", package], capture_output=True, text=True,
                              timeout=5 * DEADLINE)
        self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)


class Manual(Case):
    def test_a_page_for_each_command_with_all_its_options(self):
        for command in ["", *COMMANDS]:
            page = self.file(f"share/man/man1/reops{'-' * bool(command)}{command}.1.gz").replace("\\-", "-")
            options = options_of(*filter(None, [command]))
            self.assertIn("--help", options)
            for option in options:
                self.assertIn(f"\\fB{option}\\fR", page, f"reops {command}")

    def test_no_page_has_a_mistake(self):
        for page in sorted((root / "usr/share/man/man1").iterdir()):
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page], capture_output=True, text=True,
                                  timeout=DEADLINE, env={**os.environ, "MANROFFSEQ": "", "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
            self.assertEqual((0, ""), (done.returncode, done.stderr), page.name)

    def test_no_page_is_about_the_one_who_built_it(self):
        for page in sorted((root / "usr/share/man/man1").iterdir()):
            self.assertNotIn(str(Path.home()) + "/", gzip.decompress(page.read_bytes()).decode())
        self.assertIn("~/.local/state/reops/nrepl.sock", self.file("share/man/man1/reops-nrepl.1.gz"))


class Completion(Case):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.inventory = self.home.write("inventory.ini", "[web]\nweb[1:2]\n[database]\ndb1\n")
        self.home.write(".ssh/config", "Host bastion *.dc1\n  User x\n")
        self.environment = self.home.environment(PATH=f"{root}/usr/bin:{os.environ['PATH']}")

    def bash(self, *words):
        script = root / "usr/share/bash-completion/completions/reops"
        quoted = " ".join("'" + word + "'" for word in words)
        out = output("bash", "--norc", "-c",
                     f'source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _reops; printf "%s\\n" "${{COMPREPLY[@]}}"',
                     env=self.environment, cwd=self.home.path)
        return out.split()

    def test_commands_and_options(self):
        self.assertEqual(["exec"], self.bash("reops", "ex"))
        for command in COMMANDS:
            self.assertEqual(sorted(options_of(command)), sorted(self.bash("reops", command, "-")))
        self.assertEqual(sorted(options_of()), sorted(self.bash("reops", "-")))
        self.assertEqual(["--fanout"], self.bash("reops", "exec", "-H", "web1", "--fan"))

    def test_groups_hosts_and_files(self):
        self.assertEqual(["database"], self.bash("reops", "exec", "-i", str(self.inventory), "-g", "da"))
        self.assertEqual({"bastion", "web1", "web2", "db1"}, set(self.bash("reops", "exec", "-i", str(self.inventory), "-H", "")))
        self.assertEqual(["inventory.ini"], self.bash("reops", "exec", "-i", "inv"))
        self.assertEqual([], self.bash("reops", "exec", "--fanout", ""))
        self.assertEqual(["inventory.ini"], self.bash("reops", "inv"))

    def test_zsh(self):
        """In a zsh of its own, typed at: Tab completes."""
        functions = root / "usr/share/zsh/vendor-completions"
        script = f"""
            zmodload zsh/zpty; zpty shell zsh -f -i
            zpty -w shell 'fpath=({functions} $fpath); autoload -Uz compinit; compinit -u -D; print set-$((40+2))'
            zpty -r shell seen '*set-42*'
            zpty -w -n shell 'reops exec -i {self.inventory} -g data'$'\\t'
            zpty -r shell seen '*database*'
            zpty -w -n shell ' --fan'$'\\t'
            zpty -r shell seen '*--fanout*'
            print -r -- completed
        """
        self.assertIn("completed", output("zsh", "-f", "-c", script, env={**self.environment, "TERM": "xterm"}))


if __name__ == "__main__":
    unittest.main()
