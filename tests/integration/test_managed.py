"""The managed certificate against an API server that fails on purpose (fake_kube.py)."""
import contextlib
import json
import ssl
import time

import pytest

from fake_kube import LEASE, SECRET, WEBHOOKS, FakeKube, launch_managed
from pratique_server import ALLOWED, DENIED, Authority, Load, allowed, ask, review, wait_until

FAILS = "managing the certificate fails; it is tried again"


@pytest.fixture
def fake(tmp_path):
    folder = tmp_path / "kube"
    folder.mkdir()
    fake = FakeKube(folder)
    fake.register()
    yield fake
    fake.stop()


def begin(server, fake, **options):
    """Start it, until it is listening."""
    launch_managed(server, fake, **options)
    started = wait_until(lambda: server.event("started") or server.process.poll() is not None)
    assert isinstance(started, dict), server.log()
    server.port, server.plain_port = started["port"], started["plainPort"]
    return server


def ready(server):
    return server.get_plain("/readyz").status == 200


def detail(server):
    return server.ready_checks()["certificate"].get("detail", "")


def trusts(fake):
    """A caller that believes what the caBundle says, and asks for the name of the Service."""
    context = ssl.create_default_context(cadata=fake.bundle().decode())
    context.check_hostname = False  # the connection is to an address; the name is checked by hand
    return context


def serves(server, fake):
    with contextlib.closing(trusts(fake).wrap_socket(server.tcp())) as sock:
        names = [name for _, name in sock.getpeercert()["subjectAltName"]]
    assert names == ["pratique.ns.svc", "pratique.ns", "pratique.ns.svc.cluster.local"]
    return True


def test_it_is_made_and_served(new_server, fake):
    server = begin(new_server(), fake)
    wait_until(lambda: ready(server) and fake.bundle() == fake.secret()["ca.crt"])
    assert serves(server, fake)
    assert server.metric("pratique_certificate_leader") == 1
    assert server.metric('pratique_certificate_rotations_total{step="authority"}') == 1
    assert server.metric('pratique_certificate_failures_total{what="lease"}') == 0
    server.stop()
    assert fake.objects[LEASE]["spec"]["holderIdentity"] == ""
    log = server.log()
    assert "PRIVATE KEY" not in log and fake.token not in log


@pytest.mark.parametrize("answer", [
    (500, b"{}"), (403, b'{"kind": "Status", "reason": "Forbidden", "message": "secrets is forbidden"}'),
    (200, b"<html>"), (200, b"[" * 1000), (200, b'{"a": "' + b"x" * (4 * 1024 * 1024) + b'"}'), (302, b"")],
    ids=["500", "403", "html", "deep", "large", "redirect"])
def test_answers_that_are_none(new_server, fake, answer):
    """Nothing is served and nothing is made; when the API server is itself again, all is well."""
    fake.fault = lambda handler: answer if handler.path.startswith("/api/v1/") else None
    server = begin(new_server(), fake)
    wait_until(lambda: server.event(FAILS))
    assert server.get_plain("/readyz").status == 503
    assert detail(server).startswith("waiting for a certificate in Secret ns/tls: ")
    with pytest.raises((ssl.SSLError, OSError)):
        server.context(trust=fake.authority.certificate).wrap_socket(server.tcp(), server_hostname="127.0.0.1")
    fake.fault = lambda handler: None
    wait_until(lambda: ready(server) and fake.bundle())
    assert serves(server, fake)
    assert len(server.events(FAILS)) == 1


def test_writes_that_do_not_stay(new_server, fake):
    """They are repeated, but not without a pause: not more than three looks in the time between two."""
    def forget(handler):
        return (200, b'{"data": 7, "metadata": []}') if handler.path.startswith("/api/v1/") else None

    fake.fault = forget
    began, server = time.monotonic(), begin(new_server(), fake)
    wait_until(lambda: fake.requests.count(("PUT", SECRET)) >= 8)
    writes, seconds = fake.requests.count(("PUT", SECRET)), time.monotonic() - began
    assert writes <= 3 * (seconds / 1.6 + 1)
    assert server.get_plain("/readyz").status == 503
    fake.fault = lambda handler: None
    wait_until(lambda: ready(server) and fake.bundle() == fake.secret()["ca.crt"])


def test_an_api_server_that_hangs(new_server, fake):
    """It is given up after a while, told, and does not keep the process from ending."""
    def hang(_):
        fake.release.wait()
        return 500, b"{}"

    fake.fault = hang
    server = begin(new_server(), fake)
    wait_until(lambda: "no answer in time" in detail(server))
    assert server.event(FAILS)["kind"] == "timeout"
    server.stop()


@pytest.mark.parametrize("command", ["POST", "PUT", "PATCH"])
def test_a_conflict_at_the_first_write(new_server, fake, command):
    left = [1]

    def conflict(handler):
        if handler.command == command and handler.path != LEASE and left and left.pop():
            return 409, b"{}"
        return None

    fake.fault = conflict
    server = begin(new_server(), fake)
    wait_until(lambda: ready(server) and fake.bundle() == fake.secret().get("ca.crt"))
    assert not left and serves(server, fake)


def test_a_token_that_is_renewed(new_server, fake):
    server = begin(new_server(), fake)
    wait_until(lambda: ready(server))
    (fake.folder / "token").write_text("token-2\n")
    fake.token = "token-2"
    seen = len(fake.requests)
    wait_until(lambda: len(fake.requests) > seen + 6)
    assert not server.events(FAILS), "read again, and not told"


def test_another_authority_speaks_for_the_api_server(new_server, fake, tmp_path):
    server = begin(new_server(), fake, authority=Authority(tmp_path, "evil-ca"))
    wait_until(lambda: "certificate" in (server.event(FAILS) or {}).get("error", ""))
    assert not fake.requests, "no token was sent"


def test_a_clock_that_is_wrong_makes_no_certificate(new_server, fake):
    fake.date = "Thu, 26 Nov 2099 14:36:31 GMT"
    server = begin(new_server(), fake)
    failure = wait_until(lambda: server.event(FAILS))
    assert failure["error"].startswith("this machine's clock is ")
    assert failure["error"].endswith("s behind that of the API server: no certificate is made by it")
    assert SECRET not in fake.objects
    fake.date = None
    wait_until(lambda: ready(server))


def test_certificates_change_under_load(new_server, fake):
    """The certificate is made anew five times; no request is lost."""
    server = begin(new_server(), fake)
    wait_until(lambda: ready(server) and fake.bundle())
    kept = server.context()
    kept.check_hostname, kept.verify_mode = False, ssl.CERT_NONE
    load = Load(server, kept)
    try:
        for _ in range(5):
            before = fake.secret()
            with fake.lock:
                secret = json.loads(json.dumps(fake.objects[SECRET]))
                secret["data"]["tls.crt"] = ""
                fake.store(SECRET, secret)
            wait_until(lambda: fake.secret()["tls.crt"] not in (b"", before["tls.crt"]))
            wait_until(lambda: ssl.DER_cert_to_PEM_cert(peer(server)) == fake.secret()["tls.crt"].decode())
    finally:
        verdicts = load.end()
    assert len(verdicts) > 20 and not any(verdicts)


def peer(server):
    with contextlib.closing(ssl._create_unverified_context().wrap_socket(server.tcp())) as sock:
        return sock.getpeercert(binary_form=True)


def test_a_connection_lives_on_with_the_certificate_it_began_with(new_server, fake):
    server = begin(new_server(), fake, overlap="1s")
    wait_until(lambda: ready(server) and fake.bundle())
    context = ssl._create_unverified_context()
    server.context = lambda client=None, trust=None: context
    with contextlib.closing(server.connection()) as connection:
        assert allowed(ask(connection, "POST", "/validate", review(ALLOWED)).body)
        old = peer(server)
        with fake.lock:
            fake.objects.pop(SECRET)
        wait_until(lambda: peer(server) != old)
        assert not allowed(ask(connection, "POST", "/validate", review(DENIED)).body)


@pytest.mark.parametrize("kubeconfig, wanted", [
    (None, "tls.managed: not in a Pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; outside a "
           "cluster, name a kubeconfig file"),
    ("missing", "tls.managed: {folder}/missing: cannot open: No such file or directory"),
], ids=["no-cluster", "no-file"])
def test_without_a_cluster_it_does_not_start(new_server, kubeconfig, wanted):
    server = new_server()
    server.configuration["tls"] = {"managed": {"secret": "tls", "service": "pratique"}}
    server.environment.pop("KUBERNETES_SERVICE_HOST", None)
    if kubeconfig:
        server.configuration["kubernetes"] = {"kubeconfig": kubeconfig}
    server.launch()
    assert server.wait() == 2
    assert wanted.format(folder=server.folder) in server.log()


def test_registrations_are_looked_at_again_and_again(new_server, fake):
    fake.objects.pop(WEBHOOKS)
    server = begin(new_server(), fake)
    wait_until(lambda: ready(server))
    missing = "a webhook configuration does not exist yet; it is waited for"
    wait_until(lambda: server.event(missing))
    fake.register()
    wait_until(lambda: server.event("a caBundle is written"))
    fake.register()  # without one, as an upgrade does
    wait_until(lambda: len(server.events("a caBundle is written")) == 2)
    assert fake.bundle() == fake.secret()["ca.crt"]
    assert len(server.events(missing)) == 1
