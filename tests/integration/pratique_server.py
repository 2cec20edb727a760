"""What the tests of the server share: certificates, reviews, a server as a process, and ways to ask
it that are as plain as http.client or as raw as bytes on a socket."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("PRATIQUE_BINARY", ROOT / "build/pratique")).absolute()

SECONDS = 60  # for anything that should take none; sanitizers and loaded machines are slow

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: {name}}}
spec:
  rules:
    - name: trusted-registries
      allow: [registry.example.com{more}]
"""


def policy(name="baseline", more=()):
    return POLICY.format(name=name, more="".join(", " + one for one in more))


# -- reviews --

ALLOWED, DENIED = "registry.example.com/app:1.0", "evil.example.net/miner:1.0"


def review(image, uid="u-1", version="v1", **request):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
           "spec": {"containers": [{"name": "app", "image": image}]}}
    request = {"uid": uid, "kind": {"group": "", "version": "v1", "kind": "Pod"},
               "resource": {"group": "", "version": "v1", "resource": "pods"},
               "name": "web", "namespace": "shop", "operation": "CREATE",
               "userInfo": {"username": "alice"}, "object": pod, "oldObject": None,
               "dryRun": False, "options": None, **request}
    return json.dumps({"apiVersion": "admission.k8s.io/" + version, "kind": "AdmissionReview",
                       "request": request}).encode()


def padded(image, size):
    """A review of exactly `size` bytes."""
    body = review(image)
    assert len(body) <= size
    return body + b" " * (size - len(body))


def image_review(*images):
    return json.dumps({"apiVersion": "imagepolicy.k8s.io/v1alpha1", "kind": "ImageReview",
                       "metadata": {}, "status": {"allowed": False},
                       "spec": {"containers": [{"image": image} for image in images],
                                "namespace": "shop"}}).encode()


def allowed(answer):
    return json.loads(answer)["response"]["allowed"]


# -- certificates --

def openssl(*arguments, **options):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stderr=subprocess.DEVNULL, **options)


def new_key(path):
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
    return path


def make_certificate(folder, name="tls", common_name="pratique"):
    """Self-signed, for 127.0.0.1; returns the paths of certificate and key."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", "/CN=" + common_name, "-addext",
            "subjectAltName=IP:127.0.0.1,DNS:pratique.pratique-system.svc",
            "-keyout", key, "-out", certificate)
    return certificate, key


class Authority:
    """One that signs client certificates."""

    def __init__(self, folder, name="client-ca"):
        self.folder, self.name, self.signed = folder, name, 0
        self.certificate, self.key = folder / f"{name}.crt", folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", "/CN=" + name, "-addext", "keyUsage=critical,keyCertSign",
                "-keyout", self.key, "-out", self.certificate)

    def sign(self, common_name, usage="clientAuth", dates=(), dns=None):
        """Returns the paths of a certificate and its key. `dates` are arguments for `openssl ca`."""
        self.signed += 1
        stem = f"{self.name}-{self.signed}"
        key, request, certificate = (self.folder / (stem + end) for end in (".key", ".csr", ".crt"))
        extensions = self.folder / (stem + ".ext")
        extensions.write_text(f"extendedKeyUsage={usage}\n" +
                              (f"subjectAltName=DNS:{dns}\n" if dns else ""))
        new_key(key)
        openssl("req", "-new", "-key", key, "-subj", "/CN=" + common_name, "-out", request)
        database = self.folder / (stem + ".db")
        database.mkdir()
        (database / "index").touch()
        (database / "ca.cnf").write_text(
            "[ca]\ndefault_ca=it\n[it]\n"
            f"database={database}/index\nnew_certs_dir={database}\nrand_serial=yes\n"
            "default_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n")
        openssl("ca", "-batch", "-notext", "-config", database / "ca.cnf", "-cert", self.certificate,
                "-keyfile", self.key, "-in", request, "-out", certificate, "-extfile", extensions,
                *(dates or ("-days", "2")), stdout=subprocess.DEVNULL)
        return certificate, key


# -- the server --

def wait_until(true, what="it", seconds=SECONDS):
    """Ask until the answer is true, and return it."""
    end = time.monotonic() + seconds
    while True:
        answer = true()
        if answer:
            return answer
        assert time.monotonic() < end, f"{what} did not happen within {seconds}s"
        time.sleep(0.02)


class Server:
    """`pratique serve` in a folder of its own, with policies/, tls.crt, tls.key."""

    def __init__(self, folder, environment=None, address="127.0.0.1", **settings):
        self.folder, self.address = folder, address
        self.environment = {**os.environ, **(environment or {})}
        (folder / "policies").mkdir(exist_ok=True)
        if not any((folder / "policies").iterdir()):
            self.write_policy()
        if not (folder / "tls.crt").exists():
            make_certificate(folder)
        self.configuration = {
            "apiVersion": "pratique.dev/v1alpha1", "kind": "ServerConfiguration",
            "listen": {"address": address, "port": 0},
            "plain": {"address": address, "port": 0},
            "tls": {"certificate": "tls.crt", "key": "tls.key", **settings.pop("tls", {})},
            "policies": ["policies"], "reload": "100ms", "drain": {"delay": "0s", "timeout": "10s"},
            "audit": {"path": "audit.log"}, **settings,
        }
        self.log_path = folder / "server.log"
        self.process, self.timeout = None, SECONDS
        self.port = self.plain_port = None

    # the process

    def write_policy(self, text=None, name="policy.yaml"):
        (self.folder / "policies" / name).write_text(policy() if text is None else text)

    def launch(self):
        (self.folder / "server.yaml").write_text(json.dumps(self.configuration))
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([BINARY, "serve", "--config", self.folder / "server.yaml"],
                                            stderr=log, stdout=log, env=self.environment)
        return self

    def start(self):
        self.launch()
        ready = wait_until(lambda: self.event("ready") or self.process.poll() is not None, "ready")
        assert isinstance(ready, dict), f"ended with {self.process.returncode}:\n{self.log()}"
        self.port, self.plain_port = ready["port"], ready["plainPort"]
        return self

    def log(self):
        return self.log_path.read_text(errors="replace")

    def events(self, message=None):
        """The finished lines of the log. Sanitizers write there too."""
        found = []
        for line in self.log().splitlines(keepends=True):
            if line.startswith("{") and line.endswith("\n"):
                event = json.loads(line)
                if message in (None, event["message"]):
                    found.append(event)
        return found

    def event(self, message):
        return next(iter(self.events(message)), None)

    def audit(self):
        """The finished lines of the audit log."""
        path = self.folder / "audit.log"
        lines = path.read_text().split("\n")[:-1] if path.exists() else []
        return [json.loads(line) for line in lines]

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        return self.process.wait(timeout=SECONDS)

    def stop(self, code=0):
        """End it by SIGTERM, and see that it ends well."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        assert self.wait() == code, f"ended with {self.process.returncode}:\n{self.log()}"
        assert "Sanitizer" not in self.log() and "runtime error" not in self.log(), self.log()

    # asking

    def context(self, client=None, trust=None):
        context = ssl.create_default_context(cafile=trust or self.folder / "tls.crt")
        if client:
            context.load_cert_chain(*client)
        return context

    def connection(self, client=None):
        return http.client.HTTPSConnection(self.address, self.port, timeout=SECONDS,
                                           context=self.context(client))

    def plain(self):
        return http.client.HTTPConnection(self.address, self.plain_port, timeout=self.timeout)

    def post(self, body, path="/validate?timeout=10s", client=None, **headers):
        with contextlib.closing(self.connection(client)) as connection:
            return ask(connection, "POST", path, body, **headers)

    def get(self, path, client=None):
        with contextlib.closing(self.connection(client)) as connection:
            return ask(connection, "GET", path)

    def get_plain(self, path):
        with contextlib.closing(self.plain()) as connection:
            return ask(connection, "GET", path)

    def ready_checks(self):
        return json.loads(self.get_plain("/readyz").body)["checks"]

    def metric(self, name):
        """The value of a series, as it is written in /metrics; 0 if it is not there."""
        for line in self.get_plain("/metrics").body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        return 0

    def socket(self, client=None):
        """A TLS connection to write raw bytes to."""
        return self.context(client).wrap_socket(self.tcp(), server_hostname="127.0.0.1")

    def tcp(self):
        """A connection to the TLS port without TLS."""
        return socket.create_connection((self.address, self.port), timeout=SECONDS)

    def plain_socket(self):
        return socket.create_connection((self.address, self.plain_port), timeout=SECONDS)


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()
        self.closes = response.will_close


def ask(connection, method, path, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        headers = {"Content-Type": "application/json", **headers}
    connection.request(method, path, body, headers)
    return Answer(connection.getresponse())


def request_bytes(body=b"", method="POST", target="/validate", headers=(), length=True):
    """A request as it goes over the wire; `headers` are whole lines."""
    lines = [f"{method} {target} HTTP/1.1", "Host: pratique", "Content-Type: application/json"]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def read_answers(sock):
    """All bytes until the server closes the connection, or resets it."""
    data = b""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while more := sock.recv(65536):
            data += more
    return data


def statuses(data):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)]


def exchange(sock, data):
    """Send the bytes and the end of the stream; returns all that is answered until it is closed."""
    with contextlib.suppress(OSError):  # it may be closed already
        sock.sendall(data)
        socket.socket.shutdown(sock, socket.SHUT_WR)  # SSLSocket's own would end the reading too
    return read_answers(sock)


def one_answer(sock):
    """Read one answer from a connection that stays open."""
    response = http.client.HTTPResponse(sock)
    response.begin()
    return Answer(response)


# -- load --

class Load:
    """Callers that ask on connections of their own, some kept alive and some not, until stopped.
    With `until_closed` they end when they are asked to close, as a caller that has another server
    does; else they connect again, as kube-apiserver does."""

    def __init__(self, server, context, until_closed=False):
        self.server, self.context, self.until_closed = server, context, until_closed
        self.stop, self.failures, self.verdicts = threading.Event(), [], []
        self.threads = [threading.Thread(target=self._run, args=(name, every))
                        for name, every in (("a", 0), ("b", 0), ("c", 1), ("d", 7))]
        for thread in self.threads:
            thread.start()

    def _run(self, name, every):
        try:
            self._ask(name, every)
        except Exception as failure:  # any failure of a request is what is looked for
            self.failures.append(failure)

    def _ask(self, name, every):
        """`every`: after how many answers to connect anew; 0 is never."""
        connection, n = None, 0
        while not self.stop.is_set():
            connection = connection or http.client.HTTPSConnection(
                "127.0.0.1", self.server.port, timeout=SECONDS, context=self.context)
            answer = ask(connection, "POST", "/validate?timeout=10s", review(DENIED, uid=f"{name}{n}"))
            assert answer.status == 200, answer.body
            assert json.loads(answer.body)["response"]["uid"] == f"{name}{n}"
            self.verdicts.append(allowed(answer.body))
            n += 1
            if answer.closes and self.until_closed:
                break
            if answer.closes or (every and n % every == 0):
                connection.close()
                connection = None

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        assert not self.failures, self.failures
        return self.verdicts
