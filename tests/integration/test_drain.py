"""Stopping without losing a request, and without waiting for ever."""
import contextlib
import json
import signal
import ssl

import pytest

from pratique_server import (ALLOWED, DENIED, Load, allowed, ask, one_answer, read_answers,
                             request_bytes, review, wait_until)


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
