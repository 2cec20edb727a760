"""Helm's own way through an installation: install, upgrade, roll back, uninstall."""
import pytest

from cluster import Failure, wait_until
from registration import (CHART, NAMESPACE, NEXT, OTHER, POD, REGISTRATIONS, VALIDATING, VARIANTS, bundle_of,
                          bundles, create, is_asked_about, own_pod, rendered, token_of_ours, write_bundle)


@pytest.fixture(scope="module")
def installed(clusters):
    """A cluster of its own with the chart installed by Helm, as the page says."""
    cluster = clusters()
    cluster.namespace("shop")
    ran = cluster.helm("install", "pratique", CHART, "--namespace", NAMESPACE, "--create-namespace")
    assert "The default policy only warns." in ran.stdout
    return cluster


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
            ("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets"),
            ("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets/other"),
            ("GET", "/api/v1/namespaces/kube-system/secrets"), ("GET", f"/api/v1/namespaces/{NAMESPACE}/pods"),
            ("GET", REGISTRATIONS + "validatingwebhookconfigurations/other"), ("DELETE", VALIDATING),
            ("GET", REGISTRATIONS + "validatingwebhookconfigurations"), ("GET", "/api/v1/namespaces/default")):
        with pytest.raises(Failure) as failure:
            installed.api(method, path, token=token)
        assert failure.value.code == 403, path


def test_an_upgrade_leaves_the_ca_bundle(installed):
    bundle = bundle_of(installed)
    write_bundle(installed, bundle, token_of_ours(installed))
    installed.helm("upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set", "timeoutSeconds=7")
    assert bundles(installed) == [bundle] * 2
    assert {one["timeoutSeconds"] for one in installed.api("GET", VALIDATING)["webhooks"]} == {7}


def test_so_does_a_rollback(installed):
    write_bundle(installed, bundle_of(installed), token_of_ours(installed))
    installed.helm("rollback", "pratique", "1", "--namespace", NAMESPACE)
    assert bundles(installed) == [bundle_of(installed)] * 2
    assert {one["timeoutSeconds"] for one in installed.api("GET", VALIDATING)["webhooks"]} == {5}


def test_so_do_helms_other_ways(installed):
    """The merge that Helm 3 makes, and a bundle that changed in between."""
    write_bundle(installed, bundle_of(installed), token_of_ours(installed))
    installed.helm("upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--server-side=false", "--set",
         "timeoutSeconds=9")
    assert bundles(installed) == [bundle_of(installed)] * 2
    installed.helm("upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--server-side=true", "--force-conflicts")
    assert bundles(installed) == [bundle_of(installed)] * 2


def test_to_a_certificate_of_ones_own_and_back(installed):
    """The program has written the caBundle, so Helm must be told to take it over, as the page says."""
    write_bundle(installed, bundle_of(installed), token_of_ours(installed))
    provided = ("upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--values", VARIANTS / "provided.yaml")
    ran = installed.helm(*provided, check=False)
    assert ran.returncode != 0 and "conflict" in ran.stderr and "clientConfig.caBundle" in ran.stderr
    assert bundles(installed) == [bundle_of(installed)] * 2
    installed.helm(*provided, "--force-conflicts")
    wanted = [one["clientConfig"]["caBundle"]
              for one in rendered("provided").webhooks("ValidatingWebhookConfiguration").values()]
    assert bundles(installed) == wanted
    installed.helm("upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set", "tls.mode=managed")
    assert bundles(installed) == [None] * 2
    write_bundle(installed, bundle_of(installed), token_of_ours(installed))


def test_an_upgrade_does_not_depend_on_what_it_replaces(installed):
    """No replica runs, and the image is a new one."""
    installed.helm("upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set", "image.tag=0.2.0")

    def new_pods():
        found = installed.api("GET", f"/api/v1/namespaces/{NAMESPACE}/pods")["items"]
        return [pod for pod in found if pod["spec"]["containers"][0]["image"] == NEXT]
    wait_until(new_pods, "a Pod of the new version")


def test_rewriting_can_be_added(installed):
    installed.helm("upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set", "mutating.enabled=true")
    path = REGISTRATIONS + "mutatingwebhookconfigurations/pratique"
    write_bundle(installed, bundle_of(installed), token_of_ours(installed), path)
    installed.helm("upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set",
         "mutating.enabled=true,mutating.reinvocationPolicy=Never")
    assert bundles(installed, path) == [bundle_of(installed)] * 2
    assert is_asked_about(installed, POD, "shop", "rewrite.images.pratique.dev")
    assert create(installed, own_pod(rendered("default"))).returncode == 0
    installed.helm("upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set", "mutating.enabled=false")
    assert not installed.exists(path)


def test_a_broken_value_changes_nothing(installed):
    before = installed.api("GET", VALIDATING)
    ran = installed.helm("upgrade", "pratique", CHART, "--namespace", NAMESPACE, "--set", "failurePolicy=Open",
               check=False)
    assert ran.returncode != 0 and "failurePolicy" in ran.stderr
    assert installed.api("GET", VALIDATING) == before


def test_uninstalling_takes_the_registration_first(installed):
    installed.helm("uninstall", "pratique", "--namespace", NAMESPACE)
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
