"""The bill of materials against the published schema, against the files, and against dpkg's own words."""
import hashlib
import json
import re
import subprocess
import sys
import urllib.parse

import jsonschema
import pytest

from oci import ROOT, Layout

sys.path.append(str(ROOT / "tests/cli"))
from schemas import published  # noqa: E402

SBOM = "usr/share/doc/pratique/sbom.json"


@pytest.fixture(scope="module")
def bill(image):
    return json.loads((image.root / SBOM).read_text())


@pytest.fixture(scope="module")
def packages(bill):
    return {part["name"]: part for part in bill["components"] if part["type"] == "library"}


def stanza(image, name):
    """dpkg's record of a package, as fields."""
    text = (image.root / "var/lib/dpkg/status.d" / name).read_text()
    return dict(re.findall(r"^([A-Za-z-]+): (.*)$", text, re.M))


def files_of(bill):
    return {part["name"]: (owner["name"], part["hashes"][0]["content"])
            for owner in bill["components"] for part in owner.get("components", [])}


def published_schemas():
    names = ("bom-1.6", "spdx", "jsf-0.82")
    return [json.loads((published() / f"{name}.SNAPSHOT.schema.json").read_text()) for name in names]


def test_schema(bill):
    schema, *others = published_schemas()
    store = {other["$id"]: other for other in others}
    base = schema["$id"].rpartition("/")[0]
    store |= {f"{base}/{name}.SNAPSHOT.schema.json": other for name, other in zip(("spdx", "jsf-0.82"), others)}
    validator = jsonschema.Draft7Validator(schema, resolver=jsonschema.RefResolver.from_schema(schema, store=store))
    assert [error.message for error in validator.iter_errors(bill)] == []
    assert list(validator.iter_errors({**bill, "specVersion": 1}))


def test_beside_the_archive_is_the_same(image, archive):
    beside = archive.with_name(archive.name.replace(".oci.tar", ".sbom.json"))
    assert beside.read_bytes() == (image.root / SBOM).read_bytes()


def test_every_file_with_its_hash(image, bill):
    on_disk = {f"/{path.relative_to(image.root)}": hashlib.sha256(path.read_bytes()).hexdigest()
               for path in image.root.rglob("*") if path.is_file() and not path.is_symlink()}
    del on_disk["/" + SBOM]
    assert {name: digest for name, (_, digest) in files_of(bill).items()} == on_disk


def test_every_library_is_of_a_package(image, bill, packages):
    for path in image.root.rglob("*.so*"):
        if not path.is_symlink():
            owner, _ = files_of(bill)[f"/{path.relative_to(image.root)}"]
            assert owner in packages, path


def test_packages_are_those_that_dpkg_recorded(image, packages):
    assert set(packages) == {path.name for path in (image.root / "var/lib/dpkg/status.d").iterdir()}
    for name, part in packages.items():
        record = stanza(image, name)
        assert record["Package"] == name and record["Status"] == "install ok installed"
        assert part["version"] == record["Version"]
        assert part["publisher"] == record["Maintainer"]
        assert (image.root / "usr/share/doc" / name / "copyright").stat().st_size > 100


def test_package_urls(image, packages):
    release = dict(line.split("=", 1) for line in (image.root / "etc/os-release").read_text().splitlines())
    for name, part in packages.items():
        record = stanza(image, name)
        source = re.match(r"(\S+)(?: \((.*)\))?$", record.get("Source", name))
        path, _, query = part["purl"].partition("?")
        assert urllib.parse.unquote(path) == f"pkg:deb/debian/{name}@{record['Version']}"
        assert "+" not in path and " " not in path
        assert dict(urllib.parse.parse_qsl(query)) == {
            "arch": record["Architecture"], "distro": "debian-" + release["VERSION_ID"].strip('"'),
            "upstream": f"{source[1]}@{source[2] or record['Version']}"}


def test_pratique_itself(image, bill):
    ours = [part for part in bill["components"] if part["name"] == "pratique"]
    assert len(ours) == 1 and ours[0]["version"] == image.version
    assert ours[0]["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    revision = image.pulled.config["config"]["Labels"]["org.opencontainers.image.revision"]
    assert ours[0]["purl"] == f"pkg:github/pratique-dev/pratique@{revision}"
    assert "/usr/bin/pratique" in {part["name"] for part in ours[0]["components"]}


def test_dependencies_are_those_of_the_headers(image, bill, packages):
    """The libraries that the ELF headers name, told anew by readelf."""
    def needs(path):
        dynamic = subprocess.run(["readelf", "-dW", path], check=True, capture_output=True, text=True).stdout
        names = re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic)
        return {files[str(next(image.root.glob(f"usr/lib/*/{name}")).resolve())[len(str(image.root.resolve())):]][0]
                for name in names}

    files = files_of(bill)
    refs = {part["bom-ref"]: part["name"] for part in bill["components"]}
    depends = {entry["ref"]: {refs[ref] for ref in entry.get("dependsOn", [])} for entry in bill["dependencies"]}
    assert depends["pratique"] == needs(image.root / "usr/bin/pratique")
    for name, part in packages.items():
        libraries = [file["name"] for file in part["components"] if ".so" in file["name"]]
        expected = set().union(*(needs(image.root / path.lstrip("/")) for path in libraries)) - {name}
        assert depends[part["bom-ref"]] == expected, name
    assert depends["image"] == set(packages) | {"pratique"}


def documented(word):
    """The command of docs/image.md that holds a word."""
    blocks = re.findall(r"^```\n(.*?)^```", (ROOT / "docs/image.md").read_text(), re.M | re.S)
    return next(block for block in blocks if word in block)


def test_documented_verification_finds_a_changed_file(image, tmp_path):
    root = Layout(image.pulled.folder).unpack(tmp_path / "root")
    command = documented("sha256sum")
    checked = subprocess.run(["sh", "-euc", command], cwd=root, capture_output=True, text=True)
    assert checked.returncode == 0, checked
    with (root / "usr/bin/pratique").open("ab") as program:
        program.write(b"\0")
    checked = subprocess.run(["sh", "-euc", command], cwd=root, capture_output=True, text=True)
    assert checked.returncode == 1
    assert checked.stdout == "./usr/bin/pratique: FAILED\n"
