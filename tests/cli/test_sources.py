"""Where manifests come from: a difference in Git, kustomizations and charts.

Git is the real one. kustomize, kubectl and helm are stand-ins here, since no Debian release has them: what is
tested is how they are called and what becomes of what they say."""
import os
import shutil
import subprocess

import pytest

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: %s}]}\n"


@pytest.fixture
def policy(tmp_path_factory):
    path = tmp_path_factory.mktemp("policies") / "policy.yaml"
    path.write_text("apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: {name: base}\n"
                    "spec: {rules: [{name: no-latest, deny: ['**:latest']}]}\n")
    return path


@pytest.fixture
def repository(tmp_path, run, monkeypatch):
    """A repository with a good and a bad manifest; the program runs in its root."""
    assert shutil.which("git"), "git is not installed: scripts/setup --test"
    folder = run.folder
    (folder / "deploy").mkdir(parents=True)
    (folder / "deploy/good.yaml").write_text(POD % "nginx:1.27")
    (folder / "deploy/bad.yaml").write_text(POD % "nginx:latest")
    monkeypatch.chdir(folder)
    for name, value in {"NAME": "tester", "EMAIL": "tester@example.com"}.items():
        monkeypatch.setenv(f"GIT_AUTHOR_{name}", value)
        monkeypatch.setenv(f"GIT_COMMITTER_{name}", value)
    git("init", "-q", ".")
    commit()
    return folder


def git(*words):
    subprocess.run(["git", *words], check=True)


def commit():
    git("add", "-A")
    git("commit", "-q", "-m", "change")


def check(run, policy, *words, **options):
    return run("check", "--policy", str(policy), *words, **options)


def test_nothing_changed(run, policy, repository):
    result = check(run, policy, "--changed-since", "HEAD", ".")
    assert result.code == 0
    assert result.out == ""
    assert result.err == "pratique check: no manifest changed since HEAD\n"


def test_only_what_changed_is_checked(run, policy, repository):
    (repository / "deploy/good.yaml").write_text(POD % "nginx:1.28")
    (repository / "deploy/notes.txt").write_text("no manifest")
    result = check(run, policy, "--changed-since", "HEAD", ".")
    assert (result.code, result.err) == (0, "")
    assert "deploy/good.yaml:1: Pod default/web: admitted" in result.out
    assert "bad.yaml" not in result.out
    commit()
    assert "good.yaml" in check(run, policy, "--changed-since", "HEAD~1", ".").out


def test_only_below_the_operands(run, policy, repository):
    for name in ("good", "bad"):
        (repository / f"deploy/{name}.yaml").write_text(POD % "redis:latest")
    result = check(run, policy, "--changed-since", "HEAD", "deploy/good.yaml")
    assert result.code == 1
    assert "good.yaml" in result.out and "bad.yaml" not in result.out


def test_deleted_files_and_odd_names(run, policy, repository):
    odd = repository / "deploy/a b\n--policy.yaml"
    odd.write_text(POD % "nginx:1")
    commit()
    odd.write_text(POD % "nginx")
    (repository / "deploy/bad.yaml").unlink()
    result = check(run, policy, "--changed-since", "HEAD", ".")
    assert result.code == 1
    assert "1 object, 1 image: 0 admitted, 1 denied" in result.out


@pytest.mark.parametrize("revision", ["no-such-revision", "--output=/tmp/stolen", "-O/dev/null"])
def test_no_revision(run, policy, repository, revision):
    result = check(run, policy, f"--changed-since={revision}", ".")
    assert result.code == 3
    assert result.err.endswith("pratique check: git ended with status 128\n")
    assert not os.path.exists("/tmp/stolen")


def test_no_git(run, policy, repository, monkeypatch):
    monkeypatch.setenv("PATH", str(repository))
    result = check(run, policy, "--changed-since", "HEAD", ".")
    assert (result.code, result.err) == (3, "pratique check: git is not installed\n")


# -- kustomizations and charts --

@pytest.fixture
def tools(tmp_path, monkeypatch):
    """A PATH with stand-ins alone, each made by a call of its name and its script."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def make(name, script):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    return make


def source(tmp_path, marker):
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / marker).write_text("")
    (folder / "template.yaml").write_text("image: {{ .Values.image }}\n")
    return folder


PRINT = 'echo "$@" >&2; printf "%s"' % (POD % "nginx").replace("\n", "\\n")


@pytest.mark.parametrize("marker, tool, words", [
    ("kustomization.yaml", "kustomize", "build --"),
    ("kustomization.yml", "kustomize", "build --"),
    ("Kustomization", "kubectl", "kustomize --"),
    ("Chart.yaml", "helm", "template --"),
])
def test_rendered(run, policy, tmp_path, tools, marker, tool, words):
    tools(tool, PRINT)
    folder = source(tmp_path, marker)
    result = check(run, policy, str(folder))
    assert result.code == 1
    assert result.err == f"{words} {folder}\n"
    assert result.out.startswith(f"{folder}:1: Pod default/web: denied\n")


@pytest.mark.parametrize("marker, message", [
    ("kustomization.yaml", "is a kustomization: install kustomize or kubectl, "),
    ("Chart.yaml", "is a chart: install helm, "),
])
def test_tool_not_installed(run, policy, tmp_path, tools, marker, message):
    result = check(run, policy, str(source(tmp_path, marker)))
    assert result.code == 3
    assert message in result.out and "--as-files" in result.out


@pytest.mark.parametrize("script, message", [
    ("echo broken >&2; exit 7", "helm ended with status 7"),
    ("kill -9 $$", "helm was ended by signal 9"),
    ("exit 0", "there is no object in the input"),
    ("exec /usr/bin/yes 0123456789", "helm writes more than"),
    ("echo '{{ not yaml'", "not judged"),
])
def test_tool_fails(run, policy, tmp_path, tools, script, message):
    tools("helm", script)
    result = check(run, policy, str(source(tmp_path, "Chart.yaml")))
    assert result.code == 3
    assert message in result.out + result.err


def test_as_files(run, policy, tmp_path, tools):
    tools("helm", "exit 7")
    folder = source(tmp_path, "Chart.yaml")
    (folder / "pod.yaml").write_text(POD % "nginx:1")
    result = check(run, policy, "--as-files", str(folder))
    assert "pod.yaml:1: Pod default/web: admitted" in result.out
