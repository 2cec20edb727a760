"""Policies and certificates that change under a running server: however they are put there, broken
ones leave the old in use and are told, and mended ones are taken."""
import shutil
import signal
import ssl
import subprocess

import pytest

from pratique_server import (ALLOWED, DENIED, Authority, Load, allowed, ask, make_certificate,
                             policy, review, wait_until)

STRICT, LAX = policy(), policy(more=["evil.example.net"])
BROKEN = policy().replace("allow:", "alow:")


def admits_evil(server):
    return allowed(server.post(review(DENIED)).body)


# -- ways to put files there --

def in_place(path, text):
    path.write_text(text)


def by_rename(path, text):
    new = path.with_name("." + path.name + ".new")
    new.write_text(text)
    new.rename(path)


def by_removal(path, text):
    path.unlink()
    path.write_text(text)


class Mount:
    """A folder as the kubelet makes it of a ConfigMap or Secret: names are links into `..data`,
    which is a link to a folder of this version, and which alone is replaced."""

    def __init__(self, folder):
        self.folder, self.version = folder, 0

    def put(self, files):
        self.version += 1
        version = self.folder / f"..version_{self.version}"
        version.mkdir()
        for name, text in files.items():
            (version / name).write_text(text)
            if not (self.folder / name).is_symlink():
                (self.folder / name).unlink(missing_ok=True)
                (self.folder / name).symlink_to(f"..data/{name}")
        (self.folder / "..data_tmp").symlink_to(version.name)
        (self.folder / "..data_tmp").rename(self.folder / "..data")
        if self.version > 1:
            shutil.rmtree(self.folder / f"..version_{self.version - 1}")


@pytest.mark.parametrize("put", [in_place, by_rename, by_removal])
def test_policies_are_put_there(new_server, put):
    server = new_server().start()
    path = server.folder / "policies/policy.yaml"
    for text, expected in ((LAX, True), (STRICT, False)) * 2:
        put(path, text)
        wait_until(lambda: admits_evil(server) is expected)


def test_policies_are_mounted(new_server):
    server = new_server()
    mount = Mount(server.folder / "policies")
    mount.put({"policy.yaml": STRICT})
    server.start()
    assert not admits_evil(server)
    for text, expected in ((LAX, True), (STRICT, False)) * 2:
        mount.put({"policy.yaml": text})
        wait_until(lambda: admits_evil(server) is expected)


def test_policies_are_added_and_taken_away(new_server):
    server = new_server()
    server.write_policy(LAX)
    server.start()
    assert admits_evil(server)
    server.write_policy(policy("second"), "second.yaml")
    wait_until(lambda: not admits_evil(server))
    (server.folder / "policies/second.yaml").unlink()
    wait_until(lambda: admits_evil(server))


def test_a_folder_without_policies_admits_nothing(new_server):
    server = new_server().start()
    (server.folder / "policies/policy.yaml").unlink()
    wait_until(lambda: not allowed(server.post(review(ALLOWED)).body)
               or not server.ready_checks()["policies"]["fresh"])
    assert not admits_evil(server)


def test_sighup_loads_at_once(new_server):
    server = new_server(reload="1h").start()
    server.write_policy(LAX)
    assert not admits_evil(server)
    server.signal(signal.SIGHUP)
    wait_until(lambda: admits_evil(server))
    server.write_policy(BROKEN)
    server.signal(signal.SIGHUP)
    wait_until(lambda: not server.ready_checks()["policies"]["fresh"])
    assert admits_evil(server)


def test_sighup_opens_the_audit_log_again(new_server):
    server = new_server().start()
    server.post(review(ALLOWED, uid="before"))
    (server.folder / "audit.log").rename(server.folder / "audit.log.1")
    server.signal(signal.SIGHUP)
    wait_until((server.folder / "audit.log").exists)
    wait_until(lambda: server.post(review(ALLOWED, uid="after")) and server.audit())
    assert {line["uid"] for line in server.audit()} == {"after"}


def told_as_broken(server, what):
    def told():
        check = server.ready_checks()[what]
        return not check["fresh"] and check
    check = wait_until(told)
    assert check["ok"] is True and check["detail"]
    assert server.get_plain("/readyz").status == 200, "the old one is still good"
    assert server.metric(f'pratique_reload_broken{{what="{what}"}}') == 1
    assert server.metric(f'pratique_reloads_total{{what="{what}",result="error"}}') >= 1
    failures = [event for event in server.events("a reload failed; what was loaded before stays in use")
                if event["what"] == what]
    assert failures and failures[-1]["level"] == "error" and failures[-1]["error"] == check["detail"]
    return check["detail"]


def told_as_mended(server, what):
    wait_until(lambda: server.ready_checks()[what] == {"ok": True, "fresh": True})
    assert server.metric(f'pratique_reload_broken{{what="{what}"}}') == 0


def test_a_broken_policy_keeps_the_old_one(new_server):
    server = new_server().start()
    server.write_policy(BROKEN)
    told_as_broken(server, "policies")
    diagnostics = server.event("policies are wrong")["diagnostics"]
    assert "policy.yaml:7:" in diagnostics and "allow" in diagnostics
    assert not admits_evil(server) and allowed(server.post(review(ALLOWED)).body)
    server.write_policy(LAX)
    told_as_mended(server, "policies")
    assert admits_evil(server)


@pytest.mark.parametrize("text", ["", "%", "a: [", "kind: Other\n", "\x00", "- 1\n" * 5])
def test_what_is_no_policy_keeps_the_old_one(new_server, text):
    server = new_server()
    server.configuration["policies"] = ["policies/policy.yaml"]
    server.start()
    server.write_policy(text)
    wait_until(lambda: server.metric('pratique_reloads_total{what="policies",result="error"}')
               or server.metric('pratique_reloads_total{what="policies",result="success"}') > 1)
    assert not admits_evil(server)


def test_a_broken_file_is_told_once(new_server):
    server = new_server().start()
    server.write_policy(BROKEN)
    told_as_broken(server, "policies")
    server.write_policy(policy("other"), "other.yaml")
    wait_until(lambda: server.metric('pratique_reloads_total{what="policies",result="error"}') == 2)
    server.write_policy(STRICT)
    told_as_mended(server, "policies")
    assert len(server.events("policies are wrong")) == 2, "once per change"


# -- certificates --

def serial(server):
    """What identifies the certificate that a new connection sees."""
    with ssl._create_unverified_context().wrap_socket(server.tcp()) as sock:
        return sock.getpeercert(binary_form=True)


def other_pair(server, name="other"):
    folder = server.folder / name
    folder.mkdir(exist_ok=True)
    return [path.read_text() for path in make_certificate(folder)]


@pytest.mark.parametrize("put", [in_place, by_rename, by_removal])
def test_certificates_are_put_there(new_server, put):
    server = new_server().start()
    before = serial(server)
    certificate, key = other_pair(server)
    put(server.folder / "tls.crt", certificate)
    put(server.folder / "tls.key", key)
    wait_until(lambda: serial(server) != before)
    told_as_mended(server, "certificate")
    assert allowed(server.post(review(ALLOWED)).body), "trusted by the new one"


def test_certificates_are_mounted(new_server):
    server = new_server(tls={"certificate": "secret/tls.crt", "key": "secret/tls.key"})
    (server.folder / "secret").mkdir()
    mount = Mount(server.folder / "secret")
    before = None
    for _ in range(3):
        certificate, key = other_pair(server)
        mount.put({"tls.crt": certificate, "tls.key": key})
        if server.process is None:
            server.start()
        wait_until(lambda: serial(server) != before)
        before = serial(server)
    assert not server.events("a reload failed; what was loaded before stays in use"), "one swap"


def test_a_key_that_does_not_fit_keeps_the_old_pair(new_server):
    server = new_server().start()
    before = serial(server)
    certificate, key = other_pair(server)
    in_place(server.folder / "tls.key", key)
    assert "is not the key of the certificate in" in told_as_broken(server, "certificate")
    assert serial(server) == before
    in_place(server.folder / "tls.crt", certificate)
    told_as_mended(server, "certificate")
    assert serial(server) != before


@pytest.mark.parametrize("name, text, reason", [
    ("tls.crt", "", "no chain of at most 16 certificates"),
    ("tls.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no chain"),
    ("tls.key", "", "no private key in PEM"),
    ("tls.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key"),
    ("tls.crt", "x" * (1024 * 1024 + 1), "larger than 1048576 bytes"),
    ("tls.key", None, "No such file"),
], ids=["empty", "junk", "empty-key", "junk-key", "large", "missing-key"])
def test_a_broken_certificate_keeps_the_old_one(new_server, name, text, reason):
    server = new_server().start()
    before, good, connection = serial(server), (server.folder / name).read_text(), server.connection()
    if text is None:
        (server.folder / name).unlink()
    else:
        (server.folder / name).write_text(text)
    assert reason in told_as_broken(server, "certificate")
    assert serial(server) == before
    assert not allowed(ask(connection, "POST", "/validate", review(DENIED)).body)
    connection.close()
    (server.folder / name).write_text(good)
    told_as_mended(server, "certificate")


def test_an_encrypted_key_is_refused(new_server):
    server = new_server().start()
    key = subprocess.run(["openssl", "pkcs8", "-topk8", "-in", server.folder / "tls.key", "-passout",
                          "pass:secret"], check=True, capture_output=True, text=True).stdout
    (server.folder / "tls.key").write_text(key)
    assert "without a password" in told_as_broken(server, "certificate")


def test_broken_authorities_of_clients_keep_the_old_ones(new_server, tmp_path):
    authority = Authority(tmp_path)
    server = new_server(tls={"clientCA": "client-ca.crt"})
    path = server.folder / "client-ca.crt"
    path.write_bytes(authority.certificate.read_bytes())
    server.start()
    client = authority.sign("kube-apiserver")
    path.write_text("nothing")
    told_as_broken(server, "client_ca")
    assert allowed(server.post(review(ALLOWED), client=client).body)
    assert server.post(review(ALLOWED)).status == 403, "no authority is not everyone"
    path.write_bytes(authority.certificate.read_bytes())
    told_as_mended(server, "client_ca")


# -- under load --

def policy_loads(server):
    return sum(server.metric(f'pratique_reloads_total{{what="policies",result="{result}"}}')
               for result in ("success", "error"))


def test_reloads_under_load(new_server):
    server = new_server().start()
    mount_policies = Mount(server.folder / "policies")
    context = ssl._create_unverified_context()
    load = Load(server, context)
    try:
        for i in range(20):
            mount_policies.put({"policy.yaml": (LAX, STRICT, BROKEN)[i % 3]})
            certificate, key = other_pair(server)
            by_rename(server.folder / "tls.key", key)
            by_rename(server.folder / "tls.crt", certificate)
            loads = policy_loads(server)
            server.signal(signal.SIGHUP)
            wait_until(lambda: policy_loads(server) > loads)
    finally:
        verdicts = load.end()
    assert True in verdicts and False in verdicts
