"""The chart with its mutating webhook: images are rewritten where they are stored, and judged as they came out."""
import pytest

from cluster import DEADLINE, Failure, wait_until
from installed import NAMESPACE, Installed

POLICIES = {"mirror.yaml": """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: mirror}
spec:
  rules: [{name: mirrored, allow: [mirror.example.com, registry.example.com]}]
  mutate:
    rewrite: [{from: "docker.io/**", to: "mirror.example.com/hub/**"}]
"""}
MIRRORED = "mirror.example.com/hub/library/nginx:1.27"


@pytest.fixture(scope="module")
def installed(clusters):
    installed = Installed(clusters(), {"policies": POLICIES, "mutating": {"enabled": True}})
    yield installed
    installed.stop()


def images(cluster, path):
    found = cluster.api("GET", path)
    spec = found["spec"].get("template", found)["spec"]
    return [one["image"] for name in ("initContainers", "containers", "ephemeralContainers")
            for one in spec.get(name, [])]


def test_a_pod_is_stored_rewritten(installed):
    cluster, namespace = installed.cluster, installed.cluster.namespace()
    ran = cluster.kubectl("run", "web", "--image", "nginx:1.27", namespace=namespace)
    assert ran.stdout == "pod/web created\n"
    at = f"/api/v1/namespaces/{namespace}/pods/web"
    assert images(cluster, at) == [MIRRORED]
    cluster.kubectl("set", "image", "pod/web", "web=nginx:1.28", namespace=namespace)
    assert images(cluster, at) == [MIRRORED.replace("1.27", "1.28")]
    cluster.kubectl("debug", "web", "--image", "busybox:1", namespace=namespace)
    assert images(cluster, at)[1] == "mirror.example.com/hub/library/busybox:1"


def test_so_is_a_deployment_and_what_becomes_of_it(installed):
    cluster, namespace = installed.cluster, installed.cluster.namespace()
    cluster.kubectl("create", "deployment", "web", "--image", "nginx:1.27", namespace=namespace)
    assert images(cluster, f"/apis/apps/v1/namespaces/{namespace}/deployments/web") == [MIRRORED]
    pods = f"/api/v1/namespaces/{namespace}/pods"
    wait_until(lambda: cluster.api("GET", pods)["items"], "a Pod of the Deployment", DEADLINE)
    assert [one["spec"]["containers"][0]["image"] for one in cluster.api("GET", pods)["items"]] == [MIRRORED]


@pytest.mark.parametrize("way", [(), ("--server-side",)])
def test_applying_the_same_again_changes_nothing(installed, way):
    """What is written says nginx:1.27, what is stored the mirror's; no new generation, so no rollout."""
    cluster, namespace = installed.cluster, installed.cluster.namespace()
    body = cluster.kubectl("create", "deployment", "web", "--image", "nginx:1.27", "--dry-run=client", "-o", "json",
                           namespace=namespace).stdout
    for _ in range(3):
        cluster.kubectl("apply", *way, "-f", "-", input=body, namespace=namespace)
    at = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    assert cluster.api("GET", at)["metadata"]["generation"] == 1
    assert images(cluster, at) == [MIRRORED]


def test_kube_system_is_rewritten_too(installed):
    installed.cluster.kubectl("run", "web", "--image", "nginx:1.27", namespace="kube-system")
    assert images(installed.cluster, "/api/v1/namespaces/kube-system/pods/web") == [MIRRORED]


def test_what_is_denied_after_rewriting_is_denied(installed):
    ran = installed.create("quay.io/evil/miner:1")
    assert ran.returncode == 1
    assert 'admission webhook "rewrite.images.pratique.dev" denied the request: ' in ran.stderr


def test_our_own_pods_are_as_the_chart_says(installed):
    """No policy here allows our own image, and rollouts go on all the same."""
    installed.kubectl("rollout", "restart", "deployment/pratique")
    installed.rolled_out()
    pods = installed.cluster.api("GET", f"/api/v1/namespaces/{NAMESPACE}/pods")["items"]
    assert {pod["spec"]["containers"][0]["image"] for pod in pods} == {"ghcr.io/pratique-dev/pratique:0.1.0"}


def test_one_replica_may_be_evicted_at_a_time(installed):
    """The PodDisruptionBudget, as a node's drain meets it."""
    cluster = installed.cluster
    budget = f"/apis/policy/v1/namespaces/{NAMESPACE}/poddisruptionbudgets/pratique"
    wait_until(lambda: cluster.api("GET", budget).get("status", {}).get("disruptionsAllowed") == 1, "the budget",
               DEADLINE)
    first, second, _ = sorted(installed.pods())

    def evict(name):
        return cluster.create(f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/eviction", {
            "apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": NAMESPACE}})
    evict(first)
    with pytest.raises(Failure) as failure:
        evict(second)
    assert failure.value.code == 429
    wait_until(lambda: first not in installed.pods(), "the first gone", DEADLINE)
    installed.rolled_out()
    wait_until(lambda: cluster.api("GET", budget)["status"]["disruptionsAllowed"] == 1, "the next's turn", DEADLINE)
