"""Policies of a real API server that restarts, forgets, vanishes, or has many: what a replica decides meanwhile, and how
it catches up. What a real one does not do when it is asked to is in tests/integration/test_cluster_outages.py."""
import concurrent.futures
import json
import signal
import subprocess
import urllib.request

import pytest

from cluster import DEADLINE, Replica, wait_until
from pratique_server import allowed, review
from test_crds import API, definitions, establish, policy

OURS, OTHERS = "registry.example.com/app:1.0", "other.example.com/app:1.0"
WATCHES = 4


@pytest.fixture(scope="module")
def cluster(clusters):
    cluster = clusters()
    establish(cluster, definitions())
    return cluster


class Caller(Replica):
    """A replica that is asked by its address, which its certificate does not name."""

    def context(self, *arguments, **options):
        context = super().context(*arguments, **options)
        context.check_hostname = False
        return context


def kill_api_server(cluster):
    """At once: with watches open it takes a minute to end by itself."""
    cluster.processes["kube-apiserver"].kill()
    cluster.stop_api_server()


def trusting(registry, name="base"):
    return policy({"rules": [{"name": "trusted", "allow": [registry]}]}, name=name)


def create(cluster, made):
    return cluster.create(f"{API}/clusterimagepolicies", made)


def replace(cluster, registry):
    """The policy `base` trusts another registry."""
    cluster.request("PATCH", f"{API}/clusterimagepolicies/base", content_type="application/merge-patch+json",
                    body={"spec": {"rules": [{"name": "trusted", "allow": [registry]}]}})


@pytest.fixture
def policies(cluster):
    create(cluster, trusting("registry.example.com"))
    yield
    cluster.request("DELETE", f"{API}/clusterimagepolicies")


@pytest.fixture
def launch(cluster, tmp_path):
    """A replica of the cluster's policies alone; it need not be ready."""
    launched = []

    def launch():
        replica = Caller(cluster, 11, tmp_path, kubernetes={
            "kubeconfig": str(cluster.kubeconfig("admin")), "policies": True, "namespaces": True})
        del replica.configuration["policies"]
        launched.append(replica.launch())
        started = wait_until(lambda: replica.event("started") or replica.process.poll() is not None, "started")
        assert isinstance(started, dict), replica.log()
        replica.port, replica.plain_port = started["port"], started["plainPort"]
        return replica

    yield launch
    for replica in launched:
        replica.stop()


@pytest.fixture
def replica(policies, launch):
    replica = launch()
    wait_until(lambda: ready(replica) and fresh(replica), "ready", DEADLINE)
    return replica


def ready(replica):
    return replica.get_plain("/readyz").status == 200


def fresh(replica):
    return all(one.get("fresh", True) for one in replica.ready_checks().values())


def verdict(replica, image):
    answer = replica.post(review(image, namespace="default"))
    return allowed(answer.body) if answer.status == 200 else answer.status


def decides(replica, image, wanted):
    wait_until(lambda: verdict(replica, image) is wanted, f"{image} {'admitted' if wanted else 'denied'}", DEADLINE)


def relists(replica, reason):
    return replica.metric(f'pratique_watch_relists_total{{resource="clusterimagepolicies",reason="{reason}"}}')


def compact(cluster):
    """Have etcd forget all revisions but the newest."""
    def etcd(path, body):
        request = urllib.request.Request(f"http://{cluster.address}:2379{path}", data=json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            return json.loads(answer.read())
    revision = etcd("/v3/maintenance/status", {})["header"]["revision"]
    etcd("/v3/kv/compaction", {"revision": revision, "physical": True})


def test_the_api_server_restarts(cluster, replica):
    kill_api_server(cluster)
    wait_until(lambda: not fresh(replica), "a sign of it", DEADLINE)
    detail = replica.ready_checks()["cluster"]["detail"]
    assert "clusterimagepolicies" in detail and "not heard of since" in detail
    assert ready(replica) and verdict(replica, OURS) is True and verdict(replica, OTHERS) is False
    cluster.start_api_server()
    wait_until(lambda: fresh(replica), "all well", DEADLINE)
    replace(cluster, "other.example.com")
    decides(replica, OTHERS, True)
    decides(replica, OURS, False)


def test_the_api_server_is_away_at_start(cluster, policies, launch):
    kill_api_server(cluster)
    replica = launch()
    wait_until(lambda: "onnect" in replica.ready_checks()["cluster"].get("detail", ""), "a reason", DEADLINE)
    assert not ready(replica)
    assert [verdict(replica, image) for image in (OURS, OTHERS)] == [429, 429]
    cluster.start_api_server()
    wait_until(lambda: ready(replica), "ready", DEADLINE)
    assert verdict(replica, OURS) is True and verdict(replica, OTHERS) is False


def test_what_changed_is_not_missed_though_its_version_has_expired(cluster, replica):
    """A replica that slept through a restart, changes, and a compaction; one of them a deletion, which nobody tells."""
    create(cluster, trusting("registry.example.com", name="second"))
    wait_until(lambda: replica.events("policies loaded")[-1]["policies"] == 2, "two policies", DEADLINE)
    replica.signal(signal.SIGSTOP)
    try:
        replace(cluster, "other.example.com")
        cluster.request("DELETE", f"{API}/clusterimagepolicies/second")
        kill_api_server(cluster)
        cluster.start_api_server()
        compact(cluster)
    finally:
        replica.signal(signal.SIGCONT)
    decides(replica, OTHERS, True)
    decides(replica, OURS, False)
    wait_until(lambda: fresh(replica), "all well", DEADLINE)
    assert replica.events("policies loaded")[-1]["policies"] == 1
    assert relists(replica, "expired") >= 1 and relists(replica, "distrusted") == 0


def test_the_machine_of_the_api_server_vanishes(cluster, replica):
    """Nothing is sent and nothing comes; only the lack of an answer to signs of life tells it, within a minute or so."""
    subprocess.run(["ip", "address", "delete", cluster.address + "/32", "dev", "lo"], check=True)
    try:
        wait_until(lambda: not fresh(replica), "a sign of it", DEADLINE * 2)
        assert verdict(replica, OURS) is True and verdict(replica, OTHERS) is False
    finally:
        cluster.add_address(cluster.address)
    wait_until(lambda: fresh(replica), "all well", DEADLINE)
    replace(cluster, "other.example.com")
    decides(replica, OTHERS, True)


def test_many_policies_over_many_pages(cluster, policies, launch):
    """The one that matters is the last of the last page; then all of them are gone."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: create(cluster, trusting("registry.example.com", name=f"m-{i:04}")), range(1100)))
    create(cluster, trusting("other.example.com", name="z"))
    replica = launch()
    wait_until(lambda: ready(replica), "ready", DEADLINE)
    assert replica.events("policies loaded")[-1]["policies"] == 1102
    assert verdict(replica, OURS) is False and verdict(replica, OTHERS) is False
    cluster.request("DELETE", f"{API}/clusterimagepolicies/z")
    decides(replica, OURS, True)
    cluster.request("DELETE", f"{API}/clusterimagepolicies")
    decides(replica, OURS, False)
    wait_until(lambda: replica.events("policies loaded")[-1]["policies"] == 0, "no policies", DEADLINE)
    lists = [event["requestURI"] for event in cluster.audit()
             if event["verb"] == "list" and event.get("userAgent", "").startswith("pratique/")
             and "/clusterimagepolicies?limit=500" in event["requestURI"]]
    assert len([uri for uri in lists if "continue=" in uri]) >= 2
