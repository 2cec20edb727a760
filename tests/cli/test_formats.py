"""pratique check --output sarif, junit and github: sound by their own schemas, right by line."""
import json
import re
import urllib.parse
import xml.etree.ElementTree as xml

import pytest
from schemas import validate, validate_junit, validate_sarif

SHOP = """\
# a comment first
---
# and here
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      initContainers:
      - name: migrate
        image: nginx          # line 12
      containers:
      - {name: web, image: "registry.example.com/web:1.2"}
      - name: log
        image: >-
          evil.example.net/log:1
---

apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: a}
  spec:
    containers: [{name: a,
      image: evil.example.net/a:1}, {name: b, image: evil.example.net/b:1}]
- kind: PodList
  apiVersion: v1
  items:
  - apiVersion: v1
    kind: Pod
    metadata: {name: c}
    spec: {containers: [{"name": "c", "image":
      "evil.example.net/c:1"}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {generateName: nightly-}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: nginx}]}}}}}
"""
LINES = {"nginx": [12, 41], "evil.example.net/log:1": [16], "evil.example.net/a:1": [28],
         "evil.example.net/b:1": [28], "evil.example.net/c:1": [35]}


def check(run, output, *words, code=1):
    return run("check", "-p", "policy.yaml", "-o", output, *words, code=code).out


def results(text):
    """(level, rule, file, line, text) of each result."""
    run = validate_sarif(text)["runs"][0]
    found = []
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        found.append((result["level"], result["ruleId"], place["artifactLocation"]["uri"],
                      place.get("region", {}).get("startLine"), result["message"]["text"]))
    return found


def unescape(text):
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def annotations(text):
    """As GitHub's runner takes them: (level, properties, message)."""
    found = []
    for line in text.splitlines():
        level, properties, message = re.fullmatch(r"::(\w+) (.*?)::(.*)", line).groups()
        pairs = dict(pair.split("=", 1) for pair in properties.split(","))
        found.append((level, {key: unescape(value) for key, value in pairs.items()},
                      unescape(message)))
    return found


def lines_of(found):
    lines = {}
    for line, message in found:
        lines.setdefault(re.search(r'image "([^"]*)"', message)[1], []).append(line)
    return lines


def test_lines(run):
    run.write("shop.yaml", SHOP)
    sarif = results(check(run, "sarif", "shop.yaml"))
    assert lines_of((line, text) for _, _, _, line, text in sarif) == LINES
    github = annotations(check(run, "github", "shop.yaml"))
    assert lines_of((int(p["line"]), text) for _, p, text in github if "line" in p) == LINES
    assert github[-1][2] == "4 objects, 7 images: 1 admitted, 6 denied"


def test_lines_of_json(run):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
           "spec": {"containers": [{"name": "a", "image": "nginx"}]}}
    run.write("a.json", json.dumps(pod, indent=1) + "\n" + json.dumps(pod) + json.dumps(pod, indent=1))
    text = (run.folder / "a.json").read_text().splitlines()
    expected = [i for i, line in enumerate(text, 1) if '"image"' in line]
    assert [line for _, _, _, line, _ in results(check(run, "sarif", "a.json"))] == expected


def test_standard_input(run):
    text = run("check", "-p", "policy.yaml", "-o", "sarif", "-", stdin=SHOP, code=1).out
    assert {result[2] for result in results(text)} == {"stdin"}


NAMES = ["with space.yaml", "a:b.yaml", "a,b.yaml", "100%.yaml", "new\nline.yaml", "q\"<&>'.yaml",
         "ü.yaml", "a::b.yaml", "a%3Ab.yaml", "#?.yaml", "dir/a.yaml"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files(run, name):
    path = run.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(SHOP)
    for _, _, uri, _, _ in results(check(run, "sarif", name)):
        assert urllib.parse.unquote(uri) == name
        parsed = urllib.parse.urlsplit(uri)
        assert not (parsed.scheme or parsed.query or parsed.fragment)
    assert {p["file"] for _, p, _ in annotations(check(run, "github", name)) if "file" in p} == {name}
    text = check(run, "junit", name)
    validate_junit(text, run.folder)
    assert {case.get("classname") for case in xml.fromstring(text).iter("testcase")} == {name}
    answer = validate(check(run, "json", name), "check-output")
    assert {result["file"] for result in answer["results"]} == {name}


MODES = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: %s}
spec:
  mode: %s
  rules: [{name: none, deny: ["**"]}]
"""
EXCEPTION = """\
---
apiVersion: pratique.dev/v1alpha1
kind: ImagePolicyException
metadata: {name: excused}
spec: {policies: [p], images: ["**"], reason: because, until: 2999-01-01T00:00:00Z}
"""


@pytest.mark.parametrize("mode, more, sarif, github, code", [
    ("enforce", "", "error", "error", 1), ("warn", "", "warning", "warning", 0),
    ("audit", "", "note", "notice", 0), ("enforce", EXCEPTION, "note", "notice", 0),
])
def test_levels(run, mode, more, sarif, github, code):
    run.write("policy.yaml", MODES % ("p", mode) + more)
    run.write("a.yaml", "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: nginx}]}\n")
    [result] = results(check(run, "sarif", "a.yaml", code=code))
    assert result[:4] == (sarif, "p/none", "a.yaml", 3)
    first = annotations(check(run, "github", "a.yaml", code=code))[0]
    assert first[0] == github and first[1]["title"] == "p/none"
    root = xml.fromstring(check(run, "junit", "a.yaml", code=code))
    assert root.get("failures") == str(code) and len(root.findall(".//failure")) == code


@pytest.mark.parametrize("image, rule", [("a b", "unreadable"), ("ghcr.io/a:1", "uncovered")])
def test_rules_that_are_none(run, image, rule):
    run.write("policy.yaml", MODES.replace("  mode", "  images: [docker.io]\n  mode") % ("p", "warn"))
    run.write("a.yaml", json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
                                    "spec": {"containers": [{"name": "a", "image": image}]}}))
    assert results(check(run, "sarif", "a.yaml"))[0][1] == rule
    assert annotations(check(run, "github", "a.yaml"))[0][1]["title"] == rule


def test_problems(run):
    run.write("bad.yaml", "kind: Pod\n---\n\nkind: [\n---\napiVersion: v1\nkind: Pod\n"
              "metadata: {name: a}\nspec: {containers: [{name: a}]}\n")
    sarif = results(check(run, "sarif", "bad.yaml", "gone.yaml", code=3))
    assert [(level, rule, file) for level, rule, file, _, _ in sarif] == [
        ("error", "undecided", "bad.yaml"), ("error", "undecided", "bad.yaml"),
        ("error", "undecided", "gone.yaml")] or len(sarif) == 4
    github = annotations(check(run, "github", "bad.yaml", "gone.yaml", code=3))
    assert all(level == "error" for level, _, _ in github[:-1]) and len(github) == len(sarif) + 1
    text = check(run, "junit", "bad.yaml", "gone.yaml", code=3)
    validate_junit(text, run.folder)
    root = xml.fromstring(text)
    assert int(root.get("errors")) == len(root.findall(".//error")) == 3
    validate(check(run, "json", "bad.yaml", "gone.yaml", code=3), "check-output")


@pytest.mark.parametrize("output", ["sarif", "junit", "github", "json"])
def test_no_object(run, output):
    result = run("check", "-p", "policy.yaml", "-o", output, "-", code=3)
    assert "there is no object in the input" in result.err
    if output == "sarif":
        assert results(result.out) == []
    if output == "junit":
        validate_junit(result.out, run.folder)


def test_more_violations_than_are_listed(run):
    containers = [{"name": f"c{i}", "image": f"evil.example.net/a{i}"} for i in range(100)]
    run.write("a.yaml", json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
                                    "spec": {"containers": containers}}))
    more = "and 136 more violations"
    assert results(check(run, "sarif", "a.yaml"))[-1][4] == more
    assert annotations(check(run, "github", "a.yaml"))[-2][2] == more
    failures = xml.fromstring(check(run, "junit", "a.yaml")).findall(".//failure")
    assert len(failures) == 100 and all(failure.text.strip() for failure in failures)


def test_text_from_outside(run):
    """Nothing in an image's or object's name gets out of its place."""
    image = "evil\x1b[31m\n::warning::x%0A]]>\"'<&\ud800".encode("utf-8", "replace").decode()
    run.write("a.json", json.dumps({"apiVersion": "v1", "kind": "Pod",
                                    "metadata": {"name": "a\n::error::b"},
                                    "spec": {"containers": [{"name": "a", "image": image}]}}))
    text = check(run, "github", "a.json")
    assert "\x1b" not in text and text.count("\n") == 2 and len(annotations(text)) == 2
    text = check(run, "junit", "a.json")
    validate_junit(text, run.folder)
    results(check(run, "sarif", "a.json"))
    text = check(run, "text", "a.json")
    assert "\x1b" not in text


def test_outputs_of_other_commands(run):
    """JSON that other commands print, by its schema."""
    for image in ("nginx", "a b", "registry.example.com/a:1"):
        validate(run("explain", "-p", "policy.yaml", "-o", "json", image).out, "explain-output")
        validate(run("parse", "-o", "json", image).out, "parse-output")
    validate(run("policy", "lint", "-o", "json", "policy.yaml", code=0).out, "lint-output")
    run.write("bad.yaml", "kind: ClusterImagePolicy\nspecs: {}\n")
    validate(run("policy", "lint", "-o", "json", "bad.yaml").out, "lint-output")
