#!/usr/bin/env python3
"""Pipelines over SSH on real hosts: two that are up, one that refuses the key, one that is down, one without an address.

Each test types at a session of its own; the hosts are started once, by this test, and stopped by it. Takes half a minute.
"""

import json
import os
import re
import subprocess
import unittest
from pathlib import Path

from fleet import Fleet
from session import CRASH, DEADLINE, REOPS, ROOT, Home, Session, Terminal, run, wait_until

EXAMPLES = ROOT / "examples"

HOSTS = '(def hs (hosts ["web1" "web2" "web3" "db1" "no.such.invalid"]))'
UP = '(def up (hosts "web[1-2]"))'
LISTING = '(defn listing [hs] (run (ls hs "/" "-la") | (pick successful) | (pretty)))'
# Both in one line when they said the same; /proc in a listing of / may have changed between them.
UP_LINES = r"  ✔ web(1|\[1-2\] \(2 hosts\))"
ALL = '["web1" "web2" "web3" "db1" "no.such.invalid"]'

fleet = None


def setUpModule():
    global fleet
    fleet = Fleet()
    unittest.addModuleCleanup(fleet.stop)


class Pipelines(unittest.TestCase):
    def setUp(self):
        self.session = Session(**fleet.environment())
        self.addCleanup(self.session.close)
        self.quiet(HOSTS)
        self.quiet(UP)

    def ask(self, form):
        reply = self.session.ask(form)
        self.assertIsNone(CRASH.search(reply.text), f"{form}\n{reply}")
        return reply

    def quiet(self, form):
        """Types a form in which nothing may go wrong."""
        reply = self.ask(form)
        self.assertEqual("", reply.err.strip(), f"{form}\n{reply}")
        return reply

    def shows(self, form, expected):
        reply = self.quiet(f"(prn {form})")
        self.assertIn(expected + "\n", reply.out, f"{form}\n{reply}")

    def fails(self, form, pattern):
        reply = self.ask(form)
        self.assertRegex(reply.err, pattern, f"{form}\n{reply}")
        return reply

    # --- the pipeline of the introduction ---

    def test_the_listing(self):
        self.quiet(LISTING)
        reply = self.quiet("(listing hs)")
        self.assertRegex(reply.out, r"\nRunning ls summary:\n\n" + UP_LINES + r"\n      … \d+ lines before\n(      .* root .*\n)+")
        at = [reply.out.index(mark) for mark in ("✔ web", "x web3 - -1, ", "x db1 - -1, ", "x no.such.invalid - -1, ")]
        self.assertEqual(sorted(at), at, "the failed ones come last")
        self.assertTrue(reply.out.rstrip().endswith("Hosts web[1-3],db1,no.such.invalid: 2 ✔ 3 x"), reply)

    def test_a_line_for_each_host_that_said_one(self):
        address = fleet.addresses["web2"]
        reply = self.quiet(f"""(run (exec hs "echo one; case $SSH_CONNECTION in *' {address} '*) exit 1;; esac") | (pretty "numbers"))""")
        self.assertIn("Running numbers summary:\n", reply.out)
        self.assertIn("\n  ✔ web1 one\n", reply.out)
        self.assertRegex(reply.out, r"\n  x web2 - 1, the command on web2 .* exit code 1\n      one\n")
        self.assertRegex(reply.out, r"\n  x db1 - -1, .*refused the connection.*\n")

    def test_the_same_from_a_function_a_future_and_a_script(self):
        self.quiet(LISTING)
        self.shows('(count (:successful (second (listing hs))))', "2")
        # What a future prints goes where the one who made it prints.
        self.quiet("(def text (atom nil))")
        self.quiet("(reset! text (with-out-str (deref (future (listing up)))))")
        self.shows('(boolean (re-find #"✔ web(2|\\[1-2\\])" @text))', "true")
        self.shows("(mapv #(count (:successful (second %))) (mapv deref (doall (for [_ (range 3)] (future"
                   ' (run (exec up "true") | (pick successful)))))))', "[2 2 2]")
        home = Home()
        self.addCleanup(home.remove)
        script = home.write("listing.clj", f"{HOSTS}\n{LISTING}\n(let [[hs res] (listing hs)] (prn (:hosts hs) (:hosts res)))\n")
        result = run(script, home=home, **fleet.environment())
        self.assertEqual((0, ""), (result.code, result.err), result)
        self.assertRegex(result.out, UP_LINES)
        self.assertTrue(result.out.endswith(f'["web1" "web2"] {ALL}\n'), result)

    def test_run_is_also_written_otherwise(self):
        self.shows('(let [keep (fn [[this res]] [(:hosts this) (mapv :host (:successful res)) (mapv :code (:failure res))])]'
                   ' (distinct [(keep (run (exec hs "true") | (pick successful)))'
                   ' (keep (run> (exec hs "true") | (pick successful)))'
                   ' (keep (| (exec hs "true") (pick successful)))'
                   ' (keep (let [[this res] (exec hs "true")] (pick this res successful)))]))',
                   '([["web1" "web2"] ["web1" "web2"] [-1 -1 -1]])')

    # --- results ---

    def test_every_host_has_one_entry(self):
        self.quiet('(def pair (run (exec hs "true") | (pick successful) | (ls "/" "-a")'
                   ' | (pick (fn [s _ _] [(:host (first s))])) | (exec "exit 7")))')
        self.shows("(:hosts (first pair))", '["web1"]')
        self.shows("(:hosts (second pair))", ALL)
        self.shows("(:stage (second pair))", '"exec"')
        self.shows("(sort (map :host (mapcat (second pair) [:successful :failure])))",
                   '("db1" "no.such.invalid" "web1" "web2" "web3")')
        # The latest: web1 failed in the third step, web2 did not take part in it.
        self.shows("(mapv (juxt :host :code) (:failure (second pair)))",
                   '[["web1" 7] ["web3" -1] ["db1" -1] ["no.such.invalid" -1]]')
        self.shows('(boolean (re-find #"(?m)^etc$" (-> (second pair) :successful first :result :out)))', "true")

    def test_a_host_named_twice_is_run_once(self):
        self.shows('(let [[_ res] (exec (->Hosts {} ["web1" "web1"]) "echo once")] [(:hosts res) (count (:successful res))])',
                   '[["web1"] 1]')

    def test_what_an_entry_has(self):
        self.quiet('(def res (second (exec hs "echo out; echo err >&2")))')
        self.shows("(keys (first (:successful res)))", "(:host :code :result :changed :uuid :profile)")
        self.shows("(select-keys (first (:successful res)) [:host :code :result :changed])",
                   '{:host "web1", :code 0, :result {:out "out\\n", :err "err\\n"}, :changed true}')
        self.shows("(let [{:keys [start end time]} (:profile (first (:successful res)))]"
                   " [(<= start end) (<= 0 time) (integer? time)])", "[true true true]")
        self.shows("(count (set (map :uuid (mapcat res [:successful :failure]))))", "5")
        self.shows("(map (juxt :host :changed (comp :reason :error)) (:failure res))",
                   '(["web3" false :auth] ["db1" false :refused] ["no.such.invalid" false :dns])')
        self.shows("(every? (comp string? :message :error) (:failure res))", "true")
        self.shows('(:changed (first (:successful (second (ls up "/" "-a")))))', "false")

    def outcome(self, script, code, reason, options="{}"):
        self.shows(f'(let [[_ {{[e] :failure}}] (exec (single "web1") {{}} {script} {options})] [(:code e) (:reason (:error e))])',
                   f"[{code} {reason}]")

    def test_codes_and_reasons(self):
        self.outcome('"exit 3"', 3, ":exit")
        self.outcome('"exit 255"', 255, ":exit")
        self.outcome('"kill -TERM $$"', 143, ":signal")
        self.outcome('"kill -KILL $$"', 137, ":signal")
        self.outcome('"no-such-command"', 127, ":exit")
        self.outcome('"sleep 30"', -2, ":timeout/exec", "{:timeout 300}")
        self.shows('(map (juxt :host :code (comp :reason :error)) (:failure (second (exec hs "true"))))',
                   '(["web3" -1 :auth] ["db1" -1 :refused] ["no.such.invalid" -1 :dns])')
        self.shows('(-> (exec (single "web1") "echo before; echo why >&2; exit 3") second :failure first :error'
                   " (select-keys [:out :err]))", '{:out "before\\n", :err "why\\n"}')

    def test_options_of_exec(self):
        self.shows('(map (comp :out :result) (:successful (second (exec up "cat" {:stdin "given\\n"}))))',
                   '("given\\n" "given\\n")')
        self.shows('(map (comp :out :result) (:successful (second (run (exec up "true") | (exec "cat" {:stdin "λ" :fanout 1})))))',
                   '("λ" "λ")')

    # --- what is shown ---

    def test_the_same_output_is_folded(self):
        reply = self.quiet('(run (exec hs "echo one; echo two") | (pretty "fold"))')
        self.assertIn("Running fold summary:\n\n  ✔ web[1-2] (2 hosts)\n      one\n      two\n  x web3 - -1, ", reply.out)
        reply = self.quiet('(run (exec up "echo one; echo two") | (pretty "fold" {:fold false :lines 1}))')
        self.assertIn("\n  ✔ web1\n      … 1 lines before\n      two\n  ✔ web2\n", reply.out)
        reply = self.quiet('(run (exec hs "true") | (pretty {:only-failed true}))')
        self.assertNotIn("✔ web", reply.out.replace(reply.out.splitlines()[-1], ""))
        self.assertIn("\n  x db1 - -1, ", reply.out)

    def test_tables_and_differences(self):
        reply = self.quiet('(run (exec hs "echo one") | (table [:host :code :out :reason]))')
        self.assertRegex(reply.out, r"\nHOST +CODE +OUT +REASON\nweb1 +0 +one\nweb2 +0 +one\nweb3 +-1 +:auth\n")
        out = fleet.folder / "results.json"
        self.quiet(f'(run (exec hs "echo one") | (to-json "{out}"))')
        results = json.loads(out.read_text())
        self.assertEqual((["web1", "web2"], {"out": "one\n", "err": ""}),
                         ([entry["host"] for entry in results["successful"]], results["successful"][0]["result"]))
        self.assertEqual(["auth", "refused", "dns"], [entry["error"]["reason"] for entry in results["failure"]])
        reply = self.quiet('(run (exec hs "echo one; echo two") | (diff (exec up "echo one; echo 2")))')
        self.assertIn("\n  ≠ web[1-2] (2 hosts)\n        one\n      - 2\n      + two\n  not compared, failed: web3,", reply.out)

    # --- pick ---

    def test_pick_narrows_the_record_and_never_the_results(self):
        self.quiet('(def whole (exec hs "true"))')
        self.quiet("(def picked (run whole | (pick successful)))")
        self.shows("(:hosts (first picked))", '["web1" "web2"]')
        self.shows("(= (second whole) (second picked))", "true")
        self.shows("(:hosts (first (run whole | (pick (fn [_ failed _] (map :host failed))))))",
                   '["web3" "db1" "no.such.invalid"]')
        self.shows('(:hosts (first (run whole | (pick successful) | (pick (constantly ["web2" "db1" "other"])))))', '["web2"]')
        self.shows('(:hosts (first (pick hs #{"db1" "web1"})))', '["web1" "db1"]')

    def test_nobody_left(self):
        never = fleet.folder / "never"
        reply = self.fails(f'(run (exec up "exit 1") | (pick successful) | (exec "touch {never}") | (pretty "empty"))',
                           r"no successful hosts")
        self.assertIn("Running empty summary:\n", reply.out)
        self.assertIn("\n  x web[1-2] (2 hosts) - 1, ended with exit code 1\n", reply.out)
        self.assertFalse(never.exists(), "an operation ran on nobody")
        self.assertNotIn(":profile", reply.err, "the error is short")
        self.shows("(let [[this res] (:pair (ex-data *e))]"
                   " [(instance? Hosts this) (:hosts this) (:hosts res) (:stage res) (map :code (:failure res))])",
                   '[true [] ["web1" "web2"] "exec" (1 1)]')

    def test_nobody_left_inside(self):
        """A pipeline within one: what is around it still shows the results, and ends in the same error."""
        self.quiet('(defn checked-hosts [hs] (run (exec hs "exit 1") | (pick successful)))')
        reply = self.fails('(run (checked-hosts up) | (exec "true") | (pretty "outer"))', r"no successful hosts")
        self.assertIn("Running outer summary:\n", reply.out)
        self.fails('(do (checked-hosts up) (println "went" "on"))', r"no successful hosts")
        self.fails('(run ((fn [] (throw (ex-info "mine" {})))) | (pretty "outer"))', r"mine")

    def test_no_hosts_at_all(self):
        self.shows('(second (exec (hosts []) "true"))', '{:hosts [], :successful [], :failure [], :stage "exec"}')

    # --- what people write themselves ---

    def test_a_stage_and_a_source_of_ones_own(self):
        self.quiet("(defn upper [this res k] [this (assoc res k (mapv (comp clojure.string/upper-case :host) (:successful res)))])")
        self.quiet("(defn everyone [] (exec hs \"true\"))")
        self.shows("(:names (second (run (everyone) | (upper :names) | (pick successful))))", '["WEB1" "WEB2"]')
        self.shows('(:names (second (run (run (everyone) | (pick successful)) | (exec "true") | (upper :names))))', '["WEB1" "WEB2"]')
        self.quiet("(defrecord Crates [items])")
        self.quiet("(defn crates [] [(->Crates [3 1 2]) {:n 3}])")
        self.quiet("(defn sorted [this res] [(update this :items (comp vec sort)) (assoc res :sorted true)])")
        self.shows("(let [[this res] (run (crates) | (sorted))] [(:items this) res])", "[[1 2 3] {:n 3, :sorted true}]")

    def test_an_operation_of_ones_own(self):
        self.quiet("""
(defprotocol Disk
  (room [this path] [this results path] "Free kilobytes below a path."))
(extend-type Hosts
  Disk
  (room
    ([this path] (room this {} path))
    ([this results path]
     (remote this results (str "df -Pk " (quoted path))
             {:stage "room" :parse (fn [out] (parse-long (nth (re-seq #"\\S+" (last (clojure.string/split-lines out))) 3)))}))))""")
        self.quiet('(def pair (run (room hs "/") | (pick successful) | (pretty)))')
        self.shows("(every? (comp nat-int? :result) (:successful (second pair)))", "true")
        self.shows('(every? #(re-find #"^Filesystem" (:out (:raw %))) (:successful (second pair)))', "true")
        self.shows("(:stage (second pair))", '"room"')
        reply = self.quiet('(run (exec up "true") | (room "/") | (pretty))')
        self.assertRegex(reply.out, r"Running room summary:\n\n  ✔ web(1 \d+\n  ✔ web2|\[1-2\] \(2 hosts\)) \d+\n")

    def test_a_parser_that_throws_is_that_hosts_failure(self):
        self.shows('(map (juxt :host :code (comp (juxt :reason :out) :error)) (:failure (second (remote up {} (fn [h] (str "echo " h))'
                   ' {:stage "s" :parse (fn [out] (if (= "web1\\n" out) 1 (throw (ex-info "odd" {}))))}))))',
                   '(["web2" 256 [:parse "web2\\n"]])')

    def test_names_around_a_pipeline_are_safe(self):
        self.shows('(let [this :t results :r pair :p e :e] (run (exec up "true")'
                   ' | ((fn [hs res] [[this results pair e (:hosts hs)] res])) | ((fn [a res] [a (count (:successful res))]))))',
                   '[[:t :r :p :e ["web1" "web2"]] 2]')
        self.quiet("(defmacro piped [source stage] `(run ~source | ~stage | (pick successful)))")
        self.shows('(:hosts (first (piped (exec up "true") (exec "true"))))', '["web1" "web2"]')

    def test_broken_stages_are_named(self):
        self.quiet("(defn broken [this res] nil)")
        self.fails('(run (exec up "true") | (broken) | (pretty))', r"(?s)The stage broken returned nil, not a pair.*\[record results\]")
        self.quiet("(defn scalar [this res] [this 3])")
        self.fails('(run (exec up "true") | (scalar) | (pretty))', r"(?s)The stage scalar returned results that are none.*:successful")
        self.fails('(run (exec up "true") (pretty))', r"A pipeline is \(run source \| \(stage\)")
        self.fails('(run (exec up "true") | pretty)', r"A pipeline is \(run source \| \(stage\)")

    # --- the failed ones again ---

    def test_the_failed_ones_again(self):
        mended = fleet.folder / "mended"
        self.addCleanup(mended.unlink, missing_ok=True)
        self.fails("(rerun-failed)", "There is no pipeline yet")
        self.quiet(f"""(defn service [hs] (run (exec hs (fn [h] (if (= "web2" h) "test -e {mended}" "true"))) | (pick successful) | (exec "echo started")))""")
        reply = self.quiet('(run (service (hosts "web[1-2],db1")) | (pretty))')
        self.assertIn("Hosts web[1-2],db1: 1 ✔ 2 x", reply.out)
        mended.touch()
        reply = self.quiet("(def again (rerun-failed))")
        self.assertIn("Running exec summary:\n\n  ✔ web2 started\n  x db1 - -1, ", reply.out)
        self.shows("[(:hosts (first again)) (map (juxt :host :code (comp :out :result)) (re-mote.repl.results/entries again))]",
                   '[["web1" "web2"] (["web1" 0 "started\\n"] ["web2" 0 "started\\n"] ["db1" -1 nil])]')
        # Also of a pipeline that ended in an error.
        mended.unlink()
        self.fails('(run (service (single "web2")))', "no successful hosts")
        mended.touch()
        reply = self.quiet("(rerun-failed)")
        self.assertIn("Hosts web2: 1 ✔ 0 x", reply.out)

    def test_again_with_patience(self):
        self.shows('(map (juxt :host :code :tries) (re-mote.repl.results/entries (run (exec hs "exit 3") | (retry {:times 2 :wait 1}))))',
                   '(["web1" 3 nil] ["web2" 3 nil] ["web3" -1 nil] ["db1" -1 3] ["no.such.invalid" -1 3])')

    def test_a_pipeline_in_the_background(self):
        release = fleet.folder / "go"
        self.addCleanup(release.unlink, missing_ok=True)
        self.quiet(f'(def slow (run (exec up "until test -e {release}; do sleep 0.05; done") | (pick successful) | (async)))')
        self.shows("(realized? slow)", "false")
        release.touch()
        self.shows("(count (:successful (second (run slow | (block)))))", "2")

    def test_asking_before_going_on(self):
        never = fleet.folder / "not-confirmed"
        reply = self.session.ask(f'(run (exec up "true") | (confirm "Touch it?") | (exec "touch {never}"))\nno')
        self.assertIn("Touch it? web[1-2] (2 hosts) [y/N] ", reply.out)
        self.assertRegex(reply.err, r"not confirmed")
        self.assertFalse(never.exists())

    # --- the prompt ---

    def test_a_pair_is_one_line_at_the_prompt(self):
        reply = self.quiet('(exec (hosts "web[1-2],db1") "true")')
        self.assertEqual("Hosts web[1-2],db1: 2 ✔ 1 x", reply.out.splitlines()[-1])
        reply = self.quiet('(exec up "true")\n(count (:successful (second *1)))')
        self.assertEqual("2", reply.out.splitlines()[-1], "all the data is there")
        reply = self.quiet("[(->Hosts {} [:odd]) {:successful [] :failure []}]")
        self.assertIn(":hosts [:odd]", reply.out, "what is no such pair is shown as it is")

    def test_ctrl_c_during_a_long_command(self):
        with Terminal(**fleet.environment()) as terminal:
            terminal.type('(def up (hosts "web[1-2]"))\r')
            terminal.wait_for("#'user/up")
            started = fleet.folder / "started"
            terminal.type(f'(run (exec up "touch {started}; sleep 600") | (pretty))\r')
            wait_until(started.exists)
            terminal.interrupt()
            terminal.answers()
            terminal.type('(count (:successful (second (exec up "true"))))\r')
            # After a line end, or after a prompt: what was typed ahead of it has been echoed already.
            terminal.wait_for(r"(?<=[\r\n ])2\r\n")

    def test_a_passphrase_is_asked_for_once_and_not_shown(self):
        key, config = fleet.folder / "locked", fleet.folder / "locked_config"
        subprocess.run(["cp", fleet.folder / "id_ed25519", key], check=True, timeout=60)
        subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "open-sesame", "-f", key], check=True, timeout=60)
        config.write_text(fleet.config.read_text().replace(str(fleet.folder / "id_ed25519"), str(key)))
        environment = {**fleet.environment(), "REOPS_SSH_CONFIG": str(config)}
        with Terminal(TERM="xterm", NO_COLOR="1", **environment) as terminal:
            terminal.wait_for("λ: ")
            terminal.type('(run (exec (hosts "web[1-2]") "echo fine") | (pretty "locked"))\r')
            terminal.wait_for(f"Passphrase of {key}: ")
            terminal.type("open-sesame\r")
            terminal.wait_for(r"Running locked summary[\s\S]*fine")
            terminal.type('(prn :again (count (:successful (second (exec (hosts "web[1-2]") "true")))))\r')
            terminal.wait_for(r":again 2\r\n")
            self.assertNotIn(b"open-sesame", terminal.said)
            self.assertEqual(1, terminal.said.count(b"Passphrase of"))
        # Without a terminal nobody is asked.
        result = run("-e", '(do (run (exec (hosts "web1") "true") | (pretty)) nil)', **environment)
        self.assertIn("is protected by a passphrase", result.out)

    def test_ctrl_c_keeps_what_there_is_and_ends_the_commands(self):
        pids, never = fleet.folder / "pids", fleet.folder / "never"
        with Terminal(TERM="xterm", NO_COLOR="1", **fleet.environment()) as terminal:
            terminal.wait_for("λ: ")
            script = f'(fn [h] (if (= h \"web1\") \"echo done\" \"echo some; sleep 600 & echo $! > {pids}; wait\"))'.replace('\\"', '"')
            terminal.type(f'(run (exec up {script}) | (exec "touch {never}") | (pretty "partial"))\r'
                          .replace("up ", '(hosts "web[1-2]") '))
            terminal.wait_for("1 of 2 done")
            wait_until(lambda: pids.exists() and pids.read_text().strip())
            terminal.interrupt()
            terminal.wait_for(r"Running partial summary[\s\S]*web1 done[\s\S]*x web2 - -2, cancelled while[^\n]*\r\n")
            terminal.type("(prn :killed (re-mote.native-module/await-killed nil)"
                          " (map (juxt :code (comp :reason :error) (comp :out :error)) (:failure (second (:pair (ex-data *e))))))\r")
            terminal.wait_for(r':killed true \(\[-2 :cancelled "some\\n"\]\)')
        self.assertFalse(never.exists(), "what comes after Ctrl-C does not run")
        stat = Path(f"/proc/{pids.read_text().strip()}/stat")
        self.assertTrue(not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] in "ZX")

    def test_progress_is_one_live_line_on_a_terminal(self):
        release = fleet.folder / "release"
        self.addCleanup(release.unlink, missing_ok=True)
        with Terminal(TERM="xterm", NO_COLOR="1", **fleet.environment()) as terminal:
            terminal.wait_for("λ: ")
            command = f"until test -e {release}; do sleep 0.05; done"
            terminal.type(f'(run (exec (hosts "web1,db1") "{command}") | (pretty "wait"))\r')
            terminal.wait_for(r"1 of 2 done, 1 failed, 1 running, slowest web1, \d+ s")
            release.touch()
            # Erased before the summary.
            self.assertTrue(terminal.wait_for("Running wait summary").rstrip("\r\n").endswith("\r\x1b[K"), terminal.said)

    def test_no_progress_without_a_terminal(self):
        reply = self.quiet('(run (exec up "sleep 0.5") | (pretty))')
        self.assertNotIn("running", reply.text)

    def test_no_progress_of_what_is_in_the_background(self):
        with Terminal(TERM="xterm", NO_COLOR="1", **fleet.environment()) as terminal:
            terminal.wait_for("λ: ")
            terminal.type('(println "ended" (count (:successful (second @(run (exec (hosts "web[1-2]") "sleep 0.5") | (async))))))\r')
            terminal.wait_for(r"ended 2\r\n")
            self.assertNotIn(b" running, ", terminal.said)

    # --- what would happen ---

    def test_check_runs_nothing_that_may_change_a_host(self):
        forbidden = fleet.folder / "forbidden"
        self.quiet(f'(def checked (run (exec up "touch {forbidden}" {{:check true}}) | (pick successful)'
                   f' | (exec "touch {forbidden}")))')
        self.assertFalse(forbidden.exists())
        self.shows("(map (juxt :host :code :changed :predicted :reason) (:successful (second checked)))",
                   '(["web1" 0 false true :no-check] ["web2" 0 false true :no-check])')
        self.shows("(:check (second checked))", "true")
        reply = self.quiet('(run (exec up "true" {:check true}) | (pretty))')
        self.assertIn("  ? web[1-2] (2 hosts) not run: it cannot say what it would change (:no-check)\n", reply.out)

    def test_check_lets_run_what_only_looks(self):
        self.shows('(map (juxt :host :code :predicted (comp string? :out :result))'
                   ' (:successful (second (run (exec up "true" {:check true}) | (ls "/" "-d")))))',
                   '(["web1" 0 nil true] ["web2" 0 nil true])')
        # Later stages see what was predicted.
        self.shows('(first (:hosts (first (run (exec up "true" {:check true})'
                   ' | (pick (fn [ok _ _] (map :host (filter :predicted ok))))))))', '"web1"')

    # --- what hosts send ---

    def test_a_host_cannot_drive_the_terminal(self):
        reply = self.quiet(r"""(run (exec (single "web1") "printf 'a\\033[31mred\\007 \\302\\233b \\342\\200\\256c\\n'") | (pretty))""")
        self.assertIn(r"✔ web1 a\u001b[31mred\u0007 \u009bb \u202ec" + "\n", reply.out)
        reply = self.quiet(r"""(run (exec (single "web1") "printf 'a\\033[2J\\n' >&2; exit 1") | (pretty))""")
        self.assertIn(r"      a\u001b[2J" + "\n", reply.out)
        self.assertNotIn("\x1b", reply.out)
        # The data is what the host said.
        self.shows(r"""(-> (exec (single "web1") "printf '\\033'") second :successful first :result :out (= (str (char 27))))""", "true")

    def test_output_that_is_no_text_is_bytes(self):
        self.quiet(r"""(def res (second (exec (single "web1") "printf '\\377\\376'; printf ok >&2")))""")
        self.shows("(-> res :successful first :result)", '{:out #bytes "fffe", :err "ok"}')
        reply = self.quiet(r"""(run (exec (single "web1") "printf '\\377\\376'") | (pretty))""")
        self.assertIn('✔ web1 #bytes "fffe"\n', reply.out)

    def test_folders_are_quoted(self):
        folder = fleet.folder / "it's a \"folder\" $(touch pwned) `touch pwned` -la"
        folder.mkdir()
        (folder / "inside").touch()
        text = str(folder).replace('"', '\\"')
        self.shows(f'(map (comp :out :result) (:successful (second (ls up "{text}" "-1 -a"))))',
                   '(".\\n..\\ninside\\n" ".\\n..\\ninside\\n")')
        self.shows(f'(map :code (:failure (second (ls (single "web1") "/" "-1; touch {fleet.folder}/pwned"))))', "(2)")
        self.shows(f'(map :code (:failure (second (ls (single "web1") "-la" "-1"))))', "(2)")
        self.assertFalse((fleet.folder / "pwned").exists())

    # --- host keys ---

    def test_an_unknown_host_key(self):
        before = fleet.known_hosts.read_text()
        self.addCleanup(fleet.known_hosts.write_text, before)
        fleet.forget("web2")
        reply = self.quiet('(run (exec up "true") | (pretty))')
        self.assertIn("  ✔ web1\n", reply.out)
        refusal = re.search(r'x web2 - -1, .*(SHA256:[\w+/]+).*\(accept-host-key "web2"\)', reply.out)
        self.assertTrue(refusal, reply)
        key = fleet.folder / "hosts/web2/host_key.pub"
        shown = subprocess.run(["ssh-keygen", "-lf", key], capture_output=True, text=True, timeout=60, check=True).stdout
        self.assertEqual(shown.split()[1], refusal[1])
        self.fails('(accept-host-key "web2" "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")', "SHA256:")
        self.shows('(-> (exec up "true") second :failure first :error :reason)', ":hostkey")
        reply = self.quiet(f'(accept-host-key "web2" "{refusal[1]}")')
        self.assertIn(refusal[1], reply.out)
        self.shows('(count (:successful (second (exec up "true"))))', "2")

    def test_a_configuration_that_is_missing(self):
        result = run("-e", '(do (run (exec (hosts "web1") "true") | (pretty)) nil)', REOPS_SSH_CONFIG="/nonexistent/ssh_config")
        self.assertIn("x web1 - -1, REOPS_SSH_CONFIG names /nonexistent/ssh_config", result.out)

    # --- hosts ---

    def test_hosts(self):
        self.shows('(:hosts (hosts "web[01-03].dc1, db1"))', '["web01.dc1" "web02.dc1" "web03.dc1" "db1"]')
        self.shows('(:hosts (hosts ["a" "b" "a"]))', '["a" "b"]')
        self.fails("(hosts [:web1])", r"A host is named by a string, found :web1")
        self.fails('(hosts "web[3-1]")', r"runs backwards")
        # What the record says of a host goes before the configuration.
        address = fleet.addresses["web2"]
        self.shows(f'(-> (exec (hosts ["other"] {{:hosts {{"other" {{:address "{address}" :port {fleet.port}}}}}}}) "echo $SSH_CONNECTION")'
                   " second :successful first :result :out"
                   f' (clojure.string/includes? "{address} {fleet.port}"))', "true")

    # --- examples ---

    def test_examples(self):
        result = run(EXAMPLES / "listing", "web1", "db1", **fleet.environment())
        self.assertEqual((0, ""), (result.code, result.err), result)
        self.assertIn("Running listing summary:\n\n  ✔ web1\n", result.out)
        self.assertRegex(result.out, r"\n  x db1 - -1, ")
        result = run(EXAMPLES / "listing", "db1", **fleet.environment())
        self.assertEqual(1, result.code, result)
        self.assertRegex(result.out, r"\n  x db1 - -1, ")
        self.assertIn("no successful hosts", result.err)
        result = run(EXAMPLES / "kernels", "web1", "web2", "db1", **fleet.environment())
        self.assertEqual((0, ""), (result.code, result.err), result)
        self.assertIn(f"  2  {os.uname().release}", result.out)
        self.assertIn("web1 web2\n", result.out)
        self.assertRegex(result.out, r"\n  x  db1: ")


class Demo(unittest.TestCase):
    """What `make demo` starts, once it has built the program."""

    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)

    def left_over(self):
        return [path.name for path in self.home.path.iterdir() if path.name.startswith("tmp.")]

    def test_without_a_terminal(self):
        done = subprocess.run([EXAMPLES / "demo", REOPS], stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE,
                              env=self.home.environment(TMPDIR=str(self.home.path)))
        out = done.stdout.decode()
        self.assertEqual((0, b""), (done.returncode, done.stderr), out)
        self.assertRegex(out, UP_LINES)
        for text in ("  x web3 - -1, ", "  x db1 - -1, ", "Running uptime summary"):
            self.assertIn(text, out)
        self.assertEqual([], self.left_over())

    def test_with_a_terminal(self):
        with Terminal(REOPS, program=str(EXAMPLES / "demo"), TMPDIR=str(self.home.path)) as terminal:
            terminal.wait_for(r"Your turn[\s\S]*λ: ")
            terminal.type('(count (:successful (second (exec hs "true"))))\r')
            # After a line end, or after a prompt: what was typed ahead of it has been echoed already.
            terminal.wait_for(r"(?<=[\r\n ])2\r\n")
            self.assertEqual(1, len(self.left_over()))
            # Ctrl-C ends what runs, and not the demo.
            started = self.home.path / "started"
            terminal.type(f'(run (exec hs "touch {started}; sleep 600") | (pretty))\r')
            wait_until(started.exists)
            terminal.interrupt()
            terminal.answers()
            terminal.type("\x04")
            self.assertEqual(0, terminal.wait())
        self.assertEqual([], self.left_over())


if __name__ == "__main__":
    unittest.main()
