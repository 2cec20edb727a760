"""`pratique image resolve` asks a registry that lies, loops, stalls, floods or sends it elsewhere: no answer is taken for a
digest that is not that of the image, nothing hangs, memory is bounded, and credentials arrive nowhere else."""
import json
import os
import subprocess
import time

import pytest

from hostile_registry import BASIC, DIGEST, HostileRegistry, PASSWORD, TOKEN, USER
from hostile_twists import MIB, TWISTS
from pratique_server import BINARY, SECONDS

STEPS = ["head", "get", "token"]
TIMEOUT = 1.5
# More than it needs, of which it dies if it takes more; sanitizers have shadows, and keep what was freed.
MEMORY = 64 * MIB
SANITIZED = b"__asan_init" in BINARY.read_bytes() if BINARY.exists() else False


@pytest.fixture(scope="module")
def registry():
    registry = HostileRegistry()
    yield registry
    registry.stop()


def resolve(registry, folder, *options, text=None):
    """The line, and how many seconds it took."""
    config = folder / "config.json"
    config.write_text(json.dumps({"auths": {registry.address: {"username": USER, "password": PASSWORD}}}))
    command = [BINARY, "image", "resolve", "--output", "json", "--plain-http", registry.address, "--timeout", f"{TIMEOUT}s",
               "--docker-config", config, *options, text or f"{registry.address}/a/b:1"]
    bounded = [] if SANITIZED else ["prlimit", f"--data={MEMORY}"]
    began = time.monotonic()
    process = subprocess.run(list(map(str, bounded + command)), capture_output=True, text=True, timeout=SECONDS,
                             env={"PATH": os.environ["PATH"]})
    seconds = time.monotonic() - began
    assert process.stderr == ""
    line = json.loads(process.stdout)
    assert process.returncode == (1 if line["error"] else 0)
    return line, seconds


def credentials_that_left(registry):
    """Those that arrived at another server, or over another way than to whom they are for."""
    return [asked for asked in registry.elsewhere.requests if asked.authorization] + [
        asked for asked in registry.requests if asked.authorization not in (None, BASIC, "Bearer " + TOKEN)]


@pytest.mark.parametrize("name", TWISTS)
@pytest.mark.parametrize("step", STEPS)
def test_every_answer_replaced(registry, tmp_path, step, name):
    registry.twist(step, TWISTS[name])
    line, seconds = resolve(registry, tmp_path)
    assert line["digest"] in (None, DIGEST)
    if line["digest"] is None:
        assert line["error"] and PASSWORD not in line["error"] and TOKEN not in line["error"]
    assert seconds < TIMEOUT + SECONDS / 2, "it hangs"
    assert registry.elsewhere.requests == [] and credentials_that_left(registry) == []
    assert len(registry.requests) <= 20


@pytest.mark.parametrize("step", STEPS)
def test_nothing_replaced(registry, tmp_path, step):
    """So that the tests above replace something that would be good."""
    registry.twist(step, lambda handler: getattr(handler, step)())
    line, _ = resolve(registry, tmp_path)
    assert line["digest"] == DIGEST and line["error"] is None
    assert (BASIC in [asked.authorization for asked in registry.requests]) == (step == "token")


@pytest.mark.parametrize("name, message", [
    ("truncated", "127.0.0.1:PORT: "),
    ("endless", "the answer is larger than 4194304 bytes"),
    ("a gzip bomb", "127.0.0.1:PORT: the manifest: line 1, column 1: unexpected character"),
    ("silent", "127.0.0.1:PORT: no answer in time"),
    ("slow headers", "127.0.0.1:PORT: no answer in time"),
    ("endless headers", "headers are larger than 65536 bytes"),
    ("a circle", "127.0.0.1:PORT: more than 5 redirects"),
    ("always busy", "127.0.0.1:PORT is busy or broken, and not to be asked again in time"),
    ("to another port", "which is not allowed there"),
    ("to this machine by name", "has an address of this machine or of its network's own services, which is not asked"),
    ("to a user", "127.0.0.1:PORT redirects to what is no address"),
    ("a challenge that is none", "127.0.0.1:PORT: WWW-Authenticate is malformed at byte 23"),
    ("a realm at a metadata address", "169.254.169.254 has an address of this machine"),
    ("a realm elsewhere over plain HTTP", "names the token server registry.example over plain HTTP, which is not allowed"),
])
def test_what_is_said_of_it(registry, tmp_path, name, message):
    registry.twist("get", TWISTS[name])
    line, _ = resolve(registry, tmp_path)
    assert message.replace("PORT", str(registry.listener.port)) in line["error"]


def test_a_digest_is_asked_for(registry, tmp_path):
    """What was pinned is never taken for something else."""
    wanted = "sha256:" + "1" * 64
    registry.twist("head", lambda handler: handler.head())
    line, _ = resolve(registry, tmp_path, text=f"{registry.address}/a/b@{wanted}")
    assert line["digest"] is None
    assert line["error"] == f"{registry.address} answers with {DIGEST} where {wanted} was asked for"
    registry.twist("get", lambda handler: handler.answer(200, b"{}", Docker_Content_Digest=wanted))
    line, _ = resolve(registry, tmp_path, text=f"{registry.address}/a/b@{wanted}")
    assert line["error"] == f"{registry.address}: the bytes that were sent do not have the digest {wanted}"
