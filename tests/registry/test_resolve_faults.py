"""A sweep over `image resolve`: the k-th call of each kind fails, for every k, while it asks a registry that wants a token
and whose HEAD tells no digest. There is the true digest, or an exit code that is not 0 and a reason."""
import errno
import json

import pytest

import asking
from hostile import NAME, TAG, Hostile
from shim import Shim

MOST = 60  # calls of one kind that are made to fail, one by one

CALLS = [("open64", errno.EMFILE), ("fstat64", errno.EIO), ("read", errno.EIO), ("socket", errno.EMFILE),
         ("connect", errno.ENETUNREACH), ("connect", errno.EAGAIN), ("getsockopt", errno.EBADF), ("send", errno.EPIPE),
         ("send", errno.EAGAIN), ("recv", errno.ECONNRESET), ("recv", errno.EAGAIN), ("poll", errno.ENOMEM)]
FAULTS = [(call, number, True) for call, number in CALLS] + [
    (call, number, False) for call, number in CALLS if call in ("send", "recv")]


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    return Shim(tmp_path_factory.mktemp("shim"))


def resolve(registry, folder, trust, **options):
    return asking.run("image", "resolve", "--output", "json", "--timeout", "3s", *trust, "--docker-config",
                      registry.docker_config(folder), f"{registry.address}/{NAME}:{TAG}", **options)


@pytest.mark.parametrize("call, number, tls", FAULTS, ids=[
    f"{call}-{errno.errorcode[number]}-{'tls' if tls else 'plain'}" for call, number, tls in FAULTS])
def test_the_true_digest_or_none(single, pair, shim, tmp_path, call, number, tls):
    with Hostile(single, "bearer", pair[1:] if tls else None, hides_digest=True) as registry:
        trust = ["--ca", pair[0]] if tls else ["--plain-http", registry.address]
        for at in range(1, MOST + 1):
            shim.arm(call, at, number)
            code, text, _, _ = resolve(registry, tmp_path, trust, **shim.environment)
            fired = shim.fired
            shim.disarm()
            assert "Sanitizer" not in text and "runtime error" not in text, text
            digest = json.loads(text)["digest"] if text.startswith("{") else None
            assert digest in (None, single.digest), text
            assert (code == 0) == (digest is not None) and text.strip(), f"{call} {at}: exit code {code}: {text}"
            if not fired:
                assert code == 0 and at > 1, f"no such call was made, or it fails without: {text}"
                return


def test_an_answer_that_cannot_be_written(single, pair, tmp_path):
    with Hostile(single) as registry, open("/dev/full", "w") as full:
        code, text, _, _ = resolve(registry, tmp_path, ["--plain-http", registry.address], stdout=full)
    assert code not in (0, 1) and "No space left on device" in text, (code, text)
