"""The chart in a cluster: Helm, the objects that the chart makes, and whether the API server asks about one."""
import base64
import copy
import sys

import pytest

from cluster import ROOT, wait_until

sys.path.append(str(ROOT / "tests/deploy"))
from chart import CHART, VARIANTS, documents, rendered, variants  # noqa: E402,F401

NAMESPACE = "pratique-system"
REPOSITORY = "ghcr.io/pratique-dev/pratique"
IMAGE, NEXT = REPOSITORY + ":0.1.0", REPOSITORY + ":0.2.0"
OTHER = "registry.example.com/shop/web:1.0"
MANIFESTS = ROOT / "deploy/manifests/pratique.yaml"
REGISTRATIONS = "/apis/admissionregistration.k8s.io/v1/"
VALIDATING = REGISTRATIONS + "validatingwebhookconfigurations/pratique"
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"},
       "spec": {"containers": [{"name": "web", "image": OTHER}]}}


def own_pod(made):
    """The Pod that the Deployment's controller would make."""
    template = made.one("Deployment")["spec"]["template"]
    return {"apiVersion": "v1", "kind": "Pod", "spec": copy.deepcopy(template["spec"]),
            "metadata": {"generateName": "own-", "labels": template["metadata"]["labels"]}}


# -- while no replica runs --

@pytest.fixture(scope="module")
def plain(clusters):
    """A cluster of its own, with the plain manifests applied and no node for the replicas to run on."""
    cluster = clusters()
    cluster.namespace("shop")
    cluster.kubectl("apply", "--server-side", "-f", MANIFESTS)
    wait_until(lambda: asked(cluster), "the webhook asked")
    return cluster


def asked(cluster):
    ran = cluster.kubectl("run", "probe", "--image", OTHER, "--dry-run=server", namespace="shop", check=False)
    return 'failed calling webhook "images.pratique.dev"' in ran.stderr


def create(cluster, body, namespace=NAMESPACE):
    return cluster.kubectl("create", "--dry-run=server", "-f", "-", input=body, namespace=namespace, check=False)


def is_asked_about(cluster, body, namespace=NAMESPACE, webhook="images.pratique.dev"):
    """Refused, because no replica is there to ask; not because an expression was in error."""
    ran = create(cluster, body, namespace)
    return ran.returncode == 1 and f'failed calling webhook "{webhook}"' in ran.stderr


# -- what the program does with its certificate --

def token_of_ours(cluster):
    answer = cluster.create(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/pratique/token", {
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
    return answer["status"]["token"]


def write_bundle(cluster, bundle, token, path=VALIDATING):
    """As the program does, with the rights that the chart gives it."""
    count = len(cluster.api("GET", path)["webhooks"])
    return cluster.api("PATCH", path, [{"op": "add", "path": f"/webhooks/{n}/clientConfig/caBundle", "value": bundle}
                                       for n in range(count)],
                       content_type="application/json-patch+json", token=token)


def bundles(cluster, path=VALIDATING):
    return [webhook["clientConfig"].get("caBundle") for webhook in cluster.api("GET", path)["webhooks"]]


def bundle_of(cluster):
    return base64.b64encode(cluster.ca.read_bytes()).decode()
