"""Three replicas, installed by the chart, behind one Service: what may happen to them while people create Pods."""
import signal
import subprocess

import pytest

from cluster import DEADLINE, wait_until
from installed import BINARY, POLICY
from load import Creates

GOOD, BAD = "registry.example.com/app:1", "evil.example.net/miner:1"


@pytest.fixture
def load(installed):
    load = Creates(installed.cluster, installed.cluster.namespace(), GOOD, BAD, threads=3)
    wait_until(lambda: load.done() > 50, "some load", DEADLINE)
    yield load
    load.end()


def more(load, count=60):
    """Let the load go on for a while."""
    goal = min(load.done() + count, load.most)
    wait_until(lambda: load.done() >= goal, "more load", DEADLINE)


def test_three_replicas_of_an_unprivileged_user(installed):
    assert len(installed.pods()) == 3
    for pod in installed.pods().values():
        status = open(f"/proc/{pod.process.pid}/status").read()
        assert "Uid:\t65532\t65532\t65532\t65532" in status and "CapEff:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status


def test_rolling_restart(installed, load):
    before = set(installed.pods())
    installed.kubectl("rollout", "restart", "deployment/pratique")
    installed.rolled_out()
    assert not before & set(installed.pods())
    more(load)
    load.end()
    assert load.failed() == {} and load.wrong == []
    assert load.outcomes["allowed"] and load.outcomes["denied"]


def test_policy_change(installed, load):
    """A ConfigMap that changes reaches all replicas without a restart, and no request fails meanwhile."""
    new = "registry.k8s.io/pause:3.10"
    assert installed.create(new).returncode == 0
    pids = {pod.process.pid for pod in installed.pods().values()}
    installed.upgrade({"policies": {"baseline.yaml": POLICY.replace(", registry.k8s.io", "")}})
    installed.everywhere(new, denied="policy baseline, rule trusted-registries")
    more(load)
    load.end()
    assert load.failed() == {} and load.wrong == []
    assert {pod.process.pid for pod in installed.pods().values()} == pids
    installed.upgrade({"policies": {"baseline.yaml": POLICY}})
    installed.everywhere(new)


def test_broken_policy_keeps_the_old_one(installed):
    installed.upgrade({"policies": {"baseline.yaml": POLICY.replace("allow:", "alow:")}})
    wait_until(lambda: all('"reload_broken"' in pod.log() or "policies are wrong" in pod.log()
                           for pod in installed.pods().values()), "the complaint", DEADLINE)
    assert "denied the request" in installed.create(BAD).stderr and installed.create(GOOD).returncode == 0
    installed.rolled_out()
    installed.upgrade({"policies": {"baseline.yaml": POLICY}})


def test_history(installed):
    """Each replica keeps what it decided, in a file on a volume of its own that replay reads."""
    installed.upgrade({"history": {"enabled": True}})
    installed.rolled_out()
    installed.wait()
    new = "registry.k8s.io/history:1"
    assert installed.create(new).returncode == 0
    files = [pod.volumes.path("history") / "history.db" for pod in installed.pods().values()]

    def found():
        ran = [subprocess.run([BINARY, "replay", "--policy", "-", file], text=True, capture_output=True,
                              input=POLICY.replace(", registry.k8s.io", "")) for file in files]
        return any("newly denied" in one.stdout and new in one.stdout for one in ran)
    wait_until(found, "the decision in a history", DEADLINE)
    installed.upgrade({"history": {"enabled": False}})
    installed.rolled_out()


def test_kill_of_a_replica(installed, load, record_property):
    """A kill breaks what it was answering, and refuses connections until its endpoint is gone or it is started again.
    failurePolicy is Fail, so these are refused; nobody is admitted, and those who try again are answered."""
    victim = next(iter(installed.pods().values()))
    restarts = victim.restarts
    victim.process.send_signal(signal.SIGKILL)
    wait_until(lambda: victim.restarts > restarts and victim.ready, "its restart", DEADLINE)
    more(load)
    load.end()
    record_property("failed", sum(load.failed().values()))
    print(f"a kill -9 among {load.done()} creates: {sum(load.failed().values())} failed")
    assert load.wrong == []
    for text in load.failed():
        assert text.startswith("500: Internal error occurred: failed calling webhook"), text
    assert sum(load.failed().values()) < load.done() / 4
    assert "denied the request" in installed.create(BAD).stderr


def scale(installed, count):
    installed.kubectl("scale", "deployment/pratique", f"--replicas={count}")


def none_left(installed):
    scale(installed, 0)
    wait_until(lambda: not installed.pods(), "no replica", DEADLINE)


def recover(installed):
    """What docs/operations.md says: bring the replicas back; the API server lets our own Pods in without asking."""
    scale(installed, 3)
    installed.wait()


def test_all_down_with_fail(installed):
    none_left(installed)
    for image in (GOOD, BAD):
        refused = installed.create(image)
        assert refused.returncode == 1
        assert 'failed calling webhook "images.pratique.dev": failed to call webhook' in refused.stderr
    # kube-system is repaired without us, by the chart's choice
    assert installed.create(GOOD, namespace="kube-system").returncode == 0
    # our namespace opens for nothing but our own image
    assert installed.create(BAD, namespace="pratique-system").returncode == 1
    recover(installed)
    assert "denied the request" in installed.create(BAD).stderr


def test_all_down_with_ignore(installed):
    installed.upgrade({"failurePolicy": "Ignore"})
    installed.wait()
    none_left(installed)
    admitted = installed.create(BAD)
    assert admitted.returncode == 0
    annotations = [event["annotations"] for event in installed.cluster.audit()
                   if any(key.startswith("failed-open.validating.webhook.admission.k8s.io/")
                          for key in event.get("annotations", {}))]
    assert any("images.pratique.dev" in str(one) for one in annotations)
    opened = installed.cluster.metrics("apiserver_admission_webhook_fail_open_count")
    assert any('name="images.pratique.dev"' in series for series in opened)
    recover(installed)
    assert "denied the request" in installed.create(BAD).stderr
    installed.upgrade({"failurePolicy": "Fail"})


def test_way_out_by_the_registration(installed):
    """Where the replicas cannot come back: without the registration, nothing is asked about."""
    none_left(installed)
    installed.kubectl("delete", "validatingwebhookconfiguration", "pratique")
    wait_until(lambda: installed.create(GOOD).returncode == 0, "no webhook", DEADLINE)
    scale(installed, 3)
    installed.upgrade({})
    installed.wait()
