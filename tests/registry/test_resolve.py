"""`pratique image resolve` against real registries."""
import base64
import json
import os
import subprocess
import urllib.parse
import urllib.request

import images
import registries
from pratique_server import BINARY

FORMS = [form for form in images.FORMS if form != "artifact"]
NOBODY = {"HOME": "/nowhere", "PATH": os.environ["PATH"]}


def resolve(registry, *references, code=0, config=None, plain=None):
    """The lines, of what alice is answered or, without `config`, anybody."""
    options = ["--ca", registry.ca] if registry.ca else ["--plain-http", plain or registry.address]
    options += ["--docker-config", config] if config else []
    command = [BINARY, "image", "resolve", "--output", "json", *options, *references]
    process = subprocess.run(list(map(str, command)), env=NOBODY, capture_output=True, text=True, timeout=120)
    assert process.returncode == code and process.stderr == "", f"{process.stdout}{process.stderr}{registry.log()[-2000:]}"
    return [json.loads(line) for line in process.stdout.splitlines()]


def alice(registry):
    return registry.docker_config() if registry.access else None


def test_every_form(each, made):
    registry, references = each
    found = resolve(registry, *(references[form] for form in FORMS), config=alice(registry))
    assert found == [{"input": references[form], "reference": references[form], "digest": made[form].digest,
                      "mediaType": made[form].media_type, "error": None} for form in FORMS]


def test_by_digest(each, made):
    registry, references = each
    name = references["index"].rpartition(":")[0]
    there, child = made["index"].digest, made["index"].children[0]
    missing = "sha256:" + "0" * 64
    found = resolve(registry, f"{name}@{there}", f"{name}:other@{child['digest']}", f"{name}@{missing}", code=1,
                    config=alice(registry))
    assert [(one["digest"], one["mediaType"]) for one in found] == [
        (there, images.INDEX), (child["digest"], images.MANIFEST), (None, None)]
    assert found[2]["error"] == f"{registry.address}: not found"


def test_what_is_not_there(each):
    registry, references = each
    name = references["single"].rpartition(":")[0]
    found = resolve(registry, name, f"{registry.address}/no/such:1", references["single"], code=1, config=alice(registry))
    assert [one["reference"] for one in found] == [name + ":latest", f"{registry.address}/no/such:1", references["single"]]
    assert [one["error"] is None for one in found] == [False, False, True]
    assert found[0]["error"] == f"{registry.address}: not found"


def test_nobody_and_the_wrong_password(each, made):
    registry, references = each
    if registry.access is None:  # open to all
        assert resolve(registry, references["single"])[0]["digest"] == made["single"].digest
        return
    one, = resolve(registry, references["single"], code=1)
    reasons = {"htpasswd": "it asks for a user name and a password, and none is known",
               "token": "access is denied without credentials"}
    assert one["error"] == f"{registry.address}: {reasons[registry.access]}"
    one, = resolve(registry, references["single"], code=1, config=registry.docker_config("wrong"))
    assert one["error"] == f"{registry.address}: access is denied to each credential"


def test_tokens_are_asked_for_reading_alone_and_once(stocked, made):
    """For one repository a second question needs no token of its own."""
    registry, references = stocked("distribution", "token", True)
    registry.tokens.requests.clear()
    name = references["index"].rpartition(":")[0]
    found = resolve(registry, references["index"], f"{name}@{made['index'].digest}", references["single"],
                    config=registry.docker_config())
    assert all(one["error"] is None for one in found)
    assert [(one.method, one.account, one.scopes, one.given) for one in registry.tokens.requests] == [
        ("GET", registries.USER, ["repository:images/index:pull"], True),
        ("GET", registries.USER, ["repository:images/single:pull"], True)]


def test_what_is_public_is_for_nobody_too(stocked, made):
    registry, references = stocked("debian", "token", True)
    public = images.push(registry, made["single"], "public/hello")
    found = resolve(registry, public, references["single"], code=1)
    assert [one["digest"] for one in found] == [made["single"].digest, None]


def test_a_refresh_token(stocked, made, tmp_path):
    """As `docker login` keeps one: it is exchanged, and stands in no address."""
    registry, references = stocked("distribution", "token", False)
    query = urllib.parse.urlencode({"service": registries.SERVICE, "offline_token": "true"})
    basic = base64.b64encode(f"{registries.USER}:{registries.PASSWORD}".encode()).decode()
    with urllib.request.urlopen(urllib.request.Request(f"{registry.tokens.realm}?{query}",
                                                       headers={"Authorization": "Basic " + basic}), timeout=30) as answer:
        refresh = json.load(answer)["refresh_token"]
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"auths": {registry.address: {"identitytoken": refresh}}}))
    registry.tokens.requests.clear()
    one, = resolve(registry, references["single"], config=config, plain="localhost")
    assert one["digest"] == made["single"].digest
    assert [asked.method for asked in registry.tokens.requests] == ["POST"]


def test_only_whom_we_are_told_to_trust(stocked):
    registry, references = stocked("distribution", None, True)
    command = [BINARY, "image", "resolve", "--output", "json", references["single"]]
    process = subprocess.run(command, env=NOBODY, capture_output=True, text=True, timeout=120)
    assert process.returncode == 1 and "certificate" in json.loads(process.stdout)["error"]


def test_a_tag_that_moves(stocked, made, tmp_path):
    registry, _ = stocked("referrers")
    reference = images.push(registry, made["single"], "moving")
    assert resolve(registry, reference)[0]["digest"] == made["single"].digest
    images.push(registry, made["changed"], "moving")
    assert resolve(registry, reference)[0]["digest"] == made["changed"].digest
