"""Policies that are custom resources, of an API server that is away, slow, busy or wrong (scripted_api.py): never a
decision without policies, never an old policy without a sign of it."""
import json

import pytest

from pratique_server import ALLOWED, DENIED, allowed, review, wait_until
from scripted_api import ScriptedApi
from scripted_store import GROUP, PRATIQUE

WATCHED = [one.plural for one in PRATIQUE]
WATCHES = [*WATCHED[1:], WATCHED[0]]  # as they are told of
OTHER = "other.example.com/app:1.0"


@pytest.fixture
def api(tmp_path):
    folder = tmp_path / "api"
    folder.mkdir()
    api = ScriptedApi(folder)
    api.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"tier": "gold"}}})
    yield api
    api.stop()


def policy(*registries, name="base", **spec):
    return {"apiVersion": GROUP, "kind": "ClusterImagePolicy", "metadata": {"name": name},
            "spec": {"rules": [{"name": "trusted", "allow": list(registries)}], **spec}}


BASE = policy("registry.example.com")


@pytest.fixture
def launch(new_server, api):
    """A server of this API server's policies; it listens, and need not be ready."""
    def launch(files=(), **settings):
        server = new_server(kubernetes={"kubeconfig": str(api.kubeconfig()), "policies": True, "namespaces": True},
                            **settings)
        if not files:
            del server.configuration["policies"]
        server.launch()
        started = wait_until(lambda: server.event("started") or server.process.poll() is not None, "started")
        assert isinstance(started, dict), server.log()
        server.port, server.plain_port = started["port"], started["plainPort"]
        return server
    return launch


@pytest.fixture
def server(launch, api):
    """One that has BASE in use, and watches."""
    api.put(BASE)
    server = launch()
    wait_until(lambda: ready(server), "ready")
    api.wait_watched()
    return server


def ready(server):
    return server.get_plain("/readyz").status == 200


def check(server, name="cluster"):
    return server.ready_checks()[name]


def fresh(server):
    return all(one.get("fresh", True) for one in server.ready_checks().values())


def verdict(server, image):
    answer = server.post(review(image))
    return allowed(answer.body) if answer.status == 200 else answer.status


def decides(server, image, wanted):
    wait_until(lambda: verdict(server, image) is wanted, f"{image} {'admitted' if wanted else 'denied'}")


def watch_up(server, plural="clusterimagepolicies"):
    return server.metric(f'pratique_watch_up{{resource="{plural}"}}')


def decides_nothing(server, words):
    """It listens, is not ready and says why, and gives no verdict."""
    wait_until(lambda: words in check(server).get("detail", ""), words)
    assert not ready(server)
    for image in (ALLOWED, DENIED):
        answer = server.post(review(image))
        assert answer.status == 429, answer.body
        assert json.loads(answer.body)["message"] == "pratique: the policies of the cluster are not known yet; ask again"
    assert not server.audit()


# -- at start --

@pytest.mark.parametrize("files", [(), ("policies",)])
def test_nothing_is_decided_while_the_api_server_cannot_be_reached(launch, api, files):
    """Neither by the files alone: what the cluster says may be stricter."""
    api.put(BASE)
    api.refuse()
    server = launch(files)
    wait_until(lambda: "onnect" in check(server)["detail"], "the reason")
    decides_nothing(server, ", ".join(WATCHES) + " are not known yet: not heard of since 20")
    assert [watch_up(server, plural) for plural in WATCHED] == [0] * 4
    assert server.events("the cluster cannot be watched; what was known stays in use, and may be old")
    api.listen()
    wait_until(lambda: ready(server) and fresh(server), "ready")
    assert verdict(server, ALLOWED) is True and verdict(server, DENIED) is False
    assert [watch_up(server, plural) for plural in WATCHED] == [1] * 4


@pytest.mark.parametrize("plural", WATCHED[1:])
def test_nothing_is_decided_until_all_kinds_are_known(launch, api, plural):
    """An exception or a stricter policy may be what is missing."""
    api.put(BASE)
    api.next("list", status=500, path="/" + plural, times=1000)
    server = launch()
    wait_until(lambda: check(server)["detail"].startswith(f"{plural} are not known yet: not heard of since "), "what is missing")
    decides_nothing(server, f"{plural} are not known yet: ")
    with api.changed:
        api.faults.clear()
    wait_until(lambda: ready(server), "ready")
    assert verdict(server, ALLOWED) is True and verdict(server, DENIED) is False


def test_labels_that_are_not_known_yet(launch, api):
    """What does not depend on them may be decided; it is not ready, and where they matter they count as any."""
    api.put(BASE)
    api.put(policy("other.example.com", name="gold",
                   match={"namespaceSelector": {"matchLabels": {"tier": "silver"}}}))
    api.next("list", status=500, path="/namespaces", times=1000)
    server = launch()
    wait_until(lambda: verdict(server, DENIED) is False, "a decision")
    assert verdict(server, ALLOWED) is False and not ready(server)
    assert check(server)["detail"].startswith("namespaces are not known yet")
    with api.changed:
        api.faults.clear()
    wait_until(lambda: ready(server), "ready")
    assert verdict(server, ALLOWED) is True


def test_a_policy_with_something_deep_in_it_hides_no_other(launch, api):
    """It is broken; it must not be why the others are not known."""
    deep = BASE
    for _ in range(300):
        deep = {"a": deep}
    api.put({"apiVersion": GROUP, "kind": "ImagePolicy", "metadata": {"name": "deep", "namespace": "bank"},
             "spec": {"rules": [{"name": "all", "allow": ["**"]}], "unknown": deep}})
    api.put(BASE)
    server = launch()
    wait_until(lambda: ready(server), "ready")
    assert verdict(server, ALLOWED) is True and verdict(server, DENIED) is False


def test_half_a_list_is_no_policies(launch, api):
    """What comes with the second page forbids what the first allows."""
    for i in range(500):
        api.put(policy("**", name=f"a-{i:03}"))
    api.put(policy("registry.example.com", name="z"))
    api.hold("list")
    api.next("list", status=500, times=3, when=lambda request: "continue" in request.query)
    server = launch()
    api.release()
    wait_until(lambda: len([one for one in api.asked("list") if "continue" in one.query]) == 2, "two tries")
    decides_nothing(server, "clusterimagepolicies are not known yet")
    wait_until(lambda: ready(server), "ready")
    assert verdict(server, DENIED) is False and verdict(server, ALLOWED) is True


def test_no_right_to_list(launch, api):
    api.next("list", status=403, times=1000, path="imagepolicyexceptions",
             body={"kind": "Status", "reason": "Forbidden", "message": "not you"})
    server = launch()
    wait_until(lambda: "403 Forbidden: not you" in check(server)["detail"], "the reason")
    decides_nothing(server, "imagepolicyexceptions are not known yet")


def test_definitions_that_are_not_installed(launch, api):
    api.put(BASE)
    api.next("list", status=404, times=6, path=GROUP)
    server = launch()
    wait_until(lambda: "there is no such resource" in check(server)["detail"], "the reason")
    wait_until(lambda: ready(server), "ready")
    assert verdict(server, DENIED) is False


def test_a_busy_api_server_at_start(launch, api):
    api.put(BASE)
    api.next("any", status=429, retry_after=1, times=8)
    server = launch()
    wait_until(lambda: ready(server), "ready")
    assert verdict(server, ALLOWED) is True and verdict(server, DENIED) is False


def test_slow_bytes(launch, api):
    api.put(BASE)
    api.trickle = 0.0005
    server = launch()
    wait_until(lambda: ready(server), "ready")
    assert verdict(server, ALLOWED) is True and verdict(server, DENIED) is False


# -- later --

def test_an_api_server_that_goes_away(server, api):
    """What was known is used on, and it is said that it may be old."""
    api.refuse()
    wait_until(lambda: not fresh(server), "a sign of it")
    for plural in WATCHED:
        wait_until(lambda: watch_up(server, plural) == 0, plural)
    assert ready(server)
    detail = check(server)["detail"]
    assert detail.startswith(", ".join(WATCHES) + ": not heard of since 20") and "127.0.0.1" in detail
    assert verdict(server, ALLOWED) is True and verdict(server, DENIED) is False
    api.put(policy("other.example.com"))
    api.listen()
    decides(server, OTHER, True)
    decides(server, ALLOWED, False)
    wait_until(lambda: fresh(server), "all well")
    assert [watch_up(server, plural) for plural in WATCHED] == [1] * 4
    assert {one["resource"] for one in server.events("the cluster is watched again")} == set(WATCHED)


def test_an_api_server_that_comes_back_without_its_past(server, api):
    """A policy that was deleted meanwhile is gone, though nobody told: the versions have expired."""
    api.put(policy("registry.example.com", "other.example.com", name="wide"))
    api.put(policy("other.example.com", name="narrow"))
    decides(server, ALLOWED, False)
    api.refuse()
    wait_until(lambda: not fresh(server), "a sign of it")
    api.drop("ClusterImagePolicy", "narrow")
    api.compact()
    api.listen()
    decides(server, ALLOWED, True)
    wait_until(lambda: fresh(server), "all well")
    assert server.metric('pratique_watch_relists_total{resource="clusterimagepolicies",reason="expired"}') == 1
    [event] = [one for one in server.events("a resource of the cluster is listed again")
               if one["resource"] == "clusterimagepolicies"]
    assert event["reason"] == "expired"


@pytest.mark.parametrize("how", ["clean", "reset", "half", "garbage"])
def test_a_watch_that_breaks(server, api, how):
    """What changed meanwhile is not missed."""
    api.hold("watch", "list")
    if how == "garbage":
        api.say(b"<html>sign in</html>\n")
        wait_until(lambda: len(api.asked("list")) == 2 * len(WATCHED), "lists")
    else:
        api.end_watches(how)
    api.put(policy("other.example.com"))
    assert verdict(server, ALLOWED) is True
    api.release()
    decides(server, OTHER, True)
    decides(server, ALLOWED, False)
    wait_until(lambda: fresh(server), "all well")
    distrusted = server.metric('pratique_watch_relists_total{resource="clusterimagepolicies",reason="distrusted"}')
    assert distrusted == (how in ("half", "garbage"))


def test_what_was_in_use_stays_while_it_is_listed_again(server, api):
    """The policies of a first page are not all policies, and those behind it are not gone."""
    for i in range(500):
        api.put(policy("registry.example.com", name=f"a-{i:03}"))
    api.put(policy("registry.example.com", "other.example.com", name="z"))
    wait_until(lambda: server.events("policies loaded")[-1]["policies"] == 502, "502 policies")
    api.next("list", status=429, retry_after=2, times=2, when=lambda request: "continue" in request.query)
    api.say(b"garbage\n", "ClusterImagePolicy")
    wait_until(lambda: [one for one in api.asked("list") if "continue" in one.query], "the second page")
    loads = len(server.events("policies loaded"))
    assert verdict(server, ALLOWED) is True and verdict(server, DENIED) is False
    api.wait_watched()
    assert all(one["policies"] == 502 for one in server.events("policies loaded")[loads - 1:])
    api.drop("ClusterImagePolicy", "base")
    wait_until(lambda: server.events("policies loaded")[-1]["policies"] == 501, "501 policies")


def test_a_busy_api_server_later(server, api):
    api.next("watch", status=429, retry_after=1, times=8)
    api.end_watches("clean")
    api.put(policy("other.example.com"))
    decides(server, OTHER, True)
    wait_until(lambda: fresh(server), "all well")


def test_an_api_server_that_hangs(server, api):
    """Requests that are not answered end by themselves; the server ends while they hang."""
    api.hold("any")
    api.end_watches("reset")
    wait_until(lambda: not fresh(server), "a sign of it")
    assert verdict(server, ALLOWED) is True and verdict(server, DENIED) is False


def test_labels_of_namespaces_that_changed_meanwhile(server, api):
    """Of a namespace that nobody has heard of for a while, what was known counts; then what it is."""
    api.put(policy("other.example.com", name="gold",
                   match={"namespaceSelector": {"matchLabels": {"tier": "gold"}}}))
    decides(server, ALLOWED, False)
    api.refuse()
    wait_until(lambda: watch_up(server, "namespaces") == 0, "a sign of it")
    assert "namespaces: not heard of since" in check(server)["detail"]
    assert verdict(server, ALLOWED) is False
    api.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {}}})
    api.listen()
    decides(server, ALLOWED, True)
