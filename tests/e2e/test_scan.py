"""What runs already, judged in the background against a real API server: the reports as kubectl gives them back, what
changes them, what they are left alone by, and what happens where they cannot be written. docs/reports.md."""
import json

import pytest

from cluster import DEADLINE, wait_until
from objects import meta, path, pod, pod_spec, workload
from scanned import KINDS, Scanners, define, reports, uid_of

GOOD, BAD = "registry.example.com/web:1.0", "evil.example.net/miner:1.0"
ENFORCED = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: baseline}
spec:
  rules:
    - name: trusted-registries
      allow: [registry.example.com, evil.example.net]
"""
WARNED = """\
---
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: next-month}
spec:
  mode: %s
  rules:
    - name: no-strangers
      allow: [registry.example.com]
"""
MESSAGE = ('spec.containers[0].image "evil.example.net/miner:1.0": policy next-month, rule no-strangers: registry '
           'evil.example.net is not among those allowed: registry.example.com; use an image that one of these matches')


@pytest.fixture(scope="module")
def cluster(clusters):
    cluster = clusters()
    define(cluster)
    return cluster


@pytest.fixture(scope="module")
def scanners(cluster, tmp_path_factory):
    scanners = Scanners(cluster, tmp_path_factory.mktemp("scanners"), interval="10s")
    scanners.policies(ENFORCED + WARNED % "warn")
    scanners.start()
    yield scanners
    scanners.stop()


@pytest.fixture
def namespace(cluster):
    return cluster.namespace()


@pytest.fixture(autouse=True)
def as_it_was(scanners):
    """The first policies for each test, and no other."""
    yield
    scanners.again(ENFORCED + WARNED % "warn")


def create(cluster, namespace, *objects):
    for one in objects:
        cluster.kubectl("create", "-f", "-", input=one, namespace=namespace)


def wait_for(cluster, namespace, wanted, plural="policyreports"):
    """Wait until reports are about these objects and no others, and return them."""
    wait_until(lambda: set(reports(cluster, plural, namespace)) == set(wanted), f"reports of {wanted}", DEADLINE)
    return reports(cluster, plural, namespace)


def without_times(report):
    report = json.loads(json.dumps(report))
    for result in report["results"]:
        assert set(result.pop("timestamp")) == {"seconds", "nanos"}
    return report


@pytest.mark.parametrize("plural", KINDS)
def test_kyverno_10239_a_policy_in_mode_warn_shows_what_it_would_deny(cluster, scanners, namespace, plural):
    """The whole report, as it is read back."""
    create(cluster, namespace, pod(BAD, "miner"), pod(GOOD, "web"))
    report = without_times(wait_for(cluster, namespace, {("Pod", "miner")}, plural)[("Pod", "miner")])
    uid = uid_of(cluster, namespace, "pods", "miner")
    scope = {"apiVersion": "v1", "kind": "Pod", "name": "miner", "namespace": namespace, "uid": uid}
    assert report.pop("metadata").items() >= {
        "name": "pratique-" + uid, "labels": {"app.kubernetes.io/managed-by": "pratique"},
        "ownerReferences": [{key: value for key, value in scope.items() if key != "namespace"}]}.items()
    assert report == {
        "apiVersion": KINDS[plural].removeprefix("/apis/"), "kind": {"reports": "Report"}.get(plural, "PolicyReport"),
        **({"source": "pratique"} if plural == "reports" else {}),
        "scope": scope, "summary": {"pass": 1, "fail": 0, "warn": 1, "error": 0, "skip": 0},
        "results": [
            {"source": "pratique", "policy": "next-month", "rule": "no-strangers", "result": "warn", "message": MESSAGE,
             "properties": {"image": BAD, "path": "spec.containers[0].image", "mode": "warn", "cause": "rule"}},
            {"source": "pratique", "policy": "baseline", "result": "pass"}]}


def test_as_a_person_reads_them(cluster, scanners, namespace):
    create(cluster, namespace, workload("Deployment", BAD, "miner", {"replicas": 0}))
    wait_for(cluster, namespace, {("Deployment", "miner")})
    line = cluster.kubectl("get", "polr", "--output", "wide", "--no-headers", namespace=namespace).stdout.split()
    assert line[1:8] == ["Deployment", "miner", "1", "0", "1", "0", "0"]
    wait_for(cluster, namespace, {("Deployment", "miner")}, "reports")
    assert cluster.kubectl("get", "reps", "--no-headers", namespace=namespace).stdout.split()[1:6] == list("10100")


def test_one_problem_is_reported_once(cluster, scanners, namespace):
    """Of what templates make nothing is reported that they do not say already; but what differs is."""
    create(cluster, namespace,
           workload("Deployment", BAD, "deployment", {"replicas": 2}),
           workload("StatefulSet", BAD, "set", {"serviceName": "set", "replicas": 1}),
           workload("DaemonSet", BAD, "daemons"),
           workload("Job", BAD, "job", pod_more={"restartPolicy": "Never"}),
           workload("ReplicaSet", BAD, "bare", {"replicas": 1}),
           {"apiVersion": "v1", "kind": "ReplicationController", "metadata": meta("old"), "spec": {
               "replicas": 1, "selector": {"app": "old"},
               "template": {"metadata": {"labels": {"app": "old"}}, "spec": pod_spec(BAD)}}},
           {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta("nightly"), "spec": {
               "schedule": "0 3 1 1 *", "jobTemplate": {"spec": {"template": {
                   "spec": pod_spec(BAD, restartPolicy="Never")}}}}},
           workload("Deployment", GOOD, "good", {"replicas": 2}))
    cluster.kubectl("create", "job", "--from=cronjob/nightly", "by-hand", namespace=namespace)
    wait_until(lambda: len(cluster.api("GET", path(namespace, "pods"))["items"]) == 9, "the Pods", DEADLINE)
    templates = {("Deployment", "deployment"), ("StatefulSet", "set"), ("DaemonSet", "daemons"), ("Job", "job"),
                 ("ReplicaSet", "bare"), ("ReplicationController", "old"), ("CronJob", "nightly")}
    wait_for(cluster, namespace, templates)
    scanners.scanned(scanners.count() + 1)
    assert set(reports(cluster, "policyreports", namespace)) == templates

    # A Pod of a good template that is not what the template says; its controller does not mind.
    good = cluster.api("GET", path(namespace, "pods") + "?labelSelector=app%3Dgood")["items"][0]["metadata"]["name"]
    cluster.kubectl("set", "image", "pod/" + good, "web=" + BAD, namespace=namespace)
    wait_for(cluster, namespace, templates | {("Pod", good)})


def test_an_owner_that_someone_claims_hides_nothing(cluster, scanners, namespace):
    create(cluster, namespace, workload("Deployment", GOOD, "good", {"replicas": 1}))
    claimed = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "good", "controller": True,
               "uid": uid_of(cluster, namespace, "deployments", "good")}
    create(cluster, namespace, pod(BAD, "hidden", ownerReferences=[claimed]))
    assert wait_for(cluster, namespace, {("Pod", "hidden")})


def test_each_mode_and_what_no_policy_covers(cluster, scanners, namespace):
    create(cluster, namespace, pod(BAD, "miner"), pod("nowhere.example.org/x:1", "stranger"))
    first = wait_for(cluster, namespace, {("Pod", "miner"), ("Pod", "stranger")})
    assert [(one["policy"], one["result"]) for one in first["Pod", "stranger"]["results"]] == [
        ("baseline", "fail"), ("next-month", "warn")]

    def miner(policies):
        scanners.again(policies)
        return [(one["policy"], one["result"], one.get("properties", {}).get("mode"))
                for one in reports(cluster, "policyreports", namespace)["Pod", "miner"]["results"]]
    assert miner(ENFORCED + WARNED % "enforce") == [("next-month", "fail", "enforce"), ("baseline", "pass", None)]
    assert miner(ENFORCED + WARNED % "audit") == [("next-month", "warn", "audit"), ("baseline", "pass", None)]
    excused = """\
---
apiVersion: pratique.dev/v1alpha1
kind: ImagePolicyException
metadata: {name: until-monday}
spec:
  policies: [next-month]
  images: [evil.example.net/miner]
  reason: it is replaced on Monday
  until: 2099-01-01T00:00:00Z
"""
    assert miner(ENFORCED + WARNED % "warn" + excused) == [("next-month", "skip", "warn"), ("baseline", "pass", None)]
    nothing = ENFORCED.replace("spec:\n", "spec:\n  images: [registry.example.com/**]\n").replace(", evil.example.net", "")
    assert [name for name, *_ in miner(nothing)] == ["uncovered"]
    report = reports(cluster, "policyreports", namespace)["Pod", "miner"]["results"][0]
    assert report["result"] == "fail" and report["properties"]["cause"] == "uncovered"


def test_kyverno_2534_4762_5042_13338_2666_platform_2573_what_goes_and_what_stays(cluster, scanners, namespace):
    """Of an object that is good again there is no report; with an object its report goes; no other is touched, though
    it were written to look like one of ours."""
    create(cluster, namespace, pod(BAD, "miner"), pod(BAD, "mended"), pod(BAD, "left"))
    found = wait_for(cluster, namespace, {("Pod", "miner"), ("Pod", "mended"), ("Pod", "left")})
    theirs = [
        {"metadata": {"name": "theirs"}, "results": [{"policy": "x", "result": "fail", "source": "theirs"}]},
        {"metadata": {"name": "pratique-mine"}, "results": [{"policy": "x", "source": "pratique"}]},
        {"metadata": {"name": "pratique-00000000-0000-0000-0000-000000000001"},
         "results": [{"policy": "x", "source": "pratique"}, {"policy": "x", "source": "theirs"}]},
        {"metadata": {"name": "pratique-00000000-0000-0000-0000-000000000002", "labels": {
            "app.kubernetes.io/managed-by": "theirs"}}, "results": [{"policy": "x", "source": "pratique"}]}]
    where = f"{KINDS['policyreports']}/namespaces/{namespace}/policyreports"
    for one in theirs:
        one["metadata"].setdefault("labels", {"app.kubernetes.io/managed-by": "pratique"})
        cluster.create(where, {"apiVersion": "wgpolicyk8s.io/v1alpha2", "kind": "PolicyReport",
                               "scope": {"kind": "Pod", "name": one["metadata"]["name"]}, **one})
    before = {one["metadata"]["name"]: cluster.api("GET", f"{where}/{one['metadata']['name']}") for one in theirs}

    cluster.kubectl("set", "image", "pod/mended", "web=" + GOOD, namespace=namespace)
    cluster.kubectl("delete", "pod", "miner", "--now", namespace=namespace)
    gone = [found["Pod", name]["metadata"]["name"] for name in ("miner", "mended")]
    wait_until(lambda: not any(cluster.exists(f"{where}/{name}") for name in gone), "the reports gone", DEADLINE)
    scanners.again(ENFORCED)  # the policy is gone, and with it what it said
    left = found["Pod", "left"]["metadata"]["name"]
    assert not cluster.exists(f"{where}/{left}")
    assert before == {name: cluster.api("GET", f"{where}/{name}") for name in before}


def test_what_did_not_change_is_not_written(cluster, scanners, namespace):
    create(cluster, namespace, pod(BAD, "miner"))
    first = wait_for(cluster, namespace, {("Pod", "miner")})
    count = scanners.count()
    scanners.scanned(count + 1)
    assert reports(cluster, "policyreports", namespace) == first  # resourceVersion and times, too

    # What someone else wrote into it does not stay.
    name = first["Pod", "miner"]["metadata"]["name"]
    cluster.kubectl("patch", "polr", name, "--type=merge", "--patch", '{"results": [], "summary": {"warn": 0}}',
                    namespace=namespace)
    wait_until(lambda: reports(cluster, "policyreports", namespace)["Pod", "miner"].get("results"), "mended", DEADLINE)
    mended = reports(cluster, "policyreports", namespace)["Pod", "miner"]
    assert without_times(mended)["results"] == without_times(first["Pod", "miner"])["results"]


def test_a_custom_kind(cluster, scanners, namespace, tmp_path):
    """Its objects are listed by the version that the API server prefers."""
    cluster.kubectl("apply", "-f", "-", input={
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "ships.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced",
                 "names": {"kind": "Ship", "plural": "ships", "singular": "ship"},
                 "versions": [{"name": "v3", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                     "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}})
    cluster.kubectl("wait", "--for=condition=Established", "crd/ships.example.com")
    cluster.create(f"/apis/example.com/v3/namespaces/{namespace}/ships", {
        "apiVersion": "example.com/v3", "kind": "Ship", "metadata": {"name": "mary"},
        "spec": {"template": {"spec": pod_spec(BAD)}}})
    scanners.stop()
    others = Scanners(cluster, tmp_path, resources=["ships.example.com", "planes.example.org"])
    others.policies(ENFORCED + WARNED % "warn")
    try:
        others.start().scanned()
        report = reports(cluster, "policyreports", namespace)["Ship", "mary"]
        assert report["scope"]["apiVersion"] == "example.com/v3"
        assert report["results"][0]["properties"]["path"] == "spec.template.spec.containers[0].image"
    finally:
        others.stop()
    scanners.start()
    # Nobody looks at ships any more.
    wait_for(cluster, namespace, set())
