"""The tables of data/, and what was recorded from the real tools."""
import hashlib
import json
import pathlib

import yaml

DATA = pathlib.Path(__file__).resolve().parent / "data"
TABLES = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(DATA.glob("*.yaml"))}
KYVERNO = DATA / "kyverno.recorded.json"
CONTROLLERS = {"Deployment": "apps/v1", "StatefulSet": "apps/v1", "Job": "batch/v1"}


def digest_of(table):
    """Of all that a verdict depends on."""
    asked = [{key: value for key, value in case.items() if key not in ("want", "ours", "same_as")} for case in table["cases"]]
    text = json.dumps([table["source"], table.get("groups"), asked], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def make_object(case):
    kind = case.get("kind", "Pod")
    metadata = {"name": "x", "namespace": case.get("namespace", "default"), "labels": case.get("labels", {})}
    container = [{"name": "c", "image": case["image"]}]
    spec = {"containers": container}
    if "place" in case:
        spec = {"containers": [{"name": "ok", "image": case["beside"]}], case["place"]: container}
    if kind in CONTROLLERS:
        return {"apiVersion": CONTROLLERS[kind], "kind": kind, "metadata": metadata,
                "spec": {"template": {"spec": spec}}}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}


def make_objects(table):
    """One for each case, under names of their own."""
    objects = [make_object(case) for case in table["cases"]]
    for number, one in enumerate(objects):
        one["metadata"]["name"] = f"case-{number}"
    return objects
