"""The way out of an outage, as docs/operations.md tells it: each command of the page is run, in the page's order."""
import os
import re
import subprocess

import pytest

from cluster import DEADLINE, ROOT, part, wait_until
from installed import BINARY, NAMESPACE

GOOD, BAD = "registry.example.com/app:1", "evil.example.net/miner:1"
PAGE = ROOT / "docs/operations.md"
HEADING = "## When no replica answers"


def blocks():
    """The sh blocks of the section."""
    section = PAGE.read_text().split(HEADING + "\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.S | re.M)


class Operator:
    """Somebody at a shell with kubectl, helm and pratique, in the folder of a checkout."""

    def __init__(self, cluster, folder):
        self.folder = folder
        (folder / "deploy").symlink_to(ROOT / "deploy")
        programs = folder / "bin"
        programs.mkdir()
        for name, program in (("kubectl", cluster.programs / "kubectl"), ("helm", part("helm") / "helm"),
                              ("pratique", BINARY)):
            (programs / name).symlink_to(program)
        self.environment = {**os.environ, "HOME": str(folder), "PATH": f"{programs}:{os.environ['PATH']}",
                            "KUBECONFIG": str(cluster.kubeconfig("admin"))}

    def run(self, block, code=0):
        ran = subprocess.run(["sh", "-e", "-c", block], cwd=self.folder, env=self.environment, text=True,
                             capture_output=True, timeout=DEADLINE * 2)
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout


@pytest.fixture
def outage(installed):
    """Every replica ends, and none starts until it is over."""
    installed.kubelet.outage()
    wait_until(lambda: "failed calling webhook" in installed.create(GOOD).stderr, "the outage", DEADLINE)
    yield installed
    installed.kubelet.broken = False
    installed.upgrade({})
    installed.wait()


def test_every_step(outage, tmp_path):
    look, open_gate, close_gate, afterwards = blocks()
    operator = Operator(outage.cluster, tmp_path)
    before = names(outage)
    assert "pratique-" in operator.run(look)
    wait_until(lambda: names(outage) - before, "a new Pod of ours, let in without us", DEADLINE)

    operator.run(open_gate)
    wait_until(lambda: outage.create(BAD).returncode == 0, "an open gate", DEADLINE)
    namespace = outage.cluster.namespace()
    outage.cluster.kubectl("run", "slipped-in", "--image", BAD, namespace=namespace)

    outage.kubelet.broken = False
    assert "successfully rolled out" in operator.run(close_gate)
    wait_until(lambda: "denied the request" in outage.create(BAD).stderr, "a closed gate", DEADLINE)

    found = operator.run(afterwards, code=1)
    assert f"Pod {namespace}/slipped-in: denied" in found and BAD in found
    outage.cluster.kubectl("delete", "pod", "slipped-in", "--now", namespace=namespace)


def test_the_page_has_no_other_blocks():
    assert len(blocks()) == 4


def names(installed):
    pods = installed.cluster.api("GET", f"/api/v1/namespaces/{NAMESPACE}/pods")["items"]
    return {pod["metadata"]["name"] for pod in pods}
