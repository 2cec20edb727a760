"""`customKinds` of the chart: custom kinds are asked about, and judged at the paths that are named."""
import pytest

from installed import Installed

EVIL, GOOD = "evil.example.net/miner:1", "registry.example.com/sailor:1"
GROUP = "sea.example.com"


def definition(kind, plural, scope):
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{GROUP}"},
            "spec": {"group": GROUP, "scope": scope, "names": {"kind": kind, "plural": plural}, "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                    "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}


@pytest.fixture(scope="module")
def cluster(clusters):
    cluster = clusters()
    definitions = [definition("Ship", "ships", "Namespaced"), definition("Fleet", "fleets", "Cluster"),
                   definition("Buoy", "buoys", "Namespaced")]
    cluster.kubectl("apply", "--server-side", "-f", "-", input=definitions)
    for one in definitions:
        cluster.kubectl("wait", "--for=condition=Established", "crd/" + one["metadata"]["name"])
    installed = Installed(cluster, {"customKinds": [
        {"group": GROUP, "resources": ["ships"], "kind": "Ship", "images": ["spec.crew[*].image"]},
        {"group": GROUP, "resources": ["fleets"]}]})
    yield cluster
    installed.stop()


def create(cluster, kind, spec, namespace=None):
    return cluster.kubectl("create", "--dry-run=server", "-f", "-", namespace=namespace, check=False, input={
        "apiVersion": GROUP + "/v1", "kind": kind, "metadata": {"name": "x"}, "spec": spec}).stderr


def calls(cluster, name):
    series = cluster.metrics("apiserver_admission_webhook_request_total")
    return sum(value for one, value in series.items() if f'name="{name}"' in one)


@pytest.mark.parametrize("namespace", ["default", "kube-system"])
def test_at_a_path(cluster, namespace):
    assert f'spec.crew[1].image "{EVIL}": policy baseline' in create(
        cluster, "Ship", {"crew": [{"image": GOOD}, {"image": EVIL}]}, namespace)
    assert create(cluster, "Ship", {"crew": [{"image": GOOD}]}, namespace) == ""


def test_by_content_and_once(cluster):
    """A kind without a namespace is in none, so that selectors of namespaces all take it: asked about once it is by
    the scope of the rules."""
    before = calls(cluster, "images.pratique.dev"), calls(cluster, "system.images.pratique.dev")
    told = create(cluster, "Fleet", {"flagship": {"containers": [{"name": "x", "image": EVIL}]}})
    assert f'spec.flagship.containers[0].image "{EVIL}": policy baseline' in told
    assert (calls(cluster, "images.pratique.dev"), calls(cluster, "system.images.pratique.dev")) == (
        before[0] + 1, before[1])


def test_what_is_not_listed_is_not_asked_about(cluster):
    """Its Pods are; see docs/install.md."""
    assert create(cluster, "Buoy", {"containers": [{"name": "x", "image": EVIL}]}, "default") == ""
