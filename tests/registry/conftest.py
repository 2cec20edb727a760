"""Registries and images that tests share. What needs a part that cannot be had is skipped, and the end of the run says why."""
import pytest

import hostile
import images
import registries
import serving
from pratique_server import Server

# kind, access, TLS
OFFERED = [("distribution", None, False), ("distribution", None, True), ("distribution", "htpasswd", False),
           ("distribution", "htpasswd", True), ("distribution", "token", False), ("distribution", "token", True),
           ("debian", None, False), ("debian", "htpasswd", True), ("debian", "token", True),
           ("referrers", None, False), ("referrers", None, True)]
NAMES = ["-".join(filter(None, (kind, access, "tls" if tls else "plain"))) for kind, access, tls in OFFERED]

said = set()


def pytest_terminal_summary(terminalreporter):
    for reason in sorted(said):
        terminalreporter.write_sep("!", "NOT RUN: " + reason)


def have(kind):
    reason = registries.missing(kind)
    if reason:
        said.add(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def need():
    """Skip what needs a kind of registry that cannot be had."""
    return have


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The images, by form."""
    return images.make(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="session")
def stocked(made, tmp_path_factory):
    """Give a registry that holds all images, and their references; one of each sort for all tests, which do not change
    what is below `images/`."""
    started, running = [], {}

    def give(kind, access=None, tls=False):
        have(kind)
        if (kind, access, tls) not in running:
            registry = registries.start(kind, tmp_path_factory.mktemp(kind), access, tls)
            started.append(registry)
            running[kind, access, tls] = registry, images.stock(registry, made)
        return running[kind, access, tls]

    yield give
    for registry in started:
        registry.close()


@pytest.fixture(params=OFFERED, ids=NAMES)
def each(request, stocked):
    """Every sort of registry in turn."""
    return stocked(*request.param)


@pytest.fixture(scope="session")
def single(made):
    return made["single"]


@pytest.fixture(scope="session")
def pair(tmp_path_factory):
    """Paths for hostile registries: the authority to trust; a certificate and its key."""
    authority = registries.Authority(tmp_path_factory.mktemp("hostile"), "ca")
    addresses = ",".join("IP:" + one for one in {"127.0.0.1", "127.0.0.2", hostile.outside() or "127.0.0.1"})
    return authority.certificate, *authority.sign("registry", usage=f"serverAuth\nsubjectAltName={addresses}")


@pytest.fixture
def new_server(tmp_path):
    servers = []

    def new_server(*hosts, mode="enforce", limits=None, policy=serving.POLICY, **said):
        """One that knows these registries, by their addresses."""
        folder = tmp_path / f"server-{len(servers)}"
        folder.mkdir()
        hosts = [{"host": host, "plain": True, "insideNetwork": True} if isinstance(host, str) else host for host in hosts]
        server = Server(folder, registries={"hosts": hosts, **said}, **({"limits": limits} if limits else {}))
        server.write_policy(policy.format(mode=mode))
        servers.append(server)
        return server.start()

    yield new_server
    for server in servers:
        if server.process.poll() is None:
            server.stop()
        assert "Sanitizer" not in server.log() and "runtime error" not in server.log(), server.log()


@pytest.fixture
def registry(made):
    with hostile.Hostile(made["index"]) as registry:
        yield registry
