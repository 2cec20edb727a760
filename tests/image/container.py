"""Programs run in the unpacked root of an image as a container runtime runs them: the root read-only, nothing mounted
but what is asked for, user 65532 of the image with no capabilities and no way to gain any."""
import contextlib
import json
import pathlib
import signal
import ssl
import subprocess
import sys
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/integration"))

from pratique_server import make_certificate, openssl  # noqa: E402, F401

SECONDS = 60

# The points of mounts are made in a layer above the image, as runtimes do.
ENTER = """
set -eu
scratch=$1 root=$2 user=$3; shift 3
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work" "$scratch/root"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root"
while [ "$1" != -- ]; do
    if [ -d "$1" ]; then mkdir -p "$scratch/root$2"; else touch "$scratch/root$2"; fi
    mount --bind "$1" "$scratch/root$2"
    mount -o remount,bind,ro "$scratch/root$2"
    shift 2
done
shift
mount -o remount,ro "$scratch/root"
exec setpriv --no-new-privs chroot --userspec="$user" --groups= "$scratch/root" "$@"
"""


class Container:
    """`root`: the unpacked image; `config`: its configuration; `folder`: for what belongs to the runs."""

    def __init__(self, root, config, folder):
        self.root, self.config, self.folder, self.runs = root, config["config"], folder, 0

    def command(self, arguments, mounts, entrypoint):
        self.runs += 1
        scratch = self.folder / str(self.runs)
        scratch.mkdir()
        binds = [str(end) for pair in mounts.items() for end in pair]
        entrypoint = entrypoint or self.config["Entrypoint"]
        return ["unshare", "--mount", "sh", "-c", ENTER, "enter", scratch, self.root, self.config["User"], *binds, "--",
                *entrypoint, *map(str, arguments)]

    def run(self, *arguments, mounts={}, entrypoint=None, environment={}):
        """`mounts`: from paths of the machine to paths of the container, read-only."""
        return subprocess.run(self.command(arguments, mounts, entrypoint), capture_output=True, text=True,
                              env={"PATH": "/usr/sbin:/usr/bin", **environment}, timeout=SECONDS)

    def start(self, *arguments, mounts={}, environment={}):
        return subprocess.Popen(self.command(arguments, mounts, None), stderr=subprocess.PIPE, text=True,
                                env={"PATH": "/usr/sbin:/usr/bin", **environment})


CONFIG = """\
apiVersion: pratique.dev/v1alpha1
kind: ServerConfiguration
listen: {address: 127.0.0.1, port: 0}
tls: {certificate: tls.crt, key: tls.key}
policies: [policy.yaml]
log: {format: json}
drain: {delay: 0s}
"""


class Served:
    """`pratique serve` in the container, and ways to ask it."""

    def __init__(self, process, port, certificate, log):
        self.process, self.port, self.log = process, port, log
        self.trust = ssl.create_default_context(cafile=certificate)

    def ask(self, name):
        """The response to a review of examples/reviews."""
        body = (ROOT / "examples/reviews" / name).read_bytes()
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}/validate?timeout=10s", body,
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, context=self.trust, timeout=SECONDS) as answer:
            return json.load(answer)["response"]

    def stop(self):
        """Ends it as a runtime does; returns the exit code and the rest of standard error."""
        self.process.send_signal(signal.SIGTERM)
        rest = self.process.communicate(timeout=SECONDS)[1]
        return self.process.returncode, "".join(self.log) + rest


@contextlib.contextmanager
def serving(container, folder, environment={}):
    folder.mkdir()
    certificate, key = make_certificate(folder)
    key.chmod(0o644)
    folder.chmod(0o755)
    (folder / "policy.yaml").write_text((ROOT / "examples/policy.yaml").read_text())
    (folder / "serve.yaml").write_text(CONFIG)
    process = container.start("serve", "--config", "/etc/pratique/serve.yaml",
                              mounts={folder: "/etc/pratique"}, environment=environment)
    log, port = [], None
    try:
        for line in process.stderr:
            log.append(line)
            if line.startswith("{") and json.loads(line)["message"] == "ready":
                port = json.loads(line)["port"]
                break
        assert port, "".join(log)
        yield Served(process, port, certificate, log)
    finally:
        process.kill()
        process.wait()
