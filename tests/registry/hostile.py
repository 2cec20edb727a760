"""A registry, or a host beside one, that answers as a test says. Threads and sockets alone, so that it may say any bytes.

    with Hostile(image, access="bearer") as registry:    an honest one of one image, "app:1.0", by its digest too
        registry.replace("head", behaviours.truncated)   what that step of the conversation is answered instead
        ...                                              ask it
        registry.requests                                what it was asked, whole

Steps: connection (accepted, not yet TLS), ping, challenge (asked without being known), token, head, manifest (GET), blob,
referrers. A behaviour is a function of an Exchange; it writes what it likes. `secret in registry.heard` tells whether a
text came, in the clear, in an Authorization or in a body."""
import base64
import collections
import contextlib
import json
import socket
import ssl
import threading
import urllib.parse

from registries import PASSWORD, USER

TOKEN = "token-of-the-tests-c0ffee"
NAME, TAG = "app", "1.0"
MOST_HEADER = 1 << 20
INDEX = "application/vnd.oci.image.index.v1+json"
# What refers to the image.
REFERRER = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + "7" * 64, "size": 700,
            "artifactType": "application/vnd.example.sbom"}

Request = collections.namedtuple("Request", "step method path headers body")
REASONS = {200: "OK", 301: "Moved Permanently", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed"}


def outside():
    """An address of this machine that is not loopback; None if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        return probe.getsockname()[0]
    return None


class Gone(Exception):
    """The other side has gone, or the test is over."""


class Answer:
    """An answer as a registry gives it; behaviours change a copy of the honest one."""

    def __init__(self, status, body=b"", **headers):
        self.status, self.body = status, body
        self.headers = [(name.replace("_", "-"), value) for name, value in headers.items()]

    def set(self, name, *values):
        """Replace a header by these, or leave it out."""
        self.headers = [(key, value) for key, value in self.headers if key.lower() != name.lower()]
        self.headers += [(name, value) for value in values]
        return self

    def head(self, length=True):
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'It')}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if length and not any(name.lower() == "content-length" for name, _ in self.headers):
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Exchange:
    """One request, and the connection that it came by."""

    def __init__(self, registry, connection, request):
        self.registry, self.connection, self.request = registry, connection, request
        self.answer = registry.honest(request) if request else None

    def write(self, data):
        try:
            self.connection.sendall(data)
        except OSError as problem:
            raise Gone from problem

    def pause(self, seconds):
        """Wait so long, or until the other side goes, which ends the exchange."""
        self.connection.settimeout(seconds)
        try:
            if not self.connection.recv(1):
                raise Gone
        except TimeoutError:
            pass
        except OSError as problem:
            raise Gone from problem
        finally:
            with contextlib.suppress(OSError):
                self.connection.settimeout(None)
        if self.registry.ended.is_set():
            raise Gone

    def honest(self):
        self.send(self.answer)

    def send(self, answer):
        self.write(answer.head() + (b"" if self.request.method == "HEAD" else answer.body))


class Hostile:
    def __init__(self, image=None, access=None, pair=None, host="127.0.0.1", hides_digest=False):
        """`image`: of images.py; `access`: "basic" or "bearer"; `pair`: paths of certificate and key, for TLS;
        `hides_digest`: HEAD does not tell the digest, so that the manifest is asked for."""
        self.image, self.access, self.hides_digest = image, access, hides_digest
        self.behaviours, self.requests, self.heard = {}, [], ""
        self.ended, self.connections, self.lock = threading.Event(), set(), threading.Lock()
        self.accepted = 0  # connections
        self.context = None
        if pair:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*pair)
        self.listener = socket.create_server((host, 0), backlog=64)
        self.address = f"{host}:{self.listener.getsockname()[1]}"
        self.url = ("https://" if pair else "http://") + self.address
        self.basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.ended.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def docker_config(self, folder, name=None):
        """The path of a docker config with the password for this registry, or for another name."""
        path = folder / "config.json"
        path.write_text(json.dumps({"auths": {name or self.address: {"auth": self.basic.removeprefix("Basic ")}}}))
        return path

    def replace(self, step, behaviour):
        self.behaviours[step] = behaviour

    def steps(self):
        return [request.step for request in self.requests]

    # -- what an honest one says --

    def challenge(self):
        if self.access == "basic":
            return 'Basic realm="the tests"'
        return f'Bearer realm="{self.url}/token",service="{self.address}",scope="repository:{NAME}:pull"'

    def knows(self, headers):
        wanted = {"basic": self.basic, "bearer": "Bearer " + TOKEN}.get(self.access)
        return wanted is None or headers.get("authorization") == wanted

    def step_of(self, method, path, headers):
        path = urllib.parse.urlsplit(path).path
        if path == "/token":
            return "token"
        if not self.knows(headers):
            return "challenge"
        for part, step in (("/manifests/", "head" if method == "HEAD" else "manifest"), ("/blobs/", "blob"),
                           ("/referrers/", "referrers")):
            if part in path:
                return step
        return "ping"

    def honest(self, request):
        if request.step == "challenge":
            return Answer(401, b"{}", WWW_Authenticate=self.challenge(), Content_Type="application/json")
        if request.step == "token":
            if request.headers.get("authorization", self.basic) != self.basic:
                return Answer(401, b"{}", Content_Type="application/json")
            return Answer(200, json.dumps({"token": TOKEN, "expires_in": 300}).encode(), Content_Type="application/json")
        if request.step == "ping" or self.image is None:
            return Answer(200, b"{}", Content_Type="application/json")
        if request.step == "referrers":
            return Answer(200, json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [REFERRER]}).encode(),
                          Content_Type=INDEX)
        return self._content(request)

    def _content(self, request):
        name = request.path.rpartition("/")[2]
        digest = self.image.digest if name == TAG else name
        try:
            body = self.image.read(digest)
        except OSError:
            return Answer(404, b'{"errors":[]}', Content_Type="application/json")
        if request.step == "blob":
            return Answer(200, body, Content_Type="application/octet-stream", Docker_Content_Digest=digest)
        answer = Answer(200, body, Content_Type=json.loads(body)["mediaType"], Docker_Content_Digest=digest)
        return answer.set("Docker-Content-Digest") if self.hides_digest and request.method == "HEAD" else answer

    # -- connections --

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with self.lock:
            self.connections.add(connection)
        raw = connection
        try:
            if "connection" in self.behaviours:
                return self.behaviours["connection"](Exchange(self, connection, None))
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
                with self.lock:
                    self.connections.add(connection)
            while self._one(connection):
                pass
        except (Gone, OSError):
            pass
        finally:
            with self.lock:
                self.connections -= {raw, connection}
            connection.close()

    def _one(self, connection):
        """One request; false when the connection is over."""
        request = self._read(connection)
        if request is None:
            return False
        exchange = Exchange(self, connection, request)
        behaviour = self.behaviours.get(request.step)
        if behaviour:
            return bool(behaviour(exchange))
        exchange.honest()
        return True

    def _read(self, connection):
        text = b""
        while b"\r\n\r\n" not in text:
            piece = connection.recv(65536)
            if not piece or len(text) > MOST_HEADER:
                return None
            text += piece
        head, _, body = text.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        while len(body) < int(headers.get("content-length", 0)):
            body += connection.recv(65536)
        method, path, _ = first.split(" ")
        request = Request(self.step_of(method, path, headers), method, path, headers, body)
        with self.lock:
            self.requests.append(request)
            self.heard += head.decode("latin-1") + body.decode("latin-1")
            for value in headers.get("authorization", "").split(" ")[1:]:
                with contextlib.suppress(ValueError):
                    self.heard += base64.b64decode(value).decode("latin-1")
        return request
