"""Policies as custom resources before a real API server: the definitions, what it checks by itself, what it asks the
webhook about, and how it looks to people."""
import json
import os
import pathlib
import subprocess

import pytest
import yaml

from cluster import DEADLINE, ROOT, Failure, wait_until
from installed import Installed
from webhooks import Replicas, register, unregister, webhook

BINARY = pathlib.Path(os.environ.get("PRATIQUE_BINARY", ROOT / "build/pratique")).absolute()
API = "/apis/pratique.dev/v1alpha1"
PLURALS = {"ClusterImagePolicy": "clusterimagepolicies", "ImagePolicy": "imagepolicies",
           "ImagePolicyException": "imagepolicyexceptions"}
RULES = [("pratique.dev", "v1alpha1", list(PLURALS.values()))]
DENY = [{"name": "no-latest", "deny": ["**:latest"]}]
REGISTRATION = "pratique-policies"
# Found by the webhook alone: to the API server it is one more field that is to be kept.
TYPO = {"rules": [{"name": "no-latest", "deny": ["**:latest"], "mesage": "Ask us."}]}
TYPO_SAID = 'spec.rules[0].mesage: unknown field "mesage" (did you mean "message"?)'


def definitions():
    return subprocess.run([BINARY, "policy", "crds"], check=True, capture_output=True, text=True).stdout


def policy(spec, kind="ClusterImagePolicy", name="p", namespace=None):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": "pratique.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def path(made):
    namespace = made["metadata"].get("namespace")
    middle = f"/namespaces/{namespace}" if namespace else ""
    return f"{API}{middle}/{PLURALS[made['kind']]}"


def said(cluster, made, *options, verb="apply"):
    """What kubectl prints when it is refused."""
    ran = cluster.kubectl(verb, "-f", "-", *options, input=json.dumps(made), check=False)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    return ran.stderr


def establish(cluster, text):
    """Apply definitions, and wait until their kinds are served."""
    ran = cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input=text)
    for plural in PLURALS.values():
        cluster.kubectl("wait", "--for", "condition=Established", f"crd/{plural}.pratique.dev",
                        f"--timeout={DEADLINE}s")
        wait_until(lambda: served(cluster, plural), plural + " served", DEADLINE)
    return ran


def served(cluster, plural):
    try:
        return cluster.exists(f"{API}/{plural}")
    except Failure as failure:
        if failure.code == 429:  # "storage is (re)initializing"
            return False
        raise


@pytest.fixture(scope="module")
def cluster(clusters):
    cluster = clusters()
    cluster.applied = establish(cluster, definitions())
    return cluster


@pytest.fixture(scope="module")
def replicas(cluster, tmp_path_factory):
    replicas = Replicas(cluster, tmp_path_factory.mktemp("replicas"), count=1)
    yield replicas
    replicas.stop()


def registered(cluster, hook, refused):
    """Register for policies, and wait until the API server holds to it."""
    register(cluster, [{**hook, "name": "policies.pratique.dev"}], name=REGISTRATION)
    wait_until(lambda: refused in cluster.kubectl("create", "--dry-run=server", "--validate=ignore", "-f", "-",
                                                  input=policy(TYPO, name="probe"), check=False).stderr,
               "the webhook asked", DEADLINE)


def withdrawn(cluster):
    unregister(cluster, name=REGISTRATION)
    wait_until(lambda: cluster.kubectl("create", "--dry-run=server", "-f", "-", input=policy(TYPO, name="probe"),
                                       check=False).returncode == 0, "the webhook not asked", DEADLINE)


@pytest.fixture
def asked(cluster, replicas):
    """The webhook for policies, registered while the test lasts."""
    registered(cluster, webhook(replicas.ca, "/policies", rules=RULES), "unknown field")
    yield cluster
    withdrawn(cluster)


@pytest.fixture(autouse=True)
def clean(request):
    yield
    cluster = request.getfixturevalue("cluster")
    for plural in PLURALS.values():
        cluster.kubectl("delete", plural, "--all", "--all-namespaces" if plural == "imagepolicies" else "--wait")


# -- the definitions --

def test_definitions_are_accepted_without_a_warning(cluster):
    assert cluster.applied.stderr == ""
    for kind, plural in PLURALS.items():
        made = cluster.api("GET", f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.pratique.dev")
        conditions = {one["type"]: one["status"] for one in made["status"]["conditions"]}
        assert conditions == {"NamesAccepted": "True", "Established": "True"}
        assert made["spec"]["names"]["kind"] == kind


def test_the_chart_brings_the_same(cluster):
    assert (ROOT / "deploy/chart/files/definitions.yaml").read_text() == definitions()


def test_explain_tells_what_the_reference_page_tells(cluster):
    text = " ".join(cluster.kubectl("explain", "clusterimagepolicy.spec.rules").stdout.split())
    assert "Every rule must hold for every image that the policy applies to." in text
    assert "One rule: exactly one of `allow`, `deny`, `tag`, `require` and `image`, with a name." in text
    assert "deny <[]string> The image matches none of these patterns" in text
    assert "name <string> -required- Lower-case letters, digits and `-`" in text
    text = " ".join(cluster.kubectl("explain", "imgpolex.spec.until").stdout.split())
    assert "When the exception ends; it always does." in text


def test_an_upgrade_leaves_objects_alone(cluster):
    older = list(yaml.safe_load_all(definitions()))
    for one in older:
        version = one["spec"]["versions"][0]
        version["additionalPrinterColumns"] = version["additionalPrinterColumns"][:1]
        del version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["images"]
    establish(cluster, "---\n".join(map(yaml.safe_dump, older)))
    spec = {"rules": DENY, "images": ["docker.io"]}
    before = cluster.create(path(policy(spec)), policy(spec))
    establish(cluster, definitions())
    after = cluster.api("GET", path(policy(spec)) + "/p")
    assert after == before and after["spec"] == {"mode": "enforce", **spec}
    wait_until(lambda: "RULES" in cluster.kubectl("get", "cimgpol").stdout, "the new columns", DEADLINE)
    refused = said(cluster, policy({"rules": DENY, "images": []}, name="q"))
    assert "spec.images in body should have at least 1 items" in refused


# -- what the API server checks by itself --

@pytest.mark.parametrize("spec, wanted", [
    ({}, "spec: Invalid value: the policy does nothing; give it rules, mutate.rewrite or mutate.resolveDigest"),
    ({"rules": []}, "spec.rules in body should have at least 1 items"),
    ({"rules": [{"name": "a"}]}, "spec.rules[0]: Invalid value: the rule demands nothing; give it allow, deny, tag, "
                                 "require or image, and see that none is misspelt"),
    ({"rules": [{"name": "a", "deny": ["a"], "tag": {"semver": "1"}}]},
     "spec.rules[0]: Invalid value: a rule is of one kind, and this one has several of allow, deny, tag, require and "
     "image; make two rules of it"),
    ({"rules": [{"name": "a", "image": {}}]},
     "spec.rules[0].image: Invalid value: image demands nothing; give it maxAge, platforms or another of its fields"),
    ({"rules": [{"name": "a", "image": {"user": {"byName": True}}}]},
     "spec.rules[0].image.user: Invalid value: image.user demands nothing; give it notRoot: true"),
    ({"rules": [{"name": "a", "image": {"base": [{}]}}]},
     "spec.rules[0].image.base[0]: Invalid value: a base in image.base is every image"),
    ({"rules": [{"name": "a", "deny": ["a"], "onError": "warn"}]},
     "spec.rules[0].onError: Invalid value: onError is for rules that look at the image"),
    ({"rules": DENY, "staleWhileUnreachable": "1h"},
     "spec.staleWhileUnreachable: Invalid value: no registry is asked by this policy; staleWhileUnreachable is for those"),
    ({"rules": [{"name": "a", "tag": {}}]},
     "spec.rules[0].tag: Invalid value: tag demands nothing; give it semver or pattern"),
    ({"rules": [{"name": "a", "deny": ["a"]}, {"name": "a", "deny": ["b"]}]},
     "spec.rules: Invalid value: the name of a rule stands twice"),
    ({"rules": [{"name": "A", "deny": ["a"]}]}, "spec.rules[0].name in body should match"),
    ({"rules": [{"deny": ["a"]}]}, "spec.rules[0].name: Required value"),
    ({"rules": [{"name": "a", "require": ["digests"]}]},
     'spec.rules[0].require[0]: Unsupported value: "digests": supported values: "digest", "tag", "fullyQualified"'),
    ({"rules": [{"name": "a", "deny": "a"}]}, "spec.rules[0].deny: Invalid value: \"string\""),
    ({"rules": DENY, "mode": "enforced"},
     'spec.mode: Unsupported value: "enforced": supported values: "enforce", "warn", "audit"'),
    ({"rules": DENY, "match": {"objectSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}},
     "spec.match.objectSelector.matchExpressions[0].operator: Invalid value: In needs values"),
    ({"rules": DENY, "match": {"objectSelector": {"matchExpressions": [
        {"key": "a", "operator": "Exists", "values": ["b"]}]}}},
     "spec.match.objectSelector.matchExpressions[0].operator: Invalid value: Exists takes no values"),
])
def test_a_broken_policy_is_refused_without_the_webhook(cluster, spec, wanted):
    assert wanted in said(cluster, policy(spec))


@pytest.mark.parametrize("spec, wanted", [
    ({"policies": ["a"], "reason": "x"}, "spec.until: Required value"),
    ({"policies": ["a"], "until": "2030-01-01T00:00:00Z"}, "spec.reason: Required value"),
    ({"policies": ["a"], "until": "2030-01-01T00:00:00Z", "reason": ""},
     "spec.reason in body should be at least 1 chars long"),
    ({"policies": ["a"], "until": "2030-01-01", "reason": "x"}, "spec.until in body must be of type date-time"),
    ({"policies": ["!a"], "until": "2030-01-01T00:00:00Z", "reason": "x"},
     "spec.policies: Invalid value: an exception names the policies that it is for, and this list only excludes"),
])
def test_an_exception_without_an_end_or_a_reason_is_refused(cluster, spec, wanted):
    assert wanted in said(cluster, policy(spec, "ImagePolicyException"))


def test_a_policy_of_a_namespace_cannot_loosen(cluster):
    refused = said(cluster, policy({"rules": DENY, "accept": ["imageID"], "match": {"namespaces": ["*"]}},
                                   "ImagePolicy", namespace="default"))
    assert "spec.match.namespaces: Invalid value: an ImagePolicy applies to its own namespace alone; remove this, or " \
           "make it a ClusterImagePolicy" in refused
    assert "spec.accept: Invalid value: an ImagePolicy can only tighten; a ClusterImagePolicy may accept this" in refused


def test_nothing_vanishes_before_someone_reads_it(cluster):
    """What the API server would drop, a reader would refuse: a misspelt name, and a null that was to be filled in."""
    spec = {"rules": [{**DENY[0], "mesage": "x"}], "match": None, "modes": "warn",
            "images": None, "mutate": {"rewrites": []}}
    made = {**policy(spec), "rules": DENY}
    stored = cluster.create(path(made) + "?fieldValidation=Ignore", made)
    assert stored["spec"] == {"mode": "enforce", **spec} and stored["rules"] == DENY


# -- what the webhook is asked about --

@pytest.mark.parametrize("validate", ["strict", "warn", "ignore"])
def test_a_misspelt_field_is_refused_whatever_is_validated(asked, validate):
    refused = said(asked, policy(TYPO), "--validate=" + validate)
    assert 'The ClusterImagePolicy "p" is invalid: ' + TYPO_SAID in refused
    assert asked.exists(path(policy(TYPO)) + "/p") is None


def test_all_that_is_wrong_is_told_at_once_as_lint_tells_it(asked, tmp_path):
    spec = {"rules": [{"name": "a", "allow": ["ghcr.io:99999", "docker.io/**"], "mesage": "x"},
                      {"name": "b", "tag": {"semver": ">2 <1"}},
                      {"name": "c", "deny": ["docker.io"]}],
            "match": {"kinds": ["pod"]}}
    made = policy(spec)
    (tmp_path / "policy.json").write_text(json.dumps(made))
    ran = subprocess.run([BINARY, "policy", "lint", "--output", "json", tmp_path / "policy.json"],
                         capture_output=True, text=True)
    lint = [one for one in json.loads(ran.stdout)["diagnostics"] if one["level"] == "error"]
    assert len(lint) >= 4
    with pytest.raises(Failure) as failure:
        asked.create(path(made), made)
    status = failure.value.status
    assert (status["code"], status["reason"]) == (422, "Invalid")
    assert status["message"].startswith(
        f'admission webhook "policies.pratique.dev" denied the request: {len(lint)} errors\n')
    assert {(one["field"], one["message"]) for one in status["details"]["causes"]} == {
        (one["path"], one["message"] + (f' (did you mean "{one["suggestion"]}"?)' if one["suggestion"] else ""))
        for one in lint}
    refused = said(asked, made)
    for one in lint:
        assert f'* {one["path"]}: {one["message"]}' in refused


def test_a_null_is_refused(asked):
    made = policy({"rules": DENY, "match": None})
    with pytest.raises(Failure, match="spec.match: must be an object, found null; give it a value or leave it out"):
        asked.create(path(made), made)


def test_a_change_for_the_worse_is_refused(asked):
    made = policy({"rules": DENY})
    asked.kubectl("apply", "-f", "-", input=made)
    assert TYPO_SAID in said(asked, policy(TYPO))
    assert asked.api("GET", path(made) + "/p")["spec"]["rules"] == DENY


def test_warnings_of_lint_are_warnings_of_kubectl(asked):
    ran = asked.kubectl("apply", "-f", "-", input=policy(
        {"rules": [{"name": "a", "allow": ["ghcr.io", "ghcr.io/acme/**"]}]}))
    assert ran.stderr == 'Warning: spec.rules[0].allow[1]: redundant: "ghcr.io" means all of it already\n'


class Plain(yaml.SafeLoader):
    """Times stay texts, as the API server has them."""
    yaml_implicit_resolvers = {first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
                               for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def test_every_example_applies_and_comes_back_equal(asked):
    made = [one for example in sorted((ROOT / "examples/policies").glob("*/policy.yaml"))
            for one in yaml.load_all(example.read_text(), Plain) if one and one["kind"] in PLURALS]
    assert {one["kind"] for one in made} == set(PLURALS)
    for one in made:
        namespace = one["metadata"].get("namespace")
        if namespace and not asked.exists("/api/v1/namespaces/" + namespace):
            asked.namespace(namespace)
        asked.kubectl("apply", "-f", "-", input=yaml.safe_dump(one))
        stored = asked.api("GET", f"{path(one)}/{one['metadata']['name']}")
        mode = {"mode": "enforce"} if one["kind"] != "ImagePolicyException" else {}
        assert stored["spec"] == {**mode, **one["spec"]}


def test_what_is_broken_already_can_be_mended_and_removed(cluster, replicas):
    """Stored while the webhook was off: its status, its finalizers and its end are not in anyone's way."""
    made = policy(TYPO)
    made["metadata"]["finalizers"] = ["example.com/wait"]
    cluster.create(path(made) + "?fieldValidation=Ignore", made)
    registered(cluster, webhook(replicas.ca, "/policies", rules=RULES), "unknown field")
    try:
        ready(cluster, made, "False", "Broken")
        refused = cluster.kubectl("label", "cimgpol", "p", "a=b", check=False)
        assert TYPO_SAID in refused.stderr
        cluster.kubectl("delete", "cimgpol", "p", "--wait=false")
        cluster.kubectl("patch", "cimgpol", "p", "--type=merge", "--patch", '{"metadata":{"finalizers":null}}')
        assert cluster.exists(path(made) + "/p") is None
    finally:
        withdrawn(cluster)


def test_while_nobody_answers_no_policy_changes(cluster, replicas):
    nobody = webhook(replicas.ca, "/policies", rules=RULES)
    nobody["clientConfig"]["service"] = {**nobody["clientConfig"]["service"], "name": "nobody"}
    registered(cluster, nobody, "failed calling webhook")
    try:
        assert 'failed calling webhook "policies.pratique.dev"' in said(cluster, policy({"rules": DENY}))
    finally:
        withdrawn(cluster)


# -- how it looks, and who may --

def ready(cluster, made, status, reason, rules=1):
    """Write a status, as the program will."""
    cluster.api("PATCH", f"{path(made)}/{made['metadata']['name']}/status", {"status": {
        "observedGeneration": 1, "rules": rules, "judged": 5, "denied": 2, "warned": 1,
        "conditions": [{"type": "Ready", "status": status, "reason": reason, "message": "",
                        "observedGeneration": 1, "lastTransitionTime": "2026-06-01T00:00:00Z"}]}},
        content_type="application/merge-patch+json")


def columns(cluster, *arguments):
    header, *rows = cluster.kubectl("get", *arguments).stdout.splitlines()
    return header.split(), [row.split() for row in rows]


def test_columns(cluster):
    made = cluster.create(path(policy({})), policy({"rules": DENY}))
    assert columns(cluster, "cimgpol")[0] == ["NAME", "MODE", "RULES", "READY", "AGE"]
    assert columns(cluster, "cimgpol")[1][0][:2] == ["p", "enforce"]
    ready(cluster, made, "True", "Loaded")
    header, [row] = columns(cluster, "cimgpol", "--output=wide")
    assert header == ["NAME", "MODE", "RULES", "JUDGED", "DENIED", "WARNED", "READY", "REASON", "AGE"]
    assert row[:-1] == ["p", "enforce", "1", "5", "2", "1", "True", "Loaded"]
    after = cluster.api("GET", path(made) + "/p")
    assert after["metadata"]["generation"] == 1 and after["spec"] == made["spec"]
    cluster.create(path(policy({}, "ImagePolicyException")), policy(
        {"policies": ["p"], "until": "2030-01-01T00:00:00Z", "reason": "incident"}, "ImagePolicyException"))
    header, [row] = columns(cluster, "imgpolex")
    assert header == ["NAME", "UNTIL", "READY", "AGE"] and row[:2] == ["p", "2030-01-01T00:00:00Z"]
    assert "imagepolicyexception.pratique.dev/p" in cluster.kubectl("get", "pratique").stdout


def test_a_status_is_kept_apart_and_checked(cluster):
    made = cluster.create(path(policy({})), policy({"rules": DENY}))
    made["status"] = {"judged": 7}
    assert "status" not in cluster.api("PUT", path(made) + "/p", made)
    with pytest.raises(Failure, match='Unsupported value: "Perhaps"'):
        ready(cluster, made, "Perhaps", "Loaded")


def test_who_may_write_policies_of_a_namespace_may_not_write_others(asked):
    namespace = asked.namespace()
    asked.kubectl("create", "role", "policies", "--verb=get,create,update,patch",
                  "--resource=imagepolicies.pratique.dev", namespace=namespace)
    asked.kubectl("create", "rolebinding", "policies", "--role=policies", "--user=alice", namespace=namespace)
    own = policy({"rules": DENY}, "ImagePolicy", namespace=namespace)
    asked.kubectl("apply", "-f", "-", input=own, user="alice")
    for other in (policy({"rules": DENY}), policy({"rules": DENY}, "ImagePolicy", namespace="default"),
                  policy({"policies": ["*"], "until": "2030-01-01T00:00:00Z", "reason": "x"}, "ImagePolicyException")):
        ran = asked.kubectl("create", "-f", "-", input=other, user="alice", check=False)
        assert ran.returncode == 1 and 'User "alice" cannot create resource' in ran.stderr
    refused = asked.kubectl("patch", "imgpol", "p", "--type=merge", "--patch", '{"spec":{"accept":["shortName"]}}',
                            namespace=namespace, user="alice", check=False)
    assert "an ImagePolicy can only tighten" in refused.stderr
    status = asked.kubectl("patch", "imgpol", "p", "--subresource=status", "--type=merge", "--patch",
                           '{"status":{"judged":1}}', namespace=namespace, user="alice", check=False)
    assert status.returncode == 1 and 'resource "imagepolicies/status"' in status.stderr


# -- as it is installed --

def test_installed_by_the_chart_with_certificates_of_its_own(clusters):
    """With definitions that are looked after by hand, as docs/custom-resources.md says."""
    cluster = clusters()
    cluster.kubectl("apply", "--server-side", "-f", ROOT / "deploy/chart/files/definitions.yaml")
    installed = Installed(cluster, {"customResources": {"enabled": True, "definitions": False}})
    try:
        wait_until(lambda: TYPO_SAID in installed.cluster.kubectl(
            "apply", "-f", "-", input=policy(TYPO), check=False).stderr, "the broken policy refused", DEADLINE)
        installed.cluster.kubectl("apply", "-f", "-", input=policy({"rules": DENY}))
    finally:
        installed.stop()
