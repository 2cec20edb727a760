"""The same policies from files, from custom resources and from both decide the same, and say it in the same words."""
import json

import pytest
import yaml

from cluster import DEADLINE, ROOT, wait_until
from test_crds import definitions, establish
from watching import Watching

CASES = ROOT / "tests/cases"
CATALOGUE = ROOT / "examples/policies"


def catalogue():
    """Every policy of the catalogue, each under a name of its own, in the order in which objects are taken."""
    made = []
    for path in sorted(CATALOGUE.glob("*/policy.yaml")):
        for one in yaml.safe_load_all(path.read_text()):
            prefix = path.parent.name + "-"
            one["metadata"]["name"] = prefix + one["metadata"]["name"]
            if one["kind"] == "ImagePolicyException":
                one["spec"]["policies"] = [prefix + name for name in one["spec"]["policies"]]
                one["spec"]["until"] = str(one["spec"]["until"])
            made.append(json.loads(json.dumps(one, default=lambda at: at.isoformat().replace("+00:00", "Z"))))
    return sorted(made, key=lambda one: (
        one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]))


def reviews():
    for path in sorted(CASES.glob("*/*/review.json")):
        body = path.read_bytes()
        yield str(path.parent.relative_to(CASES)), body, b"ImageReview" in body


@pytest.fixture(scope="module")
def sources(clusters, tmp_path_factory):
    cluster, policies = clusters(), catalogue()
    establish(cluster, definitions())
    half = len(policies) // 2
    for namespace in {one["metadata"].get("namespace") for one in policies} - {None}:
        cluster.namespace(namespace)
    folder = tmp_path_factory.mktemp("sources")
    cluster.kubectl("apply", "-f", "-", input=policies[half:])
    made = {"files": Watching(cluster, folder / "files", policies),
            "both": Watching(cluster, folder / "both", policies[:half], policies=True)}
    cluster.kubectl("apply", "-f", "-", input=policies[:half])
    made["objects"] = Watching(cluster, folder / "objects", [], policies=True)
    yield made
    for one in made.values():
        one.stop()


def answers(source):
    told = {}
    for name, review, image_review in reviews():
        for path in ("/imagepolicy",) if image_review else ("/validate", "/mutate"):
            answer = source.post(review, path + "?timeout=10s")
            told[name, path] = answer.status, answer.body
    return told


def test_they_answer_alike(sources):
    files = answers(sources["files"])
    assert len(files) > 400
    assert len({body for _, body in files.values()}) > 200  # they are not all alike
    for other in ("objects", "both"):
        told = answers(sources[other])
        different = {key: (files[key], told[key]) for key in files if files[key] != told[key]}
        assert not different, (other, different)


def test_what_took_a_name_of_a_file(sources):
    """In "both", the first half is in files and, by now, in the cluster: the names are taken, and nothing changes."""
    both = sources["both"]
    wait_until(lambda: b"the policies have" in both.get_plain("/readyz").body, "the names told as taken", DEADLINE)
    assert both.get_plain("/readyz").status == 200
