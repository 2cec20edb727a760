"""Starting, and all the ways not to: each ends with a message and the documented code."""
import contextlib
import re
import socket
import ssl

import pytest

from pratique_server import DENIED, allowed, make_certificate, one_answer, policy, request_bytes, review


def ends(server, code, *texts):
    """It ends by itself with this code, says why, and never says that it is ready."""
    server.launch()
    assert server.wait() == code, server.log()
    for text in texts:
        assert text in server.log(), server.log()
    assert not server.event("ready")


def test_the_log_is_json_without_a_terminal(new_server):
    server = new_server().start()
    for event in server.events():
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", event["time"])
        assert event["level"] in ("info", "warning")
    ready = server.event("ready")
    assert ready["port"] == server.port and ready["plainPort"] == server.plain_port
    assert {event["message"] for event in server.events()} >= {"certificate loaded", "policies loaded"}


@pytest.mark.parametrize("door", ["listen", "plain"])
def test_a_port_that_is_taken(new_server, door):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = new_server()
        server.configuration[door]["port"] = port
        ends(server, 3, f"cannot listen on 127.0.0.1 port {port}: Address already in use")


def test_an_address_that_is_not_ours(new_server):
    server = new_server()
    server.configuration["listen"]["address"] = "192.0.2.1"
    ends(server, 3, "cannot listen on 192.0.2.1 port 0: Cannot assign requested address")


def test_pull_secrets_without_a_cluster(new_server):
    server = new_server(registries={"pullSecrets": True})
    ends(server, 2, "registries.pullSecrets: not in a Pod")


def test_ipv6(new_server):
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        server = new_server()
        server.configuration["listen"]["address"] = "::1"
        server.start()
        context = ssl._create_unverified_context()
        with context.wrap_socket(socket.create_connection(("::1", server.port), timeout=60)) as sock:
            sock.sendall(request_bytes(review(DENIED)))
            assert not allowed(one_answer(sock).body)


@pytest.mark.parametrize("name", ["tls.crt", "tls.key"])
def test_a_missing_certificate(new_server, name):
    server = new_server()
    (server.folder / name).unlink()
    ends(server, 2, f"{name}: cannot open: No such file or directory")


def test_a_key_that_does_not_fit(new_server):
    server = new_server()
    (server.folder / "other").mkdir()
    _, key = make_certificate(server.folder / "other")
    (server.folder / "tls.key").write_bytes(key.read_bytes())
    ends(server, 2, "tls.key is not the key of the certificate in")


def test_authorities_of_clients_that_are_none(new_server):
    server = new_server(tls={"clientCA": "client-ca.crt"})
    (server.folder / "client-ca.crt").write_text("-----BEGIN NOTHING-----\n")
    ends(server, 2, "client-ca.crt: no certificate authority in PEM")


def test_a_broken_policy(new_server):
    server = new_server()
    server.write_policy(policy().replace("allow:", "alow:"))
    ends(server, 2, "policies are wrong", "policy.yaml:7:")


def test_a_missing_folder_of_policies(new_server):
    server = new_server()
    server.configuration["policies"] = ["nowhere"]
    ends(server, 2, "nowhere")


def test_an_audit_log_that_cannot_be_written(new_server):
    server = new_server(audit={"path": "no-such-folder/audit.log"})
    ends(server, 2, "audit.log")


# kube-apiserver closes a connection that was silent for 90s; were we the first, a review would be lost.
@pytest.mark.parametrize("settings, text", [
    ({"idle": "90s"}, "must be from 100"), ({"idle": "99s"}, "idle"), ({"unknown": 1}, "unknown"),
    ({"listen": {"address": "localhost"}}, "must be an IP address"),
    ({"limits": {"connections": 5000}}, "4096"), ({"limits": {"body": 8388609}}, "8388608"),
    ({"tls": {"clientNames": ["x"]}}, "clientCA"), ({"reload": "1ms"}, "reload"),
    ({"policies": []}, "policies")])
def test_a_wrong_configuration(new_server, settings, text):
    ends(new_server(**settings), 2, text)
