"""Bounds: connections, reviews in flight, memory, and the time that slow callers get."""
import contextlib
import json
import resource
import socket
import time

import pytest

from pratique_server import (ALLOWED, DENIED, allowed, ask, one_answer, request_bytes,
                             review, wait_until)

IDLE = 1000


@pytest.fixture
def many_files():
    """This process needs a descriptor for each connection, too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = IDLE + 200
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"at most {hard} files may be open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def open_many(stack, server, n, tls=True):
    context = server.context()
    for _ in range(n):
        raw = server.tcp()
        stack.enter_context(context.wrap_socket(raw, server_hostname="127.0.0.1") if tls else raw)


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "no-handshake"])
def test_idle_connections_are_no_burden(new_server, many_files, tls):
    server = new_server().start()
    with contextlib.ExitStack() as stack:
        open_many(stack, server, IDLE if not tls else IDLE // 2, tls)
        wait_until(lambda: server.metric("pratique_connections") >= (IDLE if not tls else IDLE // 2))
        for image, verdict in ((ALLOWED, True), (DENIED, False)) * 5:
            assert allowed(server.post(review(image)).body) is verdict
    wait_until(lambda: server.metric("pratique_connections") == 1)  # this question's own


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_connections_at_the_limit(new_server, threads):
    """The last one is answered; one more waits until another is closed, and is answered then."""
    server = new_server(limits={"connections": 8, "threads": threads}).start()
    with contextlib.ExitStack() as stack:
        open_many(stack, server, 7)
        with server.socket() as last:
            last.sendall(request_bytes(review(ALLOWED)))
            assert allowed(one_answer(last).body)
            waiting = [stack.enter_context(server.tcp()) for _ in range(3)]
            assert server.metric("pratique_connections") == 9, "8, and the plain one of this question"
            for sock in waiting:
                sock.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    assert sock.recv(1), "not closed"
                sock.setblocking(True)
        context = server.context()
        sock = context.wrap_socket(waiting[0], server_hostname="127.0.0.1")
        sock.sendall(request_bytes(review(DENIED)))
        assert not allowed(one_answer(sock).body)
        sock.close()
    wait_until(lambda: server.metric("pratique_connections") == 1)
    assert allowed(server.post(review(ALLOWED)).body)


def begin_review(server, stack, length, sent=b""):
    sock = stack.enter_context(server.socket())
    sock.sendall(request_bytes(length=False, headers=[f"Content-Length: {length}"]) + sent)
    return sock


def refused_as_busy(answer):
    assert answer.status == 429 and answer.headers["Retry-After"] == "1"
    assert b"allowed" not in answer.body
    assert json.loads(answer.body)["error"]["message"] == "too many reviews are in flight; ask again"
    return True


def test_reviews_in_flight(new_server):
    server = new_server(limits={"reviewsInFlight": 3}).start()
    body = review(DENIED)
    with contextlib.ExitStack() as stack:
        first, *_ = [begin_review(server, stack, len(body)) for _ in range(3)]
        wait_until(lambda: server.metric("pratique_reviews_in_flight") == 3)
        with contextlib.closing(server.connection()) as connection:
            answer = ask(connection, "POST", "/validate", review(ALLOWED))
            assert refused_as_busy(answer) and not answer.closes, "to be asked again at once"
            assert ask(connection, "GET", "/healthz").status == 200, "health is never refused"
            assert server.metric('pratique_rejected_total{reason="in_flight"}') == 1
            first.sendall(body)
            assert not allowed(one_answer(first).body)
            wait_until(lambda: server.metric("pratique_reviews_in_flight") == 2)
            assert allowed(ask(connection, "POST", "/validate", review(ALLOWED)).body)
    wait_until(lambda: server.metric("pratique_reviews_in_flight") == 0)


def test_bytes_in_flight(new_server):
    """Memory is taken as the bytes come, so a promise alone takes none."""
    server = new_server(limits={"bodiesInFlight": 200 * 1024}).start()
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            begin_review(server, stack, 8 * 1024 * 1024)
        wait_until(lambda: server.metric("pratique_reviews_in_flight") == 5)
        assert server.metric("pratique_body_bytes_in_flight") == 0
        assert allowed(server.post(review(ALLOWED)).body)
        begin_review(server, stack, 10**6, b" " * 128 * 1024)
        wait_until(lambda: server.metric("pratique_body_bytes_in_flight") >= 128 * 1024)
        refused_as_busy(server.post(review(ALLOWED) + b" " * 100 * 1024))
        assert allowed(server.post(review(ALLOWED)).body), "a small one has room"
    wait_until(lambda: server.metric("pratique_body_bytes_in_flight") == 0)
    assert server.metric("pratique_reviews_in_flight") == 0


def test_a_large_review(new_server):
    """As large as two objects of 3 MiB, on the default limits."""
    server = new_server().start()
    for image, verdict in ((ALLOWED, True), (DENIED, False)):
        body = json.loads(review(image))
        body["request"]["object"]["metadata"]["annotations"] = {
            f"key-{i}": "x" * 1000 for i in range(6000)}
        assert allowed(server.post(json.dumps(body).encode()).body) is verdict


def test_a_slow_review_that_makes_it_is_answered(new_server):
    server = new_server().start()
    body = request_bytes(review(DENIED), target="/validate?timeout=30s")
    with server.socket() as sock:
        step = len(body) // 20
        for i in range(0, len(body), step):
            sock.sendall(body[i:i + step])
            time.sleep(0.05)
        assert not allowed(one_answer(sock).body)


def test_a_caller_that_does_not_read_its_answers(new_server):
    server = new_server().start()
    data = request_bytes(method="GET", target="/metrics") * 50
    with server.socket() as sock:
        sock.settimeout(1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with contextlib.suppress(OSError):
            for _ in range(100):
                sock.sendall(data)
        assert not allowed(server.post(review(DENIED)).body)


def test_files_run_out(new_server):
    """Callers wait while the system has no descriptors, and are answered when it has."""
    server = new_server(limits={"connections": 64}).start()
    soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    open_now = int(server.metric("process_open_fds"))
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (open_now + 6, hard))
    with contextlib.ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(server.tcp())
        wait_until(lambda: server.event("connections cannot be accepted"))
        assert "Too many open files" in server.event("connections cannot be accepted")["error"]
    assert not allowed(server.post(review(DENIED)).body)
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (soft, hard))
    assert allowed(server.post(review(ALLOWED)).body)
