"""staleWhileUnreachable over HTTPS: what ran already can start again while its registry cannot be reached, by the digest
that its tag had last; and nothing else can be had by keeping a registry from answering."""
import concurrent.futures
import contextlib

import pytest

import behaviours
import hostile_cases
from hostile import NAME, TAG, Exchange, Hostile
from pratique_server import wait_until
from serving import ask, reference

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: pinned}}
spec:
  mode: {mode}
  rules:
    - name: digest
      require: [digest]
    - name: machines
      image: {{platforms: [linux/amd64], maxLayers: 9}}
  mutate: {{resolveDigest: true}}
  staleWhileUnreachable: 1h
"""
STALE = 'pratique_registry_answers_total{source="stale"}'


@pytest.fixture
def server(new_server, registry):
    """One that asks for a tag each time, and remembers no failure."""
    return new_server(registry.address, policy=POLICY, tags="0s", failures="0s")


def break_all(registry, behaviour=behaviours.closed):
    for step in ("head", "manifest", "blob"):
        registry.replace(step, behaviour)


def mend(registry):
    break_all(registry, Exchange.honest)


def test_what_ran_runs_again(server, registry, made):
    pinned = f"{reference(registry)}@{made['index'].digest}"
    response, patched = ask(server, reference(registry))
    assert response["allowed"] and patched == [pinned] and "warnings" not in response
    break_all(registry)
    response, patched = ask(server, reference(registry))
    assert response["allowed"] and patched == [pinned]
    warning, = response["warnings"]
    assert warning.startswith(f'spec.containers[0].image "{reference(registry)}": registry "{registry.address}" cannot be reached; '
                              "the digest that the tag had ")
    assert " s ago is used: " + made["index"].digest + ": " in warning
    assert response["auditAnnotations"]["stale-digests"] == "1"
    assert server.metric(STALE) == 1
    line = server.audit()[-1]
    assert line["verdict"] == "allow" and line["images"][0]["staleSeconds"] >= 0
    before = len(registry.requests)
    response, patched = ask(server, pinned, "/validate")
    assert response["allowed"] and patched == [] and "warnings" not in response
    assert len(registry.requests) == before, "what the image is, is known by its digest"
    assert "staleSeconds" not in server.audit()[-1]["images"][0]
    mend(registry)
    wait_until(lambda: "warnings" not in ask(server, reference(registry))[0], "the registry to be asked again")


def test_a_tag_alone_is_never_judged_by_what_it_was(server, registry):
    assert ask(server, reference(registry))[0]["allowed"]
    break_all(registry)
    response, _ = ask(server, reference(registry), "/validate")
    assert not response["allowed"] and server.metric(STALE) == 0


def test_a_tag_that_was_moved_is_what_it_was_last(server, registry, made):
    assert ask(server, reference(registry))[0]["allowed"]
    registry.image = made["single"]
    _, (moved,) = ask(server, reference(registry))
    assert moved.endswith(made["single"].digest)
    break_all(registry)
    response, patched = ask(server, reference(registry))
    assert response["allowed"] and patched == [moved]


@pytest.mark.parametrize("step, behaviour", [
    ("head", behaviours.instead(404)), ("head", behaviours.instead(401)), ("head", behaviours.instead(403)),
    ("manifest", behaviours.digest_header(behaviours.OTHER))], ids=["gone", "let nobody in", "forbidden", "not what it says"])
def test_an_answer_is_newer_than_what_was_known(server, registry, step, behaviour):
    registry.hides_digest = step == "manifest"  # so that the manifest is asked for
    assert ask(server, reference(registry))[0]["allowed"]
    registry.replace(step, behaviour)
    registry.replace("manifest", behaviour)
    assert not ask(server, reference(registry))[0]["allowed"]
    break_all(registry)
    assert not ask(server, reference(registry))[0]["allowed"], "it was forgotten"
    assert server.metric(STALE) == 0


def test_one_that_was_never_asked_for(server, registry):
    break_all(registry)
    response, _ = ask(server, reference(registry))
    assert not response["allowed"] and "rule resolveDigest" in response["status"]["message"]


def test_without_the_field_it_is_denied(new_server, registry):
    server = new_server(registry.address, tags="0s", failures="0s")
    assert ask(server, reference(registry))[0]["allowed"]
    break_all(registry)
    assert not ask(server, reference(registry))[0]["allowed"]


def test_a_registry_that_stalls(server, registry, made):
    """Whoever asked with time enough gets what is known, in time; who did not, nothing."""
    assert ask(server, reference(registry))[0]["allowed"]
    break_all(registry, behaviours.stalled)
    assert not ask(server, reference(registry), timeout=1)[0]["allowed"], "too little time to tell"
    response, patched = ask(server, reference(registry), timeout=3)
    assert response["allowed"] and patched == [f"{reference(registry)}@{made['index'].digest}"]


def test_a_policy_that_is_stricter(server, registry):
    assert ask(server, reference(registry))[0]["allowed"]
    break_all(registry)
    server.write_policy(POLICY.format(mode="enforce").replace("1h", "1ms"))
    wait_until(lambda: not ask(server, reference(registry))[0]["allowed"], "the new policy")
    server.write_policy(POLICY.format(mode="enforce"))
    wait_until(lambda: ask(server, reference(registry))[0]["allowed"], "the policy that allows it")


MUST = {"closed", "reset", "stalled", "500", "502", "599", "429 for an hour", "503 until 2099"}
MUST_NOT = {(step, code) for step in ("head", "manifest") for code in ("404", "410", "451")}
LIES = hostile_cases.LIES | {"true"}


def swept():
    for one in hostile_cases.cases():
        if one.step in ("head", "manifest") and not one.options and one.expected != hostile_cases.SAID and one.name not in LIES:
            yield one


def test_whatever_a_registry_does_the_digest_is_the_last_or_none(new_server, made):
    """Each behaviour at each step, of a tag that was known: never another digest, and one of those above where that is known."""
    cases = list(swept())
    assert len(cases) > 80
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(Hostile(made["index"], hides_digest=one.step == "manifest")) for one in cases]
        server = new_server(*(place.address for place in places), policy=POLICY, tags="0s", failures="0s")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            assert all(response["allowed"] for response, _ in pool.map(lambda place: ask(server, reference(place)), places))
            for one, place in zip(cases, places):
                place.elsewhere = stack.enter_context(Hostile(made["single"]))
                place.replace(one.step, one.behaviour)
            answers = list(pool.map(lambda place: ask(server, reference(place), timeout=3), places))
    for one, place, (response, patched) in zip(cases, places, answers):
        title = hostile_cases.title(one)
        if response["allowed"]:
            assert patched == [f"{place.address}/{NAME}:{TAG}@{made['index'].digest}"], title
        assert response["allowed"] or one.name not in MUST, (title, response)
        assert not response["allowed"] or (one.step, one.name) not in MUST_NOT, title
