"""What went wrong elsewhere when registries were asked, tried on the webhook: one test for each line of docs/peers.md that
speaks of registries. The registry is scripted."""
import time

import pytest

import behaviours
import registries
from hostile import NAME, TAG, Answer, Hostile
from pratique_server import SECONDS
from serving import POLICY, ask, reference
from test_server import FACTS

UNHELD = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: facts}}
spec:
  mode: {mode}
  rules:
    - name: labelled
      image: {{labels: {{required: [reviewed]}}}}
  mutate: {{resolveDigest: true}}
"""


def other_image(made):
    """A good manifest, and not the one that was asked for."""
    def behave(exchange):
        exchange.send(Answer(200, made["single"].read(made["single"].digest), Content_Type=made["single"].media_type,
                             Docker_Content_Digest=made["index"].digest))
        return True
    return behave


def test_cve_2022_47633_what_is_judged_is_what_will_run(new_server, registry, made):
    """The tag moves between the question for its digest and that for the image."""
    server = new_server(registry.address, policy=UNHELD.replace("labels: {{required: [reviewed]}}", "maxLayers: 9"))

    def then_moves(exchange):
        exchange.honest()
        registry.replace("manifest", other_image(made))
        return True

    registry.replace("head", then_moves)
    response, patched = ask(server, reference(registry))
    assert not response["allowed"] and patched == []
    assert "digest" in response["status"]["message"]
    assert "head" in registry.steps() and "manifest" in registry.steps()


def test_cve_2023_47630_the_word_for_a_digest_is_computed(new_server, made):
    with Hostile(made["index"], hides_digest=True) as registry:
        server = new_server(registry.address, failures="0s")
        registry.replace("manifest", other_image(made))
        response, patched = ask(server, reference(registry))
        assert not response["allowed"] and patched == []
        registry.behaviours.clear()
        _, patched = ask(server, reference(registry))
        assert patched == [f"{reference(registry)}@{made['index'].digest}"]


@pytest.mark.parametrize("behaviour", [
    pytest.param("endless", id="cve-2023-42813"), pytest.param("stalled_body", id="cve-2023-42814"),
    pytest.param("endless_headers", id="cve-2023-42815"), pytest.param("zipped", id="cve-2023-42816")])
def test_an_answer_without_end_ends(new_server, made, behaviour):
    with Hostile(made["index"], hides_digest=True) as registry:
        server = new_server(registry.address)
        registry.replace("manifest", getattr(behaviours, behaviour))
        started = time.monotonic()
        response, _ = ask(server, reference(registry), timeout=3)
        assert not response["allowed"] and "manifest" in registry.steps()
        assert time.monotonic() - started < SECONDS / 2


def for_who_is_known(exchange):
    if "authorization" not in exchange.request.headers:
        exchange.answer = Answer(401, b"{}")
    exchange.honest()
    return True


@pytest.mark.parametrize("access", ["basic", "bearer"])
def test_cve_2025_27403_a_credential_is_shown_to_its_own_registry_alone(new_server, made, tmp_path, access):
    """Not even a registry that names our own one's token server gets a token of it."""
    with Hostile(made["index"], "bearer") as own, Hostile(made["index"], access) as other:
        own.replace("token", for_who_is_known)
        if access == "bearer":
            other.replace("challenge", behaviours.challenge(own.challenge()))
        server = new_server(own.address, other.address, credentials=[str(own.docker_config(tmp_path))], failures="0s")
        assert ask(server, reference(own))[0]["allowed"]
        assert not ask(server, reference(other))[0]["allowed"]
        assert other.requests and not any("authorization" in request.headers for request in other.requests)
        assert registries.PASSWORD not in other.heard and own.basic not in other.heard


def test_ratify_1793_the_digest_of_an_image_for_several_platforms_is_that_of_its_index(new_server, registry, made):
    assert len(made["index"].children) > 1
    _, patched = ask(new_server(registry.address), reference(registry))
    assert patched == [f"{reference(registry)}@{made['index'].digest}"]


def test_harbor_16732_16218_the_first_pull_through_a_mirror_is_judged(new_server, registry, made):
    """Nobody has asked for it before, neither here nor there."""
    host = {"host": "registry.example.com", "mirrors": [registry.address]}
    server = new_server(host, registry.address, policy=UNHELD)
    for _ in range(2):
        response, _ = ask(server, f"registry.example.com/{NAME}:{TAG}")
        assert not response["allowed"] and "reviewed" in response["status"]["message"], response


def test_kyverno_16940_17694_13591_each_platform_is_judged(new_server, registry, made):
    server = new_server(registry.address, policy=FACTS.replace("linux/arm64", "linux/s390x"))
    response, _ = ask(server, reference(registry), "/validate")
    assert not response["allowed"] and "linux/s390x" in response["status"]["message"]
    assert ask(new_server(registry.address, policy=FACTS), reference(registry), "/validate")[0]["allowed"]
    platforms = {child["digest"] for child in made["index"].children[:2]}
    assert platforms <= {request.path.rpartition("/")[2] for request in registry.requests}


def test_kyverno_6123_4732_9580_16657_and_policy_controller_278_one_question_for_eight_containers(new_server, registry):
    server = new_server(registry.address)
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
           "spec": {"containers": [{"name": f"c{i}", "image": reference(registry)} for i in range(8)]}}
    for _ in range(3):
        response, patched = ask(server, "unused", object=pod)
        assert response["allowed"] and len(patched) == 8 and len(set(patched)) == 1
    assert registry.steps().count("head") == 1


@pytest.mark.parametrize("timeout", [
    pytest.param(3, id="gatekeeper-3415-2256-1956-266"), pytest.param(10, id="policy-controller-797"),
    pytest.param(5, id="ratify-1464-1623"), pytest.param(4, id="platform-2431"), pytest.param(2, id="helm-charts-249")])
def test_the_denial_comes_before_the_callers_time_is_over(new_server, registry, timeout):
    server = new_server(registry.address)
    registry.replace("head", behaviours.stalled)
    registry.replace("manifest", behaviours.stalled)
    response, _ = ask(server, reference(registry), timeout=timeout)
    assert not response["allowed"] and "in time" in response["status"]["message"], response


def test_ratify_1117_1110_391_1741_what_is_remembered_is_no_condition(new_server, made):
    """Without room for it every review asks, and is answered as before."""
    with Hostile(made["index"]) as registry:
        server = new_server(registry.address, tags="0s", policy=POLICY)
        for _ in range(3):
            response, patched = ask(server, reference(registry))
            assert response["allowed"] and patched == [f"{reference(registry)}@{made['index'].digest}"]
        assert registry.steps().count("head") == 3
