"""What our clients of Python libraries share: arguments, and steps that the one who measures asks for, a line each."""

import sys


class Arguments:
    def __init__(self):
        self.mode, self.port, self.user, self.key, self.host_key, self.hosts_file, self.width = sys.argv[1:8]
        self.port, self.width = int(self.port), int(self.width)
        self.hosts = open(self.hosts_file).read().split()


def check(answers, hosts):
    if len(answers) != len(hosts) or not all(answers):
        raise SystemExit(f"{sum(map(bool, answers))} of {len(hosts)} hosts answered")


def serve(steps):
    print("ready", flush=True)
    for line in sys.stdin:
        steps[line.strip()]()
        print("done", flush=True)
