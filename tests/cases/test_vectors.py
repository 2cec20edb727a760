"""Cases of other projects, from PRATIQUE_VECTORS: each is answered, every image in it is found, none is
invented, and the answers obey the rules of kube-apiserver."""
import json
import re

import pytest

from casework import VECTORS, Server, api_server_error, at, check_rules, pointer_of, run

API = "pratique.dev/v1alpha1"


def policy(*rules):
    return {"apiVersion": API, "kind": "ClusterImagePolicy", "metadata": {"name": "vectors"},
            "spec": {"rules": list(rules)}}


def write_policy(folder, *rules):
    path = folder / "policy.json"
    path.write_text(json.dumps(policy(*rules)))
    return path


@pytest.fixture
def nothing_passes(tmp_path):
    """A policy under which each image is a violation, so that the answer shows what was found."""
    return write_policy(tmp_path, {"name": "nothing", "deny": ["**"]})


def ndjson(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


# -- the rules of the API server, as the API server's own tests have them --

def go_value(value):
    """PatchType("Foo") is written as a call in these vectors."""
    return value["args"][0] if isinstance(value, dict) and "go_call" in value else value


@pytest.mark.parametrize(
    "case", json.loads((VECTORS / "k8s-admission/verify-admission-response.json").read_text()),
    ids=lambda case: case["name"])
def test_the_rules_are_those_of_the_api_server(case):
    answer = json.loads(json.dumps(case["response_body"]))
    if isinstance(answer, dict) and "response" in answer:
        answer["response"] = {key: go_value(value) for key, value in answer["response"].items()}
    found = api_server_error(case["request_uid"], case["mutating"], answer, case["api"])
    assert found == case["expect_error"]


# -- ImagePolicyWebhook --

IMAGE_POLICY = json.loads((VECTORS / "k8s-admission/imagepolicy.json").read_text())


@pytest.mark.parametrize("case", IMAGE_POLICY["ContainerCombinations"], ids=lambda case: case["test"])
def test_image_policy_webhook(case, tmp_path):
    path = write_policy(tmp_path, {"name": "good", "allow": ["good"]})
    images = case["images"]["containers"] + case["images"]["initContainers"]
    question = {"kind": "ImageReview", "apiVersion": "imagepolicy.k8s.io/v1alpha1", "metadata": {},
                "spec": {"containers": [{"image": image} for image in images], "namespace": "n"}}
    process = run("review", "--policy", path, stdin=json.dumps(question).encode())
    answer = json.loads(process.stdout)
    check_rules(question, answer, False)
    assert answer["status"]["allowed"] == case["allowed"]


# -- connaisseur --

CONNAISSEUR = {case["file"]: case for case in
               json.loads((VECTORS / "connaisseur/admission-workload-cases.json").read_text())}


@pytest.mark.parametrize("path", sorted((VECTORS / "connaisseur/admission_requests").glob("*.json")),
                         ids=lambda path: path.stem)
def test_connaisseur(path, nothing_passes):
    process = run("review", "--policy", nothing_passes, path)
    try:
        question = json.loads(path.read_text())
        request = question["request"]
        request["uid"]
    except (ValueError, TypeError, KeyError):
        assert (process.returncode, process.stdout) == (3, b"") and process.stderr
        return
    assert process.returncode == 0, process.stderr
    answer = json.loads(process.stdout)
    check_rules(question, answer, False)
    check_connaisseur(CONNAISSEUR.get(f"admission_requests/{path.name}"), request, answer["response"])


def check_connaisseur(case, request, response):
    if case is None or case["error"] is not None or request["operation"] != "CREATE":
        return
    expected = case["expected"]
    images = expected["initContainers"] + expected["containers"] + expected["ephemeralContainers"]
    assert response["allowed"] == (not images)
    causes = response["status"]["details"]["causes"] if images else []
    found = [at(request["object"], pointer_of(cause["field"])) for cause in causes]
    assert sorted(found) == sorted(images)


# -- kubewarden --

def translate(settings):
    """The settings of trusted-repos-policy in our language: one rule per list."""
    kinds = [("registries", "allow", "allow", "{}"), ("registries", "reject", "deny", "{}"),
             ("tags", "reject", "deny", "**:{}"),
             ("images", "allow", "allow", "{}"), ("images", "reject", "deny", "{}")]
    return [{"name": f"{what}-{theirs}", ours: [form.format(item) for item in settings[what][theirs]]}
            for what, theirs, ours, form in kinds if settings.get(what, {}).get(theirs)]


KUBEWARDEN = [case for case in json.loads((VECTORS / "kubewarden/cases.json").read_text())
              if case["policy"] == "trusted-repos-policy"]


@pytest.mark.parametrize("case", KUBEWARDEN, ids=lambda case: case["test"])
def test_kubewarden(case, tmp_path):
    path = write_policy(tmp_path, *translate(json.loads(case["settings"])))
    if case["expected_allowed"] is None:
        assert run("policy", "lint", path).returncode == 1
        return
    request = VECTORS / "kubewarden/trusted-repos-policy" / case["request"].rpartition("/")[2]
    process = run("review", "--policy", path, request)
    answer = json.loads(process.stdout)
    check_rules(json.loads(request.read_text()), answer, False)
    assert answer["response"]["allowed"] == case["expected_allowed"]


@pytest.mark.parametrize("path", sorted((VECTORS / "kubewarden/trusted-repos-policy").glob("*.json")),
                         ids=lambda path: path.stem)
def test_kubewarden_requests(path, nothing_passes):
    question = json.loads(path.read_text())
    answer = json.loads(run("review", "--policy", nothing_passes, path).stdout)
    check_rules(question, answer, False)
    assert answer["response"]["allowed"] == (question["kind"]["kind"] == "Ingress")


# -- k8s-api-testdata: every field of every object filled --

def images_by_hand(value, path=""):
    """All images of a filled object, by the names that the API gives them, found without a table of
    kinds."""
    found = []
    if isinstance(value, list):
        for index, item in enumerate(value):
            found += images_by_hand(item, f"{path}/{index}")
    elif isinstance(value, dict):
        for name in ("containers", "initContainers", "ephemeralContainers"):
            for index, item in enumerate(value.get(name) or []):
                if "image" in item:
                    found.append(f"{path}/{name}/{index}/image")
        for index, item in enumerate(value.get("volumes") or []):
            if "reference" in (item.get("image") or {}):
                found.append(f"{path}/volumes/{index}/image/reference")
        for key, item in value.items():
            found += images_by_hand(item, f"{path}/{key}")
    return found


@pytest.mark.parametrize("path", sorted((VECTORS / "k8s-api-testdata").glob("*.json")),
                         ids=lambda path: path.stem)
def test_api_testdata(path, nothing_passes):
    content = json.loads(path.read_text())
    if content["kind"] in ("AdmissionReview", "ImageReview"):
        process = run("review", "--policy", nothing_passes, path)
        assert process.returncode == 0, process.stderr
        answer = json.loads(process.stdout)
        check_rules(content, answer, False)
        assert not (answer.get("response") or answer["status"])["allowed"]
        return
    process = run("check", "--all", "-o", "json", "--policy", nothing_passes, path)
    result, = json.loads(process.stdout)["results"]
    found = [pointer_of(image["path"]) for image in result["images"]]
    wanted = images_by_hand(content) if "spec" in content or "template" in content else []
    assert sorted(found) == sorted(wanted) and result["problem"] == ""
    assert process.returncode == (1 if wanted else 0)


# -- k8s-workloads: objects of eighteen projects --

def test_workload_objects(nothing_passes):
    cases = ndjson(VECTORS / "k8s-workloads/objects.ndjson")
    stream = "\n".join(json.dumps(case["object"]) for case in cases)
    process = run("check", "--all", "-o", "json", "--policy", nothing_passes, "-",
                  stdin=stream.encode())
    results = json.loads(process.stdout)["results"]
    assert len(results) == len(cases)
    for case, result in zip(cases, results):
        assert not result["allowed"] or not case["images"], case["source"]
        found = {pointer_of(image["path"]): image["image"] for image in result["images"]}
        assert found == {image["path"]: image["image"] for image in case["images"]}, case["source"]
        assert len(result["images"]) == len(case["images"]), case["source"]


def test_workload_reviews_name_every_image(nothing_passes):
    cases = ndjson(VECTORS / "k8s-workloads/objects.ndjson")
    bodies = (VECTORS / "k8s-workloads/admissionreviews.ndjson").read_bytes()
    process = run("review", "--policy", nothing_passes, stdin=bodies)
    answers = [json.loads(line)["response"] for line in process.stdout.splitlines()]
    assert process.returncode == 0 and len(answers) == len(cases)
    for case, response in zip(cases, answers):
        wanted = sorted(image["path"] for image in case["images"])
        status = response.get("status", {})
        causes = status.get("details", {}).get("causes", [])
        if status and not causes:  # such objects are denied as they are, image or not
            assert re.search("is missing|must be a list, found null", status["message"])
            continue
        assert sorted(pointer_of(cause["field"]) for cause in causes) == wanted, case["source"]
        assert response["allowed"] == (not wanted), case["source"]


def test_workload_reviews(tmp_path, certificates):
    """Each is answered, by a process and over HTTPS, and both say the same."""
    path = write_policy(tmp_path, {"name": "no-latest", "deny": ["**:latest"]})
    bodies = (VECTORS / "k8s-workloads/admissionreviews.ndjson").read_bytes().splitlines()
    process = run("review", "--policy", path, stdin=b"\n".join(bodies))
    answers = process.stdout.splitlines()
    assert process.returncode == 0 and len(answers) == len(bodies)
    server = Server({}, tmp_path, certificates)
    try:
        server.use([path])
        for body, answer in zip(bodies, answers):
            check_rules(json.loads(body), json.loads(answer), False)
            status, data = server.post("/validate", body)
            assert status == 200 and json.loads(data) == json.loads(answer)
    finally:
        server.stop()
