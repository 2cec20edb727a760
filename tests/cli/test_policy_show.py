"""pratique policy show: policies as they are understood, and those that judge an image."""
import json

import pytest

POLICIES = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: everywhere, labels: {team: a}}
spec:
  rules:
    - name: hub
      deny: ["**:latest"]
    - name: all
      allow: ["**"]
---
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: mirror}
spec:
  mode: warn
  images: [mirror.example.com, docker.io/library/*]
  rules:
    - name: tagged
      deny: ["**:dev"]
---
apiVersion: pratique.dev/v1alpha1
kind: ImagePolicy
metadata: {name: shop, namespace: shop}
spec:
  rules: [{name: shop, deny: ["**:old"]}]
---
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: alice}
spec:
  match: {users: [alice], kinds: [Job]}
  rules: [{name: alice, deny: ["**:old"]}]
"""


def test_defaults_are_filled_in(run, golden):
    run.write("p.yaml", POLICIES)
    golden("policy-show.yaml", run("policy", "show", "p.yaml", code=0).out)


def test_shown_policies_mean_the_same(run):
    run.write("p.yaml", POLICIES)
    run.write("shown.yaml", run("policy", "show", "p.yaml", code=0).out)
    again = run("policy", "show", "shown.yaml", code=0).out
    drop = lambda text: [line for line in text.splitlines() if not line.startswith("# ")]
    assert drop(again) == drop((run.folder / "shown.yaml").read_text())
    run("policy", "lint", "shown.yaml", code=0)


IMAGES = ["nginx", "nginx:1", "mirror.example.com/a:1", "ghcr.io/a/b:2", "docker.io/acme/x:dev"]


@pytest.mark.parametrize("image", IMAGES)
@pytest.mark.parametrize("context", [(), ("--namespace", "shop"), ("--user", "alice"),
                                     ("--user", "bob", "--kind", "Job"), ("--kind", "Job")])
def test_filters_as_explain_says(run, image, context):
    run.write("p.yaml", POLICIES)
    explained = json.loads(run("explain", "-p", "p.yaml", "-o", "json", *context, image).out)
    applying = {(item["policy"], item["rule"]) for item in explained["considered"]
                if item["applies"] and item["rule"]}
    shown = json.loads(run("policy", "show", "-o", "json", "--image", image, *context, "p.yaml",
                           code=0).out)
    rules = {(name(policy), rule["name"]) for policy in shown for rule in policy["spec"]["rules"]}
    assert rules == applying
    policies = {item["policy"] for item in explained["considered"]
                if item["applies"] and not item["rule"]}
    assert {name(policy) for policy in shown} == policies


def name(policy):
    metadata = policy["metadata"]
    return metadata["name"]


def test_nothing_applies(run):
    run.write("p.yaml", POLICIES[POLICIES.index("kind: ClusterImagePolicy\nmetadata: {name: mirror"):]
              .replace("kind", "apiVersion: pratique.dev/v1alpha1\nkind", 1).split("---")[0])
    assert run("policy", "show", "--image", "ghcr.io/a", "p.yaml", code=0).out == "# no policy applies\n"
    assert json.loads(run("policy", "show", "-o", "json", "--image", "ghcr.io/a", "p.yaml",
                          code=0).out) == []


def test_standard_input(run):
    run.write("p.yaml", POLICIES)
    shown = run("policy", "show", "p.yaml", code=0).out
    piped = run("policy", "show", "-", stdin=POLICIES, code=0).out
    assert piped == shown.replace("# p.yaml:", "# -:")
    run("policy", "show", "--image", "nginx", "-", stdin=POLICIES, code=0)
    assert "only one" in run("policy", "show", "-", "p.yaml", stdin=POLICIES, code=2).err


def test_what_is_wrong(run):
    run.write("bad.yaml", POLICIES.replace("deny", "denies", 1))
    result = run("policy", "show", "bad.yaml", code=2)
    assert result.out == "" and "bad.yaml:7:7: error" in result.err
    run.write("p.yaml", POLICIES)
    assert "white space" in run("policy", "show", "--image", "a b", "p.yaml", code=2).err
