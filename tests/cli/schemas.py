"""Validating what is printed: our own JSON by docs/*.schema.json, reports of others by theirs."""
import functools
import json
import pathlib
import subprocess

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@functools.cache
def published():
    """The folder with the schemas of others, which the set-up has filled."""
    process = subprocess.run([ROOT / "scripts/schemas"], capture_output=True, text=True)
    if process.returncode == 3:
        pytest.skip(f"the registries of the published schemas cannot be reached: {process.stderr}")
    assert process.returncode == 0, process.stderr
    return pathlib.Path(process.stdout.strip())


def validate(text, name):
    """Returns the document; `name` is that of a schema in docs/."""
    schema = json.loads((DOCS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(text)
    jsonschema.Draft202012Validator(schema).validate(document)
    return document


def validate_sarif(text):
    schema = json.loads((published() / "sarif-2.1.0.json").read_text())
    document = json.loads(text)
    jsonschema.Draft7Validator(schema).validate(document)
    return document


def validate_junit(text, folder):
    report = folder / "report.xml"
    report.write_bytes(text.encode())
    process = subprocess.run(["xmllint", "--noout", "--schema", published() / "junit-10.xsd",
                              report], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
