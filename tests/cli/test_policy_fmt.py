"""pratique policy fmt: one form, and nothing lost on the way to it."""
import itertools
import random

import pytest

ENDS = "apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\n"


def fmt(run, text, code=0):
    """The canonical form, which must be its own."""
    result = run("policy", "fmt", "-", stdin=text, code=code)
    if code == 0:
        assert run("policy", "fmt", "-", stdin=result.out, code=0).out == result.out
    return result.out


MESSY = """\

# licence

# about the policy
spec: # the spec
    rules:   # all
    -   # first
        deny: [ '**:latest' ,   # one
                "**:dev"]       # two

        name:   no-latest
    # second
    - {name: "trusted", allow: [registry.example.com, 'docker.io/library/*']} # inline
    mode:   "enforce"
kind: ClusterImagePolicy


metadata: {name: 'baseline', annotations: {a: "yes", b: no}}
apiVersion: pratique.dev/v1alpha1
# last
--- # second document
kind: ImagePolicyException
"""


def test_golden(run, golden):
    golden("policy-fmt.yaml", fmt(run, MESSY))


@pytest.mark.parametrize("text", [
    "a: b # c\n", "# c\na: b\n", "a:\n  # c\n  b: 1\n", "a:\n  b: 1\n  # c\n", "a: # c\n  b: 1\n",
    "a:\n- 1\n# c\n- 2\n", "a: [1, # c\n 2]\n", "a: [1,\n # c\n 2]\n", "a: [1, 2 # c\n ]\n",
    "a: | # c\n  text\n", "a: |\n  text\n# c\n", "a: >\n  text\n\n# c\nb: 1\n", "a: b\n# c",
    "a: b\n# c\n---\nd: e\n", "a: b\n---\n# c\nd: e\n", "# c\n---\na: b\n", "--- # c\na: b\n",
    "a: b\n... # c\n", "a:\n  - # c\n    b: 1\n", "a: { # c\n  b: 1}\n", "a:\n  - { # c\n   b: 1}\n",
    "a: b\n\n# c\n\n---\n\n\n---\nd: e\n", "# c\n", "a:\n  b: 1\n # c\n", "a: 'x\n  y' # c\n",
    "a: x\n  y # c\n", "\ufeff# c\na: b\n", "a: b # c\r\nd: e\r\n", "kind: b # c\napiVersion: d\n",
    "a: # c\n  b\n", "a:\n- - # c\n    b\n", "a:\n  [ # c\n   b]\n", "text # c\n",
    "- a\n# c\n- b\n", "%YAML 1.1\n# c\n---\na: b\n", "a: []  # c\n", "a: # c\n",
])
def test_comments_stay(run, text):
    assert fmt(run, text).count("# c") == 1


STRINGS = ["yes", "no", "on", "y", "N", "true", "1_000", "0o17", "0x1f", "017", "1:30", "190:20:30",
           "~", "null", "NULL", "2001-01-01", "2001-12-14t21:59:43.10-05:00", " a", "a ", "\ta",
           "a #b", "a#b", "#", "a: b", "a:", ": a", "- a", "-", "%a", "@a", "`a", "*a", "&a", "!a",
           "|", ">", "?", "? a", "[a", "{a", "a]", "a, b", "", "'", '"', "\\", "é", "日本", "😀",
           "\u2028", "\u00a0", "\u200e", "\ufeff", "\x00", "\x07", "\x7f", "\x85", "a\nb", "a\nb\n",
           "a\n\nb\n\n", "\n", "\na", " a\nb", "a \nb", "a\tb", "\ta\nb", "---", "--- a", "...",
           "<<", "=", ".inf", "-.inf", ".nan", "1e3", "1.", ".5", "-1", "+1", "+", "x" * 200]


def quoted(text):
    escaped = "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{escaped}"'


def test_strings(run):
    """Each string as a value, an item, an item of a list in lines, a key and inside a list."""
    keys = [text for text in STRINGS if len(text) < 100]
    before = "values:\n" + "".join(f"  k{i}: {quoted(s)}\n" for i, s in enumerate(STRINGS))
    before += "keys:\n" + "".join(f"  {quoted(s)}: 1\n" for s in keys)
    before += "".join(f"flow{i}: [{quoted(s)}]\n" for i, s in enumerate(STRINGS))
    before += "lines:\n" + "".join(f"  - {quoted(s)}\n" for s in STRINGS)
    before += "in-a-list:\n" + "".join(f"  - [[{quoted(s)}, {{a: {quoted(s)}}}]]\n" for s in STRINGS)
    fmt(run, before)


@pytest.mark.parametrize("text, plain", [
    ("registry.example.com", True), ("docker.io/library/*", True), ("1.27.3", True), ("a", True),
    ("yes", False), ("1:30", False), ("2001-01-01", False), ("=", False), ("*", False),
    ("é", True), ("\u200b", False), ("evil\u202emoc", False), ("on", False), ("Null", False),
])
def test_quotes_where_they_are_needed(run, text, plain):
    out = fmt(run, f"a: {quoted(text)}\n")
    assert (out == f"a: {text}\n") == plain
    assert plain or out.startswith('a: "')


def test_literal_blocks(run):
    assert fmt(run, 'a: "one\\n two\\nthree\\n"\n') == "a: |\n  one\n   two\n  three\n"
    assert fmt(run, 'a: "é\\n\\nb"\n') == "a: |-\n  é\n\n  b\n"


def test_long_lists_stand_in_lines(run):
    short, long = ["aaaa"] * 15, ["aaaa"] * 17
    assert fmt(run, f"a: [{','.join(short)}]\n") == f"a: [{', '.join(short)}]\n"
    assert fmt(run, f"a: [{','.join(long)}]\n") == "a:\n" + "  - aaaa\n" * 17


def test_order_of_members(run):
    policy = {"kind": "ClusterImagePolicy", "apiVersion": "pratique.dev/v1alpha1",
              "metadata": "{name: a}", "spec": "{rules: [{deny: [a], name: b}], mode: warn}"}
    forms = {fmt(run, "".join(f"{key}: {policy[key]}\n" for key in keys))
             for keys in itertools.permutations(policy)}
    assert forms == {ENDS + "metadata:\n  name: a\nspec:\n  mode: warn\n  rules:\n"
                     "    - name: b\n      deny: [a]\n"}


def test_json_becomes_yaml(run):
    assert fmt(run, '{"kind":"x",\t"a":[1,{"b":null}],"c":"\\u00e9\\/"}') == (
        "kind: x\na:\n  - 1\n  - b: null\nc: é/\n")
    assert fmt(run, '{"a":1}{"b":2}') == "a: 1\n---\nb: 2\n"
    assert fmt(run, "{}[][1]") == "---\n{}\n---\n[]\n---\n- 1\n"


@pytest.mark.parametrize("text, words", [
    ("a: &x 1\nb: *x\n", "standard input: line 1: anchors and aliases cannot be kept"),
    ("\n\na: 1\nb: &x 1\n", "line 4: anchors"),
    ("a: [\n", "line "), ("a: 1\na: 2\n", "stands twice"), ("\ta: 1\n", "line 1"),
])
def test_refused(run, text, words):
    run.write("a.yaml", text)
    result = run("policy", "fmt", "--write", "a.yaml", code=2)
    assert words.replace("standard input", "a.yaml") in result.err
    assert (run.folder / "a.yaml").read_text() == text and result.out == ""


def test_nothing(run):
    assert fmt(run, "") == "" and fmt(run, "# only\n\n# comments") == "# only\n# comments\n"


def test_write_and_check(run):
    canonical, messy = "kind: x\n", "kind:   x\n"
    run.write("p/a.yaml", messy)
    run.write("p/b.yml", canonical)
    run.write("p/c.json", '{"kind":  "x"}')
    assert run("policy", "fmt", "--check", "p", code=1).out == "p/a.yaml\n"
    assert (run.folder / "p/a.yaml").read_text() == messy
    (run.folder / "p/a.yaml").chmod(0o600)
    assert run("policy", "fmt", "--write", "p", code=0).out == "p/a.yaml\n"
    assert (run.folder / "p/a.yaml").read_text() == canonical
    assert (run.folder / "p/a.yaml").stat().st_mode & 0o777 == 0o600
    assert (run.folder / "p/c.json").read_text() == '{"kind":  "x"}'
    assert run("policy", "fmt", "--check", "p", code=0).out == ""
    assert run("policy", "fmt", "--write", "p", code=0).out == ""
    run.write("p/bad.yaml", "a: [")
    assert "p/bad.yaml" in run("policy", "fmt", "--check", "p", code=2).err
    assert run("policy", "fmt", "missing.yaml", code=2).err.startswith(
        "pratique policy fmt: missing.yaml: cannot open")


def test_standard_input(run):
    assert run("policy", "fmt", "--check", "-", stdin="a:   1\n", code=1).out == "-\n"
    assert run("policy", "fmt", "--check", "-", stdin="a: 1\n", code=0).out == ""
    assert "standard input cannot be written to" in run("policy", "fmt", "-w", "-", code=2).err


DOCUMENT = ENDS + """\
metadata: {{name: p{0}}}   # name {0}
spec:
  rules:
    # about {0}
    - name: trusted
      allow: [registry.example.com]   # list {0}
    - deny:
        - "**:latest"   # x
        # own
        - "**:dev"
      name: last
"""


def test_ten_thousand_documents(run):
    """Were comments looked for from one end, this would take longer than the fixture waits."""
    text = "---\n".join(DOCUMENT.format(i) for i in range(10000))
    out = run("policy", "fmt", "-", stdin=text, code=0).out
    assert out.count("#") == text.count("#")


def random_value(rng, depth):
    """A random value as YAML in lines or braces, with comments wherever one may stand."""
    if depth == 0 or rng.random() < 0.4:
        return quoted(rng.choice(STRINGS)) if rng.random() < 0.8 else rng.choice(["1", "null", "true"])
    values = [random_value(rng, depth - 1) for _ in range(rng.randint(0, 3))]
    comment = lambda: f" # c{rng.randint(0, 9)}\n" if rng.random() < 0.4 else " "
    if rng.random() < 0.5:
        return "[" + comment() + ("," + comment()).join(values) + comment() + "]"
    members = [f"k{i}:{comment()}{value}" for i, value in enumerate(values)]
    return "{" + comment() + ("," + comment()).join(members) + comment() + "}"


def test_random_documents(run):
    for seed in range(30):
        rng = random.Random(seed)
        text = "".join(f"m{i}: {random_value(rng, 4)}\n" for i in range(20))
        fmt(run, text)
