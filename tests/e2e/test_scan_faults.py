"""Where reports cannot be written, or not all, or not any more: what is told, what is left alone, and that it goes on."""
import pytest

from cluster import DEADLINE, wait_until
from objects import JSON_PATCH, patch, path, pod
from scanned import KINDS, LEASE, Scanners, define, forget, reports, rights, served
from test_scan import BAD, ENFORCED, GOOD, WARNED, create, wait_for

POLICIES = ENFORCED + WARNED % "warn"


@pytest.fixture(scope="module")
def cluster(clusters):
    return clusters()


@pytest.fixture
def start(cluster, tmp_path):
    """Start replicas that scan often; they end with the test."""
    started = []

    def go(**options):
        scanners = Scanners(cluster, tmp_path / f"scanners-{len(started)}", **{"interval": "10s", **options})
        scanners.policies(POLICIES)
        started.append(scanners)
        return scanners.start()
    yield go
    for one in started:
        one.stop()


def told(scanners, message, **fields):
    return [event for one in scanners.all for event in one.events(message) if event.items() >= fields.items()]


def test_without_the_kinds_of_reports(cluster, start):
    """It is told once for each; metrics show all the same; when the kinds come, the reports come."""
    namespace = cluster.namespace()
    create(cluster, namespace, pod(BAD, "miner"), pod(GOOD, "web"), pod("nowhere.example.org/x:1", "stranger"))
    scanners = start()
    scanners.scanned(1)
    message = "the API server knows no such reports; none are written"
    assert sorted(event["reports"] for event in told(scanners, message)) == ["policyreports", "reports"]
    [one] = scanners.all
    assert [one.metric(f'pratique_scan_objects{{verdict="{verdict}"}}') for verdict in ("allow", "warn", "deny")] == [
        1, 1, 1]
    assert one.metric("pratique_scan_complete") == one.metric("pratique_leader") == 1
    define(cluster)
    for plural in KINDS:
        wait_for(cluster, namespace, {("Pod", "miner"), ("Pod", "stranger")}, plural)
    wait_until(lambda: one.metric('pratique_scan_reports{format="openreports"}') == 2, "two reports", DEADLINE)
    forget(cluster)
    wait_until(lambda: len(told(scanners, message)) == 4, "that the kinds are gone", DEADLINE)


def test_without_a_right(cluster, start):
    """Without the right on one kind of report the other is written, and what runs is judged."""
    define(cluster)
    namespace = cluster.namespace()
    create(cluster, namespace, pod(BAD, "miner"))
    scanners = start()
    wait_for(cluster, namespace, {("Pod", "miner")}, "policyreports")
    wait_for(cluster, namespace, {("Pod", "miner")}, "reports")
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input=rights(groups=["openreports.io"]))
    [failure] = wait_until(lambda: told(scanners, "judging what runs already fails in part; it is tried again"),
                           "that it fails", DEADLINE)
    assert failure["what"] == "policyreports" and failure["kind"] == "unauthorized"
    create(cluster, namespace, pod(BAD, "another"))
    wait_for(cluster, namespace, {("Pod", "miner"), ("Pod", "another")}, "reports")
    assert set(reports(cluster, "policyreports", namespace)) == {("Pod", "miner")}
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input=rights())
    wait_for(cluster, namespace, {("Pod", "miner"), ("Pod", "another")}, "policyreports")
    assert told(scanners, "judging what runs already goes on", what="policyreports")


def test_a_namespace_that_goes_away(cluster, start):
    """No report can be made in it; that of the next namespace is."""
    define(cluster)
    going, staying = cluster.namespace("a-going"), cluster.namespace("b-staying")
    create(cluster, going, pod(BAD, "held", finalizers=["example.com/hold"]))
    cluster.kubectl("delete", "namespace", going, "--wait=false")
    wait_until(lambda: cluster.api("GET", "/api/v1/namespaces/" + going)["status"]["phase"] == "Terminating",
               "that it goes", DEADLINE)
    create(cluster, staying, pod(BAD, "miner"))
    scanners = start(format=["wgpolicyk8s"])
    wait_for(cluster, staying, {("Pod", "miner")})
    end = scanners.scanned()
    assert end["refused"] == 1 and reports(cluster, "policyreports", going) == {}
    [failure] = told(scanners, "judging what runs already fails in part; it is tried again")
    assert "403 Forbidden" in failure["error"] and "is being terminated" in failure["error"]
    patch(cluster, path(going, "pods", "held"), [{"op": "remove", "path": "/metadata/finalizers"}], JSON_PATCH)


def test_text_of_a_hostile_author(cluster, start):
    """What acts on a terminal does not come back from a report, whatever an author writes as the image."""
    define(cluster)
    namespace = cluster.namespace()
    create(cluster, namespace, pod("evil.example.net/\x1b[2J\u202e\x07</script>" + "x" * 900, "screen"))
    start()
    for plural in KINDS:
        [report] = wait_for(cluster, namespace, {("Pod", "screen")}, plural).values()
        [result] = report["results"]
        assert result["policy"] == "unreadable" and result["result"] == "fail"
        assert not {"\x1b", "\x07", "\u202e"} & set(str(report))
        text = cluster.kubectl("get", plural, "--output", "jsonpath={.items[*].results[*].message}",
                               namespace=namespace).stdout
        assert "evil.example.net/?[2J??" in text and "\x1b" not in text and len(text) <= 1024 + 3


def test_kyverno_2674_3801_1688_docs_365_more_than_a_report_holds(cluster, start):
    """A Pod of hundreds of forbidden images has a report of a bounded size, and what is not listed is counted."""
    define(cluster)
    namespace = cluster.namespace()
    body = pod(BAD, "many")
    body["spec"]["containers"] = [{"name": f"c{i}", "image": f"evil.example.net/{'x' * 200}:{i}"} for i in range(400)]
    create(cluster, namespace, body)
    start()
    for plural in KINDS:
        [report] = wait_for(cluster, namespace, {("Pod", "many")}, plural).values()
        assert report["summary"]["warn"] == 64 and report["results"][-1]["policy"] == "more"
        assert report["results"][-1]["message"] == "336 more results: they are not listed, to keep this small"
        assert len(str(report)) < 256 * 1024


def test_an_api_server_that_restarts(cluster, start):
    """A scan is given up, and the next one sees everything."""
    define(cluster)
    namespace = cluster.namespace()
    scanners = start()
    scanners.scanned()
    create(cluster, namespace, pod(BAD, "miner"))
    one = scanners.leader()
    cluster.stop_api_server()
    wait_until(lambda: one.metric("pratique_leader") == 0, "that it leads no more", DEADLINE)
    assert one.metric('pratique_scan_objects{verdict="warn"}') == one.metric("pratique_scan_complete") == 0
    cluster.start_api_server()
    for plural, group in KINDS.items():
        wait_until(lambda: served(cluster, f"{group}/{plural}"), plural, DEADLINE)
    wait_for(cluster, namespace, {("Pod", "miner")})
    wait_until(lambda: one.metric("pratique_scan_complete") == 1, "a whole scan", DEADLINE)
    assert cluster.api("GET", LEASE)["spec"]["holderIdentity"]
