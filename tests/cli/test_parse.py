"""pratique parse."""
import json
import os
import pathlib

import pytest

from program import ROOT

VECTORS = pathlib.Path(os.environ.get("PRATIQUE_VECTORS", ROOT / "tests/vectors"))
KEYS = ["input", "valid", "registry", "repository", "tag", "digest", "name", "familiar", "error"]
DIGEST = "sha256:" + "0123456789abcdef" * 4


def parse(run, *references, code=0, **more):
    result = run("parse", "--output", "json", *references, code=code, **more)
    found = [json.loads(line) for line in result.out.splitlines()]
    assert all(list(item) == KEYS for item in found)
    return found


@pytest.mark.parametrize("reference, parts", [
    ("nginx", ["docker.io", "library/nginx", "", "", "docker.io/library/nginx", "nginx"]),
    ("acme/app:1", ["docker.io", "acme/app", "1", "", "docker.io/acme/app", "acme/app"]),
    ("ghcr.io/acme/app:1.2@" + DIGEST,
     ["ghcr.io", "acme/app", "1.2", DIGEST, "ghcr.io/acme/app", "ghcr.io/acme/app"]),
    ("localhost:5000/x", ["localhost:5000", "x", "", "", "localhost:5000/x", "localhost:5000/x"]),
    ("index.docker.io/nginx",
     ["docker.io", "library/nginx", "", "", "docker.io/library/nginx", "nginx"]),
])
def test_parts(run, reference, parts):
    item, = parse(run, reference)
    assert item == dict(zip(KEYS, [reference, True, *parts, None]))


@pytest.mark.parametrize("reference", ["", "UPPER", "a b", "a//b", "x@sha256:1", "a:b:c"])
def test_invalid(run, reference):
    item, = parse(run, reference, code=1)
    assert not item["valid"] and item["input"] == reference
    assert isinstance(item["error"], str) and item["error"]
    assert all(item[key] == "" for key in KEYS[2:-1])


def test_order_and_one_invalid(run):
    found = parse(run, "b", "A", "c", code=1)
    assert [item["input"] for item in found] == ["b", "A", "c"]
    assert [item["valid"] for item in found] == [True, False, True]


def test_standard_input(run):
    found = parse(run, stdin="nginx\n\n  \nredis:7\r\nlast")
    assert [item["input"] for item in found] == ["nginx", "redis:7", "last"]
    assert parse(run, stdin="") == []
    assert parse(run, stdin="A\nb\n", code=1)[1]["valid"]


def test_dashes(run):
    found = parse(run, "--", "-nginx", "--output", code=1)
    assert [item["input"] for item in found] == ["-nginx", "--output"]


def test_bytes(run):
    found = parse(run, stdin=b"a\xff\n\x00\n\x1b[2J\n", code=1)
    assert [item["input"] for item in found] == ["a\ufffd", "\x00", "\x1b[2J"]


def test_long(run):
    found = parse(run, stdin="a" * 1_000_000 + "\n" + "b\n", code=1)
    assert [item["valid"] for item in found] == [False, True]
    result = run("parse", stdin="a" * (8 * 1024 * 1024 + 1), code=3)
    assert result.err == "pratique parse: standard input: line 1 is longer than 8388608 bytes\n"


def test_text(run, golden):
    result = run("parse", "nginx", "ghcr.io/acme/app:1.2@" + DIGEST, "UPPER", "a\x1b[2J", code=1)
    golden("parse.txt", result.out)
    assert result.err == ""


NORMALIZED = [case for line in (VECTORS / "distribution-reference/cases.ndjson").read_text().splitlines()
              for case in [json.loads(line)] if case["op"] == "ParseNormalizedNamed"]


def test_vectors(run):
    """distribution/reference, ParseNormalizedNamed: all of its cases in one run."""
    found = parse(run, "--", *(case["input"] for case in NORMALIZED), code=1)
    assert len(found) == len(NORMALIZED) > 0
    names = {"domain": "registry", "path": "repository", "tag": "tag", "digest": "digest",
             "full_name": "name", "familiar_name": "familiar"}
    for case, item in zip(NORMALIZED, found):
        assert item["valid"] == case["ok"], case
        for theirs, ours in names.items():
            if case["ok"] and theirs in case:
                assert item[ours] == (case[theirs] or ""), case
