"""Reviews asked for with the pull secrets of their Pods, where the API server that has them fails: it never admits, the
deadline is kept, and nothing of a Secret is told. What a real API server does is tested in tests/e2e."""
import base64
import json
import re
import sys

import pytest

import registries
from hostile import NAME, TAG, Hostile
from pratique_server import Server, review

sys.path.append(str(registries.ROOT / "tests/integration"))

from fake_kube import FakeKube  # noqa: E402

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: pinned}
spec:
  rules: [{name: registries, allow: ["**"]}, {name: digest, require: [digest]}]
  mutate: {resolveDigest: true}
"""

SECRET = "/api/v1/namespaces/shop/secrets/regcred"
NONE_KNOWN = "it asks for a user name and a password, and none is known"


@pytest.fixture
def registry(made):
    with Hostile(made["index"], "basic") as registry:
        yield registry


@pytest.fixture
def api(tmp_path, registry):
    """With the Secret in one namespace."""
    api = FakeKube(tmp_path)
    config = {"auths": {registry.address: {"auth": registry.basic.removeprefix("Basic ")}}}
    api.store(SECRET, {"kind": "Secret", "metadata": {"name": "regcred"}, "type": "kubernetes.io/dockerconfigjson",
                       "data": {".dockerconfigjson": base64.b64encode(json.dumps(config).encode()).decode()}})
    yield api
    api.stop()


@pytest.fixture
def server(tmp_path, registry, api):
    folder = tmp_path / "server"
    folder.mkdir()
    server = Server(folder, kubernetes={"kubeconfig": str(api.kubeconfig())}, registries={
        "pullSecrets": True, "failures": "0s", "hosts": [{"host": registry.address, "plain": True, "insideNetwork": True}]})
    server.write_policy(POLICY)
    yield server.start()
    if server.process.poll() is None:
        server.stop()
    log = server.log() + json.dumps(server.audit())
    assert "Sanitizer" not in log and "runtime error" not in log, log
    assert registries.PASSWORD not in log and registry.basic.removeprefix("Basic ") not in log


def ask(server, registry, namespace="shop", timeout=10, **spec):
    """Whether it is allowed, the image that is written, and the message."""
    body = json.loads(review(f"{registry.address}/{NAME}:{TAG}", namespace=namespace))
    body["request"]["object"]["spec"].update(spec or {"imagePullSecrets": [{"name": "regcred"}]})
    answer = server.post(json.dumps(body).encode(), f"/mutate?timeout={timeout}s")
    assert answer.status == 200, answer.body
    response = json.loads(answer.body)["response"]
    patch = json.loads(base64.b64decode(response.get("patch", "W10=")))
    written = [one["value"] for one in patch if one["path"].endswith("/image") and one["op"] != "test"]
    return response["allowed"], written, response.get("status", {}).get("message", "")


def test_kyverno_15120_15989_7699_policies_1311_who_has_the_secret_and_who_has_not(server, registry, api, made):
    pinned = [f"{registry.address}/{NAME}:{TAG}@{made['index'].digest}"]
    assert ask(server, registry)[:2] == (True, pinned)
    for spec in ({}, {"containers": [{"name": "app", "image": f"{registry.address}/{NAME}:{TAG}"}]}):
        allowed, _, message = ask(server, registry, "bank", **spec)
        assert not allowed and NONE_KNOWN in message
    assert ask(server, registry)[:2] == (True, pinned)
    assert [path for _, path in api.requests] == [SECRET, SECRET.replace("shop", "bank")]
    counted = {source: server.metric(f'pratique_pull_secrets_total{{source="{source}"}}')
               for source in ("memory", "api", "error", "shared", "failure")}
    assert counted == {"memory": 1, "api": 2, "error": 0, "shared": 0, "failure": 0}


def answers(status, body):
    return lambda handler: (status, body)


def hangs(handler):
    handler.server.hanging.wait()
    raise ConnectionError


def closes(handler):
    raise ConnectionError


def large(handler):
    return 200, json.dumps({"type": "Opaque", "data": {"a": "A" * (3 << 20)}}).encode()


def twice(handler):
    return 200, b'{"type":"kubernetes.io/dockerconfigjson","s3cr3t":1,"s3cr3t":2}'


FAULTS = {
    "401": (answers(401, b'{"kind":"Status","message":"s3cr3t"}'), "401"),
    "403": (answers(403, b'{"kind":"Status","reason":"Forbidden","message":"s3cr3t"}'), "403 Forbidden"),
    "429": (answers(429, b"s3cr3t"), "429"),
    "500": (answers(500, b"s3cr3t"), "500"),
    "302": (answers(302, b"s3cr3t"), "302"),
    "cut": (answers(200, b'{"type":"s3cr3t'), "the answer is no JSON"),
    "twice": (twice, "the answer is no JSON"),
    "empty": (answers(200, b""), "the answer is no JSON"),
    "closed": (closes, ""),
    "large": (large, "larger than"),
    "broken": (answers(200, b'{"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"s3cr3t!"}}'),
               "Secret shop/regcred holds no docker config that can be read (input)"),
    "hangs": (hangs, "no answer in time"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_api_server_that_fails_denies(server, registry, api, fault):
    api.fault, says = FAULTS[fault]
    api.server.hanging = api.release
    allowed, written, message = ask(server, registry, timeout=3)  # a denial, and no 504: within its time
    assert not allowed and written == []
    assert "policy pinned, rule resolveDigest" in message
    assert "pull secrets: " in message and says in message and "shop" in message and "regcred" in message
    assert "s3cr3t" not in message and not registry.requests
    assert server.metric('pratique_pull_secrets_total{source="error"}') == 1
    if fault != "429":  # which asks to be left alone for a second
        api.fault = lambda handler: None
        assert ask(server, registry)[0], "nothing of it is remembered"


@pytest.mark.parametrize("body", [b"[]", b"7", b"null", b"{}", b'{"type":7}', b'{"type":"kubernetes.io/dockerconfigjson","data":[]}',
                                  b'{"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":7}}',
                                  b'{"type":"kubernetes.io/dockerconfigjson","data":{".dockercfg":"e30="}}',
                                  b'{"type":"Opaque","data":{".dockerconfigjson":"!"}}'])
def test_what_is_no_pull_secret_is_none(server, registry, api, body):
    api.fault = answers(200, body)
    allowed, _, message = ask(server, registry)
    assert not allowed and NONE_KNOWN in message


def test_names_that_are_none_are_not_asked_for(server, registry, api):
    for name in ("../../bank/secrets/regcred", "regcred?x", "regcred/", "%2e%2e", "", "REGCRED"):
        allowed, _, message = ask(server, registry, imagePullSecrets=[{"name": name}])
        assert not allowed and NONE_KNOWN in message
    assert not api.requests


def test_more_names_than_a_review_may_have(server, registry, api):
    allowed, _, message = ask(server, registry, imagePullSecrets=[{"name": f"s{i}"} for i in range(33)])
    assert not allowed and re.search(r"more than 32 pull secrets", message)
    assert not api.requests
