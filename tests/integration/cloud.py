"""A cloud for tests: an HTTP API on loopback as clouds have them. It answers before it has acted; its lists lag behind and come in pages; who asks
too often is told to wait; now and then it is unavailable; a request with the same client token makes no second server."""

import http.server
import json
import threading
import time
import urllib.parse

TOKEN = "cloud-token"
PAGE = 3
LIST_LAG = 0.6  # seconds until a list knows of a server that was made or removed
ACTING = 0.25  # seconds that a server takes to do something
PER_SECOND = 25  # requests; more are refused
UNAVAILABLE_EVERY = 13


class Cloud:
    def __init__(self):
        self.lock = threading.Lock()
        self.servers = {}  # id: {name, token, status, next, due, listed, gone, snapshots}
        self.made = 0
        self.asked = 0
        self.recent = []
        self.counts = {"limited": 0, "unavailable": 0, "pages": 0, "doubled": 0}
        for n in range(7):
            self.make(f"other{n}", f"token{n}")
        cloud = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body=None, **headers):
                data = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"{}")
                with cloud.lock:
                    cloud.respond(self, self.command, urllib.parse.urlsplit(self.path), body)

            do_GET = do_POST = do_DELETE = do

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def make(self, name, token):
        self.made += 1
        key = f"srv-{self.made}"
        now = time.monotonic()
        self.servers[key] = {"id": key, "name": name, "token": token, "status": "creating", "next": "off", "due": now + ACTING,
                             "listed": now + LIST_LAG, "gone": None, "snapshots": []}
        return self.servers[key]

    @staticmethod
    def shown(server):
        running = server["status"] == "active"
        return {"id": server["id"], "name": server["name"], "status": server["status"],
                "networks": {"v4": [{"ip_address": "203.0.113.7"}]} if running else {}, "snapshots": server["snapshots"]}

    def settle(self):
        now = time.monotonic()
        for server in self.servers.values():
            if server["next"] and server["due"] <= now:
                server["status"], server["next"] = server["next"], None
                if server["status"] == "deleted":
                    server["gone"] = now
        return now

    def respond(self, handler, method, url, body):
        now = self.settle()
        if handler.headers.get("Authorization") != f"Bearer {TOKEN}":
            return handler.answer(401, {"message": "who are you?"})
        self.asked += 1
        self.recent = [at for at in self.recent if at > now - 1] + [now]
        if len(self.recent) > PER_SECOND:
            self.counts["limited"] += 1
            return handler.answer(429, {"message": "slow down"}, Retry_After="1")
        if self.asked % UNAVAILABLE_EVERY == 0:
            self.counts["unavailable"] += 1
            return handler.answer(503, {"message": "not now"}, Retry_After="0")
        parts = url.path.strip("/").split("/")
        if parts[0] != "servers":
            return handler.answer(404, {"message": "no such thing"})
        if len(parts) == 1:
            return self.create(handler, body) if method == "POST" else self.list(handler, url, now)
        server = self.servers.get(parts[1])
        if not server or server["status"] == "deleted":
            return handler.answer(404, {"message": f"there is no server {parts[1]}"})
        if method == "GET":
            return handler.answer(200, self.shown(server))
        if server["next"]:
            return handler.answer(409, {"message": f"{parts[1]} is busy"}, Retry_After="0")
        if method == "DELETE":
            server.update(status="deleting", next="deleted", due=now + ACTING)
            return handler.answer(202)
        return self.act(handler, server, body, now)

    def create(self, handler, body):
        alive = [s for s in self.servers.values() if s["status"] not in ("deleting", "deleted")]
        for server in alive:
            if server["token"] == body["client_token"]:
                self.counts["doubled"] += 1
                return handler.answer(202, self.shown(server))
        if any(server["name"] == body["name"] for server in alive):
            return handler.answer(422, {"message": f"the name {body['name']} is taken"})
        return handler.answer(202, self.shown(self.make(body["name"], body["client_token"])))

    def list(self, handler, url, now):
        self.counts["pages"] += 1
        query = dict(urllib.parse.parse_qsl(url.query))
        listed = [s for s in self.servers.values() if s["listed"] <= now and (s["gone"] is None or now < s["gone"] + LIST_LAG)]
        start = int(query.get("cursor", 0))
        page = listed[start:start + PAGE]
        more = {"next": str(start + PAGE)} if start + PAGE < len(listed) else {}
        return handler.answer(200, {"servers": [self.shown(s) for s in page], **more})

    def act(self, handler, server, body, now):
        kind = body.get("type")
        following = {"power_on": "active", "power_off": "off", "shutdown": "off"}.get(kind)
        if following:
            server.update(next=following, due=now + ACTING)
        elif kind == "snapshot":
            server["snapshots"].append(body["name"])
        elif kind == "rollback":
            if body["name"] not in server["snapshots"]:
                return handler.answer(422, {"message": f"there is no snapshot {body['name']}"})
        else:
            return handler.answer(400, {"message": f"what is {kind}?"})
        return handler.answer(202)
