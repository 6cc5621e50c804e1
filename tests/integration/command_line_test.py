#!/usr/bin/env python3
"""The command line: expressions, files, libraries, shebang, standard input, exit codes, errors and Ctrl-C.

Takes about ten seconds.
"""

import os
import signal
import subprocess
import unittest

from session import CRASH, DEADLINE, REOPS, Home, Session, Terminal, run


class Case(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)

    def run_reops(self, *args, **options):
        result = run(*args, home=self.home, **options)
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        return result

    def assert_success(self, result, out=None):
        self.assertEqual(0, result.code, result)
        if out is not None:
            self.assertEqual(out, result.out, result)

    def assert_failure(self, result, *patterns, code=1):
        self.assertEqual(code, result.code, result)
        for pattern in patterns:
            self.assertRegex(result.err, pattern, result)


class Expressions(Case):
    def test_the_value_is_printed(self):
        self.assert_success(self.run_reops("-e", "(+ 1 2)"), "3\n")

    def test_nil_is_not_printed(self):
        self.assert_success(self.run_reops("-e", '(println "hello")'), "hello\n")

    def test_several_forms_in_one_expression(self):
        self.assert_success(self.run_reops("-e", "(println 1) (println 2)"), "1\n2\n")

    def test_arguments_after_an_expression(self):
        self.assert_success(self.run_reops("-e", "(prn *command-line-args*)", "a", "-b", "--c"), '("a" "-b" "--c")\n')

    def test_an_error_fails(self):
        self.assert_failure(self.run_reops("-e", "(/ 1 0)"), r"(?i)divi\w+ by zero")

    def test_an_error_ends_it(self):
        result = self.run_reops("-e", '(println "first") (/ 1 0) (println "never")')
        self.assert_failure(result)
        self.assertEqual("first\n", result.out)

    def test_unicode(self):
        self.assert_success(self.run_reops("-e", '(println (count "日本😀") "é")'), "3 é\n")


class Files(Case):
    def test_a_file_with_arguments(self):
        script = self.home.write("s.clj", '(println "args" (pr-str *command-line-args*))')
        self.assert_success(self.run_reops(script, "one", "two words", "-e", "--help"),
                            'args ("one" "two words" "-e" "--help")\n')

    def test_no_arguments_are_nil(self):
        script = self.home.write("s.clj", "(prn *command-line-args*)")
        self.assert_success(self.run_reops(script), "nil\n")

    def test_values_of_a_file_are_not_printed(self):
        script = self.home.write("s.clj", "(+ 1 2)\n:value\n")
        self.assert_success(self.run_reops(script), "")

    def test_a_shebang(self):
        script = self.home.write("greet", '#!/usr/bin/env reops\n(println "hello" (first *command-line-args*))\n')
        script.chmod(0o755)
        (self.home.path / "bin").mkdir()
        (self.home.path / "bin" / "reops").symlink_to(REOPS)
        environment = self.home.environment(PATH=f"{self.home.path}/bin:{os.environ['PATH']}")
        done = subprocess.run([script, "you"], capture_output=True, text=True, timeout=DEADLINE, env=environment)
        self.assertEqual((0, "hello you\n", ""), (done.returncode, done.stdout, done.stderr))

    def test_a_script_may_define_namespaces_and_require(self):
        script = self.home.write("s.clj", "(ns my.script (:require [clojure.string :as str]))\n"
                                          "(defn shout [s] (str/upper-case s))\n(println (shout \"x\") (ns-name *ns*))\n")
        self.assert_success(self.run_reops(script), "X my.script\n")

    def test_a_script_reads_its_standard_input(self):
        script = self.home.write("s.clj", "(loop [n 0] (if-let [line (read-line)] (recur (+ n (count line))) (println n)))")
        self.assert_success(self.run_reops(script, stdin="ab\ncde\n"), "5\n")

    def test_output_is_flushed_at_the_end_and_on_error(self):
        script = self.home.write("s.clj", '(print "no newline") (throw (ex-info "then this" {:a 1}))')
        result = self.run_reops(script)
        self.assert_failure(result, "then this")
        self.assertEqual("no newline", result.out)

    def test_a_missing_file(self):
        result = self.run_reops("/no/such/script.clj")
        self.assertNotEqual(0, result.code)
        self.assertIn("/no/such/script.clj", result.err)

    def test_a_folder_instead_of_a_file(self):
        result = self.run_reops(self.home.path)
        self.assertNotEqual(0, result.code)
        self.assertNotEqual("", result.err)

    def test_an_empty_file(self):
        self.assert_success(self.run_reops(self.home.write("empty.clj", "")), "")

    def test_futures_do_not_keep_a_finished_script(self):
        script = self.home.write("s.clj", '(def f (future 42)) (println @f)')
        self.assert_success(self.run_reops(script), "42\n")

    def test_windows_line_ends_and_byte_order_mark(self):
        script = self.home.write("s.clj", b"\xef\xbb\xbf(println 1)\r\n(println 2)\r\n")
        self.assert_success(self.run_reops(script), "1\n2\n")


class Libraries(Case):
    def setUp(self):
        super().setUp()
        self.home.write("config/scripts/my_tools/main.clj",
                        "(ns my-tools.main (:require [my-tools.text :as text]))\n"
                        "(defn -main [& args] (println (text/loud (first args))) (when (second args) (System/exit 3)))\n")
        self.home.write("config/scripts/my_tools/text.clj",
                        "(ns my-tools.text)\n(defn loud [s] (str s \"!\"))\n")

    def test_main_of_a_namespace(self):
        self.assert_success(self.run_reops("-m", "my-tools.main", "hello"), "hello!\n")

    def test_main_may_choose_the_exit_code(self):
        self.assertEqual(3, self.run_reops("-m", "my-tools.main", "hello", "leave").code)

    def test_a_namespace_that_is_not_there_names_where_it_was_looked_for(self):
        self.assert_failure(self.run_reops("-m", "my-tools.nowhere"), r"my[-_]tools.nowhere", r"config/scripts")

    def test_a_namespace_without_main(self):
        self.assert_failure(self.run_reops("-m", "my-tools.text"), r"-main")

    def test_libraries_are_not_taken_from_the_current_folder(self):
        self.home.write("here/sneaky.clj", '(ns sneaky) (println "loaded")')
        result = self.run_reops("-e", "(require 'sneaky)", cwd=self.home.path / "here")
        self.assert_failure(result, r"sneaky")
        self.assertEqual("", result.out)


class StandardInput(Case):
    def test_forms_are_evaluated_in_order(self):
        result = self.run_reops(stdin="(def a 20)\n(println (+ a\n   22))\n")
        self.assert_success(result)
        self.assertIn("42\n", result.out)

    def test_no_colours_and_no_escapes_in_a_pipe(self):
        result = self.run_reops(stdin="(println 1)\n(/ 1 0)\n(nope)\n")
        self.assertNotIn("\x1b", result.out + result.err)

    def test_the_session_goes_on_after_an_error(self):
        with Session() as session:
            session.ask("(/ 1 0)")
            self.assertIn("alive", session.ask('(println "alive")').out)


class ExitCodes(Case):
    def test_the_code_of_exit(self):
        for code in (0, 1, 7, 255):
            self.assertEqual(code, self.run_reops("-e", f"(System/exit {code})").code)

    def test_exit_flushes(self):
        result = self.run_reops("-e", '(print "kept") (System/exit 0)')
        self.assertEqual("kept", result.out)

    def test_help_and_version(self):
        result = self.run_reops("--help")
        self.assert_success(result)
        for word in ("-e", "-m", "FILE"):
            self.assertIn(word, result.out)
        result = self.run_reops("--version")
        self.assert_success(result)
        self.assertRegex(result.out, r"\d+\.\d+")

    def test_an_unknown_option(self):
        result = self.run_reops("--no-such-option")
        self.assertNotIn(result.code, (0, -signal.SIGSEGV, -signal.SIGABRT), result)
        self.assertIn("--no-such-option", result.err)

    def test_an_option_without_its_argument(self):
        for option in ("-e", "-m"):
            result = self.run_reops(option)
            self.assertNotEqual(0, result.code, result)
            self.assertNotEqual("", result.err)


class Errors(Case):
    """As design has them: what, its code, where, the line, the caret, a hint, the user's own functions."""

    def test_an_unresolved_symbol(self):
        script = self.home.write("ops.clj", "(defn successful [x] x)\n\n(println (map sucessful [1]))\n")
        result = self.run_reops(script)
        self.assert_failure(result, r"sucessful", r"reops/unresolved-symbol", r"ops\.clj:3:15", r"3 │ \(println")
        self.assertRegex(result.err, r"(?m)^\s*│\s*\^{9}\s*$", result)
        self.assertRegex(result.err, r"Did you mean `successful`\?", result)

    def test_the_place_and_the_trace_of_an_error_while_running(self):
        script = self.home.write("deep.clj", "(defn inner [x]\n  (/ 1 x))\n(defn outer [x]\n  (inc (inner x)))\n(outer 0)\n")
        result = self.run_reops(script)
        self.assert_failure(result, r"(?i)divi\w+ by zero", r"deep\.clj:2", r"inner", r"outer")
        self.assertLess(result.err.index("inner"), result.err.index("outer"), "the innermost call comes first")

    def test_the_data_of_an_error_is_shown(self):
        result = self.run_reops("-e", '(throw (ex-info "no good" {:host "web1"}))')
        self.assert_failure(result, "no good", ":host", "web1")

    def test_the_cause_of_an_error_is_shown(self):
        result = self.run_reops("-e", '(throw (ex-info "outer trouble" {} (ex-info "inner trouble" {})))')
        self.assert_failure(result, "outer trouble", "inner trouble")

    def test_an_error_inside_a_macro_points_at_its_use(self):
        script = self.home.write("m.clj", '(defmacro boom [] (throw (ex-info "from the macro" {})))\n\n  (boom)\n')
        self.assert_failure(self.run_reops(script), "from the macro", r"m\.clj:3")

    def test_an_error_in_a_required_library_names_its_file(self):
        self.home.write("config/scripts/broken.clj", "(ns broken)\n(defn f [] (undefined-thing))\n")
        self.assert_failure(self.run_reops("-e", "(require 'broken)"), r"broken\.clj:2:13", "undefined-thing")


class Interrupt(Case):
    """Ctrl-C ends any evaluation: a script ends with 130, a session goes on."""

    ENDLESS = {
        "a loop": "(loop [] (recur))",
        "a loop in core functions": "(reduce + (range))",
        "a sleep": "(Thread/sleep 3600000)",
        "an infinite sequence": "(count (iterate inc 0))",
        "a promise that nobody delivers": "@(promise)",
        "a future that never ends": "@(future (loop [] (recur)))",
        "a sort that never ends": "(sort (fn [a b] (loop [] (recur))) [1 2 3])",
        "a recursion": "((fn f [n] (if (pos? n) (do (f (dec n)) (f (dec n))) 0)) 200)",
        "a swap that never ends": "(swap! (atom 0) (fn [_] (loop [] (recur))))",
        "a lazy sequence": "(doall (filter neg? (range)))",
        "a transducer": "(transduce (filter neg?) + (range))",
        "a read": "(read-line)",
        "a lock": "(let [o (atom 0)] (locking o @(future (locking o 1))))",
    }

    def test_a_script_ends(self):
        for what, form in self.ENDLESS.items():
            with self.subTest(what):
                process = subprocess.Popen([REOPS, "-e", f'(println "begun") (flush) {form}'], stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.home.environment())
                try:
                    self.assertEqual(b"begun\n", process.stdout.readline())
                    process.send_signal(signal.SIGINT)
                    # Its input stays open until it has ended: communicate() would close it, and end a read by that.
                    process.wait(timeout=DEADLINE)
                    err = process.stderr.read()
                except subprocess.TimeoutExpired:
                    self.fail(f"Ctrl-C did not end {what}")
                finally:
                    if process.poll() is None:
                        process.kill()
                        process.communicate()
                self.assertIn(process.returncode, (130, -signal.SIGINT), err)
                self.assertIsNone(CRASH.search(err.decode()), err)

    def test_a_session_goes_on(self):
        with Session() as session:
            for what, form in self.ENDLESS.items():
                if what == "a read":
                    continue  # it would read what is typed next
                with self.subTest(what):
                    session.type(f'(do (println "begun") (flush) {form})\n')
                    session.wait_for("begun\n")
                    session.interrupt()
                    reply = session.reply(session.mark())
                    self.assertRegex(reply.err, r"(?i)interrupt", reply)
                    self.assertIn("alive", session.ask('(println "alive")').out)

    def test_cleaning_up_runs(self):
        with Session() as session:
            session.type('(try (println "begun") (flush) (loop [] (recur)) (finally (println "cleaned up")))\n')
            session.wait_for("begun\n")
            session.interrupt()
            reply = session.reply(session.mark())
            self.assertIn("cleaned up", reply.out)

    def test_an_interrupt_is_not_swallowed_by_catching_exceptions(self):
        with Session() as session:
            session.type('(do (println "begun") (flush) (loop [] (try (loop [] (recur)) (catch RuntimeException e 1)) (recur)))\n')
            session.wait_for("begun\n")
            session.interrupt()
            session.reply(session.mark())

    def test_an_interrupt_at_the_idle_prompt_is_harmless(self):
        with Terminal() as terminal:
            terminal.answers()
            terminal.interrupt()
            terminal.answers()

    def test_definitions_survive(self):
        with Session() as session:
            session.ask("(def kept (atom 1))")
            session.type('(do (println "begun") (flush) (loop [] (swap! kept inc) (recur)))\n')
            session.wait_for("begun\n")
            session.interrupt()
            session.reply(session.mark())
            self.assertIn("true", session.ask("(println (integer? (swap! kept inc)))").out)


class Prompt(Case):
    def test_the_results_of_before(self):
        with Terminal() as terminal:
            terminal.type("(+ 1 550000)\r")
            terminal.wait_for("550001")
            terminal.type("(+ *1 1)\r")
            terminal.wait_for("550002")
            terminal.type("(str *1 \"-\" *2)\r")
            terminal.wait_for("550002-550001")

    def test_the_error_of_before(self):
        with Terminal() as terminal:
            terminal.type('(throw (ex-info (str "tr" "ouble") {}))\r')
            terminal.wait_for("trouble")
            terminal.type('(str "again: " (ex-message *e))\r')
            terminal.wait_for("again: trouble")

    def test_the_namespace_is_that_of_in_ns(self):
        with Terminal() as terminal:
            terminal.type("(ns some.place)\r")
            terminal.type('(str "in " (ns-name *ns*))\r')
            terminal.wait_for("in some.place")


if __name__ == "__main__":
    unittest.main()
