"""Without a browser these tests are not run, and that is said at the end."""
import pytest

import browser
import world

MISSING = "" if browser.PROGRAM else "NOT RUN: tests/ui needs a browser, and there is none; scripts/setup --browser installs it"
collect_ignore_glob = ["test_*.py"] if MISSING else []


def pytest_terminal_summary(terminalreporter):
    if MISSING:
        terminalreporter.write_sep("!", MISSING)


@pytest.fixture(scope="session")
def chromium():
    one = browser.Browser()
    yield one
    one.close()


@pytest.fixture
def tab(chromium):
    """Make tabs; what they complain of fails the test, unless it says `tab.bad = True`."""
    tabs = []

    def make(**options):
        tabs.append(chromium.tab(**options))
        return tabs[-1]

    yield make
    for one in tabs:
        complaints, requests = one.complaints(), one.requests()
        one.close()
        assert complaints == []
        assert {request.split("/")[2] for request in requests if request != "about:blank" and not request.startswith("data:")} <= {
            f"{host}:{port}" for host in ("127.0.0.1", "localhost") for port in world.PORTS}


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A server with decisions of every sort."""
    server = world.start(tmp_path_factory.mktemp("site"))
    world.fill(server)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """A server that was sent hostile texts alone."""
    server = world.start(tmp_path_factory.mktemp("hostile"))
    server.texts = world.fill_hostile(server)
    yield server
    server.stop()
