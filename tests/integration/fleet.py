"""Real SSH hosts on loopback for a test (tests/support/private-sshd), and the forms that most tests type at them."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from session import ROOT

PRIVATE_SSHD = str(ROOT / "tests/support/private-sshd")


class Fleet:
    """Hosts that are up, refuse our key, or are down. They end with the test, and with the test's process if it is killed."""

    def __init__(self, hosts="web1 web2", refusing="web3", down="db1", shared=False):
        self.folder = Path(tempfile.mkdtemp(prefix="reops-fleet-"))
        started = subprocess.run(
            [PRIVATE_SSHD, "start", self.folder, "--hosts", hosts, "--refusing", refusing, "--down", down,
             "--watch", str(os.getpid()), *(["--shared"] if shared else [])],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, text=True,
        )
        if started.returncode != 0:
            self.stop()
            raise AssertionError(f"private-sshd did not start: {started.stderr}")
        lines = [line.split("=", 1) for line in started.stdout.splitlines()]
        values = dict(line for line in lines if line[0] != "host")
        self.port, self.user = int(values["port"]), values["user"]
        # name to address
        self.addresses = {parts[0]: parts[1] for parts in (value.split() for key, value in lines if key == "host")}
        self.config = self.folder / "ssh_config"
        self.known_hosts = self.folder / "known_hosts"

    def environment(self):
        return {"REOPS_SSH_CONFIG": str(self.config), "SSH_AUTH_SOCK": ""}

    def forget(self, name):
        """Takes the key of this host out of known_hosts."""
        address = self.addresses[name]
        kept = [line for line in self.known_hosts.read_text().splitlines() if not line.startswith(f"[{address}]")]
        self.known_hosts.write_text("\n".join(kept) + "\n")

    def stop(self):
        subprocess.run([PRIVATE_SSHD, "stop", self.folder], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        shutil.rmtree(self.folder, ignore_errors=True)
