"""pratique as a static Pod of a control-plane node, and the API server of that node: what the three commands of
`pratique manifests` write by default fits together.

No kubelet can run a container here. The Pod of `manifests static-pod` is run as one would run it: in the network of
its node, with its folders of the host mounted read-only where it says, a root that cannot be written, as its user and
with its arguments."""
import subprocess

import pytest
import yaml

from cluster import Authority, wait_until
from kubelet import SANDBOX
from plugin import manifests, restart
from pratique_server import BINARY

IMAGE = "registry.example.com/pratique:0.1.0"
GOOD, BAD = "registry.example.com/shop/web:1.0", "evil.example.net/miner:1.0"
POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: baseline}
spec:
  rules:
    - name: trusted-registries
      allow: [registry.example.com]
"""


class Node:
    """The folders of a control-plane node, and the static Pod that runs on it."""

    def __init__(self, folder):
        self.folder, self.process = folder, None
        self.config, self.policies, self.tls, self.api = (folder / name for name in ("config", "policies", "tls", "api"))
        for one in (self.config, self.policies, self.tls):
            one.mkdir()
        manifests("static-pod", "--image", IMAGE, "--config-dir", self.config, "--policy-dir", self.policies,
                  "--tls-dir", self.tls, "--out", folder / "made")
        self.pod = yaml.safe_load((folder / "made/pratique.yaml").read_text())
        (self.config / "serve.yaml").write_text((folder / "made/serve.yaml").read_text())
        (self.policies / "policy.yaml").write_text(POLICY)
        authority = Authority(folder, "webhook-ca")
        self.ca = authority.certificate
        for source, name in zip(authority.sign("pratique", usage="serverAuth", dns="pratique,IP:127.0.0.1"),
                                ("tls.crt", "tls.key")):
            (self.tls / name).write_bytes(source.read_bytes())
            (self.tls / name).chmod(0o400)
        self.user = str(self.pod["spec"]["securityContext"]["runAsUser"])
        subprocess.run(["chown", "-R", f"{self.user}:{self.user}", self.config, self.policies, self.tls], check=True)
        for parent in (folder, *folder.parents):
            if str(parent).startswith("/tmp/"):
                parent.chmod(0o755)  # pytest's are for their owner alone

    def start(self):
        [container] = self.pod["spec"]["containers"]
        volumes = {one["name"]: one["hostPath"]["path"] for one in self.pod["spec"]["volumes"]}
        binds, root = self.folder / "binds", self.folder / "root"
        binds.write_text("".join(f"{volumes[mount['name']]} {mount['mountPath']}\n"
                                 for mount in container["volumeMounts"]))
        root.mkdir(exist_ok=True)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--", "sh", "-c", SANDBOX, "sandbox", root, BINARY, binds, self.user, self.user,
                 "no", *container["args"]], stdout=log, stderr=log)
        wait_until(self.ready, "the static Pod ready")

    def ready(self):
        """Its readiness probe, from the node."""
        log = (self.folder / "log").read_text(errors="replace")
        assert self.process.poll() is None, log
        probe = self.pod["spec"]["containers"][0]["readinessProbe"]["httpGet"]
        asked = subprocess.run(["curl", "-sf", f"http://{probe['host']}:{probe['port']}{probe['path']}"],
                               stdout=subprocess.DEVNULL)
        return asked.returncode == 0

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    node = Node(tmp_path_factory.mktemp("node"))
    node.start()
    yield node
    node.stop()


@pytest.fixture(scope="module")
def cluster(clusters, node):
    """Its API server has the ImagePolicyWebhook plugin first; the tests add static webhooks."""
    manifests("image-policy-webhook", "--ca", node.ca, "--out", node.api, "--allow-ttl", "off", "--deny-ttl", "off")
    return clusters(admission_plugins=["ImagePolicyWebhook"],
                    api_server=[f"--admission-control-config-file={node.api}/admission-configuration.yaml"])


def run(cluster, image, *more):
    return cluster.kubectl("run", "web", "--dry-run=server", "--image", image, *more, namespace="default", check=False)


def test_is_a_pod_that_the_api_server_takes(cluster, node):
    """Every field is one that it knows; this is what its mirror Pod is made of."""
    made = cluster.kubectl("create", "--dry-run=server", "--validate=strict", "-f", node.folder / "made/pratique.yaml")
    assert made.stdout == "pod/pratique created (server dry run)\n" and made.stderr == ""


def test_a_restricted_namespace_takes_all_but_the_node(cluster, node):
    """Only the host's network and folders are more than the restricted Pod Security Standard allows."""
    name = cluster.namespace(labels={"pod-security.kubernetes.io/warn": "restricted"})
    pod = {**node.pod, "metadata": {"name": "pratique"}}
    pod["spec"] = {name: value for name, value in pod["spec"].items() if name != "priorityClassName"}
    warned = cluster.kubectl("create", "--dry-run=server", "-f", "-", input=pod, namespace=name).stderr
    assert warned == (
        'Warning: would violate PodSecurity "restricted:latest": host namespaces (hostNetwork=true), probe or lifecycle '
        'host (container "pratique" uses probe or lifecycle host "127.0.0.1"), restricted volume types (volumes "config", '
        '"policies", "certificates" use restricted volume type "hostPath")\n')


def test_plugin(cluster, node):
    assert run(cluster, GOOD).returncode == 0
    denied = run(cluster, BAD)
    assert "is forbidden: image policy webhook backend denied one or more images" in denied.stderr


def test_plugin_and_static_webhooks_together(cluster, node):
    """kube-apiserver takes one AdmissionConfiguration: both lists of plugins in one file, as the page says."""
    if tuple(map(int, cluster.version.split("."))) < (1, 37):
        pytest.skip("manifest-based admission is on by default from 1.37")
    plugin = yaml.safe_load((node.api / "admission-configuration.yaml").read_text())
    manifests("static-webhooks", "--ca", node.ca, "--out", node.api, "--force")
    both = yaml.safe_load((node.api / "admission-configuration.yaml").read_text())
    both["plugins"] += plugin["plugins"]
    (node.api / "admission-configuration.yaml").write_text(yaml.safe_dump(both))
    restart(cluster)
    assert run(cluster, GOOD).returncode == 0
    assert "image policy webhook backend denied one or more images" in run(cluster, BAD).stderr
    volume = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {
        "containers": [{"name": "web", "image": GOOD}], "volumes": [{"name": "data", "image": {"reference": BAD}}]}}
    denied = cluster.kubectl("create", "--dry-run=server", "-f", "-", input=volume, namespace="default", check=False)
    assert 'admission webhook "static.images.pratique.dev" denied the request: spec.volumes[0]' in denied.stderr
