"""docs/peers.md, held: every identifier in it has a test whose name has the identifier in it, every test that
it names exists, and no case of peers/ is left out. And the attacks of peers that policy files alone show."""
import json
import pathlib
import re

import pytest

from casework import ROOT, run

PAGE = ROOT / "docs/peers.md"
PEERS = pathlib.Path(__file__).parent / "peers"
IDENTIFIER = re.compile(r"CVE-\d+-\d+|GHSA(?:-[a-z0-9]{4}){3}|[\w.-]+#\d+")
NOT_OURS = "does not apply: "


def rows():
    """The cells of each row of a table, its head left out."""
    lines = PAGE.read_text().splitlines()
    tables = [line for line, after in zip(lines, lines[1:] + [""])
              if line.startswith("| ") and not after.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in tables]


def told_in(row):
    return re.findall(r"`(tests/[^`]+)`", row[-1])


WITH_IDENTIFIERS = [row for row in rows() if IDENTIFIER.search(row[0])]


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def names(test, identifier):
    """Whether the name of a test has the identifier in it: all its words for a CVE or a GHSA; the
    repository's and the number for an issue, between which others of the same repository may stand."""
    found, wanted = words(test), words(identifier)
    if "#" in identifier:
        return set(wanted) <= set(found)
    return " ".join(wanted) in " ".join(found)


def test_the_page_is_read():
    assert len(WITH_IDENTIFIERS) >= 75 and len(rows()) >= 126


@pytest.mark.parametrize("row", WITH_IDENTIFIERS, ids=lambda row: row[0])
def test_each_identifier_has_its_test(row):
    if row[-1].startswith(NOT_OURS):
        assert len(row[-1]) > len(NOT_OURS) + 10
        return
    for identifier in IDENTIFIER.findall(row[0]):
        assert any(names(test, identifier) for test in told_in(row)), f"no test of {identifier}"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_each_test_exists(row):
    assert told_in(row) or NOT_OURS in row[-1], row
    for test in told_in(row):
        path, _, name = test.partition("::")
        found = list(ROOT.glob(path))
        assert found, f"{path} does not exist"
        if path.startswith("tests/cases/") and not name and not path.endswith(".py"):
            assert all((one / "expect.json").exists() for one in found if one.is_dir()), path
        if name:
            text = found[0].read_text()
            function, _, case = name.partition("[")
            assert re.search(rf"\b{re.escape(function)}\(", text), f"{path} defines no {function}"
            assert not case or f'"{case[:-1]}"' in text, f"{path} has no case {case[:-1]}"


def test_no_case_is_left_out():
    told = {test for row in rows() for test in told_in(row)}
    cases = {f"tests/cases/peers/{folder.name}" for folder in PEERS.iterdir() if folder.is_dir()}
    assert not cases - told


# -- refused when it is loaded --

HEAD = "apiVersion: pratique.dev/v1alpha1\nkind: {kind}\nmetadata: {metadata}\nspec: {spec}\n"
RULE = '{name: a, allow: ["**"]}'
REFUSED = [
    ("cve-2024-48921", "ImagePolicyException", "{name: x, namespace: attacker}",
     '{policies: [a], until: 2999-01-01T00:00:00Z, reason: r}',
     "metadata.namespace: a document of kind ImagePolicyException belongs to the whole cluster and has no "
     "namespace; the namespaces it is for are listed in spec"),
    ("cve-2022-35929", "ClusterImagePolicy", "{name: x}", "{rules: [{name: a, attestation: {}}]}",
     'spec.rules[0].attestation: "attestation" is not part of this version of pratique'),
    ("cve-2022-35930", "ClusterImagePolicy", "{name: x}", "{rules: [{name: a, signature: {}}]}",
     'spec.rules[0].signature: "signature" is not part of this version of pratique'),
    ("kyverno-16808", "ClusterImagePolicy", "{name: x}",
     '{rules: [{name: a, allow: ["**"], onError: warn}]}',
     "spec.rules[0].onError: a rule of kind allow looks at the reference alone, for which nobody is asked"),
    ("kyverno-16809", "ClusterImagePolicy", "{name: x}", "{rules: [" + RULE + "], verifyDigest: true}",
     'spec.verifyDigest: unknown field "verifyDigest"'),
    ("policy-controller-empty-authorities", "ClusterImagePolicy", "{name: x}", "{rules: []}",
     "spec.rules: must not be empty"),
    ("policy-controller-no-authorities", "ClusterImagePolicy", "{name: x}", "{rules: [{name: a}]}",
     "spec.rules[0]: the rule demands nothing; give it allow, deny, tag, require or image"),
    ("policy-controller-nothing-at-all", "ClusterImagePolicy", "{name: x}", "{}",
     "spec: the policy does nothing; give it rules, mutate.rewrite or mutate.resolveDigest"),
    ("policy-controller-invalid-mode", "ClusterImagePolicy", "{name: x}",
     "{mode: allow, rules: [" + RULE + "]}",
     'spec.mode: must be one of "enforce", "warn", "audit", found "allow"'),
    ("policy-controller-invalid-glob", "ClusterImagePolicy", "{name: x}",
     '{rules: [{name: a, allow: ["[a-z]*"]}]}', 'spec.rules[0].allow[0]: pattern "[a-z]*": host "[a-z]*" is no address: between brackets stand hex digits '
     'and ":" alone, without a zone'),
]


@pytest.mark.parametrize("_, kind, metadata, spec, wanted", REFUSED, ids=[row[0] for row in REFUSED])
def test_a_policy_is_refused(_, kind, metadata, spec, wanted):
    process = run("policy", "lint", "-",
                  stdin=HEAD.format(kind=kind, metadata=metadata, spec=spec).encode())
    assert process.returncode == 1
    errors = [line for line in process.stdout.decode().splitlines() if ": error: " in line]
    assert len(errors) == 1 and f": error: {wanted}" in errors[0], process.stdout.decode()


# -- globs --

GLOBS = [  # an image, a glob of policy-controller's tests, ours that says the same, and whether they match
    ("foo", "index.docker.io/library/foo:latest", "docker.io/library/foo:latest", True),
    ("foo", "index.docker.io/library/foo:*", "docker.io/library/foo:*", True),
    ("foo", "index.docker.io/library/*", "docker.io/library/*", True),
    ("foo", "index.docker.io/library/*:latest", "docker.io/library/*:latest", True),
    ("foo", "index.docker.io/*/*", "docker.io/*/*", True),
    ("foo", "index.docker.io/**", "docker.io/**", True),
    ("foo", "**", "**", True),
    ("foo", "foo", "foo", True),
    ("myuser/myapp", "index.docker.io/myuser/myapp:latest", "docker.io/myuser/myapp:latest", True),
    ("myuser/myapp", "index.docker.io/myuser/*:latest", "docker.io/myuser/*:latest", True),
    ("myuser/myapp", "index.docker.io/library/*", "docker.io/library/*", False),
    ("myuser/myapp", "index.docker.io/*/*", "docker.io/*/*", True),
    ("myuser/myapp", "myuser/myapp", "myuser/myapp", True),
    ("ghcr.io/foo/bar", "ghcr.io/*/*", "ghcr.io/*/*", True),
    ("ghcr.io/foo/bar", "ghcr.io/**", "ghcr.io/**", True),
    ("ghcr.io/foo", "ghcr.io/*/*", "ghcr.io/*/*", False),
    ("ghcr.io/foo", "ghcr.io/**", "ghcr.io/**", True),
    ("ghcr.io/foo", "ghcr.io/foo*", "ghcr.io/foo*", True),
    ("prefix-ghcr.io/foo", "ghcr.io/foo", "ghcr.io/foo", False),
    ("ghcr.io/foo-suffix", "ghcr.io/foo", "ghcr.io/foo", False),
    ("ghcrxio/foo", "ghcr.io/**", "ghcr.io/**", False),
    ("invalid&name", "**", "**", False),
]


@pytest.mark.parametrize("image, theirs, ours, matches", GLOBS, ids=[f"{row[0]}-{row[1]}" for row in GLOBS])
def test_policy_controller_globs(image, theirs, ours, matches, tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text(HEAD.format(kind="ClusterImagePolicy", metadata="{name: x}",
                                  spec=f'{{rules: [{{name: a, allow: ["{ours}"]}}]}}'))
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
           "spec": {"containers": [{"name": "web", "image": image}]}}
    process = run("check", "--policy", policy, "-", stdin=json.dumps(pod).encode())
    assert process.returncode == (0 if matches else 1), process.stdout.decode()
