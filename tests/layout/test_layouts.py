"""Images on disk as others write them: Python's tar in its three formats, GNU tar, crane and skopeo; and the real ones of
the vectors. What the program of facts.c finds is what the documents say when read naively."""
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/registry"))
import images  # noqa: E402
import registries  # noqa: E402

BINARY = pathlib.Path(os.environ.get("PRATIQUE_BINARY", ROOT / "build-asan/pratique")).resolve()
CONFIGS = {images.OCI + "config.v1+json", images.DOCKER + "container.image.v1+json", "application/octet-stream"}
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def program():
    """Built with sanitizers, whatever the binary under test is."""
    made = [folder / "tests/layout-facts" for folder in (BINARY.parent, ROOT / "build-asan")]
    found = [path for path in made if path.exists()]
    assert found, "the program that is driven is not built: ninja -C build-asan"
    return found[0]


def ask(path, name=""):
    return subprocess.run([program(), path, name], capture_output=True, text=True)


def facts(path, name=""):
    process = ask(path, name)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def error(path, name=""):
    process = ask(path, name)
    assert process.returncode == 1 and process.stdout == "", process
    return process.stderr.strip()


# -- the same by a naive reading --

def document(folder, digest):
    return json.loads((folder / "blobs" / digest.replace(":", "/")).read_bytes())


def platform_of(described):
    variant = described.get("variant", "")
    variant = "" if (described["architecture"], variant) == ("arm64", "v8") else variant
    return "/".join(filter(None, (described["os"] or "unknown", described["architecture"] or "unknown", variant)))


def nanoseconds(created):
    moment = datetime.datetime.fromisoformat(created[:19] + "+00:00")
    fraction = created[19:].strip(".Z").ljust(9, "0")
    return int(moment.timestamp()) * 10**9 + int(fraction)


def image_of(folder, descriptor):
    manifest = document(folder, descriptor["digest"])
    media_type = manifest["config"]["mediaType"]
    known = media_type in CONFIGS
    config = document(folder, manifest["config"]["digest"]) if known else {}
    created = config.get("created", "0001-01-01T00:00:00Z")
    described = descriptor.get("platform") or ({"os": "", "architecture": "", **config})
    return {"known": known, "layers": len(manifest["layers"]), "digest": descriptor["digest"], "platform": platform_of(described),
            "size": sum(one["size"] for one in [manifest["config"], *manifest["layers"]]),
            "created": 0 if created.startswith("0001") else nanoseconds(created), "user": config.get("config", {}).get("User", ""),
            "artifactType": manifest.get("artifactType", media_type)}


def naive(folder, descriptor):
    root = document(folder, descriptor["digest"])
    entries = [one for one in root.get("manifests", []) if one.get("platform", {}).get("os") != "unknown"]
    lone = {"digest": descriptor["digest"]}
    return {"index": "manifests" in root, "digest": descriptor["digest"], "mediaType": descriptor["mediaType"],
            "images": [image_of(folder, one) for one in (entries if "manifests" in root else [lone])]}


def entry(folder, n=0):
    return json.loads((folder / "index.json").read_bytes())["manifests"][n]


# -- folders and archives --

@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return images.make(tmp_path_factory.mktemp("layouts"))


@pytest.fixture(params=sorted(images.FORMS))
def image(request, made):
    return made[request.param]


def test_folder(image):
    found = facts(image.folder)
    assert found == naive(image.folder, entry(image.folder))
    assert (found["digest"], found["mediaType"]) == (image.digest, image.media_type)
    assert facts(image.folder, "any.example/name:1@" + image.digest) == found


@pytest.mark.parametrize("form", FORMATS)
def test_archive_of_python(image, form, tmp_path):
    with tarfile.open(tmp_path / "x.tar", "w", format=FORMATS[form]) as archive:
        archive.add(image.folder, arcname=".")
    assert facts(tmp_path / "x.tar") == naive(image.folder, entry(image.folder))


@pytest.mark.parametrize("form", ["v7", "ustar", "gnu", "oldgnu", "posix"])
def test_archive_of_tar(image, form, tmp_path):
    subprocess.run(["tar", f"--format={form}", "-C", image.folder, "-cf", tmp_path / "x.tar", "."], check=True)
    assert facts(tmp_path / "x.tar") == naive(image.folder, entry(image.folder))


def test_names_that_need_more_than_a_header(image, tmp_path):
    """An extension header before each file, or a name of its own."""
    for form in ("gnu", "pax"):
        with tarfile.open(tmp_path / "x.tar", "w", format=FORMATS[form], pax_headers={"comment": "x"}) as archive:
            archive.add(image.folder, arcname=".")
            archive.add(image.folder / "oci-layout", arcname="more/" + "é" * 120)
        assert facts(tmp_path / "x.tar")["digest"] == image.digest


def test_links_and_ways_out_are_refused(image, tmp_path):
    def archive(change):
        with tarfile.open(tmp_path / "x.tar", "w") as made:
            for path in sorted(image.folder.rglob("*")):
                member = made.gettarinfo(path, str(path.relative_to(image.folder)))
                change(member)
                with path.open("rb") if path.is_file() else open(os.devnull, "rb") as data:
                    made.addfile(member, data if member.isreg() else None)
        return error(tmp_path / "x.tar")

    def link(kind):
        def change(member):
            if member.name == "index.json":
                member.type, member.linkname, member.size = kind, "/etc/passwd", 0
        return change

    def rename(name):
        def change(member):
            member.name = name if member.name == "index.json" else member.name
        return change

    refused = f"{tmp_path}/x.tar: \"index.json\" is a link, a sparse file or a device, which is not read"
    assert archive(link(tarfile.SYMTYPE)) == archive(link(tarfile.LNKTYPE)) == refused
    assert archive(rename("blobs/../index.json")) == \
        f"{tmp_path}/x.tar: \"blobs/../index.json\" leads out of the archive's folder"
    assert archive(rename("oci-layout")) == f"{tmp_path}/x.tar: \"oci-layout\" is there twice"
    assert not [path for path in tmp_path.iterdir() if path.name != "x.tar"]


def test_sparse_files_are_refused(image, tmp_path):
    with (image.folder / "blobs/hole").open("wb") as hole:
        hole.truncate(10_000_000)
    try:
        for form in ("gnu", "posix"):
            subprocess.run(["tar", "--sparse", f"--format={form}", "-C", image.folder, "-cf", tmp_path / "x.tar", "."], check=True)
            assert "sparse file" in error(tmp_path / "x.tar")
    finally:
        (image.folder / "blobs/hole").unlink()


def test_changed_bytes_are_seen(made, tmp_path):
    """Each blob of an index in turn; but not what is only pulled, the layers."""
    folder = tmp_path / "layout"
    shutil.copytree(made["index"].folder, folder)
    expected = facts(folder)
    seen = 0
    for blob in sorted((folder / "blobs/sha256").iterdir()):
        before = blob.read_bytes()
        blob.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        process = ask(folder)
        assert (process.returncode == 0 and json.loads(process.stdout) == expected) or "is not what its name says" in process.stderr
        seen += process.returncode != 0
        blob.write_bytes(before)
    assert seen == 1 + 2 * 2


# -- as tools write them --

def test_docker(made, tmp_path):
    """What `docker save` has written since version 26, put together here: there is no docker in tests."""
    folder = tmp_path / "layout"
    shutil.copytree(made["single"].folder, folder)
    one = {**entry(folder), "annotations": {"io.containerd.image.name": "docker.io/acme/app:1.0",
                                            "org.opencontainers.image.ref.name": "1.0"}}
    manifest = document(folder, one["digest"])
    paths = ["blobs/" + part["digest"].replace(":", "/") for part in [manifest["config"], *manifest["layers"]]]
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "mediaType": images.INDEX, "manifests": [one]}))
    (folder / "manifest.json").write_text(json.dumps([{"Config": paths[0], "RepoTags": ["acme/app:1.0"], "Layers": paths[1:]}]))
    (folder / "repositories").write_text(json.dumps({"acme/app": {"1.0": manifest["layers"][0]["digest"][7:]}}))
    subprocess.run(["tar", "-C", folder, "-cf", tmp_path / "x.tar", *sorted(path.name for path in folder.iterdir())], check=True)
    assert facts(tmp_path / "x.tar", "acme/app:1.0") == facts(tmp_path / "x.tar", "1.0") == naive(folder, one)
    assert error(tmp_path / "x.tar", "acme/app") == \
        f"{tmp_path}/x.tar: has no image \"acme/app\"; it has: docker.io/acme/app:1.0"


def test_crane(made, tmp_path):
    """Through a registry and back as a layout; its other format has no digests."""
    if registries.missing("referrers"):
        pytest.skip(registries.missing("referrers"))
    registry = registries.start("referrers", tmp_path / "registry")
    try:
        reference = images.push(registry, made["index"], "acme/app")
        registry.crane("pull", "--format=oci", "--annotate-ref", reference, tmp_path / "pulled")
        registry.crane("pull", "--format=tarball", "--platform=linux/amd64", reference, tmp_path / "pulled.tar")
    finally:
        registry.close()
    expected = naive(made["index"].folder, entry(made["index"].folder))
    assert facts(tmp_path / "pulled") == facts(tmp_path / "pulled", reference) == expected
    assert error(tmp_path / "pulled", "acme/app:1.0").startswith(f"{tmp_path}/pulled: has no image \"acme/app:1.0\"; it has: {reference}")
    assert "docker's own format" in error(tmp_path / "pulled.tar")


@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
def test_skopeo(made, tmp_path):
    folder = made["single"].folder
    subprocess.run(["skopeo", "--insecure-policy", "--tmpdir", tmp_path, "copy", "--quiet", f"oci:{folder}",
                    f"oci-archive:{tmp_path}/x.tar:ghcr.io/acme/app:2"], check=True, capture_output=True)
    expected = naive(folder, entry(folder))
    assert facts(tmp_path / "x.tar") == facts(tmp_path / "x.tar", "ghcr.io/acme/app:2") == expected
    subprocess.run(["skopeo", "--insecure-policy", "--tmpdir", tmp_path, "copy", "--quiet", f"oci:{folder}",
                    f"docker-archive:{tmp_path}/docker.tar:app:2"], check=True, capture_output=True)
    assert "docker's own format" in error(tmp_path / "docker.tar")


@pytest.mark.skipif(not images.VECTORS.is_dir(), reason="the images of the vectors are not here")
def test_real_images():
    layouts = sorted(images.VECTORS.iterdir())
    for folder in layouts:
        for n in range(2):
            one = entry(folder, n)
            assert facts(folder, one["digest"]) == naive(folder, one)
        assert "has 2 images; say which one: none has a name" in error(folder)
    assert len(layouts) == 5
