"""An nREPL client of our own, and the server it speaks to: for tests that need every message and every byte."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

from session import DEADLINE, REOPS, Home


def encode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(encode, value)) + b"e"
    return b"d" + b"".join(encode(k) + encode(v) for k, v in sorted(value.items())) + b"e"


def decode(data, at=0):
    """The value at that offset and where it ends; IndexError when it is not whole."""
    c = data[at:at + 1]
    if c == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if c in (b"l", b"d"):
        items, at = [], at + 1
        while data[at:at + 1] != b"e":
            item, at = decode(data, at)
            items.append(item)
        return (items if c == b"l" else dict(zip(items[::2], items[1::2]))), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    if end > len(data):
        raise IndexError
    return data[colon + 1:end].decode("utf-8"), end


class Server:
    """`reops nrepl`, with its state in a home of its own."""

    def __init__(self, *args, cwd=None, home=None, **environment):
        self.home = home or Home()
        self.process = subprocess.Popen(
            [REOPS, "nrepl", *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=cwd or self.home.path, env=self.home.environment(**environment),
        )
        self.said = b""
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._collect, daemon=True)
        self.reader.start()
        found = self.wait_for(rb"nREPL server started on (?:port (\d+) on host 127.0.0.1|socket nrepl\+unix:(\S+))")
        self.port = int(found[1]) if found[1] else None
        self.path = found[2].decode() if found[2] else None

    def _collect(self):
        while chunk := os.read(self.process.stdout.fileno(), 1 << 16):
            with self.changed:
                self.said += chunk
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def wait_for(self, pattern):
        end = time.monotonic() + DEADLINE
        with self.changed:
            while not (found := re.search(pattern, self.said)):
                if time.monotonic() > end or (self.process.poll() is not None and not self.reader.is_alive()):
                    raise AssertionError(f"{pattern!r} was not said: {self.said!r}")
                self.changed.wait(0.2)
            return found

    def connect(self):
        return Client(self)

    def stop(self, by=signal.SIGTERM):
        """Ends it and returns its exit code."""
        self.process.send_signal(by)
        return self.process.wait(DEADLINE)

    def peak_memory(self):
        """The most it ever had resident, in MiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.reader.join(DEADLINE)
        self.process.stdout.close()
        self.home.remove()


class Answers:
    """All messages that answered one request."""

    def __init__(self, messages):
        self.messages = messages

    def all(self, field):
        return [m[field] for m in self.messages if field in m]

    def text(self, field):
        return "".join(self.all(field))

    @property
    def values(self):
        return self.all("value")

    @property
    def status(self):
        return [word for m in self.messages for word in m.get("status", [])]

    def __repr__(self):
        return "\n".join(map(repr, self.messages))


class Client:
    def __init__(self, server):
        self.server = server
        if server.path:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(server.path)
        else:
            self.socket = socket.create_connection(("127.0.0.1", server.port))
        self.socket.settimeout(DEADLINE)
        self.unread = b""
        self.count = 0
        self.waiting = {}  # messages nobody has asked for yet, by request

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send_bytes(self, data):
        self.socket.sendall(data)

    def send(self, op, **fields):
        """Sends a message and returns its id."""
        self.count += 1
        request = str(self.count)
        self.send_bytes(encode({"op": op, "id": request, **{k.replace("_", "-"): v for k, v in fields.items()}}))
        return request

    def receive(self):
        """The next message; None when the server has closed."""
        while True:
            try:
                message, end = decode(self.unread)
                self.unread = self.unread[end:]
                return message
            except (IndexError, ValueError):
                pass
            try:
                chunk = self.socket.recv(1 << 20)
            except ConnectionResetError:
                return None
            if not chunk:
                return None
            self.unread += chunk

    def next_for(self, request):
        """The next message for that request."""
        while not self.waiting.get(request):
            message = self.receive()
            if message is None:
                raise AssertionError(f"the server closed the connection; it said {self.server.said!r}")
            self.waiting.setdefault(message.get("id"), []).append(message)
        return self.waiting[request].pop(0)

    def until(self, request, wanted):
        """Messages for the request up to the one that `wanted` accepts."""
        messages = []
        while not messages or not wanted(messages[-1]):
            messages.append(self.next_for(request))
        return Answers(messages)

    def answers(self, request):
        return self.until(request, lambda m: "done" in m.get("status", []))

    def ask(self, op, **fields):
        return self.answers(self.send(op, **fields))

    def eval(self, code, **fields):
        return self.ask("eval", code=code, **fields)

    def clone(self, **fields):
        return self.ask("clone", **fields).all("new-session")[0]
