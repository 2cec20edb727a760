"""Replicas that watch a real API server with many namespaces and policies: their memory, and the time from the moment a
policy is stored to the moment each of them decides by it. Writes bench/watching.md."""
import argparse
import contextlib
import datetime
import json
import pathlib
import statistics
import sys
import tempfile
import threading
import time

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests/e2e"))

from cluster import Cluster  # noqa: E402
from pratique_server import ask, review  # noqa: E402
from test_crds import API, definitions, establish  # noqa: E402
from watching import Watching  # noqa: E402

import policies as others  # noqa: E402

IMAGE = "registry.example.com/shop/web:1.0"
BASE = {"apiVersion": "pratique.dev/v1alpha1", "kind": "ClusterImagePolicy", "metadata": {"name": "base"},
        "spec": {"rules": [{"name": "trusted", "allow": ["registry.example.com"]}]}}
REPLICAS = 3


def say(text):
    print(f"bench: {text}", file=sys.stderr)


def resident(server):
    """MB that are in memory."""
    for line in pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
    raise AssertionError("no VmRSS")


def store(cluster, made):
    """Create a policy, and its namespace if it has one."""
    namespace = made["metadata"].get("namespace")
    if not namespace:
        cluster.create(f"{API}/clusterimagepolicies", made)
        return
    cluster.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
    cluster.create(f"{API}/namespaces/{namespace}/imagepolicies", made)


def fill(cluster, namespaces, policies):
    """Labels as a cluster with tenants has them; nobody else looks at these namespaces."""
    controllers = cluster.processes.pop("kube-controller-manager")
    controllers.kill()
    controllers.wait()
    def some(first):
        for number in range(first, namespaces - policies, 4):
            cluster.create("/api/v1/namespaces", {"metadata": {
                "name": f"tenant-{number:05}", "labels": {"tenant": f"t{number % 500}", "stage": "production",
                                                          "pod-security.kubernetes.io/enforce": "restricted"}}})
    threads = [threading.Thread(target=some, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for number in range(policies):
        store(cluster, yaml.safe_load(others.other(number)))
    for thread in threads:
        thread.join()


def policy(name):
    return {**BASE, "metadata": {"name": name},
            "spec": {"rules": [{"name": "stop", "deny": ["registry.example.com/shop/web"]}]}}


def effect(cluster, replicas, number):
    """Seconds from the answer of the API server to each replica's first denial."""
    made = policy(f"stop-{number}")
    took, stored = [None] * len(replicas), threading.Event()
    began = [0.0]

    def poll(index):
        with contextlib.closing(replicas[index].connection()) as connection:
            ask(connection, "POST", "/validate?timeout=10s", review(IMAGE))
            stored.wait()
            while json.loads(ask(connection, "POST", "/validate?timeout=10s", review(IMAGE)).body)[
                    "response"]["allowed"]:
                time.sleep(0.002)
            took[index] = time.monotonic() - began[0]
    threads = [threading.Thread(target=poll, args=(index,)) for index in range(len(replicas))]
    for thread in threads:
        thread.start()
    cluster.create(f"{API}/clusterimagepolicies", made)
    began[0] = time.monotonic()
    stored.set()
    for thread in threads:
        thread.join()
    cluster.api("DELETE", f"{API}/clusterimagepolicies/stop-{number}")
    for replica in replicas:
        while not json.loads(replica.post(review(IMAGE)).body)["response"]["allowed"]:
            time.sleep(0.01)
    return took


def measure(cluster, folder, args):
    rows = {}
    establish(cluster, definitions())
    cluster.create(f"{API}/clusterimagepolicies", BASE)
    def memory(name, files, **asks):
        server = Watching(cluster, folder / name, files, **asks)
        try:
            for _ in range(200):
                server.post(review(IMAGE))
            rows[name] = resident(server)
            say(f"{name}: {rows[name]:.1f} MB")
        finally:
            server.stop()
    memory("one policy in a file", [BASE])
    memory("one policy, watched", [], policies=True, namespaces=True)
    replicas = [Watching(cluster, folder / f"few-{n}", [], policies=True) for n in range(REPLICAS)]
    few = [effect(cluster, replicas, n) for n in range(args.tries)]
    for replica in replicas:
        replica.stop()
    say(f"{args.namespaces} namespaces and {args.policies} policies are made")
    fill(cluster, args.namespaces, args.policies)
    memory(f"{args.policies} policies in a file", [BASE, *(
        yaml.safe_load(others.other(number)) for number in range(args.policies))])
    memory(f"{args.policies} policies, watched", [], policies=True)
    memory(f"{args.policies} policies and {args.namespaces} namespaces, watched", [], policies=True, namespaces=True)
    replicas = [Watching(cluster, folder / f"many-{n}", [], policies=True, namespaces=True) for n in range(REPLICAS)]
    many = [effect(cluster, replicas, n) for n in range(args.tries)]
    for replica in replicas:
        replica.stop()
    return rows, few, many


def milliseconds(values):
    values = sorted(value * 1000 for value in values)
    return f"{statistics.median(values):.0f} | {values[-1]:.0f}"


def write(rows, few, many, args):
    text = f"""\
# What watching a cluster costs

Made by `bench/watching` on {datetime.date.today()}: Kubernetes 1.37 and all replicas on one machine with 2 CPUs. Memory means
something by itself; of the times, the ratio does.

| a replica with | MB in memory |
|---|---|
""" + "".join(f"| {name} | {value:.1f} |\n" for name, value in rows.items()) + f"""
From the moment the API server has answered `create` to the first denial by the new policy, ms ({args.tries} times):

| | median of the slowest of {REPLICAS} replicas | most |
|---|---|---|
| among 1 policy | {milliseconds(max(one) for one in few)} |
| among {args.policies} policies and {args.namespaces} namespaces | {milliseconds(max(one) for one in many)} |

100 ms of it are waited on purpose, for other changes that come with one.
"""
    (ROOT / "bench/watching.md").write_text(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="show in a minute that it works; writes nothing")
    args = parser.parse_args()
    args.namespaces, args.policies, args.tries = (100, 20, 2) if args.quick else (10000, 1000, 20)
    with tempfile.TemporaryDirectory() as name:
        cluster = Cluster(pathlib.Path(name) / "cluster").start()
        try:
            measured = measure(cluster, pathlib.Path(name), args)
        finally:
            cluster.stop()
    if not args.quick:
        write(*measured, args)
    print(json.dumps(measured[0], indent=1))


if __name__ == "__main__":
    main()
