"""pratique check: where manifests come from, what is printed, and the exit status."""
import json

import pytest

GOOD, EVIL = "registry.example.com/app:1", "evil.example.net/app:1"


def pod(name, *images, **metadata):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **metadata},
            "spec": {"containers": [{"name": f"c{i}", "image": image}
                                    for i, image in enumerate(images)]}}


def check(run, *words, code, stdin=""):
    result = run("check", "-p", "policy.yaml", "-o", "json", *words, stdin=stdin, code=code)
    return json.loads(result.out)


def verdicts(answer):
    return [(result["file"], result["document"], result["name"], result["allowed"])
            for result in answer["results"]]


MANIFEST = """\
# Source: shop/templates/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      initContainers:
        - {name: migrate, image: nginx}
      containers:
        - {name: web, image: "registry.example.com/web:1.2"}
        - {name: log, image: evil.example.net/log:1}
---
# only a comment
---
apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: batch/v1
kind: CronJob
metadata: {generateName: nightly-}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: "busybox:1.36"}]}}}}}
"""


def test_text(run, golden):
    run.write("shop.yaml", MANIFEST)
    golden("check.txt", run("check", "--policy", "policy.yaml", "shop.yaml", code=1).out)
    golden("check-all.txt", run("check", "-p", "policy.yaml", "--all", "shop.yaml", code=1).out)


def test_json(run, golden):
    run.write("shop.yaml", MANIFEST)
    text = run("check", "-p", "policy.yaml", "--output", "json", "shop.yaml", code=1).out
    golden("check.json", text)
    answer = json.loads(text)
    first, second = answer["results"]
    assert (first["kind"], first["namespace"], first["name"]) == ("Deployment", "shop", "web")
    assert (first["document"], second["document"]) == (0, 2)
    assert [image["path"] for image in first["images"]] == [
        "spec.template.spec.containers[0].image", "spec.template.spec.containers[1].image",
        "spec.template.spec.initContainers[0].image"]
    assert [image["verdict"] for image in first["images"]] == ["allow", "deny", "deny"]
    assert first["images"][2]["violations"][0]["rule"] == "no-latest"
    assert {"policy", "rule", "message"} <= set(first["images"][1]["violations"][0])
    assert first["images"][0]["violations"] == []
    assert answer["summary"]["objects"] == 3


def test_problems_in_text(run, golden):
    run.write("a/1.yaml", json.dumps(pod("good", GOOD)))
    run.write("a/2.yaml", "kind: Pod\n---\nkind: [\n---\n" + json.dumps(pod("bad", EVIL)))
    result = run("check", "-p", "policy.yaml", "a", "missing.yaml", code=3)
    golden("check-problems.txt", result.out)


def test_admitted(run):
    run.write("a.yaml", json.dumps(pod("a", GOOD)))
    answer = check(run, "a.yaml", code=0)
    assert verdicts(answer) == [("a.yaml", 0, "a", True)]


def test_files_directories_and_standard_input(run):
    run.write("dir/b.yml", json.dumps(pod("b", GOOD)))
    run.write("dir/sub/a.json", json.dumps(pod("a", EVIL)))
    run.write("dir/notes.txt", "kind: [")
    run.write("dir/.hidden/x.yaml", "kind: [")
    run.write("odd-name", json.dumps(pod("odd", GOOD)))
    answer = check(run, "dir", "-", "odd-name", code=1, stdin=json.dumps(pod("in", GOOD)))
    assert verdicts(answer) == [("dir/b.yml", 0, "b", True), ("dir/sub/a.json", 0, "a", False),
                                ("-", 0, "in", True), ("odd-name", 0, "odd", True)]


def test_policy_from_standard_input(run):
    run.write("a.yaml", json.dumps(pod("a", EVIL)))
    policy = (run.folder / "policy.yaml").read_text()
    run("check", "--policy", "-", "a.yaml", stdin=policy, code=1)


def test_lists(run):
    items = [pod("a", GOOD), {"apiVersion": "v1", "kind": "List", "items": [pod("b", EVIL)]}]
    run.write("list.yaml", json.dumps({"apiVersion": "v1", "kind": "PodList", "items": items})
              + "\n---\n" + json.dumps(pod("c", GOOD)))
    answer = check(run, "list.yaml", code=1)
    assert verdicts(answer) == [("list.yaml", 0, "a", True), ("list.yaml", 0, "b", False),
                                ("list.yaml", 1, "c", True)]


def test_concatenated_json(run):
    text = json.dumps(pod("a", GOOD), indent=2) + "\n" + json.dumps(pod("b", EVIL))
    assert verdicts(check(run, "-", code=1, stdin=text)) == [("-", 0, "a", True),
                                                              ("-", 1, "b", False)]


def test_objects_without_images(run):
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}
    answer = check(run, "-", code=0, stdin=json.dumps(service))
    assert answer["results"] == [] and answer["summary"]["objects"] == 1
    answer = check(run, "--all", "-", code=0, stdin=json.dumps(service))
    assert verdicts(answer) == [("-", 0, "s", True)]


@pytest.mark.parametrize("text, names", [
    ("", []),
    ("# nothing\n---\n", []),
    ("kind: [\n", [""]),
    ("{{ template }}\n", [""]),
    ("just text\n", [""]),
    ("[1, 2]\n", [""]),
    ("apiVersion: v1\nmetadata: {name: x}\n", ["x"]),
    ("kind: Pod\nmetadata: {name: x}\n", ["x"]),
    ("apiVersion: v1\nkind: Pod\nkind: Service\n", [""]),
    ("apiVersion: v1\nkind: List\nitems: {}\n", [""]),
    ("a: &a [*a]\n", [""]),
    ("a\0b", [""]),
])
def test_what_cannot_be_judged(run, text, names):
    """Nothing, or nothing that can be read, is no admission; and no denial either."""
    answer = check(run, "-", code=3, stdin=text)
    assert [result["name"] for result in answer["results"]] == names
    assert not any(result["allowed"] for result in answer["results"])
    assert all(result["problem"] for result in answer["results"])


def test_what_cannot_be_read(run):
    for path in ("missing.yaml", "missing/"):
        answer = check(run, path, code=3)
        assert [result["file"] for result in answer["results"]] == [path]
    (run.folder / "empty").mkdir()
    problem = check(run, "empty", code=3)["results"][0]["problem"]
    assert problem == "empty: no *.yaml, *.yml or *.json file in it"


def test_a_broken_document_does_not_hide_the_others(run):
    documents = [json.dumps(pod("a", GOOD)), "kind: [", json.dumps(pod("b", EVIL)), "x: y: z",
                 json.dumps(pod("c", GOOD))]
    answer = check(run, "-", code=3, stdin="\n---\n".join(documents))
    assert verdicts(answer) == [("-", 0, "a", True), ("-", 1, "", False), ("-", 2, "b", False),
                                ("-", 3, "", False), ("-", 4, "c", True)]
    assert [result["line"] for result in answer["results"]] == [1, 4, 5, 7, 9]
    assert [result["column"] for result in answer["results"]] == [1, 1, 1, 5, 1]
    assert answer["summary"] == {
        "objects": 3, "deniedObjects": 1, "images": 3, "admitted": 2, "denied": 1, "notAsked": 0, "warned": 0,
        "audited": 0, "excused": 0, "undecided": 2}


def test_a_sound_object_that_cannot_be_judged_is_denied(run):
    broken = pod("broken", GOOD)
    broken["spec"]["containers"] = None
    answer = check(run, "-", code=1, stdin=json.dumps(broken))
    assert answer["results"][0]["problem"] and not answer["results"][0]["allowed"]


def test_exit_status_of_mixtures(run):
    run.write("good.yaml", json.dumps(pod("a", GOOD)))
    run.write("bad.yaml", json.dumps(pod("a", EVIL)))
    run.write("broken.yaml", "kind: [")
    for files, code in [(["good"], 0), (["good", "bad"], 1), (["good", "broken"], 3),
                        (["bad", "broken"], 3), (["broken", "bad", "good"], 3)]:
        check(run, *(name + ".yaml" for name in files), code=code)
    run("check", "-p", "broken.yaml", "bad.yaml", code=2)
    run("check", "-p", "missing.yaml", "good.yaml", code=2)


MATCHING = {
    "production.yaml": {"match": {"namespaceSelector": {"matchLabels": {"env": "production"}}}},
    "by-name.yaml": {"match": {"namespaceSelector": {
        "matchLabels": {"kubernetes.io/metadata.name": "prod"}}}},
    "users.yaml": {"match": {"users": ["deployer"]}},
    "namespaces.yaml": {"match": {"namespaces": ["prod"]}},
}


def policies(run, name):
    """A policy that lets all pass, and one that matches as its name says and lets nothing pass."""
    head = {"apiVersion": "pratique.dev/v1alpha1", "kind": "ClusterImagePolicy"}
    everything = {"rules": [{"name": "all", "allow": ["**"]}]}
    nothing = {"rules": [{"name": "none", "deny": ["**"]}], **MATCHING[name]}
    run.write("open.yaml", json.dumps({**head, "metadata": {"name": "open"}, "spec": everything}))
    run.write(name, json.dumps({**head, "metadata": {"name": "some"}, "spec": nothing}))
    return ["-p", "open.yaml", "-p", name]


def namespace(name, **labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


@pytest.mark.parametrize("objects, code", [
    ([pod("a", GOOD, namespace="prod")], 1),  # unknown labels match
    ([pod("a", GOOD, namespace="prod"), namespace("prod", env="production")], 1),
    ([pod("a", GOOD, namespace="prod"), namespace("prod", env="test")], 0),
    ([namespace("other", env="test"), pod("a", GOOD, namespace="prod")], 1),
    ([namespace("prod", env="test"), namespace("prod", env="production"),
      pod("a", GOOD, namespace="prod")], 1),
    ([namespace("default", env="test"), pod("a", GOOD)], 0),
])
def test_namespace_labels(run, objects, code):
    words = policies(run, "production.yaml")
    stream = "\n---\n".join(map(json.dumps, objects))
    run("check", *words, "-", stdin=stream, code=code)


def test_namespace_labels_across_files(run):
    words = policies(run, "production.yaml")
    run.write("a/app.yaml", json.dumps(pod("a", GOOD, namespace="prod")))
    run.write("a/namespace.yaml", json.dumps(namespace("prod", env="test")))
    run("check", *words, "a", code=0)


def test_the_label_that_kubernetes_adds(run):
    words = policies(run, "by-name.yaml")
    for name, code in (("prod", 1), ("test", 0)):
        objects = [namespace(name), pod("a", GOOD, namespace=name)]
        run("check", *words, "-", stdin="\n".join(map(json.dumps, objects)), code=code)


def test_user(run):
    words = policies(run, "users.yaml")
    text = json.dumps(pod("a", GOOD))
    run("check", *words, "-", stdin=text, code=1)  # who asks is not known
    run("check", *words, "--user", "deployer", "-", stdin=text, code=1)
    run("check", *words, "--user", "alice", "-", stdin=text, code=0)


def test_namespace(run):
    words = policies(run, "namespaces.yaml")
    text = json.dumps(pod("a", GOOD))
    run("check", *words, "-", stdin=text, code=0)
    run("check", *words, "-n", "prod", "-", stdin=text, code=1)
    own = json.dumps(pod("a", GOOD, namespace="test"))
    run("check", *words, "--namespace", "prod", "-", stdin=own, code=0)


def test_rewrites_first(run, golden):
    run.write("mirror.yaml", json.dumps({
        "apiVersion": "pratique.dev/v1alpha1", "kind": "ClusterImagePolicy",
        "metadata": {"name": "mirror"},
        "spec": {"rules": [{"name": "mirrored", "allow": ["mirror.example.com"]}],
                 "mutate": {"rewrite": [{"from": "docker.io/**",
                                         "to": "mirror.example.com/hub/**"}]}}}))
    text = json.dumps(pod("a", "nginx:1", EVIL))
    result = run("check", "-p", "mirror.yaml", "-", stdin=text, code=1)
    golden("check-rewrite.txt", result.out)
    images = json.loads(run("check", "-p", "mirror.yaml", "-o", "json", "-", stdin=text).out)
    first, second = images["results"][0]["images"]
    assert (first["image"], first["judged"]) == ("nginx:1", "mirror.example.com/hub/library/nginx:1")
    assert (second["image"], second["judged"]) == (EVIL, EVIL)


def test_warnings_admit(run, golden):
    run.write("warn.yaml", json.dumps({
        "apiVersion": "pratique.dev/v1alpha1", "kind": "ClusterImagePolicy",
        "metadata": {"name": "soft"},
        "spec": {"mode": "warn", "rules": [{"name": "none", "deny": ["**"]}]}}))
    result = run("check", "-p", "warn.yaml", "-", stdin=json.dumps(pod("a", GOOD)), code=0)
    golden("check-warn.txt", result.out)


def test_text_cannot_steer_the_terminal(run):
    evil = pod("a\x1b[2J\u202e", "nginx\x1b]0;x\x07\n:1", namespace="\x1b[1m")
    evil["metadata"]["name"] = "x\x1b[2J"
    result = run("check", "-p", "policy.yaml", "-", stdin=json.dumps(evil), code=1)
    assert not any(character in result.out for character in "\x1b\x07\u202e")


def test_many_images(run):
    """The limit on images of one object, at it and one beyond."""
    for n, code in ((512, 0), (513, 1)):
        answer = check(run, "-", code=code, stdin=json.dumps(pod("many", *[GOOD] * n)))
        assert bool(answer["results"][0]["problem"]) == (n == 513)
        images = answer["results"][0]["images"]  # those that were found
        assert len(images) == 512
        assert {image["verdict"] for image in images} == {"allow" if n == 512 else "undecided"}


def test_many_violations(run):
    answer = check(run, "-", code=1, stdin=json.dumps(pod("many", *[EVIL] * 100)))
    result = answer["results"][0]
    shown = sum(len(image["violations"]) for image in result["images"])
    assert shown == 64 and result["violationsDropped"] == 36
    assert all(image["verdict"] == "deny" for image in result["images"])
