#!/usr/bin/env python3
"""Operations on real hosts: options of exec, files looked at and changed, ping and ports, per-host variables.

The hosts are started once, by this test, and stopped by it; all of them share this machine's files. Takes a quarter of a minute.
"""

import os
import pwd
import socket
import time
import unittest

from fleet import Fleet
from session import CRASH, Session, wait_until

fleet = None


def setUpModule():
    global fleet
    fleet = Fleet()
    unittest.addModuleCleanup(fleet.stop)


class ShellOperations(unittest.TestCase):
    def setUp(self):
        self.session = Session(**fleet.environment())
        self.addCleanup(self.session.close)
        self.folder = fleet.folder / self.id().rsplit(".", 1)[1]
        self.folder.mkdir()
        self.quiet('(def one (single "web1"))')
        self.quiet('(def up (hosts "web[1-2]"))')
        self.quiet("(defn entry [[_ res]] (first (concat (:successful res) (:failure res))))")
        self.quiet("(defn why [pair] (let [e (entry pair)] [(:code e) (:reason (:error e)) (clojure.string/trim (str (:err (:error e))))]))")
        self.quiet("(defn said [pair] (:out (:result (entry pair))))")
        self.quiet("(defn become [pair] (let [e (entry pair)] [(:code e) (:result e) (:changed e) (:predicted e)]))")

    def ask(self, form):
        reply = self.session.ask(form)
        self.assertIsNone(CRASH.search(reply.text), f"{form}\n{reply}")
        return reply

    def quiet(self, form):
        reply = self.ask(form)
        self.assertEqual("", reply.err.strip(), f"{form}\n{reply}")
        return reply

    def shows(self, form, expected):
        reply = self.quiet(f"(prn {form})")
        self.assertEqual(expected, reply.out.splitlines()[-2] if reply.out.endswith("nil\n") else reply.out.strip().splitlines()[-1],
                         f"{form}\n{reply}")

    def fails(self, form, pattern):
        reply = self.ask(form)
        self.assertRegex(reply.err, pattern, f"{form}\n{reply}")

    # --- exec ---

    def test_a_folder_and_an_environment(self):
        odd = self.folder / "it's $HOME; here"
        odd.mkdir()
        self.shows(f'(said (exec one "pwd" {{:cwd "{odd}"}}))', f'"{odd}\\n"')
        self.shows("""(said (exec one "printf '%s|' \\"$A\\" \\"$B\\"; sh -c 'echo $A'" {:env {:A "x" "B" "it's $(id) `id` \\n;"}}))""",
                   r'''"x|it's $(id) `id` \n;|x\n"''')
        self.shows(f'(pos? (first (why (exec one "touch {self.folder}/never" {{:cwd "/nonexistent"}}))))', "true")
        self.assertFalse((self.folder / "never").exists())
        self.shows('(said (exec one "pwd" {:cwd "~"}))', f'"{fleet.folder}/hosts/web1\\n"')
        self.shows('((juxt :code (comp :reason :error)) (entry (exec one "env" {:env {"A;B" 1}})))', "[-1 :command]")

    def test_input_and_a_parser(self):
        self.shows('(said (exec one "cat" {:stdin "given\\n"}))', '"given\\n"')
        self.shows('((juxt :result (comp :out :raw)) (entry (exec one "echo 42" {:parse (comp parse-long clojure.string/trim)})))',
                   '[42 "42\\n"]')

    def test_a_terminal(self):
        self.shows('(said (exec one "tty | sed s,[0-9]*$,,"))', '"not a tty\\n"')
        self.shows('(clojure.string/trim (said (exec one "tty | sed s,[0-9]*$,," {:pty true})))', '"/dev/pts/"')

    def test_a_deadline(self):
        self.shows('(butlast (why (exec one "sleep 60" {:timeout 200})))', "(-2 :timeout/exec)")

    def test_scripts(self):
        odd = self.folder / "; touch pwned"
        self.quiet(f'(def odd "{odd}")')
        self.shows("(said (exec one (script (mkdir -p ~odd) (if (directory? ~odd) (println made ~odd) (println not)) (ls -d ~odd))))",
                   f'"made {odd}\\n{odd}\\n"')
        self.shows('(said (exec one (script (set! N @(printf "%s" "a  b")) (println @N) (doseq [x ["p q" ~odd]] (println @x)))))',
                   f'"a  b\\np q\\n{odd}\\n"')
        self.shows('(said (exec one (script (pipe (printf "%s\\\\n" b a ~["c;d" "*"]) (sort)))))', '"*\\na\\nb\\nc;d\\n"')
        self.shows("(said (exec one (script (case ~odd \"x\" (println 1) ~odd (println 2) (println 3)) (if (and (= 1 1) (< 2 10)"
                   " (not (or (false) (file-exists? \"/nonexistent\")))) (println yes)))))", '"2\\nyes\\n"')
        self.shows('(said (exec one (script (write-to ~(str odd "/f") (println one)) (append-to ~(str odd "/f") (println two))'
                   ' (cat ~(str odd "/f")) (ls ~odd) (quiet (echo nothing)) (wc -l (glob ~odd "/*")))))',
                   f'"one\\ntwo\\nf\\n2 {odd}/f\\n"')
        self.shows('(said (exec one (script (chain-and (true) (chain-or (false) (println or))) (when-not (false) (println when) "echo raw | cat")'
                   ' (println ~7 ~:k "$HOME" $?))))', '"or\\nwhen\\nraw\\n7 k $HOME 0\\n"')
        self.assertFalse((self.folder / "pwned").exists())
        self.fails("(exec one (script (rm -rf ~nil)))", "nil was given where a command takes a word")
        self.fails("(script (rm {:a 1}))", "A word of a command is text")

    def test_what_goes_on_without_us(self):
        log = self.folder / "log"
        go = self.folder / "go"
        self.quiet(f'(def started (nohup one "until test -e {go}; do sleep 0.02; done; echo done in $PWD" {{:log "{log}" :cwd "{self.folder}"}}))')
        self.shows("(pos-int? (:result (entry started)))", "true")
        self.shows('(:code (entry (exec one (str "kill -0 " (:result (entry started))))))', "0")
        go.touch()
        wait_until(lambda: log.exists() and f"done in {self.folder}\n" == log.read_text())

    # --- variables ---

    def test_variables_of_hosts(self):
        self.quiet('(def racks (hosts "web[1-2]" {:vars {:dc "x y"} :hosts {"web1" {:vars {"rack" "a;b"}}}}))')
        self.shows('(map (fn [e] [(:host e) (:code e) (:out (:result e)) (:message (:error e))]) (re-mote.repl.results/entries'
                   ' (exec racks (per-host "echo {{host}} {{rack}} {{dc}}"))))',
                   '(["web1" 0 "web1 a;b x y\\n" nil] ["web2" -1 nil "no command for web2: Template, line 1 column 15: There is no value for rack"])')
        self.shows('(map (comp :out :result) (:successful (second (exec racks (per-host (fn [{:strs [rack host]}] (script (echo ~host ~(or rack "none")))))))))',
                   '("web1 a;b\\n" "web2 none\\n")')
        self.shows('(map (comp :out :result) (:successful (second (run (exec racks "true") | (exec (fn [host] (str "echo " host)))))))',
                   '("web1\\n" "web2\\n")')
        inventory = self.folder / "hosts.ini"
        inventory.write_text("[web]\nweb1 rack=a\nweb2 rack=b\n[web:vars]\ndc=one\n")
        self.shows(f'(map (comp :out :result) (:successful (second (exec (inventory "{inventory}" "web") (per-host "echo {{{{rack}}}}-{{{{dc}}}}")))))',
                   '("a-one\\n" "b-one\\n")')
        self.shows('(:code (entry (nohup racks (per-host "echo {{rack}}"))))', "0")

    # --- looking at files ---

    def test_a_folder_as_data(self):
        (self.folder / "b file").write_text("12345")
        (self.folder / "a").mkdir(mode=0o750)
        (self.folder / "c\nline").symlink_to("b file")
        os.utime(self.folder / "b file", (1700000000, 1700000000))
        me = pwd.getpwuid(os.getuid()).pw_name
        self.shows(f'(map (juxt :name :type :link) (:result (entry (ls one "{self.folder}"))))',
                   '(["a" :directory nil] ["b file" :file nil] ["c\\nline" :link "b file"])')
        self.shows(f'(select-keys (second (:result (entry (run (exec one "true") | (ls "{self.folder}"))))) [:size :owner :modified])',
                   f'{{:size 5, :owner "{me}", :modified 1700000000000}}')
        self.shows(f'(map (juxt :name :size) (:result (entry (ls one "{self.folder}/b file"))))', '(["b file" 5])')
        self.shows(f'(:mode (first (:result (entry (ls one "{self.folder}")))))', '"750"')
        self.shows(f'(string? (:out (:raw (entry (ls one "{self.folder}")))))', "true")
        self.shows('(butlast (why (ls one "/nonexistent")))', "(1 :exit)")
        reply = self.quiet(f'(run (ls one "{self.folder}") | (table [:host :name :size]))')
        self.assertRegex(reply.out, r"HOST  NAME +SIZE\nweb1  a +\d+\nweb1  b file +5\nweb1  c line")

    def test_finding_files(self):
        (self.folder / "in").mkdir()
        for name, size, age in (("a.log", 10, 0), ("in/b.log", 2000, 7200), ("in/-c", 0, 0)):
            path = self.folder / name
            path.write_bytes(b"x" * size)
            os.utime(path, (time.time() - age, time.time() - age))
        found = lambda options, names: self.shows(
            f'(map (fn [f] (subs (:name f) {len(str(self.folder)) + 1})) (:result (entry (find-files one "{self.folder}" {options}))))', names)
        found("{}", '("a.log" "in" "in/-c" "in/b.log")')
        found('{:name "*.log"}', '("a.log" "in/b.log")')
        found('{:type :directory}', '("in")')
        found('{:type :file :min-size 11}', '("in/b.log")')
        found('{:type :file :min-size 10 :max-size 10}', '("a.log")')
        found('{:type :file :older-than 3600000}', '("in/b.log")')
        found('{:type :file :newer-than 3600000 :max-depth 1}', '("a.log")')
        self.fails(f'(find-files one "{self.folder}" {{:type :folder}})', "find-files knows no type of file :folder")

    def test_what_is_in_files(self):
        (self.folder / "-f").write_text("one\nTwo\n1:three\n")
        (self.folder / "g").write_text("two\n")
        self.shows(f'(:result (entry (cat-file one "-f")))', "nil")
        self.shows(f'(:result (entry (cat-file one "{self.folder}/-f")))', '"one\\nTwo\\n1:three\\n"')
        self.shows(f'(:result (entry (cat-file one "-f" {{:cwd "{self.folder}" :parse count}})))', "16")
        self.shows(f'(:result (entry (tail one "{self.folder}/-f" 2)))', '["Two" "1:three"]')
        self.shows(f'(:result (entry (run (exec one "true") | (tail "{self.folder}/-f" 1))))', '["1:three"]')
        self.shows('(:result (entry (tail one "/dev/null")))', "[]")
        self.shows(f'(:result (entry (grep one "^.:t|w" "{self.folder}/-f")))',
                   f'[{{:file "{self.folder}/-f", :line 2, :text "Two"}} {{:file "{self.folder}/-f", :line 3, :text "1:three"}}]')
        self.shows(f'(map :text (:result (entry (grep one "two" ["{self.folder}/-f" "{self.folder}/g"] {{:ignore-case true}}))))', '("Two" "two")')
        self.shows(f'(map :text (:result (entry (run (exec one "true") | (grep "o" "{self.folder}" {{:recursive true :invert true}})))))', '("1:three")')
        self.shows(f'(map :text (:result (entry (grep one ".*" "{self.folder}/g" {{:fixed true}}))))', "()")
        self.shows(f'(:result (entry (grep one "nowhere" "{self.folder}/g")))', "[]")
        self.shows(f'(first (why (grep one "x" "{self.folder}/none")))', "2")
        self.shows(f'(first (why (cat-file one "{self.folder}/none")))', "1")

    # --- changing files ---

    def changes(self, form, made, undone=False):
        """Predicted and not done; done; nothing left to do, predicted or not."""
        checked = form.replace("OPTIONS", "{:check true MORE}")
        self.assertFalse(made(), form)
        self.shows(f"(become {checked.replace('MORE', '')})", "[0 :changed true true]")
        self.assertFalse(made(), f"{form} with :check true has changed something")
        self.shows(f"(become {form.replace('OPTIONS', '{}')})", "[0 :changed true nil]")
        self.assertTrue(made(), form)
        self.shows(f"(become {form.replace('OPTIONS', '{}')})", "[0 :unchanged false nil]")
        self.shows(f"(become {checked.replace('MORE', '')})", "[0 :unchanged false true]")

    def test_folders_and_files_come_and_go(self):
        odd = self.folder / "it's; $(touch pwned)"
        self.changes(f'(mkdir one "{odd}/deep" OPTIONS)', (odd / "deep").is_dir)
        self.shows(f'(become (mkdir one "{odd}/deep" {{:mode "750"}}))', "[0 :changed true nil]")
        self.shows(f'(become (mkdir one "{odd}/deep" {{:mode "750"}}))', "[0 :unchanged false nil]")
        self.assertEqual(0o750, (odd / "deep").stat().st_mode & 0o777)
        (odd / "f").write_text("x")
        self.shows(f'(first (why (mkdir one "{odd}/f")))', "1")
        self.changes(f'(rm one "{odd}/f" OPTIONS)', lambda: not (odd / "f").exists())
        (odd / "link").symlink_to("nowhere")
        self.changes(f'(rm one "{odd}/link" OPTIONS)', lambda: not (odd / "link").is_symlink())
        self.shows(f'(first (why (rm one "{odd}/deep")))', "1")
        self.changes(f'(rm one "{odd}" (assoc OPTIONS :recursive true))', lambda: not odd.exists())
        for path in ("/", "~", ""):
            self.fails(f'(rm one "{path}" {{:recursive true}})', "rm does not remove|A file needs a name")
        self.assertFalse((self.folder / "pwned").exists())

    def test_files_are_moved_and_copied(self):
        a, b, c = (self.folder / name for name in ("a", "-b", "c d"))
        a.write_text("1")
        self.changes(f'(mv one "{a}" "{b}" OPTIONS)', lambda: b.exists() and not a.exists())
        self.shows(f'(become (mv one "{a}" "{self.folder}/none" {{:check true}}))', "[1 nil false true]")
        self.shows(f'(first (why (mv one "{a}" "{self.folder}/none")))', "1")
        self.changes(f'(cp one "{b}" "{c}" OPTIONS)', c.exists)
        b.write_text("2")
        self.changes(f'(cp one "{b}" "{c}" OPTIONS)', lambda: c.read_text() == "2")
        self.shows(f'(why (cp one "{a}" "{c}"))', f'[1 :exit "{a}: there is no such file"]')
        (self.folder / "t/in").mkdir(parents=True)
        (self.folder / "t/in/f").write_text("x")
        self.changes(f'(cp one "{self.folder}/t" "{self.folder}/u" (assoc OPTIONS :recursive true))', (self.folder / "u/in/f").exists)
        self.shows(f'(become (run (exec one "true") | (cp "-b" "e" {{:cwd "{self.folder}"}})))', "[0 :changed true nil]")
        self.assertTrue((self.folder / "e").exists())

    def test_modes_and_owners(self):
        f = self.folder / "f"
        f.write_text("")
        f.chmod(0o600)
        mode = lambda path: path.stat().st_mode & 0o7777
        self.changes(f'(chmod one "{f}" "640" OPTIONS)', lambda: mode(f) == 0o640)
        self.shows(f'(become (chmod one "{f}" "u+x"))', "[0 :changed true nil]")
        self.shows(f'(become (chmod one "{f}" "u+x"))', "[0 :unchanged false nil]")
        self.shows(f'((juxt :predicted :reason) (entry (chmod one "{f}" "u-x" {{:check true}})))', "[true :no-check]")
        self.assertEqual(0o740, mode(f))
        (self.folder / "d").mkdir()
        (self.folder / "d/g").touch(mode=0o600)
        self.changes(f'(chmod one "{self.folder}/d" "755" (assoc OPTIONS :recursive true))', lambda: mode(self.folder / "d/g") == 0o755)
        self.fails(f'(chmod one "{f}" "rwx; id")', "A mode is a text")
        self.shows(f'(first (why (chmod one "{self.folder}/none" "600")))', "1")
        me = pwd.getpwuid(os.getuid())
        self.shows(f'(become (chown one "{f}" "{me.pw_name}"))', "[0 :unchanged false nil]")
        self.shows(f'(become (chown one "{f}" "{me.pw_uid}:{me.pw_gid}" {{:check true}}))', "[0 :unchanged false true]")
        self.shows(f'(first (why (chown one "{f}" "no-such-user")))', "1")
        self.fails(f'(chown one "{f}" "a b")', "An owner is a user")
        if os.getuid() == 0:
            self.changes(f'(chown one "{self.folder}/d" "nobody:nogroup" (assoc OPTIONS :recursive true))',
                         lambda: (self.folder / "d/g").stat().st_uid == pwd.getpwnam("nobody").pw_uid)

    def test_predictions_are_shown(self):
        reply = self.quiet(f'(run (mkdir up "{self.folder}/new" {{:check true}}) | (mkdir "{self.folder}") | (exec "touch {self.folder}/no") | (pretty))')
        self.assertIn("? web[1-2] (2 hosts) not run: it cannot say what it would change (:no-check)\n", reply.out)
        self.assertEqual([], list(self.folder.iterdir()))
        reply = self.quiet(f'(run (mkdir up "{self.folder}/new" {{:check true}}) | (pretty))')
        self.assertIn("  ? web[1-2] (2 hosts) would change\n", reply.out)

    def test_check_mode_holds_inside_of_rolling(self):
        self.quiet(f'(defn touched [hs] (exec hs "touch {self.folder}/no"))')
        self.shows(f'(map (juxt :host :reason) (:successful (second (run (mkdir up "{self.folder}/new" {{:check true}}) | (rolling {{}} touched)))))',
                   '(["web1" :no-check] ["web2" :no-check])')
        self.assertEqual([], list(self.folder.iterdir()))

    # --- the network ---

    def test_ping(self):
        self.shows('((juxt :sent :received :loss) (:result (entry (ping one "127.0.0.1" {:count 2}))))', "[2 2 0.0]")
        self.shows('(first (why (ping one "no.such.invalid")))', "2")
        self.shows('(first (why (ping one "-c; id")))', "2")
        self.fails('(ping one "127.0.0.1" {:count "many"})', "A number of seconds is a whole one")

    def test_ports(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.shows(f'(:result (entry (check-port one "127.0.0.1" {port})))', f'{{:target "127.0.0.1", :port {port}, :open true}}')
            self.shows(f'(count (:successful (second (run (exec up "true") | (check-port "127.0.0.1" {port})))))', "2")
        self.shows(f'(:code (entry (check-port one "127.0.0.1" {port})))', "1")
        self.fails('(check-port one "127.0.0.1" 70000)', "A port is a number from 1 to 65535")


if __name__ == "__main__":
    unittest.main()
