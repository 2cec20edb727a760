"""pratique review: streams of reviews, and what is none."""
import copy
import json
import subprocess

from program import BINARY

GOOD, EVIL = "registry.example.com/app:1", "evil.example.net/app:1"


def review(image, uid="1"):
    kind = {"group": "", "version": "v1", "kind": "Pod"}
    return {
        "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": uid, "kind": kind,
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "name": "web", "namespace": "shop", "operation": "CREATE",
            "userInfo": {"username": "alice"},
            "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
                       "spec": {"containers": [{"name": "c", "image": image}]}},
            "oldObject": None, "dryRun": False, "options": None}}


def answers(result):
    return [(item["response"]["uid"], item["response"]["allowed"])
            for item in map(json.loads, result.out.splitlines())]


def ask(run, stdin, *options, code=0):
    return run("review", "--policy", "policy.yaml", *options, stdin=stdin, code=code)


def test_one_a_line(run):
    lines = [json.dumps(review(image, str(uid))) for uid, image in enumerate([GOOD, EVIL, GOOD])]
    want = [("0", True), ("1", False), ("2", True)]
    for separator in ("\n", "\r\n", "\n\n  \n", ""):
        result = ask(run, separator.join(lines))
        assert answers(result) == want and result.err == ""


def test_pretty_printed(run):
    for indent in (0, 2, 8, "\t"):
        text = "\n".join(json.dumps(review(GOOD, uid), indent=indent) for uid in "ab")
        assert answers(ask(run, text)) == [("a", True), ("b", True)]


def test_file(run):
    run.write("r.json", json.dumps(review(EVIL, "x")))
    assert answers(run("review", "--policy", "policy.yaml", "r.json", code=0)) == [("x", False)]
    result = run("review", "-p", "policy.yaml", "missing.json", code=3)
    assert result.err == "pratique review: missing.json: cannot open: No such file or directory\n"
    result = run("review", "-p", "policy.yaml", ".", code=3)
    assert result.err == "pratique review: .: cannot read: Is a directory\n"


def test_bare_request(run):
    bare = review(EVIL, "bare")["request"]
    found = json.loads(ask(run, json.dumps(bare)).out)
    assert found["apiVersion"] == "admission.k8s.io/v1" and found["response"]["uid"] == "bare"
    assert not found["response"]["allowed"]


def test_what_is_no_review_does_not_stop_the_rest(run):
    first, last = json.dumps(review(GOOD, "1")), json.dumps(review(GOOD, "2"))
    for broken in ("nonsense", "null", "[]", "7", "{}", '{"kind":"AdmissionReview"}', '{"a":',
                   '{"a":"', first[:-1], first + "}", '{"kind":"Pod","apiVersion":"v1"}'):
        result = ask(run, f"{first}\n{broken}\n{last}\n", code=3)
        assert [uid for uid, _ in answers(result)][-1] == "2", broken
        assert result.err.startswith("pratique review: standard input:2: "), result.err
        assert all(allowed for _, allowed in answers(result))


def test_a_broken_first_line(run):
    result = ask(run, '{"a":{\n' + json.dumps(review(GOOD, "2")), code=3)
    assert answers(result) == [("2", True)]
    assert result.err == ("pratique review: standard input:1: the document is not finished where "
                          "line 2 begins another\n")


def test_empty(run):
    for text in ("", "\n \n"):
        result = ask(run, text, code=3)
        assert (result.out, result.err) == ("", "pratique review: standard input: empty\n")


def test_size(run):
    large = review(GOOD, "large")
    size = 8 * 1024 * 1024 - len(json.dumps({**large, "padding": ""}))
    exact = json.dumps({**large, "padding": "x" * size})
    assert len(exact) == 8 * 1024 * 1024
    assert answers(ask(run, exact)) == [("large", True)]
    result = ask(run, exact[:-2] + 'x"}\n' + json.dumps(review(GOOD, "next")), code=3)
    assert answers(result) == [("next", True)]
    assert "standard input:1: the document is larger than 8388608 bytes" in result.err


def test_answers_before_the_input_ends(run):
    """It can be asked like a server: one line in, one line out."""
    process = subprocess.Popen([BINARY, "review", "--policy", run.folder / "policy.yaml"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for uid in ("a", "b"):
        process.stdin.write(json.dumps(review(GOOD, uid)).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["response"]["uid"] == uid
    process.stdin.close()
    assert process.wait(timeout=60) == 0
    process.stdout.close()


def test_default_and_runtime(run):
    run.write("narrow.yaml", json.dumps({
        "apiVersion": "pratique.dev/v1alpha1", "kind": "ClusterImagePolicy",
        "metadata": {"name": "narrow"},
        "spec": {"images": ["quay.io"], "rules": [{"name": "pinned", "require": ["digest"]}]}}))
    text = json.dumps(review("nginx:1"))
    for options, allowed in [([], False), (["--default", "allow"], True), (["--default=deny"], False),
                             (["--default", "allow", "--runtime", "containerd"], True),
                             (["--default", "allow", "--runtime", "cri-o"], False)]:
        result = run("review", "--policy", "narrow.yaml", *options, stdin=text, code=0)
        assert answers(result) == [("1", allowed)], options


def test_mutate(run):
    run.write("mirror.yaml", json.dumps({
        "apiVersion": "pratique.dev/v1alpha1", "kind": "ClusterImagePolicy",
        "metadata": {"name": "mirror"},
        "spec": {"rules": [{"name": "all", "allow": ["**"]}],
                 "mutate": {"rewrite": [{"from": "docker.io/**",
                                         "to": "mirror.example.com/hub/**"}]}}}))
    text = json.dumps(review("nginx:1"))
    plain = json.loads(run("review", "-p", "mirror.yaml", stdin=text, code=0).out)["response"]
    assert "patch" not in plain and "patchType" not in plain
    patched = json.loads(run("review", "-p", "mirror.yaml", "--mutate", stdin=text, code=0).out)
    assert patched["response"]["patchType"] == "JSONPatch"


def test_several_policies(run):
    run.write("pinned.yaml", json.dumps({
        "apiVersion": "pratique.dev/v1alpha1", "kind": "ClusterImagePolicy",
        "metadata": {"name": "pinned"},
        "spec": {"rules": [{"name": "pinned", "require": ["digest"]}]}}))
    text = json.dumps(review(GOOD))
    assert answers(ask(run, text)) == [("1", True)]
    assert answers(ask(run, text, "--policy", "pinned.yaml")) == [("1", False)]


def test_configuration(run):
    run.write("server.yaml", """\
apiVersion: pratique.dev/v1alpha1
kind: ServerConfiguration
tls: {certificate: tls.crt, key: tls.key}
policies: [policy.yaml]
""")
    text = json.dumps(review(EVIL))
    assert answers(run("review", "--config", "server.yaml", stdin=text, code=0)) == [("1", False)]
    run.write("open.yaml", json.dumps({
        "apiVersion": "pratique.dev/v1alpha1", "kind": "ClusterImagePolicy",
        "metadata": {"name": "open"}, "spec": {"rules": [{"name": "all", "allow": ["**"]}]}}))
    result = run("review", "--config", "server.yaml", "--policy", "open.yaml", stdin=text, code=0)
    assert answers(result) == [("1", True)]


def test_policies_that_do_not_load(run):
    run.write("broken.yaml", "kind: [\n")
    for path in ("broken.yaml", "missing.yaml"):
        result = run("review", "--policy", path, stdin=json.dumps(review(GOOD)), code=2)
        assert result.out == "" and path in result.err


def test_errors_have_no_control_characters(run):
    text = copy.deepcopy(review(GOOD))
    text["apiVersion"] = "a\x1b[2J\n\u202e"
    result = ask(run, json.dumps(text), code=3)
    assert result.err.count("\n") == 1 and "\x1b" not in result.err
