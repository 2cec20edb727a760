"""pratique policy convert: what it reads and writes, and what it says."""
import json

import pytest

CONSTRAINT = """\
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sAllowedRepos
metadata: {name: %s}
spec:
  match: {kinds: [{apiGroups: [""], kinds: [Pod]}]}
  parameters: {repos: [%s]}
"""
EXACT = CONSTRAINT % ("repos", "ghcr.io/")
PREFIX = CONSTRAINT % ("prefix", "ghcr.io")


def test_exact(pratique):
    result = pratique("policy", "convert", "-", stdin=EXACT)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == """\
# From standard input:1: Gatekeeper K8sAllowedRepos repos
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata:
  name: "repos"
spec:
  mode: enforce
  match:
    kinds:
      - "Pod"
  rules:
    - name: "allowed-repos"
      allow:
        - "ghcr.io"
---
# The sources admit images that none of their policies is about; so does
# this policy. Without it, an image that no policy covers is denied.
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata:
  name: "everything-else"
spec:
  mode: enforce
  rules:
    - name: "any"
      allow:
        - "**"
"""


def test_note(pratique):
    result = pratique("policy", "convert", "-", stdin=PREFIX)
    assert result.returncode == 1
    assert result.stderr == ("standard input:6:24: K8sAllowedRepos prefix: spec.parameters.repos[0]: stricter: what "
                             "begins so may be another registry; what was written admits less\n")


def test_json(pratique):
    result = pratique("policy", "convert", "-o", "json", "-", stdin=EXACT + "---\n" + PREFIX)
    answer = json.loads(result.stdout)
    assert result.returncode == 1 and result.stderr == ""
    assert len(answer["policies"]) == 3
    assert answer["notes"] == [{
        "file": "standard input", "line": 13, "column": 24, "kind": "K8sAllowedRepos", "name": "prefix",
        "path": "spec.parameters.repos[0]", "effect": "stricter",
        "text": "what begins so may be another registry; what was written admits less"}]


def test_a_file_for_each_object(pratique):
    folder = pratique.folder / "out"
    (pratique.folder / "in").mkdir()
    (pratique.folder / "in/a.yaml").write_text(EXACT + "---\n" + CONSTRAINT % ("../../x", "ghcr.io/"))
    assert pratique("policy", "convert", "--write-to", "out", "in").returncode == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["everything-else.yaml", "k8sallowedrepos-repos.yaml", "k8sallowedrepos-x.yaml"]
    assert pratique("policy", "lint", "out").returncode == 0


def test_files_are_not_overwritten(pratique):
    (pratique.folder / "a.yaml").write_text(EXACT)
    (pratique.folder / "out").mkdir()
    (pratique.folder / "out/k8sallowedrepos-repos.yaml").write_text("mine")
    result = pratique("policy", "convert", "--write-to", "out", "a.yaml")
    assert result.returncode == 2
    assert result.stderr == "pratique policy convert: out/k8sallowedrepos-repos.yaml exists; --force overwrites\n"
    assert (pratique.folder / "out/k8sallowedrepos-repos.yaml").read_text() == "mine"
    assert pratique("policy", "convert", "--write-to", "out", "--force", "a.yaml").returncode == 0
    assert (pratique.folder / "out/k8sallowedrepos-repos.yaml").read_text().startswith("# From a.yaml:1")


def test_other_kinds_are_left_out(pratique):
    """What no converter is for is told, and the rest is written."""
    alone = pratique("policy", "convert", "-", stdin=EXACT)
    result = pratique("policy", "convert", "-", stdin=EXACT + """---
apiVersion: v1
kind: Pod
metadata: {name: p}
---
a: b
""")
    assert (result.returncode, result.stdout) == (1, alone.stdout)
    assert result.stderr == (
        "standard input:8:1: Pod p: not converted: v1 is no policy that can be converted; nothing was written\n"
        "standard input:12:1: document: not converted: without a kind it can only be a configuration of Connaisseur or "
        "a policy.json, and it is neither; nothing was written\n")


def test_other_kinds_alone_are_an_error(pratique):
    result = pratique("policy", "convert", "-", stdin="apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n")
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr == (
        "standard input:1:1: Pod p: not converted: v1 is no policy that can be converted; nothing was written\n"
        "pratique policy convert: there is nothing to convert\n")


def test_nothing_is_an_error(pratique):
    result = pratique("policy", "convert", "-")
    assert (result.returncode, result.stderr) == (3, "pratique policy convert: there is nothing to convert\n")


def test_missing_file(pratique):
    assert pratique("policy", "convert", "none.yaml").returncode == 3


def test_wrong_types_deny(convert, judge):
    """A policy that its own tool would refuse: what it was meant to demand is not known, so nothing passes."""
    answer = convert(EXACT.replace("{repos: [ghcr.io/]}", "[]") + "---\n" + CONSTRAINT % ("other", "ghcr.io/"))
    assert [(note["name"], note["line"], note["path"], note["effect"], note["text"]) for note in answer["notes"]] == [
        ("repos", 6, "spec.parameters", "not converted",
         "parameters must be an object, found a list; the rule shape denies every image that it is about until it is "
         "converted by hand")]
    assert judge([pod("ghcr.io/acme/app")]) == [False]
    assert 'name: "other"' in answer["policies"][1]


@pytest.mark.parametrize("source,text", [
    (EXACT.replace("name: repos", "labels: {}"), "metadata.name is missing"),
    ("""\
apiVersion: kyverno.io/v1
kind: Policy
metadata: {name: own, namespace: "Not A Name"}
spec: {rules: []}
""", "metadata.namespace is missing or no name of a namespace"),
    ("""\
apiVersion: portieris.cloud.ibm.com/v1
kind: ImagePolicy
metadata: {name: own}
spec: {repositories: [{name: "*"}]}
""", "metadata.namespace is missing or no name of a namespace"),
])
def test_no_name_denies(source, text, convert, judge):
    note, = convert(source)["notes"]
    assert note["text"].startswith(text + "; the rule shape denies every image")
    assert judge([pod("ghcr.io/acme/app")]) == [False]


def test_lists_are_taken_apart(pratique, convert):
    one = json.dumps({"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "K8sImageDigests",
                      "metadata": {"name": "a"}, "spec": {"match": {"kinds": [{"kinds": ["Pod"]}]}}})
    answer = convert('{"apiVersion": "v1", "kind": "List", "items": [%s, %s]}' % (one, one.replace('"a"', '"b"')))
    assert len(answer["policies"]) == 3


def test_equal_names(convert):
    answer = convert(EXACT + "---\n" + EXACT)
    assert 'name: "repos"' in answer["policies"][0] and 'name: "repos-2"' in answer["policies"][1]


def test_a_name_cannot_end_a_comment(convert):
    answer = convert(EXACT.replace("{name: repos}", '{name: "a\\n---\\nkind: x"}'))
    assert answer["policies"][0].startswith("# From standard input:1: Gatekeeper K8sAllowedRepos a?---?kind: x\n")


def test_deny_by_default_stays(convert, judge):
    """What policy-controller denies because no policy matches is not admitted for Gatekeeper's sake."""
    convert(EXACT + """---
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: pass}
spec: {images: [{glob: "ghcr.io/acme/**"}], authorities: [{static: {action: pass}}]}
""")
    assert judge(pod(image) for image in ["ghcr.io/acme/app", "ghcr.io/other/app", "quay.io/acme/app"]) == [
        True, False, False]


def test_notes_of_a_list_over_several_documents(convert):
    """Portieris makes one list of both; each note tells its own place."""
    answer = convert("""\
apiVersion: portieris.cloud.ibm.com/v1
kind: ClusterImagePolicy
metadata: {name: a}
spec: {repositories: [{name: "icr.io/*"}]}
---
apiVersion: portieris.cloud.ibm.com/v1
kind: ClusterImagePolicy
metadata: {name: b}
spec: {repositories: [{name: "docker.io/*"}, {name: "quay.io/*", policy: {trust: {enabled: true}}}]}
""")
    assert [(note["name"], note["line"], note["path"], note["effect"]) for note in answer["notes"]] == [
        ("b", 9, "spec.repositories[0].name", "same"), ("b", 9, "spec.repositories[1].name", "not converted")]
    assert "Its list is one with that of a, and written there." in answer["policies"][1]


def pod(image):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"},
            "spec": {"containers": [{"name": "c", "image": image}]}}


VERIFY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: verify}
spec:
  validationFailureAction: %s
  rules:
    - name: r
      match: {any: [{resources: {kinds: [Pod]}}]}
      verifyImages: [{imageReferences: ["ghcr.io/acme/*"]%s}]
"""
CEL = """\
apiVersion: policies.kyverno.io/v1
kind: ImageValidatingPolicy
metadata: {name: verify}
spec:
  validationActions: [%s]
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  matchImageReferences: [{glob: "ghcr.io/acme/*"}]
  validationConfigurations: {required: false%s}
"""


@pytest.mark.parametrize("source, mode, more, writes", [
    (VERIFY, "Enforce", "", True), (VERIFY, "Enforce", ", mutateDigest: true", True), (VERIFY, "Enforce", ", mutateDigest: false", False),
    (VERIFY, "Audit", "", False), (VERIFY, "Enforce", ", attestors: [{entries: [{keys: {publicKeys: x}}]}]", True),
    (CEL, "Deny", "", True), (CEL, "Deny", ", mutateDigest: true", True), (CEL, "Deny", ", mutateDigest: false", False), (CEL, "Audit", "", False)])
def test_kyverno_writes_digests(convert, judge, source, mode, more, writes):
    """mutateDigest, which is true unless it says otherwise; not where it only audits. What has no digest then is denied as before."""
    policies = convert(source % (mode, more))["policies"]
    text = "\n".join(policies)
    assert ("  mutate:\n    resolveDigest: true\n" in text) is writes, text
    pinned = "ghcr.io/acme/app:1@sha256:" + "a" * 64
    denies = mode != "Audit"
    assert judge([pod("ghcr.io/acme/app:1"), pod(pinned), pod("ghcr.io/other/app:1")]) == [not denies, "attestors" not in more, True]


def test_kyverno_that_writes_digests_and_demands_none(convert, judge):
    answer = convert(VERIFY % ("Enforce", ", verifyDigest: false"))
    assert [(note["effect"], note["text"]) for note in answer["notes"]] == [
        ("not converted", 'digests are written, but none is demanded; give a policy that demands something "mutate.resolveDigest"')]
    assert judge([pod("ghcr.io/acme/app:1")]) == [True]
    answer = convert(VERIFY % ("Enforce", ", verifyDigest: false, mutateDigest: false"))
    assert answer["notes"] == []
