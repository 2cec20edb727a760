"""pratique image resolve: its options and its output. tests/integration/test_registry_resolve.py asks real registries."""
import socket
import threading

import pytest

from schemas import validate

KEYS = ["input", "reference", "digest", "mediaType", "error"]


def lines(result):
    found = [validate(line, "resolve-output") for line in result.out.splitlines()]
    assert all(list(item) == KEYS for item in found)
    return found


def test_no_reference(run):
    item, = lines(run("image", "resolve", "-o", "json", "UPPER//x", code=1))
    assert item["input"] == "UPPER//x" and item["reference"] is item["digest"] is item["mediaType"] is None
    assert item["error"]


def test_nobody_there(run):
    """In the order given; each is told by its normalised name."""
    found = lines(run("image", "resolve", "-o", "json", "127.0.0.1:1/x", "127.0.0.1:1/a/b:2", code=1, HOME="/nowhere"))
    assert [item["reference"] for item in found] == ["127.0.0.1:1/x:latest", "127.0.0.1:1/a/b:2"]
    assert all(item["error"].startswith("127.0.0.1:1: ") and item["digest"] is None for item in found)
    text = run("image", "resolve", "127.0.0.1:1/x", code=1, HOME="/nowhere").out
    assert text.startswith("127.0.0.1:1/x\n  reference   127.0.0.1:1/x:latest\n  error       127.0.0.1:1: ")


def test_a_registry_without_tls(run):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def answer():
            with listener.accept()[0] as connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        item, = lines(run("image", "resolve", "-o", "json", f"{host}/x", code=1, HOME="/nowhere"))
        assert item["error"] == f"{host}: what it answers is not TLS; plain HTTP has to be said of the host"


@pytest.mark.parametrize("options, message", [
    (["--plain-http", "http://h"], '--plain-http "http://h": it takes HOST or HOST:PORT'),
    (["--plain-http", "h:0"], '--plain-http "h:0": it takes HOST or HOST:PORT'),
    (["--timeout", "soon"], "--timeout: "),
    (["--timeout", "0s"], '--timeout "0s": it takes up to a day, such as 30s'),
    (["--ca", "missing.pem"], "missing.pem: "),
    (["--docker-config", "missing.json"], "missing.json: "),
    (["--docker-config", "policy.yaml"], "policy.yaml"),
])
def test_wrong_options(run, options, message):
    result = run("image", "resolve", *options, "x", code=2)
    assert result.out == "" and message in result.err


def test_docker_config_of_the_environment(run):
    """A broken one is told of; that there is none is nothing."""
    run.write("docker/config.json", "{")
    result = run("image", "resolve", "127.0.0.1:1/x", code=2, DOCKER_CONFIG=str(run.folder / "docker"))
    assert "docker/config.json" in result.err
    run.write("home/.docker/config.json", "{")
    run("image", "resolve", "127.0.0.1:1/x", code=2, DOCKER_CONFIG="", HOME=str(run.folder / "home"))
    run("image", "resolve", "127.0.0.1:1/x", code=1, DOCKER_CONFIG="/nowhere", HOME=str(run.folder / "home"))


def test_inspect_nobody_there(run):
    """What was asked is told also where nothing came of it."""
    result = run("image", "inspect", "-o", "json", "127.0.0.1:1/x", code=1, HOME="/nowhere")
    found = validate(result.out, "inspect-output")
    assert found["reference"] == "127.0.0.1:1/x:latest" and found["digest"] is found["image"] is found["source"] is None
    step, = found["steps"]
    assert (step["method"], step["url"]) == ("HEAD", "https://127.0.0.1:1/v2/x/manifests/latest")
    assert step["status"] is None and step["error"] == found["error"]
    text = run("image", "inspect", "127.0.0.1:1/x", code=1, HOME="/nowhere").out
    assert "  asked\n    HEAD   - " in text and "https://127.0.0.1:1/v2/x/manifests/latest: 127.0.0.1:1: " in text
    found = validate(run("image", "inspect", "-o", "json", "a b", code=1, HOME="/nowhere").out, "inspect-output")
    assert found["reference"] is None and found["steps"] == []
