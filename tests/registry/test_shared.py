"""Replicas that tell each other what tags point to, through a Redis that is neither trusted nor waited for: a real one, one
that is gone, and ones that lie, flood and stall."""
import concurrent.futures
import os
import time

import pytest

import redis_server
from pratique_server import wait_until
from redis_server import PASSWORD, Redis, Scripted
from serving import ask, reference

SECRET = "secret-of-the-tests-5eaf00d-5eaf00d-5eaf00d"
needs_redis = pytest.mark.skipif(not redis_server.PROGRAM, reason="redis-server is not there: scripts/setup --test")


@pytest.fixture
def redis():
    server = Redis()
    yield server
    server.close()


@pytest.fixture
def new_replica(new_server, registry, tmp_path):
    """Another replica of one deployment."""
    made = []

    def new_replica(address, secret=SECRET, plain=True, ca=None, username=None, **said):
        folder = tmp_path / f"shared-{len(made)}"
        folder.mkdir()
        made.append(folder)
        (folder / "key").write_text(secret + "\n")
        (folder / "password").write_text(PASSWORD + "\n")
        shared = {"address": address, "plain": plain, "keyFile": str(folder / "key"), "passwordFile": str(folder / "password")}
        shared |= {name: str(value) for name, value in (("ca", ca), ("username", username)) if value}
        return new_server(registry.address, **{"failures": "0s", "shared": shared, **said})

    return new_replica


def counted(server, outcome):
    return server.metric(f'pratique_shared_answers_total{{outcome="{outcome}"}}')


def heads(registry):
    return len([request for request in registry.requests if request.step == "head"])


def log_lines(server, words):
    return [line for line in server.log().splitlines() if words in line]


DOWN = "answers of registries are not shared"


@needs_redis
def test_two_replicas_ask_once(new_replica, registry, made, redis):
    one, other = new_replica(redis.address), new_replica(redis.address)
    pinned = f"{reference(registry)}@{made['index'].digest}"
    assert ask(one, reference(registry))[1] == [pinned]
    assert ask(other, reference(registry))[1] == [pinned]
    assert heads(registry) == 1, "the other had it of the first"
    assert counted(one, "written") == 1 and counted(other, "found") == 1
    assert ask(other, reference(registry))[1] == [pinned]
    assert counted(other, "found") == 1, "it is remembered there, too"
    key, = redis.keys()
    assert key.startswith(b"pratique:1:") and b"app" not in key and registry.address.encode() not in key
    assert 0 < int(redis.ask("PTTL", key)) <= 30_001
    for server in (one, other):
        assert SECRET not in server.log() and PASSWORD not in server.log() and not log_lines(server, DOWN)


@needs_redis
def test_over_tls(new_replica, registry, pair):
    redis = Redis(tls=pair)
    try:
        one, other = (new_replica(redis.address, plain=False, ca=pair[0]) for _ in range(2))
        assert ask(one, reference(registry))[0]["allowed"] and ask(other, reference(registry))[0]["allowed"]
        assert heads(registry) == 1 and counted(other, "found") == 1
        stranger = new_replica(redis.address, plain=False)  # whose authorities do not know it
        assert ask(stranger, reference(registry))[0]["allowed"] and heads(registry) == 2
        assert counted(stranger, "failed") > 0 and counted(stranger, "found") == 0
    finally:
        redis.close()


@needs_redis
def test_what_another_had_counts_no_longer_than_ones_own(new_replica, registry, redis):
    one = new_replica(redis.address, tags="1h")
    assert ask(one, reference(registry))[0]["allowed"]
    key, = redis.keys()
    wait_until(lambda: int(redis.ask("PTTL", key)) < 3_598_000, "two seconds")
    other = new_replica(redis.address, tags="1s")
    assert ask(other, reference(registry))[0]["allowed"]
    assert heads(registry) == 2 and counted(other, "refused") == 1


@needs_redis
def test_another_secret(new_replica, registry, redis):
    one, other = new_replica(redis.address), new_replica(redis.address, secret=SECRET[::-1])
    assert ask(one, reference(registry))[0]["allowed"] and ask(other, reference(registry))[0]["allowed"]
    assert heads(registry) == 2 and len(redis.keys()) == 2 and counted(other, "found") == 0


@needs_redis
def test_entries_that_are_changed_or_old(new_replica, registry, made, redis):
    """Who can write there can take away, and nothing else."""
    one = new_replica(redis.address, tags="1s")
    assert ask(one, reference(registry))[0]["allowed"]
    key, = redis.keys()
    true = redis.ask("GET", key)
    registry.image = made["single"]
    other_digest = made["single"].digest.encode()
    forged = [b"", b"x", true[:64], true[:-1], true + b" ", true.replace(made["index"].digest.encode(), other_digest),
              true[:65] + b"9" + true[66:], b"0" * 64 + true[64:], b"\xff" * 300]
    for value in forged:
        redis.ask("SET", key, value, "PX", "60000")
        server = new_replica(redis.address, tags="1h")
        response, patched = ask(server, reference(registry))
        assert response["allowed"] and patched[0].endswith(made["single"].digest), value
        assert counted(server, "refused") == 1 and counted(server, "found") == 0, value
        server.stop()
    redis.ask("SET", key, true)  # what was so before, sealed by one of us: its time is over
    old = new_replica(redis.address, tags="1ms")
    assert ask(old, reference(registry))[1][0].endswith(made["single"].digest)
    assert counted(old, "found") == 0 and counted(old, "refused") == 1


@needs_redis
def test_a_tag_that_is_gone_is_gone_for_others(new_replica, registry, made, redis):
    one = new_replica(redis.address, tags="1s")
    assert ask(one, reference(registry))[0]["allowed"] and len(redis.keys()) == 1
    key, = redis.keys()
    redis.ask("PERSIST", key)
    registry.image = made["single"]
    registry.replace("head", lambda exchange: exchange.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
    wait_until(lambda: not ask(one, reference(registry))[0]["allowed"], "the registry to be asked again")
    assert redis.keys() == []


@needs_redis
def test_it_ends_and_comes_back(new_replica, registry, redis):
    server = new_replica(redis.address, tags="1ms")
    assert ask(server, reference(registry))[0]["allowed"] and counted(server, "written") == 1
    redis.stop()
    for _ in range(20):
        assert ask(server, reference(registry))[0]["allowed"]
    assert 3 <= counted(server, "failed") <= 6 and counted(server, "skipped") > 0
    assert len(log_lines(server, DOWN)) == 1, "said once"
    again = Redis(port=redis.port)
    try:
        before = counted(server, "written")
        wait_until(lambda: ask(server, reference(registry))[0]["allowed"] and counted(server, "written") > before, "it to be used again")
        assert len(log_lines(server, "are shared with other replicas again")) == 1
    finally:
        again.close()


@needs_redis
def test_full_or_a_wrong_password(new_replica, registry, redis):
    redis.ask("CONFIG", "SET", "maxmemory", "1")
    server = new_replica(redis.address, tags="1ms")
    for _ in range(6):
        assert ask(server, reference(registry))[0]["allowed"]
    assert counted(server, "written") == 0 and counted(server, "failed") >= 3
    assert "OOM" in log_lines(server, DOWN)[0]
    redis.ask("CONFIG", "SET", "maxmemory", "0")
    redis.ask("CONFIG", "SET", "requirepass", "another")
    server = new_replica(redis.address, tags="1ms")
    for _ in range(6):
        assert ask(server, reference(registry))[0]["allowed"]
    assert "WRONGPASS" in log_lines(server, DOWN)[0] and PASSWORD not in server.log()


@needs_redis
def test_a_user_of_its_own(new_replica, registry, redis):
    """Who may do no more than is needed."""
    redis.ask("ACL", "SETUSER", "pratique", "on", ">" + PASSWORD, "~pratique:*", "+get", "+set", "+del")
    one, other = new_replica(redis.address, username="pratique"), new_replica(redis.address, username="pratique")
    assert ask(one, reference(registry))[0]["allowed"] and ask(other, reference(registry))[0]["allowed"]
    assert heads(registry) == 1 and counted(other, "found") == 1


def drip(connection, ended):
    while not ended.wait(0.02):
        connection.sendall(b"$")


def flood(connection, ended):
    while not ended.is_set():
        connection.sendall(b"$1000000000\r\n" + b"a" * 65536)


def lines(connection, ended):
    while not ended.is_set():
        connection.sendall(b"+" + b"a" * 65536)


HOSTILE = {"silent": lambda words: None, "drips": lambda words: drip, "floods": lambda words: flood, "a line without end": lambda words: lines,
           "a large length": lambda words: b"$536870912\r\n", "a large array": lambda words: b"*2147483647\r\n",
           "not its protocol": lambda words: b"HTTP/1.1 400 Bad Request\r\n\r\n", "more than was asked for": lambda words: b"+OK\r\n+OK\r\n",
           "an error": lambda words: b"-ERR \x1b[2Jno\r\n", "closes": lambda words: lambda connection, ended: connection.close()}


@pytest.mark.parametrize("reply", HOSTILE.values(), ids=HOSTILE)
def test_whatever_it_does_the_registry_is_asked(new_replica, registry, made, reply, monkeypatch):
    monkeypatch.setenv("ASAN_OPTIONS", "quarantine_size_mb=1:" + os.environ.get("ASAN_OPTIONS", ""))
    place = Scripted(reply)
    try:
        server = new_replica(place.address, tags="1ms")
        before = server.metric("process_resident_memory_bytes")
        for _ in range(8):
            response, patched = ask(server, reference(registry), timeout=10)
            assert response["allowed"] and patched == [f"{reference(registry)}@{made['index'].digest}"]
        assert counted(server, "failed") == 3 and counted(server, "skipped") > 0, "three times, and then it is left alone"
        assert place.connections <= 4
        assert server.metric("process_resident_memory_bytes") - before < 64 << 20
        told, = log_lines(server, DOWN)
        assert "\x1b" not in told
    finally:
        place.close()


def test_answers_that_are_no_entries(new_replica, registry, made):
    place = Scripted(lambda words: b"$5\r\nhello\r\n" if words[0] == b"GET" else b"+OK\r\n")
    try:
        server = new_replica(place.address, tags="1ms")
        for _ in range(5):
            assert ask(server, reference(registry))[1] == [f"{reference(registry)}@{made['index'].digest}"]
        assert counted(server, "refused") == 5 and counted(server, "failed") == 0
        assert PASSWORD.encode() not in b"".join(word for words in place.commands if words[0] != b"AUTH" for word in words)
    finally:
        place.close()


def test_many_at_one_time_have_few_connections(new_replica, registry):
    def slow(words):
        time.sleep(0.005)
        return b"$-1\r\n" if words[0] == b"GET" else b"+OK\r\n"

    place = Scripted(slow)
    try:
        server = new_replica(place.address, tags="1ms")
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda i: ask(server, reference(registry, f"t{i}"), timeout=10)[0], range(64)))
        assert not any(answer["allowed"] for answer in answers), "none of them is there"
        assert 1 <= place.most <= 8, "four, and as many that have ended and were not yet seen to"
    finally:
        place.close()


@pytest.mark.parametrize("change, words", [
    ({"address": "nowhere"}, "must be an address"), ({"address": "a b:1"}, "must be an address"), ({"address": "a:0"}, "must be an address"),
    ({"username": "u"}, "needs passwordFile"), ({"keyFile": None}, "keyFile")])
def test_a_configuration_that_is_wrong(new_server, registry, tmp_path, change, words):
    (tmp_path / "key").write_text(SECRET)
    shared = {name: value for name, value in {"address": "127.0.0.1:1", "keyFile": str(tmp_path / "key"), **change}.items() if value}
    with pytest.raises(AssertionError) as caught:
        new_server(registry.address, shared=shared)
    assert words in str(caught.value)


@pytest.mark.parametrize("length", [31, 32, 4096, 4097])
def test_the_length_of_the_secret(new_server, registry, tmp_path, length):
    (tmp_path / "key").write_text("k" * length)
    shared = {"address": "127.0.0.1:1", "plain": True, "keyFile": str(tmp_path / "key")}
    if 32 <= length <= 4096:
        new_server(registry.address, shared=shared)
    else:
        with pytest.raises(AssertionError):
            new_server(registry.address, shared=shared)
