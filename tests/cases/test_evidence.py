"""Rules that look at images, and digests that are written: suites with images of their own, since no registry is asked."""
import pathlib

import pytest

from casework import run

HERE = pathlib.Path(__file__).parent


def test_the_cases_with_evidence():
    process = run("test", HERE / "evidence/tests.yaml")
    assert process.returncode == 0, process.stdout.decode() + process.stderr.decode()
    assert process.stdout.decode().splitlines()[-1] == "11 cases: 11 passed, 0 failed"


def test_the_last_digest_of_a_tag():
    process = run("test", HERE / "evidence/stale/tests.yaml")
    assert process.returncode == 0, process.stdout.decode() + process.stderr.decode()
    assert process.stdout.decode().splitlines()[-1] == "7 cases: 7 passed, 0 failed"


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: w}
spec: {containers: [%s]}
"""
POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: p}
spec: {%s}
"""


@pytest.mark.parametrize("spec, message", [
    ("mutate: {resolveDigest: true}, rules: [{name: any, allow: ['**']}]",
     'policy p, rule resolveDigest: the digest of the tag could not be found out: registry "docker.io": no registry '
     "is asked here; see to it that registries are asked, or excuse the rule"),
    ("rules: [{name: layers, image: {maxLayers: 9}}]",
     'policy p, rule layers: the image could not be looked at: registry "docker.io": no registry is asked here; see '
     "to it that registries are asked, or excuse the rule"),
])
def test_where_no_registry_is_asked_such_rules_fail(tmp_path, spec, message):
    (tmp_path / "policy.yaml").write_text(POLICY % spec)
    (tmp_path / "pod.yaml").write_text(POD % "{image: 'nginx:1'}")
    process = run("check", "--policy", tmp_path / "policy.yaml", tmp_path / "pod.yaml")
    assert process.returncode == 1
    assert message in process.stdout.decode()
    explained = run("explain", "--policy", tmp_path / "policy.yaml", "nginx:1")
    assert explained.returncode == 1
    assert message in explained.stdout.decode()


def test_an_image_about_which_nobody_was_asked(tmp_path):
    (tmp_path / "policy.yaml").write_text(
        POLICY % "rules: [{name: layers, image: {maxLayers: 9}}, {name: hub, allow: [docker.io]}]")
    (tmp_path / "pod.yaml").write_text(POD % "{image: 'nginx:1'}, {image: 'ghcr.io/a/b:1'}")
    text = run("check", "--policy", tmp_path / "policy.yaml", tmp_path / "pod.yaml").stdout.decode()
    assert "not asked nginx:1" in text.replace("  ", " ") and "no registry is asked" not in text
    junit = run("check", "--policy", tmp_path / "policy.yaml", "--output", "junit", tmp_path / "pod.yaml").stdout
    assert b'<skipped message="nothing was asked, for another image is denied"/>' in junit
