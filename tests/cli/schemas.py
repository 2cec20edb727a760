"""Validating what is printed: our own JSON by docs/*.schema.json, reports of others by theirs."""
import functools
import json
import pathlib
import subprocess

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@functools.cache
def published():
    """The folder with the schemas of others, which the set-up has filled."""
    return pathlib.Path(subprocess.run([ROOT / "scripts/schemas"], check=True, capture_output=True,
                                       text=True).stdout.strip())


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
