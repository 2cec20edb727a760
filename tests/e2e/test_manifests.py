"""The chart and the manifests before a real API server: every object of every variant, Helm's own way through an
installation, and what is and is not asked about while no replica runs."""
import base64
import copy
import json
import os
import subprocess
import sys

import pytest

from cluster import ROOT, Failure, part, wait_until

sys.path.append(str(ROOT / "tests/deploy"))
from chart import CHART, VARIANTS, documents, release, rendered, variants  # noqa: E402

NAMESPACE = "pratique-system"
IMAGE = "ghcr.io/pratique-dev/pratique:0.1.0"
OTHER = "registry.example.com/shop/web:1.0"
MANIFESTS = ROOT / "deploy/manifests/pratique.yaml"
REGISTRATIONS = "/apis/admissionregistration.k8s.io/v1/"
VALIDATING = REGISTRATIONS + "validatingwebhookconfigurations/pratique"


def helm(cluster, *arguments, check=True):
    ran = subprocess.run([*map(str, (part("helm") / "helm", *arguments, "--kubeconfig", cluster.kubeconfig("admin")))],
                         capture_output=True, text=True, check=False,
                         env={**os.environ, "HOME": str(cluster.folder)})
    assert not check or ran.returncode == 0, ran.stdout + ran.stderr
    return ran


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


# -- while no replica runs --

def own_pod(made, image=None):
    template = made.one("Deployment")["spec"]["template"]
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": copy.deepcopy(template["spec"]),
           "metadata": {"generateName": "own-", "labels": template["metadata"]["labels"]}}
    if image:
        pod["spec"]["containers"][0]["image"] = image
    return pod


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


def test_our_own_pods_are_made(plain):
    """By the controllers, with what other admission plugins put into them."""
    def pods():
        found = plain.api("GET", f"/api/v1/namespaces/{NAMESPACE}/pods")["items"]
        return found if len(found) == 3 else None
    for pod in wait_until(pods, "three Pods", 60):
        assert pod["spec"]["containers"][0]["image"] == IMAGE
        assert pod["spec"]["priority"] == 2000000000


def change(path, value):
    """A function that sets a field of an object."""
    def do(body):
        *steps, last = path.split(".")
        for step in steps:
            body = body[int(step)] if isinstance(body, list) else body[step]
        body[last] = value
    return do


def more_volumes(pod):
    pod["spec"]["volumes"] += [{"name": f"v-{n}", "emptyDir": {}} for n in range(20)]


def container(pod, name, image=IMAGE):
    """One more like our own, so that only the webhook can mind it."""
    security = pod["spec"]["containers"][0]["securityContext"]
    return {"name": name, "image": image, "securityContext": security}


def second_container(pod):
    pod["spec"]["containers"].append(container(pod, "second"))


def init_container(image):
    return lambda pod: pod["spec"].update(initContainers=[container(pod, "init", image)])


def image_volume(pod):
    pod["spec"]["volumes"].append({"name": "data", "image": {"reference": IMAGE}})


NEXT = IMAGE.rsplit(":", 1)[0] + ":0.2.0"
ALIKE = ["ghcr.io/pratique-dev/pratique-evil:0.1.0", "ghcr.io/pratique-dev/pratique.evil.org/x:1",
         "evil.example.net/ghcr.io/pratique-dev/pratique:0.1.0", "ghcr.io/pratique-dev/pratique/evil:0.1.0",
         "ghcr.io:443/pratique-dev/pratique:0.1.0"]
NOT_OUR_OWN = {
    "another-image": change("spec.containers.0.image", OTHER),
    "another-version": change("spec.containers.0.image", NEXT),
    "a-digest-behind-it": change("spec.containers.0.image", IMAGE + "@sha256:" + "a" * 64),
    "an-init-container": init_container(OTHER),
    "an-init-container-of-our-image": init_container(IMAGE),
    "a-second-container": second_container,
    "an-image-volume": image_volume,
    "more-volumes-than-we-have": more_volumes,
    **{image: change("spec.containers.0.image", image) for image in ALIKE},
}


def test_a_pod_of_ours_is_not_asked_about(plain):
    assert create(plain, own_pod(rendered("default"))).returncode == 0


@pytest.mark.parametrize("what", NOT_OUR_OWN)
def test_any_other_pod_in_our_namespace_is(plain, what):
    pod = own_pod(rendered("default"))
    NOT_OUR_OWN[what](pod)
    assert is_asked_about(plain, pod)


def test_our_pod_elsewhere_is(plain):
    pod = own_pod(rendered("default"))
    del pod["spec"]["serviceAccountName"]
    assert is_asked_about(plain, pod, "shop")


def test_a_pod_with_thousands_of_containers_is(plain):
    """What an expression costs does not grow with the object: the API server's budget for it cannot be used up."""
    pod = own_pod(rendered("default"))
    pod["spec"]["containers"] = [container(pod, f"c{n}") for n in range(10000)]
    assert is_asked_about(plain, pod)
    pod = own_pod(rendered("default"))
    pod["spec"]["volumes"] += [{"name": f"v{n}", "emptyDir": {}} for n in range(20000)]
    assert is_asked_about(plain, pod)


def test_another_image_for_one_of_our_pods_is(plain):
    name = plain.api("GET", f"/api/v1/namespaces/{NAMESPACE}/pods")["items"][0]["metadata"]["name"]
    for image in (OTHER, NEXT):
        ran = plain.kubectl("set", "image", "pod/" + name, "pratique=" + image, namespace=NAMESPACE, check=False)
        assert 'failed calling webhook "images.pratique.dev"' in ran.stderr
    plain.kubectl("label", "pod", name, "looked-at=yes", namespace=NAMESPACE)


def test_an_ephemeral_container_in_one_of_our_pods_is(plain):
    name = plain.api("GET", f"/api/v1/namespaces/{NAMESPACE}/pods")["items"][0]["metadata"]["name"]
    for image in (OTHER, IMAGE):
        ran = plain.kubectl("debug", name, "--image", image, "--profile=restricted", namespace=NAMESPACE, check=False)
        assert 'failed calling webhook "images.pratique.dev"' in ran.stderr


def workload(kind, image):
    spec = {"containers": [{"name": "pratique", "image": image}]}
    template = {"metadata": {"labels": {"app": "x"}}, "spec": spec}
    if kind == "CronJob":
        spec["restartPolicy"] = "Never"
        return {"apiVersion": "batch/v1", "kind": kind, "metadata": {"name": "x"},
                "spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": template}}}}
    if kind == "Job":
        spec["restartPolicy"] = "Never"
        return {"apiVersion": "batch/v1", "kind": kind, "metadata": {"name": "x"}, "spec": {"template": template}}
    more = {"serviceName": "x"} if kind == "StatefulSet" else {}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "x"},
            "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": template, **more}}


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet"])
@pytest.mark.parametrize("image", [IMAGE, NEXT, IMAGE + "@sha256:" + "a" * 64, IMAGE.rsplit(":", 1)[0]])
def test_templates_of_any_version_of_ours_are_not(plain, kind, image):
    """Or an upgrade would depend on the replicas that it replaces."""
    assert create(plain, workload(kind, image)).returncode == 0


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet"])
@pytest.mark.parametrize("image", [OTHER, *ALIKE])
def test_templates_of_other_images_are(plain, kind, image):
    assert is_asked_about(plain, workload(kind, image))


def test_templates_that_bring_more_are(plain):
    body = workload("Deployment", IMAGE)
    body["spec"]["template"]["spec"]["initContainers"] = [{"name": "init", "image": OTHER}]
    assert is_asked_about(plain, body)
    body = workload("Deployment", IMAGE)
    body["spec"]["template"]["spec"]["volumes"] = [{"name": "data", "image": {"reference": OTHER}}]
    assert is_asked_about(plain, body)


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "Job", "CronJob"])
def test_kinds_that_we_are_not_are(plain, kind):
    assert is_asked_about(plain, workload(kind, IMAGE))


def test_system_namespaces_are_open_while_all_are_down(plain):
    """As systemNamespaces.failurePolicy says, and the audit log tells of it."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "repair"}, "spec": TEMPLATE["spec"]}
    before = plain.metrics("apiserver_admission_webhook_fail_open_count")
    plain.kubectl("create", "-f", "-", input=pod, namespace="kube-system")
    after = plain.metrics("apiserver_admission_webhook_fail_open_count")
    series = 'apiserver_admission_webhook_fail_open_count{name="system.images.pratique.dev",type="validating"}'
    assert after[series] == before.get(series, 0) + 1
    events = [event for event in plain.audit() if event.get("objectRef", {}).get("name") == "repair"]
    assert any("failed-open" in name for event in events for name in event["annotations"])


def test_what_the_alerts_ask_of_the_api_server_is_there(plain):
    """tests/deploy/test_monitoring.py holds the rest of the alerts against our own metrics."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": TEMPLATE["spec"]}
    assert is_asked_about(plain, pod, "shop")
    for name in ("rejection_count", "fail_open_count", "admission_duration_seconds_bucket"):
        series = plain.metrics("apiserver_admission_webhook_" + name)
        assert any("images.pratique.dev" in one for one in series), name
    assert any('error_type="calling_webhook_error"' in one and 'name="images.pratique.dev"' in one
               for one in plain.metrics("apiserver_admission_webhook_rejection_count"))


@pytest.mark.parametrize("label", ["kubernetes.io/metadata.name=kube-system", "kubernetes.io/metadata.name-"])
def test_no_label_puts_a_namespace_out_of_reach(plain, label):
    plain.kubectl("label", "--overwrite", "namespace", "shop", label, check=False)
    labels = plain.api("GET", "/api/v1/namespaces/shop")["metadata"]["labels"]
    assert labels["kubernetes.io/metadata.name"] == "shop"
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": TEMPLATE["spec"]}
    assert is_asked_about(plain, pod, "shop")


# -- Helm's way --

@pytest.fixture(scope="module")
def installed(clusters):
    """A cluster of its own with the chart installed by Helm, as the page says."""
    cluster = clusters()
    cluster.namespace("shop")
    ran = helm(cluster, "install", "pratique", CHART, "--namespace", NAMESPACE, "--create-namespace")
    assert "The default policy only warns." in ran.stdout
    return cluster


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


def test_what_our_rights_allow(installed):
    token = token_of_ours(installed)
    secrets, leases = (f"/api/v1/namespaces/{NAMESPACE}/secrets",
                       f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "pratique-tls"}}
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "pratique"}}
    for path, body in ((secrets, secret), (leases, lease)):
        installed.create(path, body, token=token)
        at = f"{path}/{body['metadata']['name']}"
        installed.api("PUT", at, installed.api("GET", at, token=token), token=token)
        installed.api("DELETE", at)
    write_bundle(installed, bundle_of(installed), token)


def test_what_our_rights_do_not_allow(installed):
    token = token_of_ours(installed)
    installed.create(f"/api/v1/namespaces/{NAMESPACE}/secrets", {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "other"}})
    other = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
             "metadata": {"name": "other"}, "webhooks": []}
    installed.create(REGISTRATIONS + "validatingwebhookconfigurations", other)
    for method, path in (
            ("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets"), ("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets/other"),
            ("GET", "/api/v1/namespaces/kube-system/secrets"), ("GET", f"/api/v1/namespaces/{NAMESPACE}/pods"),
            ("GET", REGISTRATIONS + "validatingwebhookconfigurations/other"), ("DELETE", VALIDATING),
            ("GET", REGISTRATIONS + "validatingwebhookconfigurations"), ("GET", "/api/v1/namespaces")):
        with pytest.raises(Failure) as failure:
            installed.api(method, path, token=token)
        assert failure.value.code == 403, path


def test_an_upgrade_leaves_the_ca_bundle(installed):
    bundle = bundle_of(installed)
    write_bundle(installed, bundle, token_of_ours(installed))
    helm(installed, "upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set", "timeoutSeconds=7")
    assert bundles(installed) == [bundle] * 2
    assert {one["timeoutSeconds"] for one in installed.api("GET", VALIDATING)["webhooks"]} == {7}


def test_so_does_a_rollback(installed):
    write_bundle(installed, bundle_of(installed), token_of_ours(installed))
    helm(installed, "rollback", "pratique", "1", "--namespace", NAMESPACE)
    assert bundles(installed) == [bundle_of(installed)] * 2
    assert {one["timeoutSeconds"] for one in installed.api("GET", VALIDATING)["webhooks"]} == {5}


def test_so_do_helms_other_ways(installed):
    """The merge that Helm 3 makes, and a bundle that changed in between."""
    write_bundle(installed, bundle_of(installed), token_of_ours(installed))
    helm(installed, "upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--server-side=false", "--set",
         "timeoutSeconds=9")
    assert bundles(installed) == [bundle_of(installed)] * 2
    helm(installed, "upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--server-side=true", "--force-conflicts")
    assert bundles(installed) == [bundle_of(installed)] * 2


def test_an_upgrade_does_not_depend_on_what_it_replaces(installed):
    """No replica runs, and the image is a new one."""
    helm(installed, "upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set", "image.tag=0.2.0")

    def new_pods():
        found = installed.api("GET", f"/api/v1/namespaces/{NAMESPACE}/pods")["items"]
        return [pod for pod in found if pod["spec"]["containers"][0]["image"] == NEXT]
    wait_until(new_pods, "a Pod of the new version")


def test_rewriting_can_be_added(installed):
    helm(installed, "upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set", "mutating.enabled=true")
    path = REGISTRATIONS + "mutatingwebhookconfigurations/pratique"
    write_bundle(installed, bundle_of(installed), token_of_ours(installed), path)
    helm(installed, "upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set",
         "mutating.enabled=true,mutating.reinvocationPolicy=Never")
    assert bundles(installed, path) == [bundle_of(installed)] * 2
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": TEMPLATE["spec"]}
    assert is_asked_about(installed, pod, "shop", "rewrite.images.pratique.dev")
    assert create(installed, own_pod(rendered("default"))).returncode == 0
    helm(installed, "upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set", "mutating.enabled=false")
    assert not installed.exists(path)


def test_a_broken_value_changes_nothing(installed):
    before = installed.api("GET", VALIDATING)
    ran = helm(installed, "upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set", "failurePolicy=Open",
               check=False)
    assert ran.returncode != 0 and "failurePolicy" in ran.stderr
    assert installed.api("GET", VALIDATING) == before


def test_uninstalling_takes_the_registration_first(installed):
    helm(installed, "uninstall", "pratique", "--namespace", NAMESPACE)
    deleted = [(event["objectRef"]["resource"], event["objectRef"]["name"]) for event in installed.audit()
               if event["verb"] == "delete" and event["user"]["username"] == "admin"]
    registration, deployment = ("validatingwebhookconfigurations", "pratique"), ("deployments", "pratique")
    assert deleted.index(registration) < deleted.index(deployment)
    installed.kubectl("run", "web", "--image", OTHER, namespace="shop")
    left = installed.kubectl("get", "all,configmaps,roles,rolebindings,networkpolicies,poddisruptionbudgets",
                             "--selector", "app.kubernetes.io/name=pratique", "-o", "name", namespace=NAMESPACE).stdout
    assert not [name for name in left.split() if not name.startswith("pod/")]
    for cluster_wide in ("clusterroles", "clusterrolebindings"):
        assert not installed.exists(f"/apis/rbac.authorization.k8s.io/v1/{cluster_wide}/pratique")


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
