"""The same commit gives the same bytes, in another folder and at another time."""
import hashlib
import os
import subprocess

from oci import ROOT


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_same_commit_same_bytes(image, archive, tmp_path):
    commit = image.pulled.config["config"]["Labels"]["org.opencontainers.image.revision"]
    clone = tmp_path / "elsewhere"
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", ROOT, clone], check=True)
    subprocess.run(["git", "-C", clone, "checkout", "--quiet", commit], check=True)
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    built = subprocess.run(["scripts/image", "--base", "debootstrap", "--output", tmp_path / "again"], cwd=clone,
                           env=environment, umask=0o077, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr[-2000:]
    for path in (archive, archive.with_name(archive.name.replace(".oci.tar", ".sbom.json"))):
        assert sha256(tmp_path / "again" / path.name) == sha256(path), path.name
    assert f"{archive.name}: " in built.stdout and " MB compressed, " in built.stdout
