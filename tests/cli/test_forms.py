"""The forms that other programs rely on, byte by byte."""
import json

import pytest

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize("reference, line", [
    ("nginx", '{"input":"nginx","valid":true,"registry":"docker.io","repository":"library/nginx",'
              '"tag":"","digest":"","name":"docker.io/library/nginx","familiar":"nginx","error":null}'),
    (f"ghcr.io/acme/app:1.2@{DIGEST}",
     f'{{"input":"ghcr.io/acme/app:1.2@{DIGEST}","valid":true,"registry":"ghcr.io",'
     f'"repository":"acme/app","tag":"1.2","digest":"{DIGEST}","name":"ghcr.io/acme/app",'
     '"familiar":"ghcr.io/acme/app","error":null}'),
    ("a//b", '{"input":"a//b","valid":false,"registry":"","repository":"","tag":"","digest":"","name":"",'
             '"familiar":"","error":"invalid repository name \\"a//b\\": \\"\\" is empty: \\"/\\" stands '
             'only between two names"}'),
    ("", '{"input":"","valid":false,"registry":"","repository":"","tag":"","digest":"","name":"",'
         '"familiar":"","error":"empty: a reference such as \\"docker.io/library/nginx:1.27\\" is '
         'expected"}'),
])
def test_parse(run, reference, line):
    result = run("parse", "--output", "json", "--", reference)
    assert (result.out, result.err) == (line + "\n", "")
    assert result.code == (0 if '"valid":true' in line else 1)


def test_parse_reads_standard_input(run):
    result = run("parse", "--output", "json", stdin="a\nb:1\n", code=0)
    assert result.out == run("parse", "-o", "json", "a", "b:1").out
    assert [json.loads(line)["input"] for line in result.out.splitlines()] == ["a", "b:1"]


REQUEST = {"uid": "u-1", "kind": {"group": "", "version": "v1", "kind": "Pod"},
           "resource": {"group": "", "version": "v1", "resource": "pods"}, "name": "web",
           "namespace": "shop", "operation": "CREATE", "userInfo": {"username": "alice"},
           "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
                      "spec": {"containers": [{"name": "c", "image": "nginx:latest"}]}}}
REASON = ('policy baseline, rule no-latest: tag \\"latest\\" is not allowed; use a version tag or a '
          'digest')
MESSAGE = 'spec.containers[0].image \\"nginx:latest\\": ' + REASON
RESPONSE = ('{"apiVersion":"admission.k8s.io/VERSION","kind":"AdmissionReview","response":{"uid":"u-1",'
            '"allowed":false,"status":{"status":"Failure","code":403,"reason":"Forbidden","message":"'
            + MESSAGE + '","details":{"causes":[{"reason":"ImagePolicyViolation","message":"' + REASON +
            '","field":"spec.containers[0].image"}]}},'
            '"auditAnnotations":{"decision":"deny","policies":"baseline"}}}\n')


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_review(run, version):
    review = {"kind": "AdmissionReview", "apiVersion": f"admission.k8s.io/{version}",
              "request": REQUEST}
    result = run("review", "--policy", "policy.yaml", stdin=json.dumps(review), code=0)
    assert (result.out, result.err) == (RESPONSE.replace("VERSION", version), "")


def test_review_of_a_bare_request(run):
    run.write("request.json", json.dumps(REQUEST, indent=2))
    result = run("review", "--policy", "policy.yaml", "request.json", code=0)
    assert (result.out, result.err) == (RESPONSE.replace("VERSION", "v1"), "")


def test_image_review(run):
    review = {"kind": "ImageReview", "apiVersion": "imagepolicy.k8s.io/v1alpha1",
              "spec": {"containers": [{"image": "nginx:latest"}], "namespace": "shop"}}
    result = run("review", "--policy", "policy.yaml", stdin=json.dumps(review), code=0)
    assert result.out == (
        '{"apiVersion":"imagepolicy.k8s.io/v1alpha1","kind":"ImageReview","status":{"allowed":false,'
        '"reason":"' + MESSAGE + '","auditAnnotations":{"decision":"deny","policies":"baseline"}}}\n')


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: c, image: "nginx:latest"}]}}}
"""


def test_check(run):
    """The members that are promised; there may be more."""
    run.write("web.yaml", DEPLOYMENT)
    result = run("check", "--policy", "policy.yaml", "--output", "json", "web.yaml", code=1)
    found, = json.loads(result.out)["results"]
    image, = found["images"]
    violation, = image["violations"]
    path = "spec.template.spec.containers[0].image"
    assert {key: found[key] for key in ("file", "document", "kind", "name", "namespace", "allowed")} == {
        "file": "web.yaml", "document": 0, "kind": "Deployment", "name": "web", "namespace": "shop",
        "allowed": False}
    assert {key: image[key] for key in ("image", "path", "verdict")} == {
        "image": "nginx:latest", "path": path, "verdict": "deny"}
    assert {key: violation[key] for key in ("policy", "rule", "message")} == {
        "policy": "baseline", "rule": "no-latest",
        "message": f'{path} "nginx:latest": ' + REASON.replace('\\"', '"')}


@pytest.mark.parametrize("text, code", [
    (DEPLOYMENT.replace("latest", "1"), 0), (DEPLOYMENT, 1), ("kind: [", 3), ("", 3)])
def test_check_exit_status(run, text, code):
    run.write("web.yaml", text)
    for words in (["web.yaml"], ["--output", "json", "web.yaml"]):
        run("check", "--policy", "policy.yaml", *words, code=code)
    run("check", "--policy", "missing.yaml", "web.yaml", code=2)
    run("check", "web.yaml", code=2)
