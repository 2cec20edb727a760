"""Traces of a real API server and ours, in a real OpenTelemetry collector: one tree."""
import re
import subprocess

import pytest

from cluster import Failure, part, wait_until
from webhooks import Replicas

GOOD, BAD = "registry.example.com/shop/web:1.0", "evil.example.net/miner:1.0"

# The API server speaks OTLP over gRPC, we over HTTP, with TLS.
COLLECTOR = """\
receivers:
  otlp:
    protocols:
      grpc: {{endpoint: "127.0.0.1:4317"}}
      http: {{endpoint: "127.0.0.1:4318", tls: {{cert_file: {certificate}, key_file: {key}}}}}
exporters:
  debug: {{verbosity: detailed}}
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines:
    traces: {{receivers: [otlp], exporters: [debug]}}
"""

TRACING = """\
apiVersion: apiserver.config.k8s.io/v1beta1
kind: TracingConfiguration
endpoint: 127.0.0.1:4317
samplingRatePerMillion: 1000000
"""


class Collector:
    """A real one, which prints what it takes."""

    def __init__(self, folder, certificate, key):
        (folder / "collector.yaml").write_text(COLLECTOR.format(certificate=certificate, key=key))
        self.log = folder / "collector.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([part("collector") / "collector", "--config", folder / "collector.yaml"],
                                            stdout=log, stderr=log)
        wait_until(lambda: "Everything is ready" in self.text() or self.process.poll() is not None, "the collector")
        assert self.process.poll() is None, self.text()

    def text(self):
        return self.log.read_text(errors="replace")

    def spans(self):
        """All spans so far, each with its attributes and those of its resource."""
        found, resource, span, into = [], {}, None, None
        for line in self.text().splitlines():
            if line.startswith("Resource attributes:"):
                resource = into = {}
            elif re.match(r"Span #\d+$", line):
                span = into = {"resource": resource, "attributes": {}}
                found.append(span)
            elif line.startswith("Attributes:"):
                into = span["attributes"]
            elif match := re.match(r"    ([A-Z][A-Za-z ]+?) *: (.*)$", line):
                if span is not None:
                    span[match[1]] = match[2].strip()
            elif match := re.match(r" +-> ([\w.]+): \w+\((.*)\)$", line):
                if into is not None:
                    into[match[1]] = match[2]
        return found

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)


@pytest.fixture(scope="module")
def collector(tmp_path_factory):
    folder = tmp_path_factory.mktemp("collector")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=collector", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "tls.key",
                    "-out", folder / "tls.crt"], check=True, stderr=subprocess.DEVNULL)
    collector = Collector(folder, folder / "tls.crt", folder / "tls.key")
    collector.certificate = folder / "tls.crt"
    yield collector
    collector.stop()


@pytest.fixture(scope="module")
def traced(clusters, collector, tmp_path_factory):
    """A cluster that traces every request."""
    path = tmp_path_factory.mktemp("tracing") / "tracing.yaml"
    path.write_text(TRACING)
    return clusters(api_server=["--tracing-config-file", path])


@pytest.fixture(scope="module")
def replicas(traced, collector, tmp_path_factory):
    traces = {"endpoint": "https://127.0.0.1:4318", "ca": str(collector.certificate), "samplingRatePerMillion": 0}
    replicas = Replicas(traced, tmp_path_factory.mktemp("replicas"), count=1, mutating=True, traces=traces,
                        environment={"POD_NAME": "pratique-0", "POD_NAMESPACE": "pratique-system"})
    yield replicas
    replicas.stop()


def pod(image, name):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"},
            "spec": {"containers": [{"name": "web", "image": image}]}}


def ours(spans, **attributes):
    """Our spans of reviews with these attributes."""
    attributes = {name.replace("_", "."): value for name, value in attributes.items()}
    return [span for span in spans if span["resource"].get("service.name") == "pratique" and
            span["Kind"] == "Server" and attributes.items() <= span["attributes"].items()]


def ancestors(spans, span):
    """From the span's parent to the root, as far as the collector has them."""
    by_id = {one["ID"]: one for one in spans}
    chain = []
    while span := by_id.get(span["Parent ID"]):
        chain.append(span)
    return chain


def wait_for_trace(collector, name, n):
    """All spans, once there are ours of the Pod's reviews, with their steps, and the API server's above them."""
    def whole():
        spans = collector.spans()
        found = ours(spans, pratique_review_name=name)
        tops = [ancestors(spans, span) for span in found]
        return spans if len(found) == n and all(top and top[-1]["Parent ID"] == "" for top in tops) else None
    return wait_until(whole, "the whole trace", 120)


def test_one_tree(traced, collector, replicas):
    """A review hangs below the API server's call of the webhook, in the trace of the request."""
    with pytest.raises(Failure) as failure:
        traced.create("/api/v1/namespaces/default/pods", pod(BAD, "denied"))
    assert failure.value.code == 403
    traced.create("/api/v1/namespaces/default/pods", pod(GOOD, "admitted"))
    # The API server asks /mutate, then /validate.
    for name, verdict in (("denied", "deny"), ("admitted", "allow")):
        spans = wait_for_trace(collector, name, 1 if name == "denied" else 2)
        found = ours(spans, pratique_review_name=name)
        assert {span["Trace ID"] for span in found} == {found[0]["Trace ID"]}
        for span in found:
            chain = ancestors(spans, span)
            assert {one["resource"]["service.name"] for one in chain} == {"apiserver"}
            assert any(one["Name"] == "Call validating webhook" or one["Name"] == "Call mutating webhook" or
                       one["Name"].startswith("HTTP POST") for one in chain), [one["Name"] for one in chain]
            assert span["attributes"]["pratique.verdict"] == verdict
            assert span["Status code"] == "Unset"
            steps = [one for one in spans if one["Parent ID"] == span["ID"]]
            assert [one["Name"] for one in steps] == ["receive", "decode", "decide", "encode"]
            assert {one["Kind"] for one in steps} == {"Internal"}
            assert span["resource"]["k8s.pod.name"] == "pratique-0"


def test_what_a_real_collector_has_read(traced, collector, replicas):
    """Field by field, in the words of the collector."""
    traced.create("/api/v1/namespaces/default/pods", pod(GOOD, "read"))
    spans = wait_for_trace(collector, "read", 2)
    [span] = ours(spans, pratique_review_name="read", http_route="/validate")
    attributes = dict(span["attributes"])
    assert len(attributes.pop("pratique.policy.hash")) == 16 and len(attributes.pop("pratique.review.uid")) == 36
    assert int(attributes.pop("http.request.body.size")) > 500 and attributes.pop("client.address")
    assert attributes.pop("user_agent.original") == "kube-apiserver-admission"
    assert attributes == {
        "http.request.method": "POST", "http.route": "/validate", "url.path": "/validate", "url.scheme": "https",
        "http.response.status_code": "200", "pratique.review.api": "admission.k8s.io/v1",
        "pratique.review.operation": "CREATE", "pratique.review.version": "v1", "pratique.review.kind": "Pod",
        "pratique.review.namespace": "default", "pratique.review.name": "read", "pratique.review.dry_run": "false",
        "pratique.review.images": "1", "pratique.verdict": "allow", "pratique.violations": "0"}
    replica = replicas.all[0]
    assert replica.metric("pratique_trace_spans_sent_total") > 0
    assert "partialSuccess" not in collector.text() and "error" not in collector.text().split("Everything is ready")[0]
    assert not replica.events("spans are missing from the traces; reviews go on")


def test_it_stops_and_the_collector_has_all(traced, collector, replicas):
    """What was not sent yet is sent at the end."""
    traced.create("/api/v1/namespaces/default/pods", pod(GOOD, "last"))
    replica = replicas.all[0]
    replica.stop()
    try:
        assert len(ours(collector.spans(), pratique_review_name="last")) == 2
    finally:
        replica.start()
