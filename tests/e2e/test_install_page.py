"""Every command of docs/install.md, run as it stands there, with real Pods behind it."""
import os
import re
import subprocess

import pytest

from cluster import DEADLINE, ROOT, part, serving_certificate, wait_until
from installed import BINARY, NAMESPACE
from kubelet import Kubelet

PAGE = (ROOT / "docs/install.md").read_text()
DENIED = 'admission webhook "images.pratique.dev" denied the request: '


def blocks(heading):
    """The fenced blocks below a heading, or above the first one."""
    section = re.split(r"^## ", PAGE, flags=re.M)
    [text] = [one for one in section if one.startswith(heading + "\n")]
    return re.findall(r"^```\w*\n(.*?)^```$", text, re.M | re.S)


INSTALL = blocks("# Install")[0]
ROLLOUT, WARNED, REFUSED = blocks("See that it works")[0].splitlines()


class Shell:
    """Runs commands as a person with the repository and the right to write in the whole cluster."""

    def __init__(self, cluster, folder):
        self.cluster, self.folder = cluster, folder
        folder.mkdir()
        (folder / "deploy").symlink_to(ROOT / "deploy")
        self.environment = {**os.environ, "HOME": str(folder), "KUBECONFIG": str(cluster.kubeconfig("admin")),
                            "PATH": f"{part('helm')}:{cluster.programs}:{os.environ['PATH']}"}

    def run(self, command, check=True):
        ran = subprocess.run(["sh", "-c", command], cwd=self.folder, env=self.environment, capture_output=True,
                             text=True, timeout=DEADLINE * 2, check=False)
        assert not check or ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
        return ran


@pytest.fixture(scope="module")
def shell(clusters, tmp_path_factory):
    cluster = clusters()
    kubelet = Kubelet(cluster, BINARY, [NAMESPACE]).start()
    shell = Shell(cluster, tmp_path_factory.mktemp("shell") / "clone")
    shell.kubelet = kubelet
    yield shell
    kubelet.stop()


def gone(shell):
    """Nothing of the installation before is left."""
    shell.run(f"kubectl delete namespace {NAMESPACE} --ignore-not-found --timeout=120s")


def judged(shell):
    """Whether the API server has heard of the registration, and gets an answer."""
    return DENIED in shell.run(REFUSED, check=False).stderr


def see_that_it_works(shell):
    """The commands of that section, and what their comments say."""
    assert "successfully rolled out" in shell.run(ROLLOUT).stdout
    wait_until(lambda: judged(shell), "the webhook asked", DEADLINE)
    ran = shell.run(WARNED)
    assert ran.stdout == "pod/probe created (server dry run)\n"
    assert ran.stderr.startswith('Warning: spec.containers[0].image "nginx": policy default, rule no-latest: ')
    ran = shell.run(REFUSED, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(f'Error from server (Forbidden): {DENIED}spec.containers[0].image "Docker.io/nginx": ')


def test_install_upgrade_uninstall(shell):
    shell.run(INSTALL)
    see_that_it_works(shell)
    pods = shell.run(f"kubectl -n {NAMESPACE} get pods -o name").stdout
    # Your policies
    (shell.folder / "values.yaml").write_text(blocks("Your policies")[0])
    [upgrade] = re.findall(r"^`(helm upgrade [^`]*)`", PAGE, re.M)
    shell.run(upgrade)
    other = "kubectl run probe --image=evil.example.net/miner:1 --dry-run=server"

    def denied():
        return "policy baseline, rule trusted-registries" in shell.run(other, check=False).stderr
    wait_until(denied, "the new policy", DEADLINE)
    assert shell.run(f"kubectl -n {NAMESPACE} get pods -o name").stdout == pods
    shell.run("kubectl run probe --image=nginx:1.27 --dry-run=server")
    # Uninstall
    uninstall, delete = blocks("Uninstall")[0].splitlines()
    shell.run(uninstall)
    shell.run(other)
    assert sorted(shell.run(delete).stdout.split()) == sorted(
        'secret "pratique-tls" deleted from pratique-system namespace '
        'lease.coordination.k8s.io "pratique" deleted from pratique-system namespace'.split())


def test_in_two_steps(shell):
    """No moment at which a workload is refused."""
    gone(shell)
    command = INSTALL.strip()
    shell.run(command + " --set validating.enabled=false --wait")
    shell.run("kubectl run probe --image=nginx --dry-run=server")
    shell.run(command.replace("install", "upgrade").replace(" --create-namespace", "")
              + " --set validating.enabled=true")
    wait_until(lambda: judged(shell) and shell.run("kubectl run probe --image=nginx:1 --dry-run=server"),
               "the webhook asked", DEADLINE)
    shell.run(blocks("Uninstall")[0].splitlines()[0])


def test_a_certificate_of_ones_own(shell):
    gone(shell)
    shell.run(f"kubectl create namespace {NAMESPACE}")
    certificate, key, authority = serving_certificate(shell.cluster, "pratique", NAMESPACE)
    for path, name in ((certificate, "tls.crt"), (key, "tls.key"), (authority, "ca.crt")):
        (shell.folder / name).write_bytes(path.read_bytes())
    shell.run(blocks("Certificates")[0])
    see_that_it_works(shell)
    shell.run(blocks("Uninstall")[0].splitlines()[0])


def test_without_helm(shell):
    gone(shell)
    [apply] = re.findall(r"`(kubectl apply [^`]*)`", PAGE)
    shell.run(apply)
    see_that_it_works(shell)
    for command in blocks("Uninstall")[1].splitlines():
        shell.run(command)
    shell.run(REFUSED)  # the API server itself does not mind
    assert shell.run(f"kubectl get namespace {NAMESPACE}", check=False).returncode == 1
