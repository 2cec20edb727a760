"""Every object of the chart and of the manifests before a real API server, and what the registration leaves out."""
import json

import pytest

from cluster import ROOT, Failure
from registration import (MANIFESTS, OTHER, bundle_of, bundles, documents, own_pod, plain, rendered, token_of_ours,
                          variants, write_bundle)  # noqa: F401


def make_namespace(cluster, name):
    if not cluster.exists("/api/v1/namespaces/" + name):
        cluster.namespace(name)
    return name


# -- every object --

@pytest.fixture(scope="module")
def definitions(cluster):
    """The custom kinds that some variants use."""
    text = (ROOT / "tests/deploy/crds.yaml").read_text()
    cluster.kubectl("apply", "--server-side", "-f", "-", input=text)
    for one in documents(text):
        cluster.kubectl("wait", "--for=condition=Established", "crd/" + one["metadata"]["name"])
    yield
    cluster.kubectl("delete", "-f", "-", input=text)


@pytest.mark.parametrize("variant", variants())
def test_the_api_server_takes_every_object(cluster, definitions, variant):
    made = rendered(variant)
    make_namespace(cluster, made.namespace)
    ran = cluster.kubectl("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-",
                          input=made.text)
    assert ran.stderr == "", ran.stderr  # no warning either
    assert len(ran.stdout.splitlines()) == len(made.objects)


@pytest.fixture(scope="module")
def restricted(cluster):
    cluster.kubectl("create", "priorityclass", "important", "--value=1000")
    return cluster.namespace("restricted", {"pod-security.kubernetes.io/enforce": "restricted"})


@pytest.mark.parametrize("variant", variants())
def test_its_pod_is_one_of_the_restricted_standard(cluster, restricted, variant):
    made = rendered(variant)
    pod = own_pod(made)
    account = made.pod["serviceAccountName"]
    cluster.kubectl("create", "serviceaccount", account, namespace=restricted, check=False)
    ran = cluster.kubectl("create", "--dry-run=server", "--validate=strict", "-f", "-", input=pod,
                          namespace=restricted)
    assert ran.stderr == ""


def test_the_plain_manifests(cluster):
    ran = cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", MANIFESTS, check=False)
    assert "invalid" not in ran.stderr and "unknown" not in ran.stderr, ran.stderr
    # The Namespace is not made by a dry run, and so what belongs into it is not looked at: see the fixture `plain`.
    assert "namespace/pratique-system" in ran.stdout


# -- what cannot bring an image in is not asked about --

def registered():
    [webhook, _] = rendered("default").one("ValidatingWebhookConfiguration")["webhooks"]
    return {(group, resource) for rule in webhook["rules"] for group in rule["apiGroups"]
            for resource in rule["resources"]}


TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": OTHER}]}}
SELECTOR = {"matchLabels": {"app": "web"}}
ONCE = {**TEMPLATE, "spec": {**TEMPLATE["spec"], "restartPolicy": "Never"}}
BODIES = {
    ("", "pods"): TEMPLATE,
    ("", "podtemplates"): {"template": TEMPLATE},
    ("", "replicationcontrollers"): {"spec": {"template": TEMPLATE}},
    ("apps", "deployments"): {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    ("apps", "replicasets"): {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    ("apps", "statefulsets"): {"spec": {"selector": SELECTOR, "serviceName": "web", "template": TEMPLATE}},
    ("apps", "daemonsets"): {"spec": {"selector": SELECTOR, "template": TEMPLATE}},
    ("batch", "jobs"): {"spec": {"template": ONCE}},
    ("batch", "cronjobs"): {"spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": ONCE}}}},
}
# They take objects of other kinds, or none.
OF_OTHER_KINDS = {"pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "pods/log", "pods/binding",
                  "pods/eviction"}


def served(cluster):
    """Each workload resource and subresource that the API server serves: group to a list of its discovery."""
    for group, path in (("", "/api/v1"), ("apps", "/apis/apps/v1"), ("batch", "/apis/batch/v1")):
        for one in cluster.api("GET", path)["resources"]:
            if (group, one["name"].split("/")[0]) in BODIES:
                yield group, path, one


def test_every_workload_resource_is_registered(cluster):
    """Whatever the API server knows as a workload has its body here, and the chart registers it."""
    whole = {(group, one["name"]) for group, _, one in served(cluster) if "/" not in one["name"]}
    assert whole == set(BODIES) <= registered()


def images_of(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "image" and isinstance(inner, str):
                yield inner
            else:
                yield from images_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from images_of(inner)


def with_image(value, image):
    return json.loads(json.dumps(value).replace(json.dumps(OTHER), json.dumps(image)))


def test_no_other_subresource_lets_an_image_in(cluster, namespace):
    """Every subresource that can be written to and is not registered: whatever is written, the images stay."""
    tried = set()
    for group, path, one in served(cluster):
        name, _, subresource = one["name"].partition("/")
        if not subresource or (group, one["name"]) in registered():
            continue
        if one["name"] in OF_OTHER_KINDS:
            assert one["kind"] != "Pod" or one["verbs"] == ["get"]
            continue
        assert {"patch", "update"} & set(one["verbs"]), one
        at = f"{path}/namespaces/{namespace}/{name}"
        made = cluster.create(at, {**BODIES[group, name], "metadata": {
            "generateName": "web-", "labels": {"app": "web"}}})
        at += "/" + made["metadata"]["name"]
        evil = with_image(BODIES[group, name], "evil.example.net/miner:1.0")
        for method, kind in (("PUT", "application/json"), ("PATCH", "application/merge-patch+json")):
            now = cluster.api("GET", at)
            body = evil if method == "PATCH" else with_image(now, "evil.example.net/miner:1.0")
            try:
                cluster.api(method, f"{at}/{subresource}", body, content_type=kind)
            except Failure:
                pass  # refused by the API server itself
            assert set(images_of(cluster.api("GET", at)["spec"])) == {OTHER}, (method, one["name"])
        tried.add(one["name"])
    assert {"pods/status", "pods/resize", "deployments/status", "deployments/scale", "jobs/status"} <= tried


# -- the plain manifests' way --

def test_applying_again_leaves_the_ca_bundle(plain):
    bundle = bundle_of(plain)
    write_bundle(plain, bundle, token_of_ours(plain))
    plain.kubectl("apply", "--server-side", "-f", MANIFESTS)
    assert bundles(plain) == [bundle] * 2
    plain.kubectl("apply", "--server-side", "--force-conflicts", "-f", MANIFESTS)
    assert bundles(plain) == [bundle] * 2
    ran = plain.kubectl("apply", "-f", MANIFESTS)  # the merge on the client's side
    assert bundles(plain) == [bundle] * 2, ran.stdout


def test_deleting_them_as_the_page_says(plain):
    plain.kubectl("delete", "validatingwebhookconfiguration/pratique")
    plain.kubectl("run", "web", "--image", OTHER, namespace="shop")
    plain.kubectl("delete", "--wait=false", "--ignore-not-found", "-f", MANIFESTS)
