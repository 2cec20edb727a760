"""Manifest-based admission: the API server has webhooks from files of `pratique manifests static-webhooks` before it
answers anybody, and nobody can delete them through it."""
import pytest

from cluster import VERSION, Failure, wait_until
from plugin import Beside, manifests, restart

pytestmark = pytest.mark.skipif(tuple(map(int, VERSION.split("."))) < (1, 37),
                                reason="manifest-based admission is on by default from 1.37")

HOST = "127.0.9.1"
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
REASON = ('{path}.containers[0].image "evil.example.net/miner:1.0": policy baseline, rule trusted-registries: registry '
          'evil.example.net is not among those allowed: registry.example.com; use an image that one of these matches')
DENIED = 'admission webhook "static.images.pratique.dev" denied the request: ' + REASON


class Static:
    def __init__(self, clusters, folder):
        self.pratique = Beside(folder, host=HOST)
        self.make()
        self.pratique.start(POLICY)
        self.manifest = self.pratique.files / "validating/pratique.yaml"
        self.cluster = clusters(
            api_server=[f"--admission-control-config-file={self.pratique.files}/admission-configuration.yaml"])

    def make(self, *options):
        return manifests("static-webhooks", *self.pratique.options(), *options)

    def run(self, image, namespace, *more):
        return self.cluster.kubectl("run", "web", "--image", image, *more, namespace=namespace, check=False)


@pytest.fixture(scope="module")
def static(clusters, tmp_path_factory):
    static = Static(clusters, tmp_path_factory.mktemp("static"))
    yield static
    static.pratique.stop()


@pytest.fixture
def namespace(static):
    return static.cluster.namespace()


def test_allowed_and_denied(static, namespace):
    denied = static.run(BAD, namespace)
    assert denied.stderr == "Error from server (Forbidden): " + DENIED.format(path="spec") + "\n"
    assert static.run(GOOD, namespace).stdout == "pod/web created\n"


def test_every_namespace(static):
    """kube-system and namespaces of any label are asked about."""
    for namespace in ("kube-system", "default"):
        assert DENIED.format(path="spec") in static.run(BAD, namespace).stderr


def test_debug_container(static, namespace):
    static.run(GOOD, namespace)
    denied = static.cluster.kubectl("debug", "web", "--image", BAD, "-c", "debugger", "--attach=false",
                                    namespace=namespace, check=False)
    assert denied.returncode == 1 and 'spec.ephemeralContainers[0].image "evil.example.net/miner:1.0"' in denied.stderr


def test_deployment(static, namespace):
    denied = static.cluster.kubectl("create", "deployment", "web", "--image", BAD, namespace=namespace, check=False)
    assert denied.stderr == ("error: failed to create deployment: " + DENIED.format(path="spec.template.spec") + "\n")


def test_is_no_object(static):
    """An administrator sees nothing to delete, and cannot make an API object of such a name."""
    kind = "validatingwebhookconfigurations"
    assert static.cluster.kubectl("get", kind).stdout == ""
    gone = static.cluster.kubectl("delete", kind, "pratique.static.k8s.io", check=False)
    assert gone.returncode == 1 and "NotFound" in gone.stderr
    made = static.cluster.kubectl("create", "-f", static.manifest, check=False)
    assert made.returncode == 1 and 'names ending with ".static.k8s.io" are reserved' in made.stderr


def test_beside_a_webhook_of_the_api(static, namespace):
    """Validating webhooks are asked at the same time, wherever they come from; one that is ignored changes nothing."""
    hook = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": "aaa-first"}, "webhooks": [{
                "name": "first.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "failurePolicy": "Fail", "clientConfig": {"url": "https://127.0.9.2:1/"},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}]}]}
    static.cluster.kubectl("create", "-f", "-", input=hook)
    try:
        wait_until(lambda: "first.example.com" in static.run(GOOD, namespace, "--dry-run=server").stderr, "it is asked")
        hook["webhooks"][0]["failurePolicy"] = "Ignore"
        static.cluster.kubectl("replace", "-f", "-", input=hook)
        wait_until(lambda: static.run(GOOD, namespace, "--dry-run=server").returncode == 0, "it is ignored")
        denied = static.run(BAD, namespace)
        assert denied.stderr == "Error from server (Forbidden): " + DENIED.format(path="spec") + "\n"
    finally:
        static.cluster.kubectl("delete", "validatingwebhookconfiguration", "aaa-first")


def test_stopped(static, namespace):
    static.pratique.stop()
    denied = static.run(GOOD, namespace)
    static.pratique.start(POLICY)
    assert denied.stderr == (
        'Error from server (InternalError): Internal error occurred: failed calling webhook '
        '"static.images.pratique.dev": failed to call webhook: Post "https://127.0.9.1:8443/validate?timeout=5s": dial '
        'tcp 127.0.9.1:8443: connect: connection refused\n')


def test_wrong_client_certificate(static, namespace):
    static.pratique.stop()
    static.pratique.start(POLICY, clientNames=["somebody-else"])
    denied = static.run(GOOD, namespace)
    static.pratique.stop()
    static.pratique.start(POLICY)
    assert denied.stderr == (
        'Error from server (InternalError): Internal error occurred: failed calling webhook '
        '"static.images.pratique.dev": failed to call webhook: pratique: the client certificate has none of the names '
        'that may ask\n')


def replace(path, text):
    """By rename, so that nobody sees the half of it."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)


def last_reload(cluster, status):
    series = cluster.metrics("apiserver_manifest_admission_config_controller_automatic_reloads_total")
    return sum(value for name, value in series.items() if f'status="{status}"' in name)


def test_reload(static, namespace):
    """A manifest that changes is taken; one that is broken changes nothing."""
    static.make("--timeout", "7")
    assert "timeoutSeconds: 7\n" in static.manifest.read_text()
    static.pratique.stop()
    try:
        wait_until(lambda: "timeout=7s" in static.run(GOOD, namespace, "--dry-run=server").stderr, "the manifest read",
                   seconds=90)  # the API server looks at once, or after a minute
        sound = static.manifest.read_text()
        broken = last_reload(static.cluster, "failure")
        replace(static.manifest, sound.replace("failurePolicy: Fail", "failurePolicy: Ignore\n    nonsense: 1"))
        wait_until(lambda: last_reload(static.cluster, "failure") > broken, "the manifest refused", seconds=90)
        assert "timeout=7s" in static.run(GOOD, namespace, "--dry-run=server").stderr
        static.make()
        wait_until(lambda: "timeout=5s" in static.run(GOOD, namespace, "--dry-run=server").stderr, "the manifest read",
                   seconds=90)
    finally:
        static.pratique.start(POLICY)


def test_an_empty_manifest_is_no_webhook(static, namespace):
    """What an editor that writes in place may show the API server for a moment; it takes it, and keeps it while what
    follows is broken. docs/image-policy-webhook.md warns of it; --force replaces by rename."""
    sound = static.manifest.read_text()
    replace(static.manifest, "")
    try:
        wait_until(lambda: static.run(BAD, namespace, "--dry-run=server").returncode == 0, "the webhook gone", seconds=90)
    finally:
        static.make()
    wait_until(lambda: static.run(BAD, namespace, "--dry-run=server").returncode == 1, "the webhook back", seconds=90)


def test_mutating(static, namespace):
    """Both webhooks from files: an image is rewritten and then judged."""
    rewriting = POLICY + """\
---
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: rewrite}
spec:
  rules:
    - {name: any, allow: ["**"]}
  mutate:
    rewrite:
      - {from: docker.io/**, to: registry.example.com/hub/**}
"""
    static.make("--mutating")
    restart(static.cluster)
    static.pratique.change_policy(rewriting)
    made = static.run("nginx:1.27", namespace)
    assert made.stdout == "pod/web created\n", made.stderr
    found = static.cluster.api("GET", f"/api/v1/namespaces/{namespace}/pods/web")
    assert found["spec"]["containers"][0]["image"] == "registry.example.com/hub/library/nginx:1.27"
    denied = static.run(BAD, namespace).stderr
    assert DENIED.format(path="spec").replace("static.images", "static.rewrite.images") in denied


@pytest.mark.parametrize("size", [100000, 1000000, 1400000, 2900000])
def test_a_large_object_is_judged_or_denied(static, namespace, size):
    """A review has six bytes for each '<'. One that is too large must not count as no answer, or Ignore would admit."""
    static.make("--mutating", "--failure-policy", "Ignore")
    wait_until(lambda: "failurePolicy: Ignore" in static.manifest.read_text() and ignored(static, namespace), "it reads")
    for image in (BAD, GOOD):
        body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [
            {"name": "web", "image": image, "env": [{"name": "X", "value": "<" * size}]}]}}
        judged = size <= 1000000
        if image == GOOD and judged:
            static.cluster.create(f"/api/v1/namespaces/{namespace}/pods", body)
            continue
        with pytest.raises(Failure) as denied:
            static.cluster.create(f"/api/v1/namespaces/{namespace}/pods", body)
        assert "denied the request" in denied.value.status["message"]
        assert judged or "cannot be judged" in denied.value.status["message"]


def ignored(static, namespace):
    """Whether the API server has read that failures are ignored: nothing else tells."""
    static.pratique.stop()
    try:
        return static.run(BAD, namespace, "--dry-run=server").returncode == 0
    finally:
        static.pratique.start(POLICY)


def test_start_with_a_broken_manifest(static):
    """An API server that has no sound manifest does not start: it never answers without its webhooks."""
    sound = static.manifest.read_text()
    static.manifest.write_text(sound.replace(".static.k8s.io", ".example.com"))
    process = static.cluster.processes.pop("kube-apiserver")
    process.kill()
    process.wait()
    with pytest.raises(AssertionError, match="kube-apiserver ended"):
        static.cluster.start_api_server()
    log = static.cluster.log("kube-apiserver")
    static.cluster.processes.pop("kube-apiserver")
    static.manifest.write_text(sound)
    static.cluster.start_api_server()
    assert 'must have a name ending with \\".static.k8s.io\\"' in log
