"""The prompt as a person sees it: in tmux, at 80 columns and fewer."""

import os
import re
import stat
import subprocess
import time
import unittest

from session import CRASH, DEADLINE, REOPS, Home, Session, Terminal, run


class Pane:
    """The program in a tmux server of its own. What is read is the screen, as it would be seen."""

    def __init__(self, *args, width=80, height=24, home=None, **environment):
        self.own_home = home is None
        self.home = home or Home()
        self.socket = self.home.path / f"tmux-{time.monotonic_ns()}"
        env = self.home.environment(**environment)
        # The terminal is tmux; what this test runs in says nothing.
        for name in ("TMUX", "TERM"):
            env.pop(name, None)
        command = [REOPS, *args]
        if "TERM" in environment:
            command = ["env", f"TERM={environment['TERM']}", *command]
        # Not left to tmux, which now and then does not notice that the program has ended.
        self.exit_code = self.home.path / f"exit-{time.monotonic_ns()}"
        command = ["sh", "-c", f"\"$@\"; echo $? >{self.exit_code}", "sh", *command]
        self.env = env
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height), *command,
                   ";", "set-option", "-g", "remain-on-exit", "on")

    def __enter__(self):
        self.wait_for(r"λ:$")
        return self

    def __exit__(self, *_):
        self.close()

    def _tmux(self, *args, check=True):
        return subprocess.run(["tmux", "-S", self.socket, *map(str, args)], env=self.env, check=check, timeout=DEADLINE,
                              capture_output=True, text=True).stdout

    def type(self, text):
        """Types text; a new line in it is Enter."""
        for i, line in enumerate(text.split("\n")):
            if i:
                self.press("Enter")
            if line:
                self._tmux("send-keys", "-l", "--", line)

    def press(self, *keys):
        self._tmux("send-keys", *keys)

    def paste(self, text):
        self._tmux("set-buffer", "--", text)
        self._tmux("paste-buffer", "-p")

    def resize(self, width, height):
        self._tmux("resize-window", "-x", width, "-y", height)

    def screen(self, colors=False):
        return self._tmux("capture-pane", "-p", *(["-e"] if colors else [])).rstrip("\n")

    def wait_for(self, pattern, colors=False):
        """Waits until the screen shows the pattern, and returns the screen."""
        wanted = re.compile(pattern, re.MULTILINE)
        end = time.monotonic() + DEADLINE
        while True:
            seen = self.screen(colors)
            if wanted.search(seen):
                assert not CRASH.search(seen), seen
                return seen
            if time.monotonic() > end:
                raise AssertionError(f"{pattern!r} was not shown within {DEADLINE} s:\n{seen}")
            time.sleep(0.05)

    def wait_for_end(self):
        end = time.monotonic() + DEADLINE
        while not self.exit_code.exists() or not self.exit_code.read_text().endswith("\n"):
            if time.monotonic() > end:
                raise AssertionError(f"the program did not end within {DEADLINE} s:\n{self.screen()}")
            time.sleep(0.05)
        assert self.exit_code.read_text() == "0\n", self.screen()

    def close(self):
        self._tmux("kill-server", check=False)
        if self.own_home:
            self.home.remove()


class Editing(unittest.TestCase):
    def test_leaving_while_jobs_are_under_way(self):
        home = Home()
        self.addCleanup(home.remove)
        release = home.path / "release"
        # Its jobs go on when the file is there, and need this to be loaded before they are taken up.
        init = home.write("init.clj", f"""
            (def gated [{{:step :wait :repeat true :run (fn [_] (while (not (reops.fs/exists? "{release}")) (Thread/sleep 10)))}}
                        {{:step :end :run (fn [_] {{:ended true}})}}])
            (workflow "gated" #'gated)
            (defn last-job [] (select-keys (first (jobs 1 :print? false)) [:state :result]))
            (defn begin [] (schedule {{}} "gated" (:systems (second (ls systems)))))""")
        run("-e", "(add fake defaults small :redis)", home=home)
        for answer, said, state in (("w", "Waiting for 1 job", "{:state :done, :result {:ended true}}"), ("s", "They have paused", "{:state :running}")):
            release.unlink(missing_ok=True)
            with Pane("-i", init, home=home) as pane:
                pane.type("(:topic (begin))\n")
                pane.wait_for('^"gated"')
                pane.press("C-d")
                pane.wait_for(r"1 job is under way\. \[w\]ait, \[h\]and over")
                pane.type(answer + "\n")
                pane.wait_for(rf"\[s\]top\? {answer}$")
                release.touch()
                pane.wait_for_end()
                self.assertIn(said, pane.screen())
            result = run("-e", "(prn (select-keys (first (jobs 1 :print? false)) [:state :result]))", home=home)
            self.assertIn(state, result.out, result)
        with Pane("-i", init, home=home) as pane:
            pane.wait_for("a job that was under way goes on")
            pane.type("(do (re-core.controller/await-jobs (map :id (jobs 1 :print? false))) (last-job))\n")
            pane.wait_for("^{:state :done, :result {:ended true}}")

    def test_a_shell_on_each_machine(self):
        home = Home()
        self.addCleanup(home.remove)
        ssh = home.write("bin/ssh", '#!/bin/sh\necho "logged in: $@"\nsleep 60\n')
        ssh.chmod(0o755)
        with Pane(width=160, home=home, PATH=f"{ssh.parent}:{os.environ['PATH']}") as pane:
            pane.type('(add fake defaults small :redis (with-host "a") (fn [m] (assoc-in m [:machine :ip] "192.0.2.7")))\n')
            pane.type('(add fake defaults small :redis (with-host "off"))\n')
            pane.type("(ssh-into identity {:window true})\n")
            pane.wait_for("logged in: re-ops@192.0.2.7")
            self.assertEqual(2, len(pane._tmux("list-windows").splitlines()))
            pane._tmux("select-window", "-t", ":0")
            pane.type("(ssh-into (named [\"off\"]))\n")
            pane.wait_for("None of these machines runs")
            pane.type("(ssh-into)\n")
            pane.wait_for("logged in: re-ops@192.0.2.7")
            self.assertEqual(2, len(pane._tmux("list-panes").splitlines()))

    def test_what_others_print_stands_above_what_is_typed(self):
        with Pane() as pane:
            release = pane.home.path / "release"
            pane.type(f'(def there? #(reops.fs/exists? "{release}"))\n')
            pane.type('(def f (future (while (not (there?)) (Thread/sleep 10)) (println "from behind")\n')
            pane.type('(binding [*out* *err*] (println "an error"))))\n')
            pane.wait_for(r"#'user/f")
            pane.type('(let [x 1]\n(str "half')
            pane.wait_for(r'\(str "half$')
            release.touch()
            seen = pane.wait_for(r'from behind\nan error\n\[.*λ: \(let \[x 1\]\n +\(str "half$')
            self.assertEqual(1, len(re.findall("half", seen)), seen)
            pane.type(' done"))\n')
            pane.wait_for(r'"half done"')

    def test_a_form_of_many_lines(self):
        with Pane() as pane:
            pane.type("(let [a 1\nb 2]\n(+ a\n40))\n")
            seen = pane.wait_for(r"^41$")
            self.assertRegex(seen, r"λ: \(let \[a 1\n +b 2\]\n +\(\+ a\n +40\)\)\n41(\n|$)")
            lines = seen.split("\n")
            first = next(line for line in lines if "(let" in line)
            column = first.index("(let")
            body = lines[lines.index(first) + 1:]
            self.assertEqual([column + 6, column + 2, column + 5], [len(x) - len(x.lstrip()) for x in body[:3]])

    def test_arrows_move_between_the_lines_of_a_form(self):
        with Pane() as pane:
            pane.type("[:first\n:second")
            pane.wait_for(r":second$")
            pane.press("Up", "End")
            pane.type(" 1")
            pane.press("Down", "End")
            pane.type("]\n")
            pane.wait_for(r"^\[:first 1 :second\]$")

    def test_alt_enter_breaks_a_line(self):
        with Pane() as pane:
            pane.type("(+ 1")
            pane.press("M-Enter")
            pane.type("2) 5")
            pane.press("M-Enter")
            pane.type("6\n")
            pane.wait_for(r"^3\n5\n6$")

    def test_pasted_text_stays_as_it_is(self):
        with Pane() as pane:
            pane.paste("(str \"a\n   b\"\n:c)\n")
            pane.wait_for(r":c\)$")
            self.assertNotIn("a\\n", pane.screen(), "it waits for Enter")
            pane.press("Enter")
            pane.wait_for(r'^"a\\n   b:c"$')

    def test_a_narrow_terminal_and_wide_characters(self):
        with Pane(width=24, height=12) as pane:
            pane.type("(count \"世界世界世界世界世界世界\")")
            pane.wait_for(r"^世?界.*\"\)$")
            pane.press("Home")
            pane.press("Delete")
            pane.type("(")
            pane.press("Enter")
            pane.wait_for(r"^12$")

    def test_a_window_that_changes_its_size(self):
        with Pane() as pane:
            pane.type("(vector :one-long-keyword :two-long-keyword")
            pane.wait_for(r":two-long-keyword$")
            pane.resize(30, 20)
            pane.type(" :three")
            seen = pane.wait_for(r":th\nree$")
            self.assertEqual(1, seen.count("(vector"), seen)
            pane.resize(100, 20)
            pane.type(")\n")
            pane.wait_for(r"^\[:one-long-keyword :two-long-keyword :three\]$")

    def test_ctrl_c_ctrl_l_ctrl_d(self):
        with Pane() as pane:
            pane.type("(never evaluated\n :at all")
            pane.wait_for(r":at all$")
            pane.press("C-c")
            pane.type("(str :still \" \" :here)\n")
            pane.wait_for(r'^":still :here"$')
            pane.type("ab")
            pane.press("C-l")
            pane.wait_for(r"\A\[reops@.*λ: ab$")
            pane.press("C-u")
            pane.press("C-d")
            pane.wait_for_end()

    def test_ctrl_c_ends_an_evaluation(self):
        with Pane() as pane:
            pane.type('(do (println "begun") (loop [] (recur)))\n')
            pane.wait_for(r"^begun$")
            pane.press("C-c")
            pane.wait_for(r"(?i)interrupted")
            pane.type("(inc 40)\n")
            pane.wait_for(r"^41$")

    def test_undo_kill_and_yank(self):
        with Pane() as pane:
            pane.type("(list 1 2 3)")
            pane.press("C-w", "C-w", "C-y", "C-y")
            pane.wait_for(r"λ: \(list 1 2 2$")
            pane.press("C-a", "C-k")
            pane.type("(inc 1")
            pane.press("C-_")
            pane.type("2)\n")
            pane.wait_for(r"^3$")


class History(unittest.TestCase):
    def test_it_lasts_and_can_be_searched(self):
        home = Home()
        self.addCleanup(home.remove)
        with Pane(home=home) as pane:
            pane.type("(defn twice [x]\n(* 2 x))\n")
            pane.wait_for(r"#'user/twice")
            pane.type("(twice 8)\n")
            pane.wait_for(r"^16\n.*λ:$")
            pane.press("C-d")
            pane.wait_for_end()
        files = list(home.path.rglob("history"))
        self.assertEqual(1, len(files))
        self.assertEqual(0o600, stat.S_IMODE(files[0].stat().st_mode))
        with Pane(home=home) as pane:
            pane.press("Up", "Up")
            pane.wait_for(r"\(defn twice \[x\]\n +\(\* 2 x\)\)")
            pane.press("Enter")
            pane.wait_for(r"#'user/twice")
            pane.press("C-r")
            pane.type("twice 8")
            pane.wait_for(r"λ: \(twice 8\)\nsearch: twice 8")
            pane.press("Enter")
            pane.wait_for(r"^16$")

    def test_forms_that_failed_come_back_to_be_mended(self):
        with Pane() as pane:
            pane.type("(inc :a)\n")
            pane.wait_for(r"ClassCastException")
            pane.press("Up", "C-w")
            pane.type("41)\n")
            pane.wait_for(r"^42$")


class Completion(unittest.TestCase):
    def test_names_with_their_documentation(self):
        with Pane() as pane:
            pane.type("(redu")
            pane.press("Tab")
            pane.wait_for(r"λ: \(reduc?e?\n.*reduce-kv")
            pane.press("Tab", "Tab")
            seen = pane.wait_for(r"^reduce-kv \[f init coll\]")
            self.assertRegex(seen, r"λ: \(reduce-kv\n")
            self.assertIn("Like `reduce` over a map", seen)
            pane.press("Enter")
            pane.type(" + 0 {:a 41})")
            pane.press("C-c")
            pane.type("(map-in")
            pane.press("Tab")
            pane.type(" ")
            pane.wait_for(r"^clojure.core/map-indexed \[f\] \[f coll\]$")

    def test_locals_aliases_keywords_and_files(self):
        home = Home()
        self.addCleanup(home.remove)
        home.write("notes.txt", "what was noted")
        with Pane(home=home) as pane:
            pane.type("(require '[clojure.string :as text])\n")
            pane.wait_for(r"^nil$")
            pane.type("(let [wonderful-name \"ab\"] (text/upper-c")
            pane.press("Tab")
            pane.type(" wond")
            pane.press("Tab")
            pane.type("))\n")
            pane.wait_for(r'^"AB"$')
            pane.type(f'(slurp "{home.path}/no')
            pane.press("Tab")
            pane.type('")\n')
            pane.wait_for(r'^"what was noted"$')

    def test_a_narrow_terminal(self):
        with Pane(width=30, height=10) as pane:
            pane.type("(part")
            pane.press("Tab")
            pane.press("Tab")
            seen = pane.wait_for(r"partition-all")
            self.assertLessEqual(len(seen.split("\n")), 10)


class Results(unittest.TestCase):
    def test_what_is_endless_or_large_is_cut_with_a_hint(self):
        with Pane(NO_COLOR="1") as pane:
            pane.type("(range)\n")
            pane.wait_for(r"^ ?\.\.\.\)$|\.\.\.\)$")
            pane.wait_for(r"^;; Of each collection the first 1000 elements; \(set! \*print-length\* n\) shows n\.$")
            pane.press("C-l")
            pane.type('(apply str (repeat 100000 "large"))\n')
            pane.wait_for(r"^;; Cut here\. \*1 is the whole value")
            pane.type("(count *1)\n")
            pane.wait_for(r"^500000$")

    def test_no_text_drives_the_terminal(self):
        with Pane() as pane:
            pane.type('(str (char 27) "[2J" (char 155) (char 0x202e) "safe")\n')
            pane.wait_for(r'^"\\u001b\[2J\\u009b\\u202esafe"$')
            pane.type('(throw (ex-info (str (char 27) "[2Jwrong") {(str (char 7)) 1}))\n')
            seen = pane.wait_for(r'^\\u001b\[2Jwrong ')
            self.assertIn(r'with {"\u0007" 1}', seen)

    def test_colours_and_none(self):
        with Pane() as pane:
            pane.type("{:a \"b\"}\n")
            pane.wait_for("\x1b\\[3\\dm:a", colors=True)
        with Pane(NO_COLOR="1") as pane:
            pane.type("{:a \"b\"}\n")
            pane.wait_for(r'^\{:a "b"\}$')
            self.assertNotIn("\x1b[3", pane.screen(colors=True))

    def test_earlier_results_and_the_last_error(self):
        with Pane() as pane:
            pane.type("1\n2\n3\n[*1 *2 *3]\n")
            pane.wait_for(r"^\[3 2 1\]$")
            pane.type("(inc :a)\n")
            pane.wait_for(r"ClassCastException")
            pane.press("C-l")
            pane.type("(pst)\n")
            pane.wait_for(r"ClassCastException")


class Elsewhere(unittest.TestCase):
    def test_a_dumb_terminal_has_plain_lines(self):
        with Terminal() as terminal:
            terminal.wait_for("λ: ")
            terminal.type("(+ 1\r")
            terminal.wait_for("  … ")
            terminal.type("40)\r")
            terminal.wait_for(r"[\r\n]41[\r\n]")
            self.assertNotIn(b"\x1b", terminal.said)
            terminal.type("(never\r")
            terminal.wait_for("  … ")
            terminal.interrupt()
            terminal.answers()
            terminal.type("\x04")
            self.assertEqual(0, terminal.wait())

    def test_an_init_file_of_ones_own(self):
        home = Home()
        self.addCleanup(home.remove)
        home.write("config/init.clj", "(def from-init 42)")
        with Pane(home=home) as pane:
            pane.type("from-init\n")
            pane.wait_for(r"^42$")
        self.assertIn("from-init", run(stdin="from-init", home=home).err, "a pipe does not load it")

    def test_a_form_of_very_many_lines_from_a_pipe(self):
        lines = "\n".join(str(i) for i in range(100000))
        result = run(stdin=f"(count [\n{lines}\n])\n(+ 1\n1)")
        self.assertEqual(("100000\n2\n", "", 0), (result.out, result.err, result.code))

    def test_save_defs(self):
        with Session() as session:
            path = session.home.path / "saved.clj"
            session.ask("(def a 1)\n(defn f [x]\n  ;; doubles\n  (* 2 x))\n(defn g [x] (f x))\n(def failed (inc :a))\n(+ 1 2)")
            session.ask("(defn f [x] (h x)) \n (defn h [x] (* 3 x))\n(defn f [x] (h (+ a x)))")
            session.ask("(ns other.place (:require [clojure.string :as str]))\n(def b (str/upper-case \"b\"))\n(in-ns 'user)")
            reply = session.ask(f'(save-defs "{path}")')
            self.assertIn("definitions to", reply.out)
            text = path.read_text()
            self.assertIn("(defn f [x] (h (+ a x)))", text)
            self.assertNotIn("doubles", text, "the latest definition only")
            self.assertNotIn("failed", text)
            result = run("-e", f'(load-file "{path}")', "-e", "[(g 1) other.place/b]", home=session.home)
            self.assertEqual((0, '[6 "B"]'), (result.code, result.out.splitlines()[-1]), result)
            other = session.home.write("mine.clj", "(precious)")
            self.assertIn("is there already", session.ask(f'(save-defs "{other}")').err)
            self.assertEqual("(precious)", other.read_text())


if __name__ == "__main__":
    unittest.main()
