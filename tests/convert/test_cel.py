"""Expressions in CEL: which are carried over, to which rules, and that everything else is by hand."""
import json

import pytest

ALL = "(object.spec.containers + object.spec.?initContainers.orValue([]) + object.spec.?ephemeralContainers.orValue([]))"


def policy(expression, resources=("pods",), **spec):
    return json.dumps({
        "apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy", "metadata": {"name": "x"},
        "spec": {"matchConstraints": {"resourceRules": [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"],
                                                         "resources": list(resources)}]},
                 "validations": [{"expression": expression}], **spec}})


def rules_of(answer):
    """The rules as lists in YAML, without names."""
    text = "".join(answer["policies"][:-1])
    lines = [line.strip() for line in text.partition("rules:\n")[2].splitlines()]
    return " ".join(line.removeprefix("- ").strip('"') for line in lines if not line.startswith(("- name", "name")))


@pytest.mark.parametrize("predicate,rules", [
    ("c.image.startsWith('ghcr.io/')", "allow: ghcr.io"),
    ('c.image.startsWith("ghcr.io/acme/")', "allow: ghcr.io/acme/**"),
    ("c.image.matches('^ghcr\\\\.io/acme/.+$')", "allow: ghcr.io/acme/**"),
    ("c.image.matches(r'^ghcr\\.io/')", "allow: ghcr.io"),
    ("c.image.matches('^(ghcr\\\\.io|quay\\\\.io)/.*$')", "allow: ghcr.io quay.io"),
    ("c.image.startsWith('ghcr.io/') || c.image.startsWith('quay.io/')", "allow: ghcr.io quay.io"),
    ("c.image.contains('@')", "require: digest"),
    ("!c.image.startsWith('evil.com/')", "deny: evil.com"),
    ("!(c.image.startsWith('evil.com/') || c.image.startsWith('bad.com/'))", "deny: evil.com deny: bad.com"),
    ("!!c.image.startsWith('ghcr.io/')", "allow: ghcr.io"),
    ("((c.image.startsWith('ghcr.io/')))", "allow: ghcr.io"),
    ("c.image.startsWith('ghcr.io/') && !c.image.startsWith('ghcr.io/old/')", "allow: ghcr.io deny: ghcr.io/old/**"),
])
def test_exact(predicate, rules, convert):
    answer = convert(policy(f"{ALL}.all(c, {predicate})"))
    assert answer["notes"] == []
    assert rules_of(answer) == rules


@pytest.mark.parametrize("expression", [
    "object.spec.containers.exists(c, c.image.startsWith('ghcr.io/'))",
    "!object.spec.containers.all(c, c.image.startsWith('ghcr.io/'))",
    "object.spec.containers.all(c, c.image.startsWith('ghcr.io/')) || true && 'image' == 'image'",
    "object.spec.containers.all(c, d.image.startsWith('ghcr.io/'))",
    "object.spec.containers.all(c, c.name.startsWith('image/'))",
    "object.spec.containers.all(c, c.image.startsWith('ghcr.io/') == false)",
    "object.spec.containers.all(c, c.image.startsWith('ghcr.io/') ? false : true)",
    "object.spec.containers.all(c, c.image.startsWith('ghcr.io/') || !c.image.endsWith(':latest'))",
    "object.spec.containers.all(c, c.image.lowerAscii().startsWith('ghcr.io/'))",
    "object.spec.containers.all(c, c.image.startsWith('ghcr.io/'))) // image",
    "object.spec.containers.all(c, c.image.startsWith('ghcr.io/')",
    "object.spec.containers.all(c, c.image.startsWith(''))",
    "object.spec.containers.all(c, c.image.startsWith('*'))",
    "object.spec.containers.all(c, c.image.startsWith('ghcr.io/' + 'x'))",
    "object.spec.containers.all(c, c.image.startsWith('\\u0067hcr.io/'))",
    "object.spec.containers.all(c, c.image.matches('^ghcr[.]io/'))",
    "object.spec.containers.all(c, c.image.matches('^(ghcr|(quay))\\\\.io/'))",
    "object.spec.containers.all(c, c.image.matches('^(ghcr)?.io/'))",
    "object.spec.containers.all(c, c.image.matches('^ghcr.io/|^quay.io/'))",
    "object.spec.containers.all(c, c.image.matches('ghcr.io/$^'))",
    "object.spec.containers.all(c, c.image.matches('(?i)ghcr.io/'))",
    "object.spec.containers.all(c, c.image in variables.images)",
    "object.spec.containers.all(c, c.image in [])",
    "object.spec.containers.all(c, !c.image in ['a'])",
    "object.spec.containers.all(c, !c.image == 'a')",
    "object.spec.initContainers.all(c, c.image.startsWith('ghcr.io/'))",
    "object.spec.template.spec.containers.all(c, c.image.startsWith('ghcr.io/'))",
    "oldObject.spec.containers.all(c, c.image.startsWith('ghcr.io/'))",
    "object.spec.containers + object.spec.containers.all(c, c.image.startsWith('ghcr.io/'))",
    "images.bar.all(image, image.startsWith('ghcr.io/'))",
    "variables.images.all(image, image.startsWith('ghcr.io/'))",
    "images.containers.all(image, " + "!(" * 40 + "image == 'a'" + ")" * 41,
    "images.containers.all(image, " + " && ".join(["image != 'a'"] * 90) + ")",
    "images.containers.all(c, c.image == 'a')",
    "object.spec.containers.all(c, c == 'image')",
    "", "images.",
])
def test_by_hand(expression, convert):
    answer = convert(policy(expression or "image"))
    assert {note["effect"] for note in answer["notes"]} >= {"not converted"}
    assert 'deny:\n        - "**"' in answer["policies"][0]


def test_variables(convert):
    """A variable stands for a list; one that names itself ends."""
    loop = [{"name": "a", "expression": "variables.b"}, {"name": "b", "expression": "variables.a"}]
    answer = convert(policy("variables.a.all(c, c.image.startsWith('ghcr.io/'))", variables=loop))
    assert {note["effect"] for note in answer["notes"]} == {"not converted"}
    chain = [{"name": "a", "expression": "variables.b"}, {"name": "b", "expression": ALL}]
    assert convert(policy("variables.a.all(c, c.image.startsWith('ghcr.io/'))", variables=chain))["notes"] == []


def test_where_containers_are(convert):
    """What is read of a Pod's place is no demand on a Deployment, and the reverse."""
    below = "object.spec.template.spec.containers.all(c, c.image.startsWith('ghcr.io/'))"
    answer = convert(policy(below, ["deployments"]))
    assert [note["effect"] for note in answer["notes"]] == ["stricter"] and '- "Deployment"' in answer["policies"][0]
    for resources in (["deployments", "pods"], ["cronjobs"], ["*"]):
        assert "not converted" in {note["effect"] for note in convert(policy(below, resources))["notes"]}


def test_images_that_must_be_signed(convert):
    """An ImageValidatingPolicy demands signatures by itself, and digests."""
    source = policy("images.containers.all(image, image.startsWith('ghcr.io/'))").replace(
        '"ValidatingPolicy"', '"ImageValidatingPolicy"')
    signed = convert(source)
    assert 'name: "signed"' in "".join(signed["policies"]) and 'deny:\n        - "**"' in "".join(signed["policies"])
    source = source.replace('"validations"', '"validationConfigurations": {"required": false}, "validations"')
    answer = convert(source)
    assert rules_of(answer) == "allow: ghcr.io require: digest mutate: resolveDigest: true"
    assert "whether a registry has the image is not looked up" in [note["text"] for note in answer["notes"]]


def test_of_a_namespace(convert):
    source = policy(f"{ALL}.all(c, c.image.startsWith('ghcr.io/'))").replace(
        '"ValidatingPolicy"', '"NamespacedValidatingPolicy"').replace('"name": "x"', '"name": "x", "namespace": "shop"')
    assert "kind: ImagePolicy\n" in convert(source)["policies"][0]
