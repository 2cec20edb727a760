"""Real images, of other projects (tests/vectors), pushed by oras to a real registry, resolved and inspected: what is said of
them is what their documents say."""
import json

import pytest

import asking
import images

FOLDERS = sorted(images.VECTORS.iterdir())


def inspect(registry, reference):
    code, text, _, _ = asking.run("image", "inspect", "--output", "json", "--plain-http", registry.address, reference)
    assert code == 0, text
    return json.loads(text)["image"]


def document(folder, digest):
    return json.loads((folder / "blobs" / digest.replace(":", "/")).read_text())


def manifests(folder, descriptor):
    """Those that a machine could run, with their platform."""
    whole = document(folder, descriptor["digest"])
    if "manifests" not in whole:
        return [(descriptor["digest"], None)]
    return [(one["digest"], one["platform"]) for one in whole["manifests"]
            if one.get("annotations", {}).get("vnd.docker.reference.type") != "attestation-manifest"]


def assert_told(folder, digest, platform, told):
    manifest = document(folder, digest)
    config = document(folder, manifest["config"]["digest"])
    its = config.get("config") or {}
    platform = platform or config
    assert told["digest"] == digest
    assert told["platform"].split("/")[:2] == [platform.get("os") or "unknown", platform.get("architecture") or "unknown"]
    assert [(one["digest"], one["size"]) for one in told["layers"]] == [(one["digest"], one["size"]) for one in manifest["layers"]]
    assert told["size"] == manifest["config"]["size"] + sum(one["size"] for one in manifest["layers"])
    assert told["annotations"] == manifest.get("annotations", {})
    for ours, theirs, missing in (("user", "User", ""), ("entrypoint", "Entrypoint", []), ("cmd", "Cmd", []),
                                  ("labels", "Labels", {}), ("workingDir", "WorkingDir", "")):
        assert told["config"][ours] == (its.get(theirs) or missing), ours
    assert told["config"]["env"] == [one.partition("=")[0] for one in its.get("Env") or []]


def test_there_are_five():
    assert len(FOLDERS) >= 5


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_image(stocked, folder):
    registry, _ = stocked("referrers")
    for tag, descriptor in images.push_raw(registry, folder, "slsa/" + folder.name.replace(".", "-")).items():
        reference = f"{registry.address}/slsa/{folder.name.replace('.', '-')}:{tag}"
        outcome = asking.resolve(reference, "--plain-http", registry.address)
        assert outcome.digest == descriptor["digest"], outcome
        told = inspect(registry, reference)
        wanted = manifests(folder, descriptor)
        assert len(told["platforms"]) == len(wanted) and told["index"] == (wanted[0][1] is not None)
        for (digest, platform), one in zip(wanted, told["platforms"]):
            assert_told(folder, digest, platform, one)
