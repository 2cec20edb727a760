"""Renders the chart with the real helm, and reads what comes out."""
import functools
import json
import os
import pathlib
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy/chart"
VARIANTS = ROOT / "tests/deploy/variants"
BINARY = pathlib.Path(os.environ.get("PRATIQUE_BINARY", ROOT / "build/pratique")).absolute()

# Where a variant is installed, if not as pratique in pratique-system.
RELEASES = {"in-kube-system": ("pratique", "kube-system"), "everything": ("gate", "security")}


class Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which one would silently be lost."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"{node.start_mark}: a key stands twice: {keys}"
        return super().construct_mapping(node, deep)


def documents(text):
    return [one for one in yaml.load_all(text, Loader) if one]


@functools.cache
def helm_binary():
    made = subprocess.run([ROOT / "scripts/parts", "helm"], stdout=subprocess.PIPE, text=True, check=False)
    if made.returncode == 3:
        pytest.skip("helm is built with Go, which is not there: scripts/setup --e2e", allow_module_level=True)
    assert made.returncode == 0
    return pathlib.Path(made.stdout.strip()) / "helm"


def helm(*arguments, check=True, **options):
    ran = subprocess.run([*map(str, (helm_binary(), *arguments))], capture_output=True, text=True, check=False,
                         **options)
    assert not check or ran.returncode == 0, ran.stderr
    return ran


def variants():
    return sorted(path.stem for path in VARIANTS.glob("*.yaml"))


def release(variant):
    return RELEASES.get(variant, ("pratique", "pratique-system"))


class Rendered:
    def __init__(self, name, namespace, text):
        self.name, self.namespace, self.text = name, namespace, text
        self.objects = documents(text)

    def all(self, kind):
        return [one for one in self.objects if one["kind"] == kind]

    def one(self, kind, name=None):
        found = [one for one in self.all(kind) if name in (None, one["metadata"]["name"])]
        assert len(found) == 1, f"{kind} {name}: {len(found)}"
        return found[0]

    @property
    def pod(self):
        return self.one("Deployment")["spec"]["template"]["spec"]

    @property
    def container(self):
        return self.pod["containers"][0]

    @property
    def configuration(self):
        """serve.yaml, decoded."""
        made = [one for one in self.all("ConfigMap") if "serve.yaml" in one["data"]]
        assert len(made) == 1
        return yaml.load(made[0]["data"]["serve.yaml"], Loader)

    @property
    def policies(self):
        """Texts by file name, of the ConfigMap that the Pod mounts, if it does; None if the chart does not make it."""
        volumes = {one["name"]: one for one in self.pod["volumes"]}
        if "policies" not in volumes:
            return {}
        name = volumes["policies"]["configMap"]["name"]
        made = [one for one in self.all("ConfigMap") if one["metadata"]["name"] == name]
        return made[0]["data"] if made else None

    def webhooks(self, kind):
        """Those that are asked about images, by name."""
        return {one["name"]: one for made in self.all(kind) for one in made["webhooks"]
                if one["name"] != "policies.pratique.dev"}


@functools.cache
def rendered(variant):
    name, namespace = release(variant)
    text = helm("template", name, CHART, "--namespace", namespace, "--values", VARIANTS / f"{variant}.yaml").stdout
    return Rendered(name, namespace, text)


def template(*settings):
    """Render with --set KEY=VALUE of each setting."""
    sets = [argument for one in settings for argument in ("--set", one)]
    return Rendered("pratique", "pratique-system",
                    helm("template", "pratique", CHART, "--namespace", "pratique-system", *sets).stdout)


def refused(*arguments):
    """What helm says, who must refuse to render."""
    ran = helm("template", "pratique", CHART, "--namespace", "pratique-system", *arguments, check=False)
    assert ran.returncode != 0, ran.stdout
    return ran.stderr


def default_values():
    return yaml.load((CHART / "values.yaml").read_text(), Loader)


def schema():
    return json.loads((CHART / "values.schema.json").read_text())
