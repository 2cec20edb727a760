"""What other tools admit and deny, and what their policies admit and deny once they are converted.

data/TOOL.yaml is a list of tables: a source and cases, each an image (in a namespace, a kind, a place,
with labels) and the verdict of the tool, `want`. `ours` is our verdict where it is another; then the conversion must have left
a note. An image that the tool denies is never admitted, unless it admits it under another name that
the case tells: `same_as`."""
import pytest
from recorded import TABLES, make_object

EACH = [(tool, table) for tool, tables in TABLES.items() for table in tables]


def is_sound(case, cases, effects):
    """What a difference needs so that it is one that was told."""
    if case["ours"] == "deny":
        return effects & {"stricter", "not converted"}
    return "same" in effects and any(other["image"] == case["same_as"] and other["want"] == "allow" for other in cases)


@pytest.mark.parametrize("tool,table", EACH, ids=[f"{tool}-{table['name']}" for tool, table in EACH])
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


@pytest.mark.parametrize("tool", sorted(TABLES))
def test_enough(tool):
    assert sum(len(table["cases"]) for table in TABLES[tool]) >= 15
