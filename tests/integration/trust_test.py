#!/usr/bin/env python3
"""Whom to trust: host keys reviewed many at once, by a person and against a file of fingerprints; networks in which new ones are
accepted. On four real hosts. Takes about fifteen seconds.
"""

import os
import re
import subprocess
import unittest

from fleet import Fleet
from session import CRASH, Home, Terminal, run

fleet = None


def setUpModule():
    global fleet
    fleet = Fleet(hosts="web1 web2 web3 web4", refusing="", down="db1")
    unittest.addModuleCleanup(fleet.stop)


def key_of(name):
    """The host key of a host: its type and bytes, and its line of ssh-keygen -l."""
    path = fleet.folder / "hosts" / name / "host_key.pub"
    shown = subprocess.run(["ssh-keygen", "-lf", path], capture_output=True, text=True, timeout=60, check=True).stdout
    return " ".join(path.read_text().split()[:2]), shown


def fingerprint(name):
    return key_of(name)[1].split()[1]


class Case(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        kept = fleet.known_hosts.read_bytes()
        self.addCleanup(fleet.known_hosts.write_bytes, kept)
        self.addCleanup(fleet.config.write_bytes, fleet.config.read_bytes())
        fleet.known_hosts.write_text("")

    def known(self):
        """The hosts that known_hosts has, by the addresses in it."""
        text = fleet.known_hosts.read_text()
        return sorted(name for name, address in fleet.addresses.items() if f"[{address}]:{fleet.port} " in text)

    def reops(self, *args, **options):
        result = run(*args, home=self.home, **fleet.environment(), **options)
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        return result

    def entries(self, form):
        """What became of each host, as lines "NAME CODE ADDED REASON MESSAGE"."""
        result = self.reops("-e", "(require '[re-mote.repl.results :refer [entries reason]]) "
                            f"(let [[_ results] {form}] (doseq [e (entries results)] "
                            "(println (:host e) (:code e) (:added (:result e)) (reason e) (:message (:error e))))) nil")
        self.assertEqual((0, ""), (result.code, result.err), result)
        return dict(line.split(" ", 1) for line in result.out.splitlines())


class AcceptHostKeys(Case):
    def test_all_of_them(self):
        inode = os.stat(fleet.known_hosts).st_ino
        said = self.entries('(accept-host-keys (hosts "web[1-4],db1") {:accept :all})')
        for name in ("web1", "web2", "web3", "web4"):
            self.assertEqual("0 true nil nil", said[name])
        self.assertRegex(said["db1"], r"^-1 nil :refused .*refused the connection")
        self.assertEqual(["web1", "web2", "web3", "web4"], self.known())
        self.assertEqual(0o600, fleet.known_hosts.stat().st_mode & 0o777)
        # The file was replaced whole, and there is nothing of ours beside it.
        self.assertNotEqual(inode, os.stat(fleet.known_hosts).st_ino)
        self.assertEqual([], list(fleet.folder.glob("known_hosts.*")))
        self.assertEqual("0 false nil nil", self.entries('(accept-host-keys (hosts "web1") {:accept :all})')["web1"])

    def test_some_of_them(self):
        said = self.entries('(accept-host-keys (hosts "web[1-3]") {:accept "web[2-3]"})')
        self.assertRegex(said["web1"], rf"^-1 nil :hostkey the key of web1 .*{re.escape(fingerprint('web1'))} \(ssh-ed25519\), was not accepted")
        self.assertEqual(["web2", "web3"], self.known())

    def test_nobody_is_asked_where_nobody_is(self):
        said = self.entries('(accept-host-keys (hosts "web[1-2]"))')
        self.assertRegex(said["web1"] + said["web2"], r"-1 nil :hostkey .*-1 nil :hostkey ")
        self.assertEqual("", fleet.known_hosts.read_text())

    def test_checking_writes_nothing(self):
        said = self.entries('(accept-host-keys (hosts "web1") {:accept :all :check true})')
        self.assertEqual("0 true nil nil", said["web1"])
        self.assertEqual("", fleet.known_hosts.read_text())

    def test_hashed_when_the_configuration_says_so(self):
        fleet.config.write_text("HashKnownHosts yes\n" + fleet.config.read_text())
        self.entries('(accept-host-keys (hosts "web[1-2]") {:accept :all})')
        text = fleet.known_hosts.read_text()
        self.assertEqual(2, len(re.findall(r"(?m)^\|1\|", text)), text)
        self.assertEqual([], self.known())
        self.assertEqual(0, self.reops("exec", "-H", "web[1-2]", "--", "true").code)

    def test_what_has_changed_or_is_revoked_never(self):
        address = f"[{fleet.addresses['web1']}]:{fleet.port}"
        before = f"{address} {key_of('web4')[0]}\n@revoked * {key_of('web2')[0]}\n"
        fleet.known_hosts.write_text(before)
        said = self.entries('(accept-host-keys (hosts "web[1-3]") {:accept :all})')
        self.assertRegex(said["web1"], r"^-1 nil :hostkey HOST KEY OF web1 .* HAS CHANGED")
        self.assertRegex(said["web2"], r"^-1 nil :hostkey HOST KEY OF web2 .* IS REVOKED")
        self.assertEqual("0 true nil nil", said["web3"])
        self.assertEqual(before + f"[{fleet.addresses['web3']}]:{fleet.port} {key_of('web3')[0]}\n", fleet.known_hosts.read_text())

    def test_it_is_a_stage_of_pipelines(self):
        result = self.reops("-e", '(run (accept-host-keys (hosts "web[1-2]") {:accept "web1"}) | (pick successful) | (exec "echo in") | (pretty)) nil')
        self.assertEqual(0, result.code, result)
        self.assertRegex(result.out, r"✔ web1 in\n")
        self.assertRegex(result.out, r"x web2 - -1, the key of web2 .* was not accepted")


class Fingerprints(Case):
    def expected(self, text):
        return self.home.write("expected.txt", text)

    def test_what_matches_is_accepted_and_what_differs_is_named(self):
        # As ssh-keygen prints it on the host; by name; by address; another's; none.
        line = key_of("web1")[1]
        self.assertRegex(line, r"^256 SHA256:\S+ web1 \(ED25519\)")
        path = self.expected(f"# from the console\n{line}web2 {fingerprint('web2')}\n{fleet.addresses['web3']} {fingerprint('web1')}\n")
        said = self.entries(f'(accept-host-keys (hosts "web[1-4]") {{:fingerprints "{path}"}})')
        self.assertEqual("0 true nil nil", said["web1"])
        self.assertEqual("0 true nil nil", said["web2"])
        self.assertIn(f"shows the key {fingerprint('web3')} (ssh-ed25519), but {path}:4 expects {fingerprint('web1')}", said["web3"])
        self.assertIn(f"shows the key {fingerprint('web4')} (ssh-ed25519), and {path} says", said["web4"])
        self.assertEqual(["web1", "web2"], self.known())

    def test_a_known_key_that_the_file_contradicts_is_named(self):
        self.entries('(accept-host-keys (hosts "web1") {:accept :all})')
        path = self.expected(f"web1 {fingerprint('web2')}\n")
        self.assertIn(f"{path}:1 expects", self.entries(f'(accept-host-keys (hosts "web1") {{:fingerprints "{path}"}})')["web1"])

    def test_on_the_command_line(self):
        path = self.expected(f"web1 {fingerprint('web1')}\nweb2 {fingerprint('web1')}\n")
        result = self.reops("ping", "-H", "web[1-2]", "--fingerprints", path)
        self.assertEqual((1, "web1: up\n"), (result.code, result.out), result)
        self.assertRegex(result.err, rf"(?m)^web2: -1, web2 .* shows the key .*, but {path}:2 expects ")
        self.assertEqual(["web1"], self.known())
        bad = self.reops("ping", "-H", "web1", "--fingerprints", self.expected("web1 MD5:00\n"))
        self.assertEqual(2, bad.code, bad)
        self.assertRegex(bad.err, r"^reops ping: .*expected.txt:1: one SHA256 fingerprint was expected\n")
        form = self.reops("ping", "-H", "web1", "--fingerprints", "f", "--accept-new", "10.0.0.0/8", "--form").out
        self.assertEqual('(run (accept-host-keys (hosts-with (hosts "web1") {:host-keys {"10.0.0.0/8" :accept-new}}) {:fingerprints "f"}) '
                         "| (pick successful) | (reach {}) | (raw))", " ".join(form.split()))


class AtATerminal(Case):
    def test_a_person_says_which(self):
        with Terminal("ping", "-H", "web[1-3]", "--accept-keys", **{**fleet.environment(), "TERM": "xterm"}) as terminal:
            shown = terminal.wait_for(r"Accept these 3 keys\? \[y, N, or some hosts such as web\[1-3\]\] ")
            for name in ("web1", "web2", "web3"):
                self.assertRegex(shown, rf"{name} +{re.escape(fleet.addresses[name])}:{fleet.port} +ssh-ed25519 +{re.escape(fingerprint(name))}")
            terminal.type("web[1,3]\r")
            terminal.wait_for(r"web\[1,3\] \(2 hosts\)")
            self.assertEqual(1, terminal.wait())
        self.assertEqual(["web1", "web3"], self.known())

    def test_yes_and_no(self):
        for answer, known in (("n", []), ("", []), ("y", ["web1"])):
            with Terminal("ping", "-H", "web1", "--accept-keys", **{**fleet.environment(), "TERM": "xterm"}) as terminal:
                terminal.wait_for(r"Accept this key\? \[y/N\] ")
                terminal.type(answer + "\r")
                self.assertEqual(0 if known else 1, terminal.wait())
            self.assertEqual(known, self.known())


class Networks(Case):
    def test_new_keys_are_accepted_within_a_network_only(self):
        result = self.reops("exec", "-H", "web1", "--accept-new", "10.0.0.0/8", "--accept-new", "192.168.0.0/16", "--", "true")
        self.assertEqual(1, result.code, result)
        self.assertRegex(result.err, r"is not in known_hosts")
        result = self.reops("exec", "-H", "web1", "--accept-new", "127.0.0.0/8", "--", "true")
        self.assertEqual((0, ["web1"]), (result.code, self.known()), result)
        said = self.entries('(exec (hosts "web[2-3]" {:host-keys {"127.0.0.0/8" :accept-new} '
                            ':hosts {"web3" {:host-keys {"127.0.0.0/8" :strict}}}}) "true")')
        self.assertTrue(said["web2"].startswith("0 "))
        self.assertRegex(said["web3"], r"^-1 nil :hostkey")
        bad = self.reops("-e", '(exec (hosts "web1" {:host-keys {"10.0.0.0/99" :accept-new}}) "true")')
        self.assertRegex(bad.err, r'"10.0.0.0/99" is not a network')


if __name__ == "__main__":
    unittest.main()
