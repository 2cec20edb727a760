"""--layout: images on disk in place of registries, for check, explain, review and test."""
import base64
import hashlib
import json

import pytest

POLICIES = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: pinned}
spec:
  mutate: {resolveDigest: true}
  rules:
    - name: by-digest
      require: [digest]
"""
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
       "spec": {"containers": [{"name": "a", "image": "ghcr.io/acme/app:1"}]}}


def layout(folder, name):
    """An image of no layers, which the layout calls `name`; returns its digest."""
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)

    def blob(document):
        data = json.dumps(document).encode()
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"digest": "sha256:" + digest, "size": len(data)}

    config = {"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": []}}
    manifest = {"schemaVersion": 2, "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **blob(config)}, "layers": []}
    entry = {"mediaType": "application/vnd.oci.image.manifest.v1+json", **blob(manifest),
             "annotations": {"org.opencontainers.image.ref.name": name}}
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    return entry["digest"]


@pytest.fixture
def judge(run, tmp_path):
    (tmp_path / "pinned.yaml").write_text(POLICIES)
    (tmp_path / "pod.json").write_text(json.dumps(POD))

    def judge(*words, code):
        answer = json.loads(run("check", "-p", "pinned.yaml", "-o", "json", *words, "pod.json", code=code).out)
        return answer["results"][0]["images"][0]

    return judge


@pytest.mark.parametrize("name, word", [
    ("ghcr.io/acme/app:1", "here"),                        # its own name
    ("1", "ghcr.io/acme/app:1=here"),                      # a tag, which skopeo writes
    ("elsewhere.example/x:9", "ghcr.io/acme/app:1=here"),  # the only one
])
def test_check(judge, tmp_path, name, word):
    digest = layout(tmp_path / "here", name)
    image = judge("--layout", word, code=0)
    assert image["judged"] == f"ghcr.io/acme/app:1@{digest}"
    assert image["verdict"] == "allow"


def test_check_without(judge, tmp_path):
    """No layout, and none that has it: denied, and it says why."""
    def why(*words):
        return [one["message"] for one in judge(*words, code=1)["violations"] if one["rule"] == "resolveDigest"]

    layout(tmp_path / "here", "ghcr.io/acme/app:2")
    assert "no registry is asked here" in why()[0]
    assert "none of the layouts has it" in why("--layout", "here")[0]


def test_check_tells_what_was_not_asked(run, judge, tmp_path):
    """One image is denied by its name, so that nobody is asked about the others: they are counted apart."""
    layout(tmp_path / "here", "ghcr.io/acme/app:1")
    names = ["ghcr.io/acme/app:1", "evil.example/x:1", "ghcr.io/acme/app:1"]
    pod = {**POD, "spec": {"containers": [{"name": f"c{i}", "image": name} for i, name in enumerate(names)]}}
    (tmp_path / "three.json").write_text(json.dumps(pod))
    (tmp_path / "names.yaml").write_text(POLICIES.replace("by-digest", "names").replace("require: [digest]", "allow: [ghcr.io]"))
    words = ["check", "-p", "names.yaml", "--layout", "here", "three.json"]
    answer = json.loads(run(*words, "-o", "json", code=1).out)
    assert [image["verdict"] for image in answer["results"][0]["images"]] == ["undecided", "deny", "undecided"]
    assert answer["summary"] == {"objects": 1, "deniedObjects": 1, "images": 3, "admitted": 0, "denied": 1, "notAsked": 2,
                                 "warned": 0, "audited": 0, "excused": 0, "undecided": 0}
    out = run(*words, code=1).out
    assert out.endswith("1 object, 3 images: 0 admitted, 1 denied, 2 not asked about\n")
    assert out.count("  not asked ghcr.io/acme/app:1") == 2


def test_explain(run, judge, tmp_path):
    digest = layout(tmp_path / "here", "ghcr.io/acme/app:1")
    out = run("explain", "-p", "pinned.yaml", "--layout", "here", "ghcr.io/acme/app:1", code=0).out
    assert f"ghcr.io/acme/app:1@{digest}" in out


def test_review(run, judge, tmp_path):
    digest = layout(tmp_path / "here", "ghcr.io/acme/app:1")
    request = {"uid": "u", "operation": "CREATE", "kind": {"group": "", "version": "v1", "kind": "Pod"}, "object": POD}
    (tmp_path / "review.json").write_text(json.dumps(request))

    def response(*words):
        return json.loads(run("review", "-p", "pinned.yaml", *words, "review.json", code=0).out)["response"]

    answer = response("--mutate", "--layout", "here")
    assert answer["allowed"]
    assert [one["value"] for one in json.loads(base64.b64decode(answer["patch"]))][1] == f"ghcr.io/acme/app:1@{digest}"
    assert "no registry is asked here" in response("--mutate")["status"]["message"]
    assert not response("--layout", "here")["allowed"], "a validating webhook writes nothing"


def test_test(run, judge, tmp_path):
    """A suite's own images count before those of the layouts."""
    digest = layout(tmp_path / "here", "ghcr.io/acme/app:1")
    own = "sha256:" + "a" * 64

    def write(**images):
        (tmp_path / "suite.yaml").write_text(json.dumps({
            "apiVersion": "pratique.dev/v1alpha1", "kind": "ImagePolicyTest", "policies": ["pinned.yaml"], **images,
            "cases": [{"name": "it is pinned", "image": "ghcr.io/acme/app:1",
                       "expect": {"verdict": "allowed", "patch": []}}]}))

    def came_out(*words):
        return run("test", *words, "suite.yaml", code=1).out

    write()
    assert f"app:1@{digest}" in came_out("--layout", "here")
    assert "+ denied" in came_out(), "nobody is asked"
    write(images=[{"reference": "ghcr.io/acme/app:1", "digest": own}])
    assert f"app:1@{own}" in came_out("--layout", "here")
    write(images=[{"reference": "ghcr.io/acme/other:1", "digest": own}])
    assert f"app:1@{digest}" in came_out("--layout", "here")


@pytest.mark.parametrize("command, operand", [("check", "pod.json"), ("explain", "x"), ("review", "pod.json"), ("test", "pinned.yaml")])
def test_no_layout(run, judge, command, operand):
    result = run(command, *(["-p", "pinned.yaml"] if command != "test" else []), "--layout", "missing", operand, code=2)
    assert result.out == "" and "missing: cannot open: No such file or directory" in result.err
