"""pratique replay: what was decided before, judged again; counted by rule, namespace and image."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import ssl
import subprocess
import sys
import urllib.request

import pytest
from program import BINARY
from schemas import validate

GOOD, EVIL, LATEST = "registry.example.com/app:1", "evil.example.net/app:1", "nginx:latest"
NOTHING = dict.fromkeys(["reviews", "changedReviews", "newlyDenied", "newlyAdmitted",
                         "stillAdmitted", "stillDenied", "incomplete", "dropped", "notDecided",
                         "undecided"], 0)


def line(*images, **fields):
    """An audit line of images, each a text or a text and its verdict."""
    entries = [(image, "allow") if isinstance(image, str) else image for image in images]
    record = {"time": "2026-01-01T00:00:00Z", "endpoint": "/validate", "verdict": "allow",
              "uid": "u", "api": "admission.k8s.io/v1", "operation": "CREATE", "group": "",
              "kind": "Pod", "subresource": "", "namespace": "shop", "name": "web",
              "user": "alice", "dryRun": False, "imageCount": len(images),
              "images": [{"image": image, "path": f"spec.containers[{i}].image", "verdict": verdict}
                         for i, (image, verdict) in enumerate(entries)],
              "violationCount": 0, "violations": [], "policies": [], "durationMicroseconds": 1,
              "policyHash": "0123456789abcdef"}
    return json.dumps({**record, **fields}) + "\n"


def replay(run, text, *words, code=0, name="in.jsonl"):
    (run.folder / name).write_text(text)
    result = run("replay", "-p", "policy.yaml", "-o", "json", *words, name, code=code)
    answer = validate(result.out, "replay-output")
    return answer, result.err


def summary(**counts):
    return {**NOTHING, **counts}


def pod(*images, **metadata):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", **metadata},
            "spec": {"containers": [{"name": f"c{i}", "image": image}
                                    for i, image in enumerate(images)]}}


def review(*images):
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "u", "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"}, "namespace": "shop",
        "operation": "CREATE", "userInfo": {"username": "a"}, "object": pod(*images)}}


def test_text(run, golden):
    text = line(GOOD) * 3 + line(LATEST) * 2 + line(EVIL, namespace="pay") + line(
        (GOOD, "deny"), verdict="deny", violations=[
            {"path": "spec.containers[0].image", "policy": "old", "rule": "strict",
             "mode": "enforce", "exception": "", "reason": "no"}])
    text += "".join(line(f"evil.example.net/app{i}:1") for i in range(12))
    text += line((EVIL, "deny"), verdict="deny") + line(verdict="error", error="late")
    (run.folder / "in.jsonl").write_text(text + line(GOOD, imageCount=9))
    golden("replay.txt", run("replay", "-p", "policy.yaml", "in.jsonl", code=0).out)
    golden("replay-all.txt", run("replay", "--all", "-p", "policy.yaml", "in.jsonl", code=0).out)


def test_groups(run):
    answer, _ = replay(run, line(LATEST) * 3 + line(LATEST, namespace="pay") + line(EVIL, GOOD))
    assert [(row["count"], row["rule"], row["namespace"], row["image"])
            for row in answer["newDenials"]] == [
        (3, "baseline/no-latest", "shop", LATEST), (1, "baseline/no-latest", "pay", LATEST),
        (1, "baseline/trusted-registries", "shop", EVIL)]
    assert answer["summary"] == summary(reviews=5, changedReviews=5, newlyDenied=5, stillAdmitted=1)
    assert "no-latest" in answer["newDenials"][0]["message"]


@pytest.mark.parametrize("verdict, admitted", [("allow", True), ("warn", True), ("audit", True),
                                               ("excused", True), ("deny", False)])
def test_recorded_verdicts(run, verdict, admitted):
    counts = replay(run, line((GOOD, verdict)) + line((EVIL, verdict)))[0]["summary"]
    assert counts["stillAdmitted" if admitted else "newlyAdmitted"] == 1
    assert counts["newlyDenied" if admitted else "stillDenied"] == 1


def test_unknown_verdicts_are_not_admissions(run):
    answer, err = replay(run, line((EVIL, "perhaps")), code=3)
    assert answer["summary"] == summary(undecided=1)
    assert "in.jsonl:1: no line of the audit log: images[].verdict is missing" in err


def test_rule_that_denied_before(run):
    violations = [{"path": "spec.containers[0].image", "policy": "old", "rule": rule, "mode": mode,
                   "exception": exception, "reason": "why"} for rule, mode, exception in (
                       ("soft", "warn", ""), ("excused", "enforce", "x"), ("hard", "enforce", ""))]
    text = line((GOOD, "deny"), violations=violations) + line((GOOD, "deny"))
    rows = replay(run, text)[0]["newAdmissions"]
    assert [row["rule"] for row in rows] == ["", "old/hard"]


def test_other_images_of_a_denied_review_were_admitted(run):
    counts = replay(run, line(GOOD, (EVIL, "deny"), verdict="deny"))[0]["summary"]
    assert counts == summary(reviews=1, stillAdmitted=1, stillDenied=1)


MIRROR = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: mirror}
spec:
  mutate: {rewrite: [{from: docker.io, to: mirror.example.com}]}
  rules: [{name: mirror, allow: [mirror.example.com]}]
"""


def test_rewrites_come_first_where_they_did(run):
    run.write("policy.yaml", MIRROR)
    counts = replay(run, line("nginx:1", endpoint="/mutate"))[0]["summary"]
    assert counts == summary(reviews=1, stillAdmitted=1)
    assert replay(run, line("nginx:1"))[0]["summary"]["newlyDenied"] == 1
    text = json.dumps(review("nginx:1"))
    assert replay(run, text)[0]["summary"]["newlyDenied"] == 1
    assert replay(run, text, "--mutate")[0]["summary"]["stillAdmitted"] == 1


def test_before(run):
    run.write("old.yaml", (run.folder / "policy.yaml").read_text().replace(
        "registry.example.com", "evil.example.net"))
    answer, _ = replay(run, line((GOOD, "allow")) + line((EVIL, "deny")) + line("nginx:1"),
                       "--before", "old.yaml")
    assert [row["rule"] for row in answer["newAdmissions"]] == ["baseline/trusted-registries"]
    assert answer["summary"] == summary(reviews=3, changedReviews=2, newlyDenied=1, newlyAdmitted=1,
                                        stillAdmitted=1)
    run.write("old.yaml", "kind: [")
    assert run("replay", "-p", "policy.yaml", "--before", "old.yaml", "in.jsonl", code=2).out == ""


@pytest.mark.parametrize("words, denied, admitted", [
    ((), 0, 0), (("new-denials",), 1, 0), (("new-admissions",), 0, 1),
    (("new-denials", "new-admissions"), 1, 1)])
def test_fail_on(run, words, denied, admitted):
    options = [word for one in words for word in ("--fail-on", one)]
    replay(run, line(EVIL), *options, code=denied)
    replay(run, line((GOOD, "deny")), *options, code=admitted)
    replay(run, line(GOOD) + line((EVIL, "deny")), *options, code=0)
    replay(run, line(EVIL) + "{\n", *options, code=3)


def test_manifests_reviews_and_standard_input(run):
    run.write("d/a.yaml", json.dumps(pod(GOOD)) + "\n---\n" + json.dumps(pod(EVIL, namespace="n")))
    run.write("d/deep/b.json", json.dumps({"apiVersion": "v1", "kind": "List",
                                           "items": [pod(LATEST), pod(GOOD)]}))
    run.write("r.json", json.dumps(review(EVIL), indent=2) + "\n" + json.dumps(review(GOOD)))
    result = run("replay", "-p", "policy.yaml", "-o", "json", "d", "r.json", "-", stdin=line(EVIL),
                 code=0)
    answer = validate(result.out, "replay-output")
    assert answer["summary"] == summary(reviews=7, changedReviews=4, newlyDenied=4, stillAdmitted=3)
    assert {(row["namespace"], row["image"]) for row in answer["newDenials"]} == {
        ("n", EVIL), ("default", LATEST), ("shop", EVIL)}


def test_what_names_only_a_part(run):
    text = line(imageCount=3, truncated=True) + line(GOOD, imageCount=65)
    assert replay(run, text)[0]["summary"] == summary(reviews=2, stillAdmitted=1, incomplete=2)


def test_errors_are_left_out_and_told(run):
    text = line(verdict="error", error="late") + line(verdict="deny", problem="too deep")
    assert replay(run, text)[0]["summary"] == summary(notDecided=2)
    out = run("replay", "-p", "policy.yaml", "in.jsonl", code=0).out
    assert "2 records of what was not decided left out\n" in out


FIELDS = ["endpoint", "verdict", "api", "operation", "group", "kind", "subresource", "namespace",
          "name", "user", "uid", "images"]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", ["missing", None, 7])
def test_lines_of_another_version(run, field, value):
    """A line that does not say all is told, is no admission, and takes no other line with it."""
    record = json.loads(line(EVIL))
    if value == "missing":
        del record[field]
    else:
        record[field] = value
    answer, err = replay(run, line(EVIL) + json.dumps(record) + "\n" + line(GOOD), code=3)
    assert answer["summary"] == summary(reviews=2, changedReviews=1, newlyDenied=1, stillAdmitted=1,
                                        undecided=1)
    assert err == (f"pratique replay: in.jsonl:2: no line of the audit log: {field} is missing or of "
                   "another type\n")


def test_broken_lines(run):
    cut = line(EVIL)[:200] + "\n"
    answer, err = replay(run, cut + line(GOOD) + "no JSON\n" + line(GOOD) + "[1]\n" + line(GOOD)
                         + '{"apiVersion":"v1"}\n' + cut[:-1], code=3)
    assert answer["summary"] == summary(reviews=3, stillAdmitted=3, undecided=5)
    assert [re.match(r"pratique replay: in.jsonl:(\d+): ", one)[1] for one in err.splitlines()] == [
        "1", "3", "5", "7", "8"]


def test_nothing_to_judge(run):
    assert "there is nothing to judge again in the input" in replay(run, "", code=3)[1]
    result = run("replay", "-p", "policy.yaml", "gone.jsonl", code=3)
    assert "gone.jsonl: cannot open: No such file or directory" in result.err


def test_more_groups_than_are_kept(run):
    text = "".join(line(f"evil.example.net/a{i}:1") for i in range(100005)) + line(
        "evil.example.net/a7:1")
    answer, _ = replay(run, text)
    assert answer["summary"] == summary(reviews=100006, changedReviews=100006, newlyDenied=100006,
                                        dropped=5)
    assert len(answer["newDenials"]) == 100000 and answer["newDenials"][0]["count"] == 2
    out = run("replay", "-p", "policy.yaml", "in.jsonl", code=0).out
    assert "\n5 images in more groups than are kept (100000)\n" in out


def test_memory_is_bounded(run):
    """A long log, piped, takes no more memory than a short one."""

    small = {**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1"}  # it keeps what is freed

    def peak(n):
        block = (line(GOOD) + line(LATEST)) * 500
        script = ("import resource, subprocess, sys\n"
                  "process = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE,"
                  " stdout=subprocess.DEVNULL)\n"
                  "block = sys.stdin.buffer.read()\n"
                  "for _ in range(int(sys.argv[1])): process.stdin.write(block)\n"
                  "process.stdin.close()\n"
                  "assert process.wait() == 0\n"
                  "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n")
        process = subprocess.run([sys.executable, "-c", script, str(n), BINARY, "replay", "-p",
                                  "policy.yaml", "-"], cwd=run.folder, input=block.encode(),
                                 capture_output=True, check=True, timeout=120, env=small)
        return int(process.stdout)

    assert peak(100) < peak(10) + 8 * 1024


# -- what the server writes --

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Server:
    def __init__(self, folder):
        self.folder = folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=pratique",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "tls.key",
                        "-out", folder / "tls.crt"], check=True, stderr=subprocess.DEVNULL)
        config = re.sub(r"port: \d+", "port: 0", (ROOT / "examples/serve.yaml").read_text())
        shutil.copy(folder / "policy.yaml", folder / "server-policy.yaml")
        config = config.replace("policy.yaml", "server-policy.yaml").replace("plain: {address: "
                        "127.0.0.1, port: 8080}\n", "")
        (folder / "serve.yaml").write_text(config + "log: {format: json}\ndrain: {delay: 0s}\n"
                                             "audit: {path: audit.jsonl}\n"
                                             "history: {path: history.db}\n")
        self.process = subprocess.Popen([BINARY, "serve", "--config", folder / "serve.yaml"],
                                        stderr=subprocess.PIPE, text=True)
        for event in map(json.loads, self.process.stderr):
            if event["message"] == "ready":
                self.port = event["port"]
                break
        else:
            pytest.fail(f"the server ended with {self.process.wait()}")
        self.trust = ssl.create_default_context(cafile=folder / "tls.crt")

    def ask(self, path, body):
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}?timeout=10s",
                                         body.encode(), {"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request, context=self.trust).close()
        except urllib.error.HTTPError:
            pass

    def end(self):
        self.process.terminate()
        self.process.communicate(timeout=60)


def test_lines_of_the_server(run):
    run.write("policy.yaml", MIRROR + "---\n" + (run.folder / "policy.yaml").read_text().replace(
        "[registry", "[mirror.example.com, registry"))
    server = Server(run.folder)
    image_review = {"apiVersion": "imagepolicy.k8s.io/v1alpha1", "kind": "ImageReview",
                    "spec": {"namespace": "shop", "containers": [{"image": EVIL}]}}
    try:
        for path, body in [("/validate", json.dumps(review(EVIL, "mirror.example.com/a:1"))),
                           ("/mutate", json.dumps(review("nginx:1"))), ("/validate", "{"),
                           ("/validate", json.dumps(review("a b"))),
                           ("/imagepolicy", json.dumps(image_review))]:
            server.ask(path, body)
    finally:
        server.end()
    text = (run.folder / "audit.jsonl").read_text()
    assert text.count("\n") >= 4
    answer = validate(run("replay", "-p", "policy.yaml", "-o", "json", "audit.jsonl", code=0).out,
                      "replay-output")
    assert answer["newDenials"] == answer["newAdmissions"] == []
    counts = answer["summary"]
    assert (counts["stillAdmitted"], counts["stillDenied"], counts["reviews"]) == (2, 3, 4)
    run.write("policy.yaml", MIRROR.replace("allow: [mirror.example.com]", 'allow: ["**"]').replace(
        "mutate: {rewrite: [{from: docker.io, to: mirror.example.com}]}\n  ", ""))
    answer = validate(run("replay", "-p", "policy.yaml", "-o", "json", "audit.jsonl", code=0).out,
                      "replay-output")
    assert [(row["image"], row["count"]) for row in answer["newAdmissions"]] == [(EVIL, 2)]
    assert answer["newAdmissions"][0]["rule"].startswith(("baseline/", "mirror/"))
    for options in ([], ["--all"], ["-o", "json"], ["--before", "server-policy.yaml"]):
        assert run("replay", "-p", "policy.yaml", *options, "history.db", code=0).out == run(
            "replay", "-p", "policy.yaml", *options, "audit.jsonl", code=0).out


# -- a history --

def history(run, *records, name="history.db", version=1, application=0x70726174):
    """A history as the server makes it, of lines of the audit log."""
    with contextlib.closing(sqlite3.connect(run.folder / name)) as database:
        columns = ["time", "duration_ns", "policy_hash", "dry_run", "uid", "endpoint", "api", "operation", "api_group",
                   "version", "kind", "subresource", "namespace", "name", "user", "verdict", "cause", "detail",
                   "image_count", "violation_count", "images", "violations"]
        database.execute(f"CREATE TABLE decision (id INTEGER PRIMARY KEY, {', '.join(map(repr, columns))})")
        for record in map(json.loads, records):
            row = {**record, "time": 0, "duration_ns": 0, "policy_hash": "0", "dry_run": 0, "api_group": record["group"],
                   "version": "v1", "cause": "", "detail": "", "image_count": record["imageCount"],
                   "violation_count": 0, "images": json.dumps(record["images"]), "violations": "[]"}
            database.execute(f"INSERT INTO decision VALUES (NULL{', ?' * len(columns)})", [row[one] for one in columns])
        database.execute(f"PRAGMA user_version = {version}")
        database.execute(f"PRAGMA application_id = {application}")
        database.commit()
    return name


def test_history_in_pages(run):
    """More than a page, the oldest first, as lines of the same order are."""
    records = [line(f"evil.example.net/app{i % 7}:1", LATEST) for i in range(1203)]
    (run.folder / "in.jsonl").write_text("".join(records))
    name = history(run, *records)
    for options in ([], ["--all"], ["-o", "json"]):
        assert run("replay", "-p", "policy.yaml", *options, name, code=0).out == run(
            "replay", "-p", "policy.yaml", *options, "in.jsonl", code=0).out


def test_history_with_others(run):
    run.write("pod.yaml", json.dumps(pod(GOOD)))
    result = run("replay", "-p", "policy.yaml", "-o", "json", history(run, line(EVIL)), "pod.yaml", code=0)
    assert validate(result.out, "replay-output")["summary"] == summary(
        reviews=2, changedReviews=1, newlyDenied=1, stillAdmitted=1)


@pytest.mark.parametrize("options, error", [
    ({"version": 2}, "the history has version 2, made by a newer program; this one knows version 1"),
    ({"application": 7}, "it is a database of another program, not a history")])
def test_no_history(run, options, error):
    result = run("replay", "-p", "policy.yaml", history(run, line(EVIL), **options), code=3)
    assert f"history.db: {error}\n" in result.err


def test_damaged_decisions(run):
    """What is wrong with one is told, and counts as no admission."""
    result = run("replay", "-p", "policy.yaml", "-o", "json",
                 history(run, line(EVIL), line((EVIL, "perhaps")), line(GOOD)), code=3)
    assert validate(result.out, "replay-output")["summary"] == summary(
        reviews=2, changedReviews=1, newlyDenied=1, stillAdmitted=1, undecided=1)
    assert "history.db: decision 2: no line of the audit log: images[].verdict is missing" in result.err


def test_empty_history(run):
    assert "there is nothing to judge again in the input" in run(
        "replay", "-p", "policy.yaml", history(run), code=3).err
