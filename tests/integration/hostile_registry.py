"""A registry that holds one image, and does at one step of the conversation what a real one does not:

    registry = HostileRegistry()                 listens on 127.0.0.1, over plain HTTP
    registry.twist("get", twists.TWISTS["truncated"])   at "head", "get" or "token"; the other steps are answered well
    registry.elsewhere                           another server on this machine, to which it may send us

A twist is a function of the handler, which writes what it likes. `registry.requests` and `registry.elsewhere.requests` are
all that was asked, with headers. Where "get" is twisted, HEAD does not tell a digest; where "token" is, a token is wanted."""
import base64
import collections
import hashlib
import http.server
import json
import socket
import threading

USER, PASSWORD = "alice", "s3cret-of-alice"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).encode()
DIGEST = "sha256:" + hashlib.sha256(MANIFEST).hexdigest()
TOKEN = "token-of-the-tests"

Asked = collections.namedtuple("Asked", "method path authorization")


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, registry, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.registry, self.requests = registry, []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def handle_error(self, *_):
        pass  # the other side has gone

    def stop(self):
        self.shutdown()
        self.server_close()


class Base(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def note(self):
        self.server.requests.append(Asked(self.command, self.path, self.headers.get("Authorization")))

    def raw(self, data):
        """Bytes as they are; the connection ends with the request."""
        self.close_connection = True
        self.wfile.write(data)
        self.wfile.flush()

    def cut(self):
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Handler(Base):
    @property
    def registry(self):
        return self.server.registry

    def step(self):
        if self.path.startswith("/token"):
            return "token"
        return "head" if self.command == "HEAD" else "get"

    def do_GET(self):
        self.note()
        step = self.step()
        if step != "token" and self.registry.wants_token and self.headers.get("Authorization") != "Bearer " + TOKEN:
            self.answer(401, WWW_Authenticate=f'Bearer realm="{self.registry.url}/token",service="s"')
        elif step == self.registry.twisted:
            self.registry.how(self)
        else:
            getattr(self, step)()

    do_HEAD = do_GET

    def head(self):
        digest = {} if self.registry.twisted == "get" else {"Docker_Content_Digest": DIGEST}
        self.answer(200, MANIFEST, Content_Type=INDEX, **digest)

    def get(self):
        self.answer(200, MANIFEST, Content_Type=INDEX, Docker_Content_Digest=DIGEST)

    def token(self):
        self.answer(200, json.dumps({"token": TOKEN, "expires_in": 300}).encode())


class Elsewhere(Base):
    def do_GET(self):
        self.note()
        self.answer(200, MANIFEST, Content_Type=INDEX, Docker_Content_Digest=DIGEST)

    do_HEAD = do_GET


class HostileRegistry:
    def __init__(self):
        self.twisted, self.how = None, None
        self.listener = Listener(self, Handler)
        self.elsewhere = Listener(self, Elsewhere)

    def twist(self, step, how):
        self.twisted, self.how = step, how
        self.requests.clear()
        self.elsewhere.requests.clear()

    @property
    def wants_token(self):
        return self.twisted == "token"

    @property
    def requests(self):
        return self.listener.requests

    @property
    def address(self):
        return f"127.0.0.1:{self.listener.port}"

    @property
    def url(self):
        return f"http://{self.address}"

    def stop(self):
        self.listener.stop()
        self.elsewhere.stop()
