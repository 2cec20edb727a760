"""pratique explain."""
import json

import pytest

POLICIES = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: baseline}
spec:
  match:
    namespaces: ["*", "!kube-system"]
  rules:
    - name: trusted-registries
      allow: [registry.example.com, "docker.io/library/*"]
    - name: no-latest
      deny: ["**:latest"]
---
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: ci}
spec:
  mode: warn
  match: {users: ["system:serviceaccount:ci:*"], kinds: [Pod, Job], operations: [CREATE]}
  images: [registry.example.com]
  rules:
    - name: pinned
      require: [digest]
---
apiVersion: pratique.dev/v1alpha1
kind: ImagePolicyException
metadata: {name: incident-42}
spec:
  policies: [baseline]
  rules: [no-latest]
  images: [nginx]
  namespaces: [debug]
  until: 2999-01-01T00:00:00Z
  reason: debugging incident 42
"""


@pytest.fixture
def explain(run):
    run.write("policies.yaml", POLICIES)

    def explain(*words, code):
        return run("explain", "-p", "policies.yaml", *words, code=code).out

    return explain


@pytest.mark.parametrize("name, words, code", [
    ("denied", ["nginx"], 1),
    ("admitted", ["--kind", "Deployment", "nginx:1.27"], 0),
    ("excused", ["-n", "debug", "nginx"], 0),
    ("warned", ["--user", "system:serviceaccount:ci:bot", "registry.example.com/app:1"], 0),
    ("uncovered", ["-n", "kube-system", "nginx:1.27"], 1),
    ("unreadable", ["Not A Reference"], 1),
    ("delete", ["--operation", "DELETE", "evil.example.net/x"], 0),
])
def test_text(explain, golden, name, words, code):
    golden(f"explain-{name}.txt", explain(*words, code=code))


def test_json(explain):
    answer = json.loads(explain("-o", "json", "nginx", code=1))
    assert (answer["image"], answer["judged"], answer["verdict"]) == ("nginx", "nginx", "deny")
    rows = [(item["policy"], item["rule"], item["line"], item["applies"], item.get("holds"))
            for item in answer["considered"]]
    assert rows == [("baseline", "", 3, True, None), ("baseline", "trusted-registries", 8, True, True),
                    ("baseline", "no-latest", 10, True, False), ("ci", "", 15, False, None),
                    ("ci", "pinned", 21, False, None)]
    assert {item["file"] for item in answer["considered"]} == {"policies.yaml"}
    assert len(answer["messages"]) == 1 and "no-latest" in answer["messages"][0]
    assert all(item["why"] for item in answer["considered"] if not item["applies"])


def test_agrees_with_check(explain, run):
    for image in ("nginx", "nginx:1.27", "registry.example.com/app:1", "quay.io/x/y:1", "A"):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
               "spec": {"containers": [{"name": "c", "image": image}]}}
        code = run("check", "-p", "policies.yaml", "-", stdin=json.dumps(pod)).code
        explain(image, code=code)


def test_rewritten(run, golden):
    run.write("mirror.yaml", json.dumps({
        "apiVersion": "pratique.dev/v1alpha1", "kind": "ClusterImagePolicy",
        "metadata": {"name": "mirror"},
        "spec": {"rules": [{"name": "mirrored", "allow": ["mirror.example.com"]}],
                 "mutate": {"rewrite": [{"from": "docker.io/**",
                                         "to": "mirror.example.com/hub/**"}]}}}))
    golden("explain-rewritten.txt", run("explain", "-p", "mirror.yaml", "nginx:1", code=0).out)


def test_dashes(explain):
    explain("--", "-x", code=1)
