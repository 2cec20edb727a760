"""What a real API server makes of our limits: reviews as large as objects can be, a replica that is full, one that
hangs."""
import concurrent.futures
import contextlib
import signal

import pytest

from cluster import Failure, Replica, b64, serving_certificate, wait_until
from objects import STRATEGIC, image_of, patch, path, pod, refused
from pratique_server import request_bytes
from webhooks import NAMESPACE, register, unregister, webhook

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: baseline}
spec:
  rules:
    - name: trusted-registries
      allow: [registry.example.com]
"""
GOOD, BETTER, BAD = "registry.example.com/web:1.0", "registry.example.com/web:1.1", "evil.example.net/miner:1.0"
NAME = "alone"
HOST = f"{NAME}.{NAMESPACE}.svc"


@pytest.fixture(scope="module")
def cluster(clusters):
    return clusters()


@pytest.fixture(scope="module", autouse=True)
def replica(cluster, tmp_path_factory):
    """One that takes one review at a time."""
    cluster.namespace(NAMESPACE)
    certificate, key, authority = serving_certificate(cluster, NAME, NAMESPACE)
    replica = Replica(cluster, 11, tmp_path_factory.mktemp("replica"), (certificate, key),
                      limits={"reviewsInFlight": 1})
    replica.write_policy(POLICY)
    replica.start()
    cluster.service(NAME, NAMESPACE, [replica.address])
    asked(cluster, authority)
    wait_until(lambda: dry_run(cluster, pod(BAD)) == 403, "the webhook asked")
    replica.authority = authority
    yield replica
    unregister(cluster)
    replica.stop()


def asked(cluster, authority, timeout=10):
    one = webhook(authority, timeout=timeout)
    one["clientConfig"] = {"service": {"name": NAME, "namespace": NAMESPACE, "path": "/validate"},
                           "caBundle": b64(authority)}
    register(cluster, [one])


def dry_run(cluster, body, namespace="default"):
    """The status of its creation."""
    try:
        cluster.create(path(namespace, "pods") + "?dryRun=All", body)
    except Failure as failure:
        return failure.code
    return 201


def raw(replica):
    """A TLS connection to write raw bytes to."""
    return replica.context(trust=replica.authority).wrap_socket(replica.tcp(), server_hostname=HOST)


def with_text(image, text):
    return pod(image, spec={"containers": [
        {"name": "first", "image": GOOD, "env": [{"name": "TEXT", "value": text}]},
        {"name": "web", "image": image}]})


def test_an_object_as_large_as_can_be_stored(cluster, namespace):
    """1.2 MiB, in an update sent twice: judged to its last container."""
    text = "x" * 1200000
    assert refused(cluster.create, path(namespace, "pods"), with_text(BAD, text)).startswith(
        f'admission webhook "images.pratique.dev" denied the request: spec.containers[1].image "{BAD}"')
    cluster.create(path(namespace, "pods"), with_text(GOOD, text))
    where = path(namespace, "pods", "web")
    change = {"spec": {"containers": [{"name": "web", "image": BAD}]}}
    assert refused(patch, cluster, where, change, STRATEGIC).startswith("admission webhook")
    change["spec"]["containers"][0]["image"] = BETTER
    changed = patch(cluster, where, change, STRATEGIC)
    assert [one["image"] for one in changed["spec"]["containers"]] == [GOOD, BETTER]


def test_a_review_that_is_larger_than_the_limit(cluster, namespace, replica):
    """The API server writes each `<` as six bytes, so that less than 3 MiB become more than 8: nobody can judge that,
    and nothing is admitted."""
    with pytest.raises(Failure) as failure:
        cluster.create(path(namespace, "pods"), with_text(GOOD, "<" * 1450000))
    assert failure.value.code == 403
    assert failure.value.status["message"] == (
        'admission webhook "images.pratique.dev" denied the request: the review is larger than 8388608 bytes, so its '
        'images cannot be judged')
    wait_until(lambda: replica.metric('pratique_rejected_total{reason="body_size"}') == 1)
    assert cluster.exists(path(namespace, "pods", "web")) is None


def test_very_many_containers(cluster, namespace):
    """All are judged up to a number; beyond it the Pod is denied."""
    many = [{"name": f"c{n}", "image": GOOD} for n in range(512)]
    body = pod(GOOD, spec={"containers": many})
    assert dry_run(cluster, body, namespace) == 201
    body["spec"]["containers"] = [*many[:-1], {"name": "last", "image": BAD}]
    assert 'spec.containers[511].image "evil' in refused(cluster.create, path(namespace, "pods"), body)
    body["spec"]["containers"] = [*many, {"name": "more", "image": GOOD}]
    assert "has more than 512 images" in refused(cluster.create, path(namespace, "pods"), body)


def test_a_full_replica_is_asked_again(cluster, namespace, replica):
    """It answers 429, and the API server asks again within the time of the webhook: the person waits and sees
    nothing of it."""
    with contextlib.closing(raw(replica)) as sock:
        sock.sendall(request_bytes(headers=["Content-Length: 9000"], length=False) + b" ")
        wait_until(lambda: replica.metric("pratique_reviews_in_flight") == 1)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            made = pool.submit(cluster.create, path(namespace, "pods"), pod(GOOD))
            wait_until(lambda: replica.metric('pratique_rejected_total{reason="in_flight"}') >= 1, "a 429")
            assert not made.done()
            sock.close()
            assert image_of(made.result()) == GOOD
    assert dry_run(cluster, pod(BAD), namespace) == 403


def test_a_replica_that_hangs(cluster, namespace, replica):
    """While it does not answer, nothing is admitted, and the message says that time was over; afterwards all is as
    before."""
    asked(cluster, replica.authority, timeout=1)
    replica.signal(signal.SIGSTOP)
    try:
        for image in (GOOD, BAD):
            with pytest.raises(Failure) as failure:
                cluster.create(path(namespace, "pods"), pod(image))
            assert failure.value.code == 500 and "context deadline exceeded" in failure.value.status["message"]
    finally:
        replica.signal(signal.SIGCONT)
        asked(cluster, replica.authority)
    wait_until(lambda: dry_run(cluster, pod(GOOD), namespace) == 201, "an answer")
    assert refused(cluster.create, path(namespace, "pods"), pod(BAD)).startswith("admission webhook")
