"""pratique verify-bundle: options, files and what is printed. tests/verify/ has the bundles of others."""
import json
import os
import pathlib
import shutil

import pytest

from program import ROOT

VECTORS = pathlib.Path(os.environ.get("PRATIQUE_VECTORS", ROOT / "tests/vectors")).absolute()
CASES = VECTORS / "sigstore-conformance/assets/bundle-verify"
NAME = ("https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
        "extremely-dangerous-oidc-beacon.yml@refs/heads/main")
ISSUER = "https://token.actions.githubusercontent.com"
WHO = ["--certificate-identity", NAME, "--certificate-oidc-issuer", ISSUER]
BUNDLE = ["--bundle", CASES / "happy-path-v0.3/bundle.sigstore.json"]
DIGEST = "sha256:a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf"


def test_verified(run):
    result = run("verify-bundle", *BUNDLE, *WHO, CASES / "a.txt", code=0)
    assert result.out.splitlines()[:4] == ["verified", f"  signed by  {NAME}", f"  issuer     {ISSUER}",
                                           "  key        ECDSA P-256"]
    assert result.out.splitlines()[4].endswith(", by the log https://rekor.sigstore.dev")
    assert result.err == ""


def test_not_verified(run):
    result = run("verify-bundle", *BUNDLE, "--certificate-identity", "me@example.com", "--certificate-oidc-issuer",
                 ISSUER, CASES / "a.txt", code=1)
    assert result.out == (f'not verified: wrong identity: signed by "{NAME}" of issuer "{ISSUER}", not by '
                          f'"me@example.com" of issuer "{ISSUER}"\n')
    assert result.err == ""


def test_digest(run):
    run("verify-bundle", *BUNDLE, *WHO, DIGEST, code=0)
    result = run("verify-bundle", *BUNDLE, *WHO, DIGEST[:-1] + "0", code=1)
    assert result.out == "not verified: entry 1 of a transparency log: it is of something else than what is signed\n"


def test_file_named_as_digest(run):
    run.write(DIGEST, "something else")
    run("verify-bundle", *BUNDLE, *WHO, DIGEST, code=1)
    shutil.copy(CASES / "a.txt", run.folder / DIGEST)
    run("verify-bundle", *BUNDLE, *WHO, DIGEST, code=0)


def test_standard_input(run):
    run("verify-bundle", *BUNDLE, *WHO, "-", stdin=(CASES / "a.txt").read_bytes(), code=0)
    run("verify-bundle", *BUNDLE, *WHO, "-", stdin=b"x", code=1)


def test_large_file(run):
    """One that is not kept whole; its digests tell as much."""
    path = run.folder / "large"
    with path.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    result = run("verify-bundle", *BUNDLE, *WHO, "large", code=1)
    assert result.out == "not verified: entry 1 of a transparency log: it is of something else than what is signed\n"


@pytest.mark.parametrize("arguments, code, says", [
    (["a"], 2, "--bundle is missing"),
    ([*BUNDLE, "a"], 2, "either --key, or --certificate-identity and --certificate-oidc-issuer"),
    ([*BUNDLE, *WHO[:2], "a"], 2, "either --key, or --certificate-identity and --certificate-oidc-issuer"),
    ([*BUNDLE, "--key", "key", *WHO, "a"], 2, "--key and --certificate-... exclude each other"),
    ([*BUNDLE, "--certificate-identity", "", *WHO[2:], "a"], 2, "--certificate-identity has an empty argument"),
    ([*BUNDLE, "--key", "broken", "a"], 2, "--key: "),
    ([*BUNDLE, "--key", "gone", "a"], 3, "gone: cannot open"),
    ([*BUNDLE, *WHO, "--trusted-root", "broken", "a"], 2, "--trusted-root: the trusted root"),
    ([*BUNDLE, *WHO, "--trusted-root", "gone", "a"], 3, "gone: cannot open"),
    (["--bundle", "gone", *WHO, "a"], 3, "gone: cannot open"),
    ([*BUNDLE, *WHO, "gone"], 3, "gone: cannot open"),
    ([*BUNDLE, *WHO, "sha256:00"], 3, "the digest "),
    ([*BUNDLE, *WHO], 2, "FILE|DIGEST"),
])
def test_wrong_options(run, arguments, code, says):
    run.write("a", "a")
    run.write("broken", "{}")
    result = run("verify-bundle", *arguments, code=code)
    assert says in result.err and result.out == ""


def test_broken_bundle(run):
    run.write("bundle", "{}")
    result = run("verify-bundle", "--bundle", "bundle", *WHO, DIGEST, code=1)
    assert result.out == "not verified: mediaType: is missing\n"


def test_hostile_text(run):
    bundle = json.loads(BUNDLE[1].read_text())
    bundle["mediaType"] = "\x1b[2J\u202e"
    run.write("bundle", json.dumps(bundle))
    result = run("verify-bundle", "--bundle", "bundle", *WHO, DIGEST, code=1)
    assert "\x1b" not in result.out and "\u202e" not in result.out


def test_roots_of_the_program(run):
    """They are the ones that are said: a bundle of one instance does not hold by the other."""
    run("verify-bundle", *BUNDLE, *WHO, "--staging", DIGEST, code=1)
    run("verify-bundle", *BUNDLE, *WHO, "--staging", "--trusted-root",
        VECTORS / "sigstore-trust/production/targets/trusted_root.json", DIGEST, code=0)
