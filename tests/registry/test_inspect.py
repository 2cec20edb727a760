"""`pratique image inspect` against real registries."""
import collections
import json
import os
import subprocess
import threading

import jsonschema

import images
import registries
from hostile import NAME, TAG, Hostile
from pratique_server import BINARY

SCHEMA = json.loads((registries.ROOT / "docs/inspect-output.schema.json").read_text())
NOBODY = {"HOME": "/nowhere", "PATH": os.environ["PATH"]}


def inspect(registry, reference, code=0, output="json"):
    options = ["--ca", registry.ca] if registry.ca else ["--plain-http", registry.address]
    options += ["--docker-config", registry.docker_config()] if registry.access else []
    command = [BINARY, "image", "inspect", "--output", output, *options, reference]
    process = subprocess.run(list(map(str, command)), env=NOBODY, capture_output=True, text=True, timeout=120)
    assert process.returncode == code and process.stderr == "", f"{process.stdout}{process.stderr}"
    if output == "text":
        return process.stdout
    found = json.loads(process.stdout)
    jsonschema.validate(found, SCHEMA)
    return found


def test_an_index(each, made):
    """Its platforms, without the attestations, which are not asked for."""
    registry, references = each
    found, index = inspect(registry, references["index"]), made["index"]
    assert found["digest"] == index.digest and found["error"] is None
    assert found["image"]["index"] and found["image"]["annotations"] == {"org.opencontainers.image.title": "hello"}
    platforms = found["image"]["platforms"]
    assert [(one["platform"], one["digest"]) for one in platforms] == [
        ("linux/amd64", index.children[0]["digest"]), ("linux/arm64", index.children[1]["digest"])]
    assert platforms[0]["config"] == {
        "created": images.CREATED, "user": "65532", "workingDir": "/", "entrypoint": ["/hello"], "cmd": ["--quiet"],
        "exposedPorts": ["8080/tcp"], "env": ["PATH"], "labels": {"org.opencontainers.image.source": "https://git.example.com/hello"}}
    manifest = json.loads(index.read(index.children[0]["digest"]))
    assert [layer["digest"] for layer in platforms[0]["layers"]] == [layer["digest"] for layer in manifest["layers"]]
    assert platforms[0]["size"] == manifest["config"]["size"] + sum(layer["size"] for layer in manifest["layers"])


def test_how_it_was_asked(each):
    registry, references = each
    found = inspect(registry, references["single"])
    assert found["source"] == {"host": registry.address, "repository": "images/single",
                               "credential": str(registry.docker_config()) if registry.access else None}
    steps = [(step["method"], step["token"], step["status"]) for step in found["steps"]]
    head, get = ("HEAD", False, 200), ("GET", False, 200)
    if registry.access is None:
        assert steps == [head, get, get]
    elif registry.access == "token":
        assert steps == [("HEAD", False, 401), ("GET", True, 200), head, get, get]
    else:
        assert steps[:2] == [("HEAD", False, 401), head]
    assert all("?" not in step["url"] for step in found["steps"])


def test_docker_forms_and_artifacts(stocked, made):
    registry, references = stocked("distribution")
    found = inspect(registry, references["docker-list"])
    assert found["mediaType"] == images.DOCKER_LIST and len(found["image"]["platforms"]) == 2
    artifact, = inspect(registry, references["artifact"])["image"]["platforms"]
    assert artifact["config"] is None and artifact["artifactType"] == images.SBOM


def test_platforms_are_read_beside_each_other(tmp_path):
    """Neither manifests nor configs go out before six have been asked for; and never more than eight are asked for at a time."""
    image = images.Image(tmp_path / "image")
    image.end(image.several(images.INDEX, [image.platform({"os": "linux", "architecture": f"m{i}"}, text=b"%d" % i)
                                           for i in range(12)]))
    lock, inside, most, come = threading.Lock(), 0, 0, collections.Counter()

    def together(exchange):
        nonlocal inside, most
        request = exchange.request
        if request.path.endswith(image.digest):
            exchange.honest()
            return True
        with lock:
            come[request.step] += 1
            inside += 1
            most = max(most, inside)
        while come[request.step] < 6:
            exchange.pause(0.02)
        with lock:
            inside -= 1
        exchange.honest()
        return True

    with Hostile(image) as registry:
        registry.replace("manifest", together)
        registry.replace("blob", together)
        ran = subprocess.run([BINARY, "image", "inspect", "--output", "json", "--plain-http", registry.address,
                              f"{registry.address}/{NAME}:{TAG}"], env=NOBODY, capture_output=True, text=True, check=False)
        found = json.loads(ran.stdout)
        assert found["error"] is None, found["error"]
        assert [one["platform"] for one in found["image"]["platforms"]] == [f"linux/m{i}" for i in range(12)]
        assert 6 <= most <= 8 and come == {"manifest": 12, "blob": 12}
        assert len(found["steps"]) == 2 + 24


def test_text(stocked, made):
    registry, references = stocked("distribution")
    text = inspect(registry, references["index"], output="text")
    for line in ("  digest       " + made["index"].digest, "  credential   none", "  linux/arm64", "    user         65532",
                 "    ports        8080/tcp", "  asked"):
        assert line in text.splitlines()
