"""Reviews of policies: what is denied here is what would not be loaded, and the other way round."""
import concurrent.futures
import contextlib
import json
import subprocess

import pytest
import yaml

from pratique_server import ALLOWED, BINARY, ROOT, allowed, ask, review

KINDS = ("ClusterImagePolicy", "ImagePolicy", "ImagePolicyException")
SOUND = {"apiVersion": "pratique.dev/v1alpha1", "kind": "ClusterImagePolicy", "metadata": {"name": "beside"},
         "spec": {"rules": [{"name": "any", "allow": ["**"]}]}}


def policy_review(made, operation="CREATE", **request):
    group, _, version = made["apiVersion"].partition("/")
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "u-1", "operation": operation, "kind": {"group": group, "version": version, "kind": made["kind"]},
        "name": made["metadata"].get("name", ""), "object": made, **request}}).encode()


def asked(server, made, **request):
    answer = server.post(policy_review(made, **request), "/policies?timeout=30s")
    assert answer.status == 200, answer.body
    response = json.loads(answer.body)["response"]
    assert response["uid"] == "u-1"
    return response


def documents():
    """Policies of the repository's cases and examples, as an API server could have them."""
    for path in sorted([*(ROOT / "tests/cases").rglob("*.yaml"), *(ROOT / "examples").rglob("*.yaml"),
                        *(ROOT / "tests/vectors").rglob("*.yaml")]):
        try:
            found = list(yaml.load_all(path.read_text(), yaml.BaseLoader))
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
        for one in found:
            if isinstance(one, dict) and one.get("kind") in KINDS and isinstance(one.get("metadata"), dict) and \
                    str(one.get("apiVersion", "")).startswith("pratique.dev/"):
                yield path, one


def worse(made):
    """Each with one thing changed that may be wrong."""
    text = json.dumps(made)
    for old, new in (('"deny"', '"denny"'), ('"allow"', '"tag"'), ('"name"', '"nam"'), ('"spec"', '"spek"'),
                     ('"rules"', '"policies"'), ("**", "***"), ("v1alpha1", "v1"), ('"**:latest"', "null"),
                     ('"images"', '"mode"'), ("docker.io", "docker.io:99999"), ("Z", ""), ('["', '[["]],"')):
        if old in text:
            with contextlib.suppress(ValueError):
                yield json.loads(text.replace(old, new, 1))


def lint(folder, made):
    """What `pratique policy lint` says of the document, beside a sound policy."""
    path = folder / "policies.yaml"
    path.write_text(json.dumps(SOUND) + "\n---\n" + json.dumps(made))
    ran = subprocess.run([BINARY, "policy", "lint", "--output", "json", path], capture_output=True, text=True)
    assert ran.returncode in (0, 1), ran.stderr
    return [one for one in json.loads(ran.stdout)["diagnostics"] if one["level"] == "error"]


def test_the_verdict_is_that_of_the_loader(shared, tmp_path):
    seen, verdicts = set(), []
    for path, made in documents():
        for one in (made, *worse(made)):
            text = json.dumps(one)
            if text in seen or one.get("kind") not in KINDS:
                continue
            seen.add(text)
            wrong = lint(tmp_path, one)
            if "metadata" not in one or not isinstance(one["metadata"], dict):
                continue
            response = asked(shared, one)
            verdicts.append(response["allowed"])
            assert response["allowed"] is (not wrong), f"{path}: {text}\n{wrong}\n{response}"
            causes = response.get("status", {}).get("details", {}).get("causes", [])
            if causes:
                assert sorted(cause["field"] for cause in causes) == sorted(one["path"] for one in wrong)
    assert verdicts.count(True) > 20 and verdicts.count(False) > 50


@pytest.mark.parametrize("operation, allowed_", [("DELETE", True), ("CONNECT", True), ("CREATE", False)])
def test_deleting_is_never_in_the_way(shared, operation, allowed_):
    broken = {**SOUND, "spec": {}}
    assert asked(shared, broken, operation=operation)["allowed"] is allowed_


def hostile():
    """A policy that takes the server as long as any may: every pattern is compared with every other."""
    rules = [{"name": f"r{n}", "deny": [f"{n:x}.example/{m:x}" for m in range(4000)]} for n in range(2)]
    return {**SOUND, "spec": {"rules": rules}}


def test_one_at_a_time_and_pods_go_on(new_server):
    server = new_server(limits={"threads": 4}).start()
    counts = {200: 0, 429: 0}

    def ask_until(done):
        with contextlib.closing(server.connection()) as connection:
            while not done():
                answer = ask(connection, "POST", "/policies?timeout=30s", policy_review(SOUND))
                counts[answer.status] += 1
                if answer.status == 429:
                    assert answer.headers["Retry-After"] == "1" and b"allowed" not in answer.body
                assert allowed(ask(connection, "POST", "/validate?timeout=30s", review(ALLOWED)).body)

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        while counts[429] == 0:
            slow = pool.submit(asked_or_refused, server)
            others = [pool.submit(ask_until, slow.done) for _ in range(8)]
            assert slow.result() in (200, 429)
            for other in others:
                other.result()
    assert asked(server, SOUND)["allowed"] and counts[200] > 0


def asked_or_refused(server):
    return server.post(policy_review(hostile()), "/policies?timeout=30s").status


def test_too_many_items_are_refused_before_they_are_compared(shared):
    made = hostile()
    made["spec"]["rules"].append({"name": "more", "deny": ["a"] * 4000})
    response = asked(shared, made)
    assert not response["allowed"]
    assert response["status"]["message"] == (
        "spec: the lists of a policy in a cluster have at most 8192 items together; make several policies of it")


def test_a_review_larger_than_the_body_may_be(new_server):
    server = new_server(limits={"body": 65536}).start()
    answer = server.post(policy_review(hostile()), "/policies?timeout=30s")
    assert answer.status == 200 and not allowed(answer.body)
    assert b"larger than 65536 bytes" in answer.body


def test_it_is_counted(shared):
    name = 'pratique_reviews_total{endpoint="/policies",verdict="deny"}'
    asked(shared, {**SOUND, "spec": {}})
    before = shared.metric(name)
    asked(shared, {**SOUND, "spec": {}})
    assert shared.metric(name) == before + 1
