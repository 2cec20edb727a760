"""What people meet in kubectl when a real API server asks: every kind of workload, every way to change one."""
import json

import pytest

from cluster import wait_until
from webhooks import Replicas

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: baseline}
spec:
  rules:
    - name: trusted-registries
      allow: [registry.example.com]
    - name: no-latest
      deny: ["**:latest"]
---
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: old-versions}
spec:
  mode: warn
  rules:
    - name: no-version-0
      deny: ["**:0.*"]
"""

GOOD, BETTER = "registry.example.com/shop/web:1.0", "registry.example.com/shop/web:1.1"
OLD, BAD = "registry.example.com/shop/web:0.9", "evil.example.net/miner:1.0"
REASON = ('{path} "evil.example.net/miner:1.0": policy baseline, rule trusted-registries: registry '
          'evil.example.net is not among those allowed: registry.example.com; use an image that one of these matches')
TOO_OLD = ('spec.containers[0].image "registry.example.com/shop/web:0.9": policy old-versions, rule no-version-0: '
           'tag "0.9" is not allowed by the pattern "**:0.*"; use another tag or a digest')


@pytest.fixture(scope="module", autouse=True)
def replicas(cluster, tmp_path_factory):
    replicas = Replicas(cluster, tmp_path_factory.mktemp("replicas"), policy=POLICY)
    yield replicas
    replicas.stop()


def pod_spec(image, **more):
    return {"containers": [{"name": "web", "image": image}], **more}


def template(image, **more):
    return {"metadata": {"labels": {"app": "web"}}, "spec": pod_spec(image, **more)}


SELECTOR = {"matchLabels": {"app": "web"}}

# kind: API version, spec by image, path of the image
KINDS = {
    "Pod": ("v1", lambda image: pod_spec(image), "spec"),
    "Deployment": ("apps/v1", lambda image: {"selector": SELECTOR, "template": template(image)}, "spec.template.spec"),
    "ReplicaSet": ("apps/v1", lambda image: {"selector": SELECTOR, "template": template(image)}, "spec.template.spec"),
    "StatefulSet": ("apps/v1", lambda image: {"selector": SELECTOR, "serviceName": "web",
                                              "template": template(image)}, "spec.template.spec"),
    "DaemonSet": ("apps/v1", lambda image: {"selector": SELECTOR, "template": template(image)}, "spec.template.spec"),
    "ReplicationController": ("v1", lambda image: {"template": template(image)}, "spec.template.spec"),
    "Job": ("batch/v1", lambda image: {"template": template(image, restartPolicy="Never")}, "spec.template.spec"),
    "CronJob": ("batch/v1", lambda image: {"schedule": "0 3 * * *", "jobTemplate": {"spec": {
        "template": template(image, restartPolicy="Never")}}}, "spec.jobTemplate.spec.template.spec"),
}


def workload(kind, image, name="web"):
    version, spec, _ = KINDS[kind]
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": {"app": "web"}},
            "spec": spec(image)}


def denial(text):
    return f'admission webhook "images.pratique.dev" denied the request: {text}\n'


def reason(path):
    return REASON.format(path=path)


@pytest.mark.parametrize("kind", KINDS)
def test_create(cluster, namespace, kind):
    denied = cluster.kubectl("create", "-f", "-", input=workload(kind, BAD), namespace=namespace, check=False)
    path = KINDS[kind][2] + ".containers[0].image"
    assert (denied.returncode, denied.stdout) == (1, "")
    assert denied.stderr == 'Error from server (Forbidden): error when creating "STDIN": ' + denial(reason(path))
    created = cluster.kubectl("create", "-f", "-", input=workload(kind, GOOD), namespace=namespace)
    assert created.stdout.endswith("/web created\n") and created.stderr == ""


def test_pod_template(cluster, namespace):
    body = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "web"}, "template": template(BAD)}
    denied = cluster.kubectl("create", "-f", "-", input=body, namespace=namespace, check=False)
    assert reason("template.spec.containers[0].image") in denied.stderr


def test_run_and_set_image(cluster, namespace):
    denied = cluster.kubectl("run", "web", "--image", BAD, namespace=namespace, check=False)
    assert denied.stderr == "Error from server (Forbidden): " + denial(reason("spec.containers[0].image"))
    cluster.kubectl("run", "web", "--image", GOOD, namespace=namespace)
    denied = cluster.kubectl("set", "image", "pod/web", "web=" + BAD, namespace=namespace, check=False)
    assert denied.returncode == 1
    assert denied.stderr == "error: failed to patch image update to pod template: " + denial(
        reason("spec.containers[0].image"))
    cluster.kubectl("set", "image", "pod/web", "web=" + BETTER, namespace=namespace)


def test_every_image_of_a_pod(cluster, namespace):
    body = workload("Pod", BAD)
    body["spec"]["initContainers"] = [{"name": "init", "image": "nginx"}]
    body["spec"]["volumes"] = [{"name": "data", "image": {"reference": "evil.example.net/data:1"}}]
    denied = cluster.kubectl("create", "-f", "-", input=body, namespace=namespace, check=False).stderr
    assert 'spec.initContainers[0].image "nginx"' in denied
    assert 'spec.containers[0].image "evil.example.net/miner:1.0"' in denied
    assert 'spec.volumes[0].image.reference "evil.example.net/data:1"' in denied


def test_debug_container(cluster, namespace):
    """CVE-2023-2727 of the API server's own plugin: ephemeral containers were not asked about."""
    cluster.kubectl("run", "web", "--image", GOOD, namespace=namespace)
    denied = cluster.kubectl("debug", "web", "--image", BAD, "-c", "debugger", "--attach=false",
                             namespace=namespace, check=False)
    assert denied.returncode == 1
    assert reason("spec.ephemeralContainers[0].image") in denied.stderr
    pod = json.loads(cluster.kubectl("get", "pod", "web", "-o", "json", namespace=namespace).stdout)
    assert "ephemeralContainers" not in pod["spec"]
    cluster.kubectl("debug", "web", "--image", BETTER, "-c", "debugger", "--attach=false", namespace=namespace)
    pod = json.loads(cluster.kubectl("get", "pod", "web", "-o", "json", namespace=namespace).stdout)
    assert [one["image"] for one in pod["spec"]["ephemeralContainers"]] == [BETTER]


def test_debug_by_copy(cluster, namespace):
    cluster.kubectl("run", "web", "--image", GOOD, namespace=namespace)
    denied = cluster.kubectl("debug", "web", "--copy-to=copy", "--set-image=web=" + BAD, "--attach=false",
                             "--image", BETTER, namespace=namespace, check=False)
    assert denied.returncode == 1 and reason("spec.containers[0].image") in denied.stderr


def test_server_side_apply(cluster, namespace):
    apply = ("apply", "--server-side", "-f", "-")
    cluster.kubectl(*apply, input=workload("Deployment", GOOD), namespace=namespace)
    denied = cluster.kubectl(*apply, input=workload("Deployment", BAD), namespace=namespace, check=False)
    assert denied.stderr == "Error from server (Forbidden): " + denial(reason("spec.template.spec.containers[0].image"))


def test_apply_and_patch(cluster, namespace):
    cluster.kubectl("apply", "-f", "-", input=workload("Deployment", GOOD), namespace=namespace)
    denied = cluster.kubectl("apply", "-f", "-", input=workload("Deployment", BAD), namespace=namespace, check=False)
    assert denied.returncode == 1 and reason("spec.template.spec.containers[0].image") in denied.stderr
    for patch in ({"spec": {"template": {"spec": {"containers": [{"name": "web", "image": BAD}]}}}},
                  {"spec": {"template": {"spec": {"initContainers": [{"name": "init", "image": BAD}]}}}}):
        denied = cluster.kubectl("patch", "deployment", "web", "-p", json.dumps(patch), namespace=namespace,
                                 check=False)
        assert denied.returncode == 1 and BAD in denied.stderr


def test_dry_run_stores_and_tells_the_same(cluster, namespace):
    denied = cluster.kubectl("create", "--dry-run=server", "-f", "-", input=workload("Pod", BAD),
                             namespace=namespace, check=False)
    assert reason("spec.containers[0].image") in denied.stderr
    allowed = cluster.kubectl("create", "--dry-run=server", "-f", "-", input=workload("Pod", GOOD),
                              namespace=namespace)
    assert allowed.stdout == "pod/web created (server dry run)\n"
    assert cluster.kubectl("get", "pods", namespace=namespace).stdout == ""


def test_warning(cluster, namespace):
    warned = cluster.kubectl("run", "web", "--image", OLD, namespace=namespace)
    assert warned.stdout == "pod/web created\n"
    assert warned.stderr == f"Warning: {TOO_OLD}\n"


def test_rollback_to_what_is_forbidden(cluster, namespace, replicas):
    """What was admitted under an older policy does not come back under the newer."""
    apply = ("apply", "-f", "-")
    cluster.kubectl(*apply, input=workload("Deployment", OLD), namespace=namespace)
    cluster.kubectl("rollout", "history", "deployment/web", namespace=namespace)
    wait_until(lambda: len(replica_sets(cluster, namespace)) == 1, "the first ReplicaSet")
    cluster.kubectl(*apply, input=workload("Deployment", GOOD), namespace=namespace)
    wait_until(lambda: len(replica_sets(cluster, namespace)) == 2, "the second ReplicaSet")
    with other_policy(replicas, POLICY.replace("mode: warn", "mode: enforce")):
        denied = cluster.kubectl("rollout", "undo", "deployment/web", namespace=namespace, check=False)
        assert denied.returncode == 1 and 'rule no-version-0: tag "0.9" is not allowed by' in denied.stderr
        # an unchanged image does not stop a scale, a label or a restart
        cluster.kubectl("scale", "deployment/web", "--replicas=2", namespace=namespace)
        cluster.kubectl("label", "deployment/web", "team=shop", namespace=namespace)
        cluster.kubectl("rollout", "restart", "deployment/web", namespace=namespace)


def test_pods_of_a_deployment_are_denied_where_people_look(cluster, namespace, replicas):
    cluster.kubectl("create", "-f", "-", input=workload("Deployment", OLD), namespace=namespace)
    wait_until(lambda: pods(cluster, namespace), "its Pod")
    with other_policy(replicas, POLICY.replace("mode: warn", "mode: enforce")):
        cluster.kubectl("scale", "deployment/web", "--replicas=2", namespace=namespace)
        event = wait_until(lambda: failed_create(cluster, namespace), "the event of the ReplicaSet")
        described = cluster.kubectl("describe", "replicaset", "-l", "app=web", namespace=namespace).stdout
    assert event["message"] == "Error creating: " + denial(TOO_OLD).rstrip("\n")
    assert event["involvedObject"]["kind"] == "ReplicaSet"
    assert "FailedCreate" in described and TOO_OLD in described


def replica_sets(cluster, namespace):
    return cluster.api("GET", f"/apis/apps/v1/namespaces/{namespace}/replicasets")["items"]


def pods(cluster, namespace):
    return cluster.api("GET", f"/api/v1/namespaces/{namespace}/pods")["items"]


def failed_create(cluster, namespace):
    events = cluster.api("GET", f"/api/v1/namespaces/{namespace}/events")["items"]
    return next((event for event in events if event["reason"] == "FailedCreate"), None)


class other_policy:
    """Another policy in every replica, for a while."""

    def __init__(self, replicas, text):
        self.replicas, self.text = replicas, text

    def _write(self, text):
        loaded = [len(replica.events("policies loaded")) for replica in self.replicas.all]
        for replica in self.replicas.all:
            replica.write_policy(text)
        for replica, before in zip(self.replicas.all, loaded):
            wait_until(lambda: len(replica.events("policies loaded")) > before, "the policy loaded")

    def __enter__(self):
        self._write(self.text)

    def __exit__(self, *failure):
        self._write(POLICY)


# -- custom kinds and namespaces --

ROLLOUTS = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "rollouts.example.com"},
    "spec": {"group": "example.com", "scope": "Namespaced",
             "names": {"kind": "Rollout", "plural": "rollouts", "singular": "rollout"},
             "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                 "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}


def test_custom_kind(cluster, namespace, replicas):
    from webhooks import RULES, register, webhook
    cluster.kubectl("create", "-f", "-", input=ROLLOUTS)
    cluster.kubectl("wait", "--for=condition=Established", "crd/rollouts.example.com")
    register(cluster, [webhook(replicas.ca, rules=[*RULES, ("example.com", "*", ["rollouts"])])])
    body = {"apiVersion": "example.com/v1", "kind": "Rollout", "metadata": {"name": "web"},
            "spec": {"template": template(BAD)}}

    def denied():
        ran = cluster.kubectl("create", "--dry-run=server", "-f", "-", input=body, namespace=namespace, check=False)
        return reason("spec.template.spec.containers[0].image") in ran.stderr
    wait_until(denied, "the custom kind asked about")
    body["spec"]["template"] = template(GOOD)
    cluster.kubectl("create", "-f", "-", input=body, namespace=namespace)


def test_namespaces_with_and_without_labels(cluster):
    for labels in ({}, {"pratique.dev/ignore": "true", "control-plane": "x", "admission.gatekeeper.sh/ignore": "y"}):
        namespace = cluster.namespace(labels=labels)
        assert cluster.kubectl("run", "web", "--image", BAD, namespace=namespace, check=False).returncode == 1
    assert cluster.kubectl("run", "web", "--image", BAD, namespace="kube-system", check=False).returncode == 1
