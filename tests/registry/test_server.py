"""Reviews whose answer is a registry's to give, over HTTPS as an API server sends them: digests are written and judged,
failures deny and say why, and nobody else waits for a registry that is slow.

The registry is a scripted one, which the tests in test_hostile_resolve.py try; real ones are asked where they can be had."""
import base64
import concurrent.futures
import json
import re
import signal
import threading
import time

import pytest

import behaviours
import images
import registries
from hostile import NAME, TAG, Exchange, Hostile
from pratique_server import SECONDS, review, wait_until
from serving import ask, reference


def test_a_tag_becomes_its_digest(new_server, registry, made):
    server = new_server(registry.address)
    pinned = f"{reference(registry)}@{made['index'].digest}"
    response, patched = ask(server, reference(registry))
    assert response["allowed"] and patched == [pinned]
    response, patched = ask(server, pinned)
    assert response["allowed"] and patched == [], "doing it again changes nothing"
    assert ask(server, pinned, "/validate")[0]["allowed"]
    assert len(registry.requests) <= 2, "one question, and perhaps what it takes to be let in"
    response, _ = ask(server, reference(registry), "/validate")
    assert not response["allowed"] and "rule digest" in response["status"]["message"], "validating changes nothing, and so denies"
    assert [line["verdict"] for line in server.audit()] == ["allow", "allow", "allow", "deny"]


def test_the_digest_that_is_written_is_judged_wherever_the_tag_goes(new_server, registry, made):
    server = new_server(registry.address, tags="0s")
    _, (pinned,) = ask(server, reference(registry))
    registry.image = made["single"]
    before = len(registry.requests)
    assert ask(server, pinned, "/validate")[0]["allowed"]
    assert len(registry.requests) == before, "the tag is not asked for again"
    _, (moved,) = ask(server, reference(registry))
    assert moved.endswith(made["single"].digest) and moved != pinned


def test_what_a_tag_points_to_is_remembered_for_a_time(new_server, registry):
    server = new_server(registry.address)
    for _ in range(5):
        assert ask(server, reference(registry))[0]["allowed"]
    heads = [request for request in registry.requests if request.step == "head"]
    assert len(heads) == 1
    assert server.metric('pratique_registry_answers_total{source="memory"}') == 4
    assert server.metric('pratique_registry_answers_total{source="registry"}') == 1


@pytest.mark.parametrize("behaviour", ["closed", "stalled_body", "truncated", "not_http"])
def test_a_registry_that_fails_denies(new_server, registry, behaviour):
    server = new_server(registry.address)
    registry.hides_digest = True  # so that the manifest is asked for
    registry.replace("head", behaviours.closed if behaviour == "closed" else Exchange.honest)
    registry.replace("manifest", getattr(behaviours, behaviour))
    response, _ = ask(server, reference(registry), timeout=3)
    assert not response["allowed"], behaviour
    message = response["status"]["message"]
    assert "policy pinned, rule resolveDigest" in message and registry.address in message


def test_a_tag_that_is_not_there_denies_and_says_so(new_server, registry):
    server = new_server(registry.address)
    response, _ = ask(server, reference(registry, "missing"))
    assert not response["allowed"]
    assert re.search(r"missing.*(does not exist|not found|no such)", response["status"]["message"]), response["status"]["message"]


def test_mode_warn_admits_and_warns(new_server, registry):
    server = new_server(registry.address, mode="warn")
    registry.replace("head", behaviours.closed)
    registry.replace("manifest", behaviours.closed)
    response, patched = ask(server, reference(registry), timeout=3)
    assert response["allowed"] and patched == []
    assert any("resolveDigest" in warning for warning in response["warnings"])


def test_nobody_else_waits_for_a_slow_registry(new_server, registry):
    server = new_server(registry.address, limits={"threads": 1, "evidenceThreads": 2, "reviewsWaiting": 4})
    release = threading.Event()

    def held(exchange):
        while not release.is_set():
            exchange.pause(0.05)
        exchange.honest()

    registry.replace("head", held)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = [pool.submit(ask, server, reference(registry), timeout=30) for _ in range(2)]
        wait_until(lambda: any(request.step == "head" for request in registry.requests), "the question")
        assert ask(server, f"registry.example.com/app@sha256:{'a' * 64}", "/validate")[0]["allowed"]
        waiting += [pool.submit(ask, server, reference(registry), timeout=30) for _ in range(4)]
        wait_until(lambda: server.metric("pratique_reviews_waiting") == 4, "a full line")
        answer = server.post(review(reference(registry)), "/mutate?timeout=10s")
        assert answer.status == 429 and answer.headers["Retry-After"]
        release.set()
        assert all(one.result()[0]["allowed"] for one in waiting)
    assert len([request for request in registry.requests if request.step == "head"]) == 1, "equal questions are asked once"
    wait_until(lambda: server.metric("pratique_reviews_waiting") == 0, "an empty line")


def test_the_deadline_is_kept(new_server, registry):
    server = new_server(registry.address)
    registry.replace("head", behaviours.stalled)
    registry.replace("manifest", behaviours.stalled)
    started = time.monotonic()
    response, _ = ask(server, reference(registry), timeout=4)
    assert not response["allowed"], "an answer, so that failurePolicy Ignore does not admit"
    assert time.monotonic() - started < SECONDS / 2
    assert "time" in response["status"]["message"]


FACTS = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: facts}}
spec:
  mode: {mode}
  rules:
    - name: machines
      image: {{platforms: [linux/amd64, linux/arm64], maxLayers: 9}}
"""


def test_rules_about_the_image_read_it_once(new_server, registry, made):
    server = new_server(registry.address, policy=FACTS)
    for _ in range(3):
        assert ask(server, reference(registry), "/validate")[0]["allowed"]
    asked = [request.path for request in registry.requests]
    assert len(asked) == len(set(asked)) and any("/blobs/" in path for path in asked), asked
    assert server.metric('pratique_registry_remembered{what="images"}') == 1
    registry.image = made["single"]
    response, _ = ask(server, f"{registry.address}/{NAME}@{made['single'].digest}", "/validate")
    assert not response["allowed"] and "rule machines" in response["status"]["message"]


def test_many_images_are_asked_for_beside_each_other(new_server, made, registry):
    server = new_server(registry.address)
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
           "spec": {"containers": [{"name": f"c{i}", "image": reference(registry, TAG if i == 0 else f"t{i}")} for i in range(20)]}}
    response, patched = ask(server, "unused", object=pod)
    assert not response["allowed"] and patched == [], "nineteen are not there"
    asked = {request.path for request in registry.requests if request.step == "head"}
    assert len(asked) == 20, "each once"


def test_it_stops_while_reviews_wait(new_server, registry):
    server = new_server(registry.address)
    registry.replace("head", behaviours.stalled)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(server.post, review(reference(registry)), "/mutate?timeout=30s")
        wait_until(lambda: registry.requests, "the question")
        server.signal(signal.SIGTERM)
        time.sleep(0.2)
        server.signal(signal.SIGTERM)  # no draining
        assert server.wait() == 0
        try:
            answer = waiting.result()
            assert answer.status != 200 or not json.loads(answer.body)["response"]["allowed"]
        except OSError:
            pass  # the connection ended without an answer, which is no admission either


def test_credentials_that_come_later_are_used(new_server, made, tmp_path):
    with Hostile(made["single"], access="basic") as registry:
        config = tmp_path / "config.json"
        config.write_text('{"auths":{}}')
        server = new_server(registry.address, credentials=[str(config)], failures="0s")
        response, _ = ask(server, reference(registry))
        assert not response["allowed"]
        pair = base64.b64encode(f"{registries.USER}:{registries.PASSWORD}".encode()).decode()
        config.write_text(json.dumps({"auths": {registry.address: {"auth": pair}}}))
        wait_until(lambda: ask(server, reference(registry))[0]["allowed"], "the new credentials")
        config.write_text('{"auths":')
        wait_until(lambda: server.metric('pratique_reload_broken{what="registries"}') == 1, "the broken file to be noticed")
        assert ask(server, reference(registry))[0]["allowed"], "what was loaded before stays in use"
        assert registries.PASSWORD not in server.log()


def test_a_password_is_asked_for_once(new_server, made, tmp_path):
    with Hostile(made["index"], access="basic") as registry:
        server = new_server(registry.address, credentials=[str(registry.docker_config(tmp_path))], tags="0s")
        for _ in range(3):
            assert ask(server, reference(registry))[0]["allowed"]
        assert registry.steps() == ["challenge", "head", "head", "head"]


def test_an_address_of_this_machine_is_not_asked_unless_that_is_said(new_server, registry):
    server = new_server({"host": registry.address, "plain": True})
    response, _ = ask(server, reference(registry))
    assert not response["allowed"] and not registry.requests
    assert "insideNetwork" in response["status"]["message"] or "address" in response["status"]["message"]


@pytest.mark.parametrize("kind, access, tls", [("distribution", "token", True), ("debian", "htpasswd", True), ("referrers", None, False)])
def test_real_registries(new_server, stocked, made, tmp_path, kind, access, tls):
    registry, references = stocked(kind, access, tls)
    host = {"host": registry.address, "plain": not tls, "insideNetwork": True, **({"ca": str(registry.ca)} if tls else {})}
    hosts = [host]
    if registry.tokens:
        realm = registry.tokens.realm.split("/")[2]
        host["realms"] = [realm]
        hosts.append({"host": realm, "insideNetwork": True, "plain": not tls, **({"ca": str(registry.ca)} if tls else {})})
    server = new_server(*hosts, credentials=[str(registry.docker_config())])
    for form in images.FORMS:
        response, patched = ask(server, references[form])
        assert response["allowed"], response
        assert patched == [f"{references[form]}@{made[form].digest}"], form
