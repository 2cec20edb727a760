"""scripts/image without an engine that works: what it asks of one, and what it says. These need no image."""
import os
import subprocess

import pytest

from oci import ROOT

# Writes down what it is asked; what $DOES names succeeds.
ENGINE = """#!/bin/sh
echo "$(basename "$0") $*" >>"$LOG"
case " $DOES " in *" $1 "*) exit 0 ;; esac
echo "$1: refused" >&2
exit 1
"""


@pytest.fixture
def script(tmp_path):
    """Run scripts/image where only these engines exist; returns the process and what they were asked."""
    def script(*arguments, engines=("docker", "podman"), does="info", **environment):
        programs = tmp_path / "bin"
        programs.mkdir()
        for engine in engines:
            (programs / engine).write_text(ENGINE)
            (programs / engine).chmod(0o755)
        log = tmp_path / "log"
        log.touch()
        base = tmp_path / "cache/pratique/base"
        base.mkdir(parents=True)
        for release in ("trixie", "forky"):
            (base / f"debian-{release}-{architecture}-2.tar.gz").write_text("a root")
        command = [ROOT / "scripts/image", "--output", tmp_path / "made", *arguments]
        process = subprocess.run(command, capture_output=True, text=True,
                                 env={"PATH": f"{programs}:{os.environ['PATH']}", "LOG": str(log), "DOES": does,
                                      "XDG_CACHE_HOME": str(tmp_path / "cache"), **environment})
        return process, log.read_text().splitlines()

    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True).stdout.strip()
    return script


def test_docker_is_asked_first_and_pulls_the_pinned_base(script):
    process, asked = script(does="info pull")
    assert process.returncode == 1
    assert asked[:2] == ["docker info", "docker pull --quiet docker.io/library/debian:trixie-slim"]
    assert all(line.startswith("docker ") for line in asked)
    build = asked[2].split()
    assert build[1:3] == ["build", "--no-cache"] and "BASE=docker.io/library/debian:trixie-slim" in build
    revision = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    assert f"REVISION={revision}" in build and "pratique:0.1.0" in build


def test_a_base_that_cannot_be_pulled_comes_from_the_cache(script):
    process, asked = script(does="info import")
    assert "image: docker.io/library/debian:trixie-slim cannot be pulled\n" in process.stderr
    assert asked[2] == "docker image inspect localhost/pratique-base:trixie-2"
    assert asked[3].startswith("docker import ") and asked[3].endswith(" localhost/pratique-base:trixie-2")
    assert "BASE=localhost/pratique-base:trixie-2" in asked[4].split()


def test_debootstrap_asks_no_registry(script):
    _, asked = script("--base", "debootstrap", "--release", "forky", does="info import", PRATIQUE_ENGINE="podman")
    assert not any(" pull " in line for line in asked)
    build = asked[-1].split()
    assert build[:2] == ["podman", "build"] and "--layers=false" in build
    assert "BASE=localhost/pratique-base:forky-2" in build


def test_a_base_that_is_named_is_used_as_it_is(script):
    process, asked = script("--base", "debian.example.com/debian:13")
    assert process.returncode == 1
    assert len(asked) == 2 and "BASE=debian.example.com/debian:13" in asked[1].split()


def test_the_time_is_that_of_the_commit_or_as_told(script):
    _, asked = script("--base", "x", PRATIQUE_ENGINE="podman", SOURCE_DATE_EPOCH="1700000000")
    assert "--timestamp 1700000000 " in asked[-1]
    assert "SOURCE_DATE_EPOCH=1700000000" in asked[-1] and "CREATED=2023-11-14T22:13:20Z" in asked[-1]


@pytest.mark.parametrize("arguments, message", [
    (["--bass", "x"], "image: unknown option --bass; see the head of "),
    (["--base"], "image: --base needs a value; see the head of "),
])
def test_usage(script, arguments, message):
    process, asked = script(*arguments)
    assert (process.returncode, process.stdout, asked) == (1, "", [])
    assert process.stderr.startswith(message)


def test_buildah_without_overlayfs(script):
    process, asked = script("--base", "x", engines=["buildah"], does="--storage-driver", PRATIQUE_ENGINE="buildah")
    assert asked[:2] == ["buildah info", "buildah --storage-driver vfs info"]
    assert asked[2].startswith("buildah --storage-driver vfs build ")


def test_an_engine_that_is_named_and_does_not_work_is_an_error(script):
    process, asked = script(engines=(), PRATIQUE_ENGINE="nerdctl")
    assert (process.returncode, asked) == (1, [])
    assert process.stderr == "image: nerdctl does not work here\n"
