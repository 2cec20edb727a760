"""Objects for the API server, where they stand, and ways to change them."""
import pytest

from cluster import Failure

MERGE, JSON_PATCH = "application/merge-patch+json", "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
GROUPS = {"pods": "api/v1", "jobs": "apis/batch/v1", "leases": "apis/coordination.k8s.io/v1"}


def meta(name, **more):
    return {"name": name, "labels": {"app": name}, **more}


def pod_spec(image, **more):
    return {"containers": [{"name": "web", "image": image}], **more}


def pod(image, name="web", spec=None, **more):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta(name, **more), "spec": pod_spec(image, **(spec or {}))}


def workload(kind, image, name="web", spec=None, pod_more=None, **more):
    version = "batch/v1" if kind == "Job" else "apps/v1"
    body = {"template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec(image, **(pod_more or {}))}}
    if kind != "Job":
        body["selector"] = {"matchLabels": {"app": name}}
    return {"apiVersion": version, "kind": kind, "metadata": meta(name, **more), "spec": {**body, **(spec or {})}}


def path(namespace, plural, *rest):
    return "/".join(["", GROUPS.get(plural, "apis/apps/v1"), "namespaces", namespace, plural, *rest])


def patch(cluster, where, body, kind=MERGE):
    return cluster.api("PATCH", where, body, content_type=kind)


def refused(call, *arguments, **options):
    """The message of a request that is refused as forbidden."""
    with pytest.raises(Failure) as failure:
        call(*arguments, **options)
    assert failure.value.code == 403, failure.value
    return failure.value.status["message"]


def image_of(thing):
    return thing["spec"].get("template", thing)["spec"]["containers"][0]["image"]
