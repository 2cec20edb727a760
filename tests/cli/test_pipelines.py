"""What pipelines read of this repository, by the published schemas of those that read it."""
import copy
import json
import pathlib

import jsonschema
import pytest
import yaml
from schemas import published

ROOT = pathlib.Path(__file__).resolve().parents[2]

# file, schema, the part that is spoilt and a member that it must not do without
FILES = [
    (".pre-commit-hooks.yaml", "pre-commit-hooks", lambda found: found[0], "entry"),
    ("action.yml", "github-actions", lambda found: found, "runs"),
    ("ci-templates/pratique.gitlab-ci.yml", "gitlab-ci", lambda found: found["pratique-check"], "script"),
]


def errors_of(schema, document):
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in kind(schema).iter_errors(document)]


@pytest.mark.parametrize("file,name,part,member", FILES, ids=[file for file, *_ in FILES])
def test_published_schema(file, name, part, member):
    schema = json.loads((published() / f"{name}.json").read_text())
    document = yaml.safe_load((ROOT / file).read_text())
    assert errors_of(schema, document) == []
    spoilt = copy.deepcopy(document)
    part(spoilt)[member] = 7
    assert errors_of(schema, spoilt) != [], "the schema says nothing of it, so the test shows nothing"
