"""Bundles of sigstore-go, -java, -js and -python: every case of their tables that a command line can ask."""
import base64
import json

import pytest

from bundles import PRODUCTION, STAGING, VECTORS, rows, signer, verify

NONSENSE = "sha256:" + __import__("hashlib").sha256(b"nonsense").hexdigest()

# What we answer otherwise, by choice: (part of the case's name, why). None is a rejection that we accept.
CHOICES = [
    ("v1_dsse_with", "an envelope must hold an in-toto statement that names the artifact; here it is text"),
    ("v3_dsse_with", "an envelope must hold an in-toto statement that names the artifact; here it is text"),
    ("tsa/bundle.txt.sigstore", "its second timestamp is of something else; all that a bundle brings must hold"),
]

# Cases whose options no command line has; tests/unit/verify/test_policies.c runs them.
ELSEWHERE = ("ignore-tlog", "tlog>=", "no observer", "key data/", "require 2")


def roots(name, folder):
    if "production" in name:
        return PRODUCTION
    return STAGING if "staging" in name else folder / name.split(" ")[0]


def arguments(case, folder, bundle):
    """Who must have signed: as the case says, or else whoever did."""
    options = case["options"].split()
    if "--certificate-identity" in options:
        return options
    if "san" in options:
        return ["--certificate-identity", options[options.index("san") + 1],
                "--certificate-oidc-issuer", options[options.index("issuer") + 1]]
    if "publicKey" in bundle["verificationMaterial"]:
        return ["--key", folder / "key.pem"]
    name, issuer = signer(bundle)
    return ["--certificate-identity", name, "--certificate-oidc-issuer", issuer]


def mutate(case, bundle):
    """What a case's row says in words."""
    if "messageDigest.digest emptied" in case["why"]:
        bundle["messageSignature"]["messageDigest"]["digest"] = ""
    elif "replace integratedTime" in case["why"]:
        for entry in bundle["verificationMaterial"]["tlogEntries"]:
            assert entry["integratedTime"] == "1747928754"
            entry["integratedTime"] = "1747928000"
    else:
        assert "MUTAT" not in case["options"], case


def cases(client, table="cases.tsv"):
    folder = VECTORS / client
    for case in rows(folder / table):
        case = {key.split("(")[0]: value or "" for key, value in case.items()}
        case.setdefault("options", "")
        case.setdefault("why", case["options"])
        case["trust_root"] = case.get("trust_root") or case.get("trusted_root")
        if any(word in case["options"] for word in ELSEWHERE):
            continue
        yield pytest.param(folder, case, id=f"{client}-{case['bundle'].rsplit('/', 1)[-1]}-{case['expected']}")


def artifact(case, folder, bundle):
    name = case.get("artifact", "")
    if name.startswith("sha256("):
        return NONSENSE
    if name:
        return folder / "samples/bundles" / name if (folder / "samples").exists() else folder / name
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    algorithm, value = next(iter(statement["subject"][0]["digest"].items()))
    return f"{algorithm}:{value}"


ALL = [*cases("sigstore-go"), *cases("sigstore-java", "cases-bundles.tsv"), *cases("sigstore-js"),
       *cases("sigstore-python", "cases-bundles.tsv")]


@pytest.mark.parametrize("folder, case", ALL)
def test_client(folder, case, tmp_path):
    bundle = json.loads((folder / case["bundle"]).read_text())
    mutate(case, bundle)
    (tmp_path / "bundle").write_text(json.dumps(bundle))
    if case.get("key"):
        keys, name = case["key"].split()
        (tmp_path / "key.pem").write_text(json.loads((folder / keys).read_text())[name])
    code, output = verify("--bundle", tmp_path / "bundle", "--trusted-root", roots(case["trust_root"], folder),
                          *arguments(case, tmp_path, bundle), artifact(case, folder, bundle))
    if case["expected"] == "client-specific":
        return
    chosen = [why for part, why in CHOICES if part in case["bundle"] and case["expected"] == "pass"]
    assert (code == 0) == (case["expected"] == "pass" and not chosen), f"{code}: {output}{case['why']}"
