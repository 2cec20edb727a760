"""Hooks, action and template: their form, and their shell lines run with the program at hand."""
import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("PRATIQUE_BINARY", ROOT / "build/pratique")).absolute()
VERSION = re.search(r"^\s*version: '([\d.]+)'", (ROOT / "meson.build").read_text(), re.M)[1]
IMAGE = f"ghcr.io/pratique-dev/pratique:{VERSION}"
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
TEMPLATE = yaml.safe_load((ROOT / "ci-templates/pratique.gitlab-ci.yml").read_text())

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: baseline}
spec:
  rules:
    - name: no-latest
      deny: ["**:latest"]
"""
CASES = """\
apiVersion: pratique.dev/v1alpha1
kind: ImagePolicyTest
policies: [../policies]
cases:
  - name: latest
    image: nginx:latest
    expect: {verdict: %s}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: "nginx:%s"}]}
"""
# The container's arguments as the runner's docker would see them; then the program, as if in the container.
DOCKER = """\
#!/bin/sh
printf '%%s\\n' "$@" >"$DOCKER_LOG"
while [ "$1" != "$EXPECTED_IMAGE" ]; do
    [ $# -gt 1 ] || exit 125
    shift
done
shift
exec '%s' "$@"
"""


@pytest.fixture
def project(tmp_path):
    """A project with policies, their cases, one good and one bad manifest; `pratique` and a `docker` on the PATH."""
    folder = tmp_path / "project"
    for name, text in {"policies/baseline.yaml": POLICY, "policy-tests/baseline.yaml": CASES % "denied",
                       "good/web.yaml": POD % "1.27.3", "bad/web.yaml": POD % "latest",
                       "broken/web.yaml": "a: [", "with space/web.yaml": POD % "1.27.3"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "pratique").symlink_to(BINARY)
    (commands / "docker").write_text(DOCKER % BINARY)
    (commands / "docker").chmod(0o755)
    return folder


def run(project, *command, **environment):
    path = f"{project.parent}/bin:/usr/bin:/bin"
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60,
                          env={**environment, "PATH": path, "LC_ALL": "C.UTF-8"})


# -- hooks of pre-commit --

def test_hooks_have_the_form_of_the_framework():
    known = {"id", "name", "description", "language", "entry", "args", "types_or", "exclude", "require_serial",
             "pass_filenames", "minimum_pre_commit_version"}
    assert set(HOOKS) == {name + suffix for name in ("pratique-check", "pratique-policy-lint", "pratique-test")
                          for suffix in ("", "-docker")}
    for hook in HOOKS.values():
        assert set(hook) <= known and {"id", "name", "language", "entry"} <= set(hook)


@pytest.mark.parametrize("name", ["pratique-check", "pratique-policy-lint", "pratique-test"])
def test_a_docker_hook_differs_in_the_container_alone(name):
    plain, docker = HOOKS[name], HOOKS[name + "-docker"]
    assert (plain["language"], docker["language"]) == ("system", "docker_image")
    assert docker["entry"] == plain["entry"].replace("pratique", IMAGE, 1)
    other = {"id", "language", "entry", "description"}
    assert {k: v for k, v in plain.items() if k not in other} == {k: v for k, v in docker.items() if k not in other}


def hook(project, name, *files):
    """Run a hook as the framework does: entry, args, and the files that changed unless they are not passed."""
    changed = files if HOOKS[name].get("pass_filenames", True) else ()
    return run(project, "env", *HOOKS[name]["entry"].split(), *HOOKS[name]["args"], *changed)


@pytest.mark.parametrize("file, code", [("good/web.yaml", 0), ("bad/web.yaml", 1), ("broken/web.yaml", 3)])
def test_the_check_hook(project, file, code):
    result = hook(project, "pratique-check", file)
    assert result.returncode == code, result.stdout + result.stderr


def test_the_lint_hook(project):
    assert hook(project, "pratique-policy-lint", "policies/baseline.yaml").returncode == 0
    (project / "policies/more.yaml").write_text(POLICY)
    assert "stands twice" in hook(project, "pratique-policy-lint", "policies/more.yaml").stdout


def test_the_test_hook(project):
    assert hook(project, "pratique-test", "policy-tests/baseline.yaml").returncode == 0
    (project / "policy-tests/baseline.yaml").write_text(CASES % "allowed")
    assert hook(project, "pratique-test", "policy-tests/baseline.yaml").returncode == 1


@pytest.mark.parametrize("path, judged", [
    ("deploy/web.yaml", True), ("k8s/prod/web.yml", True), ("web.json", True), ("charts/deploy/my-values/web.yaml", True),
    ("deploy/Chartered.yaml", True), ("deploy/templates.yaml", True),
    ("chart/Chart.yaml", False), ("chart/values.yaml", False), ("chart/values-prod.yml", False),
    ("chart/templates/web.yaml", False), ("policies/baseline.yaml", False), ("policy-tests/baseline.yaml", False),
    (".github/workflows/ci.yaml", False), (".pre-commit-config.yaml", False), ("sub/.yamllint.yaml", False),
])
def test_what_the_check_hook_leaves_out(path, judged):
    assert (re.search(HOOKS["pratique-check"]["exclude"], path) is None) == judged


# -- the action of GitHub --

def test_the_action_has_the_form_of_a_composite():
    assert set(ACTION) == {"name", "description", "branding", "inputs", "outputs", "runs"}
    assert ACTION["runs"]["using"] == "composite"
    assert all({"shell", "run"} <= set(step) for step in ACTION["runs"]["steps"])
    assert all(set(given) <= {"description", "required", "default"} and given["description"]
               for given in ACTION["inputs"].values())
    assert all(set(output) == {"description", "value"} for output in ACTION["outputs"].values())
    assert ACTION["inputs"]["image"]["default"] == IMAGE
    step, = ACTION["runs"]["steps"]
    assert "${{" not in step["run"], "an input in the script's text could be a command"
    assert sorted(step["env"].values()) == sorted("${{ inputs.%s }}" % name for name in ACTION["inputs"])
    for name, output in ACTION["outputs"].items():
        assert output["value"] == "${{ steps.%s.outputs.%s }}" % (step["id"], name)
        assert f'echo "{name}=' in step["run"]


class Step:
    """The action's one step, run as a runner runs it."""

    def __init__(self, project, **inputs):
        given = {name: value.get("default", "") for name, value in ACTION["inputs"].items()}
        given.update({name.replace("_", "-"): value for name, value in inputs.items()})
        step, = ACTION["runs"]["steps"]
        environment = {variable: given[re.fullmatch(r"\$\{\{ inputs\.(.*) \}\}", value)[1]]
                       for variable, value in step["env"].items()}
        temporary = project.parent / "temporary"
        temporary.mkdir(exist_ok=True)
        files = {name: temporary / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "DOCKER_LOG")}
        script = temporary / "step.sh"
        script.write_text(step["run"])
        result = run(project, "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script, **environment,
                     RUNNER_TEMP=str(temporary), EXPECTED_IMAGE=given["image"],
                     **{name: str(path) for name, path in files.items()})
        self.code, self.out, self.err = result.returncode, result.stdout, result.stderr
        read = {name: path.read_text() if path.exists() else "" for name, path in files.items()}
        self.outputs = dict(line.split("=", 1) for line in read["GITHUB_OUTPUT"].splitlines())
        self.summary, self.docker = read["GITHUB_STEP_SUMMARY"], read["DOCKER_LOG"].splitlines()


@pytest.mark.parametrize("paths, fail_on, code, exit_code", [
    ("good", "denied", 0, "0"), ("good", "error", 0, "0"),
    ("bad", "denied", 1, "1"), ("bad", "error", 0, "1"),
    ("broken", "denied", 3, "3"), ("broken", "error", 3, "3"),
    ("bad\nbroken", "error", 3, "3"), ("good\nbad\n", "denied", 1, "1"),
    ("with space\n", "denied", 0, "0"), ("missing", "error", 3, "3"),
    ("", "error", 2, "2"), ("--help", "error", 3, "3"),
])
def test_the_action(project, paths, fail_on, code, exit_code):
    step = Step(project, policy="policies", paths=paths, fail_on=fail_on)
    assert (step.code, step.outputs["exit-code"]) == (code, exit_code), step.out + step.err
    assert ("::warning::" in step.out) == (exit_code == "1" and code == 0)


def test_the_action_reports(project):
    step = Step(project, policy="policies", paths="good\nbad")
    report = pathlib.Path(step.outputs["report"]).read_text()
    assert report.splitlines()[-1] == "2 objects, 2 images: 1 admitted, 1 denied"
    assert report in step.out
    assert step.summary == "".join(f"    {line}\n" for line in report.splitlines())


def test_the_action_reports_json(project):
    step = Step(project, policy="policies", paths="bad", output="json")
    assert yaml.safe_load(pathlib.Path(step.outputs["report"]).read_text())["summary"]["denied"] == 1


def test_what_a_manifest_says_is_no_command(project):
    (project / "bad/::error::hello.yaml").write_text("a: [")
    step = Step(project, policy="policies", paths="bad")
    lines = step.out.splitlines()
    token = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", lines[0])[1]
    assert lines[-1] == f"::{token}::" and lines.count(lines[-1]) == 1


@pytest.mark.parametrize("inputs, message", [
    ({"fail_on": "never"}, '::error::fail-on is "denied" or "error"'),
    ({"output": "../text"}, '::error::output is "text" or "json"'),
])
def test_the_action_refuses(project, inputs, message):
    step = Step(project, policy="policies", paths="good", **inputs)
    assert (step.code, step.out) == (2, message + "\n")


@pytest.mark.parametrize("policy", ["", "missing", "good/web.yaml", "$(touch owned)", "policies; touch owned"])
def test_a_wrong_policy_never_passes(project, policy):
    step = Step(project, policy=policy, paths="good", fail_on="error")
    assert step.code in (2, 3), step.out + step.err
    assert not (project / "owned").exists()


def test_several_policies(project):
    (project / "more.yaml").write_text(POLICY.replace("baseline", "more").replace(":latest", ":1.27.3"))
    assert Step(project, policy="policies\nmore.yaml", paths="good").code == 1


def test_the_container_can_do_nothing_but_read(project):
    step = Step(project, policy="policies", paths="good", image="registry.example.com/pratique:1")
    before = step.docker[:step.docker.index("registry.example.com/pratique:1")]
    text = " ".join(before)
    assert "--network none" in text and "--read-only" in before and "--cap-drop ALL" in text
    assert f"--volume {project}:/workspace:ro --workdir /workspace" in text
    assert step.docker[len(before) + 1:] == ["check", "--output", "text", "--policy", "policies", "--", "good"]


@pytest.mark.parametrize("fail_on", ["denied", "error"])
def test_a_container_that_does_not_start_fails_the_step(project, fail_on):
    (project.parent / "bin/docker").write_text("#!/bin/sh\nexit 1\n")
    assert Step(project, policy="policies", paths="good", fail_on=fail_on).code == 1


def test_a_program_in_place_of_the_image(project):
    (project.parent / "bin/docker").unlink()
    assert Step(project, policy="policies", paths="bad", program=str(BINARY)).code == 1
    assert Step(project, policy="policies", paths="good", program="missing", fail_on="error").code == 127


# -- the template of GitLab --

def test_the_template_has_the_form_of_gitlab():
    assert set(TEMPLATE) == {"variables", ".pratique", "pratique-policy-lint", "pratique-test", "pratique-check"}
    assert TEMPLATE["variables"]["PRATIQUE_IMAGE"] == "$CI_REGISTRY_IMAGE/pratique:" + IMAGE.rsplit(":", 1)[1]
    for name, job in TEMPLATE.items():
        if name.startswith("pratique-"):
            assert job["extends"] == ".pratique"
            assert set(job) <= {"extends", "script", "rules", "artifacts"}
            used = set(re.findall(r"\$(\w+)", str(job)))
            assert used <= set(TEMPLATE["variables"])


def job(project, name, **variables):
    script = "\n".join(TEMPLATE[name]["script"])
    return run(project, "sh", "-e", "-c", script, **{**TEMPLATE["variables"], **variables})


@pytest.mark.parametrize("paths, code", [("good", 0), ("good bad", 1), ("bad broken", 3), ("missing", 3), ("", 2)])
def test_the_check_job(project, paths, code):
    assert job(project, "pratique-check", PRATIQUE_PATHS=paths).returncode == code


def test_the_lint_job(project):
    assert job(project, "pratique-policy-lint").returncode == 0
    (project / "policies/more.yaml").write_text(POLICY.replace("rules", "rulse"))
    assert job(project, "pratique-policy-lint").returncode == 1


@pytest.mark.parametrize("verdict, code, failures", [("denied", 0, "0"), ("allowed", 1, "1")])
def test_the_test_job_writes_its_report_always(project, verdict, code, failures):
    (project / "policy-tests/baseline.yaml").write_text(CASES % verdict)
    assert job(project, "pratique-test", PRATIQUE_TESTS="policy-tests").returncode == code
    report, = TEMPLATE["pratique-test"]["artifacts"]["reports"].values()
    root = xml.etree.ElementTree.parse(project / report).getroot()
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "1", failures)
    assert TEMPLATE["pratique-test"]["artifacts"]["when"] == "always"


def test_there_is_a_test_job_only_where_there_are_cases():
    assert TEMPLATE["variables"]["PRATIQUE_TESTS"] == ""
    assert TEMPLATE["pratique-test"]["rules"] == [{"if": "$PRATIQUE_TESTS"}]


# -- docs/ci.md --

PAGE = (ROOT / "docs/ci.md").read_text()
EXAMPLES = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)]


def example(key):
    found, = [text for text in EXAMPLES if isinstance(text, dict) and key in text]
    return found


def test_the_page_names_this_version():
    assert set(re.findall(r"pratique:(\d[\w.]*\w)", PAGE)) == {VERSION}
    assert set(re.findall(r"(?:@|rev: |pratique/)v(\d+\.[\d.]*\d)", PAGE)) == {VERSION}


def test_the_page_s_hooks_are_there():
    repository, = example("repos")["repos"]
    assert {hook["id"] for hook in repository["hooks"]} <= set(HOOKS)
    for name, text in re.findall(r"^\| `(pratique-[\w-]+)` \| `(.*?)` \|", PAGE, re.M):
        assert text == " ".join([HOOKS[name]["entry"], *HOOKS[name]["args"]])


def test_the_page_s_inputs_are_there():
    step = example("jobs")["jobs"]["images"]["steps"][1]
    assert set(step["with"]) == {name for name, given in ACTION["inputs"].items() if given.get("required")}
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (?:`(.*?)`)? ?\|", PAGE.split("\n## GitHub\n")[1], re.M))
    assert rows == {name: given.get("default", "") for name, given in ACTION["inputs"].items()}


def test_the_page_s_variables_are_there():
    assert set(example("include")["variables"]) <= set(TEMPLATE["variables"])
    rows = dict(re.findall(r"^\| `(PRATIQUE_\w+)` \| (?:`(.*?)`|none) \|", PAGE, re.M))
    assert rows == TEMPLATE["variables"]
    assert set(example("pratique-check")) <= set(TEMPLATE)
