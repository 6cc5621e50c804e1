"""Drives the real program: once, as a session over a pipe, and as a person at a terminal.

Every wait has a deadline; a program that dies or hangs is reported with all that it had said. The state of the program
lives in a temporary folder (REOPS_HOME), removed with the session.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REOPS = os.path.abspath(os.environ.get("REOPS", ROOT / "build/bin/reops"))

# Generous, because the machine may be busy and the program built with sanitizers; reached only when something is wrong.
DEADLINE = float(os.environ.get("REOPS_TEST_DEADLINE", "60"))

# What must never reach a person: the words of a crash, and of C++ itself.
CRASH = re.compile(
    r"terminate called|what\(\):|[Ss]egmentation fault|core dumped|Assertion .* failed|std::|"
    r"AddressSanitizer|ThreadSanitizer|LeakSanitizer|runtime error:|pure virtual"
)


# Sanitizers need address space of their own, so those programs do not start where it is rationed.
SANITIZED = b"__sanitizer_" in Path(REOPS).read_bytes() if os.path.exists(REOPS) else False


class Home:
    """A temporary REOPS_HOME. Libraries are put under its config/scripts, where the program looks for them."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="reops-test-"))
        self.scripts = self.path / "config" / "scripts"
        self.scripts.mkdir(parents=True)

    def write(self, name, content):
        """Writes a file below this folder and returns its path."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
        return path

    def environment(self, **more):
        return {
            **os.environ,
            "HOME": str(self.path),
            "REOPS_HOME": str(self.path),
            "TERM": "dumb",
            "LC_ALL": "C.UTF-8",
            **more,
        }

    def controller(self):
        """The process that prompts of this home are attached to; None when there is none."""
        try:
            with open(self.path / "data/prompts.lock", "r+") as lock:
                try:
                    fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return None
                except (BlockingIOError, PermissionError):
                    return int(lock.read() or 0) or None
        except FileNotFoundError:
            return None

    def remove(self):
        # It may go on although its prompts are gone: that is what it is for.
        if controller := self.controller():
            os.kill(controller, signal.SIGKILL)
        shutil.rmtree(self.path, ignore_errors=True)


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit code {self.code}\n--- out ---\n{self.out[-4000:]}\n--- err ---\n{self.err[-4000:]}"


def run(*args, stdin=b"", home=None, deadline=DEADLINE, cwd=None, **environment):
    """Runs the program to its end with these arguments and this standard input."""
    own = home is None
    home = home or Home()
    if isinstance(stdin, str):
        stdin = stdin.encode()
    try:
        done = subprocess.run(
            [REOPS, *map(str, args)], input=stdin, capture_output=True, timeout=deadline, cwd=cwd,
            env=home.environment(**environment),
        )
        return Result(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
    except subprocess.TimeoutExpired as late:
        raise AssertionError(
            f"{args} did not end within {deadline} s; it had said: {(late.stdout or b'')[-2000:]!r} "
            f"{(late.stderr or b'')[-2000:]!r}"
        ) from None
    finally:
        if own:
            home.remove()


class Reply:
    """What a session said about one input, on its output and on its error output."""

    def __init__(self, out, err):
        self.out, self.err = out, err

    @property
    def text(self):
        return self.out + self.err

    def __repr__(self):
        return f"--- out ---\n{self.out[-4000:]}\n--- err ---\n{self.err[-4000:]}"


class Session:
    """The program reading forms from a pipe, one session for many forms."""

    def __init__(self, *args, **environment):
        self.home = Home()
        self.process = subprocess.Popen(
            [REOPS, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.home.environment(**environment),
        )
        self.changed = threading.Condition()
        self.said = {"out": b"", "err": b""}
        self.read = {"out": 0, "err": 0}
        self.marker = 0
        self.readers = [
            threading.Thread(target=self._collect, args=(name, stream), daemon=True)
            for name, stream in (("out", self.process.stdout), ("err", self.process.stderr))
        ]
        for reader in self.readers:
            reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _collect(self, name, stream):
        while chunk := os.read(stream.fileno(), 1 << 16):
            with self.changed:
                self.said[name] += chunk
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def type(self, text):
        """Sends text as it is, without waiting for an answer."""
        if isinstance(text, str):
            text = text.encode()
        try:
            self.process.stdin.write(text)
            self.process.stdin.flush()
        except BrokenPipeError:
            raise AssertionError(f"the program ended: {self._all()}") from None

    def _all(self):
        code = self.process.poll()
        return f"exit code {code}\n--- out ---\n{self.said['out'][-3000:].decode('utf-8', 'replace')}\n" \
               f"--- err ---\n{self.said['err'][-3000:].decode('utf-8', 'replace')}"

    def wait_for(self, text, name="out", deadline=DEADLINE):
        """Waits until the session has said this (after what was read before) and returns what came before it."""
        wanted = text.encode()
        end = time.monotonic() + deadline
        with self.changed:
            while True:
                at = self.said[name].find(wanted, self.read[name])
                if at >= 0:
                    before = self.said[name][self.read[name]:at]
                    self.read[name] = at + len(wanted)
                    return before.decode("utf-8", "replace")
                left = end - time.monotonic()
                if self.process.poll() is not None and not any(r.is_alive() for r in self.readers):
                    raise AssertionError(f"the program ended while {text!r} was awaited: {self._all()}")
                if left <= 0:
                    raise AssertionError(f"{text!r} did not come within {deadline} s: {self._all()}")
                self.changed.wait(min(left, 0.2))

    def mark(self):
        """Types forms that print the next marker on both outputs, and returns the marker."""
        self.marker += 1
        # Built from two pieces, so that an error which quotes the line is not taken for the marker.
        self.type(f'\n(println (str "--done" "-{self.marker}--")) '
                  f'(binding [*out* *err*] (println (str "--done" "-{self.marker}--")) (flush)) (flush)\n')
        return f"--done-{self.marker}--"

    def reply(self, marker, deadline=DEADLINE):
        out = self.wait_for(marker + "\n", "out", deadline)
        err = self.wait_for(marker + "\n", "err", deadline)
        return Reply(out, err)

    def ask(self, text, deadline=DEADLINE):
        """Types forms and returns all that they made the session say."""
        self.type(text)
        return self.reply(self.mark(), deadline)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def end(self, deadline=DEADLINE):
        """Ends the input and returns how the program ended."""
        self.process.stdin.close()
        try:
            code = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the program did not end after its input did: {self._all()}") from None
        for reader in self.readers:
            reader.join(deadline)
        return Result(code, self.said["out"].decode("utf-8", "replace"), self.said["err"].decode("utf-8", "replace"))

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for reader in self.readers:
            reader.join(DEADLINE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass
        self.home.remove()


def wait_until(true):
    """Waits until true() is, at most DEADLINE seconds."""
    end = time.monotonic() + DEADLINE
    while not true():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.02)


def as_nobody(work):
    """What work() returns, a text, when another user does it: in a process of its own. Only the system's user can become another."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        said = b""
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            said = work().encode()
        except BaseException as e:  # whatever it was, the test is to see it
            said = repr(e).encode()
        finally:
            os.write(writer, said)
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        text = said.read().decode()
    os.waitpid(pid, 0)
    return text


class Terminal:
    """The program on a terminal of its own, typed at as a person does."""

    def __init__(self, *args, program=REOPS, home=None, cwd=None, **environment):
        self.own_home = home is None
        self.home = home or Home()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            if cwd:
                os.chdir(cwd)
            os.execve(program, [program, *args], self.home.environment(**environment))
        self.said = b""
        self.read = 0
        self.marker = 0
        self.code = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait_for(self, pattern, deadline=DEADLINE):
        """Waits until the terminal shows the pattern, and returns what it showed before."""
        wanted = re.compile(pattern.encode())
        end = time.monotonic() + deadline
        while True:
            if found := wanted.search(self.said, self.read):
                before = self.said[self.read:found.start()]
                self.read = found.end()
                return before.decode("utf-8", "replace")
            left = end - time.monotonic()
            if left <= 0 or not self._more(left):
                raise AssertionError(f"{pattern!r} was not shown within {deadline} s: {self.said[-3000:]!r}")

    def _more(self, seconds):
        ready, _, _ = select.select([self.terminal], [], [], seconds)
        if not ready:
            return True
        try:
            chunk = os.read(self.terminal, 1 << 16)
        except OSError:  # the other side has closed: the program is gone
            return False
        self.said += chunk
        return bool(chunk)

    def interrupt(self):
        self.type("\x03")

    def answers(self, deadline=DEADLINE):
        """Whether the prompt still evaluates: types a sum whose result no echo of the input can show.

        Typed again now and then, because a terminal drops what was typed ahead of a Ctrl-C that is still being dealt with.
        """
        end = time.monotonic() + deadline
        while True:
            self.marker += 1
            self.type(f"(+ {self.marker} 776000)\r")
            try:
                return self.wait_for(str(776000 + self.marker), min(5, deadline))
            except AssertionError:
                if time.monotonic() > end:
                    raise

    def wait(self, deadline=DEADLINE):
        """Waits for the program's end and returns its exit code."""
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                return self.code
            self._more(0.05)
        raise AssertionError(f"the program did not end within {deadline} s: {self.said[-3000:]!r}")

    def close(self):
        if self.code is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        os.close(self.terminal)
        if self.own_home:
            self.home.remove()
