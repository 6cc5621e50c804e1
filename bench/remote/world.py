"""What is measured against: make-believe hosts (reops_fleet), real sshd (tests/support/private-sshd), and the files that clients need."""

import os
import random
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from measuring import Failed, cpu_of_tree

ROOT = Path(__file__).resolve().parents[2]
PRIVATE_SSHD = ROOT / "tests/support/private-sshd"
USER = "fleet"
# What all clients are held to; ours has nothing that costs more. The last lines of a block for all hosts.
SSH_ONLY = "  KexAlgorithms curve25519-sha256\n  LogLevel ERROR\n"

CONFIG = """Host *
  Port {port}
  User {user}
  IdentityFile {folder}/id
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
"""


def addresses(network, count):
    """The first so many hosts of 127.NETWORK.0.0/16."""
    return [f"127.{network}.{i // 250}.{i % 250 + 1}" for i in range(count)]


def free_port():
    """Below those that the system hands out by itself."""
    for _ in range(100):
        port = random.randrange(20000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(("", port))
                return port
            except OSError:
                continue
    raise Failed("no port is free")


class Fleet:
    """Make-believe hosts, and what a client needs to know of them."""

    def __init__(self, program, processes=1, manners=()):
        """manners: (name, first address, last address)."""
        self.folder = Path(tempfile.mkdtemp(prefix="reops-bench-remote-"))
        for name in ("host_key", "id"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        self.port, self.user = free_port(), USER
        self.bastions = []  # real hosts before them
        self.key, self.host_key = self.folder / "id", self.folder / "host_key.pub"
        options = [word for name, first, last in manners for word in (f"--{name}", f"{first}-{last}")]
        self.process = subprocess.Popen(
            [program, "--port", str(self.port), "--host-key", self.folder / "host_key", "--authorized", self.folder / "id.pub",
             "--processes", str(processes), *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            self.close()
            raise Failed("the fleet did not start")
        key = (self.folder / "host_key.pub").read_text().split()
        (self.folder / "known_hosts").write_text(f"[127.*]:{self.port} {key[0]} {key[1]}\n")
        text = CONFIG.format(port=self.port, user=USER, folder=self.folder)
        # For ours; and for ssh, which is told the key exchange besides.
        self.config, self.ssh_config = self.folder / "config", self.folder / "ssh_config"
        self.config.write_text(text)
        self.ssh_config.write_text(text + SSH_ONLY)

    def cpu(self):
        return cpu_of_tree(self.process.pid) + sum(bastion.cpu() for bastion in self.bastions)

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class RealHosts:
    """One sshd on eight addresses, which answers by as many names as wanted."""

    def __init__(self, count):
        self.folder = Path(tempfile.mkdtemp(prefix="reops-bench-sshd-"))
        self.names = [f"n{i:03}" for i in range(count)]
        started = subprocess.run([PRIVATE_SSHD, "start", self.folder, "--hosts", " ".join(self.names), "--shared", "--watch",
                                  str(os.getpid())], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if started.returncode != 0:
            self.close()
            raise Failed(f"private-sshd did not start: {started.stderr.strip()}")
        lines = [line.split("=", 1) for line in started.stdout.splitlines()]
        values = dict(line for line in lines if line[0] != "host")
        self.port, self.user = int(values["port"]), values["user"]
        self.addresses = [value.split()[1] for name, value in lines if name == "host"]
        self.config = self.folder / "ssh_config"
        self.ssh_config = self.folder / "ssh_config.curve25519"
        self.ssh_config.write_text(self.config.read_text() + SSH_ONLY)
        self.key, self.host_key = self.folder / "id_ed25519", self.folder / "hosts/shared/host_key.pub"
        self.server = int((self.folder / "hosts/shared/pid").read_text())

    def cpu(self):
        return cpu_of_tree(self.server)

    def close(self):
        subprocess.run([PRIVATE_SSHD, "stop", self.folder], stdin=subprocess.DEVNULL, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)
