"""What is asked where, and what comes back."""
import contextlib
import json

import pytest

from pratique_server import (ALLOWED, DENIED, allowed, ask, image_review, one_answer, request_bytes,
                             review)

REVIEW_PATHS = ("/validate", "/mutate", "/imagepolicy", "/policies")


def image_answer(answer):
    return json.loads(answer.body)["status"]


@pytest.mark.parametrize("path", ["/validate", "/mutate"])
@pytest.mark.parametrize("version", ["v1", "v1beta1"])
@pytest.mark.parametrize("image, verdict", [(ALLOWED, True), (DENIED, False)])
def test_admission_review(shared, path, version, image, verdict):
    answer = shared.post(review(image, uid="the-uid", version=version), path + "?timeout=10s")
    said = json.loads(answer.body)
    assert answer.status == 200, "a denial is no error"
    assert answer.headers["Content-Type"] == "application/json"
    assert (said["apiVersion"], said["kind"]) == ("admission.k8s.io/" + version, "AdmissionReview")
    assert said["response"]["uid"] == "the-uid" and said["response"]["allowed"] is verdict
    if not verdict:
        assert 'spec.containers[0].image "evil.example.net/miner:1.0": policy baseline, ' \
               "rule trusted-registries" in said["response"]["status"]["message"]


@pytest.mark.parametrize("image, verdict", [(ALLOWED, True), (DENIED, False)])
def test_image_review(shared, image, verdict):
    answer = shared.post(image_review(ALLOWED, image), "/imagepolicy?timeout=30s")
    assert answer.status == 200 and image_answer(answer)["allowed"] is verdict
    assert verdict or "evil.example.net" in image_answer(answer)["reason"]


@pytest.mark.parametrize("path, body, wanted", [
    ("/imagepolicy", review(ALLOWED), "/imagepolicy answers an ImageReview"),
    ("/validate", image_review(ALLOWED), "/validate answers an AdmissionReview"),
    ("/mutate", image_review(ALLOWED), "/mutate answers an AdmissionReview"),
])
def test_a_review_of_the_other_kind_is_not_answered(shared, path, body, wanted):
    answer = shared.post(body, path)
    assert answer.status == 400 and wanted in json.loads(answer.body)["error"]["message"]


def test_health(shared):
    for answer in (shared.get("/healthz"), shared.get_plain("/healthz")):
        assert answer.status == 200 and json.loads(answer.body) == {"alive": True}


def test_readiness_tells_each_check(shared):
    for answer in (shared.get("/readyz"), shared.get_plain("/readyz")):
        assert answer.status == 200
        assert json.loads(answer.body) == {"ready": True, "checks": {
            "draining": {"ok": True}, "policies": {"ok": True, "fresh": True},
            "certificate": {"ok": True, "fresh": True}}}


def test_metrics(shared):
    before = shared.metric('pratique_reviews_total{endpoint="/validate",verdict="deny"}')
    assert not allowed(shared.post(review(DENIED)).body)
    after = shared.metric('pratique_reviews_total{endpoint="/validate",verdict="deny"}')
    assert after == before + 1
    answer = shared.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b"pratique_build_info{version=" in answer.body
    assert shared.metric("pratique_reviews_in_flight") == 0
    assert shared.metric("pratique_body_bytes_in_flight") == 0


def test_head(shared):
    with contextlib.closing(shared.plain()) as connection:
        for path in ("/healthz", "/readyz", "/metrics"):
            answer = ask(connection, "HEAD", path)
            assert (answer.status, answer.body, answer.closes) == (200, b"", False)


@pytest.mark.parametrize("path", REVIEW_PATHS)
def test_the_plain_port_judges_nothing(shared, path):
    with contextlib.closing(shared.plain()) as connection:
        answer = ask(connection, "POST", path, review(ALLOWED))
    assert answer.status == 404 and b"allowed" not in answer.body


@pytest.mark.parametrize("target", [
    "/", "/validate/", "//validate", "/validate//", "/Validate", "/VALIDATE", "/./validate",
    "/x/../validate", "/validate;x", "/validate%2f", "/validate/x", "validate", "*",
    "https://127.0.0.1/validate", "http://evil.example.net/validate", "//evil.example.net/validate",
    "/readyz/", "/healthz/", "/metrics/", "/validat", "/validatee", "/validate%00", "/\\validate",
])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_other_targets_are_not_found_and_never_redirected(shared, target, method):
    with shared.socket() as sock:
        sock.sendall(request_bytes(review(ALLOWED), method, target))
        answer = one_answer(sock)
    # "/validate%00" is read as /validate, which is the same endpoint and no other one.
    expected = (200 if method == "POST" else 405) if target == "/validate%00" else 404
    assert answer.status == expected and "Location" not in answer.headers


@pytest.mark.parametrize("path", REVIEW_PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"])
def test_reviews_are_posted(shared, path, method):
    with contextlib.closing(shared.connection()) as connection:
        answer = ask(connection, method, path)
    assert answer.status == 405 and answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_health_is_got(shared, path, method):
    with contextlib.closing(shared.plain()) as connection:
        answer = ask(connection, method, path, b"{}" if method in ("POST", "PUT") else None)
    assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("content_type", [
    "application/json", "application/json; charset=utf-8", "Application/JSON;x=y"])
def test_json_is_taken(shared, content_type):
    assert shared.post(review(ALLOWED), Content_Type=content_type).status == 200


@pytest.mark.parametrize("content_type", [
    "", "text/plain", "application/yaml", "application/jsonx", "application/json-patch+json",
    "application/vnd.kubernetes.protobuf", "text/plain; application/json"])
def test_other_media_types_are_refused(shared, content_type):
    answer = shared.post(review(ALLOWED), Content_Type=content_type)
    assert answer.status == 415 and b"application/json" in answer.body


def test_a_missing_media_type_is_refused(shared):
    body = review(ALLOWED)
    with shared.socket() as sock:
        sock.sendall(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        assert one_answer(sock).status == 415


@pytest.mark.parametrize("body, reason", [
    (b"", "empty"), (b"{", "1"), (b"null", ""), (b"[]", ""), (b"{}", ""), (b'"x"', ""),
    (b"\xff\xfe", ""), (b"{" * 100000, ""), (review(ALLOWED) + b"{}", ""),
    (review(ALLOWED).replace(b"AdmissionReview", b"AdmissionReviews"), ""),
    (review(ALLOWED).replace(b"admission.k8s.io/v1", b"admission.k8s.io/v2"), "v2"),
    (review(ALLOWED)[:-1], ""),
])
def test_what_cannot_be_read_is_refused_with_a_reason(shared, body, reason):
    answer = shared.post(body)
    error = json.loads(answer.body)["error"]
    assert answer.status == 400 and error["kind"] == "input"
    assert error["message"] and reason in error["message"], error


@pytest.mark.parametrize("timeout", ["1s", "30s", "10s", "0s", "junk", "", "-5s", "99999h"])
def test_any_timeout_is_judged(shared, timeout):
    for image, verdict in ((ALLOWED, True), (DENIED, False)):
        answer = shared.post(review(image), "/validate?timeout=" + timeout)
        assert answer.status == 200 and allowed(answer.body) is verdict


def test_a_timeout_that_is_over_is_no_verdict(shared):
    """The time begins when the headers are there; the body comes when it has passed."""
    body = review(ALLOWED)
    with shared.socket() as sock:
        sock.sendall(request_bytes(target="/validate?timeout=1ns",
                                   headers=[f"Content-Length: {len(body)}"], length=False))
        sock.sendall(body)
        answer = one_answer(sock)
    assert answer.status == 504 and b"allowed" not in answer.body
    assert json.loads(answer.body)["error"]["kind"] == "timeout"


def test_many_reviews_on_one_connection(shared):
    with contextlib.closing(shared.connection()) as connection:
        connection.connect()
        port = connection.sock.getsockname()[1]
        for i in range(300):
            image = (ALLOWED, DENIED)[i % 2]
            answer = ask(connection, "POST", "/validate?timeout=10s", review(image, uid=f"u-{i}"))
            response = json.loads(answer.body)["response"]
            assert response["uid"] == f"u-{i}" and response["allowed"] is (image == ALLOWED)
            assert not answer.closes
        assert connection.sock.getsockname()[1] == port, "it was one connection"


def test_a_refusal_leaves_the_connection_open(shared):
    with contextlib.closing(shared.connection()) as connection:
        for path, headers, status in (("/validate", {"Content-Type": "text/plain"}, 415),
                                      ("/nothing", {}, 404), ("/healthz", {}, 405),
                                      ("/validate", {}, 200)):
            answer = ask(connection, "POST", path, review(ALLOWED), **headers)
            assert (answer.status, answer.closes) == (status, False)


def test_reviews_sent_ahead_are_answered_in_order(shared):
    images = [ALLOWED, DENIED, ALLOWED, DENIED]
    with shared.socket() as sock:
        sock.sendall(b"".join(request_bytes(review(image, uid=f"u-{i}"))
                              for i, image in enumerate(images)))
        stream = sock.makefile("rb")
        for i, image in enumerate(images):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += stream.readline()
            length = int(head.lower().split(b"content-length:")[1].split()[0])
            response = json.loads(stream.read(length))["response"]
            assert response["uid"] == f"u-{i}" and response["allowed"] is (image == ALLOWED)
