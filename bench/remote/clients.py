"""How each client runs `uptime` on many hosts: the command line, and what it needs around it."""

import os
import shutil
import signal
from pathlib import Path

from measuring import Failed, Live, children_of, cpu_of, resident, whole

HERE = Path(__file__).resolve().parent
WIDTH = 64
FORKS = 50


class Target:
    """Hosts of a world, as files that clients read. What reads no ssh_config needs their addresses."""

    def __init__(self, world, hosts, addresses=None):
        self.world, self.hosts, self.count = world, hosts, len(hosts)
        self.file = self.write("hosts", hosts)
        self.addresses = self.write("addresses", addresses) if addresses else self.file

    def write(self, name, hosts):
        path = self.world.folder / f"{name}-{len(hosts)}"
        path.write_text("".join(f"{host}\n" for host in hosts))
        return path


def needs(program):
    path = shutil.which(program)
    if path is None:
        raise Failed(f"{program} is not installed")
    return path


def check_lines(used, target):
    """Every host has said its line."""
    said = len(used.out.splitlines())
    if said < target.count:
        raise Failed(f"{said} lines for {target.count} hosts")
    return used


class Ours:
    name = "reops"

    def __init__(self, program):
        self.program = program

    def environment(self, world):
        # What cold costs includes no cache of an earlier run's; the folder is the world's own.
        return {"REOPS_SSH_CONFIG": str(world.config), "SSH_AUTH_SOCK": "", "REOPS_HOME": str(world.folder / "reops"),
                "XDG_STATE_HOME": str(world.folder / "reops"), "TERM": "dumb"}

    def cold(self, target, options=(), watch_children=False):
        command = [self.program, "exec", "-i", str(target.file), "-g", "all", "--fanout", str(WIDTH), *options, "--", "uptime"]
        used = whole(command, target.world.cpu, self.environment(target.world), watch_children=watch_children)
        return check_lines(used, target)

    def live(self, target, width=WIDTH):
        return Live([self.program, str(HERE / "ours.clj"), str(target.file), str(width)], self.environment(target.world))


class Ssh:
    """The tools that start an ssh for each host. A control path makes them use masters that are there."""

    def __init__(self, name, command, environment=None):
        self.name, self.make_command, self.make_environment = name, command, environment or (lambda ssh_options, target: {})

    def run(self, target, control=None):
        needs(self.make_command([], target)[0])
        ssh_options = ["-F", str(target.world.ssh_config), "-o", f"ControlPath={control or 'none'}"]
        command = self.make_command(ssh_options, target)
        with open(target.file) as hosts:
            used = whole(command, target.world.cpu, {"SSH_AUTH_SOCK": "", **self.make_environment(ssh_options, target)}, stdin=hosts)
        return check_lines(used, target)


XARGS = Ssh("xargs ssh", lambda ssh, target: ["xargs", "-P", str(WIDTH), "-I{}", "ssh", "-n", *ssh, "{}", "uptime"])
PDSH = Ssh("pdsh", lambda ssh, target: ["pdsh", "-R", "ssh", "-f", str(WIDTH), "-w", f"^{target.file}", "uptime"],
           lambda ssh, target: {"PDSH_SSH_ARGS": " ".join(ssh) + " %h"})
CLUSH = Ssh("clush", lambda ssh, target: ["clush", "-q", "-f", str(WIDTH), "--hostfile", str(target.file), "-o",
                                                 # Its options are configuration, in which % is a sign.
                                                 " ".join(ssh).replace("%", "%%"), "uptime"])
PSSH = Ssh("parallel-ssh", lambda ssh, target: ["parallel-ssh", "-i", "-p", str(WIDTH), "-t", "0", "-h", str(target.file),
                                                "-x", " ".join(ssh), "uptime"])
TOOLS = [XARGS, PDSH, CLUSH, PSSH]


class Ansible:
    name = "ansible -m raw"

    def run(self, target, control=None):
        needs("ansible")
        home = target.world.folder / "ansible"
        home.mkdir(exist_ok=True)
        config = home / "ansible.cfg"
        config.touch()
        ssh = f"-F {target.world.ssh_config} -o ControlPath={control or 'none'}"
        environment = {"SSH_AUTH_SOCK": "", "ANSIBLE_SSH_ARGS": ssh, "ANSIBLE_HOME": str(home), "ANSIBLE_LOCAL_TEMP": str(home / "tmp"),
                       "ANSIBLE_CONFIG": str(config), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_HOST_KEY_CHECKING": "1"}
        command = ["ansible", "-i", str(target.file), "-f", str(FORKS), "all", "-m", "raw", "-a", "uptime"]
        return check_lines(whole(command, target.world.cpu, environment), target)


class Library:
    """A Python library, by a small program of ours."""

    def __init__(self, name, module):
        self.name, self.module = name, module

    def command(self, mode, target):
        world = target.world
        return ["/usr/bin/python3", str(HERE / "peers" / f"{self.module}_client.py"), mode, str(world.port), world.user,
                str(world.key), str(world.host_key), str(target.addresses), str(WIDTH)]

    def run(self, target, control=None):
        return whole(self.command("cold", target), target.world.cpu, {"SSH_AUTH_SOCK": ""})

    def live(self, target):
        return Live(self.command("warm", target), {"SSH_AUTH_SOCK": ""})


ASYNCSSH = Library("asyncssh", "asyncssh")
PARAMIKO = Library("paramiko", "paramiko")
LIBRARIES = [ASYNCSSH, PARAMIKO]
ANSIBLE = Ansible()


class Masters:
    """An ssh for each host that stays and lets others use its connection."""

    def __init__(self, target):
        self.target = target
        folder = target.world.folder / "control"
        folder.mkdir(mode=0o700)
        self.path = f"{folder}/%h"
        before = set(children_of(os.getpid()))
        command = ["xargs", "-P", str(WIDTH), "-I{}", "ssh", "-n", "-M", "-N", "-f", "-F", str(target.world.ssh_config),
                   "-o", f"ControlPath={self.path}", "-o", "ControlPersist=600", "{}"]
        with open(target.file) as hosts:
            whole(command, target.world.cpu, {"SSH_AUTH_SOCK": ""}, stdin=hosts)
        # They have left those who started them, and are ours now.
        self.pids = [pid for pid in children_of(os.getpid()) if pid not in before]
        if len(self.pids) < target.count:
            self.close()
            raise Failed(f"{len(self.pids)} masters for {target.count} hosts")

    def cpu(self):
        return sum(cpu_of(pid) for pid in self.pids)

    def resident(self):
        return sum(resident(pid) for pid in self.pids)

    def close(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGTERM)
        for pid in self.pids:
            os.waitpid(pid, 0)
