"""Events of a server whose API server does what a real one does not when it is asked to: never in the way of a review.
What a real one does is tested in tests/e2e."""
import json
import threading

import pytest

from fake_kube import FakeKube
from pratique_server import ALLOWED, DENIED, Load, allowed, review, wait_until

LOSING = "denials are not told by Events; reviews go on"
REASONS = "queue rate forbidden gone conflict invalid unreachable stop".split()


class EventApi(FakeKube):
    """Keeps Events, and answers as `script` says where it is not None: a status."""

    def __init__(self, folder):
        super().__init__(folder)
        self.script, self.calls = (lambda call: None), []
        self.gate = threading.Event()
        self.gate.set()
        self.fault = self.take

    def take(self, handler):
        self.calls.append((handler.command, handler.path, handler.headers["Content-Type"], handler.body))
        self.gate.wait()
        code = self.script(len(self.calls) - 1)
        if code is None:
            code = 201 if handler.command == "POST" else 200
        return code, json.dumps({"kind": "Status", "reason": "Because", "message": "\u001b[31mbecause"}).encode()


@pytest.fixture
def api(tmp_path):
    api = EventApi(tmp_path)
    yield api
    api.gate.set()
    api.stop()


@pytest.fixture
def eventful(new_server, api):
    def make(**events):
        return new_server(kubernetes={"kubeconfig": str(api.kubeconfig()), "events": events})
    return make


def written(server, what):
    return server.metric(f'pratique_events_written_total{{what="{what}"}}')


def lost(server):
    values = {reason: server.metric(f'pratique_events_lost_total{{reason="{reason}"}}') for reason in REASONS}
    return {reason: value for reason, value in values.items() if value}


def deny(server, n=1, **request):
    for _ in range(n):
        assert allowed(server.post(review(DENIED, **request)).body) is False


def test_what_is_written(eventful, api):
    server = eventful().start()
    deny(server, dryRun=True)
    assert allowed(server.post(review(ALLOWED)).body)
    server.post(review(DENIED), "/mutate")
    deny(server)
    wait_until(lambda: written(server, "new") == 1, "an Event")
    deny(server, 4)
    server.stop()
    (post, where, kind, event), (patch, there, how, series) = api.calls
    assert (post, where, kind) == ("POST", "/apis/events.k8s.io/v1/namespaces/shop/events", "application/json")
    assert event["note"].startswith('spec.containers[0].image "evil.example.net/miner:1.0": policy baseline, rule ')
    assert event["note"].endswith(" (Pod web)") and event["regarding"]["kind"] == "Namespace"
    assert (patch, there, how) == ("PATCH", f"{where}/{event['metadata']['name']}", "application/merge-patch+json")
    assert list(series) == ["series"] and series["series"]["count"] == 5
    assert not server.events(LOSING)


def test_under_load(eventful, api):
    """Thousands of denials of one Pod are two calls, or a few."""
    server = eventful(queue=65536).start()
    load = Load(server, server.context())
    wait_until(lambda: len(load.verdicts) > 500, "load")
    n = len(load.end())
    server.stop()
    assert [call[0] for call in api.calls].count("POST") == 1 and len(api.calls) <= 8
    assert api.calls[-1][3]["series"]["count"] == n


@pytest.mark.parametrize("code", [429, 500, 503])
def test_tried_again(eventful, api, code):
    api.script = lambda call: code if call == 0 else None
    server = eventful().start()
    deny(server)
    wait_until(lambda: written(server, "new") == 1, "an Event")
    server.stop()
    assert len(api.calls) == 2 and not server.events(LOSING)


@pytest.mark.parametrize("code, reason", [(403, "forbidden"), (404, "gone"), (409, "conflict"), (422, "invalid")])
def test_not_taken(eventful, api, code, reason):
    api.script = lambda call: code
    server = eventful().start()
    deny(server)
    wait_until(lambda: lost(server) == {reason: 1}, "what is lost")
    deny(server)
    wait_until(lambda: lost(server) == {reason: 2}, "what is lost")
    [event] = server.events(LOSING)
    assert (event["level"], event["reason"]) == ("error", reason)
    assert "\u001b" not in event["error"]
    server.stop()


def test_an_api_server_that_hangs(eventful, api):
    """Reviews are answered meanwhile, what the queue cannot hold is lost, and the end is not waited for."""
    api.gate.clear()
    server = eventful(queue=10).start()
    server.configuration["drain"]["timeout"] = "1s"
    deny(server)
    wait_until(lambda: api.calls, "the first call")
    deny(server, 30)
    assert lost(server).get("queue", 0) >= 30 - 10
    server.stop()
    reasons = [event["reason"] for event in server.events(LOSING)]
    assert "stop" in reasons or "unreachable" in reasons
    assert len(reasons) == len(set(reasons))


def test_no_api_server(eventful, api):
    server = eventful()
    api.stop()
    server.start()
    deny(server, 3)
    server.stop()
    [event] = server.events(LOSING)
    assert event["reason"] == "unreachable"


def test_another_namespace_by_its_name(eventful, api):
    """A namespace that would lead elsewhere in a path is none."""
    server = eventful().start()
    for name in ("../../secrets", "shop/pods/x?", "Shop", "%2e%2e"):
        deny(server, namespace=name)
    deny(server, namespace="")
    wait_until(lambda: lost(server) == {"invalid": 4}, "what is lost")
    server.stop()
    assert api.calls == []


def test_without_a_cluster_it_does_not_start(new_server):
    server = new_server(kubernetes={"events": {}}).launch()
    assert server.wait() != 0
    assert "kubernetes.events: " in server.log()


@pytest.mark.parametrize("events, message", [
    ({"queue": 0}, "from 1 to 65536"), ({"queue": 65537}, "from 1 to 65536"), ({"warning": True}, "unknown field"),
    (None, "must be an object")])
def test_refused_configurations(new_server, events, message):
    server = new_server(kubernetes={"events": events}).launch()
    assert server.wait() == 2
    assert message in server.log()
