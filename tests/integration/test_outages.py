"""What took the webhooks of others down, done to ours. The names have the identifiers; docs/peers.md tells what
went wrong there."""
import base64
import concurrent.futures
import contextlib
import json
import os
import signal
import subprocess
import threading

import pytest

from pratique_server import (ALLOWED, BINARY, DENIED, ROOT, SECONDS, allowed, ask, image_review, make_certificate,
                             one_answer, policy, request_bytes, review, wait_until)
from shim import sanitizer

MIB = 1024 * 1024


def judges(server, **options):
    """It admits what is allowed and nothing else."""
    return allowed(server.post(review(ALLOWED), **options).body) is True and \
        allowed(server.post(review(DENIED), **options).body) is False


# -- nobody else is there --

def preloaded(folder, name):
    """The environment with a library made from this file."""
    library = folder / (name + ".so")
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror",
                    "-o", library, ROOT / f"tests/integration/{name}.c"], check=True)
    return {"LD_PRELOAD": " ".join([*sanitizer(), str(library)])}


@pytest.fixture
def nobody(tmp_path):
    """The environment in which a process that asks the network for anything ends."""
    return preloaded(tmp_path, "nobody")


def test_kyverno_16177_2962_website_490_gatekeeper_725_portieris_97_starts_alone(new_server, nobody):
    """A cluster that was shut down has no API server that answers, no names and no network of Pods when the first
    replica starts. It is ready and judges without asking any of them, and so after a reload."""
    server = new_server(environment=nobody).start()
    assert judges(server)
    server.write_policy(policy("other", ["evil.example.net"]))
    wait_until(lambda: allowed(server.post(review(DENIED)).body))
    make_certificate(server.folder)
    server.signal(signal.SIGHUP)
    wait_until(lambda: server.metric('pratique_reloads_total{what="certificate",result="success"}') >= 1)


NAMES = ["docker.io/library/nginx:1.27", "private.example.internal/app:1", "10.1.2.3:5000/app:1", "localhost/app:1"]


def test_kyverno_16052_15690_8691_policy_controller_354_771_1863_needs_no_internet(new_server, nobody):
    """No registry, mirror of keys or log is asked, whatever the image's host is."""
    server = new_server(environment=nobody).start()
    for path in ("/validate", "/mutate"):
        for image in NAMES:
            assert allowed(server.post(review(image), path).body) is False
    answer = json.loads(server.post(image_review(*NAMES), "/imagepolicy").body)
    assert answer["status"]["allowed"] is False


def test_nobody_is_a_trap(nobody):
    """The test's own test: what connects is ended."""
    code = "import socket; socket.socket().connect(('127.0.0.1', 9))"
    process = subprocess.run(["/usr/bin/python3", "-c", code], env={**os.environ, **nobody}, capture_output=True,
                             check=False)
    assert process.returncode == -signal.SIGABRT and b"connects to somebody" in process.stderr


# -- memory --

def memory(server, what="VmRSS"):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(what + ":"))


def under_thread_sanitizer():
    with open(BINARY, "rb") as file:
        return b"__tsan_init" in file.read()


def another_image(n):
    """700 bytes that were never seen before."""
    return review(f"registry.example.com/{'p' * 200}/{n:0200d}:{n:0100d}@sha512:{n:0128x}", uid=f"u-{n}")


def the_same_image(_):
    return review(ALLOWED)


def another_denial(n):
    return review(f"evil-{n}.example.net/{'p' * 200}/{n:0200d}:{n:0100d}", uid=f"u-{n}")


def another_requester(n):
    name = f"{n:0200d}"
    return review(ALLOWED, uid=name, name=name, namespace=name[-60:], userInfo={"username": "system:" + name})


def another_object(n):
    body = json.loads(review(ALLOWED))
    body["request"]["object"]["metadata"]["annotations"] = {f"key-{n}-{i}": "x" * 100 for i in range(20)}
    body["request"]["object"]["spec"]["containers"][0]["name"] = f"c-{n}"
    return json.dumps(body).encode()


def another_kind(n):
    kind = {"group": f"group-{n}.example.com", "version": "v1", "kind": f"Kind{n:0200d}"}
    body = json.loads(review(ALLOWED, kind=kind, resource={**kind, "resource": f"kinds{n}"}))
    body["request"]["object"].update(kind=kind["kind"], apiVersion=kind["group"] + "/v1")
    return json.dumps(body).encode()


FLOODS = [("kyverno-8670", another_image), ("kyverno-4072", the_same_image),
          ("policy-controller-1820", another_denial), ("policy-server-716", another_object),
          ("adm-controller-528", another_kind), ("adm-controller-1950", another_requester)]
WARM, FLOOD = 1500, 6000  # a cache that keeps 1 KiB of each would take 6 MiB
GROWTH = 2 * MIB
WATCHED = under_thread_sanitizer()  # slow, and keeps a history of every access: memory is measured without it


@pytest.mark.parametrize("_, body_of", FLOODS, ids=[name for name, _ in FLOODS])
def test_memory_is_bounded(new_server, _, body_of):
    """Whatever is asked anew each time, nothing is kept of it."""
    small = {"ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=16"}
    server = new_server(environment=small, limits={"threads": 1}).start()
    with contextlib.closing(server.connection()) as connection:
        def flood(numbers):
            for n in numbers:
                assert ask(connection, "POST", "/validate", body_of(n)).status == 200

        flood(range(WARM))
        before = memory(server)
        if not WATCHED:
            flood(range(WARM, WARM + FLOOD))
            assert memory(server) - before < GROWTH


def test_platform_2181_a_burst_of_large_objects(new_server):
    """As many of the largest reviews as come at one time, each of them as costly to read as its size allows: they are
    judged, late or asked to come again, in less memory than the chart's limit, and the server goes on."""
    server = new_server(limits={"threads": 4}).start()  # as many as there are by default at most
    zeros = 500000 if sanitizer() else 4100000  # a sanitizer multiplies time and memory
    body = json.loads(review(DENIED))
    body["request"]["object"]["spec"]["numbers"] = "here"
    body = json.dumps(body).replace('"here"', "[" + ",".join("0" * zeros) + "]").encode()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: server.post(body), range(24)))
    assert {answer.status for answer in answers} <= {200, 429, 504}
    judged = [answer for answer in answers if answer.status == 200]
    assert judged and not any(allowed(answer.body) for answer in judged)
    assert judges(server)
    if not sanitizer():
        assert memory(server, "VmHWM") < 512 * MIB


def many_policies(n, word):
    """One that allows, and many that say nothing of the images asked about."""
    one = ("apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: {{name: p{n}}}\nspec:\n"
           "  images: [\"{n}.example.org/**\"]\n  rules:\n    - name: {word}\n      deny: [\"**:{word}\"]\n")
    return "---\n".join([policy(), *(one.format(n=i, word=word) for i in range(n))])


def test_policy_controller_many_policies_come_and_go(new_server):
    """More policies than one object of the cluster could hold; a reload gives back what the last one took."""
    n = 500 if WATCHED else 4000
    server = new_server(reload="1h", limits={"threads": 1},
                        environment={"ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=16"})
    server.write_policy(many_policies(n, "a"))
    server.start()
    sizes = []
    for word in "bcdefg":
        count = server.metric('pratique_reloads_total{what="policies",result="success"}')
        server.write_policy(many_policies(n, word))
        server.signal(signal.SIGHUP)
        wait_until(lambda count=count:
                   server.metric('pratique_reloads_total{what="policies",result="success"}') > count)
        assert allowed(server.post(review(f"17.example.org/app:{word}")).body) is False
        assert judges(server)
        sizes.append(memory(server))
    assert WATCHED or max(sizes[3:]) - max(sizes[:3]) < GROWTH, sizes


# -- the first moment, and all at once --

def test_kyverno_1_19_1_the_first_review_is_judged(new_server):
    """The first review after readiness is judged by the policies, not before them."""
    for _ in range(5):
        server = new_server().launch()
        wait_until(lambda: server.event("ready") or server.process.poll() is not None, "ready")
        server.port, server.plain_port = (server.event("ready")[name] for name in ("port", "plainPort"))
        assert server.get_plain("/readyz").status == 200
        assert allowed(server.post(review(DENIED)).body) is False
        server.stop()


def test_kyverno_15983_all_at_once_at_the_start(new_server):
    """Nothing is set up by whoever asks first."""
    server = new_server(limits={"threads": 4}).start()
    gate, verdicts = threading.Barrier(32), []

    def ask_first(n):
        gate.wait(SECONDS)
        image = (ALLOWED, DENIED)[n % 2]
        verdicts.append(allowed(server.post(review(image)).body) is (image == ALLOWED))

    threads = [threading.Thread(target=ask_first, args=(n,)) for n in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(verdicts) == 32 and all(verdicts)


REWRITES = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: mirror}
spec:
  rules:
    - {name: any, allow: ["**"]}
  mutate:
    rewrite:
      - {from: "docker.io/**", to: "mirror.example.com/hub/**"}
"""


def test_connaisseur_583_each_patch_is_of_its_own_review(new_server):
    """Under load, nobody gets the image of another."""
    server = new_server(limits={"threads": 4}).start()
    server.write_policy(REWRITES)
    wait_until(lambda: "patch" in json.loads(server.post(review("nginx:1"), "/mutate").body)["response"])

    def ask_many(caller):
        wrong = []
        with contextlib.closing(server.connection()) as connection:
            for n in range(60):
                tag = f"{caller}-{n}"
                body = review(f"docker.io/team/app:{tag}", uid=tag) + b" " * (n * 997 % 30000)
                response = json.loads(ask(connection, "POST", "/mutate", body).body)["response"]
                patch = json.loads(base64.b64decode(response["patch"]))
                if response["uid"] != tag or patch[-1]["value"] != f"mirror.example.com/hub/team/app:{tag}":
                    wrong.append((tag, response, patch))
        return wrong

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        assert not sum(pool.map(ask_many, range(12)), [])


# -- nothing outlives what it was made from --

def test_ghsa_2r43_6962_xcw5_no_verdict_outlives_its_policy(new_server):
    """A verdict that was kept by the image's name would be given again, on the same connection too."""
    server = new_server(reload="1h").start()
    lax, strict = policy("baseline", ["evil.example.net"]), policy("baseline")
    with contextlib.closing(server.connection()) as connection:
        for text, verdict in ((lax, True), (strict, False)) * 3:
            count = server.metric('pratique_reloads_total{what="policies",result="success"}')
            server.write_policy(text)
            server.signal(signal.SIGHUP)
            wait_until(lambda count=count:
                       server.metric('pratique_reloads_total{what="policies",result="success"}') > count)
            for _ in range(3):
                assert allowed(ask(connection, "POST", "/validate", review(DENIED)).body) is verdict


def test_policies_that_are_told_of_are_in_use(new_server, tmp_path):
    """Whoever reads in the log that policies are loaded, and asks, is answered by these."""
    server = new_server(reload="1h", environment=preloaded(tmp_path, "slow_log")).start()
    for n, text in enumerate([policy("lax", ["evil.example.net"]), policy("strict")] * 2, 2):
        server.write_policy(text)
        server.signal(signal.SIGHUP)
        wait_until(lambda n=n: len(server.events("policies loaded")) == n)
        assert allowed(server.post(review(DENIED)).body) is ("lax" in text)


# -- time --

TOO_LATE = [("ratify-92", "/validate"), ("connaisseur-447", "/mutate"), ("stackrox-11710", "/imagepolicy")]


@pytest.mark.parametrize("_, path", TOO_LATE, ids=[name for name, _ in TOO_LATE])
def test_a_time_out_is_no_yes(shared, _, path):
    """The caller's own time counts. When it is over there is no verdict, not even for what is allowed."""
    body = image_review(ALLOWED) if path == "/imagepolicy" else review(ALLOWED)
    with shared.socket() as sock:
        sock.sendall(request_bytes(target=path + "?timeout=1ns", headers=[f"Content-Length: {len(body)}"],
                                   length=False))
        sock.sendall(body)
        answer = one_answer(sock)
    assert answer.status == 504 and b'"allowed"' not in answer.body


def test_policy_controller_824_probes_are_answered_when_reviews_are_not(new_server):
    """A replica that is full is alive and ready: were it killed for that, the others would be full next."""
    server = new_server(limits={"reviewsInFlight": 2, "threads": 1}).start()
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            sock = stack.enter_context(server.socket())
            sock.sendall(request_bytes(headers=["Content-Length: 9000"], length=False) + b" ")
        wait_until(lambda: server.metric("pratique_reviews_in_flight") == 2)
        assert server.post(review(ALLOWED)).status == 429
        for get in (server.get, server.get_plain):
            assert [get(path).status for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 200]
        assert server.post(review(ALLOWED)).status == 429
