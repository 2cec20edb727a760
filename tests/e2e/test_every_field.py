"""Nothing that Kubernetes itself has is unknown to us. Its API server, all APIs and gates switched on, tells the schema
of every kind and every subresource: each place at which an image can stand is tried, and each way in. Then real
workloads of eighteen projects go through it."""
import collections
import json
import os
import pathlib
import re
import subprocess

import pytest

from cluster import ROOT, Failure, wait_until
from pratique_server import BINARY, review
from webhooks import Replicas, register, unregister, webhook

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: nothing}
spec:
  rules:
    - {name: nothing, deny: ["**"]}
"""

CORE = "io.k8s.api.core.v1."
# The fields that name an image to be run ...
RUN = {(CORE + "Container", "image"), (CORE + "EphemeralContainer", "image"),
       (CORE + "ImageVolumeSource", "reference")}
# ... and those that have the word in their name and name none: reports, disks of Ceph, ways to pull.
OTHER = {(CORE + "Container", "imagePullPolicy"), (CORE + "EphemeralContainer", "imagePullPolicy"),
         (CORE + "ContainerStatus", "image"), (CORE + "ContainerStatus", "imageID"),
         (CORE + "ImageVolumeStatus", "imageRef"), (CORE + "VolumeStatus", "image"),
         (CORE + "NodeStatus", "images"), (CORE + "NodeSystemInfo", "osImage"),
         (CORE + "RBDVolumeSource", "image"), (CORE + "RBDPersistentVolumeSource", "image"),
         (CORE + "PodSpec", "imagePullSecrets"), (CORE + "ServiceAccount", "imagePullSecrets"),
         (CORE + "Volume", "image")}  # holds an ImageVolumeSource

WORKLOADS = {("", "Pod"), ("", "PodTemplate"), ("", "ReplicationController"), ("apps", "Deployment"),
             ("apps", "ReplicaSet"), ("apps", "StatefulSet"), ("apps", "DaemonSet"), ("batch", "Job"),
             ("batch", "CronJob")}


@pytest.fixture(scope="module")
def cluster(clusters):
    return clusters(api_server=["--runtime-config=api/all=true"], feature_gates="AllAlpha=true,AllBeta=true")


@pytest.fixture(scope="module")
def schema(cluster):
    return cluster.api("GET", "/openapi/v2")["definitions"]


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    path = tmp_path_factory.mktemp("policy") / "policy.yaml"
    path.write_text(POLICY)
    return path


def target(field):
    """The definition that a field refers to, itself or by its items or members."""
    for part in (field, field.get("items", {}), field.get("additionalProperties", {})):
        if isinstance(part, dict) and "$ref" in part:
            return part["$ref"].removeprefix("#/definitions/")
    return None


def filled(schema, name, found, path="", seen=()):
    """An object of this definition that has an image wherever one can stand, and nothing else; None if none can.
    `found`: their paths."""
    if name in seen:
        return None
    value = {}
    for key, field in schema[name].get("properties", {}).items():
        at = f"{path}.{key}".lstrip(".")
        listed = field.get("type") == "array"
        if (name, key) in RUN:
            value[key] = f"evil.example.net/image-{len(found)}:1"
            found[at] = value[key]
        elif key != "status" and (below := target(field)):
            inner = filled(schema, below, found, at + "[0]" * listed, (*seen, name))
            if inner is not None:
                value[key] = [inner] if listed else inner
    if value and "name" in schema[name].get("properties", {}):
        value["name"] = f"n{len(found)}"
    return value or None


def kinds_of(schema):
    for name, definition in schema.items():
        for kind in definition.get("x-kubernetes-group-version-kind", []):
            if not kind["kind"].endswith("List"):
                yield name, kind


def test_no_field_is_new(schema):
    """A field with the word image in its name is one that we read or one of which we know that nothing runs it."""
    fields = {(name, key) for name, definition in schema.items() for key in definition.get("properties", {})
              if "image" in key.lower()}
    assert fields <= RUN | OTHER
    references = {name for name, definition in schema.items() if "reference" in definition.get("properties", {})}
    assert references == {CORE + "ImageVolumeSource"}


def test_every_image_of_every_kind_is_found(schema, policy):
    workloads, documents, wanted = set(), [], []
    for name, kind in kinds_of(schema):
        found = {}
        body = filled(schema, name, found)
        if body is None:
            continue
        workloads.add((kind["group"], kind["kind"]))
        version = f"{kind['group']}/{kind['version']}".lstrip("/")
        documents.append({**body, "apiVersion": version, "kind": kind["kind"], "metadata": {"name": "web"}})
        wanted.append(found)
    assert workloads == WORKLOADS
    stream = "\n---\n".join(map(json.dumps, documents))
    ran = subprocess.run([BINARY, "check", "--all", "--output", "json", "--policy", policy, "-"],
                         input=stream.encode(), capture_output=True, check=False)
    results = json.loads(ran.stdout)["results"]
    assert len(results) == len(documents)
    for result, found in zip(results, wanted):
        assert {image["path"]: image["image"] for image in result["images"]} == found
        assert not result["allowed"] and len(found) == 4  # init, ordinary and ephemeral containers, a volume


def resources_of(cluster):
    """All resources: group, version and what discovery tells."""
    versions = [version["groupVersion"] for group in cluster.api("GET", "/apis")["groups"]
                for version in group["versions"]]
    for path in ["/api/v1", *("/apis/" + version for version in versions)]:
        found = cluster.api("GET", path)
        group, _, version = found["groupVersion"].rpartition("/")
        for resource in found["resources"]:
            yield group, version, resource


def test_no_subresource_is_new(cluster, policy):
    """Every subresource through which something can be written is in nobody's way if it brings no image."""
    tried = set()
    for group, version, resource in resources_of(cluster):
        parent, _, subresource = resource["name"].partition("/")
        if not subresource or not {"create", "update", "patch", "delete"} & set(resource["verbs"]):
            continue
        kind = {"group": resource.get("group", group), "version": resource.get("version", version),
                "kind": resource["kind"]}
        body = review("x", kind=kind, resource={"group": group, "version": version, "resource": parent},
                      subResource=subresource, operation="UPDATE", object=nothing_in(kind), oldObject=nothing_in(kind))
        ran = subprocess.run([BINARY, "review", "--policy", policy], input=body, capture_output=True, check=True)
        response = json.loads(ran.stdout)["response"]
        assert response["allowed"], (resource["name"], response["status"]["message"])
        tried.add(resource["name"])
    assert {"pods/ephemeralcontainers", "pods/resize", "pods/binding", "pods/eviction", "deployments/scale",
            "jobs/status", "serviceaccounts/token"} <= tried


def nothing_in(kind):
    """An object of this kind without an image; where it must have one, with the same as before."""
    spec = {"containers": [{"name": "web", "image": "evil.example.net/app:1"}]}
    template = {"template": {"spec": spec}}
    body = {"Pod": {"spec": spec}, "CronJob": {"spec": {"jobTemplate": {"spec": template}}}}.get(
        kind["kind"], {"spec": template} if (kind["group"], kind["kind"]) in WORKLOADS else {})
    return {"apiVersion": f"{kind['group']}/{kind['version']}".lstrip("/"), "kind": kind["kind"],
            "metadata": {"name": "web", "namespace": "shop"}, **body}


@pytest.fixture(scope="module")
def replicas(cluster, tmp_path_factory):
    replicas = Replicas(cluster, tmp_path_factory.mktemp("replicas"), count=1, policy=POLICY)
    yield replicas
    replicas.stop()


def test_everything_is_registered(cluster, namespace, replicas):
    """A registration for all resources and operations: we are asked about every kind, before it is validated, and
    deny none but workloads, whatever is in it. What the cluster itself does meanwhile goes on."""
    replica, = replicas.all
    everything = webhook(replicas.ca, "/mutate", rules=[("*", "*", ["*/*"])])
    everything["rules"][0]["operations"] = ["*"]
    register(cluster, [everything], "MutatingWebhookConfiguration")
    kinds = set()
    try:
        wait_until(lambda: any(line["kind"] == "Lease" for line in replica.audit()), "a lease judged")
        for group, version, resource in resources_of(cluster):
            if "/" in resource["name"] or "create" not in resource["verbs"]:
                continue
            message = made(cluster, namespace, group, version, resource)
            if (group, resource["kind"]) not in WORKLOADS:
                assert "denied the request" not in message, (resource["name"], message)
            kinds.add((group, resource["kind"]))
        inside = cluster.namespace()
        cluster.kubectl("create", "configmap", "a", "--from-literal=a=b", namespace=inside)
        cluster.kubectl("create", "token", "default", namespace=inside)
        cluster.kubectl("delete", "namespace", inside)
        lines = replica.audit()
    finally:
        unregister(cluster, "MutatingWebhookConfiguration")
    asked = {(line["group"], line["kind"]) for line in lines}
    assert len(kinds & asked) >= 50 and WORKLOADS <= asked
    denied = {(line["group"], line["kind"]) for line in lines if line["verdict"] != "allow"}
    assert denied <= WORKLOADS


def made(cluster, namespace, group, version, resource):
    """Try to make an empty object of this kind; what the API server says."""
    where = f"/apis/{group}/{version}" if group else f"/api/{version}"
    where += f"/namespaces/{namespace}" * resource["namespaced"] + "/" + resource["name"]
    try:
        cluster.create(where + "?dryRun=All", {"apiVersion": f"{group}/{version}".lstrip("/"), "kind": resource["kind"],
                                               "metadata": {"name": "x"}})
    except Failure as failure:
        return failure.status.get("message", "")
    return ""


# -- real workloads --

VECTORS = pathlib.Path(os.environ.get("PRATIQUE_VECTORS", ROOT / "tests/vectors"))
PLURALS = {"Pod": "pods", "ReplicationController": "replicationcontrollers", "Deployment": "deployments",
           "StatefulSet": "statefulsets", "DaemonSet": "daemonsets", "Job": "jobs", "CronJob": "cronjobs"}


def pointer_of(path):
    return "/" + re.sub(r"\[(\d+)\]", r"/\1", path).replace(".", "/")


def sent(cluster, namespace, thing):
    """Its creation in this namespace, as a dry run: None, or the failure."""
    thing = json.loads(json.dumps(thing))
    thing["metadata"].pop("namespace", None)
    version = thing["apiVersion"]
    where = f"/{'apis' if '/' in version else 'api'}/{version}/namespaces/{namespace}/{PLURALS[thing['kind']]}"
    try:
        cluster.create(where + "?dryRun=All", thing)
    except Failure as failure:
        return failure
    return None


def test_real_workloads(cluster, namespace, replicas):
    """Each that the API server understands is denied for exactly the images that it has."""
    outcomes = collections.Counter()
    for line in (VECTORS / "k8s-workloads/objects.ndjson").read_text().splitlines():
        case = json.loads(line)
        if "apiVersion" not in case["object"]:
            continue
        failure = sent(cluster, namespace, case["object"])
        outcomes[failure and failure.code] += 1
        if failure is None:
            assert not case["images"], case["source"]
        elif failure.code == 403:
            causes = failure.status["details"]["causes"]
            wanted = sorted(image["path"] for image in case["images"])
            assert sorted(pointer_of(cause["field"]) for cause in causes) == wanted, case["source"]
        else:  # not of this version of the API, or no valid object
            assert failure.code in (400, 404, 422), (case["source"], failure)
    assert outcomes[403] >= 300, outcomes
