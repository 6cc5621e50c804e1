"""How long it takes until a person can type: at a prompt that attaches to a controller, and at one that becomes it."""

import os
import pty
import resource
import select
import sys
import time

REOPS = sys.argv[1]
DEADLINE = 30


class Prompt:
    def __init__(self):
        begun = time.monotonic()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "dumb"
            os.execv(REOPS, [REOPS])
        said = b""
        while "λ: ".encode() not in said:
            if not select.select([self.terminal], [], [], DEADLINE)[0]:
                sys.exit(f"no prompt within {DEADLINE} s: {said!r}")
            said += os.read(self.terminal, 4096)
        self.ms = (time.monotonic() - begun) * 1000

    def leave(self):
        os.write(self.terminal, b"\x04")
        os.waitpid(self.pid, 0)
        os.close(self.terminal)
        return self.ms


def row(what, value, unit):
    print(f"{what:<58} {value:10.1f} {unit}")


def controller_cpu():
    """CPU time so far of children that have ended, in milliseconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


row("becoming the controller, until one can type", min(Prompt().leave() for _ in range(10)), "ms")
first = Prompt()
row("attaching a prompt, until one can type", min(Prompt().leave() for _ in range(20)), "ms")
before = controller_cpu()
for _ in range(20):
    Prompt().leave()
row("CPU of the process at the terminal", (controller_cpu() - before) / 20, "ms")
with open(f"/proc/{first.pid}/status") as status:
    row("its memory", next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024, "MB")
first.leave()
