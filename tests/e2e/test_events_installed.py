"""Events as the chart sets them up: with the rights that it gives, and only then."""
import pytest

from cluster import Failure, wait_until
from installed import NAMESPACE
from registration import token_of_ours
from test_events import BAD, events, pod

EVENT = {"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "x.1"}, "type": "Normal",
         "eventTime": "2026-01-01T00:00:00.000000Z", "reason": "R", "action": "A", "reportingController": "example.com/x",
         "reportingInstance": "x", "regarding": {"apiVersion": "v1", "kind": "Namespace", "name": "default",
                                                 "namespace": "default"}}
ALL = "/apis/events.k8s.io/v1/namespaces/default/events"


def is_forbidden(cluster, method, path, body=None, **options):
    try:
        cluster.api(method, path, body, token=token_of_ours(cluster), **options)
    except Failure as failure:
        assert failure.code == 403, failure
        return True
    return False


def deny(cluster, namespace, name):
    with pytest.raises(Failure) as failure:
        cluster.create(f"/api/v1/namespaces/{namespace}/pods", pod(BAD, name))
    assert failure.value.code == 403 and "denied the request" in failure.value.status["message"]


def test_off_then_on_then_off(installed):
    cluster = installed.cluster
    shop = cluster.namespace()
    assert is_forbidden(cluster, "POST", ALL, EVENT)
    deny(cluster, shop, "before")
    installed.upgrade({"events": {"enabled": True}})
    try:
        installed.wait()
        deny(cluster, shop, "web")
        [event] = wait_until(lambda: events(cluster, shop), "an Event")
        assert event["note"].endswith("(Pod web)") and event["reportingInstance"] in installed.pods()
        assert not is_forbidden(cluster, "POST", ALL, EVENT)
        patch = {"series": {"count": 2, "lastObservedTime": "2026-01-01T00:00:01.000000Z"}}
        assert not is_forbidden(cluster, "PATCH", ALL + "/x.1", patch, content_type="application/merge-patch+json")
        for method, path in (("GET", ALL), ("GET", ALL + "/x.1"), ("DELETE", ALL + "/x.1"), ("PUT", ALL + "/x.1"),
                             ("GET", "/api/v1/namespaces/default/events")):
            assert is_forbidden(cluster, method, path, EVENT if method == "PUT" else None), path
        webhooks = cluster.api("GET", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/pratique")
        assert {one["sideEffects"] for one in webhooks["webhooks"]} == {"NoneOnDryRun"}
    finally:
        installed.upgrade({"events": {"enabled": False}})
        installed.wait()
    assert is_forbidden(cluster, "POST", ALL, EVENT)
    deny(cluster, shop, "after")
    assert [one["note"].rsplit(" (")[1] for one in events(cluster, shop)] == ["Pod web)"]
    assert not installed.kubectl("get", "clusterrole", "pratique-events", check=False).returncode == 0
    assert NAMESPACE not in str(events(cluster, "default"))
