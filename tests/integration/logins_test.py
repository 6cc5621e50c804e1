#!/usr/bin/env python3
"""Logging in with passwords: sshd's password method, keyboard-interactive through PAM, a key and a password together; and dropbear, a
server that is not OpenSSH's, from login to killing. The hosts have a user that exists for them only (tests/support/private-users), for
which they need root; elsewhere these tests are skipped by name. Takes about fifteen seconds.
"""

import os
import re
import signal
import shutil
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from session import CRASH, DEADLINE, REOPS, ROOT, Home, Terminal, run, wait_until

PRIVATE_USERS = str(ROOT / "tests/support/private-users")
PASSWORD = "Tr0ub4dor & λ 3"
USER = "reopsada"
SSHD = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")

can_make_users = os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], capture_output=True, timeout=60).returncode == 0
needs_users = unittest.skipUnless(can_make_users, "needs root, for a user of its own in a mount namespace")


class Server:
    """One server on 127.0.0.1 with a user of its own, ended with the test."""

    def __init__(self, test):
        # Its user must be able to come by.
        self.folder = Path(tempfile.mkdtemp(prefix="reops-logins-"))
        os.chmod(self.folder, 0o755)
        test.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "password").write_text(PASSWORD + "\n")
        os.chmod(self.folder / "password", 0o600)
        self.key = self.folder / "key"
        self.keygen("-f", self.key)
        ssh = self.folder / "home/.ssh"
        ssh.mkdir(parents=True)
        shutil.copy(self.folder / "key.pub", ssh / "authorized_keys")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = self.folder / "log"
        self.test = test

    def keygen(self, *args):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", *args], check=True, capture_output=True, timeout=60)

    def start(self, *command):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([PRIVATE_USERS, self.folder, USER, self.folder / "password", *command],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.test.addCleanup(self.stop)
        wait_until(self.listens)

    def listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended: {self.log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(DEADLINE)

    def sshd(self, *settings):
        self.keygen("-f", self.folder / "host_key")
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        (self.folder / "sshd_config").write_text("\n".join([
            *settings, f"Port {self.port}", "ListenAddress 127.0.0.1", f"HostKey {self.folder}/host_key", "PidFile none", "UsePAM no",
            "PasswordAuthentication no", "KbdInteractiveAuthentication no", "UseDNS no", "LogLevel DEBUG3", "MaxStartups 100", ""]))
        self.start(SSHD, "-D", "-e", "-f", self.folder / "sshd_config")
        self.host_key = (self.folder / "host_key.pub").read_text()
        return self

    def dropbear(self, *options):
        made = subprocess.run(["dropbearkey", "-t", "ed25519", "-f", self.folder / "host_key"], check=True, capture_output=True, text=True,
                              timeout=60)
        self.host_key = re.search(r"ssh-ed25519 \S+", made.stdout)[0]
        self.start("dropbear", "-F", "-E", "-p", f"127.0.0.1:{self.port}", "-r", self.folder / "host_key", "-P", self.folder / "pid", *options)
        return self


class Case(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)

    def configure(self, server, more=""):
        """Two names for the one server, and no keys unless they are named."""
        known = self.home.write("known", f"[127.0.0.1]:{server.port} {server.host_key}\n")
        self.config = self.home.write("ssh_config", f"Host web1 web2\n HostName 127.0.0.1\n Port {server.port}\n User {USER}\n"
                                      f" IdentitiesOnly yes\n UserKnownHostsFile {known}\n GlobalKnownHostsFile none\n{more}")
        os.chmod(self.config, 0o600)
        self.environment = {"REOPS_SSH_CONFIG": str(self.config), "SSH_AUTH_SOCK": ""}

    def reops(self, *args, **options):
        result = run(*args, home=self.home, **self.environment, **options)
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        self.assertNotIn(PASSWORD, result.out + result.err)
        return result

    def with_password(self, form, password=PASSWORD):
        """Evaluates a form in which hs are the two hosts, with the password, which comes from a file."""
        secret = self.home.write("secret", password)
        result = self.reops("-e", f'(do (def hs (hosts "web[1-2]" {{:password (slurp "{secret}")}})) {form} nil)')
        secret.unlink()
        return result

    def nothing_tells(self, server):
        """The password is in no file that we or the server have written, nor in any process."""
        (server.folder / "password").unlink()
        found = subprocess.run(["grep", "-rlaF", "--", PASSWORD, self.home.path, server.folder], capture_output=True, text=True, timeout=60)
        self.assertEqual("", found.stdout)


@needs_users
class Passwords(Case):
    def works(self, server):
        result = self.with_password('(println hs) (prn hs) (run (exec hs "id -un") | (pretty))')
        self.assertEqual((0, ""), (result.code, result.err), result)
        self.assertRegex(result.out, rf"✔ web\[1-2\] \(2 hosts\) {USER}")
        self.assertIn(":password #secret password", result.out)
        result = self.with_password('(run (exec hs "true") | (pretty))', "wrong")
        self.assertRegex(result.out, rf"x web\[1-2\] \(2 hosts\) - -1, .*\n.*refused user {USER}|refused user {USER}")
        self.assertIn("tried a password", result.out)
        self.nothing_tells(server)

    def test_sshds_password_method(self):
        server = Server(self).sshd("PasswordAuthentication yes")
        self.configure(server)
        self.works(server)

    def test_keyboard_interactive_through_pam(self):
        server = Server(self).sshd("UsePAM yes", "KbdInteractiveAuthentication yes")
        self.configure(server)
        self.works(server)

    def test_a_key_and_a_password(self):
        server = Server(self).sshd("PasswordAuthentication yes", "AuthenticationMethods publickey,password")
        self.configure(server, f" IdentityFile {server.key}\n")
        result = self.reops("exec", "-H", "web1", "--", "true")
        self.assertRegex(result.err, r"wants more than a key.*it accepts password \(a password is used when the hosts are given :password\)")
        result = self.with_password('(run (exec hs "id -un") | (pretty))')
        self.assertRegex(result.out, rf"✔ web\[1-2\] \(2 hosts\) {USER}")

    def test_at_the_prompt_it_is_not_in_the_history(self):
        server = Server(self).sshd("PasswordAuthentication yes")
        self.configure(server)
        with Terminal(**{**self.environment, "TERM": "xterm"}) as terminal:
            terminal.answers()
            terminal.type('(run (exec (hosts "web[1-2]" {:password :ask}) "id -un") | (pretty))\r')
            terminal.wait_for(r"Password on 2 hosts: ")
            terminal.type(PASSWORD + "\r")
            terminal.wait_for(rf"web\[1-2\] \(2 hosts\) {USER}")
            terminal.type("\x04")
            terminal.wait()
            remembered = {path.name: path.read_bytes().decode("utf-8", "replace") for path in terminal.home.path.rglob("*") if path.is_file()}
            self.assertIn(":password :ask", "".join(remembered.values()))
            self.assertNotIn(PASSWORD, "".join(remembered.values()) + terminal.said.decode())

    def test_it_is_asked_for_once_and_not_shown(self):
        server = Server(self).sshd("PasswordAuthentication yes")
        self.configure(server)
        with Terminal("exec", "-H", "web[1-2]", "--ask-password", "--", "id -un", **{**self.environment, "TERM": "xterm"}) as terminal:
            terminal.wait_for(r"Password on 2 hosts: ")
            terminal.type(PASSWORD + "\r")
            terminal.wait_for(rf"web\[1-2\] \(2 hosts\) {USER}")
            self.assertEqual(0, terminal.wait())
            self.assertNotIn(PASSWORD, terminal.said.decode())
            remembered = [path.read_bytes().decode("utf-8", "replace") for path in terminal.home.path.rglob("*") if path.is_file()]
            self.assertTrue(all(PASSWORD not in text for text in remembered))
        self.nothing_tells(server)


@needs_users
class Questions(Case):
    """sshd with a PAM that asks for the password, for a code that changes with each login, and, visibly, for a reason: three rounds."""

    def up(self, *settings):
        server = Server(self)
        module = server.folder / "changing_code.so"
        subprocess.run([shutil.which("cc") or "c++", "-x", "c", "-shared", "-fPIC", "-o", module, ROOT / "tests/support/changing_code_pam.c"],
                       check=True, timeout=DEADLINE)
        self.next_code = server.folder / "next-code"
        self.next_code.write_text("1\n")
        (server.folder / "pam").write_text(f"auth requisite pam_unix.so\nauth required {module} {self.next_code}\n"
                                           "account required pam_unix.so\nsession required pam_permit.so\n")
        server.sshd("UsePAM yes", "KbdInteractiveAuthentication yes", *settings)
        self.configure(server)
        return server

    def answer(self, terminal, host, code, reason="repairs"):
        terminal.wait_for(rf"{USER}@{host}: Code {code}: ")
        terminal.type(f"code-{code}\r")
        terminal.wait_for(rf"{USER}@{host}: Reason for the login: ")
        terminal.type(reason + "\r")

    def test_hosts_are_asked_one_after_the_other(self):
        self.up()
        secret = self.home.write("secret", PASSWORD)
        form = f"""(do (run (exec (hosts "web[1-2]" {{:password (slurp "{secret}") :questions :ask}}) "id -un") | (pretty)) nil)"""
        with Terminal("-e", form, **{**self.environment, "TERM": "xterm"}) as terminal:
            # Which of the two comes first is chance, and which code it gets too.
            terminal.wait_for(rf"{USER}@web[12]: Code 1: ")
            shown = terminal.said.decode()
            first = re.search(r"@(web[12]): Code", shown)[1]
            other = {"web1": "web2", "web2": "web1"}[first]
            terminal.type("code-1\r")
            terminal.wait_for(rf"{USER}@{first}: Reason for the login: ")
            terminal.type("repairs\r")
            # Its code is the same when its turn came while the first was still being asked.
            terminal.wait_for(rf"{USER}@{other}: Code [12]: ")
            code = re.findall(r"Code (\d): ", terminal.said.decode())[-1]
            terminal.type(f"code-{code}\r")
            terminal.wait_for(rf"{USER}@{other}: Reason for the login: ")
            terminal.type("repairs\r")
            terminal.wait_for(rf"web\[1-2\] \(2 hosts\) {USER}")
            self.assertEqual(0, terminal.wait())
            said = terminal.said.decode()
            self.assertNotIn("code-1", said, "what is hidden was shown")
            self.assertIn("repairs", said, "what is to be seen was hidden")

    def test_everything_is_asked_and_what_was_wrong_again(self):
        self.up()
        with Terminal("exec", "-H", "web1", "--ask-questions", "--", "id -un", **{**self.environment, "TERM": "xterm"}) as terminal:
            terminal.wait_for(rf"{USER}@web1: .*[Pp]assword: ")
            terminal.type(PASSWORD + "\r")
            terminal.wait_for(rf"{USER}@web1: Code 1: ")
            terminal.type("wrong\r")
            terminal.wait_for(rf"{USER}@web1: .*[Pp]assword: ")
            terminal.type(PASSWORD + "\r")
            self.answer(terminal, "web1", 2)
            terminal.wait_for(rf"web1 {USER}")
            self.assertEqual(0, terminal.wait())
            self.assertNotIn(PASSWORD, terminal.said.decode())

    def test_a_function_answers(self):
        self.up("MaxAuthTries 10")
        secret = self.home.write("secret", PASSWORD)
        form = f"""(do (def asked (atom []))
                       (defn answer [{{:keys [prompt] :as question}}]
                         (swap! asked conj (dissoc question :prompt))
                         (cond (re-find #"assword" prompt) (slurp "{secret}")
                               (re-find #"Code" prompt) (str "code-" (re-find #"[0-9]+" prompt))
                               :else "repairs"))
                       (run (exec (hosts ["web1"] {{:questions answer}}) "id -un") | (pretty))
                       (run! prn @asked))"""
        result = self.reops("-e", form)
        self.assertEqual((0, ""), (result.code, result.err), result)
        self.assertRegex(result.out, rf"✔ web1 {USER}\n")
        for echo in ("false", "false", "true"):
            self.assertIn(f'{{:host "web1", :user "{USER}", :echo {echo}}}', result.out)

    def test_what_is_not_answered(self):
        self.up()
        result = self.reops("-e", '(do (run (exec (hosts "web1" {:questions (constantly nil)}) "true") | (pretty)) nil)')
        self.assertRegex(result.out, r'x web1 - -1, .*nobody answered its question ".*assword: "')
        result = self.reops("-e", '(do (run (exec (hosts "web1" {:questions (fn [_] (/ 1 0))}) "true") | (pretty)) nil)')
        self.assertRegex(result.out, r'x web1 - -1, .*nobody answered its question ".*" \(.*zero')
        result = self.with_password('(run (exec hs "true") | (pretty))')
        self.assertRegex(result.out, r'it asks "Code \d+: " besides, which only a person can answer \(hosts are given :questions\)')
        self.assertIn("it accepts publickey, keyboard-interactive", result.out)

    def test_at_a_jump_host(self):
        server = self.up()
        self.configure(server, " IdentityFile none\n")
        inner = Server(self).sshd()
        with open(self.config, "a") as config, open(self.home.path / "known", "a") as known:
            config.write(f"Host inner\n HostName 127.0.0.1\n Port {inner.port}\n User {USER}\n IdentityFile {inner.key}\n IdentitiesOnly yes\n"
                         f" ProxyJump web1\n UserKnownHostsFile {self.home.path / 'known'}\n GlobalKnownHostsFile none\n")
            known.write(f"[127.0.0.1]:{inner.port} {inner.host_key}\n")
        with Terminal("exec", "-H", "inner", "--ask-questions", "--", "id -un", **{**self.environment, "TERM": "xterm"}) as terminal:
            terminal.wait_for(rf"{USER}@web1: .*[Pp]assword: ")
            terminal.type(PASSWORD + "\r")
            self.answer(terminal, "web1", 1)
            terminal.wait_for(rf"inner {USER}")
            self.assertEqual(0, terminal.wait())

    def test_ctrl_c_at_a_question(self):
        self.up()
        with Terminal("exec", "-H", "web[1-2]", "--ask-questions", "--", "id -un", **{**self.environment, "TERM": "xterm"}) as terminal:
            terminal.wait_for(rf"{USER}@web[12]: .*[Pp]assword: ")
            terminal.interrupt()
            terminal.wait_for(r"x.* web\[1-2\] \(2 hosts\) - -1, cancelled")
            self.assertEqual(130, terminal.wait())


@needs_users
class Dropbear(Case):
    # Known from those of others.
    SLEEP = f"sleep {1000000 + os.getpid()}"

    def all_ended(self):
        return subprocess.run(["pgrep", "-xf", self.SLEEP], capture_output=True, timeout=60).stdout == b""

    def up(self, *options, more=""):
        server = Server(self).dropbear(*options)
        self.configure(server, f" IdentityFile {server.key}\n{more}")
        return server

    def test_commands(self):
        self.up()
        result = self.reops("exec", "-H", "web1", "--json", "--", "id -un; echo err >&2; exit 3")
        self.assertIn('"code":3', result.out.replace(" ", ""))
        self.assertIn(f"{USER}\\n", result.out)
        self.assertEqual("web1: 70000\nweb2: 70000\n", self.reops("exec", "-H", "web[1-2]", "--stdin", "--", "wc -c", stdin=b"x" * 70000).out)
        form = ('(let [[_ {[e] :successful}] (exec (single "web1") "head -c 3000000 /dev/zero; echo end" {:keep 100000})] '
                '(println (count (:out (:result e))) (:out (:truncated e)) (-> e :profile :algorithms :host-key)))')
        self.assertEqual("100000 2900004 ssh-ed25519\n", self.reops("-e", form).out)
        # The connection is used again, and a terminal is one.
        form = '(do (exec (single "web1") "true") (let [[_ {[e] :successful}] (exec (single "web1") "tty" {:pty true})] (println (-> e :profile :reused) (:out (:result e)))))'
        self.assertRegex(self.reops("-e", form).out, r"^true /dev/pts/\d+")

    def test_with_a_password(self):
        server = Server(self).dropbear()
        self.configure(server)
        result = self.with_password('(run (exec hs "id -un") | (pretty))')
        self.assertRegex(result.out, rf"✔ web\[1-2\] \(2 hosts\) {USER}")
        self.nothing_tells(server)

    def test_at_the_deadline_the_command_is_ended(self):
        server = self.up()
        form = (f'(let [[_ {{[e] :failure}}] (exec (single "web1") "echo begun; {self.SLEEP} & wait" {{:timeout 1500}})] '
                '(println (:code e) (:killed e) (:reason (:error e)) (:out (:error e))))')
        # On a busy machine the answer may come after the entry.
        self.assertRegex(self.reops("-e", form).out, r"^-2 (true|:unknown) :timeout/exec begun\n\n$")
        wait_until(self.all_ended)

    def test_ctrl_c(self):
        server = self.up()
        mark = server.folder / "home/mark"
        process = subprocess.Popen([REOPS, "exec", "-H", "web[1-2]", "--",
                                    f"echo begun; touch {mark}.$$; {self.SLEEP}; true"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.home.environment(**self.environment))
        wait_until(lambda: len(list(mark.parent.glob("mark.*"))) == 2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE)
        self.assertEqual((130, "web1: begun\nweb2: begun\n"), (process.returncode, out), err)
        wait_until(self.all_ended)

    def test_what_it_refuses(self):
        server = self.up()
        other = server.folder / "other"
        server.keygen("-f", other)
        result = self.reops("-e", f'(let [[_ {{[e] :failure}}] (exec (single "web1" {{:key "{other}"}}) "true")] (println (:code e) (:reason (:error e)) (:message (:error e))))')
        self.assertRegex(result.out, rf"^-1 :auth web1 .* refused user {USER}: tried key .*other")
        self.home.write("known", "")
        self.assertRegex(self.reops("exec", "-H", "web1", "--", "true").err, r"is not in known_hosts: SHA256:.*\(ssh-ed25519\)")


if __name__ == "__main__":
    unittest.main()
