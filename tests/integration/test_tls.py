"""TLS: versions, ciphers, ALPN."""
import contextlib
import subprocess

import pytest

from pratique_server import ALLOWED, DENIED, SECONDS, allowed, one_answer, request_bytes, review

CANNOT_DO_OLD = b"no protocols available"


def s_client(server, *arguments):
    """`openssl s_client` with old versions unlocked; returns what it prints."""
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-cipher", "ALL:@SECLEVEL=0",
         *arguments], input=b"", capture_output=True, timeout=SECONDS)


def negotiated(process):
    return process.returncode == 0 and b"Cipher is (NONE)" not in process.stdout


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_versions_are_refused(shared, version):
    process = s_client(shared, version)
    assert CANNOT_DO_OLD not in process.stderr, "the client did not even ask"
    assert not negotiated(process)


@pytest.mark.parametrize("version, name", [("-tls1_2", b"TLSv1.2"), ("-tls1_3", b"TLSv1.3")])
def test_new_versions_are_taken(shared, version, name):
    process = s_client(shared, version)
    assert negotiated(process) and b"New, " + name in process.stdout


@pytest.mark.parametrize("cipher", ["AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256",
                                    "DHE-RSA-AES128-GCM-SHA256", "NULL-SHA256", "aNULL"])
def test_ciphers_without_forward_secrecy_or_aead_are_refused(shared, cipher):
    process = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{shared.port}", "-tls1_2", "-cipher",
         cipher + ":@SECLEVEL=0"], input=b"", capture_output=True, timeout=SECONDS)
    assert b"no cipher match" not in process.stderr and not negotiated(process)


def test_no_session_is_resumed(shared):
    """A resumed session would skip the client's certificate."""
    process = s_client(shared, "-tls1_2", "-reconnect")
    assert b"Reused" not in process.stdout and b"New, TLSv1.2" in process.stdout


@pytest.mark.parametrize("offered, chosen", [
    (["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "http/1.1"), ([], None)])
def test_alpn(shared, offered, chosen):
    context = shared.context()
    if offered:
        context.set_alpn_protocols(offered)
    raw = shared.tcp()
    with context.wrap_socket(raw, server_hostname="127.0.0.1") as sock:
        assert sock.selected_alpn_protocol() == chosen
        sock.sendall(request_bytes(review(DENIED)))
        assert not allowed(one_answer(sock).body)


def test_plain_http_on_the_tls_port_is_no_http(shared):
    with shared.tcp() as sock:
        sock.sendall(request_bytes(review(ALLOWED)))
        data = b""
        with contextlib.suppress(ConnectionError):
            while more := sock.recv(4096):
                data += more
    assert b"HTTP/" not in data and b"allowed" not in data


def test_a_certificate_of_rsa(new_server, tmp_path):
    server = new_server()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                    "/CN=pratique", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    server.folder / "tls.key", "-out", server.folder / "tls.crt"],
                   check=True, stderr=subprocess.DEVNULL)
    server.start()
    assert not allowed(server.post(review(DENIED)).body)
