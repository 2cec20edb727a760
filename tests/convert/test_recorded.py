"""What the real Kyverno said, recorded by tests/convert/record, against the tables and against what we make of the
same policies: no image is admitted that Kyverno denies under all its names, and nothing is denied that it admits
without a note that says so."""
import json

import pytest
import random_kyverno
from recorded import KYVERNO, TABLES, digest_of

RECORDED = json.loads(KYVERNO.read_text())
CASES = random_kyverno.cases()
OBJECTS = [one for _, one in CASES]


@pytest.mark.parametrize("table", TABLES["kyverno"], ids=[table["name"] for table in TABLES["kyverno"]])
def test_tables(table):
    if "not_recorded" in table:
        assert table["name"] not in RECORDED["tables"]
        return
    recorded = RECORDED["tables"][table["name"]]
    assert recorded["digest"] == digest_of(table), "the table was changed since; run tests/convert/record"
    assert recorded["verdicts"] == [case["want"] for case in table["cases"]]


def demands_much(policy):
    """Several demands count each by itself for an image with several names: one may hold for another name."""
    text = json.dumps(policy)
    return "&" in text or "!" in text or text.count('"operator"') > 1 or text.count('"name": "rule') > 1


def is_known(asked):
    """A registry that is denied is denied on every port, which stands in docs/converting.md and in no note."""
    return ":5000" in asked[0]


@pytest.mark.parametrize("recorded", RECORDED["random"], ids=lambda recorded: recorded["policy"]["metadata"]["name"])
def test_random(recorded, convert, judge):
    policy, verdicts = recorded["policy"], recorded["verdicts"]
    assert len(verdicts) == len(CASES)
    answer = convert(json.dumps(policy))
    admitted = {asked for (asked, _), verdict in zip(CASES, verdicts) if verdict == "a"}
    for (asked, one), verdict, ours in zip(CASES, verdicts, judge(OBJECTS)):
        where = f"{json.dumps(one)}\n{json.dumps(policy)}\n{answer['notes']}\n{''.join(answer['policies'])}"
        several = asked[0].startswith("docker.io/") and demands_much(policy)
        assert not ours or verdict != "d" or asked in admitted or several, "looser: " + where
        assert ours or verdict != "a" or answer["notes"] or is_known(asked), "stricter, and nothing said: " + where


def test_enough():
    """Both verdicts, often, and policies that are carried over exactly."""
    said = "".join(recorded["verdicts"] for recorded in RECORDED["random"])
    assert len(RECORDED["random"]) >= 50
    assert said.count("a") > 1000 and said.count("d") > 1000
