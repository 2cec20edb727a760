"""Traces of a server that runs: what OTLP asks for, joined to the caller's, and never in the way of a review."""
import json
import pathlib
import socket
import time

import pytest

from otlp_collector import Collector, reviews
from pratique_server import (ALLOWED, DENIED, Load, allowed, image_review, make_certificate, request_bytes,
                             review, wait_until)

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
JOINED = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
LOSING = "spans are missing from the traces; reviews go on"
REASONS = "queue unreachable refused answer file stop".split()
SPANS = 5  # of a review: itself, receive, decode, decide, encode


@pytest.fixture
def collector():
    made = []

    def make(*arguments, **options):
        made.append(Collector(*arguments, **options))
        return made[-1]
    yield make
    for one in made:
        one.close()


@pytest.fixture
def tracing(new_server):
    def make(endpoint, environment=None, **traces):
        plain = {"plain": True} if endpoint.startswith("http:") else {}
        return new_server(traces={"endpoint": endpoint, **plain, **traces}, environment=environment)
    return make


def sent(server):
    return server.metric("pratique_trace_spans_sent_total")


def lost(server):
    values = {reason: server.metric(f'pratique_trace_spans_lost_total{{reason="{reason}"}}') for reason in REASONS}
    return {reason: value for reason, value in values.items() if value}


def settled(server, n):
    """Until as many spans are sent or lost."""
    wait_until(lambda: sent(server) + sum(lost(server).values()) >= n, f"{n} spans")


def ask(server, n=1, image=ALLOWED, **headers):
    for _ in range(n):
        assert allowed(server.post(review(image), **headers).body) is (image == ALLOWED)


def test_a_review(tracing, collector):
    one = collector()
    server = tracing(one.url, environment={"POD_NAME": "pratique-0", "POD_NAMESPACE": "pratique-system"}).start()
    before = time.time_ns()
    body = json.loads(review(DENIED, uid="u-9", dryRun=True))
    secret = "s3cr3t-of-the-environment"
    body["request"]["object"]["spec"]["containers"][0]["env"] = [{"name": "A", "value": secret}]
    body["request"]["userInfo"]["extra"] = {"token": [secret]}
    data = json.dumps(body).encode()
    server.post(data, Authorization="Bearer " + secret, User_Agent="kube-apiserver-admission",
                tracestate="foo=1,bar=2", **JOINED)
    [span] = reviews(one.wait(SPANS))
    after = time.time_ns()
    assert (span["traceId"], span["parentSpanId"], span["traceState"]) == (TRACE, PARENT, "foo=1,bar=2")
    assert (span["name"], span["kind"], span["flags"]) == ("POST /validate", 2, 0x301)
    assert "status" not in span  # a denial is no failure of the server's
    attributes = span["attributes"]
    assert len(attributes.pop("pratique.policy.hash")) == 16
    assert attributes == {
        "http.request.method": "POST", "http.route": "/validate", "url.path": "/validate", "url.scheme": "https",
        "http.response.status_code": 200, "http.request.body.size": len(data), "client.address": "127.0.0.1",
        "user_agent.original": "kube-apiserver-admission", "pratique.review.uid": "u-9",
        "pratique.review.api": "admission.k8s.io/v1", "pratique.review.operation": "CREATE",
        "pratique.review.version": "v1", "pratique.review.kind": "Pod", "pratique.review.namespace": "shop",
        "pratique.review.name": "web", "pratique.review.dry_run": True, "pratique.review.images": 1,
        "pratique.verdict": "deny", "pratique.cause": "rule", "pratique.violations": 1}
    assert list(span["steps"]) == ["receive", "decode", "decide", "encode"]
    times = [int(step[side]) for step in span["steps"].values() for side in ("startTimeUnixNano", "endTimeUnixNano")]
    assert [before, int(span["startTimeUnixNano"]), *times, int(span["endTimeUnixNano"]), after] == sorted(
        [before, int(span["startTimeUnixNano"]), *times, int(span["endTimeUnixNano"]), after])
    for step in span["steps"].values():
        assert (step["traceId"], step["kind"], step["traceState"], step["flags"]) == (TRACE, 1, "foo=1,bar=2", 0x101)
    [resource] = one.resources
    instance = resource.pop("service.instance.id")
    assert len(instance) == 36 and instance[14] == "4"
    assert resource.pop("service.version")
    assert resource == {"service.name": "pratique", "k8s.pod.name": "pratique-0",
                        "k8s.namespace.name": "pratique-system"}
    server.stop()
    for _, headers, sent_body in one.requests:
        assert secret.encode() not in sent_body and "User-Agent" in headers
    assert secret not in server.log()


def test_every_endpoint_and_outcome(tracing, collector):
    one = collector()
    server = tracing(one.url, service="admission").start()
    server.post(review(ALLOWED), "/mutate")
    server.post(image_review("registry.example.com/a", "nginx"), "/imagepolicy")
    server.post(b"{")
    server.post(review(ALLOWED), Content_Type="text/plain")
    server.post(review("registry.example.com/a b"))
    server.post(review(ALLOWED).replace(b'"containers"', b'"containers": null, "others"'))
    server.get("/healthz")
    server.get("/validate")  # no review
    server.stop()
    spans = reviews(one.wait(2 * SPANS + 2 + 1 + 2 * SPANS))
    facts = [(span["name"], span["attributes"]["http.response.status_code"], span["attributes"]["pratique.verdict"],
              span["attributes"].get("pratique.cause"), list(span["steps"])) for span in spans]
    whole = ["receive", "decode", "decide", "encode"]
    assert facts == [
        ("POST /mutate", 200, "allow", None, whole),
        ("POST /imagepolicy", 200, "deny", "rule", whole),
        ("POST /validate", 400, "error", "input", ["receive"]),
        ("POST /validate", 415, "error", "input", []),
        ("POST /validate", 200, "deny", "unreadable", whole),
        ("POST /validate", 200, "deny", "problem", whole)]
    assert not [span for span in spans if "status" in span]
    assert len({span["traceId"] for span in spans}) == len(spans)
    assert not [span for span in spans if "parentSpanId" in span or "traceState" in span]
    assert [resource["service.name"] for resource in one.resources] == ["admission"]
    assert "k8s.pod.name" not in one.resources[0]


def test_what_could_not_be_judged(tracing, collector):
    """The server's own failures have the status Error; what is too large is a denial."""
    one = collector()
    server = tracing(one.url, environment={"POD_NAME": ""}).start()
    server.configuration["limits"] = {"body": 2048}
    server.stop()
    server.start()
    assert allowed(server.post(review(ALLOWED) + b" " * 2048).body) is False
    assert server.post(review(ALLOWED), "/validate?timeout=1ns").status == 504
    server.stop()
    large, late = reviews(one.wait(1 + 3))
    assert (large["attributes"]["http.response.status_code"], large["attributes"]["pratique.verdict"],
            large["attributes"]["pratique.cause"]) == (200, "deny", "limit")
    assert "status" not in large
    assert late["status"] == {"code": 2, "message": "the time for this review is over"}
    assert (late["attributes"]["error.type"], late["attributes"]["pratique.verdict"],
            late["attributes"]["pratique.cause"]) == ("504", "error", "timeout")


@pytest.mark.parametrize("headers", [
    {"traceparent": f"00-{TRACE}-{PARENT}-01-more"}, {"traceparent": f"00-{TRACE.upper()}-{PARENT}-01"},
    {"traceparent": f"00-{'0' * 32}-{PARENT}-01"}, {"traceparent": f"ff-{TRACE}-{PARENT}-01"}, {"traceparent": "x"},
    {"traceparent": ""}, {"tracestate": "foo=1"}])
def test_a_malformed_parent_is_none(tracing, collector, headers):
    one = collector()
    server = tracing(one.url).start()
    ask(server, **{"tracestate": "foo=1", **headers})
    server.stop()
    [span] = reviews(one.wait(SPANS))
    assert span["traceId"] != TRACE and "parentSpanId" not in span and "traceState" not in span


def test_two_parents_are_none(tracing, collector):
    one = collector()
    server = tracing(one.url).start()
    other = f"traceparent: 00-{TRACE[::-1]}-{PARENT}-01"
    for lines, state in (([f"traceparent: {JOINED['traceparent']}", other], None),
                         ([f"traceparent: {JOINED['traceparent']}", other, "traceparent:", other], None),
                         ([f"Traceparent: {JOINED['traceparent']}", "tracestate: a=1", "TraceState: b=2"], "a=1,b=2"),
                         ([f"traceparent: {JOINED['traceparent']}", "tracestate: a=1", "tracestate: B=2"], None),
                         ([f"traceparent: {JOINED['traceparent']}", "tracestate: a=" + "1" * 600], None)):
        one.spans.clear()
        with server.socket() as sock:
            sock.sendall(request_bytes(review(ALLOWED), headers=[*lines, "Connection: close"]))
            while sock.recv(65536):
                pass
        [span] = reviews(one.wait(SPANS))
        assert (span["traceId"] == TRACE) is (lines[1] is not other)
        assert span.get("traceState") == state
    server.stop()


def test_who_decides_what_is_traced(tracing, collector):
    """The caller's flag; without a caller's span the ratio, here none."""
    one = collector()
    server = tracing(one.url, samplingRatePerMillion=0).start()
    ask(server, 10)
    ask(server, traceparent=f"00-{TRACE}-{PARENT}-00")
    ask(server, traceparent=f"00-{TRACE}-{PARENT}-03")
    server.stop()
    [span] = reviews(one.wait(SPANS))
    assert span["traceId"] == TRACE
    assert len(one.spans) == SPANS


def test_under_load_and_at_the_end(tracing, collector):
    """Each review has its spans, and stopping sends what waits."""
    one = collector()
    server = tracing(one.url).start()
    load = Load(server, server.context())
    wait_until(lambda: len(load.verdicts) > 500, "load")
    verdicts = load.end()
    server.stop()
    spans = reviews(one.wait(SPANS * len(verdicts)))
    assert len(one.spans) == SPANS * len(verdicts)
    assert len({span["attributes"]["pratique.review.uid"] for span in spans}) == len(verdicts)
    assert len({span["spanId"] for span in one.spans}) == len(one.spans)
    assert all(len(span["steps"]) == SPANS - 1 for span in spans)
    assert max(len(json.loads(body)["resourceSpans"][0]["scopeSpans"][0]["spans"])
               for _, _, body in one.requests) <= 512 + SPANS
    assert not server.events(LOSING)


# -- collectors that are not well --

@pytest.mark.parametrize("answer", [
    lambda n: (503, {"Retry-After": "0"}, b"") if n == 0 else (200, {}, b"{}"),
    lambda n: (429, {}, b"<html>") if n == 0 else (200, {}, b""),
    lambda n: None if n == 0 else (200, {}, b'{"partialSuccess":{}}')])
def test_tried_again(tracing, collector, answer):
    one = collector(answer)
    server = tracing(one.url).start()
    ask(server)
    one.wait(SPANS)
    settled(server, SPANS)
    assert sent(server) == SPANS and lost(server) == {}
    assert len(one.requests) == 2
    assert one.requests[0][2] == one.requests[1][2]
    server.stop()
    assert not server.events(LOSING)


@pytest.mark.parametrize("answer, reason, text", [
    ((400, {}, b'{"message":"s3cr3t"}'), "refused", "the collector answers 400"),
    ((301, {"Location": "http://127.0.0.1:1/"}, b""), "refused", "the collector answers 301"),
    ((200, {}, b"<html>welcome</html>"), "answer", "the answer is not one of OTLP in JSON"),
    ((200, {}, b" " * 100_000), "answer", "the answer is larger than 65536 bytes"),
    ((200, {}, b'{"partialSuccess":{"rejectedSpans":"999","errorMessage":"no \\u001b[31m"}}'), "refused",
     "the collector left 5 of 5 spans out: no ?[31m")])
def test_lost(tracing, collector, answer, reason, text):
    """Counted, told once, and nothing to a review."""
    one = collector(lambda n: answer)
    server = tracing(one.url).start()
    for n in range(1, 3):
        ask(server)
        settled(server, n * SPANS)
    assert sent(server) == 0 and lost(server) == {reason: 2 * SPANS}
    assert len(one.requests) == 2
    [event] = server.events(LOSING)
    assert event["level"] == "error" and event["reason"] == reason and text in event["error"]
    server.stop()
    assert "s3cr3t" not in server.log()


def test_a_remark(tracing, collector):
    one = collector(lambda n: (200, {}, b'{"partialSuccess":{"errorMessage":"deprecated"}}'))
    server = tracing(one.url).start()
    for n in range(1, 3):
        ask(server)
        settled(server, n * SPANS)
    assert sent(server) == 2 * SPANS
    [event] = server.events("the collector takes the spans, but remarks on them")
    assert event["remark"] == "deprecated"
    server.stop()


def test_a_collector_that_hangs(tracing, collector):
    """Reviews are answered meanwhile, what the queue cannot hold is lost, and the end is not waited for."""
    one = collector()
    one.gate.clear()
    server = tracing(one.url, queue=20, timeout="1m").start()
    ask(server)
    one.wait_for_requests(1)
    ask(server, 30)
    assert lost(server) == {"queue": 26 * SPANS}
    server.configuration["drain"]["timeout"] = "1s"
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 30  # not the minute that a request may take
    stated = [event["reason"] for event in server.events(LOSING)]
    assert sorted(stated) == ["queue", "stop", "unreachable"] or sorted(stated) == ["stop", "unreachable"]


def test_a_collector_that_is_slow(tracing, collector):
    """Its time is over, and it is asked again."""
    one = collector(lambda n: (200, {}, b"{}"))
    one.gate.clear()
    server = tracing(one.url, timeout="100ms").start()
    ask(server)
    one.wait_for_requests(2)
    one.gate.set()
    settled(server, SPANS)
    assert sent(server) == SPANS
    server.stop()


def test_no_collector(tracing, collector):
    """Away at the start, there later."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = tracing(f"http://127.0.0.1:{port}").start()
    ask(server, 3, DENIED)
    one = collector(port=port)
    one.wait(3 * SPANS)
    settled(server, 3 * SPANS)
    assert sent(server) == 3 * SPANS and lost(server) == {}
    server.stop()


def test_stopping_without_a_collector(tracing):
    server = tracing("http://127.0.0.1:1").start()
    ask(server, 3)
    server.stop()
    [event] = server.events(LOSING)
    assert event["reason"] == "unreachable" and "127.0.0.1:1" in event["error"]


# -- trust --

def test_over_tls(tracing, collector, tmp_path):
    """The collector's certificate is checked against the file, and the headers' values stay with us."""
    certificate = make_certificate(tmp_path, "collector")
    one = collector(certificate=certificate)
    (tmp_path / "headers").write_text("Authorization: Bearer s3cr3t-one\nX-Tenant: shop\n")
    server = tracing(one.url, ca=str(certificate[0]), headers=str(tmp_path / "headers")).start()
    ask(server)
    one.wait(SPANS)
    path, headers, _ = one.requests[0]
    assert path == "/v1/traces" and headers["Authorization"] == "Bearer s3cr3t-one" and headers["X-Tenant"] == "shop"
    server.stop()
    assert "s3cr3t" not in server.log()


def test_a_renewed_token(tracing, collector, tmp_path):
    headers = tmp_path / "headers"

    def answer(n):
        known = one.requests[n][1]["Authorization"] == "Bearer s3cr3t-two"
        return (200, {}, b"{}") if known else (401, {}, b"")
    one = collector(answer)
    headers.write_text("Authorization: Bearer s3cr3t-one\n")
    server = tracing(one.url, headers=str(headers)).start()
    ask(server)
    settled(server, SPANS)
    assert lost(server) == {"refused": SPANS}
    headers.write_text("Authorization: Bearer s3cr3t-two\n")
    ask(server)
    settled(server, 2 * SPANS)
    assert sent(server) == SPANS
    server.stop()
    assert "s3cr3t" not in server.log()


def test_another_certificate(tracing, collector, tmp_path):
    one = collector(certificate=make_certificate(tmp_path, "collector"))
    other, _ = make_certificate(tmp_path, "other")
    server = tracing(one.url, ca=str(other)).start()
    ask(server)
    server.stop()
    [event] = server.events(LOSING)
    assert event["reason"] == "unreachable" and "certificate" in event["error"]
    assert one.requests == []


def test_files_that_cannot_be_used(tracing, collector, tmp_path):
    one = collector()
    (tmp_path / "headers").write_text("Authorization: Bearer s3cr3t\ns3cr3t\n")
    server = tracing(one.url, headers=str(tmp_path / "headers")).start()
    ask(server)
    server.stop()
    [event] = server.events(LOSING)
    assert event["reason"] == "file"
    assert event["error"] == f"{tmp_path}/headers:2: not a header that may be sent"
    assert one.requests == []


# -- the configuration --

@pytest.mark.parametrize("traces, message", [
    ({"endpoint": "http://collector:4318"}, "is not encrypted: give https, or allow http by plain: true"),
    ({"endpoint": "https://user:s3cr3t@collector"}, "must not hold a password; put it into the file traces.headers"),
    ({"endpoint": "collector:4317"}, "must be a URL, such as https://collector.example:4318"),
    ({"endpoint": "https:///v1/traces"}, "must be a URL, such as https://collector.example:4318"),
    ({"endpoint": "https://a b"}, "must be a URL, such as https://collector.example:4318"),
    ({"endpoint": "grpc://collector:4317", "plain": True}, "must be a URL, such as https://collector.example:4318"),
    ({"endpoint": "https://c", "timeout": "99ms"}, "must be from 100ms to 60000ms"),
    ({"endpoint": "https://c", "timeout": "61s"}, "must be from 100ms to 60000ms"),
    ({"endpoint": "https://c", "samplingRatePerMillion": 1000001}, "from 0 to 1000000"),
    ({"endpoint": "https://c", "queue": 8}, "from 9 to 65536"),
    ({"endpoint": "https://c", "queue": 65537}, "from 9 to 65536"),
    ({}, "endpoint")])
def test_refused_configurations(new_server, traces, message):
    server = new_server(traces=traces).launch()
    assert server.wait() == 2
    assert message in server.log()
    assert "s3cr3t" not in server.log()


@pytest.mark.parametrize("end", ["", "/", "/v1/traces"])
def test_the_path(tracing, collector, end):
    one = collector()
    server = tracing(one.url + end).start()
    ask(server)
    server.stop()
    one.wait(SPANS)


def test_another_path(tracing, collector):
    one = collector(lambda n: (404, {}, b""))
    server = tracing(one.url + "/otlp?tenant=a").start()
    ask(server)
    server.stop()
    assert [path for path, _, _ in one.requests] == ["/otlp?tenant=a"]


def test_off_by_default(new_server):
    server = new_server().start()
    ask(server, **JOINED)
    assert "pratique_trace_spans" in server.get_plain("/metrics").body.decode()  # its help alone
    threads = [path.read_text().strip() for path in pathlib.Path(f"/proc/{server.process.pid}/task").glob("*/comm")]
    traced = new_server(traces={"endpoint": "https://127.0.0.1:1"}).start()
    more = list(pathlib.Path(f"/proc/{traced.process.pid}/task").glob("*/comm"))
    assert len(more) == len(threads) + 1
    traced.stop()
    server.stop()
