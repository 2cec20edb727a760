"""What a runtime is told, and what a person reads with `docker inspect`."""
import re
import subprocess
import time

from oci import ROOT

SOURCE = "https://github.com/pratique-dev/pratique"


def labels(image):
    return image.pulled.config["config"]["Labels"]


def test_user_and_command(image):
    config = image.pulled.config["config"]
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["/usr/bin/pratique"]
    assert config["Cmd"] == ["--help"]
    assert config["ExposedPorts"] == {"8443/tcp": {}}
    assert [entry.partition("=")[0] for entry in config.get("Env", [])] in ([], ["PATH"])
    assert "Volumes" not in config and "Shell" not in config


def test_labels(image):
    prefix = "org.opencontainers.image."
    got = {name.removeprefix(prefix): value for name, value in labels(image).items() if name.startswith(prefix)}
    commit, created = got.pop("revision"), got.pop("created")
    assert got == {"title": "pratique", "source": SOURCE, "licenses": "Apache-2.0", "version": image.version,
                   "description": "Kubernetes admission webhook that judges container images against policies"}
    assert re.fullmatch("[0-9a-f]{40}", commit)
    seconds = subprocess.run(["git", "-C", ROOT, "log", "-1", "--format=%ct", commit], capture_output=True, text=True)
    assert created == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(seconds.stdout)))


def test_no_other_labels(image):
    assert all(name.startswith("org.opencontainers.image.") for name in labels(image))


def test_one_layer_made_at_the_time_of_the_commit(image):
    created = labels(image)["org.opencontainers.image.created"]
    assert len(image.pulled.layers) == 1
    assert {image.pulled.config["created"]} | {step["created"] for step in image.pulled.config["history"]} == {created}
    assert len({member.mtime for member in image.pulled.members()}) == 1
