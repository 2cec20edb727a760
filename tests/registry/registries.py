"""Real registries on loopback, each on a port of its own, over plain HTTP or over TLS with an authority of our own:

    start("distribution", folder)                      distribution v3, open to all; "debian": 2.8, as Debian has it
    start("distribution", folder, access="htpasswd")   for alice alone, with her password
    start("distribution", folder, access="token")      she gets tokens for it from a server of ours (token_server.py)
    start("referrers", folder, tls=True)               go-containerregistry's, which has the referrers API and is open

What is built of Go comes from scripts/parts; it is there where PRATIQUE_REGISTRIES=1 says so (`make test-registry`)."""
import base64
import contextlib
import functools
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/integration"))

from pratique_server import BINARY, Authority, wait_until  # noqa: E402, F401
from token_server import ISSUER, SERVICE, TokenServer  # noqa: E402

USER, PASSWORD = "alice", "s3cret-of-alice"
HTPASSWD = {PASSWORD: "$2b$04$G67Gu9Saj0WghUbhfLy5y.HtWvblnnEEaJMu5y7acHD5pueNMKCq2",  # bcrypt
            "s3cr3t of us-east-1": "$2b$04$abcdefghijklmnopqrstuuz8si.SPe/ll1rXhFqF6f2FjytSFruM.",
            "s3cr3t of metadata": "$2b$04$abcdefghijklmnopqrstuu9C77fWk/9.c533qSA9eMN7SXMlZ3fie"}

PARTS = os.environ.get("PRATIQUE_REGISTRIES") == "1"
DEBIAN = shutil.which("docker-registry")


@functools.cache
def part(name):
    """The folder with the programs of a real part, built once."""
    made = subprocess.run([ROOT / "scripts/parts", name], check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(made.stdout.strip())


def missing(kind):
    """Why a kind of registry cannot be had here; empty if it can."""
    if not PARTS:
        return "real registries are built of Go; `make test-registry` builds them and tests against them"
    if kind == "debian" and not DEBIAN:
        return "Debian's docker-registry is not installed; scripts/setup --e2e does where Debian has it"
    return ""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Registry:
    """`address` is "127.0.0.1:PORT", or "localhost:PORT" as that of its token server; `ca` the path of whom to trust for it,
    None for plain HTTP; `user` and `password` are None where it is open; `tokens` its token server. `who`: user and
    password; `names`: of its certificate, beside its address; `host`: another address of this machine, by plain HTTP."""

    def __init__(self, kind, folder, access=None, tls=False, who=(USER, PASSWORD), names=(), host="127.0.0.1"):
        self.kind, self.folder, self.access, self.host = kind, folder, access, host
        self.port = free_port()
        self.address = f"{'localhost' if access == 'token' else host}:{self.port}"
        self.user, self.password = who if access else (None, None)
        self.ca = self.pair = self.tokens = self.process = None
        if tls:
            authority = Authority(folder, "registry-ca")
            self.ca = authority.certificate
            names = ",".join(["IP:127.0.0.1", "DNS:localhost", *("DNS:" + name for name in names)])
            self.pair = authority.sign("registry", usage="serverAuth\nsubjectAltName=" + names)
        if access == "token":
            self.tokens = TokenServer(folder, dict([who]), self.pair)

    @property
    def url(self):
        return f"{'https' if self.pair else 'http'}://{self.address}"

    @property
    def listen(self):
        return f"{self.host}:{self.port}"

    def configuration(self):
        http = {"addr": self.listen, "secret": "of the tests"}
        if self.pair:
            http["tls"] = {"certificate": str(self.pair[0]), "key": str(self.pair[1])}
        auth = {}
        if self.access == "htpasswd":
            (self.folder / "htpasswd").write_text(f"{self.user}:{HTPASSWD[self.password]}\n")
            auth = {"htpasswd": {"realm": "the tests", "path": str(self.folder / "htpasswd")}}
        elif self.access == "token":
            auth = {"token": {"realm": self.tokens.realm, "service": SERVICE, "issuer": ISSUER,
                              "rootcertbundle": str(self.tokens.certificate)}}
        return {"version": "0.1", "log": {"level": "warn"}, "http": http, **({"auth": auth} if auth else {}),
                "storage": {"filesystem": {"rootdirectory": str(self.folder / "storage")}, "delete": {"enabled": True}}}

    def command(self):
        if self.kind == "referrers":
            return [part("referrers") / "referrers", self.listen, *(self.pair or ())]
        path = self.folder / "config.yml"
        path.write_text(json.dumps(self.configuration()))
        return [DEBIAN if self.kind == "debian" else part("registry") / "registry", "serve", path]

    def start(self):
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(list(map(str, self.command())), stdout=log, stderr=log,
                                            env={**os.environ, "OTEL_TRACES_EXPORTER": "none"})
        wait_until(lambda: self.answers() or self.process.poll() is not None, f"the registry {self.kind}")
        assert self.process.poll() is None, self.log()
        return self

    def answers(self):
        with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), timeout=1):
            return True
        return False

    def stop(self):
        """It ends; what it holds stays, but not that of `referrers`."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self):
        self.stop()
        if self.tokens:
            self.tokens.stop()

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def docker_config(self, password=None):
        """The path of a docker config with the password of the user, or another one; in a folder of its own."""
        folder = self.folder / ("docker" if password is None else "docker-wrong")
        folder.mkdir(exist_ok=True)
        pair = f"{self.user}:{password or self.password}".encode()
        auths = {self.address: {"auth": base64.b64encode(pair).decode()}} if self.user else {}
        (folder / "config.json").write_text(json.dumps({"auths": auths}))
        return folder / "config.json"

    def environment(self):
        """For crane and oras, so that they trust it and it them."""
        trust = {"SSL_CERT_FILE": str(self.ca)} if self.ca else {}
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "DOCKER_CONFIG": str(self.docker_config().parent), **trust}

    def crane(self, *arguments):
        return self.run(part("images") / "crane", *arguments)

    def oras(self, *arguments):
        return self.run(part("oras") / "oras", *arguments,
                        *(["--ca-file", self.ca, "--plain-http=false"] if self.ca else ["--plain-http"]))

    def run(self, *command):
        process = subprocess.run(list(map(str, command)), env=self.environment(), capture_output=True, text=True, timeout=60)
        assert process.returncode == 0, f"{command}: {process.stderr}\n{self.log()[-2000:]}"
        return process.stdout.strip()


def start(kind, folder, access=None, tls=False, **more):
    """A registry that has begun; `close` ends it."""
    folder.mkdir(parents=True, exist_ok=True)
    return Registry(kind, folder, access, tls, **more).start()
