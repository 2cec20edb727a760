"""kube/watch.h against an API server that misbehaves (scripted_api.py), through the program watcher.c. What a real one
does is in tests/e2e/test_watch.py."""
import pytest

from pratique_server import wait_until
from scripted_api import ScriptedApi
from scripted_store import GROUP
from watcher import Watcher

PATH = "/apis/pratique.dev/v1alpha1/clusterimagepolicies"
KIND = "ClusterImagePolicy"


@pytest.fixture
def api(tmp_path):
    folder = tmp_path / "api"
    folder.mkdir()
    api = ScriptedApi(folder)
    yield api
    api.stop()


@pytest.fixture
def watch(api, tmp_path):
    """Start a watch; it must end well, and soon."""
    started = []

    def watch(path=PATH, *more):
        started.append(Watcher(api.kubeconfig(), path, *more, errors=tmp_path / f"watcher-{len(started)}.log"))
        return started[-1]

    yield watch
    for watcher in started:
        watcher.stop()


def policy(name, **spec):
    return {"apiVersion": GROUP, "kind": KIND, "metadata": {"name": name}, "spec": spec}


def namespace(name, **labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}, "spec": {}}


def begun(api, watch, *names):
    """A watch of these policies that is open."""
    for name in names:
        api.put(policy(name))
    watcher = watch()
    api.wait_watched(KIND)
    return watcher


# -- what is there, and what becomes of it --

def test_a_list_and_what_comes_after(api, watch):
    watcher = begun(api, watch, "a", "b")
    watcher.wait_holds(a="101", b="102")
    api.put(policy("a", more=1))
    api.put(policy("c"))
    api.drop(KIND, "b")
    watcher.wait_holds(a="103", c="104")
    state = watcher.state()
    assert (state["synced"], state["lost"], state["lists"], state["failures"]) == (True, 0, 1, 0)
    assert not watcher.said("failing", "recovered", "relisted")
    watched = api.asked("watch")[0]
    assert watched.query["allowWatchBookmarks"] == "true" and watched.query["resourceVersion"] == "102"
    assert 300 <= int(watched.query["timeoutSeconds"]) <= 600
    assert "resourceVersion" not in api.asked("list")[0].query  # the newest there is, not a cache's


def test_pages(api, watch):
    for i in range(1234):
        api.put(policy(f"p-{i}"))
    watcher = watch()
    watcher.wait_said("synced")
    assert len(watcher.objects) == 1234
    assert [one.query.get("limit") for one in api.asked("list")] == ["500"] * 3


def test_changes_while_pages_are_asked_for_are_seen(api, watch):
    for i in range(600):
        api.put(policy(f"p-{i:03}"))
    api.next("list", status=429, retry_after=1, when=lambda request: "continue" in request.query)
    watcher = watch()
    wait_until(lambda: len(api.asked("list")) == 2, "the second page")
    api.put(policy("p-000", new=1))
    api.drop(KIND, "p-001")
    api.put(policy("p-1000"))
    wait_until(lambda: ("", "p-1000") in watcher.objects, "the new one")
    assert ("", "p-001") not in watcher.objects
    assert watcher.objects["", "p-000"]["version"] == api.get(KIND, "p-000")["metadata"]["resourceVersion"]


def test_metadata_alone(api, watch):
    api.put(namespace("shop"))
    watcher = watch("/api/v1/namespaces", "metadata")
    api.wait_watched("Namespace")
    api.put(namespace("bank", tier="gold"))
    watcher.wait_holds(shop="101", bank="102")
    assert [(put["kind"], put["spec"]) for put in watcher.said("put")] == [("PartialObjectMetadata", False)] * 2


def test_objects_of_typed_lists_say_what_they_are(api, watch):
    api.put(namespace("shop"))
    watcher = watch("/api/v1/namespaces")
    watcher.wait_holds(shop="101")
    assert [(put["kind"], put["spec"]) for put in watcher.said("put")] == [("Namespace", True)]


def test_versions_of_bookmarks_are_gone_on_from(api, watch):
    watcher = begun(api, watch, "a")
    api.bookmark("4711")
    api.end_watches("clean")
    wait_until(lambda: len(api.asked("watch")) == 2, "another watch")
    assert api.asked("watch")[1].query["resourceVersion"] == "4711"
    assert not watcher.said("failing", "relisted")


# -- watches that end --

@pytest.mark.parametrize("how", ["clean", "reset"])
def test_a_watch_that_ends_goes_on(api, watch, how):
    watcher = begun(api, watch, "a")
    api.hold("watch")
    api.end_watches(how)
    api.put(policy("b"))
    api.drop(KIND, "a")
    api.release()
    watcher.wait_holds(b="102")
    assert len(api.asked("list")) == 1 and not watcher.said("relisted")


def test_a_broken_watch_is_a_failure_until_the_next_one(api, watch):
    watcher = begun(api, watch, "a")
    api.hold("watch")
    api.end_watches("reset")
    assert watcher.wait_said("failing")["error"].startswith(f"GET {PATH}: 127.0.0.1:")
    assert watcher.state()["lost"] > 0
    api.release()
    watcher.wait_said("recovered")
    assert watcher.state()["lost"] == 0


DISTRUST = {
    "half an object": (b'{"type":"ADDED","object":{"kind":', "the stream ended in the middle of an event"),
    "no JSON": (b"<html>\n", "an event that is no JSON"),
    "an unknown type": (b'{"type":"RENAMED","object":{}}\n', 'an event of unknown type "RENAMED"'),
    "no object": (b'{"type":"ADDED"}\n', "an event without an object"),
    "another kind": (b'{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1"}}\n',
                     f"an object that is no {KIND} of {GROUP}"),
    "no name": (b'{"type":"DELETED","object":{"kind":"%s","apiVersion":"%s"}}\n' % (KIND.encode(), GROUP.encode()),
                "an object without a name that can be one"),
    "an event without end": (b'{"type":"ADDED","object":{"x":"' + b"x" * (11 << 20), "an event larger than 10486784 bytes"),
    "an error of ours": (b'{"type":"ERROR","object":{"code":400,"reason":"BadRequest"}}\n',
                         "the watch was ended: 400 BadRequest"),
}


@pytest.mark.parametrize("what", DISTRUST)
def test_a_watch_that_is_not_believed(api, watch, what):
    """It is listed again; what was had before stays until then, and what is gone goes."""
    data, said = DISTRUST[what]
    watcher = begun(api, watch, "a", "b")
    api.hold("list")
    api.say(data)
    if not data.endswith(b"\n"):
        api.end_watches("clean")
    relisted = watcher.wait_said("relisted")
    assert (relisted["reason"], relisted["error"]) == ("distrusted", f"GET {PATH}: {said}")
    api.drop(KIND, "a")
    assert watcher.holds(a="101", b="102")
    api.release()
    watcher.wait_holds(b="102")
    assert watcher.state()["relists"] == 1
    api.wait_watched(KIND)


@pytest.mark.parametrize("expired_as", ["event", "status"])
def test_a_version_that_has_expired(api, watch, expired_as):
    watcher = begun(api, watch, "a", "b")
    api.expired_as = expired_as
    api.hold("watch")
    api.end_watches("clean")
    api.drop(KIND, "a")
    api.compact()
    api.release()
    watcher.wait_holds(b="102")
    assert watcher.wait_said("relisted")["reason"] == "expired"
    api.wait_watched(KIND)
    assert len(api.asked("list")) == 2


def test_an_api_server_that_always_says_gone_is_not_asked_without_end(api, watch):
    """List, 410, list, 410: with pauses that grow."""
    api.next("watch", status=410, times=3)
    watcher = watch()
    watcher.wait_said("relisted", n=3)
    api.wait_watched(KIND)
    at = [one.at for one in api.asked("watch")]
    pauses = [after - before for before, after in zip(at, at[1:])]
    assert all(pause >= least for pause, least in zip(pauses, (0.4, 0.8, 1.6)))


# -- lists that go wrong --

def test_the_rest_of_a_list_expires(api, watch):
    for i in range(600):
        api.put(policy(f"p-{i:03}"))
    api.next("list", status=410, when=lambda request: "continue" in request.query)
    watcher = watch()
    watcher.wait_said("synced")
    assert len(watcher.objects) == 600 and len(watcher.said("relist")) == 2
    assert ["continue" in one.query for one in api.asked("list")] == [False, True, False, True]


def test_pages_that_are_too_large(api, watch):
    for i in range(30):
        api.put(policy(f"p-{i}", more="x" * 200_000))
    watcher = watch()
    watcher.wait_said("synced")
    assert len(watcher.objects) == 30
    assert [one.query["limit"] for one in api.asked("list")][:6] == ["500", "250", "125", "62", "31", "15"]


def test_one_object_that_is_too_large(api, watch):
    api.put(policy("p", more="x" * (10 << 20)))
    watcher = watch()
    failing = watcher.wait_said("failing")
    assert failing["error"].endswith("the answer is larger than 10485760 bytes")
    api.put(policy("p"))
    watcher.wait_holds(p="102")
    watcher.wait_said("recovered")


def test_a_list_that_is_html(api, watch):
    api.next("list", status=200, body="<html>Sign in</html>")
    api.put(policy("a"))
    watcher = watch()
    assert watcher.wait_said("failing")["error"] == f"GET {PATH}: the answer is no JSON"
    watcher.wait_holds(a="101")


def test_a_resource_that_is_not_there_yet(api, watch):
    api.next("list", status=404, times=2)
    api.put(policy("a"))
    watcher = watch()
    assert watcher.wait_said("failing")["error"] == f"GET {PATH}: there is no such resource"
    watcher.wait_holds(a="101")
    watcher.wait_said("recovered")
    assert len(watcher.said("failing")) == 1


# -- an API server that is away, or asks for patience --

def test_nobody_listens_at_start(api, watch):
    api.put(policy("a"))
    api.refuse()
    watcher = watch()
    assert "onnect" in watcher.wait_said("failing")["error"]
    state = watcher.state()
    assert not state["synced"] and state["lost"] > 0
    wait_until(lambda: watcher.state()["failures"] > 2, "more tries")
    api.listen()
    watcher.wait_holds(a="101")
    watcher.wait_said("recovered")
    assert len(watcher.said("failing")) == 1


def test_nobody_listens_for_a_while(api, watch):
    """What was known stays, and is gone on from: nothing is listed again."""
    watcher = begun(api, watch, "a", "b")
    api.refuse()
    watcher.wait_said("failing")
    api.put(policy("a", more=1))
    api.drop(KIND, "b")
    assert watcher.holds(a="101", b="102")
    api.listen()
    watcher.wait_holds(a="103")
    watcher.wait_said("recovered")
    state = watcher.state()
    assert state["lists"] == 1 and state["relists"] == 0 and state["lost"] == 0


def test_errors_of_the_api_server(api, watch):
    api.next("watch", status=500, times=2)
    api.put(policy("a"))
    watcher = watch()
    assert watcher.wait_said("failing")["error"] == f"GET {PATH}: 500 InternalError"
    watcher.wait_said("recovered")
    assert len(api.asked("list")) == 1


@pytest.mark.parametrize("verb", ["list", "watch"])
def test_being_asked_to_wait(api, watch, verb):
    api.next(verb, status=429, retry_after=3)
    api.put(policy("a"))
    watcher = watch()
    watcher.wait_holds(a="101")
    api.wait_watched(KIND)
    first, second = api.asked(verb)
    assert second.at - first.at >= 3
    assert len(api.asked("list")) == (2 if verb == "list" else 1)


def test_an_api_server_that_hangs(api, watch):
    """It takes connections and requests, and answers none; half a minute later that is told."""
    watcher = begun(api, watch, "a")
    api.hold("watch")
    api.end_watches("clean")
    assert watcher.wait_said("failing")["error"].endswith(": nothing came for too long")
    assert watcher.state()["lost"] > 0
    api.put(policy("b"))
    api.release()
    watcher.wait_holds(a="101", b="102")
    watcher.wait_said("recovered")
    assert len(api.asked("list")) == 1


def test_slow_bytes(api, watch):
    api.trickle = 0.001
    watcher = begun(api, watch, "a", "b")
    api.put(policy("c"))
    watcher.wait_holds(a="101", b="102", c="103")
    assert not watcher.said("failing", "relisted")


def test_a_token_that_is_renewed(api, watch):
    watcher = begun(api, watch, "a")
    api.token = "token-2"
    api.kubeconfig()
    api.end_watches("clean")
    api.put(policy("b"))
    watcher.wait_holds(a="101", b="102")
    assert not watcher.said("failing")


def test_someone_without_the_right_to(api, watch):
    api.next("list", status=403, body={"kind": "Status", "reason": "Forbidden", "message": "not you"})
    watcher = watch()
    assert watcher.wait_said("failing")["error"] == f"GET {PATH}: 403 Forbidden: not you"


# -- the end --

def ends_soon(watcher):
    """The bound is ten times what it should take: sanitizers and loaded machines are slow."""
    assert watcher.stop() < 20


def test_it_ends_while_nothing_comes(api, watch):
    ends_soon(begun(api, watch, "a"))


def test_it_ends_while_a_list_is_awaited(api, watch):
    api.hold("list")
    watcher = watch()
    wait_until(lambda: api.asked("list"), "the list")
    ends_soon(watcher)
    assert not watcher.said("failing")


def test_it_ends_while_it_waits(api, watch):
    api.next("list", status=429, retry_after=60, times=100)
    watcher = watch()
    wait_until(lambda: api.asked("list"), "the list")
    ends_soon(watcher)


def test_it_ends_while_bytes_trickle(api, watch):
    api.put(policy("a", more="x" * 1000))
    api.trickle = 1
    watcher = watch()
    wait_until(lambda: api.asked("list"), "the list")
    ends_soon(watcher)
    api.trickle = 0
