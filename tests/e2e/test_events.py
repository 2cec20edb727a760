"""Events of denials, as a real API server takes them and people find them by kubectl."""
import json
import re

import pytest

from cluster import Failure, wait_until
from webhooks import NAMESPACE, Replicas, register, webhook

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: baseline}
spec:
  rules: [{name: trusted-registries, allow: [registry.example.com]}]
---
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: old-versions}
spec:
  mode: warn
  rules: [{name: no-version-0, deny: ["**:0.*"]}]
"""
GOOD, OLD, BAD = "registry.example.com/shop/web:1.0", "registry.example.com/shop/web:0.9", "evil.example.net/miner:1.0"
MESSAGE = ('spec.containers[0].image "evil.example.net/miner:1.0": policy baseline, rule trusted-registries: registry '
           'evil.example.net is not among those allowed: registry.example.com; use an image that one of these matches')
LOSING = "denials are not told by Events; reviews go on"
RIGHTS = [{"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]}]


def account(cluster, name, rules):
    """The kubeconfig of a service account with these rights in the whole cluster."""
    api = {"apiVersion": "rbac.authorization.k8s.io/v1"}
    cluster.kubectl("apply", "--server-side", "-f", "-", input=[
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": NAMESPACE}},
        {**api, "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules},
        {**api, "kind": "ClusterRoleBinding", "metadata": {"name": name},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
         "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": NAMESPACE}]}])
    answer = cluster.create(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{name}/token", {
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
    kubeconfig = json.loads(cluster.kubeconfig("admin").read_text())
    kubeconfig["users"][0]["user"]["token"] = answer["status"]["token"]
    path = cluster.folder / (name + "-account.kubeconfig")
    path.write_text(json.dumps(kubeconfig))
    return str(path)


@pytest.fixture(scope="module")
def replica(cluster, tmp_path_factory):
    """One, that is asked for Pods alone: so there are Deployments whose Pods are denied."""
    if not cluster.exists("/api/v1/namespaces/" + NAMESPACE):
        cluster.namespace(NAMESPACE)
    events = {"kubeconfig": account(cluster, "eventful", RIGHTS), "events": {}}
    replicas = Replicas(cluster, tmp_path_factory.mktemp("replicas"), count=1, policy=POLICY, kubernetes=events,
                        environment={"POD_NAME": "pratique-0"})
    register(cluster, [webhook(replicas.ca, rules=[("", "v1", ["pods", "pods/ephemeralcontainers"])],
                               sideEffects="NoneOnDryRun")])
    wait_until(lambda: cluster.kubectl("create", "deployment", "web", "--image", BAD, "--dry-run=server",
                                       check=False).returncode == 0, "Deployments let through")
    yield replicas.all[0]
    replicas.stop()


@pytest.fixture
def configured(replica):
    """Run it with other settings of `kubernetes` for a while."""
    before = replica.configuration["kubernetes"]

    def use(**kubernetes):
        replica.stop()
        replica.configuration["kubernetes"] = {**before, **kubernetes}
        return replica.start()
    yield use
    use()


def pod(image, name="web", **metadata):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **metadata},
            "spec": {"containers": [{"name": "web", "image": image}]}}


def denied(cluster, namespace, body, query=""):
    with pytest.raises(Failure) as failure:
        cluster.create(f"/api/v1/namespaces/{namespace}/pods{query}", body)
    assert failure.value.code == 403 and "denied the request" in failure.value.status["message"], failure.value
    return failure.value.status["message"]


def events(cluster, namespace):
    """Ours in a namespace, the oldest first."""
    items = cluster.api("GET", f"/apis/events.k8s.io/v1/namespaces/{namespace}/events")["items"]
    return sorted((one for one in items if one["reportingController"] == "pratique.dev/admission"),
                  key=lambda one: one["eventTime"])


def wait_for_events(cluster, namespace, n=1):
    return wait_until(lambda: len(found := events(cluster, namespace)) >= n and found, f"{n} Events")


def test_a_deployment_whose_pods_are_denied(cluster, namespace, replica):
    """kubectl shows it at the ReplicaSet, which is what could not make them."""
    cluster.kubectl("create", "deployment", "web", "--image", BAD, namespace=namespace)
    [event] = wait_for_events(cluster, namespace)
    [owner] = cluster.api("GET", f"/apis/apps/v1/namespaces/{namespace}/replicasets")["items"]
    name = owner["metadata"]["name"]
    assert re.fullmatch(re.escape(name) + r"\.[0-9a-f]{16}", event["metadata"]["name"])
    assert event["regarding"] == {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": name, "namespace": namespace,
                                  "uid": owner["metadata"]["uid"]}
    assert (event["type"], event["reason"], event["action"]) == ("Warning", "ImageDenied", "Deny")
    assert event["note"] == f"{MESSAGE} (Pod {name}-)"
    assert event["reportingInstance"] == "pratique-0"
    # The controller tries again and again: that is one series.
    wait_until(lambda: events(cluster, namespace)[0].get("series", {}).get("count", 0) >= 3, "a series")
    assert len(events(cluster, namespace)) == 1
    described = cluster.kubectl("describe", "replicaset", name, namespace=namespace).stdout
    assert re.search(r"Warning +ImageDenied .*pratique\.dev/admission", described), described
    assert MESSAGE in described
    listed = cluster.kubectl("events", "--for", "replicaset/" + name, namespace=namespace).stdout
    assert re.search(r"\(x\d+ over .*\) +Warning +ImageDenied +ReplicaSet/" + name, listed), listed


def test_a_bare_pod(cluster, namespace, replica):
    """It does not exist, so its namespace is what there is to look at."""
    denied(cluster, namespace, pod(BAD))
    [event] = wait_for_events(cluster, namespace)
    assert event["regarding"] == {"apiVersion": "v1", "kind": "Namespace", "name": namespace, "namespace": namespace}
    assert event["note"] == MESSAGE + " (Pod web)"
    for arguments in (("events",), ("events", "--for", "namespace/" + namespace), ("get", "events")):
        shown = cluster.kubectl(*arguments, namespace=namespace).stdout
        assert re.search(rf"Warning +ImageDenied +Namespace/{namespace} .*evil\.example\.net", shown, re.I), shown


def test_what_exists_is_regarded_itself(cluster, namespace, replica):
    made = cluster.create(f"/api/v1/namespaces/{namespace}/pods", pod(GOOD))
    ran = cluster.kubectl("set", "image", "pod/web", "web=" + BAD, namespace=namespace, check=False)
    assert ran.returncode == 1 and MESSAGE in ran.stderr
    [event] = wait_for_events(cluster, namespace)
    assert event["regarding"] == {"apiVersion": "v1", "kind": "Pod", "name": "web", "namespace": namespace,
                                  "uid": made["metadata"]["uid"]}
    described = cluster.kubectl("describe", "pod", "web", namespace=namespace).stdout
    assert re.search(r"Warning +ImageDenied", described) and MESSAGE in described
    ran = cluster.kubectl("debug", "web", "--image", BAD, namespace=namespace, check=False)
    assert ran.returncode == 1
    assert wait_for_events(cluster, namespace, 2)[1]["regarding"] == event["regarding"]


def test_dash0_operator_1293_gatekeeper_2345_dry_run(cluster, namespace, replica):
    """Nothing is written for a dry run, though it is denied."""
    denied(cluster, namespace, pod(BAD, "dry"), "?dryRun=All")
    ran = cluster.kubectl("run", "dry", "--image", BAD, "--dry-run=server", namespace=namespace, check=False)
    assert ran.returncode == 1
    denied(cluster, namespace, pod(BAD, "wet"))
    [event] = wait_for_events(cluster, namespace)
    assert event["note"].endswith("(Pod wet)")


def test_warnings(cluster, namespace, configured):
    """None by default; where they are configured, at the owner too."""
    replica = configured(events={"warnings": True})
    cluster.create(f"/api/v1/namespaces/{namespace}/pods", pod(OLD))
    [event] = wait_for_events(cluster, namespace)
    assert (event["reason"], event["action"], event["type"]) == ("ImageWarned", "Warn", "Warning")
    assert "policy old-versions, rule no-version-0" in event["note"]
    replica = configured()
    cluster.create(f"/api/v1/namespaces/{namespace}/pods", pod(OLD, "again"))
    denied(cluster, namespace, pod(BAD, "bad"))
    assert [one["reason"] for one in wait_for_events(cluster, namespace, 2)] == ["ImageWarned", "ImageDenied"]
    replica.stop()
    replica.start()
    assert len(events(cluster, namespace)) == 2


def test_kyverno_9197_a_flood(cluster, namespace, configured):
    """A thousand denials of one Pod are one Event; a hundred of others are a namespace's share. Another namespace has
    its own."""
    replica = configured()
    for _ in range(10):
        cluster.kubectl("create", "-f", "-", input=[pod(BAD)] * 100, namespace=namespace, check=False)
    wait_until(lambda: events(cluster, namespace)[0].get("series", {}).get("count") == 1000, "the series")
    assert len(events(cluster, namespace)) == 1
    cluster.kubectl("create", "-f", "-", input=[pod(f"{BAD}-{n}") for n in range(100)], namespace=namespace, check=False)
    wait_until(lambda: replica.metric('pratique_events_lost_total{reason="rate"}') >= 75, "what is lost")
    made = len(events(cluster, namespace))
    assert 25 <= made <= 25 + 2  # one more each minute
    [event] = replica.events(LOSING)
    assert (event["level"], event["reason"]) == ("warning", "rate")
    assert event["error"] == f"namespace {namespace}: as many were made as may be"
    other = cluster.namespace()
    denied(cluster, other, pod(BAD))
    wait_for_events(cluster, other)


def test_kyverno_10020_a_namespace_that_is_being_deleted(cluster, configured):
    """Its API server takes no Event any more: it is asked once for each, and told once."""
    replica = configured()
    going = cluster.namespace()
    cluster.create(f"/api/v1/namespaces/{going}/pods", pod(GOOD, finalizers=["example.com/hold"]))
    cluster.kubectl("delete", "namespace", going, "--wait=false")
    wait_until(lambda: cluster.api("GET", "/api/v1/namespaces/" + going)["status"]["phase"] == "Terminating", "its end")
    before = len(cluster.audit())
    for _ in range(3):
        ran = cluster.kubectl("debug", "web", "--image", BAD, namespace=going, check=False)
        assert ran.returncode == 1 and "evil.example.net" in ran.stderr, ran.stderr
    wait_until(lambda: replica.metric('pratique_events_lost_total{reason="forbidden"}') == 3, "what is lost")
    [event] = replica.events(LOSING)
    assert event["reason"] == "forbidden" and "because it is being terminated" in event["error"]
    asked = [one for one in cluster.audit()[before:] if one.get("objectRef", {}).get("resource") == "events" and
             one["user"]["username"].endswith(":eventful") and one["stage"] == "ResponseComplete"]
    assert len(asked) == 3
    cluster.api("PATCH", f"/api/v1/namespaces/{going}/pods/web", {"metadata": {"finalizers": None}},
                content_type="application/merge-patch+json")


def test_without_the_right(cluster, namespace, configured):
    """Counted, told once, and no review waits for it."""
    replica = configured(kubeconfig=account(cluster, "uneventful", []))
    for n in range(3):
        assert MESSAGE in denied(cluster, namespace, pod(BAD, f"web-{n}"))
    wait_until(lambda: replica.metric('pratique_events_lost_total{reason="forbidden"}') == 3, "what is lost")
    [event] = replica.events(LOSING)
    assert (event["level"], event["reason"]) == ("error", "forbidden") and "cannot create resource" in event["error"]
    assert not events(cluster, namespace)


def test_gatekeeper_2360_owners_that_an_author_makes_up(cluster, namespace, replica):
    """An Event stands in the namespace of what was reviewed, and says nothing of what is cluster-scoped or elsewhere."""
    other = cluster.namespace()
    [theirs] = [one for one in cluster.api("GET", f"/api/v1/namespaces/{other}/serviceaccounts")["items"]
                if one["metadata"]["name"] == "default"]
    node = {"apiVersion": "v1", "kind": "Node", "name": "one", "uid": "one", "controller": True}
    elsewhere = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": theirs["metadata"]["uid"],
                 "controller": True}
    plain = {**elsewhere, "controller": False}
    for owner in (node, elsewhere, plain):
        denied(cluster, namespace, pod(BAD, owner["name"] + "-" + owner["kind"].lower(), ownerReferences=[owner]))
    found = wait_for_events(cluster, namespace, 3)
    assert [one["regarding"]["kind"] for one in found] == ["Namespace", "Deployment", "Namespace"]
    assert {one["regarding"]["namespace"] for one in found} == {one["metadata"]["namespace"] for one in found} == {
        namespace}
    assert not events(cluster, other) and not events(cluster, "default")


def test_hostile_text(cluster, namespace, replica):
    """It is text, and steers no terminal."""
    image = 'evil.example.net/\u001b[31m"},"type":"Normal\r\n\u202ex'
    denied(cluster, namespace, pod(image))
    [event] = wait_for_events(cluster, namespace)
    assert event["type"] == "Warning" and "evil.example.net/" in event["note"]
    assert not re.search("[\u0000-\u0009\u000b-\u001f\u202e]", event["note"])


def test_a_long_message(cluster, namespace, replica):
    """Of a thousand bytes and a bit, what fits is told."""
    body = pod(BAD)
    body["spec"]["containers"] = [{"name": f"c{n}", "image": f"evil.example.net/{'ж' * 100}:{n}"} for n in range(20)]
    denied(cluster, namespace, body)
    [event] = wait_for_events(cluster, namespace)
    size = len(event["note"].encode())
    assert 1020 <= size <= 1024 and event["note"].startswith("20 images denied:\nspec.containers[0].image ")
    assert event["note"].endswith("… (Pod web)")


def test_all_was_decided(replica):
    """Whatever became of Events, each review had its verdict."""
    assert replica.metric('pratique_reviews_total{endpoint="/validate",verdict="error"}') == 0
