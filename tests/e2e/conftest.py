"""The end-to-end tests need a network of their own and the real parts: `scripts/e2e` (`make e2e`) makes both."""
import contextlib
import os

import pytest

INSIDE = os.environ.get("PRATIQUE_E2E") == "1"
collect_ignore_glob = [] if INSIDE else ["test_*.py"]

if INSIDE:
    from cluster import Cluster
    from installed import Installed


@contextlib.contextmanager
def starting(tmp_path_factory):
    """Start clusters with flags of their own; all end with it. One that nobody asks anything costs a tenth of a CPU."""
    made = []

    def start(**options):
        made.append(Cluster(tmp_path_factory.mktemp("cluster"), **options))
        return made[-1].start()

    yield start
    for cluster in made:
        cluster.stop()


@pytest.fixture(scope="module")
def clusters(tmp_path_factory):
    """Start clusters for the tests of one file."""
    with starting(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def lasting_clusters(tmp_path_factory):
    """Start clusters for all tests."""
    with starting(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def cluster(lasting_clusters):
    """The cluster that tests share which need nothing of their own. Each works in a namespace that it makes."""
    return lasting_clusters()


@pytest.fixture(scope="session")
def installed(lasting_clusters):
    """The product installed by its chart in a cluster of its own. A test leaves it as it found it."""
    installed = Installed(lasting_clusters())
    yield installed
    installed.stop()


@pytest.fixture
def namespace(cluster):
    return cluster.namespace()
