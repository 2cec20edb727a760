"""Cases of other projects' verifiers, run through `pratique verify-bundle`: every case that the folders hold.

A case is (name, whether it verifies, arguments). CHOICES are those that we answer differently, each with the reason;
none of them is a rejection that we accept."""
import base64
import csv
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("PRATIQUE_BINARY", ROOT / "build/pratique")).absolute()
VECTORS = pathlib.Path(os.environ.get("PRATIQUE_VECTORS", ROOT / "tests/vectors")).absolute()

PRODUCTION = VECTORS / "sigstore-trust/production/targets/trusted_root.json"
STAGING = VECTORS / "sigstore-trust/staging/targets/trusted_root.json"


def verify(*arguments, cwd=VECTORS):
    """The exit status of verify-bundle, and what it printed."""
    process = subprocess.run([BINARY, "verify-bundle", *map(str, arguments)], cwd=cwd, capture_output=True, timeout=60)
    output = process.stdout.decode() + process.stderr.decode()
    assert process.returncode in (0, 1, 2, 3), f"{process.returncode}: {output}"
    return process.returncode, output


def rows(path):
    """The rows of a table; none if the folder is not there."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def openssl(*arguments, data):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout.decode()


def signer(bundle):
    """The identity and the issuer of a bundle's certificate, as openssl reads them."""
    material = bundle["verificationMaterial"]
    certificate = material.get("certificate") or material["x509CertificateChain"]["certificates"][0]
    der = base64.b64decode(certificate["rawBytes"])
    names = openssl("x509", "-inform", "DER", "-noout", "-ext", "subjectAltName", data=der).splitlines()[1].strip()
    lines = openssl("x509", "-inform", "DER", "-noout", "-text", data=der).splitlines()
    issuer = lines[next(i for i, line in enumerate(lines) if "1.3.6.1.4.1.57264.1.1:" in line) + 1].strip()
    return names.split(":", 1)[1], issuer
