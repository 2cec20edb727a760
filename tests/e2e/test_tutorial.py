"""docs/tutorial.md: every command of the page is run, in its order, and what the page shows is what came.

No node runs here. The Deployment's controller makes the Pods, and kubelet.py runs pratique for them as a kubelet would,
with the Secret and the ConfigMaps of the page as its files; the image's name stands for the program under test. Pods
of other images stay Pending. Where the page says that something takes a second or two, the test waits until it is so."""
import difflib
import json
import os
import re
import shutil
import subprocess

import pytest

from cluster import DEADLINE, ROOT, wait_until
from kubelet import Kubelet
from pratique_server import BINARY

PAGE = ROOT / "docs/tutorial.md"
EXAMPLES = ROOT / "examples/tutorial"
FAILED = re.compile(r"^(Error from server|error: |denied$)", re.M)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def blocks(language):
    return [text for name, text in BLOCK.findall(PAGE.read_text()) if name == language]


def commands():
    """Every command of the page with what it shows."""
    found = []
    for text in blocks("console"):
        for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
            lines = part.splitlines(keepends=True)
            n = next(i for i, line in enumerate(lines) if not line.endswith("\\\n")) + 1
            found.append(("".join(lines[:n]).rstrip("\n"), "".join(lines[n:])))
    return found


class OurPods(Kubelet):
    """Runs the Pods of the Deployment alone."""

    def _bind(self, pod):
        if pod["metadata"].get("labels", {}).get("app") == "image-policy-webhook":
            super()._bind(pod)


class Reader:
    """Somebody who follows the page, in a copy of the repository's root with a shell."""

    def __init__(self, cluster, folder):
        self.cluster, self.folder = cluster, folder
        shutil.copytree(EXAMPLES, folder / "examples/tutorial")
        programs = folder / "bin"
        programs.mkdir()
        (programs / "pratique").symlink_to(BINARY)
        (programs / "kubectl").symlink_to(cluster.programs / "kubectl")
        self.where = folder
        self.environment = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8",
                            "KUBECONFIG": str(cluster.kubeconfig("admin"))}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def run(self, command):
        if command.startswith("cd "):
            self.where = self.where / command[3:]
            return 0, ""
        ran = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=self.where, env=self.environment, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=DEADLINE)
        return ran.returncode, ran.stdout

    def wait_for_the_webhook(self):
        probe = "kubectl run probe --dry-run=server --image=quay.io/evil/miner:1.0"
        wait_until(lambda: "denied the request" in self.run(probe)[1], "the webhook asked", DEADLINE)


@pytest.fixture(scope="module")
def cluster(clusters):
    return clusters()


@pytest.fixture(scope="module")
def kubelet(cluster):
    kubelet = OurPods(cluster, BINARY, ["default"]).start()
    yield kubelet
    kubelet.stop()


def test_every_command(cluster, kubelet, tmp_path):
    reader = Reader(cluster, tmp_path)
    want, got = "", ""
    for command, shown in commands():
        code, came = reader.run(command)
        want += f"$ {command}\n{shown}"
        got += f"$ {command}\n{came}"
        if bool(code) != bool(FAILED.search(shown)):
            got += f"exit status {code}\n"
        if "kubectl apply -f -" in command:
            reader.wait_for_the_webhook()
    difference = "".join(difflib.unified_diff(want.splitlines(True), got.splitlines(True), "page", "came", n=2))
    assert not difference, difference


def test_files_are_shown_as_they_are():
    files = {path.read_text() for path in EXAMPLES.iterdir()}
    shown = blocks("yaml") + blocks("ini")
    assert shown and all(text in files for text in shown)


# -- the table --

def rows():
    return re.findall(r"^\| (container|init container|image volume) `(.*)` \| (admits|denies) \| (admits|denies) \|$",
                      PAGE.read_text(), re.M)


def pod(kind, image):
    good = [{"name": "web", "image": "docker.io/library/nginx:1.27"}]
    spec = {"container": {"containers": [{"name": "web", "image": image}]},
            "init container": {"containers": good, "initContainers": [{"name": "init", "image": image}]},
            "image volume": {"containers": good, "volumes": [{"name": "data", "image": {"reference": image}}]}}[kind]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec}


def by_first_part(pod):
    """What the page says that the article's server does."""
    allowed = {"registry.example.com", "docker.io"}
    return all(one["image"].split("/")[0] in allowed for one in pod["spec"]["containers"])


def test_there_is_a_table():
    assert len(rows()) == 9


@pytest.mark.parametrize("kind, image, theirs, ours", rows())
def test_table(kind, image, theirs, ours, tmp_path):
    body = pod(kind, image)
    assert by_first_part(body) == (theirs == "admits")
    (tmp_path / "pod.json").write_text(json.dumps(body))
    checked = subprocess.run([BINARY, "check", "--policy", EXAMPLES / "policy.yaml", tmp_path / "pod.json"],
                             capture_output=True)
    assert checked.returncode == {"admits": 0, "denies": 1}[ours], checked
