"""What bench/remote/run measures, a part of the table each."""

import sys

import clients
import terminal
from measuring import Failed, middle, whole
from table import Table
from world import Fleet, RealHosts, addresses

COLD_AIMS = {"xargs ssh": 10, "pdsh": 10, "clush": 10, "asyncssh": 5, "paramiko": 5, "ansible -m raw": 50}
WARM_AIMS = {"xargs ssh": 40, "pdsh": 40, "clush": 40, "paramiko": 10, "ansible -m raw": 300}
LARGE = 5000
REAL = 100
BAD_SHARE = 0.05
MANNERS = ("dead", "silent", "hung", "flooding")


class Bench:
    def __init__(self, program, fleet_program, hosts):
        self.count, self.fleet_program = hosts, fleet_program
        self.ours = clients.Ours(program)
        self.table = Table(sys.stderr)
        self.complaints = []

    def attempt(self, name, work):
        """What work gives, or nothing and a line below the table."""
        try:
            return work()
        except (Failed, OSError) as failure:
            self.complaints.append(f"{name}: {failure}")
            return None

    def fleet(self, network, count, processes=1, manners=()):
        fleet = Fleet(self.fleet_program, processes, manners)
        return fleet, clients.Target(fleet, addresses(network, count))

    def beside(self, what, ours, peer, theirs, aim):
        self.table.beside(what, ours.cpu, peer.name, theirs and theirs.cpu, aim, "s", "", ours.wall, theirs and theirs.wall,
                          theirs and theirs.foreign)


def cold(bench):
    fleet, target = bench.fleet(40, bench.count)
    try:
        ours = middle(lambda: bench.ours.cold(target), 3)
        bench.table.alone("cold, CPU per host", 1000 * ours.cpu / target.count, 1.0, "ms", "the whole process", ours.wall, ours.foreign)
        for peer in [*clients.TOOLS, *clients.LIBRARIES, clients.ANSIBLE]:
            theirs = bench.attempt(f"cold {peer.name}", lambda: peer.run(target))
            bench.beside("cold", ours, peer, theirs, COLD_AIMS.get(peer.name))
    finally:
        fleet.close()


def warm(bench):
    fleet, target = bench.fleet(41, bench.count)
    try:
        live = bench.ours.live(target, target.count)
        try:
            # One host first, so that what the program needs once is not taken for a session.
            live.ask("first")
            before = live.resident()
            live.ask("exec")
            session = (live.resident() - before) / (target.count - 1)
            ours = live.middle("exec", fleet.cpu, 9)
        finally:
            live.close()
        bench.table.alone("warm, CPU per host with its entry", 1000 * ours.cpu / target.count, 0.15, "ms", "", ours.wall, ours.foreign)
        masters = bench.attempt("masters", lambda: clients.Masters(target))
        resident = None
        if masters:
            try:
                resident = masters.resident() / target.count
                for peer in [*clients.TOOLS, clients.ANSIBLE]:
                    theirs = bench.attempt(f"warm {peer.name}", lambda: through_masters(peer, target, masters))
                    bench.beside("warm, over ControlPersist", ours, peer, theirs, WARM_AIMS.get(peer.name))
            finally:
                masters.close()
        for peer in clients.LIBRARIES:
            theirs = bench.attempt(f"warm {peer.name}", lambda: alive(peer, target))
            bench.beside("warm, live", ours, peer, theirs, WARM_AIMS.get(peer.name))
        bench.table.alone("memory per connected session", session, 45, "KiB", "" if resident is None else f"ssh's master: {resident:.0f} KiB")
    finally:
        fleet.close()


def through_masters(peer, target, masters):
    """What the masters do is the client's work too."""
    before = masters.cpu()
    used = peer.run(target, masters.path)
    used.cpu += masters.cpu() - before
    return used


def alive(peer, target):
    live = peer.live(target)
    try:
        live.step("exec", target.world.cpu)
        return live.middle("exec", target.world.cpu, 3)
    finally:
        live.close()


def large(bench):
    fleet, target = bench.fleet(42, LARGE, processes=2)
    try:
        live = bench.ours.live(target, LARGE)
        try:
            connect = live.step("exec", fleet.cpu)
            warmed = live.middle("exec", fleet.cpu, 5)
            resident = live.resident() / 1024
        finally:
            live.close()
        note = lambda used: f"CPU {used.cpu:.2f} s, of the hosts {used.servers:.2f} s"
        bench.table.alone(f"{LARGE} hosts: connect, exec on all", connect.wall, 5.0, "s", note(connect), connect.wall, connect.foreign)
        bench.table.alone(f"{LARGE} hosts: exec on all", warmed.wall, 0.6, "s", note(warmed), warmed.wall, warmed.foreign)
        bench.table.alone(f"{LARGE} hosts: resident", resident, 250, "MiB")
    finally:
        fleet.close()


def real(bench):
    hosts = RealHosts(REAL)
    try:
        target = clients.Target(hosts, hosts.names, hosts.addresses)
        ours = middle(lambda: bench.ours.cold(target), 3)
        share = ours.cpu / (ours.cpu + ours.servers)
        bench.table.alone(f"real sshd, {REAL} hosts: our share of all CPU", share, 0.05, "%", "", ours.wall, ours.foreign)
        for peer in [*clients.TOOLS, *clients.LIBRARIES, clients.ANSIBLE]:
            theirs = bench.attempt(f"real sshd {peer.name}", lambda: peer.run(target))
            bench.beside("real sshd, cold", ours, peer, theirs, None)
        live = bench.ours.live(target)
        try:
            live.ask("exec")
            warmed = live.middle("exec", hosts.cpu, 3)
        finally:
            live.close()
        bench.table.alone("real sshd, warm: CPU per host", 1000 * warmed.cpu / REAL, None, "ms", "", warmed.wall, warmed.foreign)
    finally:
        hosts.close()


def bastion(bench):
    """A real sshd in between, make-believe hosts behind it."""
    hosts = RealHosts(1)
    fleet, target = bench.fleet(43, bench.count)
    try:
        fleet.bastions.append(hosts)
        jump = f"Host bastion\n  HostName {hosts.addresses[0]}\n  Port {hosts.port}\n  User {hosts.user}\n" \
               f"  IdentityFile {hosts.key}\n  UserKnownHostsFile {hosts.folder / 'known_hosts'}\n  ProxyJump none\n"
        for config in (fleet.config, fleet.ssh_config):
            config.write_text(jump + config.read_text() + "  ProxyJump bastion\n")
        ours = middle(lambda: bench.ours.cold(target), 3)
        children = bench.ours.cold(target, watch_children=True).most_children
        bench.table.alone("through a bastion, CPU per target", 1000 * ours.cpu / target.count, 1.2, "ms", "the whole process", ours.wall,
                          ours.foreign)
        bench.table.alone("through a bastion, child processes", children, 0, "")
        few = clients.Target(fleet, target.hosts[:50])
        theirs = bench.attempt("xargs ssh -J", lambda: clients.XARGS.run(few))
        bench.table.beside("through a bastion, CPU per target", 1000 * ours.cpu / target.count, "xargs ssh -J",
                           theirs and 1000 * theirs.cpu / few.count, None, "ms", "", ours.wall, theirs and theirs.wall,
                           theirs and theirs.foreign)
    finally:
        fleet.close()
        hosts.close()


def misbehaving(bench):
    hosts = addresses(44, LARGE)
    each = int(LARGE * BAD_SHARE / len(MANNERS))
    # Blocks of them all through the list, whose hosts lie side by side.
    manners = [(name, hosts[first], hosts[first + each - 1]) for i, name in enumerate(MANNERS)
               for first in [LARGE // len(MANNERS) * i + 100]]
    fleet = Fleet(bench.fleet_program, 1, manners)
    try:
        target = clients.Target(fleet, hosts)
        live = bench.ours.live(target, LARGE)
        try:
            used = live.step("misbehaving", fleet.cpu)
        finally:
            live.close()
        well, bad, late, reasons = used.out.split(" ", 3)
        good = LARGE - each * len(MANNERS)
        bench.table.alone(f"{bad} of {LARGE} hosts misbehave: over the step's deadline", int(late) / 1000, 1.0, "s", reasons, used.wall,
                          used.foreign)
        bench.table.alone(f"{bad} of {LARGE} hosts misbehave: others incomplete", good - int(well), 0, "",
                          f"CPU {used.cpu:.2f} s, of the hosts {used.servers:.2f} s")
    finally:
        fleet.close()


def interrupt(bench):
    hosts = addresses(45, bench.count)
    fleet = Fleet(bench.fleet_program, 1, [("hung", hosts[0], hosts[bench.count // 2 - 1])])
    try:
        target = clients.Target(fleet, hosts)
        spans = [terminal.interrupt(bench.ours, target, bench.count // 2) for _ in range(3)]
        bench.table.alone("Ctrl-C to prompt with partial results", 1000 * min(spans), 50, "ms", f"of {len(spans)}: " +
                          " ".join(f"{1000 * span:.0f}" for span in spans))
    finally:
        fleet.close()


def grouping(bench):
    fleet, target = bench.fleet(46, 1)
    try:
        live = bench.ours.live(target)
        try:
            live.ask("make results")
            ours = live.middle("group", fleet.cpu, 3)
        finally:
            live.close()
        outputs = fleet.folder / "outputs"
        outputs.write_text("".join(f"n{i:05}: {chr(97 + i % 7) * 63}\n" * 16 for i in range(10_000)))
        clients.needs("clubak")
        def clubak():
            with open(outputs) as lines:
                return whole(["clubak", "-b"], fleet.cpu, stdin=lines)
        theirs = bench.attempt("clubak", clubak)
        bench.table.beside("grouping 10,000 outputs of 1 KiB", ours.cpu, "clubak", theirs and theirs.cpu, 50, "s", f"{ours.out} lines", ours.wall,
                           theirs and theirs.wall, theirs and theirs.foreign)
    finally:
        fleet.close()


PARTS = {part.__name__: part for part in (cold, warm, large, real, bastion, misbehaving, interrupt, grouping)}
