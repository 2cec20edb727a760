"""Fixtures: a server per test, or one for all tests of a file that do not change it."""
import signal

import pytest

from pratique_server import Server
from shim import Shim


def finish(server):
    if server.process is None:
        return
    if server.process.poll() is None:
        server.stop()
    log = server.log()
    assert "Sanitizer" not in log and "runtime error" not in log, log


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("shared")).start()
    yield server
    server.stop()


@pytest.fixture
def shim(tmp_path):
    return Shim(tmp_path)


@pytest.fixture
def new_server(tmp_path):
    """Make servers, not yet started, each in a folder of its own; ends those that still run."""
    servers = []

    def new_server(**settings):
        folder = tmp_path / str(len(servers))
        folder.mkdir()
        servers.append(Server(folder, **settings))
        return servers[-1]

    yield new_server
    for server in servers:
        if server.process is not None and server.process.poll() is None:
            server.signal(signal.SIGCONT)
        finish(server)
