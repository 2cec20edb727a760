"""Hosts that a registry sends us to and that may be asked, since they are neither loopback nor metadata: they get no password
and no token, whatever they answer."""
import contextlib

import pytest

import asking
import behaviours as b
import registries
from hostile import NAME, TAG, TOKEN, Hostile, outside

ADDRESS = outside()
pytestmark = pytest.mark.skipif(ADDRESS is None, reason="this machine has no address but loopback")

SECRETS = (registries.PASSWORD, TOKEN)


class Pair:
    """A registry, and a stranger beside it."""

    def __init__(self, stack, image, pair, folder, access, tls, host="127.0.0.1", plain_stranger=False):
        certificate = pair[1:] if tls else None
        self.registry = stack.enter_context(Hostile(image, access, certificate, host, hides_digest=True))
        self.stranger = stack.enter_context(Hostile(image, None, None if plain_stranger else certificate, ADDRESS))
        self.registry.elsewhere = self.stranger
        self.config = self.registry.docker_config(folder)
        self.trust = ["--ca", pair[0]] if tls else ["--plain-http", self.registry.address]
        self.trust += ["--plain-http", self.stranger.address] if self.stranger.url.startswith("http:") else []

    def resolve(self):
        outcome = asking.resolve(f"{self.registry.address}/{NAME}:{TAG}", *self.trust, "--docker-config", self.config)
        assert not any(secret in self.stranger.heard for secret in SECRETS), self.stranger.requests
        assert not any("authorization" in request.headers for request in self.stranger.requests)
        return outcome


@pytest.fixture(params=["plain", "tls"])
def meet(request, single, pair, tmp_path):
    with contextlib.ExitStack() as stack:
        yield lambda access, **options: Pair(stack, single, pair, tmp_path, access, request.param == "tls", **options)


@pytest.mark.parametrize("host", ["127.0.0.1", ADDRESS], ids=["another host", "another port"])
@pytest.mark.parametrize("access", ["basic", "bearer"])
def test_a_redirect_is_followed_without_them(meet, single, access, host):
    both = meet(access, host=host)
    both.registry.replace("manifest", b.redirect(b.elsewhere))
    assert both.resolve().digest == single.digest
    assert both.stranger.steps() == ["manifest"]


@pytest.mark.parametrize("access", ["basic", "bearer"])
@pytest.mark.parametrize("asks", ["basic", "bearer"])
def test_a_stranger_that_asks_who_we_are_is_not_told(meet, access, asks):
    both = meet(access)
    both.stranger.access = asks
    both.registry.replace("manifest", b.redirect(b.elsewhere))
    outcome = both.resolve()
    assert outcome.digest is None and "asks who we are; it is not told" in outcome.error
    assert both.stranger.steps() == ["challenge"]


@pytest.mark.parametrize("step", ["manifest", "challenge"])
def test_no_way_from_https_to_http(single, pair, tmp_path, step):
    """Not even to a host that may be asked over plain HTTP."""
    with contextlib.ExitStack() as stack:
        both = Pair(stack, single, pair, tmp_path, "bearer", True, plain_stranger=True)
        both.registry.replace(step, b.redirect(b.elsewhere))
        outcome = both.resolve()
        assert outcome.digest is None and "redirects from https to http" in outcome.error
        assert both.stranger.requests == []


def test_there_and_back(meet):
    """What a stranger sends back to the registry goes without them too."""
    both = meet("bearer")
    both.registry.replace("manifest", b.redirect(b.elsewhere))
    both.stranger.replace("manifest", b.redirect(lambda exchange: both.registry.url + exchange.request.path + "?back"))
    assert both.resolve().digest is None
    assert [request.step for request in both.registry.requests if request.path.endswith("?back")] == ["challenge"]


def test_a_stranger_s_realm_is_asked_without_the_password(meet, request):
    both = meet("bearer")
    both.registry.replace("challenge", b.challenge(b.bearer(b.token_elsewhere)))
    both.resolve()
    assert set(both.stranger.steps()) <= {"token"}
    if "tls" in request.node.name:
        assert both.stranger.steps() == ["token"] and "authorization" not in both.stranger.requests[0].headers


def test_what_a_stranger_s_realm_refuses_is_told(meet, request):
    both = meet("bearer")
    both.registry.replace("challenge", b.challenge(b.bearer(b.token_elsewhere)))
    both.stranger.replace("token", b.instead(401))
    outcome = both.resolve()
    assert outcome.digest is None
    if "tls" in request.node.name:
        assert f"its credentials were not sent to the token server {both.stranger.url}/token, which is another host" in outcome.error


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_token_server_s_redirect_is_not_followed(meet, status):
    both = meet("bearer")
    both.registry.replace("token", b.redirect(b.elsewhere, status))
    assert both.resolve().digest is None and both.stranger.requests == []


def test_credentials_of_another_registry_are_not_for_this_one(meet, tmp_path):
    for access in ("basic", "bearer"):
        both = meet(access)
        for name in (both.stranger.address, "127.0.0.1", "127.0.0.1:1", "registry.example.com", "https://index.docker.io/v1/"):
            both.config = both.registry.docker_config(tmp_path, name)
            both.resolve()
            assert registries.PASSWORD not in both.registry.heard, name
