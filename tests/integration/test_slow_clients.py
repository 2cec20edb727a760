"""Slow callers: a handshake has 10s, a request 30s, silence the time that is configured, whatever
bytes come in between. The server's clock is put forward, so that nobody waits."""
import contextlib
import select
import ssl
import time

from pratique_server import (ALLOWED, DENIED, allowed, one_answer, request_bytes, review, wait_until)

GREETING, REQUEST, IDLE = 10, 30, 100


class Slow:
    """A caller that has sent `first`, and sends `more` byte by byte."""

    def __init__(self, name, sock, least, first=b"", more=b""):
        self.name, self.sock, self.least, self.more, self.closed = name, sock, least, more, False
        sock.sendall(first)

    def poke(self):
        with contextlib.suppress(ssl.SSLWantReadError):
            try:
                self.sock.send(self.more[:1])
                self.more = self.more[1:]
                readable, _, _ = select.select([self.sock], [], [], 0)
                self.closed = bool(readable) and not self.sock.recv(4096)
            except OSError as error:
                self.closed = not isinstance(error, ssl.SSLWantReadError)


def client_hello(server):
    """The first bytes that a client sends."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = server.context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with contextlib.suppress(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


def slow_callers(server, stack):
    tcp, plain, tls = (lambda: stack.enter_context(server.tcp()),
                       lambda: stack.enter_context(server.plain_socket()),
                       lambda: stack.enter_context(server.socket()))
    headers = b"X: y\r\n" * 1000
    told = request_bytes(length=False, headers=["Content-Length: 100000"])
    in_chunks = request_bytes(length=False, headers=["Transfer-Encoding: chunked"])
    hello = client_hello(server)
    return [
        Slow("nothing", tcp(), GREETING),
        Slow("a handshake, byte by byte", tcp(), GREETING, more=hello),
        Slow("half a handshake", tcp(), GREETING, hello[:100]),
        Slow("a handshake without its end", tcp(), GREETING, hello),
        Slow("nothing without TLS", plain(), GREETING),
        Slow("half a request line without TLS", plain(), GREETING, b"GET /he", b"a" * 1000),
        Slow("headers, byte by byte", tls(), REQUEST, b"POST /validate HTTP/1.1\r\n", headers),
        Slow("headers without an end", tls(), REQUEST, request_bytes()[:60]),
        Slow("a body, byte by byte", tls(), REQUEST, told, b" " * 1000),
        Slow("a body without an end", tls(), REQUEST, told + b"{"),
        Slow("a body in chunks", tls(), REQUEST, in_chunks, b"1\r\n \r\n" * 1000),
        Slow("a refused body", tls(), REQUEST, told.replace(b"/validate", b"/nothing"), b" " * 1000),
        Slow("headers without TLS", plain(), REQUEST, b"GET /healthz HTTP/1.1\r\n", headers),
        Slow("silence after the handshake", tls(), IDLE),
        Slow("half a request line", tls(), IDLE, b"POST /vali", b"a" * 1000),
    ]


def all_have_begun(server, n):
    """Their time counts from when they are accepted; one more asks this."""
    wait_until(lambda: server.metric("pratique_connections") == n + 1)


def test_slow_callers_stall_nobody_and_are_closed(new_server, shim):
    server = new_server(environment=shim.environment, idle=f"{IDLE}s").start()
    with contextlib.ExitStack() as stack:
        began = time.monotonic()
        slow = slow_callers(server, stack)
        all_have_begun(server, len(slow))
        for second in range(1, IDLE + 50):
            shim.set_clock(second)
            for one in slow:
                one.poke()
                passed = second + time.monotonic() - began
                assert not one.closed or passed >= one.least, f"{one.name}: closed after {passed}s"
            slow = [one for one in slow if not one.closed]
            assert not allowed(server.post(review(DENIED)).body), "nobody else waits"
            if second in (GREETING + 3, REQUEST + 3, IDLE + 3):
                wait_until(lambda: [one.poke() for one in slow] and
                           all(one.closed or one.least > second for one in slow) or not slow,
                           f"closing {[one.name for one in slow if one.least < second]}")
                slow = [one for one in slow if not one.closed]
        assert not slow
    wait_until(lambda: server.metric("pratique_connections") == 1)
    assert server.metric("pratique_reviews_in_flight") == 0


def test_a_connection_may_be_silent_for_longer_than_callers_keep_it(new_server, shim):
    """kube-apiserver closes its own after 90s, and does not ask again where it was too late."""
    server = new_server(environment=shim.environment, idle=f"{IDLE}s").start()
    with server.socket() as sock, server.socket() as unused, server.tcp() as sign:
        sock.sendall(request_bytes(review(ALLOWED)))
        assert allowed(one_answer(sock).body)
        all_have_begun(server, 3)
        shim.set_clock(95)
        assert sign.recv(1) == b"", "what is overdue has been closed by now"
        for image, kept in ((DENIED, sock), (DENIED, unused)):
            kept.sendall(request_bytes(review(image)))
            assert not allowed(one_answer(kept).body)
        for kept in (sock, unused):
            wait_until(lambda: puts_forward_until_it_closes(shim, kept), "closing what is silent")


def puts_forward_until_it_closes(shim, sock):
    """The server's time for silence begins when its answer is sent, which may be after we have it."""
    shim.set_clock(shim.ahead + IDLE)
    readable, _, _ = select.select([sock], [], [], 0.5)
    return readable and sock.recv(1) == b""
