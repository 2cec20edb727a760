"""What the peers' end-to-end suites check and what is on record against them, where only a real API server shows the
truth: what it sends for each way to change an object, and what goes on while no webhook answers. docs/peers.md
tells what went wrong there."""
import pytest

from cluster import Failure, wait_until
from objects import JSON_PATCH, STRATEGIC, image_of, patch, path, pod, pod_spec, refused, workload, meta
from webhooks import NAME, NAMESPACE, RULES, Replicas, register, webhook

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: baseline}
spec:
  rules:
    - name: trusted-registries
      allow: [registry.example.com]
"""
GOOD, BETTER, BAD = "registry.example.com/web:1.0", "registry.example.com/web:1.1", "evil.example.net/miner:1.0"
DENIED = ('admission webhook "images.pratique.dev" denied the request: {path} "evil.example.net/miner:1.0": policy '
          'baseline, rule trusted-registries: registry evil.example.net is not among those allowed: '
          'registry.example.com; use an image that one of these matches')
OLD = "from-before"  # a namespace whose objects were there before the policy
HOLD = "example.com/hold"


def denied(path="spec.containers[0].image"):
    return DENIED.format(path=path)


TEMPLATE = "spec.template.spec.containers[0].image"


@pytest.fixture(scope="module")
def cluster(clusters):
    return clusters()


@pytest.fixture(scope="module", autouse=True)
def replicas(cluster, tmp_path_factory):
    """Objects with a forbidden image first, then the webhook."""
    cluster.namespace(OLD)
    for body in (pod(BAD), pod(BAD, "held", finalizers=[HOLD]), pod(BAD, "evicted"), pod(BAD, "deleted"),
                 workload("Deployment", BAD, "scaled"), workload("Deployment", BAD, "orphaning"),
                 workload("Deployment", BAD, "held", finalizers=[HOLD]),
                 workload("StatefulSet", BAD, "rolled", {"serviceName": "rolled", "replicas": 1}),
                 workload("Job", BAD, "finishing", pod_more={"restartPolicy": "Never"}),
                 {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta("nightly"), "spec": {
                     "schedule": "0 3 1 1 *", "jobTemplate": {"spec": {"template": {
                         "spec": pod_spec(BAD, restartPolicy="Never")}}}}}):
        cluster.kubectl("create", "-f", "-", input=body, namespace=OLD)
    for app in ("scaled", "orphaning", "rolled", "finishing"):
        wait_until(lambda app=app: of(cluster, "pods", app), f"a Pod of {app}")
    replicas = Replicas(cluster, tmp_path_factory.mktemp("replicas"), count=2, policy=POLICY)
    yield replicas
    replicas.stop()


def of(cluster, plural, app, namespace=OLD):
    return cluster.api("GET", path(namespace, plural) + f"?labelSelector=app%3D{app}")["items"]


# -- ways in --

def test_cve_2023_2727_the_subresource_by_hand(cluster, namespace):
    """What `kubectl debug` sends, by both kinds of request, and with the name of a container to enter."""
    cluster.create(path(namespace, "pods"), pod(GOOD))
    where = path(namespace, "pods", "web", "ephemeralcontainers")
    container = {"name": "debugger", "image": BAD, "targetContainerName": "web"}
    assert refused(patch, cluster, where, {"spec": {"ephemeralContainers": [container]}}, STRATEGIC) == \
        denied("spec.ephemeralContainers[0].image")
    whole = cluster.api("GET", path(namespace, "pods", "web"))
    whole["spec"]["ephemeralContainers"] = [container]
    assert refused(cluster.api, "PUT", where, whole) == denied("spec.ephemeralContainers[0].image")
    assert "ephemeralContainers" not in cluster.api("GET", path(namespace, "pods", "web"))["spec"]


def test_no_image_comes_in_by_resize_or_status(cluster, namespace):
    """The registration leaves them out, for the API server takes no image there."""
    cluster.create(path(namespace, "pods"), pod(GOOD))
    body = {"spec": {"containers": [{"name": "web", "image": BAD, "resources": {"requests": {"cpu": "10m"}}}]}}
    for subresource in ("resize", "status"):
        try:
            patch(cluster, path(namespace, "pods", "web", subresource), body, STRATEGIC)
        except Failure as failure:
            assert failure.code in (403, 422), failure
        assert image_of(cluster.api("GET", path(namespace, "pods", "web"))) == GOOD


def test_an_image_is_changed_in_place(cluster, namespace):
    cluster.create(path(namespace, "pods"), pod(GOOD))
    change = [{"op": "replace", "path": "/spec/containers/0/image", "value": BAD}]
    assert refused(patch, cluster, path(namespace, "pods", "web"), change, JSON_PATCH) == denied()
    change[0]["value"] = BETTER
    assert image_of(patch(cluster, path(namespace, "pods", "web"), change, JSON_PATCH)) == BETTER


def test_names_that_are_made_up(cluster, namespace):
    body = pod(BAD)
    body["metadata"] = {"generateName": "web-"}
    assert refused(cluster.create, path(namespace, "pods"), body) == denied()
    body["spec"]["containers"][0]["image"] = GOOD
    assert cluster.create(path(namespace, "pods"), body)["metadata"]["name"].startswith("web-")


def test_portieris_508_no_replicas(cluster, namespace):
    for kind, plural in (("Deployment", "deployments"), ("StatefulSet", "statefulsets"), ("ReplicaSet", "replicasets")):
        body = workload(kind, BAD, spec={"replicas": 0, **({"serviceName": "web"} if kind == "StatefulSet" else {})})
        assert refused(cluster.create, path(namespace, plural), body) == denied(TEMPLATE)


def test_annotations_of_a_mirror_pod(cluster, namespace):
    """What a kubelet writes for a Pod that it runs from a file, written by somebody."""
    body = pod(BAD, annotations={"kubernetes.io/config.mirror": "0123", "kubernetes.io/config.source": "file"},
               spec={"nodeName": "worker-1"})
    assert refused(cluster.create, path(namespace, "pods"), body) == denied()


def test_policy_controller_347_another_version_of_a_custom_kind(cluster, namespace, replicas):
    """Registered for v2 alone, asked for v1: the API server converts, and the template is found."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    cluster.kubectl("create", "-f", "-", input={
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "runners.peers.example.com"},
        "spec": {"group": "peers.example.com", "scope": "Namespaced",
                 "names": {"kind": "Runner", "plural": "runners", "singular": "runner"},
                 "versions": [{"name": name, "served": True, "storage": name == "v2", "schema": schema}
                              for name in ("v1", "v2")]}})
    cluster.kubectl("wait", "--for=condition=Established", "crd/runners.peers.example.com")
    runner = {"apiVersion": "peers.example.com/v1", "kind": "Runner", "metadata": {"name": "web"},
              "spec": {"pools": [{"podTemplate": {"spec": pod_spec(BAD)}}]}}
    where = f"/apis/peers.example.com/v1/namespaces/{namespace}/runners"
    register(cluster, [webhook(replicas.ca, rules=[*RULES, ("peers.example.com", "v2", ["runners"])])])
    try:
        wait_until(lambda: is_denied(cluster, where, runner), "the custom kind judged")
        message = refused(cluster.create, where, runner)
        assert message == denied("spec.pools[0].podTemplate.spec.containers[0].image")
    finally:
        register(cluster, [webhook(replicas.ca)])


def is_denied(cluster, where, body):
    try:
        cluster.create(where + "?dryRun=All", body)
    except Failure as failure:
        return failure.code == 403
    return False


# -- what was there before --

def test_kyverno_8801_7651_labels_and_annotations(cluster):
    """An object with an image that is forbidden by now can be labelled and annotated, by any request."""
    cluster.kubectl("annotate", "pod/web", "note=a", namespace=OLD)
    cluster.kubectl("label", "pod/web", "team=shop", namespace=OLD)
    cluster.kubectl("annotate", "deployment/scaled", "note=a", namespace=OLD)
    found = cluster.api("GET", path(OLD, "pods", "web"))
    assert found["metadata"]["annotations"]["note"] == "a" and found["metadata"]["labels"]["team"] == "shop"
    assert refused(patch, cluster, path(OLD, "pods", "web"), {"spec": {"containers": [
        {"name": "web", "image": "evil.example.net/other:1"}]}}, STRATEGIC).startswith("admission webhook")


def test_a_status_is_reported(cluster):
    patch(cluster, path(OLD, "pods", "web", "status"), {"status": {"phase": "Running"}})
    assert cluster.api("GET", path(OLD, "pods", "web"))["status"]["phase"] == "Running"


def test_policy_controller_scaling(cluster):
    """Scaling goes through by both ways, for the image is as it was; the new Pods are denied, and the ReplicaSet
    says so."""
    patch(cluster, path(OLD, "deployments", "scaled", "scale"), {"spec": {"replicas": 2}})
    event = wait_until(lambda: events(cluster, "FailedCreate", "scaled"), "the event of the ReplicaSet")
    assert event["message"] == "Error creating: " + denied()
    assert len(of(cluster, "pods", "scaled")) == 1
    patch(cluster, path(OLD, "deployments", "scaled"), {"spec": {"replicas": 1}})
    change = {"spec": {"replicas": 0, "template": {"spec": {"containers": [{"name": "web", "image": BAD + ".1"}]}}}}
    assert refused(patch, cluster, path(OLD, "deployments", "scaled"), change, STRATEGIC).startswith(
        f'admission webhook "images.pratique.dev" denied the request: {TEMPLATE} "{BAD}.1"')


def events(cluster, reason, name):
    found = cluster.api("GET", f"/api/v1/namespaces/{OLD}/events")["items"]
    return next((event for event in found
                 if event["reason"] == reason and event["involvedObject"]["name"].startswith(name)), None)


def test_connaisseur_2053_the_finalizer_of_a_forbidden_pod_goes(cluster):
    """Also CVE-2023-34091: what is being deleted may lose its finalizer, and may not change its image."""
    where = path(OLD, "pods", "held")
    assert "deletionTimestamp" in cluster.api("DELETE", where)["metadata"]
    assert refused(patch, cluster, where, {"spec": {"containers": [{"name": "web", "image": BAD + ".1"}]}},
                   STRATEGIC).startswith("admission webhook")
    patch(cluster, where, {"metadata": {"finalizers": None}})
    cluster.kubectl("delete", "pod/held", "--force", "--grace-period=0", "--ignore-not-found", namespace=OLD)
    assert cluster.exists(where) is None


def test_cve_2023_34091_an_object_that_is_being_deleted_takes_an_image(cluster):
    where = path(OLD, "deployments", "held")
    assert "deletionTimestamp" in cluster.api("DELETE", where)["metadata"]
    change = {"spec": {"template": {"spec": {"initContainers": [{"name": "init", "image": BAD}]}}}}
    assert refused(patch, cluster, where, change, STRATEGIC) == denied("spec.template.spec.initContainers[0].image")
    patch(cluster, where, {"metadata": {"finalizers": None}})
    assert cluster.exists(where) is None


def test_cve_2023_34091_a_deletion_timestamp_of_the_author(cluster, namespace):
    body = pod(BAD, finalizers=[HOLD], deletionTimestamp="2026-01-01T00:00:00Z", deletionGracePeriodSeconds=0)
    assert refused(cluster.create, path(namespace, "pods"), body) == denied()


def test_deleting_and_evicting(cluster):
    cluster.kubectl("delete", "pod/deleted", "--now", namespace=OLD)
    cluster.create(path(OLD, "pods", "evicted", "eviction"), {
        "apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "evicted", "namespace": OLD}})
    assert cluster.exists(path(OLD, "pods", "deleted")) is None
    wait_until(lambda: "deletionTimestamp" in (cluster.exists(path(OLD, "pods", "evicted")) or
                                               {"metadata": "deletionTimestamp"})["metadata"], "the eviction")


def test_orphans_are_let_go(cluster):
    """The garbage collector takes the owner off a forbidden ReplicaSet."""
    cluster.kubectl("delete", "deployment/orphaning", "--cascade=orphan", "--timeout=60s", namespace=OLD)
    sets = of(cluster, "replicasets", "orphaning")
    assert len(sets) == 1 and "ownerReferences" not in sets[0]["metadata"]


def test_a_job_of_before_finishes(cluster):
    """Its controller takes the finalizer off a forbidden Pod, and counts it."""
    made = of(cluster, "pods", "finishing")[0]["metadata"]
    assert made["finalizers"] == ["batch.kubernetes.io/job-tracking"]
    patch(cluster, path(OLD, "pods", made["name"], "status"), {"status": {"phase": "Succeeded"}})
    cluster.kubectl("wait", "--for=condition=Complete", "job/finishing", "--timeout=60s", namespace=OLD)
    assert "finalizers" not in of(cluster, "pods", "finishing")[0]["metadata"]


def test_a_job_from_a_cronjob_of_before(cluster):
    ran = cluster.kubectl("create", "job", "by-hand", "--from=cronjob/nightly", namespace=OLD, check=False)
    assert ran.returncode == 1 and denied(TEMPLATE) in ran.stderr


def test_kyverno_11528_rollback_by_a_revision(cluster):
    """A StatefulSet goes back by the template that a ControllerRevision keeps: it is judged when it comes back, and
    so are the Pods."""
    wait_until(lambda: len(of(cluster, "controllerrevisions", "rolled")) == 1, "the first revision")
    cluster.kubectl("set", "image", "statefulset/rolled", "web=" + GOOD, namespace=OLD)
    wait_until(lambda: len(of(cluster, "controllerrevisions", "rolled")) == 2, "the second revision")
    ran = cluster.kubectl("rollout", "undo", "statefulset/rolled", namespace=OLD, check=False)
    assert ran.returncode == 1 and denied(TEMPLATE) in ran.stderr
    revision = of(cluster, "controllerrevisions", "rolled")[0]
    with pytest.raises(Failure) as failure:
        revision["data"]["spec"]["template"]["spec"]["containers"][0]["image"] = BAD + ".1"
        cluster.api("PUT", path(OLD, "controllerrevisions", revision["metadata"]["name"]), revision)
    assert failure.value.code == 422 and "field is immutable" in failure.value.status["message"]


# -- what rewrites --

MIRROR = POLICY + """\
  mutate:
    rewrite:
      - {from: "docker.io/**", to: "registry.example.com/hub/**"}
"""


def test_policy_controller_1105_285_portieris_244_rewriting_settles(cluster, namespace, replicas):
    """A rewritten Deployment has one ReplicaSet and one generation, whatever is applied again."""
    loaded = [len(replica.events("policies loaded")) for replica in replicas.all]
    for replica in replicas.all:
        replica.write_policy(MIRROR)
    for replica, before in zip(replicas.all, loaded):
        wait_until(lambda: len(replica.events("policies loaded")) > before, "the policy loaded")
    register(cluster, [webhook(replicas.ca, "/mutate")], "MutatingWebhookConfiguration")
    body = workload("Deployment", "nginx:1.27")
    try:
        wait_until(lambda: not is_denied(cluster, path(namespace, "deployments"), body), "the rewriting")
        for _ in range(3):
            cluster.kubectl("apply", "-f", "-", input=body, namespace=namespace)
        wait_until(lambda: of(cluster, "pods", "web", namespace), "its Pod")
        wait_until(lambda: cluster.api("GET", path(namespace, "deployments", "web"))["status"].get(
            "observedGeneration") == 1, "the controller's look at it")
        assert cluster.api("GET", path(namespace, "deployments", "web"))["metadata"]["generation"] == 1
        assert len(of(cluster, "replicasets", "web", namespace)) == 1
        for thing in of(cluster, "pods", "web", namespace) + of(cluster, "replicasets", "web", namespace):
            assert image_of(thing) == "registry.example.com/hub/library/nginx:1.27"
    finally:
        cluster.kubectl("delete", "MutatingWebhookConfiguration", NAME)
        for replica in replicas.all:
            replica.write_policy(POLICY)


# -- namespaces --

def test_namespaces_that_are_left_out(cluster, namespace, replicas):
    """The registration chooses namespaces by label; taking the label off brings the gate back."""
    selector = {"matchExpressions": [{"key": "images.example.com/free", "operator": "DoesNotExist"}]}
    register(cluster, [webhook(replicas.ca, namespaceSelector=selector)])
    try:
        assert is_denied(cluster, path(namespace, "pods"), pod(BAD))
        cluster.kubectl("label", "namespace", namespace, "images.example.com/free=yes")
        wait_until(lambda: not is_denied(cluster, path(namespace, "pods"), pod(BAD)), "the namespace left out")
        cluster.kubectl("label", "namespace", namespace, "images.example.com/free-")
        wait_until(lambda: is_denied(cluster, path(namespace, "pods"), pod(BAD)), "the namespace judged again")
    finally:
        register(cluster, [webhook(replicas.ca)])


def test_stackrox_13109_system_namespaces_are_left_out(cluster, namespace, replicas):
    """By the label that the API server itself writes, and nobody can write otherwise."""
    key = "kubernetes.io/metadata.name"
    register(cluster, [webhook(replicas.ca, namespaceSelector={"matchExpressions": [
        {"key": key, "operator": "NotIn", "values": ["kube-system", NAMESPACE]}]})])
    try:
        wait_until(lambda: not is_denied(cluster, path("kube-system", "pods"), pod(BAD)), "the namespace left out")
        cluster.kubectl("label", "namespace", namespace, key + "=kube-system", "--overwrite", check=False)
        assert is_denied(cluster, path(namespace, "pods"), pod(BAD))
    finally:
        register(cluster, [webhook(replicas.ca)])
        wait_until(lambda: is_denied(cluster, path("kube-system", "pods"), pod(BAD)), "all namespaces judged")


# -- nobody answers --

def test_gatekeeper_870_725_kyverno_16177_no_replica_answers(cluster, namespace, replicas):
    """While every replica is gone, no Pod comes in, and all else goes on: leases, statuses, scaling down, deletion of
    Pods and namespaces. When one is back, controllers make the Pods that they could not."""
    cluster.create(path(namespace, "leases"), {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                                               "metadata": {"name": "leader"}, "spec": {"holderIdentity": "a"}})
    cluster.create(path(namespace, "pods"), pod(GOOD, "running"))
    cluster.create(path(namespace, "deployments"), workload("Deployment", GOOD, "waiting", {"replicas": 0}))
    going = cluster.namespace(labels={"going": "yes"})
    cluster.create(path(going, "pods"), pod(BETTER))
    all_decided(replicas)
    for replica in replicas.all:
        replica.stop()
    try:
        wait_until(lambda: unanswered(cluster, namespace), "the webhook gone")
        patch(cluster, path(namespace, "leases", "leader"), {"spec": {"holderIdentity": "b"}})
        patch(cluster, path(namespace, "pods", "running", "status"), {"status": {"phase": "Running"}})
        patch(cluster, path(namespace, "deployments", "waiting", "scale"), {"spec": {"replicas": 1}})
        cluster.kubectl("delete", "pod/running", "--now", namespace=namespace)
        cluster.kubectl("delete", "namespace", going, "--wait=false")
        for made in of(cluster, "pods", "web", going):
            cluster.api("DELETE", path(going, "pods", made["metadata"]["name"]),
                        {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0})
        wait_until(lambda: cluster.exists("/api/v1/namespaces/" + going) is None, "the namespace gone")
        assert not of(cluster, "pods", "waiting", namespace)
    finally:
        for replica in replicas.all:
            replica.start()
    wait_until(lambda: of(cluster, "pods", "waiting", namespace), "the Pod that could not be made", 180)
    assert refused(cluster.create, path(namespace, "pods"), pod(BAD)) == denied()


def unanswered(cluster, namespace):
    try:
        cluster.create(path(namespace, "pods") + "?dryRun=All", pod(GOOD))
    except Failure as failure:
        assert failure.code == 500, failure
        return "failed calling webhook" in failure.status["message"]
    return False


def test_connecting_is_never_denied(cluster, namespace, replicas):
    """Registered for CONNECT, it is asked, and in nobody's way: what fails is the node that is not there."""
    cluster.create(path(namespace, "pods"), pod(GOOD))
    rules = [{"operations": ["CONNECT"], "apiGroups": [""], "apiVersions": ["v1"],
              "resources": ["pods/exec", "pods/attach", "pods/portforward", "pods/proxy"]}]
    one = webhook(replicas.ca)
    one["rules"] += rules
    register(cluster, [one])
    try:
        def asked():
            ran = cluster.kubectl("exec", "web", "--", "true", namespace=namespace, check=False)
            assert "denied" not in ran.stderr, ran.stderr
            return [line for replica in replicas.all for line in replica.audit()
                    if line["operation"] == "CONNECT" and line["namespace"] == namespace]
        assert all(line["verdict"] == "allow" for line in wait_until(asked, "CONNECT in the audit log"))
    finally:
        register(cluster, [webhook(replicas.ca)])


def all_decided(replicas):
    for replica in replicas.all:
        assert replica.metric('pratique_reviews_total{endpoint="validate",verdict="error"}') == 0


def test_nothing_was_left_undecided(replicas):
    """In all of this, each review had a verdict."""
    all_decided(replicas)
