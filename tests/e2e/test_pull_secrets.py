"""Private images, asked for with what a Pod will be pulled with: the chart, its rights, a real registry with a password, and
Secrets that a real API server keeps. One replica, so that what it remembers of one namespace is there when another asks."""
import base64
import http.client
import json
import sys
import time

import pytest

from cluster import DEADLINE, ROOT, Failure, wait_until
from installed import NAMESPACE, Installed
from objects import pod, workload
from scanned import define, reports

sys.path.append(str(ROOT / "tests/registry"))

import images  # noqa: E402
import registries  # noqa: E402

REMEMBERED = 30  # seconds, for which docs/registries.md says that a Secret is

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: pinned}}
spec:
  rules:
    - name: registries
      allow: ["{address}", registry.example.com]
    - name: digest
      require: [digest]
  mutate: {{resolveDigest: true}}
---
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: small}}
spec:
  images: ["{address}/private/large"]
  mode: {mode}
  rules:
    - {{name: size, image: {{maxSize: "16"}}}}
---
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: soft}}
spec:
  images: ["{address}/private/soft"]
  rules:
    - {{name: size, onError: warn, image: {{maxSize: 1Gi}}}}
"""

NONE_KNOWN = "it asks for a user name and a password, and none is known"


@pytest.fixture(scope="module")
def cluster(clusters):
    return clusters()


@pytest.fixture(scope="module")
def registry(cluster, tmp_path_factory):
    registry = registries.start("distribution", tmp_path_factory.mktemp("registry"), access="htpasswd", host=cluster.address)
    yield registry
    registry.close()


@pytest.fixture(scope="module")
def image(registry, tmp_path_factory):
    """One that nobody sees without a password, in three repositories."""
    image = images.make(tmp_path_factory.mktemp("images"))["index"]
    images.push(registry, image, "private/app")
    images.push(registry, image, "private/large")
    images.push(registry, image, "private/soft")
    return image


def policies(registry, mode="enforce"):
    return {"pinned.yaml": POLICY.format(address=registry.address, mode=mode)}


@pytest.fixture(scope="module")
def installed(cluster, registry, image):
    values = {"replicas": 1, "mutating": {"enabled": True}, "policies": policies(registry), "timeoutSeconds": 10,
              "registries": {"ask": True, "pullSecrets": True, "failures": "1s", "tags": "1h", "ports": [443, registry.port],
                             "hosts": [{"host": registry.address, "plain": True}]}}
    installed = Installed(cluster, values, wait=False)
    try:
        installed.rolled_out()
        wait_until(lambda: "denied the request" in installed.create("not-allowed.example.net/x:1").stderr,
                   "the webhook asked", DEADLINE)
        yield installed
        text = "".join(one.log() for one in installed.pods().values())
        assert registry.password not in text and base64.b64encode(registry.password.encode()).decode() not in text
    finally:
        installed.stop()


# -- Secrets and who names them --

def docker_config(registry, password):
    return {"auths": {registry.address: {"username": registry.user, "password": password}}}


def put_secret(cluster, namespace, registry, password, name="regcred"):
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", namespace=namespace, input={
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson", "metadata": {"name": name},
        "stringData": {".dockerconfigjson": json.dumps(docker_config(registry, password))}})


def give_to(cluster, namespace, account, *names):
    cluster.api("PATCH", f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}",
                {"imagePullSecrets": [{"name": name} for name in names]}, content_type="application/merge-patch+json")


def is_given(cluster, namespace):
    """Whether the API server's admission, which watches accounts, has seen it."""
    asked = pod(f"registry.example.com/app@sha256:{'a' * 64}")
    try:
        made = cluster.create(f"/api/v1/namespaces/{namespace}/pods?dryRun=All", asked)
    except Failure:
        return False  # a replica that is started anew is away for a moment
    return made["spec"].get("imagePullSecrets")


@pytest.fixture
def shop(cluster, registry):
    """A namespace whose default service account has the Secret."""
    namespace = cluster.namespace()
    put_secret(cluster, namespace, registry, registry.password)
    give_to(cluster, namespace, "default", "regcred")
    wait_until(lambda: is_given(cluster, namespace), "Pods to get the Secret of their account", DEADLINE)
    return namespace


@pytest.fixture
def bank(cluster):
    return cluster.namespace()


PLURALS = {"Pod": "/api/v1/namespaces/{}/pods", "Deployment": "/apis/apps/v1/namespaces/{}/deployments"}


def ask(cluster, namespace, body, dry=False, codes=(403,)):
    """Create it. Returns the image that is stored, or why it is refused, with one of these codes."""
    try:
        made = cluster.create(PLURALS[body["kind"]].format(namespace) + ("?dryRun=All" if dry else ""), body)
    except Failure as failure:
        assert failure.code in codes, failure
        return failure.status["message"]
    spec = made["spec"]
    return spec.get("template", {"spec": spec})["spec"]["containers"][0]["image"]


def until(cluster, namespace, body, text, whole=False):
    """Ask, without storing it, until this is in the answer, or all of it; a replica that is started anew is away for a
    moment."""
    def told():
        answer = ask(cluster, namespace, body, dry=True, codes=(403, 500))
        return text == answer if whole else text in answer
    wait_until(told, text, DEADLINE)


def series(installed, name):
    [one] = installed.pods().values()
    connection = http.client.HTTPConnection(one.address, 8080, timeout=DEADLINE)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name + " "))


# -- tests --

def test_a_pod_whose_account_has_the_secret_and_another_right_after(installed, cluster, registry, image, shop, bank):
    tag = f"{registry.address}/private/app:1.0"
    pinned = f"{tag}@{image.digest}"
    assert ask(cluster, shop, pod(tag)) == pinned
    stored = cluster.api("GET", f"/api/v1/namespaces/{shop}/pods/web")
    assert stored["spec"]["imagePullSecrets"] == [{"name": "regcred"}]  # by admission, before we were asked
    # at once, where the Secret is not: whoever asks, and whatever they name
    assert NONE_KNOWN in ask(cluster, bank, pod(tag))
    named = {"imagePullSecrets": [{"name": "regcred"}]}
    assert NONE_KNOWN in ask(cluster, bank, pod(tag, spec=named))
    assert NONE_KNOWN in ask(cluster, bank, workload("Deployment", tag, pod_more=named))
    # a name that is none leads nowhere: the API server stores no such object, and we answer before it looks
    elsewhere = {"imagePullSecrets": [{"name": f"../../{shop}/secrets/regcred"}]}
    assert NONE_KNOWN in ask(cluster, bank, workload("Deployment", tag, pod_more=elsewhere))
    # the first is still told, and now from memory
    before = series(installed, 'pratique_registry_answers_total{source="memory"}')
    assert ask(cluster, shop, pod(tag, name="again")) == pinned
    assert series(installed, 'pratique_registry_answers_total{source="memory"}') > before
    assert series(installed, 'pratique_pull_secrets_total{source="memory"}') > 0


def test_what_makes_pods_is_asked_for_as_they_will_be(installed, cluster, registry, image, shop, bank):
    tag = f"{registry.address}/private/app:1.0"
    pinned = f"{tag}@{image.digest}"
    assert ask(cluster, shop, workload("Deployment", tag)) == pinned
    cluster.create(f"/api/v1/namespaces/{bank}/serviceaccounts", {
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"},
        "imagePullSecrets": [{"name": "gone"}, {"name": "pull"}]})
    robot = workload("Deployment", tag, pod_more={"serviceAccountName": "robot"})
    assert NONE_KNOWN in ask(cluster, bank, robot)
    put_secret(cluster, bank, registry, registry.password, "pull")
    until(cluster, bank, robot, pinned)  # one that is missing is looked for again after `failures`
    assert ask(cluster, bank, robot) == pinned
    assert NONE_KNOWN in ask(cluster, bank, workload("Deployment", tag, name="other"))


def test_a_denial_tells_of_an_image_to_who_may_see_it_alone(installed, cluster, registry, image, shop, bank):
    reference = f"{registry.address}/private/large@{image.digest}"
    told = ask(cluster, shop, pod(reference))
    assert "policy small, rule size:" in told and "16" in told
    fact = told[told.index("rule size:") + 11:]
    for body in (pod(reference), workload("Deployment", reference)):
        answer = ask(cluster, bank, body)
        assert NONE_KNOWN in answer and fact not in answer
    assert fact in ask(cluster, shop, workload("Deployment", reference))


def test_a_pod_cannot_soften_a_rule_by_what_it_is_pulled_with(installed, cluster, registry, image, shop, bank):
    """onError: warn is for registries that are away; that a Pod has no Secret, or a wrong one, is its author's doing."""
    reference = f"{registry.address}/private/soft@{image.digest}"
    assert ask(cluster, shop, pod(reference)) == reference
    assert NONE_KNOWN in ask(cluster, bank, pod(reference))
    put_secret(cluster, bank, registry, "not-the-password", "wrong")
    wrong = pod(reference, spec={"imagePullSecrets": [{"name": "wrong"}]})
    assert "access is denied to each credential" in ask(cluster, bank, wrong)


def test_a_secret_is_rotated_and_deleted(installed, cluster, registry, image, shop):
    tag = f"{registry.address}/private/app:1.0"
    body = pod(tag)
    assert ask(cluster, shop, body, dry=True) == f"{tag}@{image.digest}"
    put_secret(cluster, shop, registry, "not-the-password")
    changed = time.monotonic()
    until(cluster, shop, body, "access is denied to each credential")
    put_secret(cluster, shop, registry, registry.password)
    until(cluster, shop, body, image.digest)
    cluster.api("DELETE", f"/api/v1/namespaces/{shop}/secrets/regcred")
    until(cluster, shop, body, NONE_KNOWN)
    assert time.monotonic() - changed < 4 * REMEMBERED + DEADLINE


def test_a_secret_that_is_broken_is_named(installed, cluster, registry, bank):
    cluster.create(f"/api/v1/namespaces/{bank}/secrets", {
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson", "metadata": {"name": "broken"},
        "stringData": {".dockerconfigjson": '{"auths":{"s3cr3t":{"auth":"s3cr3t"}}}'}})
    answer = ask(cluster, bank, pod(f"{registry.address}/private/app:1.0", spec={"imagePullSecrets": [{"name": "broken"}]}))
    assert f"pull secrets: Secret {bank}/broken holds no docker config that can be read (input)" in answer
    assert "s3cr3t" not in answer


def test_what_runs_already_is_judged_with_the_same(installed, cluster, registry, image, shop, bank):
    """A Pod that was let in while a policy only watched is reported with what its image is; one whose namespace has not the
    Secret, with why that is not known."""
    define(cluster)
    reference = f"{registry.address}/private/large@{image.digest}"
    installed.upgrade({"policies": policies(registry, "audit"),
                       "reports": {"enabled": True, "format": ["openreports"], "interval": "10s", "audit": "fail"}})
    try:
        installed.rolled_out()
        for namespace in (shop, bank):
            until(cluster, namespace, pod(reference), reference, whole=True)
            assert ask(cluster, namespace, pod(reference)) == reference
        found = {}

        def reported():
            for namespace in (shop, bank):
                found[namespace] = json.dumps(list(reports(cluster, "reports", namespace).values()))
            return "more than 16" in found[shop] and NONE_KNOWN in found[bank]
        wait_until(reported, "both reports", DEADLINE)
        assert "more than 16" not in found[bank] and NONE_KNOWN not in found[shop]
    finally:
        installed.upgrade({"policies": policies(registry), "reports": {"enabled": False}})
        installed.rolled_out()


def asked_elsewhere(cluster):
    """What our service account asked about Secrets and accounts of other namespaces."""
    ours = f"system:serviceaccount:{NAMESPACE}:pratique"
    calls = [(one["verb"], one["objectRef"]) for one in cluster.audit()
             if one["user"].get("username") == ours and one.get("objectRef", {}).get("resource") in ("secrets", "serviceaccounts")]
    return [(verb, what) for verb, what in calls if what.get("namespace") != NAMESPACE]


def test_only_secrets_that_are_named_are_read_and_only_got(installed, cluster, registry, shop, bank):
    ask(cluster, shop, pod(f"{registry.address}/private/app:1.0"), dry=True)
    # an API server writes its audit event after its answer
    wait_until(lambda: (shop, "regcred") in {(what["namespace"], what["name"]) for _, what in asked_elsewhere(cluster)},
               "the question for the Secret", DEADLINE)
    elsewhere = asked_elsewhere(cluster)
    assert {verb for verb, _ in elsewhere} == {"get"}
    assert {what["name"] for _, what in elsewhere} <= {"regcred", "pull", "gone", "broken", "wrong", "default", "robot"}


def test_the_right_may_be_confined_to_names(installed, cluster, registry, image, shop):
    """Last: it changes the rights."""
    tag = f"{registry.address}/private/app:1.0"
    values = installed.values["registries"]
    installed.upgrade({"registries": {**values, "pullSecretNames": ["pull"]}})
    put_secret(cluster, shop, registry, registry.password, "pull")
    allowed, other = ({"imagePullSecrets": [{"name": name}]} for name in ("pull", "regcred"))
    until(cluster, shop, pod(tag, spec=other),
          f"pull secrets: GET /api/v1/namespaces/{shop}/secrets/regcred: 403 Forbidden")
    assert ask(cluster, shop, pod(tag, spec=allowed)) == f"{tag}@{image.digest}"
