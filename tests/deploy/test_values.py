"""Values, their schema and their page agree."""
import json
import subprocess

import jsonschema
import pytest
import yaml

from chart import CHART, ROOT, VARIANTS, default_values, helm_binary, refused, schema


def leaves(values, path=""):
    for name, value in values.items():
        at = f"{path}.{name}" if path else name
        yield at, value
        if isinstance(value, dict):
            yield from leaves(value, at)


def described(field, path=""):
    """Paths of all values that the schema knows, each with its part of the schema."""
    for name, inner in field.get("properties", {}).items():
        at = f"{path}.{name}" if path else name
        yield at, inner
        yield from described(inner, at)
        if "items" in inner:
            yield from described(inner["items"], at + "[]")


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema())


def test_every_default_is_in_the_schema():
    known = dict(described(schema()))
    free = [at for at, field in known.items() if field.get("type") == "object" and "properties" not in field]
    for at, _ in leaves(default_values()):
        assert at in known or any(at.startswith(one + ".") for one in free), at


def test_every_value_has_a_default_and_a_description():
    """But for those of config and clouds, whose defaults are the program's, and those within lists."""
    defaults = dict(leaves(default_values()))
    for at, field in described(schema()):
        assert field["description"].endswith("."), at
        if at != "global" and "[]" not in at and not at.startswith(("config.", "registries.clouds.")):
            assert at in defaults, at


def test_the_schema_is_strict():
    for at, field in [("", schema()), *described(schema())]:
        if "properties" in field:
            assert field["additionalProperties"] is False, at
    assert "additional properties 'failurepolicy' not allowed" in refused("--set", "failurepolicy=Ignore")
    assert "additional properties 'enable' not allowed" in refused("--set", "mutating.enable=true")


@pytest.mark.parametrize("setting", [
    "failurePolicy=fail", "failurePolicy=", "replicas=0", "timeoutSeconds=31", "tls.mode=self-signed",
    "image.tag=a b", "image.digest=sha256:abc", "image.repository=x'y", "systemNamespaces.failurePolicy=",
    "systemNamespaces.names={Kube_System}", "policies.noEnding=x", "policies.a\\.yaml=", "config.drain.delay=5 seconds",
    "config.limits.body=99999999", "config.audit.path=/x", "customKinds[0].group=x", "prometheusRule.certificateDays=0",
    "traces.endpoint=collector:4318", "traces.endpoint=https://user:password@collector", "fullnameOverride=-x", "replicas=three", "podLabels.app\\.kubernetes\\.io/name=x",
    "podAnnotations.checksum/configuration=x"])
def test_refused(setting):
    assert "values don't meet the specifications of the schema" in refused("--set", setting)


def test_a_path_of_a_custom_kind_needs_the_kind(tmp_path):
    values = tmp_path / "values.yaml"
    values.write_text(json.dumps({"customKinds": [{"group": "a.b", "resources": ["cs"], "images": ["spec.image"]}]}))
    assert "properties 'kind' required, if 'images' exists" in refused("--values", values)


def programs_schema():
    return json.loads((ROOT / "docs/configuration.schema.json").read_text())["$defs"]


def test_managed_certificates_are_the_programs_own():
    """What the chart leaves to choice has the same bounds and description."""
    theirs = programs_schema()["ManagedCertificate"]["properties"]
    ours = schema()["properties"]["tls"]["properties"]["managed"]["properties"]
    assert set(theirs) - set(ours) == {"secret", "service", "namespace", "lease", "webhooks"}
    for name, field in ours.items():
        assert field == {key: value for key, value in theirs[name].items() if key != "examples"}


def test_config_is_the_programs_own():
    """What the schema says of config is what docs/configuration.schema.json says, so that no field is forgotten."""
    of_program = programs_schema()
    config = schema()["properties"]["config"]["properties"]
    chart_decides = {"apiVersion", "kind", "listen", "plain", "tls", "policies", "kinds", "audit", "history", "ui",
                     "kubernetes", "traces", "registries"}
    assert set(config) == set(of_program["ServerConfiguration"]["properties"]) - chart_decides

    def plain(field):
        return {name: value for name, value in field.items() if name not in ("description", "examples")}
    for name, field in config.items():
        theirs = of_program["ServerConfiguration"]["properties"][name]
        if "$ref" in theirs:
            theirs = of_program[theirs["$ref"].rsplit("/", 1)[1]]
            assert {one: plain(value) for one, value in field["properties"].items()} == {
                one: plain(value) for one, value in theirs["properties"].items()}, name
        else:
            assert plain(field) == plain(theirs), name


def test_clouds_are_the_programs_own():
    theirs = programs_schema()
    ours = schema()["properties"]["registries"]["properties"]["clouds"]["properties"]
    assert set(ours) == set(theirs["Clouds"]["properties"])
    for cloud, its in ours.items():
        fields = theirs[theirs["Clouds"]["properties"][cloud]["$ref"].rsplit("/", 1)[1]]["properties"]
        assert its["properties"] == {name: {key: value for key, value in field.items() if key != "examples"}
                                     for name, field in fields.items()}, cloud


def test_every_value_is_set_by_some_variant():
    known = dict(described(schema()))
    used = {at for path in VARIANTS.glob("*.yaml") for at, _ in leaves(yaml.safe_load(path.read_text()) or {})}
    never = {at for at, field in known.items() if "properties" not in field and "[]" not in at} - used
    assert never <= {"global", "validating.enabled", "dashboard.labels", "image.tag", "tls.managed.validity",
                     "tls.managed.authorityValidity", "tls.managed.overlap", "tls.certManager.authorityValidity"}


def test_what_is_made_from_the_chart_is_up_to_date():
    helm_binary()
    ran = subprocess.run([ROOT / "scripts/manifests", "--check"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_page_of_values_has_each_once():
    lines = (CHART / "README.md").read_text().splitlines()
    for at, field in described(schema()):
        if at != "global" and not field.get("properties"):
            assert sum(line.startswith(f"| `{at}` |") for line in lines) == 1, at
