"""What other tools admit and deny, and what their policies admit and deny once they are converted.

data/TOOL.yaml is a list of tables: a source and cases, each an image (in a namespace, a kind, a place,
with labels) and the verdict of the tool, `want`. `ours` is our verdict where it is another; then the conversion must have left
a note. An image that the tool denies is never admitted, unless it admits it under another name that
the case tells: `same_as`."""
import pathlib

import pytest
import yaml

DATA = pathlib.Path(__file__).resolve().parent / "data"
TABLES = [(path.stem, table) for path in sorted(DATA.glob("*.yaml")) for table in yaml.safe_load(path.read_text())]
CONTROLLERS = {"Deployment": "apps/v1", "StatefulSet": "apps/v1", "Job": "batch/v1"}


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


def is_sound(case, cases, effects):
    """What a difference needs so that it is one that was told."""
    if case["ours"] == "deny":
        return effects & {"stricter", "not converted"}
    return "same" in effects and any(other["image"] == case["same_as"] and other["want"] == "allow" for other in cases)


@pytest.mark.parametrize("tool,table", TABLES, ids=[f"{tool}-{table['name']}" for tool, table in TABLES])
def test_verdicts(tool, table, convert, judge):
    answer = convert(table["source"])
    effects = {note["effect"] for note in answer["notes"]}
    assert effects == set(table.get("effects", [])), answer["notes"]
    cases = table["cases"]
    verdicts = ["allow" if one else "deny" for one in judge([make_object(case) for case in cases])]
    assert len(verdicts) == len(cases)
    for case, verdict in zip(cases, verdicts):
        where = f"{case}\n{answer['notes']}\n{''.join(answer['policies'])}"
        assert verdict == case.get("ours", case["want"]), where
        if verdict != case["want"]:
            assert is_sound(case, cases, effects), where


@pytest.mark.parametrize("tool", sorted({tool for tool, _ in TABLES}))
def test_enough(tool):
    assert sum(len(table["cases"]) for name, table in TABLES if name == tool) >= 15
