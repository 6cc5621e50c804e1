#!/usr/bin/env python3
"""The Debian package where nothing else is: installed in a fresh Debian, `reops exec` runs from the ssh configuration, known
hosts, ssh-agent and Ansible inventory there, on real hosts of this test. Needs root (or sudo) and Debian's packages; takes about
a minute. `packaging/test-deb` runs it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
from fleet import Fleet  # noqa: E402
from session import DEADLINE, REOPS, ROOT  # noqa: E402

BUILD = Path(REOPS).parents[1]
RELEASE = "bookworm"
# Setting up a system takes longer than anything that the other tests wait for.
LONG = 15 * DEADLINE
AS_ROOT = [] if os.geteuid() == 0 else ["sudo"]


def sources():
    """Where this machine has its packages from, as mmdebstrap wants to know it."""
    return next(str(path) for path in (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list")) if path.exists())


def checked(*command, timeout=DEADLINE):
    done = subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout


def as_root(*command, **options):
    return checked(*AS_ROOT, *command, **options)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet()
        cls.addClassCleanup(cls.fleet.stop)
        folder = Path(tempfile.mkdtemp(prefix="reops-installed-"))
        cls.addClassCleanup(lambda: as_root("rm", "-rf", folder))
        package = Path(checked(ROOT / "packaging/deb", BUILD, folder, timeout=LONG).strip())
        cls.root = folder / "root"
        as_root("mmdebstrap", "--quiet", "--variant=minbase", f"--customize-hook=copy-in {package} /tmp",
                f'--customize-hook=chroot "$1" apt-get install -qy --no-install-recommends /tmp/{package.name}',
                RELEASE, cls.root, sources(), timeout=LONG)
        as_root("chown", "-R", str(os.getuid()), cls.root / "root", cls.root / "tmp")
        cls.write_what_a_person_has()

    @classmethod
    def write_what_a_person_has(cls):
        """~/.ssh/config, known_hosts, an agent with the key, and an inventory."""
        ssh = cls.root / "root/.ssh"
        ssh.mkdir(mode=0o700)
        (ssh / "config").write_text(f"Host *\n  User {cls.fleet.user}\n  Port {cls.fleet.port}\n")
        shutil.copy(cls.fleet.known_hosts, ssh / "known_hosts")
        inventory = [f"{name} ansible_host={address}" for name, address in cls.fleet.addresses.items()]
        (cls.root / "root/inventory.ini").write_text("\n".join(["[web]", *inventory[:2], "[other]", *inventory[2:], ""]))
        agent = cls.root / "tmp/agent"
        started = subprocess.Popen(["ssh-agent", "-D", "-a", agent], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        cls.addClassCleanup(lambda: (started.terminate(), started.wait(), started.stdout.close()))
        started.stdout.readline()  # it listens now
        subprocess.run(["ssh-add", "-q", cls.fleet.folder / "id_ed25519"], check=True, timeout=DEADLINE,
                       env={**os.environ, "SSH_AUTH_SOCK": str(agent)})

    def there(self, *command):
        """Runs a program in the fresh system, as its root."""
        return subprocess.run(
            [*AS_ROOT, "chroot", self.root, "env", "-i", "-C", "/root", "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
             "LC_ALL=C.UTF-8", "SSH_AUTH_SOCK=/tmp/agent", *command],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE)

    def answers(self, *command):
        done = self.there(*command)
        self.assertEqual((0, ""), (done.returncode, done.stderr), f"{command}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def test_exec_from_what_a_person_has(self):
        out = self.answers("reops", "exec", "-i", "inventory.ini", "-g", "web", "--", "uptime")
        self.assertRegex(out, r"\Aweb1: .* load average: .*\nweb2: .* load average: .*\n\Z")

    def test_some_hosts_fail(self):
        done = self.there("reops", "exec", "-i", "inventory.ini", "-g", "all", "--fold", "--", "echo here")
        self.assertEqual((1, ""), (done.returncode, done.stderr), done)
        self.assertRegex(done.stdout, r"✔ web\[1-2\] \(2 hosts\) here\n  x web3 - -1, .* refused user .*\n  x db1 - -1, .*refused")

    def test_the_form_does_the_same(self):
        command = ["-i", "inventory.ini", "-g", "web", "--", "hostname"]
        form = self.answers("reops", "exec", "--form", *command)
        self.assertEqual(self.answers("reops", "exec", *command), self.answers("reops", "-e", f"(do {form} nil)"))

    def test_all_modules_load(self):
        self.assertEqual('{"a" 1}\n', self.answers("reops", "-e", '(reops.yaml/read-string "a: 1")'))
        self.assertEqual(":reops.http/connect\n", self.answers(
            "reops", "-e", '(try (require \'reops.http) (reops.http/get "http://127.0.0.1:1/") (catch Exception e (:type (ex-data e))))'))

    def test_it_is_a_package_like_others(self):
        self.assertIn("install ok installed", self.answers("dpkg-query", "-s", "reops"))
        self.assertEqual("", self.answers("dpkg", "--verify", "reops"))
        self.answers("test", "-e", "/usr/share/bash-completion/completions/reops")

    def test_wrong_arguments(self):
        self.assertEqual(2, self.there("reops", "exec", "-i", "inventory.ini", "-g", "wep", "--", "true").returncode)


if __name__ == "__main__":
    unittest.main()
