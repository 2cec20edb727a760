"""What the API server asks about while no replica runs: everything but our own Pods, which it tells by itself."""
import pytest

from cluster import wait_until
from registration import (IMAGE, NAMESPACE, NEXT, OTHER, POD, REPOSITORY, create, is_asked_about, own_pod,
                          plain, rendered)  # noqa: F401


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


ALIKE = ["ghcr.io/pratique-dev/pratique-evil:0.1.0", "ghcr.io/pratique-dev/pratique.evil.org/x:1",
         "evil.example.net/ghcr.io/pratique-dev/pratique:0.1.0", "ghcr.io/pratique-dev/pratique/evil:0.1.0",
         "ghcr.io:443/pratique-dev/pratique:0.1.0", "ghcr.io/pratique-dev/pratique:5000/evil:1",
         "ghcrxio/pratique-dev/pratique:0.1.0"]
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
    for kind in ("Deployment", "ReplicaSet"):
        assert is_asked_about(plain, workload(kind, IMAGE), "shop")


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
@pytest.mark.parametrize("image", [IMAGE, NEXT, IMAGE + "@sha256:" + "a" * 64, REPOSITORY])
def test_templates_of_any_version_of_ours_are_not(plain, kind, image):
    """Or an upgrade would depend on the replicas that it replaces."""
    assert create(plain, workload(kind, image)).returncode == 0


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet"])
@pytest.mark.parametrize("image", [OTHER, *ALIKE])
def test_templates_of_other_images_are(plain, kind, image):
    assert is_asked_about(plain, workload(kind, image))


def test_templates_with_an_endless_name_are(plain):
    assert is_asked_about(plain, workload("Deployment", REPOSITORY + ":" + "a" * 1000000))


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
    pod = {**POD, "metadata": {"name": "repair"}}
    before = plain.metrics("apiserver_admission_webhook_fail_open_count")
    plain.kubectl("create", "-f", "-", input=pod, namespace="kube-system")
    after = plain.metrics("apiserver_admission_webhook_fail_open_count")
    series = 'apiserver_admission_webhook_fail_open_count{name="system.images.pratique.dev",type="validating"}'
    assert after[series] == before.get(series, 0) + 1
    events = [event for event in plain.audit() if event.get("objectRef", {}).get("name") == "repair"]
    assert any("failed-open" in name for event in events for name in event["annotations"])


def test_what_the_alerts_ask_of_the_api_server_is_there(plain):
    """tests/deploy/test_monitoring.py holds the rest of the alerts against our own metrics."""
    assert is_asked_about(plain, POD, "shop")
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
    assert is_asked_about(plain, POD, "shop")
