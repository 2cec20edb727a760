"""A scripted API server: lists in pages, watches, objects that can be made, changed and deleted, and everything that a
real one does not do when it is asked to. A test makes objects as someone else would (`put`, `drop`), and then breaks it:

    api = ScriptedApi(folder, *PRATIQUE)       listens on 127.0.0.1, over TLS; api.kubeconfig() tells how to reach it
    api.put(policy)                            one more version; whoever watches is told
    api.next("watch", status=429, retry_after=3)   what the next such request is answered; times=N
    api.say(b"garbage\\n")                      bytes into the open watches
    api.end_watches("clean" | "reset" | "half")
    api.compact()                              older versions have expired: 410
    api.expire_continues()                     so have the rests of lists
    api.hold("list")                           do not answer until api.release()
    api.refuse(), api.listen()                 nobody listens, and again
    api.trickle = 0.01                         a byte at a time

`api.requests` is all that was asked."""
import collections
import contextlib
import http.server
import json
import os
import socket
import ssl
import struct
import threading
import time
import urllib.parse

from pratique_server import Authority, wait_until
from scripted_store import OTHERS, PRATIQUE, Answer, Fault, Store, Watch, as_metadata, status

Request = collections.namedtuple("Request", "verb method path query headers body at")
Planned = collections.namedtuple("Planned", "verb path when cut answer")


class Cut(Exception):
    """The connection is at its end."""


class ScriptedApi(Store):
    def __init__(self, folder, *resources, token="token-1"):
        self.folder, self.token, self.trickle = folder, token, 0
        super().__init__((*(resources or PRATIQUE), *OTHERS))
        self.requests, self.connections, self.faults, self.held = [], set(), [], set()
        self.expired_as = "event"  # a real one answers 200 and an ERROR; or "status"
        self.authority = Authority(folder, "kube-ca")
        certificate, key = self.authority.sign("kube-apiserver", usage="serverAuth\nsubjectAltName=IP:127.0.0.1")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.port, self.server = 0, None
        self.listen()

    # -- life --

    def listen(self):
        """Listen; on the same port as before."""
        self.server = _Server(("127.0.0.1", self.port), self)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def refuse(self, how="reset"):
        """Nobody listens any more, and all connections break."""
        self.server.shutdown()
        self.server.server_close()
        self.server = None
        self.end_watches(how)
        with self.changed:
            for connection in list(self.connections):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def stop(self):
        self.release()
        if self.server:
            self.refuse()

    def kubeconfig(self, name="kubeconfig"):
        """Write a kubeconfig for it, and return its path."""
        (self.folder / "token").write_text(self.token)
        path = self.folder / name
        path.write_text(json.dumps({
            "current-context": "it", "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it", "namespace": "ns"}}],
            "clusters": [{"name": "it", "cluster": {"server": f"https://127.0.0.1:{self.port}",
                                                    "certificate-authority": str(self.authority.certificate)}}],
            "users": [{"name": "it", "user": {"tokenFile": "token"}}]}))
        return path

    # -- what goes wrong --

    def next(self, verb, status=None, body=None, retry_after=None, times=1, path="", when=None, raw=None, cut=False):
        """What the next requests of that verb ("list", "watch", "get", "create", "update", "patch", "any") are
        answered whose path contains `path`, and of which `when(request)` is true: a status, with a body (text, bytes
        or an object); raw bytes in place of all that HTTP has; or `cut`: the connection is closed without a word."""
        headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
        with self.changed:
            self.faults += [Planned(verb, path, when or (lambda request: True), cut,
                                    Answer(status, body, headers) if status else raw)] * times

    def hold(self, *verbs):
        """Requests of these verbs are not answered; "stream": watches begin, but are told nothing."""
        with self.changed:
            self.held |= set(verbs)

    def release(self):
        with self.changed:
            self.held.clear()
            self.changed.notify_all()

    def say(self, data, kind=None):
        """Write bytes into the open watches, all or those of one kind."""
        with self.changed:
            for watch in self.watches:
                if kind in (None, watch.resource.kind):
                    watch.pending.append(data)
            self.changed.notify_all()

    def bookmark(self, version=None):
        with self.changed:
            for watch in self.watches:
                watch.pending.append(watch.line("BOOKMARK", {
                    "kind": watch.resource.kind, "apiVersion": watch.resource.group_version,
                    "metadata": {"resourceVersion": str(version or self.version)}}))
            self.changed.notify_all()

    def end_watches(self, how="clean", kind=None):
        """End the open watches: as a real one does, with a reset, or after half an object."""
        with self.changed:
            ended = [watch for watch in self.watches if kind in (None, watch.resource.kind)]
            for watch in ended:
                watch.end = how
            self.changed.notify_all()
        for watch in ended:
            wait_until(lambda: watch not in self.watches, "the end of a watch")

    # -- what was asked --

    def asked(self, verb, path=""):
        with self.changed:
            return [one for one in self.requests if one.verb == verb and path in one.path]

    def watching(self, kind):
        """How many watches of a kind are open."""
        with self.changed:
            return sum(watch.resource.kind == kind for watch in self.watches)

    def wait_watched(self, *kinds):
        for kind in kinds or [one.kind for one in PRATIQUE]:
            wait_until(lambda: self.watching(kind), f"a watch of {kind}")

    # -- answering; in the threads of the server --

    def parse(self, handler):
        url = urllib.parse.urlsplit(handler.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        parts = [urllib.parse.unquote(part) for part in url.path.split("/")[1:]]
        group_version, rest = ("v1", parts[2:]) if parts[0] == "api" else ("/".join(parts[1:3]), parts[3:])
        namespace = None
        if rest[:1] == ["namespaces"] and len(rest) > 2 and rest[2] not in ("status", "finalize"):
            namespace, rest = rest[1], rest[2:]
        resource = self.resources.get((group_version, rest[0] if rest else ""))
        name = rest[1] if len(rest) > 1 else None
        sub = rest[2] if len(rest) > 2 else None
        verb = {"GET": "get" if name else "watch" if query.get("watch") in ("1", "true") else "list", "POST": "create",
                "PUT": "update", "PATCH": "patch", "DELETE": "delete"}[handler.command]
        return verb, url.path, query, resource, namespace, name, sub

    def handle(self, handler):
        length = int(handler.headers.get("Content-Length", 0))
        text = handler.rfile.read(length)
        verb, path, query, resource, namespace, name, sub = self.parse(handler)
        body = json.loads(text) if text else None
        with self.changed:
            request = Request(verb, handler.command, path, query, handler.headers, body, time.monotonic())
            self.requests.append(request)
            self.changed.wait_for(lambda: verb not in self.held and "any" not in self.held)
            fault = next((one for one in self.faults if one.verb in (verb, "any") and one.path in path
                          and one.when(request)), None)
            if fault:
                self.faults.remove(fault)
        if fault:
            return self._fail(handler, fault)
        try:
            if handler.headers["Authorization"] != "Bearer " + self.token:
                raise Fault(401, "Unauthorized", "Unauthorized")
            if resource is None:
                raise Fault(404, "NotFound", "the server could not find the requested resource")
            metadata = "as=PartialObjectMetadata" in handler.headers.get("Accept", "")
            if verb == "watch":
                return self._watch(handler, Watch(resource, namespace, metadata), query)
            with self.changed:
                answer = getattr(self, "_" + verb)(resource, namespace, name, sub, query, body, handler)
            if verb == "list" and metadata:
                answer = {**answer, "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
                          "items": [as_metadata(item) for item in answer["items"]]}
            self._send(handler, Answer(201 if verb == "create" else 200, answer, {}))
        except Fault as problem:
            self._send(handler, problem.answer)

    def _fail(self, handler, fault):
        if fault.cut:
            raise Cut
        if isinstance(fault.answer, bytes):
            handler.wfile.write(fault.answer)
            raise Cut
        self._send(handler, fault.answer)

    def _send(self, handler, answer):
        body = answer.body
        if body is None:
            body = status(answer.status, {429: "TooManyRequests", 410: "Expired"}.get(answer.status, "InternalError"))
        body = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        handler.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)),
                            **answer.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        self._write(handler, body)

    def _write(self, handler, data):
        step = 1 if self.trickle else len(data) or 1
        for at in range(0, len(data), step):
            handler.wfile.write(data[at:at + step])
            if self.trickle:
                time.sleep(self.trickle)

    # watches

    def _begin(self, watch, query):
        """What came after the version that is asked from; and from now on all that comes."""
        version = int(query.get("resourceVersion") or 0)
        with self.changed:
            expired = version < self.oldest
            if expired and self.expired_as == "status":
                raise Fault(410, "Expired", f"too old resource version: {version} ({self.version})")
            if expired:
                watch.pending.append(watch.line("ERROR", status(
                    410, "Expired", f"too old resource version: {version} ({self.version})")))
                watch.end = "clean"
            else:
                watch.pending += [watch.line(event.type, event.object) for event in self.history
                                  if event.version > version and watch.wants(event.object)]
            self.watches.append(watch)

    def _watch(self, handler, watch, query):
        self._begin(watch, query)
        deadline = time.monotonic() + float(query.get("timeoutSeconds", 1800))
        try:
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            while self._write_pending(handler, watch, deadline):
                pass
            handler.wfile.write(b"0\r\n\r\n")
        finally:
            with self.changed:
                self.watches.remove(watch)

    def _write_pending(self, handler, watch, deadline):
        """Write what there is, when there is; False: the watch is at its end."""
        with self.changed:
            self.changed.wait_for(lambda: (watch.pending or watch.end) and "stream" not in self.held,
                                  max(0, deadline - time.monotonic()))
            data, end = b"".join(watch.pending), watch.end
            watch.pending = []
        if end == "half":
            data += watch.line("ADDED", {"kind": watch.resource.kind, "metadata": {"name": "half"}})[:40]
        step = 1 if self.trickle else len(data) or 1
        for at in range(0, len(data), step):
            piece = data[at:at + step]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            time.sleep(self.trickle)
        if end == "reset":
            raise Cut
        return end is None and time.monotonic() < deadline


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        try:
            self.server.api.handle(self)
        except Cut:
            self._reset()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _reset(self):
        """Break the connection without TLS's farewell."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def log_message(self, *arguments):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads, block_on_close = True, False

    def __init__(self, address, api):
        self.api = api
        super().__init__(address, _Handler)

    def finish_request(self, request, address):  # in a thread of its own: a slow handshake holds up nobody
        secured = self.api.context.wrap_socket(request, server_side=True)
        with self.api.changed:
            self.api.connections.add(secured)
        try:
            super().finish_request(secured, address)
        finally:
            with self.api.changed:
                self.api.connections.discard(secured)
            secured.close()

    def handle_error(self, *arguments):
        pass
