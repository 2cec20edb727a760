"""What is kept of a decision: a line for each, with what an auditor asks for, and no secret; and the
metrics that an operator watches."""
import json
import re
import ssl
import subprocess

import pytest

from pratique_server import (ALLOWED, BINARY, DENIED, SECONDS, Authority, allowed, image_review, review,
                             wait_until)

SECRETS = ["env-s3cret", "annotation-s3cret", "token-s3cret", "label-s3cret", "extra-s3cret",
           "command-s3cret", "old-s3cret", "header-s3cret"]


def audited(server, uid, count=1):
    def lines():
        found = [line for line in server.audit() if line.get("uid") == uid]
        return len(found) >= count and found
    found = wait_until(lines)
    assert len(found) == count
    return found[0]


def test_a_denial(new_server):
    server = new_server().start()
    server.post(review(DENIED, uid="denied", dryRun=True))
    line = audited(server, "denied")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line.pop("time"))
    assert line.pop("durationMicroseconds") >= 0
    assert re.fullmatch("[0-9a-f]{16}", line.pop("policyHash"))
    reason = line["violations"][0].pop("reason")
    assert reason.startswith("registry evil.example.net is not among those allowed")
    assert line == {
        "endpoint": "/validate", "verdict": "deny", "uid": "denied", "api": "admission.k8s.io/v1",
        "operation": "CREATE", "group": "", "kind": "Pod", "subresource": "", "namespace": "shop",
        "name": "web", "user": "alice", "dryRun": True, "imageCount": 1,
        "images": [{"image": DENIED, "path": "spec.containers[0].image", "verdict": "deny"}],
        "violationCount": 1,
        "violations": [{"path": "spec.containers[0].image", "cause": "rule", "policy": "baseline",
                        "rule": "trusted-registries", "mode": "enforce", "exception": ""}],
        "policies": ["baseline"]}


def test_an_admission(new_server):
    server = new_server().start()
    server.post(review(ALLOWED, uid="allowed"), "/mutate")
    line = audited(server, "allowed")
    assert (line["verdict"], line["endpoint"], line["dryRun"]) == ("allow", "/mutate", False)
    assert line["images"] == [{"image": ALLOWED, "path": "spec.containers[0].image", "verdict": "allow"}]
    assert line["violations"] == [] and line["violationCount"] == 0


def test_an_image_review(new_server):
    server = new_server().start()
    server.post(image_review(ALLOWED, DENIED), "/imagepolicy")
    line = wait_until(server.audit)[0]
    assert (line["api"], line["verdict"], line["namespace"]) == \
        ("imagepolicy.k8s.io/v1alpha1", "deny", "shop")
    assert [image["verdict"] for image in line["images"]] == ["allow", "deny"]


def test_what_could_not_be_judged(new_server):
    server = new_server().start()
    server.post(b"{")
    line = wait_until(server.audit)[0]
    assert line["verdict"] == "error" and line["error"]


def test_each_decision_has_one_line(new_server):
    server = new_server().start()
    for i in range(50):
        server.post(review((ALLOWED, DENIED)[i % 2], uid=f"u-{i}"))
    wait_until(lambda: len(server.audit()) == 50)
    assert [line["uid"] for line in server.audit()] == [f"u-{i}" for i in range(50)]


def test_lines_cannot_be_forged(new_server):
    """What a caller names is one string in one line."""
    server = new_server().start()
    evil = '"}\n{"verdict":"allow","uid":"forged"}\r\n\x00\u2028'
    server.post(review(DENIED, uid="u", name=evil, userInfo={"username": evil}))
    line = audited(server, "u")
    assert line["user"] == evil and line["name"] == evil and len(server.audit()) == 1


def test_no_secret_is_kept(new_server):
    """Neither in the audit log, nor in the log, nor in the metrics; denied, admitted or broken."""
    server = new_server(log={"level": "debug"}).start()
    question = json.loads(review(DENIED, uid="secret"))
    request = question["request"]
    request["userInfo"] = {"username": "alice", "extra": {"token": ["extra-s3cret"]}}
    request["object"]["metadata"].update(annotations={"a": "annotation-s3cret"},
                                         labels={"l": "label-s3cret"})
    request["object"]["spec"]["containers"][0].update(
        env=[{"name": "PASSWORD", "value": "env-s3cret"}], command=["--password=command-s3cret"])
    request["object"]["spec"]["volumes"] = [{"name": "v", "csi": {"volumeAttributes": {"t": "token-s3cret"}}}]
    request["oldObject"] = {"data": "old-s3cret"}
    body = json.dumps(question).encode()
    for data in (body, body.replace(DENIED.encode(), ALLOWED.encode()), body[:-1],
                 body.replace(b'"containers"', b'"container"')):
        for path in ("/validate", "/mutate", "/imagepolicy"):
            server.post(data, path, Authorization="Bearer header-s3cret")
    wait_until(lambda: len(server.audit()) == 12)
    kept = (server.folder / "audit.log").read_text() + server.log() + \
        server.get_plain("/metrics").body.decode()
    assert not [secret for secret in SECRETS if secret in kept]


def test_the_log_of_a_terminal_is_text(new_server):
    """`script` gives the server a terminal; the same start in JSON is in test_lifecycle."""
    server = new_server(policies=["nowhere"])
    (server.folder / "server.yaml").write_text(json.dumps(server.configuration))
    command = f"{BINARY} serve --config {server.folder / 'server.yaml'}"
    try:
        said = subprocess.run(["script", "-qec", command, "/dev/null"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=SECONDS).stdout
    except FileNotFoundError:
        pytest.skip("script is not installed")
    assert "the server ended" in said and "nowhere" in said
    assert not [line for line in said.splitlines() if line.startswith("{")]


def test_the_audit_log_on_standard_output(new_server):
    server = new_server(audit={"path": "-"}).start()
    server.post(review(DENIED, uid="out"))
    wait_until(lambda: '"uid":"out"' in server.log())


def test_an_audit_log_that_is_full_delays_nothing(new_server):
    server = new_server(audit={"path": "/dev/full"}).start()
    for image, verdict in ((ALLOWED, True), (DENIED, False)):
        assert allowed(server.post(review(image)).body) is verdict
    wait_until(lambda: server.metric("pratique_audit_lines_lost_total") == 2)


# -- metrics --

def test_the_end_of_the_certificate(new_server):
    server = new_server().start()
    context = ssl.create_default_context(cafile=server.folder / "tls.crt")
    ends = ssl.cert_time_to_seconds(context.get_ca_certs()[0]["notAfter"])
    assert server.metric("pratique_certificate_expiry_timestamp_seconds") == ends


def test_a_certificate_that_has_ended_is_told(new_server, tmp_path):
    authority = Authority(tmp_path)
    certificate, key = authority.sign("pratique", usage="serverAuth", dates=(
        "-startdate", "20200101000000Z", "-enddate", "20200102000000Z"))
    server = new_server()
    (server.folder / "tls.crt").write_bytes(certificate.read_bytes())
    (server.folder / "tls.key").write_bytes(key.read_bytes())
    server.start()
    event = server.event("the certificate has ended")
    assert (event["level"], event["expiry"]) == ("warning", "2020-01-02T00:00:00.000Z")
    assert server.metric("pratique_certificate_expiry_timestamp_seconds") == 1577923200


def test_metrics_are_in_the_format_of_prometheus(new_server):
    server = new_server().start()
    for image in (ALLOWED, DENIED):
        server.post(review(image))
    lines = server.get_plain("/metrics").body.decode().splitlines()
    series = re.compile(r'[a-z_]+(\{[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*\})? -?[0-9.e+-]+')
    described = {line.split()[2] for line in lines if line.startswith("# TYPE ")}
    for line in lines:
        assert line.startswith(("# HELP ", "# TYPE ")) or series.fullmatch(line), line
        name = re.split("[ {]", line)[0]
        assert line[0] == "#" or name in described or \
            re.sub("_(bucket|sum|count)$", "", name) in described, line
    assert {"pratique_reviews_total", "pratique_violations_total", "pratique_images_total",
            "pratique_review_duration_seconds", "process_open_fds"} <= described
    assert server.metric('pratique_violations_total{policy="baseline",rule="trusted-registries",'
                         'mode="enforce"}') == 1
