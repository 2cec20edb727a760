"""What certificates did to the webhooks of others, done to ours. docs/peers.md tells what went wrong there."""
import contextlib
import http.client
import ssl

from pratique_server import (ALLOWED, DENIED, SECONDS, Authority, Load, allowed, ask, new_key, openssl, review,
                             wait_until)
from test_outages import judges


def put_certificate(server, pair):
    for source, name in zip(pair, ("tls.crt", "tls.key")):
        (server.folder / (name + ".new")).write_bytes(source.read_bytes())
        (server.folder / (name + ".new")).rename(server.folder / name)


def serving(authority, folder, dates=()):
    """A certificate for 127.0.0.1, by this authority."""
    key, request, certificate, extensions = (folder / f"{authority.name}-serving{end}"
                                             for end in (".key", ".csr", ".crt", ".ext"))
    new_key(key)
    openssl("req", "-new", "-key", key, "-subj", "/CN=pratique", "-out", request)
    extensions.write_text("extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", request, "-CA", authority.certificate, "-CAkey", authority.key,
            "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", certificate, *dates)
    return certificate, key


def trusts(server, authority):
    """Whether a caller that trusts this authority alone is answered."""
    context = ssl.create_default_context(cafile=authority.certificate)
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=SECONDS, context=context)
    try:
        with contextlib.closing(connection):
            return allowed(ask(connection, "POST", "/validate", review(DENIED)).body) is False
    except ssl.SSLError:
        return False


def test_connaisseur_181_255_gatekeeper_2261_another_authority(new_server, tmp_path):
    """An upgrade brings a certificate by a new authority: callers that trust the new one are answered without a
    restart, and connections that are open meanwhile go on."""
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new")
    server = new_server()
    put_certificate(server, serving(old, tmp_path))
    server.start()
    assert trusts(server, old) and not trusts(server, new)
    context = ssl.create_default_context(cafile=old.certificate)
    load = Load(server, ssl._create_unverified_context())
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=SECONDS, context=context)
    with contextlib.closing(connection):
        assert not allowed(ask(connection, "POST", "/validate", review(DENIED)).body)
        put_certificate(server, serving(new, tmp_path))
        wait_until(lambda: trusts(server, new), "the new authority's certificate")
        assert not trusts(server, old)
        assert not allowed(ask(connection, "POST", "/validate", review(DENIED)).body)
    assert not any(load.end())


def test_imageswap_webhook_115_a_certificate_that_has_ended_is_replaced(new_server, tmp_path):
    """The server starts with it, says so, and takes the next one without a restart."""
    authority = Authority(tmp_path, "ca")
    ended = authority.sign("pratique", usage="serverAuth",
                           dates=("-startdate", "20200101000000Z", "-enddate", "20200201000000Z"))
    server = new_server()
    put_certificate(server, ended)
    server.start()
    assert server.metric("pratique_certificate_expiry_timestamp_seconds") == 1580515200
    assert not trusts(server, authority)
    put_certificate(server, serving(authority, tmp_path))
    wait_until(lambda: trusts(server, authority), "the new certificate")


def test_policy_controller_681_a_certificate_that_is_not_there_yet(new_server):
    """The process ends and names the file; started again when the file is there, it serves."""
    server = new_server()
    certificate, later = server.folder / "tls.crt", server.folder / "later.crt"
    certificate.rename(later)
    server.launch()
    assert server.wait() != 0 and "tls.crt" in server.log()
    later.rename(certificate)
    assert judges(server.start())


def chain_of(authority, folder, length):
    """A client certificate behind so many intermediate authorities, and its key, which is that of all of them."""
    key = new_key(folder / "chain.key")
    links, issuer = [], (authority.certificate, authority.key)
    for n in range(length + 1):
        certificate = folder / f"link-{n}.crt"
        kind = ("extendedKeyUsage=clientAuth",) if n == length else \
            ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign")
        name = "kube-apiserver" if n == length else f"link-{n}"
        openssl("req", "-x509", "-CA", issuer[0], "-CAkey", issuer[1], "-key", key, "-subj", "/CN=" + name, "-days",
                "2", *(word for one in kind for word in ("-addext", one)), "-out", certificate)
        issuer, links = (certificate, key), [certificate, *links]
    bundle = folder / "chain.crt"
    bundle.write_text("".join(link.read_text() for link in links))
    return bundle, key


def test_cve_2026_32280_a_chain_without_end(new_server, tmp_path):
    """A caller with a chain of a hundred intermediates costs no more than its own connection."""
    authority = Authority(tmp_path)
    server = new_server(tls={"clientCA": str(authority.certificate)}, limits={"threads": 1}).start()
    (tmp_path / "short").mkdir()
    (tmp_path / "long").mkdir()
    short, long = chain_of(authority, tmp_path / "short", 1), chain_of(authority, tmp_path / "long", 100)
    assert judges(server, client=short)
    for _ in range(5):
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = server.post(review(ALLOWED), client=long)
            assert answer.status == 403
    assert judges(server, client=short)
