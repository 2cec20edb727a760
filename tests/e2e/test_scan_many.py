"""Ten thousand objects: what a scan of them costs, a leader that dies in its middle, and that the next one goes on.
PRATIQUE_SCAN_TABLE=1 prints what bench/reports.md tells; PRATIQUE_SCAN_BAD_OF=1 has all of them reported."""
import collections
import concurrent.futures
import os
import signal

import pytest

from cluster import wait_until
from objects import path, pod
from pratique_server import BINARY
from scanned import KINDS, Scanners, define
from test_scan import BAD, ENFORCED, GOOD, WARNED

NAMESPACES, EACH = 20, 500
BAD_OF = int(os.environ.get("PRATIQUE_SCAN_BAD_OF", "5"))  # every fifth Pod
REPORTED = NAMESPACES * EACH // BAD_OF
SANITIZED = b"__asan_init" in open(BINARY, "rb").read()
LONG = 900  # seconds
CALLS_A_SECOND = 50


@pytest.fixture(scope="module")
def cluster(clusters):
    cluster = clusters()
    define(cluster)
    names = [cluster.namespace(f"many-{i:02}") for i in range(NAMESPACES)]

    def fill(namespace):
        for i in range(EACH):
            cluster.create(path(namespace, "pods"), pod(BAD if i % BAD_OF == 0 else GOOD, f"pod-{i:03}"))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, names))
    return cluster


def all_reports(cluster):
    return cluster.api("GET", f"{KINDS['policyreports']}/policyreports")["items"]


def calls(one):
    """The calls of scans so far, by name."""
    found = collections.Counter()
    for line in one.get_plain("/metrics").body.decode().splitlines():
        if line.startswith("pratique_scan_calls_total{"):
            found[line.split('call="')[1].split('"')[0]] += int(float(line.split()[-1]))
    return found


def peak(one):
    """The most memory that the process had so far, in MB."""
    for line in open(f"/proc/{one.process.pid}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1000
    raise AssertionError("no VmHWM")


def test_kyverno_11121_9000_1540_adm_controller_1292_a_leader_that_dies_in_the_middle(cluster, tmp_path):
    """The other goes on: at the end there is a report of each object that has something to tell, each was made once,
    and what the first had written was not written again. What both did is bounded: calls, memory, calls in a second."""
    scanners = Scanners(cluster, tmp_path, count=2, format=["wgpolicyk8s"])
    scanners.policies(ENFORCED + WARNED % "warn")
    for one in scanners.all:
        one.start()
        scanners.leader()
    first = scanners.leader()
    [second] = [one for one in scanners.all if one is not first]
    try:
        wait_until(lambda: len(all_reports(cluster)) > REPORTED // 4, "some reports", LONG)
        assert first.metric("pratique_scan_running") == 1 and first.metric("pratique_scan_progress_objects") > 1000
        first.signal(signal.SIGKILL)
        first.wait()
        there = len(all_reports(cluster))
        assert there < REPORTED
        [end] = wait_until(lambda: second.events("what runs already is judged"), "the scan of the other", LONG)
        assert end["result"] == "complete" and end["objects"] == NAMESPACES * EACH
        assert (end["unchanged"], end["created"], end["updated"], end["refused"]) == (there, REPORTED - there, 0, 0)

        found = all_reports(cluster)
        assert {(one["scope"]["namespace"], one["scope"]["name"]) for one in found} == {
            (f"many-{n:02}", f"pod-{i:03}") for n in range(NAMESPACES) for i in range(0, EACH, BAD_OF)}
        made = collections.Counter(
            (event["objectRef"]["namespace"], event["objectRef"]["name"]) for event in cluster.audit()
            if event["verb"] == "create" and event["objectRef"].get("resource") == "policyreports"
            and event["responseStatus"]["code"] == 201)
        assert len(made) == REPORTED and set(made.values()) == {1}
        assert all(one["metadata"]["generation"] == 1 for one in found)

        spent = calls(second)
        pages = NAMESPACES * EACH // 500 + there // 500 + 2
        assert spent["create"] == REPORTED - there and spent["list"] <= pages + 9
        assert sum(spent.values()) == spent["create"] + spent["list"]
        assert end["milliseconds"] >= sum(spent.values()) * 1000 / CALLS_A_SECOND - 1000
        if os.environ.get("PRATIQUE_SCAN_TABLE"):
            print("\nafter the death:", dict(spent), end, f"peak {peak(second):.1f} MB")
        if not SANITIZED:
            assert peak(second) < 64
    finally:
        scanners.stop()


def test_kyverno_8974_6462_5354_10761_17114_a_scan_that_finds_nothing_new(cluster, tmp_path):
    """Nothing is written, and reading takes some dozens of calls."""
    before = {one["metadata"]["name"]: one["metadata"]["resourceVersion"] for one in all_reports(cluster)}
    scanners = Scanners(cluster, tmp_path, format=["wgpolicyk8s"])
    scanners.policies(ENFORCED + WARNED % "warn")
    try:
        [one] = scanners.start().all
        idle = peak(one)
        end = wait_until(lambda: one.event("what runs already is judged"), "a scan", LONG)
        assert (end["result"], end["unchanged"], end["created"]) == ("complete", REPORTED, 0)
        spent = calls(one)
        assert set(spent) - {kind for kind, count in spent.items() if count == 0} == {"list"}
        assert spent["list"] <= NAMESPACES * EACH // 500 + REPORTED // 500 + 2 + 9
        assert {one["metadata"]["name"]: one["metadata"]["resourceVersion"] for one in all_reports(cluster)} == before
        if os.environ.get("PRATIQUE_SCAN_TABLE"):
            print("\nnothing new:", dict(spent), end, f"idle {idle:.1f} MB, peak {peak(one):.1f} MB")
        if not SANITIZED:
            assert peak(one) < 64
    finally:
        scanners.stop()
