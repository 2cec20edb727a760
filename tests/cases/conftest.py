import pytest

from casework import make_certificate


def pytest_addoption(parser):
    try:
        parser.addoption("--update", action="store_true", help="write expect.json from the answers")
    except ValueError:
        pass  # the tests of the command line have it already


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """A folder with a certificate that all servers of a run use."""
    folder = tmp_path_factory.mktemp("certificates")
    make_certificate(folder)
    return folder
