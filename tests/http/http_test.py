#!/usr/bin/env python3
"""reops.http against real servers on loopback: plain, TLS with a certificate made for the test, a proxy, one that answers
slowly or not at all. The assertions are in http_client.clj. Takes a few seconds."""

import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
REOPS = os.environ.get("REOPS", str(HERE.parent.parent / "build/bin/reops"))
DEADLINE = float(os.environ.get("REOPS_TEST_DEADLINE", "60"))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    failures = {}
    connections = set()
    release = threading.Event()
    waiting = threading.Event()

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        if isinstance(body, str):
            body = body.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def handle_any(self):
        path, _, query = self.path.partition("?")
        body = self.body()
        self.connections.add(self.client_address[1])
        if path.startswith("http://"):  # as a proxy is asked
            return self.answer(200, "proxied " + path)
        if path == "/echo":
            return self.answer(200, json.dumps({
                "method": self.command, "query": query, "body": body.decode("latin-1"),
                "headers": {k.lower(): v for k, v in self.headers.items()}}), [("Content-Type", "application/json")])
        if path == "/text":
            return self.answer(200, "grüße\n", [("X-Twice", "1"), ("X-Twice", "2")])
        if path == "/bytes":
            return self.answer(200, bytes([0, 255, 10]))
        if path == "/status":
            return self.answer(int(query), f"status {query}\nmore")
        if path == "/redirect":
            n = int(query)
            return self.answer(302, "", [("Location", f"/redirect?{n - 1}" if n else "/text")])
        if path == "/flaky":
            name, wanted, status = query.split(",")
            seen = self.failures[name] = self.failures.get(name, 0) + 1
            if seen <= int(wanted):
                return self.answer(int(status), "not yet", [("Retry-After", "0")])
            return self.answer(200, f"after {seen}")
        if path == "/count":
            return self.answer(200, str(self.failures.get(query, 0)))
        if path == "/connections":
            return self.answer(200, str(len(self.connections)))
        if path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"half")
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return None
        if path == "/never":
            self.waiting.set()
            self.release.wait(DEADLINE)
            self.close_connection = True
            return None
        if path == "/slow-stream":
            # The second line comes only when the client has asked for it.
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"first\n")
            self.wfile.flush()
            Stream.asked.wait(DEADLINE)
            self.wfile.write(b"second\n")
            self.close_connection = True
            return None
        if path == "/go-on":
            Stream.asked.set()
            return self.answer(200)
        if path == "/large":
            return self.answer(200, b"x" * 3_000_000)
        return self.answer(404, "nothing here")

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """Clients that go away in the middle are what is tested."""


class Stream:
    asked = threading.Event()


class Http(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="reops-http-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        Handler.release.clear()
        self.plain = self.serve(Server(("127.0.0.1", 0), Handler))
        self.addCleanup(Handler.release.set)

    def serve(self, server):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def environment(self, **more):
        clean = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        return {**clean, "REOPS_HOME": self.folder, "HTTP_PORT": str(self.plain), "FOLDER": self.folder, **more}

    def certificate(self):
        key, cert = f"{self.folder}/key.pem", f"{self.folder}/cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return key, cert

    def test_client(self):
        key, cert = self.certificate()
        secure = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        secure.socket = context.wrap_socket(secure.socket, server_side=True)
        with socket.socket() as closed:  # a port where nobody listens, as long as it is bound
            closed.bind(("127.0.0.1", 0))
            result = subprocess.run(
                [REOPS, str(HERE / "http_client.clj")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=4 * DEADLINE,
                env=self.environment(HTTPS_PORT=str(self.serve(secure)), CLOSED_PORT=str(closed.getsockname()[1]), CA_FILE=cert))
        self.assertEqual(0, result.returncode, result.stdout)

    def test_interrupt_ends_a_request_that_waits(self):
        Handler.waiting.clear()
        program = f'(require (quote reops.http)) (reops.http/get "http://127.0.0.1:{self.plain}/never")'
        process = subprocess.Popen([REOPS, "-e", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment())
        self.assertTrue(Handler.waiting.wait(DEADLINE), "the request never arrived")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=DEADLINE)
        self.assertEqual(130, process.returncode, out)


if __name__ == "__main__":
    unittest.main()
