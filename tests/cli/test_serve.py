"""pratique serve, as far as it is the command line's: configuration and exit status. The server
itself is tested in tests/integration."""
import json
import subprocess

CONFIGURATION = {
    "apiVersion": "pratique.dev/v1alpha1", "kind": "ServerConfiguration",
    "listen": {"address": "127.0.0.1", "port": 0},
    "tls": {"certificate": "tls.crt", "key": "tls.key"},
    "policies": ["policy.yaml"],
}


def configure(run, **changes):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "2", "-subj", "/CN=test", "-keyout", run.folder / "tls.key",
         "-out", run.folder / "tls.crt"], check=True, stderr=subprocess.DEVNULL)
    return run.write("server.yaml", json.dumps({**CONFIGURATION, **changes}))


def check(run, code, **changes):
    return run("serve", "--config", configure(run, **changes), "--check-config", code=code)


def test_check_config(run):
    result = check(run, 0)
    assert (result.out, result.err) == ("configuration and policies are sound\n", "")


def test_unknown_field(run):
    result = check(run, 2, polices=["policy.yaml"])
    assert 'did you mean "policies"?' in result.err and "server.yaml:1:" in result.err


def test_broken_policy(run):
    run.write("broken.yaml", "kind: Nonsense\n")
    result = check(run, 2, policies=["policy.yaml", "broken.yaml"])
    assert "broken.yaml:1:" in result.err


def test_missing_files(run):
    assert "nowhere.yaml" in check(run, 2, policies=["nowhere.yaml"]).err
    missing = {"certificate": "nowhere.crt", "key": "tls.key"}
    assert "nowhere.crt" in check(run, 2, tls=missing).err
    result = run("serve", "--config", "nowhere.yaml", code=2)
    assert "nowhere.yaml" in result.err


def test_serve_does_not_start_on_what_is_broken(run):
    name = configure(run, policies=["nowhere.yaml"])
    result = run("serve", "--config", name)
    assert result.code in (2, 3) and "nowhere.yaml" in result.err
