"""pratique policy crds."""
import json

import yaml

from program import ROOT

FORBIDDEN = {"$ref", "$schema", "definitions", "dependencies", "patternProperties", "additionalItems", "const",
             "examples", "if", "propertyNames"}


def definitions(run):
    result = run("policy", "crds", code=0)
    assert result.err == ""
    return {one["metadata"]["name"]: one for one in yaml.safe_load_all(result.out)}


def schema(definition):
    [version] = definition["spec"]["versions"]
    return version["schema"]["openAPIV3Schema"]


def every_part(part):
    yield part
    inner = [*part.get("properties", {}).values(), part.get("items"), part.get("additionalProperties")]
    for one in filter(None, inner):
        yield from every_part(one)


def test_names(run):
    made = definitions(run)
    assert {name: (one["spec"]["names"]["kind"], one["spec"]["scope"], one["spec"]["names"]["shortNames"])
            for name, one in made.items()} == {
        "clusterimagepolicies.pratique.dev": ("ClusterImagePolicy", "Cluster", ["cimgpol"]),
        "imagepolicies.pratique.dev": ("ImagePolicy", "Namespaced", ["imgpol"]),
        "imagepolicyexceptions.pratique.dev": ("ImagePolicyException", "Cluster", ["imgpolex"])}
    for name, one in made.items():
        assert one["spec"]["group"] == "pratique.dev" and one["spec"]["names"]["plural"] == name.split(".")[0]
        [version] = one["spec"]["versions"]
        assert version["name"] == "v1alpha1" and version["served"] and version["storage"]
        assert version["subresources"] == {"status": {}}


def test_schemas_are_structural(run):
    for one in definitions(run).values():
        for part in every_part(schema(one)):
            assert part["type"] in ("object", "array", "string", "integer", "boolean")
            assert not FORBIDDEN & set(part)
            if "properties" in part:
                assert set(part.get("required", [])) <= set(part["properties"])


def test_every_field_of_the_language_is_there_in_its_words(run):
    """The same names, types and descriptions as in the JSON Schema of files."""
    of_files = json.loads(run("policy", "schema", code=0).out)["$defs"]

    def compare(part, wanted, at):
        wanted = {**of_files.get(wanted.get("$ref", "").split("/")[-1], {}), **wanted}
        assert part["type"] == wanted["type"], at
        assert part.get("description", wanted["description"]).startswith(wanted["description"]), at
        for name in ("minItems", "maxItems", "minLength", "maxLength", "pattern", "enum", "maxProperties"):
            assert part.get(name) == wanted.get(name), at
        if "properties" in wanted:
            assert set(part["properties"]) == set(wanted["properties"]), at
            assert part.get("required") == wanted.get("required") or set(part["required"]) == set(wanted["required"])
            for name, field in part["properties"].items():
                compare(field, wanted["properties"][name], at + "." + name)
        if "items" in wanted and "$ref" in wanted["items"]:
            compare(part["items"], {**wanted["items"], "description": ""}, at + "[]")

    for one in definitions(run).values():
        kind = one["spec"]["names"]["kind"]
        compare(schema(one)["properties"]["spec"], of_files[kind]["properties"]["spec"], kind)


def test_it_is_what_the_chart_brings(run):
    assert run("policy", "crds", code=0).out == (ROOT / "deploy/chart/files/definitions.yaml").read_text()
