"""The edges of HTTP: sizes, lengths, framing that two readers could understand in two ways."""
import contextlib
import json

import pytest

from pratique_server import (ALLOWED, DENIED, allowed, ask, exchange, image_review, one_answer, padded, read_answers,
                             request_bytes, review, statuses)

LIMIT = 4096
HEADERS_LIMIT = 16 * 1024


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A server that takes bodies of at most LIMIT bytes."""
    from pratique_server import Server
    server = Server(tmp_path_factory.mktemp("small"), limits={"body": LIMIT}).start()
    yield server
    server.stop()


def chunked(body, size=1000):
    chunks = [body[i:i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def chunked_request(body, size=1000, headers=()):
    return request_bytes(length=False, headers=["Transfer-Encoding: chunked", *headers]) + \
        chunked(body, size)


# -- sizes --

TOO_LARGE = "the review is larger than 4096 bytes, so its images cannot be judged"


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1, 8 * LIMIT, 9 * 1024 * 1024])
def test_body_of_a_told_length(small, size):
    """A review that is too large is denied: an error would admit it where failures are ignored."""
    with contextlib.closing(small.connection()) as connection:
        answer = ask(connection, "POST", "/validate", padded(ALLOWED, size))
        assert answer.status == 200 and not answer.closes
        response = json.loads(answer.body)["response"]
        assert response["uid"] == "u-1" and response["allowed"] == (size == LIMIT)
        assert size == LIMIT or response["status"]["message"] == TOO_LARGE
        assert allowed(ask(connection, "POST", "/validate", review(ALLOWED)).body), "goes on"


def test_large_image_review(small):
    with contextlib.closing(small.connection()) as connection:
        answer = ask(connection, "POST", "/imagepolicy", image_review(*[ALLOWED] * 1000))
        assert json.loads(answer.body)["status"] == {"allowed": False, "reason": TOO_LARGE}


def test_a_review_that_is_too_deep(shared):
    """Whatever limit a review runs into, it is denied; a text that is no review is an error."""
    body = review(ALLOWED).replace(b'"containers"', b'"x": ' + b"[" * 200 + b"]" * 200 + b', "containers"')
    with contextlib.closing(shared.connection()) as connection:
        answer = ask(connection, "POST", "/validate", body)
        assert answer.status == 200
        response = json.loads(answer.body)["response"]
        assert response["uid"] == "u-1" and not response["allowed"] and "128" in response["status"]["message"]
        other = body.replace(b"AdmissionReview", b"AdmissionDraft")
        assert ask(connection, "POST", "/validate", other).status == 413
        assert allowed(ask(connection, "POST", "/validate", review(ALLOWED)).body), "goes on"


@pytest.mark.parametrize("body", [
    b"", b"[", b'{"kind":"AdmissionReview"', b'{"apiVersion":"admission.k8s.io/v1","request":{"uid":"u",',
    b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v2","request":{"uid":"u",',
    b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"",',
    b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"\\u0041",',
    b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"name":"u",'])
def test_large_and_no_review(small, body):
    with contextlib.closing(small.connection()) as connection:
        answer = ask(connection, "POST", "/validate", body + b" " * (LIMIT + 1))
        assert answer.status == 413
        told = json.loads(answer.body)
        assert told.pop("error") == {"kind": "limit", "message": TOO_LARGE}
        assert told == {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 413,
                        "message": "pratique: " + TOO_LARGE}


@pytest.mark.parametrize("size, status", [(LIMIT, 200), (LIMIT + 1, 200), (8 * LIMIT, 200)])
@pytest.mark.parametrize("chunk", [1, 1000, 100000])
def test_body_in_chunks(small, size, status, chunk):
    if chunk == 1 and size > LIMIT + 1:
        return  # a byte at a time proves no more at eight times the size
    with small.socket() as sock:
        sock.sendall(chunked_request(padded(ALLOWED, size), chunk))
        answer = one_answer(sock)
        assert answer.status == status and allowed(answer.body) == (size == LIMIT)
        sock.sendall(request_bytes(review(DENIED)))
        assert not allowed(one_answer(sock).body), "goes on"


def test_a_length_beyond_any_limit_is_refused_at_once(small):
    for length in (64 * 1024 * 1024 + 1, 10**15, 2**63, 2**64 - 1, 2**64, 10**40):
        with small.socket() as sock:
            sock.sendall(request_bytes(length=False, headers=[f"Content-Length: {length}"]))
            assert set(statuses(read_answers(sock))) == {413}, length


def test_chunks_without_an_end_are_cut_off(small):
    """They are taken and thrown away for a while, so that the answer arrives; not for ever."""
    with small.socket() as sock:
        data = request_bytes(length=False, headers=["Transfer-Encoding: chunked"])
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        with pytest.raises(OSError):
            sock.sendall(data)
            for _ in range(10000):
                sock.sendall(chunk)
    assert small.metric("pratique_body_bytes_in_flight") == 0


def test_expect_continue(small):
    body = review(ALLOWED)
    with small.socket() as sock:
        sock.sendall(request_bytes(length=False, headers=[f"Content-Length: {len(body)}",
                                                          "Expect: 100-continue"]))
        assert sock.recv(1000).startswith(b"HTTP/1.1 100 ")
        sock.sendall(body)
        assert allowed(one_answer(sock).body)


@pytest.mark.parametrize("line, status", [
    (f"Content-Length: {LIMIT + 1}", 413), ("Content-Type: text/plain\r\nContent-Length: 3", 415)])
def test_expect_continue_is_refused_before_the_body(small, line, status):
    with small.socket() as sock:
        data = request_bytes(length=False, headers=[line, "Expect: 100-continue"])
        sock.sendall(data.replace(b"Content-Type: application/json\r\n", b"", status == 415))
        assert statuses(read_answers(sock)) == [status], "and the connection is closed"


@pytest.mark.parametrize("size", [1000, HEADERS_LIMIT - 1000])
def test_headers(small, size):
    with small.socket() as sock:
        sock.sendall(request_bytes(review(ALLOWED), headers=["X-Filler: " + "x" * size]))
        assert one_answer(sock).status == 200


def test_headers_that_are_too_long(small):
    with small.socket() as sock:
        answered = statuses(exchange(sock, request_bytes(
            review(ALLOWED), headers=["X-Filler: " + "x" * 4 * HEADERS_LIMIT])))
        assert answered in ([431], []), "refused, or closed while it was sent"


def test_a_request_line_that_is_too_long(small):
    with small.socket() as sock:
        answered = statuses(exchange(sock, request_bytes(target="/" + "x" * 4 * HEADERS_LIMIT)))
        assert answered in ([414], [431], []), "refused, or closed"


def test_very_many_headers(small):
    with small.socket() as sock:
        answered = exchange(sock, request_bytes(review(ALLOWED), headers=["A: b"] * 20000))
        assert 200 not in statuses(answered)
    assert small.post(review(ALLOWED)).status == 200


# -- lengths and framing --

SMUGGLED = request_bytes(review(ALLOWED, uid="smuggled"))


def refused_and_closed(server, data):
    """Nothing was judged, and what follows on the connection is not taken for a request."""
    before = sum(server.metric(f'pratique_reviews_total{{endpoint="/validate",verdict="{verdict}"}}')
                 for verdict in ("allow", "deny", "error"))
    with server.socket() as sock:
        answered = exchange(sock, data)
    after = sum(server.metric(f'pratique_reviews_total{{endpoint="/validate",verdict="{verdict}"}}')
                for verdict in ("allow", "deny", "error"))
    assert b"smuggled" not in answered and after == before, answered
    return statuses(answered)


@pytest.mark.parametrize("lines", [
    ["Content-Length: 5", "Content-Length: 6"],
    ["Content-Length: 5", "Content-Length: 5"],
    ["content-length: 0", "CONTENT-LENGTH: 5"],
    ["Content-Length: 5", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: chunked", "Content-Length: 5"],
    ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
    ["Transfer-Encoding: gzip, chunked"],
    ["Transfer-Encoding: chunked, gzip"],
    ["Transfer-Encoding: identity"],
    ["Transfer-Encoding: xchunked"],
    ["Transfer-Encoding: \"chunked\""],
    ["Transfer-Encoding:"],
    ["Transfer-Encoding : chunked"],
    ["Content-Length : 5"],
    ["Content-Length\t: 5", "Content-Length: 6"],
    ["Content Length: 5"],
    ["Content-Length: 5 5"],
    ["Content-Length: 5, 5"],
    ["Content-Length: 5,6"],
    ["Content-Length: +5"],
    ["Content-Length: -5"],
    ["Content-Length: 0x5"],
    ["Content-Length: 5x"],
    ["Content-Length: x"],
    ["Content-Length: "],
])
def test_ambiguous_framing_is_refused(shared, lines):
    data = request_bytes(length=False, headers=lines) + b"0\r\n\r\n" + SMUGGLED
    # libmicrohttpd writes the head of its own refusals twice.
    assert set(refused_and_closed(shared, data)) <= {400}, "refused, or closed"


@pytest.mark.parametrize("body", [
    b"zz\r\n{}\r\n0\r\n\r\n", b"-2\r\n{}\r\n0\r\n\r\n", b"2{}\r\n0\r\n\r\n", b"2\r\n{}0\r\n\r\n",
    b"0x2\r\n{}\r\n0\r\n\r\n", b"2 \r\n{}\r\n0\r\n\r\n", b"\r\n2\r\n{}\r\n0\r\n\r\n",
    b"ffffffffffffffffff\r\n{}\r\n0\r\n\r\n", b"+2\r\n{}\r\n0\r\n\r\n"])
def test_malformed_chunks_are_refused(shared, body):
    data = request_bytes(length=False, headers=["Transfer-Encoding: chunked"]) + body + SMUGGLED
    assert refused_and_closed(shared, data) in ([400], [413], [])


def test_chunks_with_extensions_and_trailers(shared):
    """Allowed by RFC 9112, section 7.1; none of them can change where the body ends."""
    body = review(ALLOWED)
    with shared.socket() as sock:
        sock.sendall(request_bytes(length=False, headers=["Transfer-Encoding: chunked"]) +
                     b"%X;name=value\r\n%s\r\n0\r\nContent-Length: 3\r\nX: y\r\n\r\n" % (len(body), body))
        answer = one_answer(sock)
        if answer.status == 400:  # libmicrohttpd 1.0 takes none of them when it is strict
            return
        assert allowed(answer.body)
        sock.sendall(request_bytes(review(DENIED)))
        assert not allowed(one_answer(sock).body)


def test_no_length_is_no_body(shared):
    """RFC 9112, section 6.3: then what follows is the next request, for us as for a proxy."""
    with shared.socket() as sock:
        sock.sendall(request_bytes(length=False))
        answer = one_answer(sock)
        assert answer.status == 400 and b"empty" in answer.body
        sock.sendall(request_bytes(review(ALLOWED)))
        assert allowed(one_answer(sock).body)


def test_less_body_than_told_is_no_review(shared):
    body = review(ALLOWED)
    with shared.socket() as sock:
        data = request_bytes(length=False, headers=[f"Content-Length: {len(body) + 1}"]) + body
        assert exchange(sock, data) == b""
    assert shared.post(body).status == 200


@pytest.mark.parametrize("data", [
    b"\x16\x03\x01\x00\x00", b"GET\r\n\r\n", b"\r\n" * 1000, b"\x00" * 100, b"POST /validate\r\n\r\n",
    b"POST /validate HTTP/1.1\r\n\r\n", b"POST /validate HTTP/2.0\r\nHost: x\r\n\r\n",
    b"POST /validate HTTP/0.9\r\nHost: x\r\n\r\n", b"POST /validate HTTP/11\r\nHost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"POST  /validate  HTTP/1.1 x\r\nHost: x\r\n\r\n",
    b"POST /validate HTTP/1.1\r\nHost x\r\n\r\n", b"POST /validate HTTP/1.1\r\n: x\r\nHost: x\r\n\r\n",
    b"POST /validate HTTP/1.1\r\nHo\x00st: x\r\n\r\n",
])
def test_what_is_no_http_is_refused_or_closed(shared, data):
    with shared.socket() as sock:
        answered = exchange(sock, data)
    assert all(status >= 400 for status in statuses(answered)), answered
    assert shared.post(review(ALLOWED)).status == 200


def test_http_1_0(shared):
    body = review(DENIED)
    data = request_bytes(body).replace(b"HTTP/1.1", b"HTTP/1.0")
    with shared.socket() as sock:
        sock.sendall(data)
        answered = read_answers(sock)
    assert b" 200 OK\r\n" in answered and b'"allowed":false' in answered
    with shared.socket() as sock:
        sock.sendall(chunked_request(body).replace(b"HTTP/1.1", b"HTTP/1.0"))
        answered = read_answers(sock)
    assert b" 400 " in answered.splitlines()[0] and b"allowed" not in answered
