"""The configuration and the policies of every variant, read by the program itself."""
import json
import subprocess

import pytest
import yaml

from chart import BINARY, CHART, rendered, template, variants

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: mine}
spec: {rules: [{name: trusted, allow: [registry.example.com]}]}
"""


def mounted(made, folder):
    """Put into a folder what a kubelet would mount, and return the path of serve.yaml."""
    names = {mount["name"]: folder / mount["mountPath"].lstrip("/") for mount in made.container["volumeMounts"]}
    for path in names.values():
        path.mkdir(parents=True)
    policies = made.policies
    for name, text in ({"mine.yaml": POLICY} if policies is None else policies).items():
        (names["policies"] / name).write_text(text)
    if tls := names.get("tls"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=pratique", "-addext", "subjectAltName=DNS:pratique.pratique-system.svc",
                        "-keyout", tls / "tls.key", "-out", tls / "tls.crt"], check=True, stderr=subprocess.DEVNULL)
    if client := names.get("client-ca"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=api-servers", "-keyout", folder / "ca.key", "-out", client / "ca.crt"],
                       check=True, stderr=subprocess.DEVNULL)
    configuration = made.configuration
    if "policies" in configuration:
        configuration["policies"] = [str(folder) + path for path in configuration["policies"]]
    for name in ("certificate", "key", "clientCA"):
        if name in configuration["tls"]:
            configuration["tls"][name] = str(folder) + configuration["tls"][name]
    path = names["configuration"] / "serve.yaml"
    path.write_text(yaml.safe_dump(configuration))
    return path


def check(path):
    return subprocess.run([BINARY, "serve", "--config", path, "--check-config"], capture_output=True, text=True,
                          check=False)


@pytest.mark.parametrize("variant", variants())
def test_the_program_takes_it(variant, tmp_path):
    ran = check(mounted(rendered(variant), tmp_path))
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_policy_that_does_not_load_is_seen(tmp_path):
    """That the check above can fail."""
    made = template("policies.bad\\.yaml=kind: Policy", "tls.mode=cert-manager")
    ran = check(mounted(made, tmp_path))
    assert ran.returncode != 0 and "bad.yaml" in ran.stderr


def judge(folder, image):
    policy = CHART / "files/default-policy.yaml"
    pod = folder / "pod.json"
    pod.write_text(json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
                               "spec": {"containers": [{"name": "web", "image": image}]}}))
    return subprocess.run([BINARY, "check", "--policy", policy, pod], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("image,warning", [
    ("nginx:1.27.3", None), ("registry.k8s.io/pause:3.10", None),
    ("nginx", "no tag means \"latest\""), ("k8s.gcr.io/pause:3.1", "Its images have moved")])
def test_the_default_policy_denies_nothing_that_can_be_read(image, warning, tmp_path):
    ran = judge(tmp_path, image)
    assert ran.returncode == 0, ran.stdout
    assert (warning or "") in ran.stdout
    assert bool(warning) == ("warn" in ran.stdout), ran.stdout


@pytest.mark.parametrize("image", ["Registry.Example.com/x:1", "sha256:" + "a" * 64, "a//b"])
def test_the_default_policy_denies_what_cannot_be_read_in_one_way(image, tmp_path):
    assert judge(tmp_path, image).returncode == 1
