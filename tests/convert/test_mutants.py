"""Sources that are damaged at random: the conversion never breaks, and what it writes is in order."""
import copy
import json
import pathlib
import random

import pytest
import yaml

DATA = pathlib.Path(__file__).resolve().parent / "data"
SOURCES = [(path.stem, yaml.safe_load_all(table["source"]))
           for path in sorted(DATA.glob("*.yaml")) for table in yaml.safe_load(path.read_text())]
DOCUMENTS = [(tool, list(documents)) for tool, documents in SOURCES]
JUNK = [None, True, 7, "", "*", "!", "a\nb", "é", [], {}, [[]], [None], {"any": {}}, "x" * 600, "{{ element.image }}",
        "?*:[a]", "-", "**", ["!*", "*"], {"matchLabels": {"a b": "c"}}]


def places(value, found):
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        found.append((value, key))
        if isinstance(item, (dict, list)):
            places(item, found)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_mutants(seed, pratique):
    chance = random.Random(seed)
    for _ in range(10):
        tool, documents = chance.choice(DOCUMENTS)
        documents = copy.deepcopy(documents)
        for _ in range(chance.randint(1, 3)):
            parent, key = chance.choice(places(documents, []))
            parent[key] = copy.deepcopy(chance.choice(JUNK))
        source = "".join(json.dumps(one) + "\n" for one in documents if isinstance(one, dict))
        process = pratique("policy", "convert", "--output", "json", "-", stdin=source)
        assert process.returncode in (0, 1, 3), source + process.stderr
        if process.returncode == 3:
            assert process.stderr == "pratique policy convert: there is nothing to convert\n"
            continue
        (pratique.folder / "p.yaml").write_text("---\n".join(json.loads(process.stdout)["policies"]))
        lint = pratique("policy", "lint", "p.yaml")
        assert lint.returncode == 0 or lint.stdout.startswith("p.yaml:1:"), source + lint.stdout + process.stdout
