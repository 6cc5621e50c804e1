"""What a client costs: CPU of its whole tree of processes, wall time, and how busy the machine was with other things."""

import ctypes
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

CORES = os.cpu_count()
DEADLINE = 600
PR_SET_CHILD_SUBREAPER = 36


class Failed(Exception):
    pass


def adopt_orphans():
    """Processes that a client leaves behind (ssh's masters) become ours, so that what they cost is counted."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def cpu_of(pid):
    """CPU seconds of a process and all its threads, without its children."""
    # The kernel's clock of a process: man 3 clock_getcpuclockid.
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def cpu_of_tree(pid):
    """The same with its children, those that it has waited for too: of a server that forks."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    waited = sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")
    return cpu_of(pid) + waited + sum(cpu_of_tree(child) for child in children_of(pid))


def cpu_of_the_machine():
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    busy = sum(int(fields[i]) for i in (0, 1, 2, 5, 6))
    return busy / os.sysconf("SC_CLK_TCK")


def resident(pid):
    """KiB of memory that a process has now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def children_of(pid):
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def cpu_of_children():
    usage = os.times()
    return usage.children_user + usage.children_system


class Span:
    """From now until end(): wall time, the CPU that the client used, that of the servers, and that of everybody else."""

    def __init__(self, servers, client):
        """servers and client are functions that give CPU seconds so far."""
        self.servers, self.client = servers, client
        self.began = time.monotonic(), client(), servers(), cpu_of_the_machine()

    def end(self):
        began, client, servers, machine = self.began
        used = Used()
        used.wall = time.monotonic() - began
        used.cpu = self.client() - client
        used.servers = self.servers() - servers
        others = cpu_of_the_machine() - machine - used.cpu - used.servers
        used.foreign = max(0.0, others / (used.wall * CORES))
        return used


class Used:
    """wall, cpu and servers in seconds; foreign is a share of the machine; out is what was said."""

    wall = cpu = servers = foreign = 0.0
    out = ""
    most_children = 0

    def plus(self, other):
        self.cpu += other.cpu
        self.wall += other.wall
        return self


def whole(command, servers, environment=None, stdin=None, codes=(0,), watch_children=False):
    """A client that is started, does its work, and ends: all of it is counted, its children too."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        span = Span(servers, cpu_of_children)
        process = subprocess.Popen(command, stdin=stdin or subprocess.DEVNULL, stdout=out, stderr=err,
                                   env={**os.environ, **(environment or {})})
        end = time.monotonic() + DEADLINE
        most = 0
        try:
            while process.poll() is None:
                if time.monotonic() > end:
                    raise Failed(f"{command[0]} did not end within {DEADLINE} s")
                if watch_children:
                    most = max(most, len(children_of(process.pid)))
                try:
                    process.wait(0.002 if watch_children else end - time.monotonic())
                except subprocess.TimeoutExpired:
                    pass
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        used = span.end()
        used.most_children = most
        out.seek(0)
        err.seek(0)
        used.out = out.read().decode("utf-8", "replace")
        if process.returncode not in codes:
            said = (err.read().decode("utf-8", "replace") + used.out).strip().splitlines() or ["nothing was said"]
            raise Failed(f"{command[0]} ended with {process.returncode}: {said[-1]}")
        return used


def middle(measure, repeat):
    """Of several, the one in the middle by CPU."""
    return sorted((measure() for _ in range(repeat)), key=lambda used: used.cpu)[repeat // 2]


class Live:
    """A client that stays: it does a step for each line it is given, and answers with one line."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **(environment or {})})
        try:
            self.expect("ready")
        except Failed:
            self.close()
            raise

    def expect(self, begin):
        signal.alarm(DEADLINE)
        try:
            line = self.process.stdout.readline()
        finally:
            signal.alarm(0)
        if not line.startswith(begin):
            raise Failed(f"{self.process.args[0]} said {line.strip() or 'nothing'} instead of {begin}")
        return line.strip()[len(begin):].strip()

    def ask(self, step):
        self.process.stdin.write(step + "\n")
        self.process.stdin.flush()
        return self.expect("done")

    def step(self, step, servers):
        span = Span(servers, lambda: cpu_of(self.process.pid))
        said = self.ask(step)
        used = span.end()
        used.out = said
        return used

    def middle(self, step, servers, repeat):
        return middle(lambda: self.step(step, servers), repeat)

    def resident(self):
        return resident(self.process.pid)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def on_alarm(*_):
    raise Failed(f"no answer within {DEADLINE} s")


signal.signal(signal.SIGALRM, on_alarm)
