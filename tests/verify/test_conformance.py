"""sigstore-conformance: every case, by file and by digest; and bundles of CPython's releases."""
import json

import pytest

from bundles import PRODUCTION, VECTORS, rows, verify

FOLDER = VECTORS / "sigstore-conformance"
ARGUMENTS = "argv_after_entrypoint (no argument contains spaces)"


@pytest.mark.parametrize("case", [pytest.param(row, id=row["test_id"]) for row in rows(FOLDER / "cases.tsv")])
def test_conformance(case):
    _, *arguments = case[ARGUMENTS].split()
    if "--trusted-root" not in arguments:
        arguments = ["--trusted-root", PRODUCTION, *arguments]
    code, output = verify(*arguments, cwd=FOLDER)
    assert (code == 0) == (case["expected_exit"] == "0"), output


def releases():
    """One of 25; tests/unit/verify/test_releases.c verifies all of them."""
    for path in sorted((VECTORS / "cpython-release-bundles").glob("*.ndjson")):
        for line in path.read_text().splitlines()[::25]:
            release = json.loads(line)
            yield pytest.param(release, id=release["url"].rsplit("/", 1)[-1])


@pytest.mark.parametrize("release", releases())
def test_cpython(release, tmp_path):
    bundle = release["bundle"]
    (tmp_path / "bundle").write_text(bundle if isinstance(bundle, str) else json.dumps(bundle))
    arguments = ["--bundle", tmp_path / "bundle", "--certificate-oidc-issuer", release["issuer"]]
    digest = "sha256:" + release["sha256"]
    for trust in [[], ["--trusted-root", PRODUCTION]]:
        code, output = verify(*arguments, *trust, "--certificate-identity", release["identity"], digest)
        assert code == 0, output
    code, output = verify(*arguments, "--staging", "--certificate-identity", release["identity"], digest)
    assert code == 1, output
