"""The certificate that the program makes and rotates, before a real API server: three replicas with the least rights.
The tests of a cluster follow one another; each begins and ends with everything settled."""
import signal
import time

import pytest

from cluster import DEADLINE, wait_until
from managed import (LEASE, MUTATING, SECRET, VALIDATING, Replicas, certificates, registration, verifies)

LONG = 3 * DEADLINE  # for a rotation, whose times are real


@pytest.fixture(scope="module")
def replicas(clusters, tmp_path_factory):
    cluster = clusters()
    replicas = Replicas(cluster, tmp_path_factory.mktemp("managed"), validity="60s", authorityValidity="120s",
                        overlap="3s")
    yield replicas
    replicas.stop()
    log = replicas.log()
    assert "PRIVATE KEY" not in log and replicas.token not in log and "Bearer" not in log
    assert "Sanitizer" not in log and "runtime error" not in log


def register(replicas, kind, name, path):
    replicas.cluster.kubectl("apply", "--server-side", "-f", "-", input=registration(kind, name, path))


def settled(replicas):
    wait_until(replicas.settled, "a settled state", LONG)


# -- the beginning --

def test_nothing_is_served_before_there_is_a_certificate(replicas):
    """The rights are there, but the Secret is not, and nobody leads: the Lease is another's."""
    cluster = replicas.cluster
    cluster.create(LEASE.rsplit("/", 1)[0], {
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "pratique-tls"},
        "spec": {"holderIdentity": "someone else", "leaseDurationSeconds": 3600,
                 "renewTime": "2000-01-01T00:00:00.000000Z"}})
    one = replicas.all[0].start()
    detail = "waiting for a certificate in Secret pratique-system/pratique-tls: it does not exist yet"
    wait_until(lambda: one.ready_checks()["certificate"].get("detail") == detail, "the reason", DEADLINE)
    assert one.ready_checks()["certificate"] == {"ok": False, "fresh": False, "detail": detail}
    assert one.get_plain("/readyz").status == 503 and one.get_plain("/healthz").status == 200
    assert one.leaf() is None and one.event("waiting for the first certificate")["detail"]
    assert not one.leads() and not cluster.exists(SECRET)
    one.stop()
    cluster.request("DELETE", LEASE)


def test_the_first_start(replicas):
    """Replicas are ready though no webhook is registered, and one that is registered later is made to trust them."""
    replicas.start()
    assert replicas.leader().event("a webhook configuration does not exist yet; it is waited for")
    secret = replicas.secret()
    assert set(secret) == {"tls.crt", "tls.key", "ca.crt", "ca.key"}
    assert verifies(replicas.folder, secret["ca.crt"], secret["tls.crt"].decode())
    assert {one.leaf() for one in replicas.all} == {secret["tls.crt"].decode()}
    register(replicas, "ValidatingWebhookConfiguration", "pratique", "/validate")
    wait_until(replicas.judged, "reviews", DEADLINE)
    assert replicas.bundles() == [secret["ca.crt"]] * 2
    assert sum(one.leads() for one in replicas.all) == 1
    for one in replicas.all:
        ends = one.metric("pratique_certificate_expiry_timestamp_seconds")
        assert time.time() < ends < time.time() + 61


def test_a_configuration_that_comes_later(replicas):
    register(replicas, "MutatingWebhookConfiguration", "pratique-late", "/mutate")
    wait_until(lambda: all(replicas.bundles(MUTATING)), "its caBundle", DEADLINE)
    wait_until(replicas.judged, "reviews", DEADLINE)
    missing = "a webhook configuration does not exist yet; it is waited for"
    assert len(replicas.leader().events(missing)) == 2, "once for each"


# -- rotation --

def test_rotation_under_load(replicas):
    """A certificate is renewed, and an authority replaced, while people create Pods: no review fails."""
    settled(replicas)
    first = replicas.secret()
    with replicas.creates() as load:
        renewed = wait_until(lambda: (now := replicas.secret())["tls.crt"] != first["tls.crt"] and now,
                             "a renewed certificate", LONG)
        both = wait_until(lambda: len(replicas.authorities()) == 2 and replicas.secret(),
                          "a second authority", LONG)
        wait_until(lambda: all(len(certificates(one)) == 2 for one in replicas.bundles() + replicas.bundles(MUTATING)),
                   "both in every caBundle", DEADLINE)
        last = wait_until(lambda: len(replicas.authorities()) == 1 and replicas.secret(),
                          "one authority again", LONG)
        settled(replicas)
        seen = load.done()
        wait_until(lambda: load.done() > seen + 50, "reviews by the new one", DEADLINE)
    assert load.wrong == [] and load.failed() == {}
    assert load.done() > 500
    if renewed["ca.crt"] == first["ca.crt"]:
        assert renewed["ca.key"] == first["ca.key"]
    assert both["ca.crt"].endswith(renewed["ca.crt"]) and both["ca.key"] != renewed["ca.key"]
    assert both["ca.crt"].startswith(last["ca.crt"]) and both["ca.key"] == last["ca.key"]
    assert not verifies(replicas.folder, first["ca.crt"], last["tls.crt"].decode())
    assert sum(one.metric('pratique_certificate_rotations_total{step="drop"}') for one in replicas.all) >= 1


def test_the_leader_dies_in_the_middle(replicas):
    """Killed while both authorities are there: another goes on from the Secret, and no review fails."""
    settled(replicas)
    leader = replicas.leader()
    replicas.route(but=leader)
    replicas.change_secret({"ca.key": None})  # which begins a rotation
    both = wait_until(lambda: len(found := replicas.authorities()) == 2 and found, "a second authority", DEADLINE)
    leader.signal(signal.SIGKILL)
    leader.wait()
    with replicas.creates() as load:
        wait_until(lambda: len(replicas.authorities()) == 1, "the end of the rotation", LONG)
        settled(replicas)
    assert load.wrong == [] and load.failed() == {} and load.done() > 100
    assert replicas.authorities() == both[:1]
    assert replicas.leader() is not leader
    leader.start()
    wait_until(leader.ready, "its return", DEADLINE)
    replicas.route()


def test_a_leader_that_stops_gives_the_lease_up(replicas):
    leader = replicas.leader()
    replicas.route(but=leader)
    leader.stop()
    holder = replicas.cluster.api("GET", LEASE)["spec"]["holderIdentity"]
    assert holder == "" or replicas.leader() is not leader
    wait_until(replicas.leader, "another leader", DEADLINE)
    leader.start()
    wait_until(leader.ready, "its return", DEADLINE)
    replicas.route()


# -- damage --

@pytest.mark.parametrize("path", [VALIDATING, MUTATING], ids=["validating", "mutating"])
def test_an_upgrade_that_empties_the_bundles(replicas, path):
    settled(replicas)
    replicas.empty_bundles(path)
    wait_until(lambda: all(replicas.bundles(path)) and replicas.judged(), "the repair", DEADLINE)


def test_the_secret_is_deleted(replicas):
    """Everything is made anew, beside what is served: no review fails."""
    settled(replicas)
    before = replicas.secret()
    with replicas.creates() as load:
        replicas.cluster.request("DELETE", SECRET)
        wait_until(lambda: (now := replicas.secret()) and now["ca.crt"] != before["ca.crt"], "a Secret", DEADLINE)
        wait_until(lambda: replicas.secret().get("tls.crt"), "a certificate", DEADLINE)
        settled(replicas)
    assert load.wrong == [] and load.failed() == {} and load.done() > 50
    assert all(one.ready() for one in replicas.all)


@pytest.mark.parametrize("damage", [
    {"tls.crt": None, "tls.key": None}, {"tls.crt": b"junk"}, {"ca.key": None}, {"ca.key": b"junk"},
    {"ca.crt": b"junk"}, {"tls.crt": None, "tls.key": None, "ca.crt": None, "ca.key": None}],
    ids=["no-leaf", "leaf", "no-authority-key", "authority-key", "authorities", "everything"])
def test_the_secret_is_damaged(replicas, damage):
    settled(replicas)
    with replicas.creates() as load:
        replicas.change_secret(damage)
        wait_until(lambda: all((replicas.secret() or {}).get(name) not in (value, None, b"")
                               for name, value in damage.items()), "the repair", DEADLINE)
        settled(replicas)
        seen = load.done()
        wait_until(lambda: load.done() > seen + 20, "reviews", DEADLINE)
    assert load.wrong == [] and load.failed() == {}


# -- the API server --

def test_the_api_server_goes_away(replicas):
    """What is there is served on, one line in the log tells, a metric counts, and it goes on when it is back."""
    settled(replicas)
    one = replicas.all[0]
    lines = len(one.events("managing the certificate fails; it is tried again"))
    replicas.cluster.stop_api_server()
    wait_until(lambda: one.metric('pratique_certificate_failures_total{what="secret"}') >= 3, "failures", DEADLINE)
    assert one.leaf() and one.ready()
    told = one.events("managing the certificate fails; it is tried again")[lines:]
    assert sorted(event["what"] for event in told) == ["lease", "secret"]
    replicas.cluster.start_api_server()
    wait_until(lambda: len(one.events("managing the certificate goes on")) >= 2, "the recovery", DEADLINE)
    wait_until(replicas.judged, "reviews", DEADLINE)
