#!/usr/bin/env python3
"""The agent from outside: a small controller (tests/agent/controller_program.cpp) sends it functions, well-behaved and not.

After each case the agent is there and runs the next call. Takes about half a minute.
"""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

REGENT = os.environ["REGENT"]
CONTROLLER = os.environ["CONTROLLER"]
DEADLINE = 60


class Controller:
    def __init__(self, folder, endpoint="tcp://127.0.0.1:*"):
        self.process = subprocess.Popen([CONTROLLER, folder, endpoint], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.said = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.seen = []
        listening = self.wait("listening")
        self.endpoint, self.key = listening["endpoint"], listening["key"]
        self.address = self.endpoint.removeprefix("tcp://")

    def read(self):
        for line in self.process.stdout:
            self.said.put(json.loads(line))

    def wait(self, *kinds, call=None):
        """The next message of one of those kinds, about that call."""
        until = time.monotonic() + DEADLINE
        while True:
            try:
                message = self.said.get(timeout=max(0.01, until - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {kinds} of {call} came; what came: {self.seen[-20:]}") from None
            if message["kind"] != "alive":
                self.seen.append(message)
            if message["kind"] in kinds and (call is None or message.get("call") == call):
                return message

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def set(self, setting, on):
        self.tell(f"set {setting} {int(on)}")
        self.wait("set")

    def send(self, name, form, within=30_000, streams=False):
        self.tell(f"call {name} {within} {int(streams)} {form}")

    def call(self, name, form, within=30_000, streams=False):
        self.send(name, form, within, streams)
        return self.wait("outcome", call=name)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.process.stdin.close()


def children(pid):
    """Of a process: their names and pids."""
    found = {}
    for other in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{other}/stat") as stat:
                text = stat.read()
        except OSError:
            continue
        name, rest = text[text.index("(") + 1:].rsplit(")", 1)
        state, parent = rest.split()[:2]
        if int(parent) == pid and state != "Z":
            found.setdefault(name, []).append(int(other))
    return found


def programs(words):
    """Pids of programs that were started with these words."""
    wanted = "\0".join(words).encode() + b"\0"
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as line:
                if line.read() == wanted:
                    found.append(int(pid))
        except OSError:
            pass
    return found


def eventually(check):
    until = time.monotonic() + DEADLINE
    while True:
        value = check()
        if value or time.monotonic() > until:
            return value
        time.sleep(0.01)


class Agent(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="agent")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.home = self.folder + "/home"
        self.agents = []
        self.controller = Controller(self.folder)
        self.addCleanup(lambda: self.controller.kill())
        self.addCleanup(self.end_agents)

    def end_agents(self):
        for agent in self.agents:
            agent.kill()
            agent.wait()
            agent.stderr.close()

    def start(self, *options, home=None, key=None, server=None, prefix=(), regent=REGENT, stdin=None):
        agent = subprocess.Popen([*prefix, regent, "--server", server or self.controller.address, "--server-key",
                                  key or self.controller.key, "--home", home or self.home, *options],
                                 stderr=subprocess.PIPE, text=True, stdin=stdin or subprocess.DEVNULL)
        self.agents.append(agent)
        return agent

    def start_and_wait(self, *options, **others):
        agent = self.start(*options, **others)
        self.hello = self.controller.wait("hello")
        return agent

    def works(self):
        """That the agent runs a call, whatever it was through."""
        self.count = getattr(self, "count", 0) + 1
        name = f"works{self.count}"
        self.assertEqual(self.controller.call(name, f"[(fn [x] (inc x)) {self.count}]")["value"], str(self.count + 1))

    def processes(self, agent):
        below = children(agent.pid)
        return {"connection": below["regent"][0], "zygote": below["regent-zygote"][0],
                "guards": children(below["regent-zygote"][0]).get("regent-guard", [])}

    def assert_ended(self, outcome, code, reason):
        self.assertEqual((outcome["code"], outcome["reason"]), (code, reason), outcome)

    # Calls.

    def test_functions_run_with_what_they_need(self):
        self.start_and_wait()
        c = self.controller
        c.tell("call define 1 0 (do (def factor 3) (defn scale [x] (* factor x)) (defrecord Point [x y]) [(fn [])])")
        c.wait("outcome", call="define")
        outcome = c.call("scaled", "[(fn [xs] (println :on (count xs)) (mapv scale xs)) [1 2 3]]")
        self.assertEqual((outcome["code"], outcome["value"], outcome["out"]), (0, "[3 6 9]", ":on 3\n"))
        self.assertEqual(c.call("record", "[(fn [] (->Point 1 2))]")["value"], "#user.Point{:x 1, :y 2}")
        thrown = c.call("thrown", '[(fn [] (throw (ex-info "no room" {:left 3})))]')
        self.assertEqual(thrown["code"], 256)
        self.assertIn("no room", thrown["value"])
        self.assertEqual(c.call("lazy", "[(fn [] (map (fn [x] (/ x 0)) [1 2]))]")["code"], 256)
        self.assertEqual(c.call("errors", "[(fn [] (binding [*out* *err*] (print 1)) 2)]")["err"], "1")
        module = c.call("module", "[(fn [] ((resolve 'reops.modules/load-module) \"ssh\"))]")
        self.assertEqual(module["code"], 256)

    def test_units_come_once_and_stay_over_restarts(self):
        agent = self.start_and_wait()
        c = self.controller
        form = "[(let [k 7] (fn [x] (* k x))) 6]"
        self.assertEqual(c.call("first", form)["value"], "42")
        self.assertEqual(c.call("second", form)["value"], "42")
        agent.terminate()
        self.assertEqual(agent.wait(DEADLINE), 0)
        self.start_and_wait()
        self.assertEqual(c.call("third", form)["value"], "42")
        self.assertEqual([m["call"] for m in c.seen if m["kind"] == "lacks"], ["first"])

    def test_printed_text_streams(self):
        self.start_and_wait()
        c = self.controller
        c.send("streams", "[(fn [] (println :one) (flush) (loop [] (recur)))]", streams=True)
        self.assertEqual(c.wait("printed", call="streams")["text"], ":one\n")
        c.tell("cancel streams")
        outcome = c.wait("outcome", call="streams")
        self.assert_ended(outcome, -2, "cancelled")
        self.assertEqual(outcome["out"], ":one\n")

    def test_a_call_runs_once_and_its_outcome_is_kept(self):
        agent = self.start_and_wait()
        c = self.controller
        c.set("forgets", False)
        c.call("once", f'[(fn [] (spit "{self.folder}/count" "x" :append true) (slurp "{self.folder}/count"))]')
        for _ in range(3):
            c.tell("again once")
            self.assertEqual(c.wait("outcome", call="once")["value"], '"x"')
        agent.kill()
        agent.wait()
        self.start_and_wait()
        self.assertEqual(self.hello["known"], ["once"])
        c.tell("again once")
        self.assertEqual(c.wait("outcome", call="once")["value"], '"x"')
        c.tell("ask once never")
        self.assertEqual(c.wait("unknown")["call"], "never")
        c.tell("forget once")
        c.tell("ask once")
        c.wait("unknown", call="once")

    def test_more_than_it_takes_is_busy(self):
        self.start_and_wait("--workers", "1", "--queue", "2")
        c = self.controller
        c.send("running", "[(fn [] (loop [] (recur)))]")
        c.wait("started", call="running")
        for n in range(4):
            c.send(f"more{n}", "[(fn [x] x) 1]")
        for n in (2, 3):
            self.assert_ended(c.wait("outcome", call=f"more{n}"), -1, "busy")
        c.tell("cancel more0")
        self.assert_ended(c.wait("outcome", call="more0"), -1, "cancelled")
        c.tell("cancel running")
        self.assert_ended(c.wait("outcome", call="running"), -2, "cancelled")
        self.assertEqual(c.wait("outcome", call="more1")["code"], 0)

    def test_a_thousand_quick_calls_and_one_large_result(self):
        self.start_and_wait()
        c = self.controller
        for n in range(1000):
            c.send(f"quick{n}", f"[(fn [x] (* 2 x)) {n}]")
        outcomes = {}
        while len(outcomes) < 1000:
            outcome = c.wait("outcome")
            outcomes[outcome["call"]] = outcome["value"]
        self.assertEqual(outcomes, {f"quick{n}": str(2 * n) for n in range(1000)})
        large = c.call("large", '[(fn [] (let [k (apply str (repeat 1000000 "0123456789"))] (vec (repeat 10 k))))]')
        self.assertEqual(large["code"], 0, large)
        self.assertGreater(large["size"], 100_000_000)
        self.works()

    # Functions that misbehave.

    def test_misbehaving_functions(self):
        self.start_and_wait("--memory", "200", "--processes", "50")
        c = self.controller
        sh = "((resolve 'clojure.java.shell/sh) \"sh\" \"-c\" "

        def shell(name, script, within):
            return c.call(name, f'[(fn [] (require (quote clojure.java.shell)) {sh}"{script}"))]', within)

        self.assert_ended(c.call("loops", "[(fn [] (loop [] (recur)))]", 300), -2, "timeout/exec")
        self.works()
        greedy = c.call("allocates", "[(fn [] (loop [v []] (recur (conj v (vec (range 1000))))))]")
        self.assertIn("Out of memory", greedy["value"])
        self.works()
        self.assert_ended(c.call("prints", "[(fn [] (loop [] (println (range 1000)) (recur)))]"), -2, "output")
        self.works()
        exits = c.call("exits", "[(fn [] (System/exit 3))]")
        self.assert_ended(exits, -2, "crashed")
        self.assertIn("exit code 3", exits["value"])
        self.works()
        self.assert_ended(shell("killed", "kill -SEGV $PPID; sleep 5", 30_000), -2, "crashed")
        self.works()
        self.assert_ended(c.call("deep", "[(fn [] ((fn f [x] (inc (f x))) 1))]"), 256, "")
        self.works()
        # What it started goes with it, also what has a session of its own.
        self.assert_ended(shell("leaves", "setsid sleep 98765 & sleep 98764", 1000), -2, "timeout/exec")
        self.assertEqual(programs(["sleep", "98765"]) + programs(["sleep", "98764"]), [])
        self.assert_ended(shell("forks", "while :; do sleep 98763 & done", 30_000), -2, "processes")
        self.assertEqual(programs(["sleep", "98763"]), [])
        self.assert_ended(shell("hoards", "(head -c 400000000 /dev/zero; sleep 98762) | tail", 60_000), -2, "memory")
        self.works()

    def test_what_a_call_was_to_start_stays(self):
        self.start_and_wait("--workers", "1")
        c = self.controller
        start = ('[(fn [] (require (quote clojure.java.shell)) ((resolve (quote clojure.java.shell/sh)) "sh" "-c" '
                 '"setsid sleep 98766 >/dev/null 2>&1 </dev/null &") :started)]')
        self.assertEqual(c.call("starts", start)["value"], ":started")
        self.addCleanup(lambda: [os.kill(pid, signal.SIGKILL) for pid in programs(["sleep", "98766"])])
        self.assertTrue(eventually(lambda: len(programs(["sleep", "98766"])) == 1))
        time.sleep(0.05)  # the times of processes are kept in ticks
        self.assert_ended(c.call("loops", "[(fn [] (loop [] (recur)))]", 300), -2, "timeout/exec")
        self.assertEqual(len(programs(["sleep", "98766"])), 1)

    # Processes that are killed.

    def test_every_process_may_be_killed(self):
        agent = self.start_and_wait()
        c = self.controller
        c.set("forgets", False)
        self.works()
        forever = "[(fn [] (loop [] (recur)))]"

        for name in ("worker", "guard"):
            c.send(name, forever)
            c.wait("started", call=name)
            guard = eventually(lambda: self.processes(agent)["guards"])[0]
            victims = [guard] if name == "guard" else children(guard)["regent-worker"]
            # The one that runs it is not known from here: all of them.
            for guard in self.processes(agent)["guards"]:
                os.kill(guard if name == "guard" else children(guard)["regent-worker"][0], signal.SIGKILL)
            self.assertTrue(victims)
            self.assert_ended(c.wait("outcome", call=name), -2, "crashed")
            self.works()

        # Calls that run go on without the zygote.
        c.send("zygote", '[(fn [f] (loop [] (if (.exists (java.io.File. f)) :done (recur)))) "%s/go"]' % self.folder)
        c.wait("started", call="zygote")
        old = self.processes(agent)["zygote"]
        os.kill(old, signal.SIGKILL)
        self.assertTrue(eventually(lambda: children(agent.pid).get("regent-zygote", [old]) != [old]))
        open(self.folder + "/go", "w").close()
        self.assertEqual(c.wait("outcome", call="zygote")["value"], ":done")
        self.works()

        c.send("connection", forever)
        c.wait("started", call="connection")
        workers = [w for g in self.processes(agent)["guards"] for w in children(g)["regent-worker"]]
        os.kill(self.processes(agent)["connection"], signal.SIGKILL)
        hello = c.wait("hello")
        self.assertIn("connection", hello["known"])
        c.tell("ask connection works1")
        self.assert_ended(c.wait("outcome", call="connection"), -2, "restarted")
        self.assertEqual(c.wait("outcome", call="works1")["value"], "2")
        self.assertTrue(eventually(lambda: not [w for w in workers if os.path.exists(f"/proc/{w}")]))
        self.works()

        workers = [w for g in self.processes(agent)["guards"] for w in children(g)["regent-worker"]]
        agent.kill()
        agent.wait()
        self.assertTrue(eventually(lambda: not [w for w in workers if os.path.exists(f"/proc/{w}")]))
        self.start_and_wait()
        self.works()

    def test_a_clean_stop_delivers_what_runs(self):
        agent = self.start_and_wait()
        c = self.controller
        c.send("slow", '[(fn [f] (loop [] (if (.exists (java.io.File. f)) :done (recur)))) "%s/go"]' % self.folder)
        c.wait("started", call="slow")
        agent.terminate()
        eventually(lambda: "stopping" in self.status().stdout)
        self.assert_ended(c.call("late", "[(fn [] 1)]"), -1, "stopping")
        open(self.folder + "/go", "w").close()
        self.assertEqual(c.wait("outcome", call="slow")["value"], ":done")
        self.assertEqual(agent.wait(DEADLINE), 0)

    def test_a_clean_stop_ends_what_takes_too_long(self):
        agent = self.start_and_wait("--grace", "1")
        c = self.controller
        c.send("endless", "[(fn [] (loop [] (recur)))]")
        c.wait("started", call="endless")
        agent.terminate()
        self.assert_ended(c.wait("outcome", call="endless"), -2, "stopped")
        self.assertEqual(agent.wait(DEADLINE), 0)

    # The connection.

    def test_it_comes_back(self):
        self.start_and_wait()
        endpoint = self.controller.endpoint
        self.works()
        self.controller.kill()
        self.controller = Controller(self.folder, endpoint)
        self.controller.wait("hello")
        self.works()
        # One that says nothing any more is taken for lost.
        self.controller.set("answers", False)
        self.controller.wait("hello")
        self.controller.set("answers", True)
        self.controller.wait("hello")
        self.works()

    def test_it_waits_to_be_let_in(self):
        self.controller.set("welcomes", False)
        self.start_and_wait("--name", "db1")
        self.assertEqual(self.hello["host"], "db1")
        self.assertTrue(eventually(lambda: "not let in: not now" in self.status().stdout))
        self.controller.wait("hello")
        self.controller.set("welcomes", True)
        self.controller.wait("hello")
        self.works()

    def test_several_controllers_and_names(self):
        # A port where nobody listens comes first.
        self.start_and_wait("--server", "localhost:" + self.controller.address.split(":")[1], server="127.0.0.1:1")
        self.works()

    def test_a_wrong_key_is_not_believed(self):
        other = Controller(tempfile.mkdtemp(dir=self.folder))
        self.addCleanup(other.kill)
        self.start(key=other.key)
        self.assertTrue(eventually(lambda: "127.0.0.1" in self.status().stdout and "trying again" in self.status().stdout))

    def test_two_agents_with_one_key(self):
        agent = self.start_and_wait()
        agent.terminate()
        agent.wait(DEADLINE)
        copy = self.folder + "/copy"
        os.mkdir(copy, 0o700)
        shutil.copy(self.home + "/keys", copy)
        self.start_and_wait()
        first = self.hello["key"]
        self.start_and_wait(home=copy)
        self.assertEqual(self.hello["key"], first)
        self.works()

    def test_a_token_comes_from_standard_input(self):
        read, write = os.pipe()
        os.write(write, b"a-token\n")
        os.close(write)
        self.start_and_wait("--token", "-", stdin=read)
        os.close(read)
        self.assertEqual(self.hello["token"], "a-token")

    # The disk.

    @unittest.skipUnless(os.geteuid() == 0, "mounting takes root")
    def test_a_full_disk(self):
        os.mkdir(self.home, 0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=0,mode=700", "none", self.home], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.home], check=True)
        self.start_and_wait()
        self.works()
        with open(self.home + "/filler", "wb") as filler:
            with contextlib.suppress(OSError):
                while True:
                    os.write(filler.fileno(), b"x" * 4096)
        c = self.controller
        refused = None
        for n in range(200):
            # A large unit: it goes on from memory, or is refused with the reason.
            outcome = c.call(f"full{n}", '[(fn [] (count "%s"))]' % ("y" * 3000 + str(n)))
            if outcome["code"] != 0:
                refused = outcome
                break
        self.assertIsNotNone(refused)
        self.assert_ended(refused, -1, "disk")
        os.unlink(self.home + "/filler")
        self.works()

    # Where it runs.

    @unittest.skipUnless(os.geteuid() == 0, "chroot takes root")
    def test_an_empty_root(self):
        root = self.folder + "/root"
        os.mkdir(root)
        shutil.copy(REGENT, root + "/regent")
        self.start_and_wait(home="/home", prefix=("chroot", root), regent="/regent")
        self.works()
        self.assert_ended(self.controller.call("loops", "[(fn [] (loop [] (recur)))]", 300), -2, "timeout/exec")
        self.assert_ended(self.controller.call("exits", "[(fn [] (System/exit 3))]"), -2, "crashed")
        self.works()

    # The command line.

    def status(self):
        return subprocess.run([REGENT, "status", "--home", self.home], capture_output=True, text=True, timeout=DEADLINE)

    def test_status(self):
        self.assertEqual(self.status().returncode, 1)
        self.assertIn("no agent runs", self.status().stderr)
        self.start_and_wait()
        self.works()
        said = self.status()
        self.assertEqual(said.returncode, 0)
        self.assertIn("registered at 127.0.0.1", said.stdout)
        self.assertEqual(os.stat(self.home + "/status").st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(self.home + "/keys").st_mode & 0o777, 0o600)

    def test_it_says_what_is_wrong(self):
        def says(expected, *words):
            result = subprocess.run([REGENT, *words], capture_output=True, text=True, timeout=DEADLINE)
            self.assertEqual(result.returncode, 2, result)
            self.assertIn(expected, result.stderr + result.stdout)

        says("--server HOST:PORT", "--home", self.home)
        says("--server-key", "--home", self.home, "--server", "box")
        says("40 characters", "--home", self.home, "--server", "box", "--server-key", "short")
        says("no port", "--home", self.home, "--server", "box:x", "--server-key", self.controller.key)
        says("standard input", "--home", self.home, "--server", "box", "--server-key", self.controller.key, "--token", "secret")
        self.start_and_wait()
        says("runs already", "--home", self.home, "--server", "box", "--server-key", self.controller.key)
        os.chmod(self.home + "/keys", 0o644)
        other = self.folder + "/other"
        os.mkdir(other, 0o700)
        shutil.copy(self.home + "/keys", other)
        os.chmod(other + "/keys", 0o644)
        says("chmod 600", "--home", other, "--server", "box", "--server-key", self.controller.key)

    def test_options_from_a_file(self):
        path = self.folder + "/regent.edn"

        def write(text):
            with open(path, "w") as file:
                file.write(text)

        write('{:server ["127.0.0.1:1" "%s"] :server-key "%s" :home "%s" :name "of-file" :workers 3}'
              % (self.controller.address, self.controller.key, self.home))
        agent = subprocess.Popen([REGENT, "--config", path], stderr=subprocess.PIPE, text=True)
        self.agents.append(agent)
        self.assertEqual(self.controller.wait("hello")["host"], "of-file")
        self.assertIn("of 3", self.status().stdout)
        agent.terminate()
        agent.wait(DEADLINE)
        # What is given otherwise goes before.
        agent = subprocess.Popen([REGENT, "--config", path, "--name", "of-line"], stderr=subprocess.PIPE, text=True)
        self.agents.append(agent)
        self.assertEqual(self.controller.wait("hello")["host"], "of-line")
        for text, expected in (("{:server", "regent.edn"), ("[1]", "one map"), ("{:sever 1}", ":sever"), ("{:workers :many}", "many")):
            write(text)
            result = subprocess.run([REGENT, "--config", path], capture_output=True, text=True, timeout=DEADLINE)
            self.assertEqual(result.returncode, 2)
            self.assertIn(expected, result.stderr + result.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
