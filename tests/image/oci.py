"""Container images as files: an OCI layout read, an image pushed to a real registry and pulled back by its digest."""
import contextlib
import hashlib
import json
import pathlib
import re
import socket
import subprocess
import tarfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 60

REGISTRY = """\
version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "{address}"}}
"""


def part(name):
    """The folder with the programs of a real part, built once."""
    made = subprocess.run([ROOT / "scripts/parts", name], check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(made.stdout.strip())


class Layout:
    """An OCI image layout in a folder, with one image for one platform."""

    def __init__(self, folder):
        self.folder = folder
        index = json.loads((folder / "index.json").read_text())
        assert len(index["manifests"]) == 1, index
        self.digest = index["manifests"][0]["digest"]
        self.manifest = json.loads(self.blob(self.digest))
        self.config = json.loads(self.blob(self.manifest["config"]["digest"]))
        self.layers = [self.path(layer["digest"]) for layer in self.manifest["layers"]]

    def path(self, digest):
        return self.folder / "blobs" / digest.replace(":", "/")

    def blob(self, digest):
        content = self.path(digest).read_bytes()
        assert digest == "sha256:" + hashlib.sha256(content).hexdigest()
        return content

    def members(self):
        """The entries of the layers as tar has them."""
        found = []
        for layer in self.layers:
            with tarfile.open(layer) as archive:
                found += archive.getmembers()
        return found

    def unpack(self, folder):
        folder.mkdir()
        for layer in self.layers:
            subprocess.run(["tar", "-xpf", layer, "--numeric-owner", "-C", folder], check=True)
        return folder


def unpack_archive(archive, folder):
    folder.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", folder], check=True)
    return Layout(folder)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(address):
    host, port = address.split(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
        return True
    return False


@contextlib.contextmanager
def registry(folder):
    """A real registry on loopback; yields its host and port."""
    folder.mkdir()
    address = f"127.0.0.1:{free_port()}"
    config = folder / "config.yml"
    config.write_text(REGISTRY.format(folder=folder / "storage", address=address))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([part("registry") / "registry", "serve", config], stdout=log, stderr=log)
    try:
        end = time.monotonic() + SECONDS
        while not answers(address):
            assert process.poll() is None and time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.05)
        yield address
    finally:
        process.kill()
        process.wait()


def crane(*arguments):
    command = [part("images") / "crane", *map(str, arguments)]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


def push_and_pull(layout, folder):
    """Through a registry, and back by the digest that it was pushed as."""
    with registry(folder / "registry") as address:
        pushed = crane("push", layout.folder, f"{address}/pratique:test")
        name, digest = re.fullmatch(r"(.*)@(sha256:[0-9a-f]{64})", pushed).groups()
        crane("pull", "--format=oci", f"{name}@{digest}", folder / "pulled")
    return Layout(folder / "pulled")
