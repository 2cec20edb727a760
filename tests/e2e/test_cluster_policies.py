"""Policies that are custom resources, enforced: the product as its chart installs it, before a real API server."""
import json
import urllib.request

import pytest

from cluster import DEADLINE, wait_until
from installed import Installed
from test_crds import API, policy

BASE = policy({"rules": [{"name": "trusted", "allow": ["registry.example.com"]}]}, name="base")
NO_LATEST = {"rules": [{"name": "no-latest", "deny": ["**:latest"]}]}


@pytest.fixture(scope="module")
def live(clusters):
    """Installed without a policy in a file. Everything is denied until there is one."""
    installed = Installed(clusters(), {"policies": {}, "customResources": {"enabled": True}, "defaultPolicy": False},
                          wait=False)
    installed.rolled_out()
    wait_until(lambda: "no policy covers this image" in installed.create("registry.example.com/x:1").stderr,
               "everything denied", DEADLINE)
    apply(installed, BASE)
    wait_until(lambda: installed.create("registry.example.com/x:1").returncode == 0, "a policy in use", DEADLINE)
    yield installed
    installed.stop()


def apply(installed, *objects, user="admin", check=True):
    return installed.cluster.kubectl("apply", "-f", "-", user=user, check=check, input=json.dumps(
        {"apiVersion": "v1", "kind": "List", "items": list(objects)}))


def path(made):
    plural = {"ClusterImagePolicy": "clusterimagepolicies", "ImagePolicy": "imagepolicies",
              "ImagePolicyException": "imagepolicyexceptions"}[made["kind"]]
    namespace = made["metadata"].get("namespace")
    return f"{API}{'/namespaces/' + namespace if namespace else ''}/{plural}/{made['metadata']['name']}"


def ready(installed, made, status="True"):
    """The condition Ready of what the API server has, once it is about its newest generation and has this status."""
    def told():
        one = installed.cluster.api("GET", path(made))
        [condition] = [c for c in one.get("status", {}).get("conditions", []) if c["type"] == "Ready"] or [None]
        if condition and condition["observedGeneration"] == one["metadata"]["generation"]:
            return condition if condition["status"] == status else None
        return None
    return wait_until(told, f"{path(made)} with Ready {status}", DEADLINE)


def test_a_policy_holds_until_it_is_gone(live):
    namespace = live.cluster.namespace()
    tight = policy(NO_LATEST, name="tight")
    apply(live, tight)
    live.everywhere("registry.example.com/x:latest", namespace, "policy tight, rule no-latest")
    said = ready(live, tight)
    assert (said["reason"], said["message"]) == ("Loaded", "in use")
    row = live.cluster.kubectl("get", "cimgpol", "tight", "--no-headers").stdout.split()
    assert row[:4] == ["tight", "enforce", "1", "True"]
    live.cluster.kubectl("delete", "cimgpol", "tight")
    live.everywhere("registry.example.com/x:latest", namespace)


def test_a_policy_of_a_namespace_tightens_it_alone(live):
    namespace, other = live.cluster.namespace(), live.cluster.namespace()
    team = policy(NO_LATEST, "ImagePolicy", "team", namespace)
    apply(live, team)
    live.everywhere("registry.example.com/x:latest", namespace, "policy team, rule no-latest")
    assert live.create("registry.example.com/x:latest", other).returncode == 0
    wide = policy({"rules": [{"name": "all", "allow": ["**"]}]}, "ImagePolicy", "wide", namespace)
    apply(live, wide)
    ready(live, wide)
    assert "policy base, rule trusted" in live.create("evil.example.net/x:1", namespace).stderr


def test_an_exception_excuses_until_it_ends(live):
    namespace = live.cluster.namespace()
    excuse = policy({"policies": ["base"], "images": ["docker.io/library/busybox"], "namespaces": [namespace],
                     "until": "2099-01-01T00:00:00Z", "reason": "debugging"}, "ImagePolicyException", "debug")
    apply(live, excuse)
    live.everywhere("busybox:1", namespace)
    assert ready(live, excuse)["message"] == "in use until 2099-01-01T00:00:00Z"
    excuse["spec"]["until"] = "2020-01-01T00:00:00Z"
    apply(live, excuse)
    live.everywhere("busybox:1", namespace, "policy base, rule trusted")
    said = ready(live, excuse, "False")
    assert said["reason"] == "Ended"
    live.cluster.kubectl("delete", "imgpolex", "debug")


def test_namespace_selectors_see_labels_change(live):
    namespace = live.cluster.namespace(labels={"stage": "test"})
    production = policy({"match": {"namespaceSelector": {"matchLabels": {"stage": "production"}}}, **NO_LATEST},
                        name="production")
    apply(live, production)
    ready(live, production)
    live.everywhere("registry.example.com/x:latest", namespace)
    live.cluster.kubectl("label", "namespace", namespace, "stage=production", "--overwrite")
    live.everywhere("registry.example.com/x:latest", namespace, "policy production, rule no-latest")
    live.cluster.kubectl("label", "namespace", namespace, "stage-")
    live.everywhere("registry.example.com/x:latest", namespace)
    live.cluster.kubectl("delete", "cimgpol", "production")


def past_the_webhook(live, *objects):
    """Store what the webhook would refuse, as one does who may take its registration away."""
    name = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/pratique-policies"
    kept = live.cluster.api("GET", name)
    live.cluster.api("DELETE", name)
    try:
        wait_until(lambda: apply(live, *objects, check=False).returncode == 0, "stored", DEADLINE)
    finally:
        for field in ("resourceVersion", "uid", "creationTimestamp", "managedFields"):
            kept["metadata"].pop(field, None)
        live.cluster.create(name.rsplit("/", 1)[0], kept)


TYPO = {"rules": [{"name": "no-latest", "deny": ["**:latest"], "mesage": "Ask us."}]}


def test_a_broken_policy_of_a_namespace_closes_that_namespace(live):
    namespace, other = live.cluster.namespace(), live.cluster.namespace()
    broken = policy(TYPO, "ImagePolicy", "team", namespace)
    past_the_webhook(live, broken)
    live.everywhere("registry.example.com/x:1", namespace,
                    "this policy is broken, so nothing is admitted in its namespace")
    assert live.create("registry.example.com/x:1", other).returncode == 0
    said = ready(live, broken, "False")
    assert said["reason"] == "Invalid"
    assert 'unknown field "mesage" (did you mean "message"?)' in said["message"]
    live.cluster.kubectl("delete", "imgpol", "team", namespace=namespace)
    live.everywhere("registry.example.com/x:1", namespace)


def tells_of_an_error(pod):
    """It is ready, by what it had before."""
    with urllib.request.urlopen(f"http://{pod.address}:8080/readyz") as answer:
        detail = json.load(answer)["checks"]["policies"]
    return detail["ok"] and not detail["fresh"] and "1 error" in detail["detail"]


def test_a_broken_policy_of_the_cluster_leaves_what_was_in_use(live):
    namespace = live.cluster.namespace()
    broken, later = policy(TYPO, name="broken"), policy(NO_LATEST, name="later")
    past_the_webhook(live, broken)
    said = ready(live, broken, "False")
    assert said["reason"] == "Invalid"
    apply(live, later)
    said = ready(live, later, "False")
    assert said["reason"] == "Waiting"
    assert "ClusterImagePolicy broken: spec.rules[0].mesage" in said["message"]
    ready(live, BASE)
    assert "policy base, rule trusted" in live.create("evil.example.net/x:1", namespace).stderr
    for pod in live.pods().values():
        wait_until(lambda: tells_of_an_error(pod), f"{pod.name} tells of the error", DEADLINE)
    live.cluster.kubectl("delete", "cimgpol", "broken")
    live.everywhere("registry.example.com/x:latest", namespace, "policy later, rule no-latest")
    ready(live, later)
    live.cluster.kubectl("delete", "cimgpol", "later")


def test_counts_of_all_replicas_come_together(live):
    namespace = live.cluster.namespace()
    counted = policy({"mode": "warn", "match": {"namespaces": [namespace]}, **NO_LATEST}, name="counted")
    apply(live, counted)
    ready(live, counted)
    live.everywhere("registry.example.com/x:latest", namespace, warned="policy counted, rule no-latest")
    for number in range(6):  # dry runs do not count
        made = live.cluster.kubectl("run", f"p{number}", "--image", "registry.example.com/x:latest",
                                    namespace=namespace)
        assert "policy counted, rule no-latest" in made.stderr
    def told():
        status = live.cluster.api("GET", path(counted))["status"]
        return (status.get("judged"), status.get("warned"), status.get("denied")) == (6, 6, None)
    wait_until(told, "six images counted", 3 * DEADLINE)
    live.cluster.kubectl("delete", "cimgpol", "counted")
