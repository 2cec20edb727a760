"""Every case twice: by `pratique review` or `pratique check` as a process, and the same question
over HTTPS. The answer must be that of the case's expect.json, both times.

A case is a folder: review.json (or manifest.yaml), policy*.yaml (or the area's policy.yaml), args.json
with settings (mutate, default, runtime, config, namespace, user) if it has any, and `about`, what the
case guards against; and expect.json. With
`--update`, expect.json is written from what the process answers; read the difference before keeping
it."""
import json
import pathlib

import pytest

from casework import (Server, apply_patch, at, check_rules, pointer_of, run, said,
                      server_configuration)

HERE = pathlib.Path(__file__).parent


class Case:
    def __init__(self, folder):
        self.folder = folder
        self.name = str(folder.relative_to(HERE))
        self.policies = sorted(folder.glob("policy*.yaml")) or [folder.parent / "policy.yaml"]
        settings = folder / "args.json"
        self.settings = json.loads(settings.read_text()) if settings.exists() else {}
        self.mutating = self.settings.get("mutate", False)

    @property
    def body(self):
        return (self.folder / "review.json").read_bytes()

    @property
    def expected(self):
        path = self.folder / "expect.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def keep(self, answer):
        text = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
        (self.folder / "expect.json").write_text(text)

    def server_key(self):
        """Cases with equal keys can ask the same server."""
        options = {key: self.settings[key] for key in ("default", "runtime", "config")
                   if key in self.settings}
        return json.dumps(options, sort_keys=True)

    def path(self):
        if b'"ImageReview"' in self.body:
            return "/imagepolicy"
        return "/mutate" if self.mutating else "/validate"

    def options(self, folder):
        """The options of the command line that say the same as the server's configuration."""
        words = [word for policy in self.policies for word in ("--policy", policy)]
        for name in ("default", "runtime", "namespace", "user"):
            if name in self.settings:
                words += ["--" + name, self.settings[name]]
        if "config" in self.settings:
            words += ["--config", write_configuration(self, folder)]
        if self.mutating:
            words.append("--mutate")
        return words


def write_configuration(case, folder):
    """A configuration with the case's own settings; certificates are not looked at."""
    path = folder / "configuration.yaml"
    path.write_text(server_configuration(case.policies, {"config": case.settings["config"]}, folder))
    return path


REVIEWS = [Case(path.parent) for path in sorted(HERE.glob("*/*/review.json"))]
MANIFESTS = [Case(path.parent) for path in sorted(HERE.glob("*/*/manifest.yaml"))]


def name_of(case):
    return case.name


def test_there_are_cases():
    assert len(REVIEWS) >= 280 and len(MANIFESTS) >= 20


def compare(case, answer, request):
    if request.config.getoption("--update", False):
        case.keep(answer)
    assert answer == case.expected


@pytest.mark.parametrize("case", REVIEWS, ids=name_of)
def test_as_a_process(case, request, tmp_path):
    process = run("review", *case.options(tmp_path), stdin=case.body)
    if process.returncode != 0:
        assert process.returncode == 3
        assert process.stdout == b"" or case.settings.get("documents", 1) > 1
        prefix = "pratique review: standard input:"
        assert process.stderr.decode().startswith(prefix)
        return compare(case, {"error": process.stderr.decode()[len(prefix):].strip()}, request)
    assert all(": warning: " in line for line in process.stderr.decode().splitlines())
    answer = json.loads(process.stdout)
    question = json.loads(case.body)
    check_rules(question, answer, case.mutating)
    check_idempotent(case, question, answer, tmp_path)
    compare(case, said(answer), request)


def check_idempotent(case, question, answer, folder):
    """A patch applied leads to an object that is admitted as it is, without another patch."""
    patch = said(answer).get("patch") if answer["kind"] == "AdmissionReview" else None
    if patch is None:
        return
    question["request"]["object"] = apply_patch(question["request"]["object"], patch)
    again = run("review", *case.options(folder), stdin=json.dumps(question).encode())
    second = json.loads(again.stdout)["response"]
    assert second["allowed"] and "patch" not in second


@pytest.fixture(scope="module")
def servers(tmp_path_factory, certificates):
    """A function that gives the server with a case's settings and policies."""
    started = {}

    def server_of(case):
        key = case.server_key()
        if key not in started:
            folder = tmp_path_factory.mktemp("server")
            started[key] = Server(json.loads(key), folder, certificates)
        started[key].use(case.policies)
        return started[key]

    yield server_of
    for server in started.values():
        server.stop()


@pytest.mark.parametrize("case", sorted(REVIEWS, key=lambda case: case.policies), ids=name_of)
def test_over_https(servers, case):
    status, body = servers(case).post(case.path(), case.body)
    expected = case.expected
    if "error" in expected:
        assert status == 400, body
        return
    assert status == 200, body
    answer = json.loads(body)
    check_rules(json.loads(case.body), answer, case.mutating)
    assert said(answer) == expected


@pytest.mark.parametrize("case", MANIFESTS, ids=name_of)
def test_manifest(case, request, tmp_path):
    manifest = (case.folder / "manifest.yaml").read_bytes()
    process = run("check", "--output", "json", *case.options(tmp_path), "-", stdin=manifest)
    answer = json.loads(process.stdout)
    assert process.returncode in (0, 1, 3)
    for result in answer["results"]:
        assert result.pop("file") == "-"
    compare(case, {"exit": process.returncode, **answer}, request)


def is_creation(case):
    """Whether a review creates an object that is sound and says the same as the request about it,
    so that `check` must judge it as /mutate does."""
    if "error" in case.expected or case.folder.parent.name == "malformed":
        return False
    request = json.loads(case.body).get("request", {})
    thing = request.get("object")
    return request.get("operation") == "CREATE" and not request.get("subResource") and \
        isinstance(thing, dict) and not thing["kind"].endswith("List") and \
        thing["metadata"].get("namespace", request.get("namespace")) == request.get("namespace")


@pytest.mark.parametrize("case", list(filter(is_creation, REVIEWS)), ids=name_of)
def test_check_agrees(case, tmp_path):
    """What is denied or admitted in the cluster, where /mutate comes first, is so on a laptop, image
    by image."""
    question = json.loads(case.body)
    words = [word for word in case.options(tmp_path) if word != "--mutate"]
    answer = case.expected
    if any(b"rewrite:" in policy.read_bytes() for policy in case.policies):
        mutated = run("review", "--mutate", *words, stdin=case.body)
        answer = said(json.loads(mutated.stdout))
    words += ["--user", question["request"]["userInfo"]["username"]]
    words += ["--namespace", question["request"].get("namespace", "default")]
    process = run("check", "--all", "-o", "json", *words, "-",
                  stdin=json.dumps(question["request"]["object"]).encode(), leaks=False)
    results = json.loads(process.stdout)["results"]
    assert [result["allowed"] for result in results] == [answer["allowed"]]
    assert process.returncode == (0 if answer["allowed"] else 1)
    for result in results:
        for image in result["images"]:
            assert at(question["request"]["object"], pointer_of(image["path"])) == image["image"]
