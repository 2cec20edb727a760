"""A sweep: the k-th call of each kind fails, for every k, at the start of a server and while it
answers and reloads. After every fault the server either ends and says why, or goes on answering; and
it never admits what it would deny."""
import contextlib
import errno
import http.client
import json
import signal

import pytest

from pratique_server import (ALLOWED, DENIED, Authority, allowed, ask, policy, review, wait_until)

MOST = 25  # calls of one kind that are made to fail, one by one

STARTING = {
    "open64": [errno.EMFILE, errno.EACCES], "opendir": [errno.EIO], "read": [errno.EIO],
    "fstat64": [errno.EIO], "stat64": [errno.EACCES], "socket": [errno.EMFILE],
    "bind": [errno.EADDRINUSE], "listen": [errno.EADDRINUSE], "eventfd": [errno.EMFILE],
    "epoll_create1": [errno.EMFILE], "epoll_ctl": [errno.ENOMEM], "pthread_create": [errno.EAGAIN],
}
RUNNING = {
    "open64": [errno.EMFILE], "opendir": [errno.EIO], "read": [errno.EIO], "fstat64": [errno.EIO],
    "stat64": [errno.EACCES], "write": [errno.ENOSPC], "epoll_ctl": [errno.ENOMEM],
    "epoll_wait": [errno.EINTR, errno.EBADF], "poll": [errno.ENOMEM],
    "accept4": [errno.EMFILE, errno.ECONNABORTED], "recv": [errno.ECONNRESET, errno.ENOMEM],
    "sendmsg": [errno.EPIPE],
}


def each(calls):
    faults = [(call, number) for call, numbers in calls.items() for number in numbers]
    return pytest.mark.parametrize(
        "call, number", faults, ids=[f"{call}-{errno.errorcode[number]}" for call, number in faults])


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def client(authority):
    return authority.sign("kube-apiserver")


def make_server(new_server, shim, authority):
    """With two policies: were one of them lost, what the other denies would be admitted."""
    server = new_server(environment=shim.environment, reload="1h", limits={"threads": 2},
                        tls={"clientCA": str(authority.certificate)}, drain={"delay": "0s", "timeout": "0s"})
    server.timeout = 3
    server.write_policy(policy("lax", ["evil.example.net"]), "a-lax.yaml")
    server.write_policy(policy("strict"), "b-strict.yaml")
    (server.folder / "policies/policy.yaml").unlink()
    return server


def post(server, image, client):
    """The verdict; None if there was none."""
    with contextlib.closing(http.client.HTTPSConnection(
            "127.0.0.1", server.port, timeout=server.timeout, context=server.context(client))) as connection:
        try:
            answer = ask(connection, "POST", "/validate", review(image))
        except (OSError, http.client.HTTPException):
            return None
    if answer.status != 200:
        assert b'"allowed"' not in answer.body
        return None
    return allowed(answer.body)


def ended_well(server):
    """It has ended by itself, with a reason and a code that is not 0."""
    if server.process.poll() is None:
        return False
    assert server.process.returncode != 0 and server.log().strip(), server.log()
    assert "Sanitizer" not in server.log() and "runtime error" not in server.log(), server.log()
    return True


def never_admits(server, client):
    """What must hold in the middle of anything."""
    assert post(server, DENIED, client) is not True
    assert post(server, ALLOWED, None) is None, "without a client certificate"


def answers_again(server, client):
    wait_until(lambda: ended_well(server) or post(server, ALLOWED, client) is True)
    return not ended_well(server) and post(server, DENIED, client) is False


@each(STARTING)
def test_while_it_starts(new_server, shim, authority, client, call, number):
    for at in range(1, MOST + 1):
        server = make_server(new_server, shim, authority)
        shim.arm(call, at, number)
        server.launch()
        wait_until(lambda: server.event("ready") or server.process.poll() is not None)
        fired = shim.fired
        if server.event("ready"):
            server.port = server.event("ready")["port"]
            server.plain_port = server.event("ready")["plainPort"]
            never_admits(server, client)
            shim.disarm()
            answers_again(server, client)
        shim.disarm()
        assert fired or server.process.poll() is None, server.log()
        if server.process.poll() is None:
            server.stop()
        else:
            assert ended_well(server)
        if not fired:
            assert at > 1, "no such call was made"
            return


def reload_count(server):
    with contextlib.suppress(OSError, http.client.HTTPException):
        return sum(server.metric(f'pratique_reloads_total{{what="client_ca",result="{result}"}}')
                   for result in ("success", "error"))
    return 0


@each(RUNNING)
def test_while_it_answers_and_reloads(new_server, shim, authority, client, call, number):
    server = make_server(new_server, shim, authority).start()
    for at in range(1, MOST + 1):
        count = reload_count(server)
        shim.arm(call, at, number)
        server.signal(signal.SIGHUP)
        never_admits(server, client)
        with contextlib.suppress(OSError, http.client.HTTPException, json.JSONDecodeError):
            server.get_plain("/readyz")
        # client_ca is the last that is loaded.
        wait_until(lambda: ended_well(server) or reload_count(server) > count)
        never_admits(server, client)
        fired = shim.fired
        shim.disarm()
        if not answers_again(server, client):
            server = make_server(new_server, shim, authority).start()
        if not fired:
            assert at > 1, "no such call was made"
            break
    if server.process.poll() is None:
        # What was not loaded is, once the fault is over.
        count = reload_count(server)
        server.signal(signal.SIGHUP)
        wait_until(lambda: reload_count(server) > count)
        assert all(check["fresh"] for name, check in server.ready_checks().items() if name != "draining")


def test_the_shim_is_loaded(new_server, shim, authority):
    server = make_server(new_server, shim, authority)
    shim.arm("bind", 1, errno.EADDRNOTAVAIL)
    server.launch()
    assert server.wait() == 3 and "Cannot assign requested address" in server.log()
    assert shim.fired
    shim.disarm()
