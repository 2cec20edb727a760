"""What is said of hostile answers: where, and why it was not taken."""
import pytest

import asking
import behaviours as b
import hostile_cases as cases
from hostile import NAME, TAG, Hostile

SAID = [
    ("manifest", "truncated", cases.BODIES["truncated"], "AT: "),
    ("manifest", "endless", cases.BODIES["endless"], "the answer is larger than 4194304 bytes"),
    ("manifest", "zipped", cases.BODIES["zipped"], "AT: the bytes that were sent do not have the digest sha256:"),
    ("manifest", "stalled", cases.BROKEN["stalled"], "AT: no answer in time"),
    ("manifest", "slow headers", cases.BROKEN["slow_headers"], "AT: no answer in time"),
    ("manifest", "endless headers", cases.BROKEN["endless_headers"], "headers are larger than 65536 bytes"),
    ("manifest", "other bytes", b.other_bytes, "AT: the bytes that were sent do not have the digest sha256:"),
    ("manifest", "on and on", cases.REDIRECTS["on and on"], "AT: more than 5 redirects"),
    ("manifest", "429", cases.STATUSES["429 for an hour"], "AT is busy or broken, and not to be asked again in time"),
    ("manifest", "to plain HTTP", cases.REDIRECTS["to plain HTTP"], "over plain HTTP, which is not allowed there"),
    ("manifest", "by name", cases.REDIRECTS["to this machine by name"],
     "has an address of this machine or of its network's own services, which is not asked"),
    ("manifest", "to a user", cases.REDIRECTS["to a user"], "AT redirects to what is no address"),
    ("challenge", "unended", cases.CHALLENGES["unended"], "AT: WWW-Authenticate is malformed at byte "),
    ("challenge", "metadata", cases.CHALLENGES["realm of metadata"], "169.254.169.254 has an address of this machine"),
    ("challenge", "metadata, plain", cases.CHALLENGES["realm of metadata, plain"],
     "names the token server 169.254.169.254 over plain HTTP, which is not allowed"),
]


def resolve(registry, folder, reference=f"{NAME}:{TAG}"):
    return asking.resolve(f"{registry.address}/{reference}", "--plain-http", registry.address, "--docker-config",
                          registry.docker_config(folder), timeout="2s")


@pytest.mark.parametrize("step, behaviour, message", [(step, *rest) for step, _, *rest in SAID],
                         ids=[f"{step}, {name}" for step, name, *_ in SAID])
def test_what_is_said(single, tmp_path, step, behaviour, message):
    with Hostile(single, "bearer", hides_digest=True) as registry, Hostile(host="127.0.0.2") as registry.elsewhere:
        registry.replace(step, behaviour)
        error = resolve(registry, tmp_path).error
    assert message.replace("AT", registry.address) in error


def test_what_was_pinned_is_never_taken_for_something_else(single, made, tmp_path):
    wanted = made["changed"].digest
    with Hostile(made["changed"]) as registry:
        registry.replace("head", b.digest_header(single.digest))
        outcome = resolve(registry, tmp_path, f"{NAME}@{wanted}")
        assert outcome.error == f"{registry.address} answers with {single.digest} where {wanted} was asked for"
    with Hostile(made["changed"], hides_digest=True) as registry:
        registry.replace("manifest", b.instead(200, single.read(single.digest), Content_Type=single.media_type,
                                               Docker_Content_Digest=wanted))
        outcome = resolve(registry, tmp_path, f"{NAME}@{wanted}")
        assert outcome.error == f"{registry.address}: the bytes that were sent do not have the digest {wanted}"
