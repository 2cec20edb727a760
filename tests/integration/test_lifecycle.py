"""Starting, and all the ways not to; stopping without losing a request."""
import contextlib
import json
import re
import signal
import socket
import ssl

import pytest

from pratique_server import (ALLOWED, DENIED, Authority, Load, allowed, ask, make_certificate,
                             one_answer, policy, read_answers, request_bytes, review, statuses,
                             wait_until)


# -- starting --

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


# -- stopping --

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_stops(new_server, number):
    server = new_server().start()
    server.signal(number)
    assert server.wait() == 0
    assert server.event("stopping")["signal"] == number
    assert server.event("drained")["abandoned"] == 0


def test_readiness_fails_while_draining(new_server):
    server = new_server(drain={"delay": "60s", "timeout": "10s"}).start()
    with contextlib.closing(server.connection()) as kept:
        assert not ask(kept, "POST", "/validate", review(ALLOWED)).closes
        server.signal(signal.SIGTERM)
        answer = wait_until(lambda: next((answer for answer in [server.get_plain("/readyz")]
                                          if answer.status == 503), None))
        body = json.loads(answer.body)
        assert body["ready"] is False and body["checks"]["draining"] == {"ok": False}
        assert server.get_plain("/healthz").status == 200, "it is alive"
        answer = ask(kept, "POST", "/validate", review(DENIED))
        assert not allowed(answer.body) and answer.headers["Connection"] == "close"
    answer = server.post(review(ALLOWED))
    assert allowed(answer.body) and answer.closes, "new connections are answered still"
    server.signal(signal.SIGTERM)
    assert server.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("drain", [{"delay": "600s", "timeout": "1s"}, {"delay": "0s", "timeout": "600s"}])
def test_a_second_signal_stops_at_once(new_server, number, drain):
    server = new_server(drain=drain).start()
    with server.socket() as sock:
        sock.sendall(request_bytes(length=False, headers=["Content-Length: 5"]))
        wait_until(lambda: server.metric("pratique_reviews_in_flight") == 1)
        server.signal(signal.SIGTERM)
        wait_until(lambda: server.event("stopping"))
        server.signal(signal.SIGHUP)  # nothing to a server that ends
        server.signal(number)
        assert server.wait() == 0
        assert server.event("stopping without draining")["signal"] == number


def test_a_review_in_flight_ends(new_server):
    server = new_server(drain={"delay": "0s", "timeout": "60s"}).start()
    body = review(DENIED)
    with server.socket() as sock:
        sock.sendall(request_bytes(length=False, headers=[f"Content-Length: {len(body)}"]))
        wait_until(lambda: server.metric("pratique_reviews_in_flight") == 1)
        server.signal(signal.SIGTERM)

        def refused():
            try:
                server.tcp().close()
            except ConnectionError:
                return True
        wait_until(refused)
        sock.sendall(body)
        answer = one_answer(sock)
        assert answer.status == 200 and not allowed(answer.body) and answer.closes
    assert server.wait() == 0 and server.event("drained")["abandoned"] == 0


def test_what_never_ends_is_abandoned(new_server):
    server = new_server(drain={"delay": "0s", "timeout": "100ms"}).start()
    with server.socket() as sock:
        sock.sendall(request_bytes(length=False, headers=["Content-Length: 5"]))
        wait_until(lambda: server.metric("pratique_reviews_in_flight") == 1)
        server.signal(signal.SIGTERM)
        assert server.wait() == 0
        assert read_answers(sock) == b""
    assert server.event("drained")["abandoned"] == 1


def test_no_request_is_lost_while_draining(new_server):
    """Callers with kept and with new connections; new ones stop where a Service would see that the
    server is not ready, and the kept ones where it asks them to."""
    server = new_server(drain={"delay": "3s", "timeout": "30s"}).start()
    load = Load(server, ssl._create_unverified_context(), until_closed=True)
    wait_until(lambda: len(load.verdicts) > 200 or load.failures)
    server.signal(signal.SIGTERM)
    wait_until(lambda: server.get_plain("/readyz").status == 503)
    verdicts = load.end()
    assert server.wait() == 0
    assert len(verdicts) > 200 and True not in verdicts
    assert server.event("drained")["abandoned"] == 0


@pytest.mark.parametrize("n", range(5))
def test_stopping_under_load_is_no_crash(new_server, n):
    """Without a delay some callers see their connection refused; the server ends well all the same,
    and what it answers is answered whole."""
    server = new_server(drain={"delay": "0s", "timeout": "10s"}).start()
    load = Load(server, ssl._create_unverified_context())
    wait_until(lambda: len(load.verdicts) > 20 * (n + 1) or load.failures)
    server.signal(signal.SIGTERM)
    assert server.wait() == 0, server.log()
    load.stop.set()
    for thread in load.threads:
        thread.join()
    assert True not in load.verdicts
    assert all(isinstance(failure, OSError) or "RemoteDisconnected" in repr(failure)
               for failure in load.failures), load.failures
