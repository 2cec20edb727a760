"""pratique policy diff: what came, what went, and in what the rest differs."""
import pytest
from schemas import validate

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: {name}}}
spec:
  mode: {mode}
  rules:
    - name: trusted
      allow: [{allow}]
    - name: no-latest
      deny: ["**:latest"]
"""


def policy(name="a", mode="enforce", allow="r.example.com, docker.io"):
    return POLICY.format(name=name, mode=mode, allow=allow)


def diff(run, old, new, code):
    run.write("old.yaml", old)
    run.write("new.yaml", new)
    answer = validate(run("policy", "diff", "-o", "json", "old.yaml", "new.yaml", code=code).out,
                      "diff-output")
    assert answer["summary"] == {
        change: sum(one["change"] == change for one in answer["changes"])
        for change in ("changed", "added", "removed")}
    return [(one["change"], one["name"], [(field["path"], field["old"], field["new"])
                                          for field in one["fields"]]) for one in answer["changes"]]


def test_text(run, golden):
    run.write("old.yaml", "---\n".join([policy("a"), policy("gone"), policy("same")]))
    run.write("new.yaml", "---\n".join([policy("same"), policy("come"), policy(
        "a", "warn", "docker.io, ghcr.io").replace("no-latest", "tags")]))
    golden("policy-diff.txt", run("policy", "diff", "old.yaml", "new.yaml", code=1).out)


@pytest.mark.parametrize("old, new, fields", [
    (policy(), policy(allow="docker.io, r.example.com"), []),
    (policy(), policy().replace("docker.io", '"docker.io"'), []),
    (policy(), policy(mode="warn"), [("spec.mode", "enforce", "warn")]),
    (policy(), policy(allow="docker.io"), [("spec.rules[trusted].allow", "r.example.com", None)]),
    (policy(), policy(allow="docker.io, r.example.com, docker.io"),
     [("spec.rules[trusted].allow", None, "docker.io")]),
    (policy(allow="a, a, b"), policy(allow="b, a"), [("spec.rules[trusted].allow", "a", None)]),
    (policy(allow='"1"'), policy(allow="1"), [("spec.rules[trusted].allow", "1", None),
                                              ("spec.rules[trusted].allow", None, 1)]),
    (policy(), policy().replace("  mode: enforce\n", ""), [("spec.mode", "enforce", None)]),
    (policy(), policy().replace("deny: [", "allow: ["),
     [("spec.rules[no-latest].deny", ["**:latest"], None),
      ("spec.rules[no-latest].allow", None, ["**:latest"])]),
    (policy().replace("trusted", "no-latest"), policy().replace("trusted", "no-latest").replace(
        "latest\n      deny", "latest\n      allow"),
     [("spec.rules[1].deny", ["**:latest"], None), ("spec.rules[1].allow", None, ["**:latest"])]),
])
def test_fields(run, old, new, fields):
    changes = diff(run, old, new, code=1 if fields else 0)
    assert changes == ([("changed", "a", fields)] if fields else [])


def test_order_of_documents_and_rules_is_no_difference(run):
    rules = policy().split("  rules:\n")[1]
    first, second = rules[:rules.index("    - name: no")], rules[rules.index("    - name: no"):]
    turned = policy().replace(first + second, second + first)
    assert turned != policy()
    assert diff(run, policy("a") + "---\n" + policy("b"), policy("b") + "---\n" + turned, 0) == []


def test_a_name_that_stands_twice(run):
    """A second document of the same name is never passed over."""
    assert diff(run, policy(), policy() + "---\n" + policy(mode="audit"), 1) == [("added", "a", [])]
    assert diff(run, policy() + "---\n" + policy(mode="audit"), policy(), 1) == [("removed", "a", [])]
    both = policy() + "---\n" + policy(mode="audit")
    assert diff(run, both, both, 0) == []


def test_kinds_and_namespaces_part(run):
    spaced = policy().replace("{name: a}", "{name: a, namespace: shop}")
    assert diff(run, policy(), spaced, 1) == [("removed", "a", []), ("added", "a", [])]
    assert diff(run, policy(), policy().replace("Cluster", ""), 1) == [("removed", "a", []),
                                                                       ("added", "a", [])]


def test_directories_and_standard_input(run):
    run.write("old/a.yaml", policy("a"))
    run.write("old/b.yml", policy("b"))
    run.write("new/all.yaml", policy("b") + "---\n" + policy("a"))
    assert run("policy", "diff", "old", "new", code=0).out == "0 changed, 0 added, 0 removed\n"
    run("policy", "diff", "-", "new", stdin=policy("b") + "---\n" + policy("a"), code=0)
    assert "both sides" in run("policy", "diff", "-", "-", stdin=policy(), code=2).err


def test_what_cannot_be_read(run):
    run.write("bad.yaml", "kind: [")
    result = run("policy", "diff", "bad.yaml", "policy.yaml", code=2)
    assert result.out == "" and result.err.startswith("pratique policy diff: bad.yaml: line ")
    assert "gone.yaml: cannot open" in run("policy", "diff", "policy.yaml", "gone.yaml", code=2).err


def test_many_policies(run):
    """Were each looked for from one end, this would take longer than the fixture waits."""
    text = ["kind: ClusterImagePolicy\nmetadata: {name: %s}\n" % (200 * "a" + str(i))
            for i in range(50000)]
    run.write("old.yaml", "---\n".join(text))
    run.write("new.yaml", "---\n".join(reversed(text)))
    run("policy", "diff", "old.yaml", "new.yaml", code=0)


def test_a_long_list(run):
    patterns = [f"r{i}.example.com" for i in range(100000)]
    changes = diff(run, policy(allow=", ".join(patterns)),
                   policy(allow=", ".join(reversed(patterns[1:]))), 1)
    assert changes == [("changed", "a", [("spec.rules[trusted].allow", "r0.example.com", None)])]
