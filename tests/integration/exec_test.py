#!/usr/bin/env python3
"""reops exec, ping and hosts on real hosts: two that are up, one that refuses the key, one that is down, and the options that
choose them, run them and show them. Takes about ten seconds.
"""

import json
import signal
import subprocess
import time
import unittest

from fleet import Fleet
from session import CRASH, DEADLINE, REOPS, Home, Terminal, run

fleet = None

INVENTORY = """\
[web]
web[1:2]

[db]
db1 rack=a

[site:children]
web
db
"""


def setUpModule():
    global fleet
    fleet = Fleet()
    unittest.addModuleCleanup(fleet.stop)


class Case(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.inventory = self.home.write("inventory.ini", INVENTORY)

    def reops(self, *args, environment=None, **options):
        result = run(*args, home=self.home, **{**fleet.environment(), **(environment or {})}, **options)
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        return result

    def succeeds(self, *args, **options):
        result = self.reops(*args, **options)
        self.assertEqual((0, ""), (result.code, result.err), result)
        return result.out

    def refuses(self, *args, says, **options):
        """Wrong arguments: exit code 2, and a message that begins with what is wrong."""
        result = self.reops(*args, **options)
        self.assertEqual((2, ""), (result.code, result.out), result)
        self.assertRegex(result.err, says, result)
        self.assertTrue(result.err.startswith(f"reops {args[0]}: "), result)
        self.assertLessEqual(len(result.err.splitlines()), 2, result)
        return result


class Exec(Case):
    def test_a_command_on_one_host(self):
        self.assertEqual("web1: hello there\n", self.succeeds("exec", "-H", "web1", "--", "echo", "hello", "there"))

    def test_the_hosts_answer_in_the_order_in_which_they_were_named(self):
        self.assertEqual("web2: x\nweb1: x\n", self.succeeds("exec", "-H", "web2,web1", "--", "echo x"))
        self.assertEqual("web2: x\nweb1: x\n", self.succeeds("exec", "-H", "web2", "-H", "web1", "--", "echo x"))

    def test_the_words_are_one_line_of_shell_as_with_ssh(self):
        self.assertEqual("web1: 3\n", self.succeeds("exec", "-H", "web1", "--", "echo", "$((1+2))"))
        self.assertEqual("web1: b\n", self.succeeds("exec", "-Hweb1", "true", "&&", "echo", "b"))

    def test_a_command_may_look_like_an_option_after_the_dashes(self):
        self.assertEqual("web1: --help\n", self.succeeds("exec", "-H", "web1", "--", "echo", "--help"))
        self.assertEqual("web1: --help\n", self.succeeds("exec", "-H", "web1", "echo", "--help"))
        self.assertEqual(1, self.reops("exec", "-H", "web1", "--", "-V").code)

    def test_both_outputs_as_they_came(self):
        result = self.reops("exec", "-H", "web[1-2]", "--", "echo out; echo err >&2")
        self.assertEqual((0, "web1: out\nweb2: out\n", "web1: err\nweb2: err\n"), (result.code, result.out, result.err), result)

    def test_standard_input_for_each_host(self):
        self.assertEqual("web1: 5\nweb2: 5\n", self.succeeds("exec", "-H", "web[1-2]", "--stdin", "--", "wc -c", stdin=b"a\xff\x00b\n"))
        self.assertEqual("web1: 0\n", self.succeeds("exec", "-H", "web1", "--", "wc -c", stdin="not given"))

    def test_a_host_that_fails(self):
        result = self.reops("exec", "-H", "web[1-3],db1", "--", "echo one; exit 3")
        self.assertEqual((1, "web1: one\nweb2: one\n"), (result.code, result.out), result)
        self.assertRegex(result.err, r"(?m)^web1: 3, .* exit code 3$")
        self.assertRegex(result.err, r"(?m)^web3: -1, .* refused user ")
        self.assertRegex(result.err, r"(?m)^db1: -1, .* refused the connection")

    def test_some_succeed(self):
        result = self.reops("exec", "-H", "web1,db1", "--", "echo one")
        self.assertEqual((1, "web1: one\n"), (result.code, result.out), result)

    def test_a_deadline(self):
        result = self.reops("exec", "-H", "web1", "--timeout", "300ms", "--", "sleep 30")
        self.assertEqual(1, result.code, result)
        self.assertRegex(result.err, r"web1: -2, .* did not end within")

    def test_an_unknown_host_key_is_refused_with_the_call_that_accepts_it(self):
        kept = fleet.known_hosts.read_bytes()
        self.addCleanup(fleet.known_hosts.write_bytes, kept)
        fleet.forget("web1")
        result = self.reops("exec", "-H", "web1", "--", "true")
        self.assertEqual(1, result.code, result)
        self.assertRegex(result.err, r'SHA256:.*\(accept-host-key "web1"\)')


class Running(Case):
    """In batches, again, and ended by a person."""

    def started(self, name):
        """A command that says so, and leaves a mark, before it goes on for ever; and the mark."""
        mark = fleet.folder / name
        return f"echo begun; echo on err >&2; touch {mark}.$(echo $SSH_CONNECTION | cut -d' ' -f3); exec sleep 600", mark

    def wait_until(self, true, process=None):
        end = time.monotonic() + DEADLINE
        while not true():
            if time.monotonic() > end or (process and process.poll() is not None):
                raise AssertionError("it did not happen in time")
            time.sleep(0.02)

    def marks(self, mark, count):
        return lambda: len(list(mark.parent.glob(mark.name + ".*"))) == count

    def test_batches_stop_when_a_host_fails(self):
        result = self.reops("exec", "-H", "web1,db1,web2", "--batch", "1", "--", "echo done")
        self.assertEqual((1, "web1: done\n"), (result.code, result.out), result)
        self.assertRegex(result.err, r"db1: -1, .*refused.*\nweb2: -1, web2 was not reached")
        for more in (["--stop-after", "2"], ["--stop-after", "never"], ["--stop-after", "100%"]):
            result = self.reops("exec", "-H", "web1,db1,web2", "--batch", "34%", *more, "--", "echo done")
            self.assertEqual((1, "web1: done\nweb2: done\n"), (result.code, result.out), result)

    def test_again_where_it_has_not_started(self):
        result = self.reops("exec", "-H", "web1,db1", "--retry", "1", "--json", "--", "echo done")
        self.assertEqual(1, result.code, result)
        data = json.loads(result.out)
        self.assertEqual(("db1", 2), (data["failure"][0]["host"], data["failure"][0]["tries"]))
        self.assertNotIn("tries", data["successful"][0])

    def test_the_failed_ones_again(self):
        flag = self.home.path / "mended"
        result = self.reops("exec", "-i", "inventory.ini", "-g", "web", "--", f"test -e {flag} && echo well", cwd=self.home.path)
        self.assertEqual(1, result.code, result)
        flag.write_text("")
        form = self.succeeds("exec", "--rerun-failed", "--form")
        self.assertIn('(hosts-common (inventory', form)
        self.assertIn('"web1,web2")', form)
        self.assertEqual("web1: other\nweb2: other\n", self.reops("exec", "--rerun-failed", "--", "echo other; exit 1").out)
        self.assertEqual("web1: well\nweb2: well\n", self.succeeds("exec", "--rerun-failed", "--", f"test -e {flag} && echo well"))
        self.refuses("exec", "--rerun-failed", says="No host failed the last time")
        remembered = self.home.path / "state/last-exec.edn"
        self.assertEqual(0o600, remembered.stat().st_mode & 0o777)

    def test_without_a_command_what_ran_then(self):
        self.assertEqual(1, self.reops("exec", "-H", "web1,db1", "--", "echo this").code)
        self.assertEqual('(run (exec (hosts-common (hosts "web1,db1") "db1") "echo this") | (raw))\n',
                         self.succeeds("exec", "--rerun-failed", "--form"))

    def test_ctrl_c_prints_what_there_is(self):
        script, mark = self.started("interrupted")
        process = subprocess.Popen([REOPS, "exec", "-H", "web[1-2],db1", "--", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.home.environment(**fleet.environment()))
        self.wait_until(self.marks(mark, 2), process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE)
        self.assertEqual((130, "web1: begun\nweb2: begun\n"), (process.returncode, out), err)
        self.assertRegex(err, r"web1: on err\nweb1: -2, .*\nweb2: on err\nweb2: -2, .*\ndb1: -1, .* refused")

    def interrupted(self, mark, *args):
        """A run that a person ends when a command has begun on one host."""
        process = subprocess.Popen([REOPS, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=self.home.environment(**fleet.environment()))
        self.wait_until(self.marks(mark, 1), process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE)
        self.assertEqual(130, process.returncode, err)
        self.assertIsNone(CRASH.search(err), err)
        return out, err

    def test_ctrl_c_in_a_batch(self):
        script, mark = self.started("in-a-batch")
        out, err = self.interrupted(mark, "exec", "-H", "web[1-2]", "--batch", "1", "--", script)
        self.assertEqual("web1: begun\n", out)
        self.assertRegex(err, r"web1: on err\nweb1: -2, .*\nweb2: -1, web2 was not reached")

    def test_ctrl_c_before_a_further_try(self):
        mark = fleet.folder / "before-a-further-try"
        out, err = self.interrupted(mark, "exec", "-H", "web1,db1", "--retry", "40", "--", f"touch {mark}.1; echo begun")
        self.assertRegex(out + err, r"(?m)^web1: ")
        self.assertRegex(err, r"db1: -1, .* refused")

    def test_ctrl_c_at_a_terminal(self):
        script, mark = self.started("at-a-terminal")
        with Terminal("exec", "-H", "web[1-2],db1", "--", script, **{**fleet.environment(), "TERM": "xterm"}) as terminal:
            terminal.wait_for(r"1 of 3 done, 1 failed, 2 running")
            self.wait_until(self.marks(mark, 2))
            terminal.interrupt()
            terminal.wait_for(r"x.* web\[1-2\] \(2 hosts\) - -2, ")
            self.assertEqual(130, terminal.wait())

    def test_no_progress_where_nobody_sees_it(self):
        self.assertEqual("", self.reops("exec", "-H", "web1", "--", "sleep 1").err)


class Output(Case):
    def test_a_summary_folds_hosts_that_said_the_same(self):
        result = self.reops("exec", "-H", "web[1-2],db1", "--fold", "--", "seq 30")
        self.assertEqual((1, ""), (result.code, result.err), result)
        self.assertRegex(result.out, r"✔ web\[1-2\] \(2 hosts\)\n( +\d+\n){30}  x db1 - -1, .*refused the connection")

    def test_only_the_failed(self):
        for fold in ("--fold", "--no-fold"):
            result = self.reops("exec", "-H", "web1,db1", fold, "--only-failed", "--", "echo fine")
            self.assertEqual(1, result.code, result)
            self.assertNotIn("web1", result.out + result.err)
            self.assertRegex(result.out + result.err, r"db1.* -1, .*refused")

    def test_json(self):
        result = self.reops("exec", "-H", "web1,db1", "--json", "--", "echo 'λ\"'; echo err >&2")
        self.assertEqual((1, ""), (result.code, result.err), result)
        data = json.loads(result.out)
        self.assertEqual(["web1", "db1"], data["hosts"])
        self.assertEqual({"out": 'λ"\n', "err": "err\n"}, data["successful"][0]["result"])
        self.assertEqual(("db1", -1, "refused"), (data["failure"][0]["host"], data["failure"][0]["code"], data["failure"][0]["error"]["reason"]))

    def test_differences(self):
        script = f"case $SSH_CONNECTION in *' {fleet.addresses['web2']} '*) echo odd;; *) echo same;; esac"
        fleet_of_three = self.home.write("three.ini", f"web1\nweb2\nagain ansible_host={fleet.addresses['web1']} ansible_port={fleet.port}\n")
        out = self.succeeds("exec", "-i", fleet_of_three, "-g", "all", "--diff", "--", script)
        self.assertRegex(out, r"= web1,again \(2 hosts\)\n  ≠ web2\n +- same\n +\+ odd\n")

    def test_bytes_as_they_came(self):
        home = self.home
        done = subprocess.run([REOPS, "exec", "-H", "web[1-2]", "--", r"printf 'a\377\033[1m\n\r\nb'"], capture_output=True, timeout=DEADLINE,
                              env=home.environment(**fleet.environment()))
        self.assertEqual((0, b"".join(b"%s: a\377\033[1m\n%s: \r\n%s: b\n" % (h, h, h) for h in (b"web1", b"web2")), b""),
                         (done.returncode, done.stdout, done.stderr))
        done = subprocess.run([REOPS, "exec", "-H", "web1", "--no-prefix", "--", r"printf 'a\377\000\n\nb'"], capture_output=True,
                              timeout=DEADLINE, env=home.environment(**fleet.environment()))
        self.assertEqual((0, b"a\377\000\n\nb", b""), (done.returncode, done.stdout, done.stderr))

    def test_a_terminal_is_not_driven_by_what_hosts_say(self):
        for options in ([], ["--no-fold"]):
            with Terminal("exec", "-H", "web[1-2]", *options, "--", r"printf '\033]0;owned\007<\033[31m>\n'",
                          **{**fleet.environment(), "TERM": "xterm"}) as terminal:
                terminal.wait_for(r"✔.*web1|✔.*web\[1-2\]")
                self.assertEqual(0, terminal.wait(), terminal.said)
                self.assertIn(rb"\u001b]0;owned\u0007<\u001b[31m>", terminal.said)
                self.assertNotIn(b"\x1b]0", terminal.said)

    def test_ping(self):
        result = self.reops("ping", "-H", "web[1-3],db1")
        self.assertEqual((1, "web1: up\nweb2: up\n"), (result.code, result.out), result)
        self.assertRegex(result.err, r"(?m)^web3: -1, .* refused user ")
        self.assertRegex(result.err, r"(?m)^db1: -1, .* refused the connection")
        self.assertEqual("web1: up\n", self.succeeds("ping", "-H", "web1"))


class Targets(Case):
    def names(self, *args, **options):
        return self.succeeds("hosts", *args, **options).split()

    def test_patterns(self):
        self.assertEqual(["web01", "web02", "web03", "db1"], self.names("-H", "web[01-03],db1"))

    def test_groups(self):
        self.assertEqual(["web1", "web2"], self.names("-i", self.inventory, "-g", "web"))
        self.assertEqual(["web1", "web2", "db1"], self.names("-i", self.inventory, "-g", "site"))
        self.assertEqual(["web1", "web2", "db1"], self.names("-i", self.inventory, "-g", "web", "-g", "db"))
        self.assertEqual(["web2"], self.names("-i", self.inventory, "-g", "site:&web:!web1"))
        self.assertEqual(["web1", "db1"], self.names("-i", self.inventory, "-g", "web:!web2", "-g", "db"))

    def test_an_inventory_alone_is_all_of_it_where_nothing_runs(self):
        self.assertEqual(["web1", "web2", "db1"], self.names("-i", self.inventory))
        self.refuses("exec", "-i", self.inventory, "--", "true", says="No hosts are named")

    def test_hosts_in_other_shapes(self):
        self.assertEqual("web[1-2],db1\n", self.succeeds("hosts", "-i", self.inventory, "--fold"))
        self.assertEqual("all\ndb\nsite\nweb\n", self.succeeds("hosts", "-i", self.inventory, "--list-groups"))
        inventory = self.home.write("vars.ini", "[one]\nweb1 ansible_host=192.0.2.7 ansible_user=ada ansible_port=2222 rack=a\nweb2\n")
        self.assertEqual([{"host": "web1", "address": "192.0.2.7", "port": 2222, "user": "ada",
                           "vars": {"ansible_host": "192.0.2.7", "ansible_user": "ada", "ansible_port": 2222, "rack": "a"}},
                          {"host": "web2"}],
                         json.loads(self.succeeds("hosts", "-i", inventory, "--json")))

    def test_names_and_groups(self):
        self.assertEqual(["other", "web1", "web2"], self.names("-i", self.inventory, "-H", "other,web1", "-g", "web"))

    def test_without_some(self):
        self.assertEqual(["web1", "db1"], self.names("-i", self.inventory, "-g", "all", "-x", "web2"))
        self.assertEqual(["db1"], self.names("-i", self.inventory, "-g", "all", "-x", "web"))
        self.assertEqual(["web1"], self.names("-H", "web[1-9]", "-x", "web[2-4]", "-x", "~[5-9]$"))
        self.assertEqual(["db1"], self.names("-H", "web[1-9],db1", "-x", "web*"))

    def test_the_inventory_of_the_environment_and_of_the_configuration(self):
        self.assertEqual(["web1", "web2"], self.names("-g", "web", environment={"REOPS_INVENTORY": str(self.inventory)}))
        self.home.write("config/inventory.ini", "[app]\napp1\n")
        self.assertEqual(["app1"], self.names("-g", "app"))

    def test_connection_variables_of_the_inventory_count(self):
        inventory = self.home.write("reach.ini", f"[one]\nname ansible_host={fleet.addresses['web1']} ansible_port={fleet.port}\n")
        self.assertEqual("name: up\n", self.succeeds("exec", "-i", inventory, "-g", "one", "--", "echo up"))
        self.assertEqual("name: up\n", self.succeeds("exec", "-i", inventory, "-H", "name", "--", "echo up"))

    def test_jump_hosts_of_the_inventory_count(self):
        reach = f"ansible_host={fleet.addresses['web1']} ansible_port={fleet.port}"
        inventory = self.home.write("jumps.ini", f"[all]\nopen {reach}\nshut {reach}\n"
                                                 "[a]\nopen ansible_ssh_common_args='-o ProxyJump=web2'\n"
                                                 "[b]\nshut ansible_ssh_common_args='-J web3'\n")
        self.assertEqual("open: through\n", self.succeeds("exec", "-i", inventory, "-g", "a", "--", "echo through"))
        result = self.reops("exec", "-i", inventory, "-g", "b", "--", "echo through")
        self.assertEqual((1, ""), (result.code, result.out), result)
        self.assertRegex(result.err, r"shut: -1, .*web3 .*refused user")

    def test_a_program_as_inventory(self):
        program = self.home.write("inventory", '#!/bin/sh\n[ "$1" = --list ] && echo \'{"app": {"hosts": ["web1"]}}\'\n')
        program.chmod(0o755)
        self.assertEqual(["web1"], self.names("-i", program, "-g", "app"))
        program.write_text("#!/bin/sh\necho no luck >&2; exit 4\n")
        self.refuses("hosts", "-i", program, "-g", "app", says="inventory program .* exit code 4: no luck")


class Forms(Case):
    def test_the_form_does_the_same(self):
        for args in [["-H", "web[1-2]", "--", "echo 'it'\"'\"'s me'"],
                     ["-i", str(self.inventory), "-g", "site", "-x", "web2", "--timeout", "20s", "--fanout", "1", "--", "echo", "$((1+2))"],
                     ["-i", str(self.inventory), "-H", "other,web1", "-g", "web", "-x", "other", "--", "printf 'a\\nb\\n'; exit 4"],
                     ["-H", "web[1-2],db1", "--fold", "--", "hostname"],
                     ["-H", "web[1-2],db1", "--no-fold", "--only-failed", "--", "hostname"],
                     ["-H", "web[1-2]", "--diff", "--", "hostname"],
                     ["-H", "web[1-2],db1", "--retry", "1", "--fold", "--", "hostname"],
                     ["-H", "db1,web[1-2]", "--batch", "50%", "--stop-after", "2", "--retry", "1", "--", "hostname"],
                     ["-H", "web[1-2]", "--no-prefix", "--", "hostname"]]:
            with self.subTest(args):
                form = self.succeeds("exec", "--form", *args)
                direct = self.reops("exec", *args)
                typed = self.reops("-e", f"(let [pair {form}] (when (seq (:failure (second pair))) (System/exit 1)))")
                self.assertEqual((direct.code, direct.out, direct.err), (typed.code, typed.out, typed.err), form)
                self.assertNotEqual("", direct.out + direct.err)

    def test_the_form_of_ping(self):
        form = self.succeeds("ping", "--form", "-H", "web[1-2]")
        self.assertEqual(self.succeeds("ping", "-H", "web[1-2]"), self.succeeds("-e", f"(do {form} nil)"))

    def test_the_form_of_hosts(self):
        for options in ([], ["--json"], ["--fold"], ["--list-groups"]):
            args = ["-i", str(self.inventory), *([] if "--list-groups" in options else ["-g", "site", "-x", "db"]), *options]
            form = self.succeeds("hosts", "--form", *args)
            self.assertEqual(self.succeeds("hosts", *args), self.succeeds("-e", form))


class BadInput(Case):
    def test_options(self):
        self.refuses("exec", "--fanot", "3", "-H", "web1", "--", "true", says=r"--fanot\n  Did you mean --fanout\?")
        self.refuses("exec", "--fanout", "none", "-H", "web1", "--", "true", says=r"--fanout takes a whole number from 1, found \"none\"")
        self.refuses("exec", "--fanout=0", "-H", "web1", "--", "true", says=r"--fanout takes a whole number from 1, found \"0\"")
        self.refuses("exec", "--fanout", "1", "--fanout", "2", "-H", "web1", "--", "true", says="--fanout is given twice")
        self.refuses("exec", "--timeout", "soon", "-H", "web1", "--", "true", says="--timeout takes a time such as 30s")
        self.refuses("exec", "--timeout", "99999999999s", "-H", "web1", "--", "true", says="--timeout takes a time")
        self.refuses("exec", "--timeout", says="--timeout needs a value: --timeout TIME")
        self.refuses("exec", "--batch", "1/3", "-H", "web1", "--", "true", says="--batch takes a whole number from 1, or a share such as 25%")
        self.refuses("exec", "--batch", "0%", "-H", "web1", "--", "true", says="--batch takes a whole number")
        self.refuses("exec", "--stop-after", "1", "-H", "web1", "--", "true", says="--stop-after needs --batch")
        self.refuses("exec", "--retry", "-1", "-H", "web1", "--", "true", says="--retry takes a whole number from 1")
        self.refuses("exec", "--rerun-failed", "-H", "web1", "--", "true", says="--rerun-failed and -H exclude each other")
        self.refuses("exec", "--rerun-failed", "--", "true", says="There is no earlier run")
        self.refuses("exec", "--form=yes", "-H", "web1", "--", "true", says="--form takes no value")
        self.refuses("exec", "-H", "web1", says="no command")
        self.refuses("exec", "--json", "--diff", "-H", "web1", "--", "true", says="--json and --diff exclude each other")
        self.refuses("ping", "--json", "--only-failed", "-H", "web1", says="--only-failed and --json exclude each other")
        self.refuses("hosts", "-H", "web1", "--json", "--fold", says="--json and --fold exclude each other")
        self.refuses("hosts", "web1", says='found "web1"')

    def test_hosts(self):
        self.refuses("exec", "--", "true", says="No hosts are named")
        self.refuses("exec", "-H", "", "--", "true", says="-H takes a name")
        self.refuses("exec", "-H", "web[1-", "--", "true", says="brackets of the host pattern")
        self.refuses("exec", "-H", "web[1-9999999]", "--", "true", says="more than 100000 names")
        self.refuses("exec", "-H", "web1", "-x", "web1", "--", "true", says="No hosts are left")
        self.refuses("exec", "-H", "web1", "-x", "web9", "--", "true", says="-x web9 takes nothing away")

    def test_inventories(self):
        self.refuses("exec", "-g", "web", "--", "true", says=r"There is no inventory\n  Name one with -i FILE")
        self.refuses("exec", "-i", "/no/such", "-g", "web", "--", "true", says="There is no inventory /no/such")
        (self.home.path / "empty/below").mkdir(parents=True)
        self.refuses("exec", "-i", self.home.path / "empty", "-g", "web", "--", "true", says="The folder .*/empty has no inventory in it")
        self.refuses("exec", "-i", self.inventory, "-g", "websites", "--", "true",
                     says=r"Neither a group nor a host of .* is called websites")
        self.refuses("exec", "-i", self.inventory, "-g", "sites", "--", "true", says=r"Did you mean `site`\?")
        broken = self.home.write("broken.ini", "[web\nweb1\n")
        broken_yaml = self.home.write("broken.yml", "all: [1")
        self.refuses("exec", "-i", broken_yaml, "-g", "web", "--", "true", says=r"broken\.yml: YAML, line 2")
        self.refuses("exec", "-i", broken, "-g", "web", "--", "true", says=r"broken\.ini:1: the section \[web does not end")

    def test_help(self):
        for command in ("exec", "ping", "hosts"):
            out = self.succeeds(command, "--help")
            self.assertIn(f"Usage: reops {command} [OPTIONS]", out)
            for option in ("-H,--hosts", "-g,--group", "-i,--inventory", "-x,--exclude", "--form"):
                self.assertIn(option, out)
            self.assertIn(f"reops {command} ", self.succeeds("--help"))


if __name__ == "__main__":
    unittest.main()
