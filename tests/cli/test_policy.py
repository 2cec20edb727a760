"""pratique policy lint and policy schema."""
import json

import pytest

from program import ROOT

BROKEN = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: broken}
spec:
  ruls:
    - name: a
  rules:
    - name: registries
      alow: [registry.example.com]
    - name: tags
      deny: ["**:lat est"]
"""
WARNING = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: everything}
spec:
  rules:
    - name: any
      allow: ["**"]
---
apiVersion: pratique.dev/v1alpha1
kind: ImagePolicyException
metadata: {name: old}
spec:
  policies: [everything]
  until: 2001-01-01T00:00:00Z
  reason: long ago
"""


def test_clean(run):
    assert run("policy", "lint", "policy.yaml", code=0).out == "1 policy, 2 rules, no problem found\n"


def test_errors(run, golden):
    run.write("broken.yaml", BROKEN)
    result = run("policy", "lint", "broken.yaml", code=1)
    golden("lint-errors.txt", result.out)
    assert result.err == ""
    assert all(line.startswith("broken.yaml:") for line in result.out.splitlines()[:-1])


def test_errors_as_json(run):
    run.write("broken.yaml", BROKEN)
    answer = json.loads(run("policy", "lint", "-o", "json", "policy.yaml", "broken.yaml", code=1).out)
    assert answer["errors"] == len(answer["diagnostics"]) >= 3
    for item in answer["diagnostics"]:
        assert list(item) == ["level", "file", "line", "column", "path", "message", "suggestion"]
        assert item["file"] == "broken.yaml" and item["line"] > 0 and item["column"] > 0
    near = {item["suggestion"] for item in answer["diagnostics"]}
    assert {"rules", "allow"} <= near


def test_warnings(run, golden):
    run.write("old.yaml", WARNING)
    golden("lint-warning.txt", run("policy", "lint", "old.yaml", code=0).out)
    run("policy", "lint", "--strict", "old.yaml", code=1)
    run("policy", "lint", "--strict", "policy.yaml", code=0)
    answer = json.loads(run("policy", "lint", "-o", "json", "old.yaml", code=0).out)
    assert (answer["errors"], answer["policies"], answer["exceptions"]) == (0, 1, 1)
    assert answer["warnings"] >= 1


def test_directory_and_standard_input(run):
    run.write("dir/a.yaml", (run.folder / "policy.yaml").read_text())
    run("policy", "lint", "dir", code=0)
    run("policy", "lint", "-", stdin=BROKEN, code=1)


def test_one_set(run):
    """Paths are read together: the same policy twice is an error."""
    run.write("again.yaml", (run.folder / "policy.yaml").read_text())
    result = run("policy", "lint", "policy.yaml", "again.yaml", code=1)
    assert "baseline" in result.out


def test_what_cannot_be_read(run):
    result = run("policy", "lint", "missing.yaml", code=3)
    assert "missing.yaml" in result.err and "No such file" in result.err
    (run.folder / "empty").mkdir()
    assert run("policy", "lint", "empty").code != 0


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}\n", "- a\n", "a: b: c\n", "kind: Pod\n",
                                  "a: &a [*a]\n", "\x00", "a: 1\na: 2\n"])
def test_what_is_no_policy(run, text):
    run.write("odd.yaml", text)
    result = run("policy", "lint", "odd.yaml")
    assert result.code in (1, 2) and (result.out or result.err)


@pytest.mark.parametrize("language, page, schema", [
    ("policy", "policy-reference.md", "policy.schema.json"),
    ("server", "configuration-reference.md", "configuration.schema.json"),
])
def test_pages_are_up_to_date(run, language, page, schema):
    """docs/ holds what the tables say; `make docs` writes it."""
    text = run("policy", "schema", "--of", language, code=0).out
    assert json.loads(text)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert text == (ROOT / "docs" / schema).read_text()
    reference = run("policy", "schema", "--reference", "--of", language, code=0).out
    assert reference == (ROOT / "docs" / page).read_text()


def test_policy_is_the_default(run):
    assert run("policy", "schema", code=0).out == run("policy", "schema", "--of=policy", code=0).out
