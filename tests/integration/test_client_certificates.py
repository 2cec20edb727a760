"""Whose certificates may ask for a verdict."""
import json
import ssl

import pytest

from pratique_server import (ALLOWED, DENIED, Authority, Server, allowed, make_certificate, one_answer,
                             request_bytes, review, wait_until)


@pytest.fixture(scope="module")
def authorities(tmp_path_factory):
    folder = tmp_path_factory.mktemp("authorities")
    return Authority(folder, "client-ca"), Authority(folder, "other-ca")


def client_server(folder, authority, **tls):
    return Server(folder, tls={"clientCA": str(authority.certificate), **tls}).start()


@pytest.fixture(scope="module")
def named(tmp_path_factory, authorities):
    """A server that answers only the API server, by a common name or a DNS name."""
    server = client_server(tmp_path_factory.mktemp("named"), authorities[0],
                           clientNames=["kube-apiserver", "api-*.example.com", "!api-evil*"])
    yield server
    server.stop()


def refusal(answer):
    assert answer.status == 403 and b"allowed" not in answer.body
    error = json.loads(answer.body)["error"]
    assert error["kind"] == "unauthorized"
    return error["message"]


def test_no_client_certificate(named):
    for path in ("/validate", "/mutate", "/imagepolicy"):
        assert refusal(named.post(review(ALLOWED), path)) == \
            "a client certificate is required, and none was sent"


def test_health_and_metrics_need_no_client_certificate(named):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert named.get(path).status == 200 and named.get_plain(path).status == 200
    assert "client_ca" in named.ready_checks()


@pytest.mark.parametrize("common_name, dns", [
    ("kube-apiserver", None), ("someone", "api-1.example.com"), ("api-2.example.com", None)])
@pytest.mark.parametrize("image, verdict", [(ALLOWED, True), (DENIED, False)])
def test_a_client_that_may_ask(named, authorities, common_name, dns, image, verdict):
    client = authorities[0].sign(common_name, dns=dns)
    assert allowed(named.post(review(image), client=client).body) is verdict


@pytest.mark.parametrize("common_name, dns", [
    ("kube-apiserver2", None), ("xkube-apiserver", None), ("alice", "bob.example.com"),
    ("api-evil.example.com", None), ("alice", "api-1.example.com.evil.org"),
    ("kube-apiserver", "api-evil.example.com"), ("api-evil", "api-1.example.com")])
def test_names_that_may_not_ask(named, authorities, common_name, dns):
    client = authorities[0].sign(common_name, dns=dns)
    assert refusal(named.post(review(ALLOWED), client=client)) == \
        "the client certificate has none of the names that may ask"


def test_a_client_of_another_authority(named, authorities):
    """With the right name, and even with an authority of the right name."""
    client = authorities[1].sign("kube-apiserver")
    assert "NOT trusted" in refusal(named.post(review(ALLOWED), client=client))


def test_an_authority_of_the_same_name_is_another(named, tmp_path):
    client = Authority(tmp_path, "client-ca").sign("kube-apiserver")
    assert "NOT trusted" in refusal(named.post(review(ALLOWED), client=client))


@pytest.mark.parametrize("dates", [
    ("-startdate", "20200101000000Z", "-enddate", "20200102000000Z"),
    ("-startdate", "20910101000000Z", "-enddate", "20920102000000Z")])
def test_a_client_out_of_its_time(named, authorities, dates):
    client = authorities[0].sign("kube-apiserver", dates=dates)
    message = refusal(named.post(review(ALLOWED), client=client))
    assert "expired" in message or "not yet valid" in message


def test_a_certificate_that_is_not_for_clients(named, authorities):
    client = authorities[0].sign("kube-apiserver", usage="serverAuth")
    assert "purpose" in refusal(named.post(review(ALLOWED), client=client))


def test_a_client_that_signs_itself(named, tmp_path):
    client = make_certificate(tmp_path, "self", "kube-apiserver")
    refusal(named.post(review(ALLOWED), client=client))


def test_a_leaf_is_no_authority(named, authorities, tmp_path):
    """A certificate that a leaf of the authority signed, sent with that leaf."""
    certificate, key = authorities[0].sign("kube-apiserver")
    below = Authority(tmp_path, "below")
    below.certificate.write_bytes(certificate.read_bytes())
    below.key.write_bytes(key.read_bytes())
    forged, forged_key = below.sign("kube-apiserver")
    chain = tmp_path / "chain.pem"
    chain.write_bytes(forged.read_bytes() + certificate.read_bytes())
    refusal(named.post(review(ALLOWED), client=(chain, forged_key)))


def test_any_name_of_the_authority(new_server, authorities):
    server = new_server(tls={"clientCA": str(authorities[0].certificate)}).start()
    assert allowed(server.post(review(ALLOWED), client=authorities[0].sign("anyone")).body)
    refusal(server.post(review(ALLOWED), client=authorities[1].sign("anyone")))
    refusal(server.post(review(ALLOWED)))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_authorities_are_changed_while_connections_are_open(new_server, authorities, version):
    old, new = authorities
    server = new_server(tls={"clientCA": "client-ca.crt"})
    (server.folder / "client-ca.crt").write_bytes(old.certificate.read_bytes())
    server.start()
    context = server.context(old.sign("kube-apiserver"))
    context.minimum_version = context.maximum_version = version
    raw = server.tcp()
    with context.wrap_socket(raw, server_hostname="127.0.0.1") as sock:
        sock.sendall(request_bytes(review(ALLOWED)))
        assert allowed(one_answer(sock).body)
        (server.folder / "client-ca.crt").write_bytes(new.certificate.read_bytes())
        wait_until(lambda: server.event("client authorities loaded"))
        sock.sendall(request_bytes(review(ALLOWED)))
        assert "NOT trusted" in refusal(one_answer(sock)), "the open connection is asked again"
    assert allowed(server.post(review(ALLOWED), client=new.sign("kube-apiserver")).body)


def test_requests_that_are_refused_for_their_client_are_counted(named):
    name = 'pratique_rejected_total{reason="client_certificate"}'
    before = named.metric(name)
    refusal(named.post(review(ALLOWED)))
    assert named.metric(name) == before + 1
