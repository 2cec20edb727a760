"""The decision history of a server that runs: complete under load, bounded, never in the way."""
import contextlib
import json
import os
import resource
import sqlite3
import subprocess

import pytest

from pratique_server import (ALLOWED, BINARY, DENIED, SECONDS, Load, allowed, image_review, policy,
                             review, wait_until)

LOST = "queue locked disk file corrupt foreign version stop".split()
SOFT = """---
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: gentle}
spec:
  mode: warn
  rules: [{name: soft, deny: ["**:1.0"]}]
"""
LOSING = "decisions are missing from the history; reviews go on"


@pytest.fixture
def history_server(new_server):
    def make(**history):
        return new_server(history={"path": "history.db", **history})
    return make


def rows(path, columns="*"):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(f"SELECT {columns} FROM decision ORDER BY id")]


def written(server):
    return server.metric("pratique_history_written_total")


def lost(server):
    """By reason, those that are not 0."""
    values = {reason: server.metric(f'pratique_history_lost_total{{reason="{reason}"}}') for reason in LOST}
    return {reason: value for reason, value in values.items() if value}


def ask(server, n=1, image=ALLOWED):
    for _ in range(n):
        assert allowed(server.post(review(image)).body) is (image == ALLOWED)


def recorded(server, n):
    wait_until(lambda: written(server) + sum(lost(server).values()) >= n, f"{n} decisions")


def test_what_is_kept(history_server):
    server = history_server()
    server.write_policy(policy() + SOFT)
    server.start()
    secret = "s3cr3t-of-the-environment"
    body = json.loads(review(DENIED, uid="u-9", dryRun=True))
    body["request"]["object"]["spec"]["containers"][0]["env"] = [{"name": "A", "value": secret}]
    body["request"]["userInfo"]["extra"] = {"token": [secret]}
    server.post(json.dumps(body).encode(), Authorization="Bearer " + secret)
    server.post(image_review("nginx", "a b"), "/imagepolicy")
    server.post(b"{", uid="u-10")
    server.stop()
    first, second, third = rows(server.folder / "history.db")
    images, violations = json.loads(first.pop("images")), json.loads(first.pop("violations"))
    assert first.pop("time") > 1.6e18 and first.pop("duration_ns") > 0
    assert len(first.pop("policy_hash")) == 16
    assert first == {
        "id": 1, "dry_run": 1, "uid": "u-9", "endpoint": "/validate", "api": "admission.k8s.io/v1",
        "operation": "CREATE", "api_group": "", "version": "v1", "kind": "Pod", "subresource": "",
        "namespace": "shop", "name": "web", "user": "alice", "verdict": "deny", "cause": "rule",
        "detail": "", "image_count": 1, "violation_count": 2}
    path = "spec.containers[0].image"
    assert images == [{"image": DENIED, "normalised": DENIED, "path": path, "verdict": "deny"}]
    assert [(one["path"], one["cause"], one["policy"], one["rule"], one["mode"], one["exception"])
            for one in violations] == [(path, "rule", "baseline", "trusted-registries", "enforce", ""),
                                       (path, "rule", "gentle", "soft", "warn", "")]
    assert "trusted-registries" in violations[0]["message"]
    assert [image["normalised"] for image in json.loads(second["images"])] == [
        "docker.io/library/nginx:latest", ""]
    assert (second["endpoint"], second["verdict"]) == ("/imagepolicy", "deny")
    assert (third["verdict"], third["cause"], third["images"]) == ("error", "error", "[]")
    assert "JSON" in third["detail"] or third["detail"]
    for file in server.folder.glob("history.db*"):
        assert secret.encode() not in file.read_bytes()


def test_load_loses_nothing_and_stops_in_time(history_server):
    server = history_server().start()
    load = Load(server, server.context())
    wait_until(lambda: len(load.verdicts) > 500, "load")
    verdicts = load.end()
    server.stop()
    assert not server.events(LOSING)
    # Closed whole: nothing is left beside it.
    assert [file.name for file in server.folder.glob("history.db*")] == ["history.db"]
    uids = [row["uid"] for row in rows(server.folder / "history.db", "uid")]
    assert len(uids) == len(set(uids)) == len(verdicts)


def test_killed(history_server):
    """What was committed is there, and it goes on behind it."""
    server = history_server().start()
    ask(server, 20)
    recorded(server, 20)
    server.process.kill()
    server.wait()
    assert len(rows(server.folder / "history.db")) == 20
    server.start()
    ask(server, 5)
    server.stop()
    assert len(rows(server.folder / "history.db")) == 25
    assert not server.events(LOSING)


def test_damaged(history_server):
    server = history_server().start()
    ask(server, 20)
    server.stop()
    with open(server.folder / "history.db", "r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)
    server.start()
    ask(server, 3)
    recorded(server, 3)
    assert lost(server) == {}
    [event] = server.events("the history was damaged; it is moved to .corrupt, and a new one is begun")
    assert event["level"] == "error" and "history.db" in event["error"]
    server.stop()
    assert len(rows(server.folder / "history.db")) == 3
    assert (server.folder / "history.db.corrupt").exists()


@pytest.mark.parametrize("content", [b"-----BEGIN PRIVATE KEY-----\n", b"x"])
def test_another_file_is_left_alone(history_server, content):
    server = history_server()
    (server.folder / "history.db").write_bytes(content)
    server.start()
    ask(server, 3)
    recorded(server, 3)
    assert lost(server) == {"foreign": 3}
    [event] = server.events(LOSING)
    assert event["reason"] == "foreign" and "it is left as it is" in event["error"]
    server.stop()
    assert (server.folder / "history.db").read_bytes() == content


def test_made_by_a_newer_program(history_server):
    server = history_server().start()
    ask(server, 1)
    server.stop()
    with contextlib.closing(sqlite3.connect(server.folder / "history.db")) as database:
        database.execute("PRAGMA user_version = 2")
    server.start()
    ask(server, 2)
    recorded(server, 2)
    assert lost(server) == {"version": 2}
    [event] = server.events(LOSING)
    assert event["error"].endswith("history.db: the history has version 2, made by a newer program; "
                                   "this one knows version 1")
    server.stop()
    assert len(rows(server.folder / "history.db")) == 1


def test_no_folder_then_one(history_server):
    server = history_server(path="data/history.db").start()
    ask(server, 3)
    recorded(server, 3)
    assert lost(server) == {"file": 3}
    (server.folder / "data").mkdir()

    def again():
        ask(server)
        return server.events("the history is written again")
    wait_until(again, "writing again")
    assert len(server.events(LOSING)) == 1
    server.stop()
    assert rows(server.folder / "data/history.db")



needs_root = pytest.mark.skipif(os.getuid() != 0, reason="mounts a disk")


@contextlib.contextmanager
def mounted(folder, options):
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "history", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@needs_root
def test_read_only_disk(history_server):
    server = history_server(path="disk/history.db")
    with mounted(server.folder / "disk", "ro,size=1m"):
        server.start()
        ask(server, 3)
        recorded(server, 3)
        assert lost(server) == {"file": 3}
        [event] = server.events(LOSING)
        assert event["error"].endswith("cannot make it: Read-only file system")
        server.stop()


@needs_root
def test_full_disk(history_server):
    server = history_server(path="disk/history.db")
    with mounted(server.folder / "disk", "size=512k") as disk:
        server.start()
        ask(server, 3)
        recorded(server, 3)
        (disk / "other").write_bytes(b"x" * (512 * 1024 - sum(
            -(-file.stat().st_size // 4096) * 4096 for file in disk.iterdir())))
        while not lost(server):
            ask(server, 20)
            ask(server, 5, DENIED)
        assert set(lost(server)) == {"disk"}
        assert [event["reason"] for event in server.events(LOSING)] == ["disk"]
        (disk / "other").unlink()

        def again():
            ask(server)
            return server.events("the history is written again")
        wait_until(again, "writing again")
        n = written(server)
        server.stop()
        assert len(rows(disk / "history.db")) >= n


def test_files_may_not_grow(history_server):
    server = history_server().start()
    ask(server, 3)
    recorded(server, 3)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (40 * 1024, 1 << 40))
    while not lost(server):
        ask(server, 20)
    assert set(lost(server)) == {"disk"}
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1 << 40, 1 << 40))

    def again():
        ask(server)
        return server.events("the history is written again")
    wait_until(again, "writing again")
    server.stop()


def test_locked(history_server):
    """Reviews are answered, what waits beyond the queue is lost, and the rest is written after."""
    server = history_server(queue=10).start()
    ask(server)
    recorded(server, 1)
    with contextlib.closing(sqlite3.connect(server.folder / "history.db", timeout=SECONDS)) as other:
        other.execute("BEGIN IMMEDIATE")
        ask(server, 60)
        assert sum(lost(server).values()) >= 60 - 2 * 10
        other.execute("COMMIT")
    server.stop()
    n = len(rows(server.folder / "history.db"))
    assert 1 < n < 61
    reasons = [event["reason"] for event in server.events(LOSING)]
    assert "queue" in reasons and len(reasons) == len(set(reasons)) <= 2


def test_stop_while_locked(history_server):
    """A drain is over when it is over, whoever holds the file."""
    server = history_server().start()
    server.configuration["drain"]["timeout"] = "1s"
    server.stop()
    server.start()
    with contextlib.closing(sqlite3.connect(server.folder / "history.db", timeout=SECONDS)) as other:
        other.execute("BEGIN IMMEDIATE")
        ask(server, 5)
        server.stop()
        other.execute("COMMIT")
    assert len(server.events(LOSING)) == 1


def test_replay_of_a_history_in_use(history_server):
    server = history_server().start()
    ask(server, 5)
    ask(server, 2, DENIED)
    recorded(server, 7)
    (server.folder / "new.yaml").write_text(policy(more=["evil.example.net"]).replace("registry.example.com, ", ""))

    def replay(file):
        done = subprocess.run([BINARY, "replay", "--policy", server.folder / "new.yaml", "--output",
                               "json", server.folder / file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    answer = replay("history.db")
    assert answer["summary"]["newlyDenied"] == 5 and answer["summary"]["newlyAdmitted"] == 2
    assert answer == replay("audit.log")
    server.stop()
    assert replay("history.db") == answer


@needs_root
def test_replay_of_a_copy_on_a_read_only_disk(history_server, tmp_path):
    """No log can be made beside it."""
    server = history_server().start()
    ask(server, 5, DENIED)
    server.stop()
    policies = server.folder / "policies"
    with mounted(tmp_path / "disk", "size=1m") as disk:
        (disk / "copy.db").write_bytes((server.folder / "history.db").read_bytes())
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        done = subprocess.run([BINARY, "replay", "--policy", policies, "--output", "json", disk / "copy.db"],
                              capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["summary"]["stillDenied"] == 5


def test_two_servers_of_one_file(history_server, tmp_path):
    """As while a Deployment rolls over a volume that both have."""
    path = str(tmp_path / "shared.db")
    one, other = history_server(path=path).start(), history_server(path=path).start()
    for _ in range(10):
        ask(one, 3)
        ask(other, 3)
    one.stop()
    other.stop()
    assert not one.events(LOSING) and not other.events(LOSING)
    assert len(rows(path)) == 60


def test_hostile_text(history_server):
    texts = ["'); DROP TABLE decision; --", "\" \\ ' `", "nul\0inside", "\x1b[31m\x07\r\n", "\u202e\u200b🚢"]
    server = history_server().start()
    for text in texts:
        body = json.loads(review("registry.example.com/a:1" + text, uid=text or "u"))
        body["request"].update(name=text, namespace=text, userInfo={"username": text})
        body["request"]["object"]["metadata"].update(name=text, namespace=text)
        server.post(json.dumps(body).encode())
    server.post(review(ALLOWED).replace(b"alice", b"al\xffce"))
    server.stop()
    found = rows(server.folder / "history.db", "uid, name, namespace, user, images, verdict")
    assert len(found) == len(texts) + 1
    for text, row in zip(texts, found):
        assert (row["uid"], row["name"], row["namespace"], row["user"]) == (text,) * 4
        assert json.loads(row["images"])[0]["image"] == "registry.example.com/a:1" + text
        assert row["verdict"] == "deny"
    assert found[-1]["verdict"] == "error"  # invalid UTF-8 is no JSON, and refused as ever


def test_off_by_default(new_server):
    server = new_server().start()
    ask(server)
    assert "pratique_history" not in "".join(
        line for line in server.get_plain("/metrics").body.decode().splitlines(True) if line[0] != "#")
    server.stop()
    assert not list(server.folder.glob("history*"))


@pytest.mark.parametrize("history, error", [
    ({"path": "-"}, "history.path: must be a file"),
    ({}, "path"), ({"path": ""}, "history.path"),
    ({"path": "h", "size": 16 * 2**20 - 1}, "history.size"), ({"path": "h", "size": 2**32 + 1}, "history.size"),
    ({"path": "h", "age": "999ms"}, "history.age"), ({"path": "h", "age": "87601h"}, "history.age"),
    ({"path": "h", "queue": 65537}, "history.queue"), ({"path": "h", "queue": 0}, "history.queue")])
def test_wrong_settings(new_server, history, error):
    server = new_server(history=history).launch()
    assert server.wait() == 2 and error in server.log()


def test_limits_of_settings(new_server):
    for history in ({"size": 16 * 2**20, "age": "1s", "queue": 1}, {"size": 2**32, "age": "87600h", "queue": 65536}):
        new_server(history={"path": "h", **history}).start().stop()
