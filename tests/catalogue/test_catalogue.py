"""The catalogue in examples/policies: its cases pass, and each part of each policy matters to one of them."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("PRATIQUE_BINARY", ROOT / "build/pratique")).absolute()
CATALOGUE = ROOT / "examples/policies"
ENTRIES = sorted(path.name for path in CATALOGUE.iterdir() if path.is_dir())


class Loader(yaml.SafeLoader):
    """As written: only truth values and numbers are more than text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag.endswith((":bool", ":int", ":merge"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def run(*arguments, cwd=ROOT):
    return subprocess.run([BINARY, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120)


def documents(path):
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def cases(name):
    return [case for suite in documents(CATALOGUE / name / "tests.yaml") for case in suite["cases"]]


def test_all_cases_pass():
    result = run("test", "examples/policies")
    assert result.returncode == 0, result.stdout + result.stderr
    total = sum(len(cases(name)) for name in ENTRIES)
    assert result.stdout.splitlines()[-1] == f"{total} cases: {total} passed, 0 failed"


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_has_its_files(name):
    assert sorted(path.name for path in (CATALOGUE / name).iterdir()) == ["README.md", "policy.yaml", "tests.yaml"]
    lines = [line for line in (CATALOGUE / name / "README.md").read_text().splitlines() if line.strip()]
    assert len(lines) <= 10
    assert lines[0] == f"# {name}"
    assert [re.match(r"\*\*([^*]+)\*\* ", line)[1] for line in lines[1:]] == \
        ["Demands", "Why", "For", "Change", "Does not"]


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_in_the_index(name):
    assert len(re.findall(rf"^\| \[{name}\]\({name}/\) \|", (CATALOGUE / "README.md").read_text(), re.M)) == 1


@pytest.mark.parametrize("name", ENTRIES)
def test_lint_finds_nothing(name):
    policy = f"examples/policies/{name}/policy.yaml"
    may_warn = "`pratique policy lint` warns" in (CATALOGUE / name / "README.md").read_text()
    result = run("policy", "lint", *([] if may_warn else ["--strict"]), policy)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_shows_both_answers(name):
    expected = [case["expect"] for case in cases(name)]
    assert len(expected) >= 6
    assert {"allowed", "denied"} <= {expect["verdict"] for expect in expected}
    assert all(expect.get("rules") for expect in expected if expect["verdict"] == "denied")
    assert any(expect.get("messages") for expect in expected), "no message is shown"
    for document in documents(CATALOGUE / name / "policy.yaml"):
        if document["spec"].get("mode") == "warn":
            assert any(expect.get("warnings") for expect in expected)
        if "mutate" in document["spec"]:
            assert any(expect.get("patch") for expect in expected)
        if document["kind"] == "ImagePolicyException":
            assert any("now" in suite for suite in documents(CATALOGUE / name / "tests.yaml"))


REQUIRED = {"name", "policies", "until", "reason", "from", "to", "key", "operator"}
DEMANDS = {"allow", "deny", "tag", "require", "image"}


def mutations(value, path=""):
    """Every (where, value) with one part of `value` left out; None in its place where nothing is left."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            if item not in ("*", "**"):  # beside exclusions these say what their absence says
                yield f"{path}[{index}]", (value[:index] + value[index + 1:]) or None
            for where, changed in mutations(item, f"{path}[{index}]"):
                rest = [changed] if changed is not None else []
                yield where, (value[:index] + rest + value[index + 1:]) or None
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in REQUIRED:
                continue
            yield f"{path}.{key}", {k: v for k, v in value.items() if k != key} or None
            for where, changed in mutations(item, f"{path}.{key}"):
                kept = {**value, key: changed}
                yield where, {k: v for k, v in kept.items() if v is not None} or None


def demand_nothing(spec, original):
    """Put a rule that always holds in place of rules that are gone, so that what is covered stays covered."""
    rules = {rule["name"]: {"name": rule["name"], "allow": ["**"]} for rule in original.get("rules", [])}
    rules.update({rule["name"]: rule for rule in spec.get("rules", []) if DEMANDS & set(rule)})
    return {**spec, "rules": list(rules.values())} if rules else spec


def policy_mutations(docs):
    for index, document in enumerate(docs):
        name = document["metadata"]["name"]
        others = docs[:index] + docs[index + 1:]
        if any(other["kind"] != "ImagePolicyException" for other in others):
            yield name, others
        for where, spec in mutations(document["spec"]):
            if document["kind"] != "ImagePolicyException":
                spec = demand_nothing(spec or {}, document["spec"])
            yield name + where, docs[:index] + [{**document, "spec": spec}] + docs[index + 1:]


@pytest.mark.parametrize("name", ENTRIES)
def test_every_part_of_the_policy_matters(name, tmp_path):
    shutil.copy(CATALOGUE / name / "tests.yaml", tmp_path)
    docs = [document for document in yaml.load_all((CATALOGUE / name / "policy.yaml").read_text(), Loader)]
    survivors, seen = [], 0
    for where, changed in policy_mutations(docs):
        (tmp_path / "policy.yaml").write_text(yaml.safe_dump_all(changed))
        result = run("test", "tests.yaml", cwd=tmp_path)
        seen += 1
        if result.returncode != 1:
            survivors.append(f"without {where}: exit {result.returncode} {result.stdout[-200:]}{result.stderr[:300]}")
    assert seen >= 2
    assert survivors == []


def test_the_index_names_only_what_exists():
    for target in re.findall(r"\]\(([^)#]+)\)", (CATALOGUE / "README.md").read_text()):
        if "://" not in target:
            assert (CATALOGUE / target).exists(), target
