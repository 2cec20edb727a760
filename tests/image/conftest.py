"""The image under test is what scripts/image wrote into the folder PRATIQUE_IMAGE; `make test-image` writes it and
runs these. It is judged as it comes back from a registry, pulled by its digest."""
import os
import pathlib
import re
import types

import pytest

import oci
from container import Container

VERSION = re.search(r"version: '([^']+)'", (oci.ROOT / "meson.build").read_text()).group(1)


@pytest.fixture(scope="session")
def archive():
    folder = os.environ.get("PRATIQUE_IMAGE")
    if not folder:
        pytest.skip("PRATIQUE_IMAGE names no folder with an image; `make test-image` builds one and tests it")
    return pathlib.Path(folder).absolute() / f"pratique-{VERSION}.oci.tar"


@pytest.fixture(scope="session")
def image(archive, tmp_path_factory):
    """written: the layout of the archive; pulled: that from the registry; root: what is in it; version: expected."""
    folder = tmp_path_factory.mktemp("image")
    folder.parent.chmod(0o755)  # users of the image pass through it
    folder.chmod(0o755)
    written = oci.unpack_archive(archive, folder / "written")
    pulled = oci.push_and_pull(written, folder)
    return types.SimpleNamespace(written=written, pulled=pulled, root=pulled.unpack(folder / "root"), version=VERSION)


@pytest.fixture(scope="session")
def container(image, tmp_path_factory):
    return Container(image.root, image.pulled.config, tmp_path_factory.mktemp("runs"))
