"""pratique test: what a case says, how a difference is told, and what --update writes."""
import json
import resource
import stat
import subprocess
import xml.etree.ElementTree as xml

import pytest
from program import BINARY
from schemas import validate, validate_junit

HEAD = """\
apiVersion: pratique.dev/v1alpha1
kind: ImagePolicyTest
policies: [policy.yaml]
"""


def suite(*cases, **fields):
    document = {"apiVersion": "pratique.dev/v1alpha1", "kind": "ImagePolicyTest",
                "policies": ["policy.yaml"], "cases": cases, **fields}
    return json.dumps(document, indent=2)


def case(image="registry.example.com/app:1", **fields):
    return {"name": "a case", "image": image, **fields}


def verdict_of(run, *cases, **fields):
    """The result of the only case, or the error of the file."""
    run.write("suite.yaml", suite(*cases, **fields))
    result = run("test", "-o", "json", "suite.yaml")
    answer = validate(result.out, "test-output")
    return answer["results"][0]["result"], result


def pod(*images, **metadata):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", **metadata},
            "spec": {"containers": [{"name": f"c{i}", "image": image}
                                    for i, image in enumerate(images)]}}


# -- every field of the reference page --

SCOPED = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: scoped}
spec:
  match: %s
  rules: [{name: none, deny: ["**"]}]
"""


@pytest.mark.parametrize("match, fields, verdict", [
    ("{namespaces: [shop]}", {"namespace": "shop"}, "denied"),
    ("{namespaces: [shop]}", {}, "allowed"),
    ("{namespaceSelector: {matchLabels: {env: prod}}}", {"namespaceLabels": {"env": "prod"}},
     "denied"),
    ("{namespaceSelector: {matchLabels: {env: prod}}}", {"namespaceLabels": {}}, "allowed"),
    ("{namespaceSelector: {matchLabels: {env: prod}}}", {}, "denied"),
    ("{users: [alice]}", {"user": "alice"}, "denied"),
    ("{users: [alice]}", {"user": "bob"}, "allowed"),
    ("{users: [alice]}", {}, "denied"),
])
def test_who_and_where(run, match, fields, verdict):
    run.write("policy.yaml", SCOPED % match)
    result, _ = verdict_of(run, case(expect={"verdict": verdict}, **fields), uncovered="allow")
    assert result == "passed"


def test_subjects(run):
    run.write("deploy.yaml", json.dumps(pod("nginx:1")) + "\n---\n" + json.dumps(pod("nginx")))
    run.write("review.json", json.dumps({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": "u", "kind": {"group": "", "version": "v1", "kind": "Pod"},
                    "resource": {"group": "", "version": "v1", "resource": "pods"},
                    "namespace": "shop", "operation": "CREATE",
                    "userInfo": {"username": "a"}, "object": pod("nginx:1")}}))
    run.write("broken.json", "{")
    run.write("suite.yaml", suite(
        case("nginx:1", expect={"verdict": "allowed"}),
        {"name": "object", "object": pod("nginx:1", "nginx"),
         "expect": {"verdict": "denied", "rules": ["baseline/no-latest"]}},
        {"name": "resource", "resource": "deploy.yaml", "expect": {"verdict": "denied"}},
        {"name": "review", "review": "review.json", "expect": {"verdict": "allowed"}},
        {"name": "broken", "review": "broken.json", "expect": {"verdict": "malformed"}}))
    assert run("test", "suite.yaml", code=0).out == "5 cases: 5 passed, 0 failed\n"


DIGEST = "sha256:" + 64 * "a"
LAYERS = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: p}
spec: {rules: [{name: one, image: {maxLayers: 1}}]}
"""


@pytest.mark.parametrize("image, words", [
    ({"reference": "Nginx", "digest": DIGEST}, "images[0].reference: "),
    ({"reference": "nginx"}, "images[0].reference: an image has a digest, or an error instead of all else"),
    ({"reference": "nginx", "digest": DIGEST, "error": "down"},
     "images[0].reference: an image has a digest, or an error instead of all else"),
    ({"reference": "nginx", "digest": DIGEST, "age": "1h"}, "images[0].reference: age is for an error beside a digest that was had"),
    ({"reference": "nginx", "error": "down", "age": "1h"}, "images[0].reference: age is for an error beside a digest that was had"),
    ({"reference": "nginx", "digest": "sha256:a", "error": "down", "age": "1h"}, "images[0].digest: this is no digest"),
    ({"reference": "nginx", "digest": DIGEST, "error": "down", "age": "soon"}, 'images[0].age: "soon" is not a duration'),
    ({"reference": "nginx", "digest": "sha256:a"}, "images[0].digest: this is no digest"),
    ({"reference": "nginx", "digest": DIGEST, "platforms": ["linux"]}, 'images[0].platforms[0]: "linux" is no platform'),
    ({"digest": DIGEST}, '"reference" is required'),
])
def test_what_an_image_must_say(run, image, words):
    result, process = verdict_of(run, case(), images=[image])
    assert result == "error" and process.code == 2
    assert words in process.err and process.err.startswith("suite.yaml:")


@pytest.mark.parametrize("image, verdict", [
    ({"layers": [DIGEST]}, "allowed"), ({}, "allowed"), ({"layers": [DIGEST, DIGEST]}, "denied")])
def test_images_that_there_are(run, image, verdict):
    run.write("policy.yaml", LAYERS)
    for name in ("nginx:1", "docker.io/library/nginx:1", "nginx@" + DIGEST, "nginx:2@" + DIGEST):
        result, process = verdict_of(run, case(name, expect={"verdict": verdict}),
                                     images=[{"reference": "nginx:1", "digest": DIGEST, **image}])
        assert result == "passed", process.out
    result, _ = verdict_of(run, case("nginx:2", expect={"verdict": "denied", "rules": ["p/one"]}),
                           images=[{"reference": "nginx:1", "digest": DIGEST, **image}])
    assert result == "passed"


@pytest.mark.parametrize("fields, words", [
    ({"image": "a", "resource": "b"}, "a case says by one of image, object, resource and review"),
    ({"name": "none"}, "a case says by one of image, object, resource and review"),
    ({"review": "r.json", "user": "alice"}, "a review names its own namespace and user"),
    ({"image": "a", "expect": {"verdict": "deny"}}, 'must be one of "allowed", "denied", "malformed", found "deny"'),
    ({"image": "a", "expect": {"patch": {}}}, "must be a list of JSON Patch operations"),
    ({"image": "a", "expect": {"rulez": []}}, 'did you mean "rules"'),
    ({"image": "a", "expect": None}, "must be an object, found null"),
    ({"image": "a", "webhook": "both"}, "webhook"),
])
def test_what_a_case_must_say(run, fields, words):
    result, process = verdict_of(run, {"name": "x", **fields})
    assert result == "error" and process.code == 2
    assert words in process.err and process.err.startswith("suite.yaml:")


def test_uncovered_and_unreadable(run):
    run.write("policy.yaml", SCOPED % "{namespaces: [shop]}")
    uncovered = case("nginx:1", expect={"verdict": "denied", "rules": ["uncovered"]})
    unreadable = case("a b", expect={"verdict": "denied", "rules": ["unreadable"]})
    assert verdict_of(run, uncovered)[0] == "passed"
    assert verdict_of(run, unreadable)[0] == "passed"
    assert verdict_of(run, case("nginx:1", expect={"rules": []}), uncovered="allow")[0] == "passed"


@pytest.mark.parametrize("subject", [
    {"object": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}},
    {"resource": "policy.yaml"},
])
def test_a_case_judges_an_image(run, subject):
    """Else a name that is mistyped would prove a policy."""
    run.write("suite.yaml", suite({"name": "a case", "expect": {"verdict": "allowed"}, **subject}))
    result = run("test", "suite.yaml", code=3)
    assert "no image was judged" in result.out


def test_names_stand_once(run):
    run.write("suite.yaml", suite(case(), case(), {**case(), "name": "another"}))
    result = run("test", "suite.yaml", code=2)
    assert "suite.yaml:13:7: error: cases[1].name: the case in line 9 has this name already\n" in result.err


def test_runtime_and_now(run):
    short = case("nginx:1", expect={"rules": ["unreadable"]})
    assert verdict_of(run, short)[0] == "failed"
    assert verdict_of(run, short, runtime="cri-o")[0] == "passed"
    with open(run.folder / "policy.yaml", "a") as policy:
        policy.write("""---
apiVersion: pratique.dev/v1alpha1
kind: ImagePolicyException
metadata: {name: until}
spec:
  policies: [baseline]
  images: ["nginx"]
  reason: because
  until: 2026-06-01T00:00:00Z
""")
    excused = case("nginx", expect={"verdict": "allowed", "rules": []})
    result, process = verdict_of(run, excused, now="2026-05-01T00:00:00Z")
    assert result == "passed", process.err
    assert verdict_of(run, excused, now="2026-07-01T00:00:00Z")[0] == "failed"


def test_webhook_and_patch(run):
    run.write("policy.yaml", """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: mirror}
spec:
  mutate: {rewrite: [{from: docker.io, to: mirror.example.com}]}
  rules: [{name: mirror, allow: [mirror.example.com]}]
""")
    patch = [{"op": "replace", "path": "/spec/containers/0/image",
              "value": "mirror.example.com/library/nginx:1"}]
    result, process = verdict_of(run, case("nginx:1", expect={"verdict": "allowed"}))
    assert result == "passed", process.out
    run.write("suite.yaml", HEAD + "cases: [{name: a, image: 'nginx:1', expect: {patch: []}}]\n")
    answer = validate(run("test", "-o", "json", "suite.yaml", code=1).out, "test-output")
    got = [json.loads(one) for one in answer["results"][0]["differences"][0]["got"]]
    assert patch[0] in got
    assert verdict_of(run, case("nginx:1", expect={"patch": got}))[0] == "passed"
    assert verdict_of(run, case("nginx:1", webhook="validate", expect={"verdict": "denied"}))[0] \
        == "passed"


# -- differences --

DIFFERENCES = HEAD + """\
metadata: {name: baseline}
cases:
  - name: passes
    image: nginx:1.27
    expect: {verdict: allowed}
  - name: all differ
    image: nginx:latest
    expect:
      verdict: allowed
      rules: [baseline/trusted-registries, baseline/no-latest]
      messages: [one message]
      warnings: [a warning]
      patch: [{op: remove, path: /a}]
  - name: expects nothing
    image: "a b"
  - name: cannot be run
    resource: nowhere.yaml
    expect: {verdict: allowed}
"""


def test_text(run, golden):
    run.write("suite.yaml", DIFFERENCES)
    golden("test.txt", run("test", "-v", "suite.yaml", code=3).out)


def test_json(run):
    run.write("suite.yaml", DIFFERENCES)
    answer = validate(run("test", "-o", "json", "suite.yaml", code=3).out, "test-output")
    assert answer["summary"] == {"passed": 1, "failed": 2, "updated": 0, "errors": 1}
    fields = [difference["field"] for difference in answer["results"][1]["differences"]]
    assert fields == ["verdict", "rules", "messages", "warnings", "patch"]
    assert answer["results"][3]["error"] == "nowhere.yaml: cannot open: No such file or directory"


def test_junit(run):
    run.write("suite.yaml", DIFFERENCES.replace("all differ", 'all "<&>" \\u0001 differ'))
    text = run("test", "-o", "junit", "suite.yaml", code=3).out
    validate_junit(text, run.folder)
    root = xml.fromstring(text)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "2", "1")
    cases = root.findall(".//testcase")
    assert cases[1].get("name") == 'all "<&>" \\u0001 differ'
    assert {one.get("classname") for one in cases[:3]} == {"baseline"}
    assert cases[1].find("failure").get("message") == "suite.yaml:9"
    assert "- one message\n" in cases[1].find("failure").text


def test_order_counts_in_a_patch_alone(run):
    assert verdict_of(run, {"name": "o", "object": pod("evil.io/a", "evil.io/b:1"), "expect": {
        "rules": ["baseline/no-latest", "baseline/trusted-registries"]}})[0] == "passed"
    assert verdict_of(run, {"name": "o", "object": pod("evil.io/a", "evil.io/b:1"), "expect": {
        "rules": ["baseline/trusted-registries", "baseline/trusted-registries",
                  "baseline/no-latest"]}})[0] == "failed"


def test_only_some_cases(run):
    run.write("suite.yaml", DIFFERENCES)
    assert run("test", "--run", "pass*", "suite.yaml", code=0).out == "1 case: 1 passed, 0 failed\n"
    result = run("test", "--run", "nothing*", "suite.yaml", code=3)
    assert 'no case has a name like "nothing*"' in result.err


# -- finding suites --

def test_suites_in_directories(run):
    good = suite(case(expect={"verdict": "allowed"}))
    run.write("t/a.yaml", good.replace("policy.yaml", "../policy.yaml"))
    run.write("t/deep/b.yml", good.replace("policy.yaml", "../../policy.yaml"))
    run.write("t/compact.json", json.dumps(json.loads(good)).replace("policy.yaml",
                                                                     "../policy.yaml"))
    run.write("t/quoted.yaml", "kind: 'ImagePolicyTest' # a suite\n" + HEAD.replace(
        "kind: ImagePolicyTest\n", "").replace("policy.yaml", "../policy.yaml")
        + "cases: [{name: a, image: 'nginx:1', expect: {verdict: allowed}}]\n")
    run.write("t/other.yaml", "# no ImagePolicyTest\nkind: Pod\n")
    run.write("t/broken.yaml", "kind: [")
    assert run("test", "t", code=0).out == "4 cases: 4 passed, 0 failed\n"
    run.write("t/broken-suite.yaml", "kind: ImagePolicyTest\ncases: [")
    assert "t/broken-suite.yaml:3:1: error" in run("test", "t", code=2).err


def test_nothing_found(run):
    (run.folder / "empty").mkdir()
    result = run("test", "empty", code=3)
    assert "there is no ImagePolicyTest in empty" in result.err
    assert run("test", "missing.yaml", code=3).out.startswith("ERROR  missing.yaml: cannot open")


def test_documents_with_one_broken_policy(run):
    run.write("bad.yaml", (run.folder / "policy.yaml").read_text().replace("deny:", "denies:"))
    one = suite(case(expect={"verdict": "allowed"}), policies=["bad.yaml"])
    run.write("suite.yaml", one + "\n---\n" + one)
    result = run("test", "suite.yaml", code=2)
    assert result.err.count("denies") == result.err.count("\n") * 2 == 2
    assert "not shown" not in result.err


def test_missing_policy(run):
    run.write("suite.yaml", suite(case(), policies=["nowhere.yaml"]))
    result = run("test", "suite.yaml", code=2)
    assert result.err == ("suite.yaml:4:3: error: policies: nowhere.yaml: cannot open: "
                          "No such file or directory\n")


# -- updating --

def updated(run, text, code=0):
    path = run.folder / "suite.yaml"
    path.write_bytes(text.encode())
    result = run("test", "--update", "suite.yaml", code=code)
    after = path.read_bytes().decode()
    if code == 0:
        run("test", "suite.yaml", code=0)
        run("test", "--update", "suite.yaml", code=0)
        assert path.read_bytes().decode() == after, "updating twice is a no-op"
    else:
        assert after == text
    return after, result


def test_update_leaves_everything_else(run):
    before = "# top\n" + HEAD + """
cases:   # all of them
  - name: first   # why
    image: nginx:1.27
    expect: {verdict: denied}  # a } here

    # about the second
  - image:   "nginx:1.26"
    name: no expectation
      # behind it

  -   name: "third"
      expect: # e
        # inside
        verdict: allowed # v
        rules:
        - a/b # r
     # left
        messages: []
        # tail
      image: evil.example.net/x:1
  - name: passes
    image: nginx:1.25
    expect:
        {verdict: allowed,
         rules: []}
# end"""
    after, _ = updated(run, before)
    message = ('spec.containers[0].image \\"evil.example.net/x:1\\": policy baseline, rule '
               'trusted-registries: registry evil.example.net is not among those allowed: '
               'registry.example.com, docker.io/library/*; use an image that one of these matches')
    assert after == before.replace("""\
    expect: {verdict: denied}  # a } here
""", """\
    expect:  # a } here
      verdict: allowed
""").replace("""\
    name: no expectation
""", """\
    name: no expectation
    expect:
      verdict: allowed
""").replace("""\
      expect: # e
        # inside
        verdict: allowed # v
        rules:
        - a/b # r
     # left
        messages: []
""", f"""\
      expect:  # e
        # inside
        # v
        # r
        # left
        verdict: denied
        rules:
          - "baseline/trusted-registries"
        messages:
          - "{message}"
""")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_update_ends_lines_as_the_file(run, ending, last):
    text = HEAD + "cases:\n- name: a\n  image: nginx:1\n- expect: {verdict: denied}\n" \
        "  name: b\n  image: nginx:1" + ("\n" if last else "")
    after, _ = updated(run, text.replace("\n", ending))
    lines = after.split("\n")
    assert all(line.endswith("\r") == (ending == "\r\n") for line in lines[:-1])
    assert "- expect:" in after and after.count("verdict: allowed") == 2


@pytest.mark.parametrize("cases", [
    "  - {name: a, image: nginx}\n",
    "  - {name: a, image: nginx, expect: {verdict: allowed}}\n",
    "  - {\n    name: a, image: nginx,\n    expect: {verdict: allowed}\n    }\n",
    "  - {\n    name: a,\n    image: nginx\n    }\n",
    "  [{name: a, image: nginx}]\n",
    "  - name: a\n    image: nginx\n    expect: {verdict: allowed,\n      rules: []}\n",
    "  - name: a\n    image: nginx\n    expect: &same {verdict: allowed}\n",
    "  - name: a\n    image: nginx\n    expect: &same\n      verdict: allowed\n"
    "  - name: b\n    image: nginx:1\n    expect: *same\n",
    "  - name: a\n    object: {apiVersion: v1, kind: ConfigMap, metadata: {name: c, annotations: "
    "{n: &x y}}}\n    expect: {verdict: denied}\n  - {name: b, image: nginx}\n",
])
def test_update_refuses_what_is_not_made_of_lines(run, cases):
    _, result = updated(run, HEAD + "cases:\n" + cases, code=3)
    assert "ERROR  suite.yaml: " in result.out and "cannot be updated" in result.out


def test_update_of_json(run):
    _, result = updated(run, suite(case(expect={"verdict": "denied"})), code=3)
    assert "cannot be updated" in result.out


def test_update_of_many_documents(run):
    one = HEAD + "cases:\n  - name: a\n    image: nginx:1\n"
    after, _ = updated(run, "---\n" + one + "...\n# between\n---\n" + one + "---\n" + one + "\n\n")
    expected = one + "    expect:\n      verdict: allowed\n"
    assert after == "---\n" + expected + "...\n# between\n---\n" + expected + "---\n" + expected \
        + "\n\n"


def test_update_behind_a_literal_block(run):
    text = HEAD + """cases:
  - name: a
    object:
      apiVersion: v1
      kind: Pod
      spec: {containers: [{name: c, image: "registry.example.com/app:1"}]}
      metadata:
        annotations:
          text: |
            # no comment

            last
    # behind
"""
    after, _ = updated(run, text)
    assert after == text.replace("    # behind", "    expect:\n      verdict: allowed\n    # behind")


def test_update_of_more_messages_than_a_review_has(run):
    run.write("many.yaml", "---\n".join(json.dumps(pod(f"evil{i}.io/a:1")) + "\n"
                                        for i in range(200)))
    after, _ = updated(run, HEAD + "cases:\n  - name: a\n    resource: many.yaml\n")
    assert after.count("policy baseline") == 200


def test_update_keeps_mode_and_links(run):
    path = run.folder / "real.yaml"
    path.write_text(HEAD + "cases:\n  - name: a\n    image: nginx:1\n")
    path.chmod(0o640)
    (run.folder / "link.yaml").symlink_to("real.yaml")
    run("test", "-u", "link.yaml", code=0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert (run.folder / "link.yaml").is_symlink() and "expect:" in path.read_text()
    assert sorted(p.name for p in run.folder.iterdir()) == ["link.yaml", "policy.yaml",
                                                            "real.yaml"]


def test_update_that_cannot_be_written(run):
    """What holds for a full disk holds here: the old file stays whole, and nothing else is left."""
    path = run.folder / "suite.yaml"
    text = HEAD + "cases:\n  - name: a\n    image: nginx:1\n"
    path.write_text(text)
    files_of_ten_bytes = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
    process = subprocess.run([BINARY, "test", "-u", "suite.yaml"], cwd=run.folder, text=True,
                             capture_output=True, preexec_fn=files_of_ten_bytes, timeout=60,
                             restore_signals=False)
    assert process.returncode == 3, process.stdout + process.stderr
    assert "suite.yaml: cannot be written: File too large" in process.stdout
    assert path.read_text() == text
    assert sorted(p.name for p in run.folder.iterdir()) == ["policy.yaml", "suite.yaml"]
