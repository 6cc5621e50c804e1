#!/usr/bin/env python3
"""The nREPL server: sessions, streaming, interrupts, input, files, and clients that misbehave.

Takes about twenty seconds.
"""

import os
import signal
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from nrepl_client import Server, decode, encode
from session import CRASH, DEADLINE, REOPS, Home, run


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.__exit__)

    def setUp(self):
        self.client = self.server.connect()
        self.addCleanup(self.client.close)

    def tearDown(self):
        # Whatever a test did, the server is there and says nothing on its own.
        with self.server.connect() as fresh:
            self.assertEqual(["2"], fresh.eval("(+ 1 1)").values)
        self.assertIsNone(CRASH.search(self.server.said.decode()), self.server.said)

    def value(self, code, **fields):
        answers = self.client.eval(code, **fields)
        self.assertEqual(["done"], answers.status, answers)
        return answers.values[-1]


class Evaluation(Case):
    def test_each_form_has_its_value(self):
        answers = self.client.eval("(+ 1 2) :b \"s\"")
        self.assertEqual(["3", ":b", '"s"'], answers.values)
        self.assertEqual(["user"] * 3, answers.all("ns"))
        self.assertEqual(["done"], answers.status)

    def test_nothing_to_evaluate(self):
        for code in ("", "  ; only a comment\n", "#_(ignored)"):
            answers = self.client.eval(code)
            self.assertEqual(([], ["done"]), (answers.values, answers.status))

    def test_results_are_remembered_in_the_session(self):
        self.client.eval("1 2 3")
        self.assertEqual("[3 2 1]", self.value("[*1 *2 *3]"))
        self.client.eval("(throw (ex-info \"x\" {:a 1}))")
        self.assertEqual("{:a 1}", self.value("(ex-data *e)"))

    def test_output_and_values_come_in_order(self):
        answers = self.client.eval('(println 1) (binding [*out* *err*] (println 2)) (print 3)')
        kinds = [next(k for k in ("out", "err", "value", "status") if k in m) for m in answers.messages]
        self.assertEqual(["out", "value", "err", "value", "out", "value", "status"], kinds)
        self.assertEqual(("1\n3", "2\n"), (answers.text("out"), answers.text("err")))

    def test_an_error_ends_the_forms(self):
        answers = self.client.eval('1 (/ 1 0) 2')
        self.assertEqual(["1"], answers.values)
        self.assertEqual(["eval-error", "done"], answers.status)
        self.assertRegex(answers.text("err"), r"Divide by zero +ArithmeticException\n")
        self.assertEqual(["class java.lang.ArithmeticException"], answers.all("ex"))

    def test_the_root_of_an_error(self):
        answers = self.client.eval('(throw (ex-info "outer" {} (ex-info "inner" {} (IllegalStateException. "root"))))')
        self.assertEqual(["class clojure.lang.ExceptionInfo"], answers.all("ex"))
        self.assertEqual(["class java.lang.IllegalStateException"], answers.all("root-ex"))

    def test_text_that_cannot_be_read(self):
        answers = self.client.eval("1 (+ 1")
        self.assertEqual((["1"], ["eval-error", "done"]), (answers.values, answers.status))
        self.assertIn("(", answers.text("err"))

    def test_a_namespace_for_once(self):
        self.client.eval("(ns for.once) (def here 5) (in-ns 'user)")
        self.assertEqual("5", self.value("here", ns="for.once"))
        self.assertEqual("user", self.client.eval("*ns*").all("ns")[0])
        answers = self.client.eval("1", ns="no.such.namespace")
        self.assertEqual(["error", "namespace-not-found", "done"], answers.status)

    def test_places_in_a_file(self):
        answers = self.client.eval('(defn f []\n  (undefined-here))', file="my/ops.clj", line=41, column=3)
        self.assertIn("at my/ops.clj:42:4", answers.text("err"))
        answers = self.client.eval("(nope)", file="my/ops.clj", line=10, column=7)
        self.assertIn("at my/ops.clj:10:8", answers.text("err"))
        self.assertEqual('"my/ops.clj"', self.value("*file*", file="my/ops.clj"))
        self.assertEqual("nil", self.value("*file*"))

    def test_a_long_result_is_cut_where_the_client_says(self):
        answers = self.client.eval("(range)", **{"nrepl.middleware.print/quota": 1000})
        self.assertEqual(1000, len(answers.values[0]))
        self.assertEqual(["nrepl.middleware.print/truncated", "done"], answers.status)
        self.assertEqual("[0 1 2 3 4 5 6 7 8 9]", self.value("(vec (take 10 *1))"))

    def test_text_beyond_ascii(self):
        answers = self.client.eval('(println "héλ😀") "日本"')
        self.assertEqual(("héλ😀\n", '"日本"'), (answers.text("out"), answers.values[1]))


class Files(Case):
    def test_a_file_is_loaded_with_its_places(self):
        text = "(ns loaded.one)\n\n(defn g [x]\n  (/ 1 x))\n(defn h [] (g 0))\n:loaded\n"
        answers = self.client.ask("load-file", file=text, file_path="/src/loaded/one.clj", file_name="one.clj")
        self.assertEqual(([":loaded"], ["user"], ["done"]), (answers.values, answers.all("ns"), answers.status))
        answers = self.client.eval("(loaded.one/h)")
        self.assertIn("at /src/loaded/one.clj:4:3\n  4 │   (/ 1 x))", answers.text("err"))
        # A piece evaluated again stands among the lines around it.
        self.client.eval("(defn h []\n  (g  0))", ns="loaded.one", file="/src/loaded/one.clj", line=5)
        err = self.client.eval("(loaded.one/h)").text("err")
        self.assertIn("4 │   (/ 1 x))", err)
        self.assertRegex(err, r"h +/src/loaded/one.clj:6:3")
        answers = self.client.eval("(require '[clojure.repl :refer [source]]) (source loaded.one/g)")
        self.assertEqual("(defn g [x]\n  (/ 1 x))\n", answers.text("out"))

    def test_an_error_points_into_the_file(self):
        answers = self.client.ask("load-file", file="(ns loaded.two)\n(def a 1)\n(undefined-here a)\n",
                                  file_path="/src/loaded/two.clj")
        self.assertIn("at /src/loaded/two.clj:3:2", answers.text("err"))
        self.assertEqual(["eval-error", "done"], answers.status)

    def test_fields_that_are_missing(self):
        for op in ("eval", "load-file", "stdin"):
            answers = self.client.ask(op)
            self.assertIn("error", answers.status)
            self.assertIn(op, answers.text("err"))


class Sessions(Case):
    def test_each_has_its_own_bindings(self):
        one, two = self.client.clone(), self.client.clone()
        self.client.eval("(ns first.one) (set! *print-length* 2)", session=one)
        self.assertEqual("(0 1 ...)", self.value("(range 9)", session=one))
        self.assertEqual("(0 1 2)", self.value("(range 3)", session=two))
        self.assertEqual("user", self.client.eval("*ns*", session=two).all("ns")[0])
        self.assertEqual("[nil nil]", self.value("[*1 *e]", session=self.client.clone()))

    def test_a_clone_begins_like_the_one_it_is_of(self):
        one = self.client.clone()
        self.client.eval("(ns cloned.one) :value", session=one)
        two = self.client.clone(session=one)
        self.assertEqual("[:value cloned.one]", self.value("[*1 (ns-name *ns*)]", session=two))
        self.client.eval("(in-ns 'user)", session=two)
        self.assertEqual("cloned.one", self.client.eval("1", session=one).all("ns")[0])

    def test_what_is_defined_is_seen_by_all(self):
        self.client.eval("(def shared 7)", session=self.client.clone())
        self.assertEqual("7", self.value("shared", session=self.client.clone()))

    def test_they_are_listed_and_closed(self):
        one = self.client.clone()
        self.assertIn(one, self.client.ask("ls-sessions").all("sessions")[0])
        self.assertIn("session-closed", self.client.ask("close", session=one).status)
        self.assertNotIn(one, self.client.ask("ls-sessions").all("sessions")[0])
        self.assertEqual(["error", "unknown-session", "done"], self.client.eval("1", session=one).status)

    def test_evaluations_of_one_wait_and_others_go_on(self):
        one, two = self.client.clone(), self.client.clone()
        self.client.eval("(def gate (promise)) (def order (atom []))")
        first = self.client.send("eval", code="(swap! order conj :a) @gate (swap! order conj :b)", session=one)
        second = self.client.send("eval", code="(swap! order conj :c)", session=one)
        self.client.until(first, lambda m: "value" in m)
        self.assertEqual("[:a]", self.value("@order", session=two))
        self.value("(deliver gate 1)", session=two)
        self.client.answers(first)
        self.assertEqual(["[:a :b :c]"], self.client.answers(second).values)

    def test_a_client_may_come_back_to_its_session(self):
        one = self.client.clone()
        self.client.eval("(ns come.back) :kept", session=one)
        self.client.close()
        with self.server.connect() as again:
            answers = again.eval("*1", session=one)
            self.assertEqual(([":kept"], ["come.back"]), (answers.values, answers.all("ns")))

    def test_sessions_that_nobody_uses_are_bounded(self):
        first = self.client.clone()
        for _ in range(40):
            with self.server.connect() as passing:
                passing.clone()
        self.assertLess(len(self.client.ask("ls-sessions").all("sessions")[0]), 30)
        self.assertEqual(["done"], self.client.eval("1", session=first).status)


class Streams(Case):
    def test_output_comes_while_it_runs(self):
        self.client.eval("(def gate (promise))")
        request = self.client.send("eval", code='(print "begun") @gate :end')
        self.client.until(request, lambda m: "begun" in m.get("out", ""))
        with self.server.connect() as other:
            other.eval("(deliver gate 1)")
        self.assertEqual([":end"], self.client.answers(request).values[-1:])

    def test_a_future_prints_to_the_request_that_started_it(self):
        self.client.eval("(def gate (promise))")
        request = self.client.send("eval", code='(future @gate (println "later")) :started')
        self.client.answers(request)
        self.client.eval("(deliver gate 1)")
        self.assertEqual("later\n", self.client.until(request, lambda m: "later" in m.get("out", "")).text("out"))

    def test_input_is_asked_for(self):
        request = self.client.send("eval", code="[(read-line) (read-line)]")
        self.client.until(request, lambda m: "need-input" in m.get("status", []))
        self.assertEqual(["done"], self.client.ask("stdin", stdin="one\ntw").status)
        self.client.until(request, lambda m: "need-input" in m.get("status", []))
        self.client.ask("stdin", stdin="o\nleft over\n")
        self.assertEqual(['["one" "two"]'], self.client.answers(request).values)
        self.assertEqual('"left over"', self.value("(read-line)"))

    def test_input_may_come_before_it_is_wanted(self):
        self.client.ask("stdin", stdin="early {:a 1}")
        self.client.ask("stdin", stdin="")
        self.assertEqual("[early {:a 1} :end]", self.value("[(read) (read) (read *in* false :end)]"))

    def test_the_end_of_input_is_not_for_ever(self):
        self.client.ask("stdin", stdin="")
        self.assertEqual("nil", self.value("(read-line)"))
        self.client.ask("stdin", stdin="more\n")
        self.assertEqual('"more"', self.value("(read-line)"))

    def test_a_client_that_does_not_read_is_waited_for(self):
        size = 300_000
        request = self.client.send("eval", code=f"(let [line (apply str (repeat 500 \\x))] (dotimes [i {size}] (println i line)))")
        with self.server.connect() as other:
            for _ in range(50):
                other.eval("(reduce + (range 10000))")
        out = 0
        while True:
            message = self.client.receive()
            out += message.get("out", "").count("\n")
            if message["id"] == request and "done" in message.get("status", []):
                break
        self.assertEqual(size, out)
        # All of it would be 150 MB.
        self.assertLess(self.server.peak_memory(), 120)


class Interrupts(Case):
    BLOCKED = {
        "sleep": "(Thread/sleep 1000000)",
        "promise": "@(promise)",
        "loop": "(loop [] (recur))",
        "lazy": "(count (range))",
        "input": "(read-line)",
        "printing": "(range)",
        "future": "@(future (Thread/sleep 1000000))",
        "process": '(reops.process/run ["sleep" "1000"])',
    }

    def test_whatever_it_does_ends(self):
        self.client.eval("(require 'reops.process)")
        for name, form in self.BLOCKED.items():
            with self.subTest(name):
                session = self.client.clone()
                request = self.client.send("eval", code=f'(println "begun") {form} (println "never")', session=session)
                self.client.until(request, lambda m: "begun" in m.get("out", ""))
                self.assertEqual(["done"], self.client.ask("interrupt", session=session, interrupt_id=request).status)
                answers = self.client.answers(request)
                self.assertEqual(["done", "interrupted"], [s for s in answers.status if s != "need-input"], answers)
                self.assertNotIn("never", answers.text("out"))
                self.assertEqual("[1 2]", self.value("[1 2]", session=session))

    def test_nothing_to_interrupt(self):
        session = self.client.clone()
        self.assertEqual(["done", "session-idle"], self.client.ask("interrupt", session=session).status)
        self.assertEqual("6", self.value("(* 2 3)", session=session))

    def test_another_request_is_left_alone(self):
        session = self.client.clone()
        request = self.client.send("eval", code='(println "begun") @(promise)', session=session)
        self.client.until(request, lambda m: "begun" in m.get("out", ""))
        waits = self.client.send("eval", code="(println :never)", session=session)
        runs = self.client.send("eval", code="(println :runs)", session=session)
        self.assertEqual(["error", "interrupt-id-mismatch", "done"],
                         self.client.ask("interrupt", session=session, interrupt_id="no such").status)
        self.assertEqual(["done"], self.client.ask("interrupt", session=session, interrupt_id=waits).status)
        self.client.ask("interrupt", session=session, interrupt_id=request)
        self.assertEqual(["done", "interrupted"], self.client.answers(request).status)
        answers = self.client.answers(waits)
        self.assertEqual(("", ["done", "interrupted"]), (answers.text("out"), answers.status))
        self.assertEqual(":runs\n", self.client.answers(runs).text("out"))

    def test_finally_runs_and_what_catches_may_go_on(self):
        request = self.client.send("eval", code='(try (println "begun") @(promise) (finally (println "cleaned")))')
        self.client.until(request, lambda m: "begun" in m.get("out", ""))
        self.client.ask("interrupt")
        self.assertIn("cleaned\n", self.client.answers(request).text("out"))

    def test_closing_a_session_ends_what_it_does(self):
        session = self.client.clone()
        request = self.client.send("eval", code='(println "begun") @(promise)', session=session)
        self.client.until(request, lambda m: "begun" in m.get("out", ""))
        self.client.ask("close", session=session)
        self.assertIn("interrupted", self.client.answers(request).status)


class Editors(Case):
    def names(self, prefix, op="completions", **fields):
        answers = self.client.ask(op, prefix=prefix, **fields)
        self.assertEqual(["done"], answers.status, answers)
        return {c["candidate"]: c for c in answers.all("completions")[0]}

    def test_completion(self):
        found = self.names("map-i")
        self.assertEqual({"candidate": "map-indexed", "type": "function", "ns": "clojure.core"}, found["map-indexed"])
        self.client.eval("(ns to.complete (:require [clojure.string :as text])) (defn my-own-name [x]) (in-ns 'user)")
        self.assertIn("my-own-name", self.names("my-ow", ns="to.complete"))
        self.assertNotIn("my-own-name", self.names("my-ow"))
        self.assertIn("text/join", self.names("text/jo", ns="to.complete"))
        self.assertIn("clojure.string", self.names("clojure.st"))
        self.client.eval(":a-keyword-of-mine")
        self.assertIn(":a-keyword-of-mine", self.names(":a-key"))
        self.assertEqual({}, self.names("there-is-nothing-like-this"))
        self.assertIn("reduce", self.names("redu", op="complete"))

    def test_completion_with_documentation(self):
        found = self.names("map-indexed", options={"extra-metadata": ["arglists", "doc"]})["map-indexed"]
        self.assertIn("[f coll]", found["arglists"])
        self.assertTrue(found["doc"])

    def test_completion_does_not_wait_for_evaluations(self):
        session = self.client.clone()
        request = self.client.send("eval", code="@(promise)", session=session)
        self.assertIn("map-indexed", self.names("map-i", session=session))
        self.client.ask("interrupt", session=session, interrupt_id=request)

    def test_lookup(self):
        info = self.client.ask("lookup", sym="map-indexed").all("info")[0]
        self.assertEqual(("clojure.core", "map-indexed"), (info["ns"], info["name"]))
        self.assertIn("[f coll]", info["arglists-str"])
        self.assertTrue(info["doc"])
        self.assertEqual({}, self.client.ask("lookup", sym="no-such-name").all("info")[0])
        self.client.ask("load-file", file='(ns looked.up)\n(defn g "Says g." [x & more])', file_path="/src/looked/up.clj")
        info = self.client.ask("lookup", sym="g", ns="looked.up").all("info")[0]
        self.assertEqual(("/src/looked/up.clj", 2, "Says g.", "[x & more]"),
                         (info["file"], info["line"], info["doc"], info["arglists-str"]))
        self.assertEqual("Says g.", self.client.ask("info", symbol="looked.up/g").all("doc")[0])
        self.assertEqual(["no-info", "done"], self.client.ask("info", symbol="no-such-name").status)

    def test_eldoc(self):
        answers = self.client.ask("eldoc", sym="map-indexed")
        self.assertEqual((["function"], [[["f"], ["f", "coll"]]]), (answers.all("type"), answers.all("eldoc")))
        answers = self.client.ask("eldoc", sym="if")
        self.assertEqual((["special-form"], [[["test", "then", "else?"]]]), (answers.all("type"), answers.all("eldoc")))
        self.assertEqual(["no-eldoc", "done"], self.client.ask("eldoc", sym="no-such-name").status)

    def test_surroundings(self):
        self.assertIn("clojure.core", self.client.ask("ns-list").all("ns-list")[0])
        self.assertIn(str(self.server.home.scripts), self.client.ask("classpath").all("classpath")[0])


class Description(Case):
    def test_what_is_advertised_works(self):
        answers = self.client.ask("describe").messages[0]
        for op in answers["ops"]:
            self.assertNotIn("unknown-op", self.client.ask(op, session=self.client.clone()).status, op)
        self.assertLessEqual({"clone", "close", "ls-sessions", "describe", "eval", "load-file", "interrupt", "stdin",
                              "completions", "lookup", "complete", "info", "eldoc", "ns-list", "classpath"},
                             set(answers["ops"]))
        self.assertRegex(answers["versions"]["reops"]["version-string"], r"^\d+\.\d+\.\d+$")
        self.assertEqual("user", answers["aux"]["current-ns"])

    def test_in_detail_when_asked(self):
        entry = self.client.ask("describe", **{"verbose?": 1}).messages[0]["ops"]["eval"]
        self.assertIn("code", entry["requires"])
        self.assertIn("Evaluates", entry["doc"])

    def test_what_is_not_there_is_said_to_be_unknown(self):
        answers = self.client.ask("cider/analyze-last-stacktrace")
        self.assertEqual((["error", "unknown-op", "done"], ["cider/analyze-last-stacktrace"]),
                         (answers.status, answers.all("op")))
        self.client.send_bytes(encode({"id": "x"}))
        self.assertEqual(["error", "unknown-op", "done"], self.client.answers("x").status)


class Misbehaviour(Case):
    def refused(self, data):
        with self.server.connect() as client:
            client.send_bytes(data)
            message = client.receive()
            self.assertEqual(["error", "bad-message", "done"], message["status"])
            self.assertRegex(message["err"], "^Not understood as bencode: ")
            self.assertIsNone(client.receive())

    def test_what_is_no_bencode(self):
        for data in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\x02", b"d2:opi", b"e", b"di1ei2ee",
                     b"l" * 1000, b"99999999999999999999:x", b"4000000000:", b"d2:op4:eval4:code2000000000:x"):
            if data == b"d2:opi":
                data += b"xe"
            with self.subTest(data):
                self.refused(data)

    def test_messages_of_other_types(self):
        for message in (["a", "list"], 5, "text"):
            self.client.send_bytes(encode(message))
            self.assertEqual(["error", "bad-message", "done"], self.client.receive()["status"])
        for fields in ({"code": 5}, {"code": ["x"]}, {"code": {}}):
            self.assertIn("no-code", self.client.ask("eval", **fields).status)
        self.assertEqual(["1"], self.client.eval("1", line="x", column=[], file=5, ns=7).values)
        self.assertEqual(["1"], self.client.eval("1", file="x", line=10**12, column=-4).values)

    def test_a_message_in_single_bytes(self):
        for byte in encode({"op": "eval", "code": "(+ 40 2)", "id": "slow"}):
            self.client.send_bytes(bytes([byte]))
        self.assertEqual(["42"], self.client.answers("slow").values)

    def test_half_a_message(self):
        with self.server.connect() as client:
            client.send_bytes(encode({"op": "eval", "code": "(+ 1 2)"})[:-5])

    def test_a_client_that_vanishes_ends_what_ran_for_it(self):
        for code in ("@(promise)", "(loop [] (recur))", '(loop [] (println "flood") (recur))', "(read-line)"):
            with self.subTest(code):
                self.client.eval("(def ended (promise))")
                with self.server.connect() as vanishing:
                    request = vanishing.send("eval", code=f'(try (println "begun") {code} (finally (deliver ended :yes)))')
                    vanishing.until(request, lambda m: "begun" in m.get("out", ""))
                self.assertEqual(":yes", self.value(f"(deref ended {int(DEADLINE * 1000)} :no)"))

    def test_connections_leave_nothing_behind(self):
        def descriptors():
            # An answer on a new connection: the server has dealt with what came before it.
            with self.server.connect() as fresh:
                fresh.eval("1")
                return self.server.descriptors()

        for _ in range(3):
            descriptors()
        before = descriptors()
        for _ in range(100):
            with self.server.connect() as passing:
                passing.send("eval", code="(reduce + (range 1000))")
        self.assertLessEqual(descriptors(), before + 2)

    def test_many_clients_at_once(self):
        clients = [self.server.connect() for _ in range(60)]
        try:
            requests = [(c, c.send("eval", code=f"(reduce + (range {n}))")) for n, c in enumerate(clients)]
            for n, (client, request) in enumerate(requests):
                self.assertEqual([str(n * (n - 1) // 2)], client.answers(request).values)
        finally:
            for client in clients:
                client.close()

    def test_too_much_in_line_is_refused(self):
        session = self.client.clone()
        blocked = self.client.send("eval", code="@(promise)", session=session)
        big = "; " + "x" * (20 << 20)
        requests = [self.client.send("eval", code=big, session=session) for _ in range(4)]
        self.assertIn("busy", self.client.answers(requests[-1]).status)
        self.client.ask("interrupt", session=session, interrupt_id=blocked)
        self.assertEqual(["done"], self.client.answers(requests[0]).status)


class Life(unittest.TestCase):
    def test_the_socket_is_for_its_owner_alone_and_goes(self):
        with Server() as server:
            mode = os.stat(server.path).st_mode
            self.assertTrue(stat.S_ISSOCK(mode))
            self.assertEqual(0o600, stat.S_IMODE(mode))
            self.assertEqual(str(server.home.path / "state" / "nrepl.sock"), server.path)
            self.assertEqual(0, server.stop())
            self.assertFalse(os.path.exists(server.path))

    def test_a_socket_elsewhere(self):
        with tempfile.TemporaryDirectory() as folder:
            with Server("--socket", f"{folder}/own.sock") as server:
                self.assertEqual(f"{folder}/own.sock", server.path)
                with server.connect() as client:
                    self.assertEqual(["3"], client.eval("(+ 1 2)").values)

    def test_a_port_is_written_down_and_taken_away(self):
        for by in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with Server("--port", 0) as server:
                file = Path(server.home.path) / ".nrepl-port"
                self.assertEqual(str(server.port), file.read_text())
                self.assertIn(b"can evaluate code as", server.wait_for(rb"can evaluate code as")[0])
                with server.connect() as client:
                    self.assertEqual(["3"], client.eval("(+ 1 2)").values)
                self.assertEqual(0, server.stop(by))
                self.assertFalse(file.exists())

    def test_the_port_file_of_another_is_left(self):
        with Server("--port", 0) as server:
            file = Path(server.home.path) / ".nrepl-port"
            file.write_text("1")
            server.stop()
            self.assertEqual("1", file.read_text())

    def test_two_do_not_share_a_socket(self):
        with Server() as server:
            second = run("nrepl", home=server.home)
            self.assertEqual(1, second.code)
            self.assertRegex(second.err, "^reops nrepl: cannot listen on .*: another program listens there\n$")
            with server.connect() as client:
                self.assertEqual(["3"], client.eval("(+ 1 2)").values)

    def test_a_socket_left_behind_is_replaced(self):
        home = Home()
        first = Server(home=home)
        first.process.kill()
        first.process.wait()
        self.assertTrue(os.path.exists(first.path))
        with Server(home=home) as server:
            with server.connect() as client:
                self.assertEqual(["3"], client.eval("(+ 1 2)").values)
        first.reader.join(DEADLINE)
        first.process.stdout.close()

    def test_it_ends_while_it_evaluates(self):
        with Server() as server, server.connect() as client, server.connect() as reader:
            for code in ("(loop [] (recur))", "@(promise)", "(read-line)", "(Thread/sleep 1000000)"):
                session = client.clone()
                request = client.send("eval", code=f'(println "begun") {code}', session=session)
                client.until(request, lambda m: "begun" in m.get("out", ""))
            reader.send("eval", code='(loop [] (println "flood") (recur))')
            self.assertEqual(0, server.stop())
            self.assertFalse(os.path.exists(server.path))

    def test_code_may_end_it(self):
        with Server() as server, server.connect() as client:
            client.send("eval", code="(System/exit 3)")
            self.assertEqual(3, server.process.wait(DEADLINE))
            self.assertFalse(os.path.exists(server.path))

    def test_a_file_first(self):
        home = Home()
        init = home.write("init.clj", "(ns my.init) (def answer 42)")
        with Server("-i", init, home=home) as server, server.connect() as client:
            self.assertEqual(["42"], client.eval("my.init/answer").values)

    def test_wrong_arguments(self):
        for arguments, words in ((["--port", "x"], "port"), (["--port", "70000"], "port"), (["surplus"], "surplus"),
                                 (["--port", "0", "--socket", "/x"], "excludes"),
                                 (["--socket", "/proc/nothing/here.sock"], None)):
            with self.subTest(arguments):
                done = run("nrepl", *arguments)
                self.assertIn(done.code, (1, 2), done)
                self.assertIn(words or "/proc/nothing/here.sock", done.err, done)
                self.assertIsNone(CRASH.search(done.out + done.err), done)

    def test_help(self):
        done = run("nrepl", "--help")
        self.assertEqual(0, done.code, done)
        for word in ("--socket", "--port", ".nrepl-port"):
            self.assertIn(word, done.out)
        self.assertIn("nrepl", run("--help").out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
