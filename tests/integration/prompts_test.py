#!/usr/bin/env python3
"""One controller, many prompts, each on a terminal of its own: what they share and what is each one's own, and what becomes of the one when
the other, a terminal, or the controller is gone. Takes about twenty-five seconds.
"""

import array
import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import termios
import threading
import time
import unittest

import fleet
from session import CRASH, DEADLINE, REOPS, Home, Terminal, as_nobody, run, wait_until

VERSION = run("--version").out.split()[1]

# A job goes on when a file is there.
GATED = """
    (def gated [{{:step :wait :repeat true :run (fn [_] (while (not (reops.fs/exists? "{release}")) (Thread/sleep 10)))}}
                {{:step :end :run (fn [_] (println "the job speaks") {{:ended true}})}}])
    (workflow "gated" #'gated)
    (defn begin [] (count (:jobs (schedule {{}} "gated" (:systems (second (ls systems)))))))"""


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def frame(*words):
    body = b"".join(word.encode() + b"\0" for word in words)
    return struct.pack("<I", len(body)) + body


def read_frame(connection):
    def exactly(size):
        data = b""
        while len(data) < size:
            if not (more := connection.recv(size - len(data))):
                raise EOFError(data)
            data += more
        return data
    return exactly(struct.unpack("<I", exactly(4))[0]).decode().split("\0")[:-1]


def hello(path, version, descriptors=()):
    """Says hello as the program does, and returns the connection."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(DEADLINE)
    connection.connect(str(path))
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    connection.sendmsg([frame("hello", version, "/dev/pts/x", "", "TERM=dumb")], rights)
    return connection


class Case(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.release = self.home.path / "release"

    def prompt(self, *args, **environment):
        terminal = Terminal(*args, home=self.home, **environment)
        self.addCleanup(self.close, terminal)
        terminal.wait_for("λ: ")
        return terminal

    @staticmethod
    def close(terminal):
        terminal.close()
        if found := CRASH.search(terminal.said.decode("utf-8", "replace")):
            raise AssertionError(f"{found}: {terminal.said[-3000:]!r}")

    def ask(self, terminal, form, shown):
        """Types a form and waits for what it shows. A line may begin behind the prompt, which comes when something was typed ahead of it."""
        terminal.type(form + "\r")
        return terminal.wait_for(re.sub(r"^(\n|\\n)", r"(?:\\n|λ: )", shown))

    def leave(self, terminal):
        terminal.type("\x04")
        self.assertEqual(0, terminal.wait())

    def gated_jobs(self, terminal, systems=1):
        """Jobs that wait for the release."""
        path = self.home.write("gated.clj", GATED.format(release=self.release))
        self.ask(terminal, f'(load-file "{path}")', r"#'user/begin")
        self.ask(terminal, f"(do (add fake defaults small :redis {systems}) :added)", ":added")
        self.ask(terminal, '(str "begun " (begin))', f'"begun {systems}"')

    def jobs_in_the_store(self):
        return run("-e", "(prn (frequencies (map :state (re-core.persistency.jobs/latest 1000))))", home=self.home).out


class Sharing(Case):
    def test_definitions_are_shared_and_results_are_not(self):
        one, two = self.prompt(), self.prompt()
        self.assertIn("Attached to the controller", two.said.decode())
        self.ask(one, "(defn twice [x] (* 2 x))", "#'user/twice")
        self.ask(two, "(twice 210000)", "420000")
        self.ask(one, '(ns some.place) (str "here " (ns-name *ns*))', '"here some.place"')
        self.ask(two, '(str "here " (ns-name *ns*))', '"here user"')
        self.ask(one, ":of-one", "\n:of-one")
        self.ask(two, ":of-two", "\n:of-two")
        self.ask(one, "(clojure.core/str *1 \"-\" *2)", '":of-one-here some.place"')
        self.ask(two, "(str *1 \"-\" *2)", '":of-two-here user"')
        self.ask(two, '(do (in-ns \'some.place) (clojure.core/defn mine [] 1))', "#'some.place/mine")
        self.ask(two, "(throw (ex-info \"of two\" {}))", r"of two +ExceptionInfo")
        self.ask(one, '(clojure.core/str "error: " (clojure.core/pr-str *e))', '"error: nil"')
        self.ask(one, "(clojure.core/count (re-core.controller/prompts))", r"\n2\r")

    def test_each_has_its_own_folder_and_environment(self):
        folder = self.home.path / "elsewhere"
        folder.mkdir()
        (folder / "here.txt").write_text("found it")
        one = self.prompt(SSH_AUTH_SOCK="/agent/of/one")
        two = Terminal(home=self.home, cwd=folder, SSH_AUTH_SOCK="/agent/of/two")
        self.addCleanup(self.close, two)
        two.wait_for("λ: ")
        self.ask(two, '(slurp "here.txt")', '"found it"')
        self.ask(two, '@(future (slurp "here.txt"))', '"found it"')
        self.ask(two, '(:out (reops.process/run ["sh" "-c" "pwd; echo $SSH_AUTH_SOCK"]))', rf'"{folder}\\n/agent/of/two\\n"')
        self.ask(one, '@(future (System/getenv "SSH_AUTH_SOCK"))', '"/agent/of/one"')
        self.ask(two, '@(future (System/getenv "SSH_AUTH_SOCK"))', '"/agent/of/two"')
        self.ask(one, '(slurp "here.txt")', "No such file")

    def test_what_is_printed_is_seen_by_who_asked(self):
        one, two = self.prompt(), self.prompt()
        self.ask(two, f'(def f (future (while (not (reops.fs/exists? "{self.release}")) (Thread/sleep 10)) (println "for" (inc 1))))', "#'user/f")
        self.release.touch()
        two.wait_for("for 2")
        one.answers()
        self.assertNotIn(b"for 2", one.said)

    def test_ctrl_c_of_one_leaves_the_other_alone(self):
        one, two = self.prompt(), self.prompt()
        for terminal in (one, two):
            self.ask(terminal, '(do (println (str "be" "gun")) (loop [] (recur)))', "begun")
        one.interrupt()
        one.wait_for("(?i)interrupted")
        self.ask(one, "(map :gone (prompts))", r"\(nil nil\)")
        self.assertNotIn("nterrupted", two.said.decode())
        two.interrupt()
        two.wait_for("(?i)interrupted")
        two.answers()

    def test_exit_ends_one_prompt_only(self):
        one, two = self.prompt(), self.prompt()
        self.ask(one, "(def kept 42)", "#'user/kept")
        one.type("(do (future (Thread/sleep 1)) (System/exit 7))\r")
        self.assertEqual(7, one.wait())
        self.ask(two, '(str "kept: " kept)', '"kept: 42"')
        two.type("@(future (System/exit 8))\r")
        self.assertEqual(8, two.wait())

    def test_input_is_read_from_the_terminal_of_the_one_who_asks(self):
        self.prompt()
        two = self.prompt(TERM="xterm", NO_COLOR="1")
        self.ask(two, '(do (print (str "na" "me? ")) (flush) (str "it is " (read-line)))', r"name\? ")
        two.type("Ann\r")
        two.wait_for('"it is Ann"')
        two.type('(do (reops.internal/load-module "ssh") ((deref (ns-resolve \'re-mote.native \'ask-secret)) (str "pass" "phrase? ")))\r')
        two.wait_for(r"passphrase\? ")
        seen = len(two.said)
        two.type("hidden\r")
        two.wait_for('"hidden"')
        self.assertEqual(1, two.said[seen:].count(b"hidden"), "only as the result")

    def test_a_large_paste(self):
        self.prompt()
        two = self.prompt(TERM="xterm", NO_COLOR="1")
        lines = "\n".join("x" * 99 for _ in range(1000))
        text = f'\x1b[200~(str "it has " (count "{lines}"))\x1b[201~\r'.encode()
        feeding = threading.Thread(target=self.feed, args=(two, text), daemon=True)
        feeding.start()
        two.wait_for('"it has 99999"')
        feeding.join(DEADLINE)

    @staticmethod
    def feed(terminal, data):
        while data:
            data = data[os.write(terminal.terminal, data[:4096]):]

    def test_lifecycle_from_any_prompt(self):
        one, two = self.prompt(), self.prompt()
        self.home.write("config/scripts/part.clj", "(ns part (:require [reops.components :refer [defstate]]))\n"
                        "(defstate thing :start (atom :running) :stop nil)")
        self.ask(one, "(do (require 'part) (go) :went)", "\n:went")
        self.ask(two, "@part/thing", "\n:running")
        self.ask(two, "(do (reset) :reset-by-two)", "\n:reset-by-two")
        self.ask(one, "(do (stop) (str part/thing))", "NotStarted")
        self.ask(two, "(do (go) @part/thing)", "\n:running")

    def test_jobs_go_on_while_all_is_redefined(self):
        one, two = self.prompt(), self.prompt()
        self.gated_jobs(one, systems=100)
        self.ask(two, "(str (count (re-core.persistency.jobs/unended)) \" wait\")", '"100 wait"')
        self.ask(two, "(do (doseq [ns '[re-core.steps re-core.workers re-core.workflows re-core.queue re-core.controller]] (require ns :reload)) :anew)",
                 "\n:anew")
        self.release.touch()
        self.ask(two, "(do (require 're-core.watchdog :reload) (refresh)"
                 " (re-core.controller/await-jobs (map :id (re-core.persistency.jobs/unended)))"
                 " (frequencies (map :state (re-core.persistency.jobs/latest 1000))))", "{:done 100}")
        one.wait_for("the job speaks")

    def test_a_script_is_told_who_is_attached(self):
        asked = "(prn (mapv (juxt :id :kind :gone) (prompts)))"
        self.assertEqual("[]\n", run("-e", asked, home=self.home).out)
        one, two = self.prompt(), self.prompt()
        self.assertRegex(run("-e", asked, home=self.home).err, r"answers nobody but its prompts yet")
        self.ask(one, "(do (add fake defaults small :redis) (re-core.controller/become))", "true")
        self.assertEqual("[[1 :prompt nil] [2 :prompt nil]]\n", run("-e", asked, home=self.home).out)
        self.leave(two)
        self.assertEqual("[[1 :prompt nil]]\n", run("-e", asked, home=self.home).out)

    def test_what_a_prompt_cannot_see_is_said_to_be_elsewhere(self):
        one = self.prompt()
        self.ask(one, "(user/prompts)", r"Unresolved symbol: user/prompts.*(?s:.*)write `re-core.controller/prompts`")
        self.ask(one, "(ns some.place)", r"\n")
        self.ask(one, "(prompts)", r"Unresolved symbol: prompts(?s:.*)\(require '\[re-core.controller :refer \[prompts\]\]\)")
        self.ask(one, "(require '[re-core.controller :refer [prompts]])", r"\n")
        self.ask(one, "(clojure.core/count (prompts))", r"\n1\r")
        self.ask(one, "(promtps)", r"Did you mean `prompts`")

    def test_every_prompt_hears_of_schedules(self):
        one, two, three = self.prompt(), self.prompt(), self.prompt(TERM="xterm", NO_COLOR="1")
        self.ask(three, "(notices false)", "false")
        self.home.write("config/scripts/often.clj", f"""
            (ns often)
            (defn fails [] (throw (ex-info "there is " {{:no "reason"}})))
            (defn speaks [] (when (reops.fs/exists? "{self.release}") (println "a kept one" "speaks")))""")
        self.ask(two, "(do (require 'often) (watch :fails 20 #'often/fails) (watch :speaks 20 #'often/speaks)"
                 f' (watch :own 20 (fn [] (when (reops.fs/exists? "{self.release}") (println "its own" "speaks")))) (str "all " :made))', '"all :made"')
        one.wait_for("Schedule :fails failed: there is")
        two.answers()
        self.assertIn(b"Schedule :fails failed: there is", two.said)
        self.release.touch()
        two.wait_for("a kept one speaks")
        two.wait_for("its own speaks")
        self.leave(two)
        # Of those who made them nobody is there: everybody else hears them now.
        one.wait_for("a kept one speaks")
        one.wait_for("its own speaks")
        three.answers()
        for unheard in (b"Schedule :fails", b"speaks"):
            self.assertNotIn(unheard, three.said.split(b"(notices false)")[1])
        self.ask(three, "(notices true)", "true")
        three.wait_for("its own speaks")
        self.ask(three, "(do (halt!) (notices))", "true")


class Agents(Case):
    """Each prompt logs in with the ssh-agent of the person at it."""

    def setUp(self):
        super().setUp()
        self.fleet = fleet.Fleet(hosts="web1", refusing="", down="")
        self.addCleanup(self.fleet.stop)
        # Nothing but what an agent has.
        config = re.sub(r"(?m)^ *Identit(yFile|iesOnly).*\n", "", self.fleet.config.read_text())
        self.config = self.home.write("ssh_config", config)
        os.chmod(self.config, 0o600)

    def agent(self, name, with_key):
        """An agent, as its socket; with the key that the host takes, or without."""
        path = str(self.home.path / name)
        process = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        wait_until(lambda: os.path.exists(path))
        if with_key:
            self.add_key(path)
        return path

    def add_key(self, agent):
        subprocess.run(["ssh-add", "-q", self.fleet.folder / "id_ed25519"], env={**os.environ, "SSH_AUTH_SOCK": agent}, check=True, timeout=DEADLINE)

    def at(self, agent):
        return self.prompt(SSH_AUTH_SOCK=agent, REOPS_SSH_CONFIG=str(self.config))

    def connection(self, terminal):
        """The connection over which a command comes, as the host sees it; nil when there is none."""
        form = '(str "over " (pr-str (-> (exec (hosts "web1") "echo $SSH_CONNECTION") second :successful first :result :out)))'
        terminal.type(form + "\r")
        terminal.wait_for(r'\r\n"over ')
        return terminal.wait_for(r'"\r\n')

    def test_each_prompt_logs_in_with_its_own_agent(self):
        full, empty = self.agent("full", True), self.agent("empty", False)
        one = self.at(full)
        connection = self.connection(one)
        self.assertIn("127.", connection)
        two = self.at(empty)
        self.assertEqual("nil", self.connection(two), "neither the controller's agent nor its session is used")
        none = self.at("")
        self.assertEqual("nil", self.connection(none))
        self.add_key(empty)
        own = self.connection(two)
        self.assertIn("127.", own)
        self.assertNotEqual(connection, own)
        self.assertEqual(connection, self.connection(one))

    def test_the_first_prompt_has_no_agent(self):
        one = self.at("")
        self.assertEqual("nil", self.connection(one))
        two = self.at(self.agent("full", True))
        self.assertIn("127.", self.connection(two))
        self.ask(two, '(def f (future (-> (exec (hosts "web1") "id -u") second :successful count)))', "#'user/f")
        self.ask(two, '(str "in a future " @f)', '"in a future 1"')
        self.assertEqual("nil", self.connection(one))

    def test_prompts_with_the_same_agent_share_sessions(self):
        agent = self.agent("full", True)
        one, two = self.at(agent), self.at(agent)
        connection = self.connection(one)
        self.assertIn("127.", connection)
        self.assertEqual(connection, self.connection(two))


class Leaving(Case):
    def test_the_controller_ends_with_its_last_prompt(self):
        one, two = self.prompt(), self.prompt()
        controller = self.home.controller()
        self.assertTrue(lives(controller))
        self.leave(one)
        two.answers()
        self.assertEqual(controller, self.home.controller())
        self.leave(two)
        wait_until(lambda: not lives(controller))
        self.assertFalse((self.home.path / "data/prompts.sock").exists())

    def test_handing_over_and_coming_back(self):
        one = self.prompt()
        self.gated_jobs(one)
        self.ask(one, "(def kept :over)", "#'user/kept")
        controller = self.home.controller()
        one.type("\x04")
        one.wait_for(r"1 job is under way.*\[s\]top\? ")
        one.type("h\r")
        one.wait_for("in the background")
        self.assertEqual(0, one.wait())
        two = self.prompt()
        self.assertEqual(controller, self.home.controller())
        self.ask(two, '(str "kept " kept)', '"kept :over"')
        self.release.touch()
        self.ask(two, "(do (re-core.controller/await-jobs (map :id (re-core.persistency.jobs/latest 1)))"
                 " (:result (first (re-core.persistency.jobs/latest 1))))", "{:ended true}")
        self.leave(two)
        wait_until(lambda: not lives(controller))

    def test_waiting_for_a_future(self):
        one = self.prompt()
        self.ask(one, f'(def f (future (while (not (reops.fs/exists? "{self.release}")) (Thread/sleep 10)) (spit "{self.release}" "done")))', "#'user/f")
        one.type("\x04")
        one.wait_for(r"1 future is under way.*\[s\]top\? ")
        one.type("w\r")
        self.release.touch()
        self.assertEqual(0, one.wait())
        self.assertEqual("done", self.release.read_text())

    def test_schedules_are_live_too(self):
        one = self.prompt()
        self.ask(one, "(do (add fake defaults small :redis) (re-core.controller/become) (str (jobs 1 :print? false)))", r'"\[\]"')
        self.ask(one, '(str (watch :often (seconds 1000) (fn [] 1)) "!")', '":often!"')
        one.type("\x04")
        one.wait_for(r"1 schedule is under way.*\[s\]top\? ")
        one.type("w\r")
        one.wait_for(r"1 schedule is under way.*\[s\]top\? ")
        one.type("s\r")
        self.assertEqual(0, one.wait())

    def test_a_closed_terminal_hands_over(self):
        one = self.prompt()
        self.gated_jobs(one)
        self.ask(one, "(def kept 7)", "#'user/kept")
        one.type(f'(do (println (str "be" "gun")) (while (not (reops.fs/exists? "{self.release}")) (Thread/sleep 10)) (def finished 8))\r')
        one.wait_for("begun")
        controller = self.home.controller()
        os.close(one.terminal)
        one.terminal = os.open("/dev/null", os.O_RDWR)
        self.assertEqual(129, one.wait())
        two = self.prompt()
        self.assertEqual(controller, self.home.controller())
        self.ask(two, "(map (juxt :id :gone) (prompts))", r"\(\[1 true\] \[2 nil\]\)")
        self.release.touch()
        self.ask(two, "(do (while (next (prompts)) (Thread/sleep 10)) (str kept finished))", '"78"')

    def test_a_killed_client_leaves_the_others(self):
        one, two = self.prompt(), self.prompt(TERM="xterm", NO_COLOR="1")
        os.kill(two.pid, signal.SIGKILL)
        os.waitpid(two.pid, 0)
        two.code = -9
        self.ask(one, "(do (while (next (prompts)) (Thread/sleep 10)) :alone)", "\n:alone")
        controller = self.home.controller()
        os.kill(one.pid, signal.SIGKILL)
        os.waitpid(one.pid, 0)
        one.code = -9
        wait_until(lambda: not lives(controller))

    def test_a_killed_controller(self):
        one, two = self.prompt(TERM="xterm", NO_COLOR="1"), self.prompt()
        for terminal in (one, two):
            terminal.answers()
        modes = termios.tcgetattr(two.terminal)
        self.gated_jobs(one)
        controller = self.home.controller()
        os.kill(controller, signal.SIGKILL)
        for terminal in (one, two):
            terminal.wait_for(rf"(?s)The controller, process {controller}, has died.*\[l\]eave\? ")
        self.assertEqual(modes, termios.tcgetattr(two.terminal))
        self.assertTrue(termios.tcgetattr(one.terminal)[3] & termios.ECHO)
        one.type("a\r")
        one.wait_for("a job that was under way goes on")
        two.type("a\r")
        two.wait_for("Attached to the controller")
        self.ask(two, '(str "with " (count (prompts)))', '"with 2"')
        self.assertNotEqual(controller, self.home.controller())
        os.kill(self.home.controller(), signal.SIGKILL)
        one.wait_for("has died")
        one.type("l\r")
        self.assertEqual(1, one.wait())

    def test_beginning_while_another_ends(self):
        for _ in range(10):
            one = self.prompt()
            one.type("\x04")
            two = self.prompt()
            two.answers()
            self.assertEqual(0, one.wait())
            two.type("\x04")
            self.assertEqual(0, two.wait())

    def test_many_that_begin_at_once(self):
        terminals = [Terminal(home=self.home) for _ in range(6)]
        for terminal in terminals:
            self.addCleanup(self.close, terminal)
        for terminal in terminals:
            terminal.wait_for("λ: ")
        self.ask(terminals[0], "(def shared 1)", "#'user/shared")
        for terminal in terminals:
            self.ask(terminal, '(str "shared " shared)', '"shared 1"')
        self.ask(terminals[3], '(str "with " (count (prompts)))', '"with 6"')


class JobControl(Case):
    def shell(self, **environment):
        terminal = Terminal("--norc", "-i", program=shutil.which("bash"), home=self.home, PS1="shell$ ", **environment)
        self.addCleanup(self.close, terminal)
        terminal.wait_for(r"shell\$ ")
        return terminal

    def test_ctrl_z_and_back(self):
        for term in ("xterm", "dumb"):
            with self.subTest(term):
                shell = self.shell(TERM=term, NO_COLOR="1")
                shell.type(f"{REOPS}\r")
                shell.wait_for("λ: ")
                self.ask(shell, '(str "one" "-" "two")', '"one-two"')
                shell.type("\x1a")
                shell.wait_for("Stopped")
                self.ask(shell, "echo $((41 + 1))", r"[\r\n]42\r")
                shell.type("fg\r")
                shell.wait_for("reops")
                shell.answers()
                shell.type('(do (println (str "be" "gun")) (Thread/sleep 300) (str "it is " (read-line)))\r')
                shell.wait_for("begun")
                shell.type("\x1a")
                shell.wait_for("Stopped")
                self.ask(shell, "echo not for $((1 + 1))", "not for 2")
                shell.type("fg\r")
                shell.wait_for("reops")
                shell.type("for it\r")
                shell.wait_for('"it is for it"')
                shell.type("\x04")
                shell.wait_for(r"shell\$ ")
                self.ask(shell, "echo left $?", "left 0")

    def test_in_the_background_it_waits(self):
        shell = self.shell()
        shell.type(f"{REOPS} &\r")
        shell.wait_for(r"\[1\]")
        self.ask(shell, "echo $((41 + 1))", r"[\r\n]42\r")
        shell.type("fg\r")
        shell.wait_for("λ: ")
        shell.answers()

    def test_the_size_of_the_window(self):
        one = self.prompt(TERM="xterm", NO_COLOR="1")
        fcntl.ioctl(one.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))
        one.type('(str "abcdefghijklmno" "pqrstuvw")')
        one.wait_for("\\(str \"a\r+\n")
        one.type("\r")
        one.wait_for('"abcdefghijklmnopqrstuvw"')

    def test_a_terminal_that_takes_nothing_holds_up_nobody(self):
        one, two = self.prompt(), self.prompt()
        one.type('(do (def printing true) (dotimes [i 20000] (println "line after line after line" i)) :printed)\r')
        self.ask(two, "(do (while (not (resolve 'printing)) (Thread/sleep 10)) (gc) (def anew 1) (str \"goes \" \"on\"))", '"goes on"')
        self.ask(two, "(do (defn anew [] 2) (dotimes [_ 100] (eval '(defn anew [] 3))) (gc) (str (anew)))", '"3"')
        one.wait_for("after line 19999")
        one.wait_for(":printed")


    def test_a_program_has_the_terminal(self):
        self.prompt()
        two = self.prompt(TERM="xterm", NO_COLOR="1")
        # It is in the terminal's own group, and asks it by its name.
        two.type('(reops.process/at-terminal ["sh" "-c" "trap \'echo caught; exit 7\' INT; echo ready >/dev/tty; read line </dev/tty; echo got $line; while :; do sleep 0.1; done"])\r')
        two.wait_for("ready\r\n")
        two.type("this\r")
        two.wait_for("got this")
        two.interrupt()
        two.wait_for("caught")
        two.wait_for(r"[\r\n]7\r")
        two.answers()
        self.ask(two, '(reops.process/at-terminal ["no-such-program"])', "cannot run no-such-program")


class Strangers(Case):
    def test_another_release_is_refused(self):
        self.prompt()
        with hello(self.home.path / "data/prompts.sock", "0.0.1") as connection:
            what, why = read_frame(connection)
        self.assertEqual("refused", what)
        self.assertIn(f"is of release {VERSION}, and this is 0.0.1", why)

    def test_a_refusal_is_shown(self):
        (self.home.path / "data").mkdir(mode=0o700)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.settimeout(DEADLINE)
            listening.bind(str(self.home.path / "data/prompts.sock"))
            listening.listen()
            terminal = Terminal(home=self.home)
            self.addCleanup(self.close, terminal)
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(DEADLINE)
                self.assertEqual(["hello", VERSION], read_frame(connection)[:2])
                connection.sendall(frame("refused", "It is of another time."))
                terminal.wait_for(r"reops: It is of another time\.")
                self.assertEqual(1, terminal.wait())

    @unittest.skipUnless(os.geteuid() == 0, "only the system's user can become another")
    def test_another_user_is_refused(self):
        self.prompt()
        def ask():
            with hello(self.home.path / "data/prompts.sock", VERSION) as connection:
                return " ".join(read_frame(connection))
        self.assertIn("Permission", as_nobody(ask))
        for name in ("", "data", "data/prompts.sock"):  # as somebody might who does not know better
            os.chmod(self.home.path / name, 0o777)
        self.assertIn("another user's: nobody", as_nobody(ask))

    def test_only_the_user_may_open_it(self):
        self.prompt()
        for name in ("data", "data/prompts.lock", "data/prompts.sock", "state/controller.log"):
            self.assertEqual(0, os.stat(self.home.path / name).st_mode & 0o077, name)

    def test_nonsense_ends_only_the_connection(self):
        one = self.prompt()
        for nonsense in (b"\xff\xff\xff\xff", b"\0\0\0\0", frame("hello"), frame("hello", VERSION, "", "", "A=B"), b"\x05\0\0\0abc"):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(DEADLINE)
                connection.connect(str(self.home.path / "data/prompts.sock"))
                connection.sendall(nonsense)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1000):
                    pass
        one.answers()


class Serving(Case):
    def test_prompts_of_the_service(self):
        serving = subprocess.Popen([REOPS, "serve"], env=self.home.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        self.addCleanup(serving.stdout.close)
        self.addCleanup(serving.wait)
        self.addCleanup(serving.kill)
        while "nREPL server" not in (line := serving.stdout.readline()):
            self.assertTrue(line)
        one = self.prompt()
        self.ask(one, '(str "process " (owner))', f'"process {serving.pid}"')
        self.ask(one, "(def kept 9)", "#'user/kept")
        self.leave(one)
        two = self.prompt()
        self.ask(two, '(str "kept " kept)', '"kept 9"')
        serving.terminate()
        two.wait_for("The controller was told to end")
        self.assertEqual(0, two.wait())
        self.assertEqual(0, serving.wait(DEADLINE))

    def test_a_second_service_is_refused(self):
        self.prompt()
        second = run("serve", home=self.home)
        self.assertEqual(1, second.code, second)
        self.assertIn("re-core/other-controller", second.err)

    def test_what_a_script_leaves_is_taken_over(self):
        script = subprocess.Popen([REOPS, "-e", "(re-core.controller/become)", "-e", "(add fake defaults small :redis)", "-e", "(println :owns)", "-e", "(read-line)"],
                                  env=self.home.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(script.stdout.close)
        self.addCleanup(script.wait)
        self.addCleanup(script.kill)
        while ":owns" not in (line := script.stdout.readline()):
            self.assertTrue(line)
        one = self.prompt()
        self.assertIn(f"Jobs run in another process, {script.pid}", one.said.decode())
        script.stdin.close()
        script.wait(DEADLINE)
        self.ask(one, "(do (while (not (re-core.controller/owner?)) (Thread/sleep 10)) :taken-over)", "\n:taken-over")

    def test_scripts_run_by_themselves(self):
        one = self.prompt()
        self.ask(one, "(do (add fake defaults small :redis) (def mine 1))", "#'user/mine")
        self.assertIn("mine", run("-e", "mine", home=self.home).err)
        result = run("-e", "(do @(create fake defaults small :redis (delays 10)) (println (re-core.controller/owner?) (:kind (peer))))", home=self.home)
        self.assertIn(":script", result.out, result)


if __name__ == "__main__":
    unittest.main()
